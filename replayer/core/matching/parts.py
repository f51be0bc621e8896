"""A body in parts as all that mean the same are spelled: which boundary its client has drawn, and how it writes the
heads of the parts, is no part of what is asked."""

import re

from replayer.core.message import Request

BOUNDARY = re.compile(r'(?i)(?:^|[;\s])boundary=(?:"(?P<quoted>[^"]{1,256})"|(?P<plain>[^;\s"]{1,256}))')
FIELD = re.compile(rb"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*(?P<value>[^\r\n]*?)[ \t]*")
COUNTED = b"Content-Length"  # the boundary tells where a part ends
END = b"\r\n"


def alike(request: Request, raw: bytes) -> bytes:
    """The body of such a request with one boundary, and the heads of its parts written one way."""
    found = BOUNDARY.search(request.header("content-type") or "")
    if found is None:
        return raw
    boundary = (found["quoted"] or found["plain"]).encode("utf-8", "surrogateescape")
    parts = raw.replace(boundary, b"boundary").split(b"--boundary" + END)
    return (b"--boundary" + END).join([parts[0], *map(_part, parts[1:])])


def _part(part: bytes) -> bytes:
    """A part with the names of its headers in usual letters and in their order."""
    head, end, body = part.partition(END + END)
    fields = [FIELD.fullmatch(line) for line in head.split(END)]
    written = [(field["name"].title(), field["value"]) for field in fields if field]
    if not end or len(written) < len(fields):
        return part
    return END.join(name + b": " + value for name, value in sorted(written) if name != COUNTED) + end + body
