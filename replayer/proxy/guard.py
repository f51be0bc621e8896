"""What is refused at the door, before anything is read: requests that are no business of the API. It knows the head of
a request and nothing else.

A page in a browser can send requests to loopback, and a name of its own can be made to point there. Whoever is named in
`cors` may; no other page reads an answer or writes into a recording.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from replayer.core.message import wire

CONTROL = "/__replayer__"  # nothing below it is ever the upstream's, however it is spelled
LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{0,5})?", re.IGNORECASE)
OWN_SITES = (None, "none", "same-origin")  # what a browser says of requests that no other page made
PERMITS = "access-control-"  # the headers that let a page of another origin read an answer
ODD_SPELLING = re.compile(r"[%\\]|//|/\.")
MOST_LAYERS = 4  # percent-encodings on top of each other that somebody on the way may undo
METHOD = re.compile(r"b'([A-Za-z-]{1,24}) /")  # as aiohttp quotes a request line; a key has digits, and is not told


@dataclass(frozen=True, slots=True)
class Barred:
    """Why a request is refused: its status, the word of its code, and what it is told."""

    status: int
    code: str
    message: str


HOST = Barred(403, "host", "This proxy answers only to 127.0.0.1 and localhost.")
TARGET = Barred(400, "target", "Ask for a path of the API: this is a reverse proxy.")
PATH = Barred(404, "path", f"There is nothing below {CONTROL}.")
ORIGIN = Barred(
    403, "origin", "This proxy answers no page of another origin. Name the page's origin in the setting cors to let it."
)


def refused(headers: wire.Headers, target: str, pages: Collection[str]) -> Barred | None:
    """Why that request is refused; None where it is not. `pages` are the origins that `cors` names."""
    hosts = [value for name, value in headers if name.lower() == "host"]
    if len(hosts) != 1 or not LOCAL.fullmatch(hosts[0].strip()):
        return HOST
    if is_foreign(headers, hosts[0].strip(), pages):
        return ORIGIN
    if not target.startswith("/"):
        return TARGET
    return PATH if is_control(target) else None


def is_foreign(headers: wire.Headers, host: str, pages: Collection[str]) -> bool:
    """Whether a page made that request which is neither of this address nor named."""
    origins = [value for name, value in headers if name.lower() == "origin"]
    if origins and all(origin in pages for origin in origins):
        return False
    if any(origin != f"http://{host}" for origin in origins):
        return True
    return any(name.lower() == "sec-fetch-site" and value not in OWN_SITES for name, value in headers)


def is_control(target: str) -> bool:
    """Whether a target leads below Replayer's own path, for anybody who undoes dots, slashes and percent signs."""
    if target.startswith(CONTROL):
        return True
    path = re.split("[?#]", target, maxsplit=1)[0]
    if not ODD_SPELLING.search(path):
        return False
    for _ in range(MOST_LAYERS):
        if _plain(path).startswith(CONTROL):
            return True
        decoded = unquote_to_bytes(path).decode("utf-8", "replace")
        if decoded == path:
            return False
        path = decoded
    return _plain(path).startswith(CONTROL)


def _plain(path: str) -> str:
    """The path without empty segments and dots."""
    segments: list[str] = []
    for segment in path.replace("\\", "/").split("/"):
        if segment == "..":
            segments[-1:] = []
        elif segment not in ("", "."):
            segments.append(segment)
    return "/" + "/".join(segments)


def may_read(headers: Mapping[str, str], pages: Collection[str]) -> bool:
    """Whether the headers of an answer that let a page read it are passed on: to a page that `cors` names, and to
    whoever is no browser. A page that wants to read sends its `Origin`."""
    origin = headers.get("Origin")
    return origin in pages if origin is not None else "Sec-Fetch-Site" not in headers


def passed_on(headers: wire.Headers, *, named: bool) -> wire.Headers:
    """The headers of an answer without those that let a page read it, unless whoever asks is `named`."""
    if named:
        return headers
    return tuple(pair for pair in headers if not pair[0].lower().startswith(PERMITS))


def method_in(quoted: str) -> str:
    """The method of a request line that aiohttp could not read, by its own message; empty where that holds none."""
    match = METHOD.search(quoted)
    return match[1] if match else ""
