"""Two answers to one question: what differs, and is it one change."""
