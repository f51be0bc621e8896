"""A message as text: where its values stand, what they look like, how one is changed alone. It knows no API."""
