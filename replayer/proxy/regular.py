"""A request that is whole and regular in the bytes that came. All else is none here, and aiohttp's to read: what is
read by two must never be two requests.

    POST /v1/invoices HTTP/1.1\\r\\nHost: 127.0.0.1:4000\\r\\nContent-Length: 5\\r\\n\\r\\na=1&b
"""

import re
from functools import lru_cache
from typing import NamedTuple

from replayer.core.message import Request, wire

HEAD = re.compile(
    rb"(GET|POST|PUT|PATCH|DELETE) (/[\x21\x22\x24-\x7e]*) HTTP/1\.1\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
LONGEST = 16_384  # bytes of a head; aiohttp has limits of its own above that, and words for them
MOST = 64  # headers
DIGITS = 18  # of a length
# What makes a connection, or the way its bytes are cut, another one than usual.
SPECIAL = frozenset({"transfer-encoding", "expect", "upgrade", "trailer", "te", "http2-settings", "proxy-connection"})
# What a browser says of its pages: who they are decides what of an answer they may read.
PAGES = ("origin", "sec-fetch-")


class Regular(NamedTuple):
    """A request, the names of its headers as they stand, and where it ends: beyond the bytes where its body is not all
    there."""

    request: Request
    names: list[bytes]
    end: int


class _Fields(NamedTuple):
    """The headers of a request, and how long its body is; `length` is -1 where the request is none of these."""

    headers: wire.Headers
    names: list[bytes]
    length: int


NONE = _Fields((), [], -1)


def read(data: bytes, begin: int, limit: int) -> Regular | None:
    """The regular request that begins there, with a body of at most that length; None where there is none."""
    found = HEAD.match(data, begin, begin + LONGEST)
    if found is None:
        return None
    headers, names, length = _fields(found[3])
    if not 0 <= length <= limit:
        return None
    end = found.end() + length
    method, target = found[1].decode("ascii"), found[2].decode("ascii")
    return Regular(Request(method, target, headers, data[found.end() : end], limit=limit), names, end)


@lru_cache(256)  # most requests of a client have the same headers
def _fields(lines: bytes) -> _Fields:
    names, headers, lengths, hosts = [], [], list[int](), 0
    for line in lines.split(b"\r\n")[:-1]:
        name, _, raw = line.partition(b":")
        value = raw.strip(b" \t")
        plain = name.lower().decode("ascii")
        if plain in SPECIAL or plain.startswith(PAGES) or (plain == "connection" and value.lower() != b"keep-alive"):
            return NONE
        if plain == "content-length":
            if not value.isdigit() or len(value) > DIGITS:
                return NONE
            lengths.append(int(value))
        hosts += plain == "host"
        names.append(name)
        headers.append((name.decode("ascii"), value.decode("utf-8", "surrogateescape")))
    if hosts != 1 or len(names) > MOST or len(lengths) > 1:
        return NONE
    return _Fields(tuple(headers), names, sum(lengths))
