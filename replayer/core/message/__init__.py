"""A message as text: where its values stand, what they look like, how one is changed alone. It knows no API.

request or response   a value that is read once: its body decoded, its leaves, its ids
  wire                the head: headers, media types, absolute links
  bodies              what a body is, its encodings, forms as trees
  archives            the members of a zip archive, and what follows from them
  leaves              each value with its place and its span
  shapes, instants    what looks like an id, and what like a time
  edit                leaves and pieces of a text changed, all else kept to the byte
"""

from replayer.core.message import bodies, edit, instants, leaves, shapes, wire
from replayer.core.message.message import Request, Response

__all__ = ["Request", "Response", "bodies", "edit", "instants", "leaves", "shapes", "wire"]
