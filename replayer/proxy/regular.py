"""A request that is whole and regular in the bytes that came. All else is none here, and aiohttp's to read: what is
read by two must never be two requests.

    POST /v1/invoices HTTP/1.1\\r\\nHost: 127.0.0.1:4000\\r\\nContent-Length: 5\\r\\n\\r\\na=1&b
"""

import re
from typing import NamedTuple

from replayer.core.message import Request

HEAD = re.compile(
    rb"(GET|POST|PUT|PATCH|DELETE) (/[\x21\x22\x24-\x7e]*) HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
LONGEST = 16_384  # bytes of a head; aiohttp has limits of its own above that, and words for them
MOST = 64  # headers
# What makes a connection, or the way its bytes are cut, another one than usual.
SPECIAL = frozenset({"transfer-encoding", "expect", "upgrade", "trailer", "te", "http2-settings", "proxy-connection"})


class Regular(NamedTuple):
    """A request, the names of its headers as they stand, and where it ends: beyond the bytes where its body is not all
    there."""

    request: Request
    names: list[bytes]
    end: int


def read(data: bytes, begin: int, limit: int) -> Regular | None:
    """The regular request that begins there, with a body of at most that length; None where there is none."""
    found = HEAD.match(data, begin, begin + LONGEST)
    if found is None:
        return None
    names, headers, length, hosts = [], [], 0, 0
    for line in found[3].split(b"\r\n")[:-1]:
        name, _, raw = line.partition(b":")
        value = raw.strip(b" \t")
        plain = name.lower().decode("ascii")
        if plain in SPECIAL or (plain == "connection" and value.lower() != b"keep-alive"):
            return None
        if plain == "content-length":
            if length or not value.isdigit() or len(value) > len(str(limit)):
                return None
            length = int(value) or -1
        hosts += plain == "host"
        names.append(name)
        headers.append((name.decode("ascii"), value.decode("utf-8", "surrogateescape")))
    length = max(length, 0)
    if length > limit or hosts != 1 or len(names) > MOST:
        return None
    end = found.end() + length
    method, target = found[1].decode("ascii"), found[2].decode("ascii")
    return Regular(Request(method, target, tuple(headers), data[found.end() : end]), names, end)
