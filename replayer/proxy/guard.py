"""What is refused at the door, before anything is read: requests that are no business of the API. It knows the head of
a request and nothing else.

A page in a browser can send requests to loopback, and a name of its own can be made to point there. Whoever is named in
`cors` may; no other page reads an answer or writes into a recording.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from replayer.core.message import wire

CONTROL = "/__replayer__"  # nothing below it is ever the upstream's, however it is spelled
LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{0,5})?", re.IGNORECASE)
OWN_SITES = (None, "none", "same-origin")  # what a browser says of requests that no other page made
NAMED = re.compile(r"(\[[0-9A-Fa-f:]+\]|[^\s:@/\[\]]+)(?::[0-9]{0,5})?")
PERMITS = "access-control-"  # the headers that let a page of another origin read an answer
ALLOWS = "access-control-allow-origin"
ANYBODY, NOBODY = "*", ""  # of readers; a page is called by its origin
MOST_NAMES = 8  # that a message lists
ODD_SPELLING = re.compile(r"[%\\]|//|/\.")
MOST_LAYERS = 4  # percent-encodings on top of each other that somebody on the way may undo
METHOD = re.compile(r"b'([A-Za-z-]{1,24}) /")  # as aiohttp quotes a request line; a key has digits, and is not told


@dataclass(frozen=True, slots=True)
class Barred:
    """Why a request is refused: its status, the word of its code, and what it is told."""

    status: int
    code: str
    message: str


TARGET = Barred(400, "target", "Ask for a path of the API: this is a reverse proxy.")
PATH = Barred(404, "path", f"There is nothing below {CONTROL}.")
ORIGIN = Barred(
    403, "origin", "This proxy answers no page of another origin. Name the page's origin in the setting cors to let it."
)


@dataclass(frozen=True, slots=True)
class Door:
    """Who is let in: by which `names`, in small letters, besides those of this machine, at any port; from which
    `pages`, the origins that `cors` names; by which `schemes` a page of our own would have been reached; and as which
    `hosts`, with their ports where they have some, the upstreams that it is the proxy for."""

    names: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ("http",)
    hosts: tuple[str, ...] = ()

    def answers_to(self, host: str) -> bool:
        """Whether that is ours, as it stands in a header."""
        if LOCAL.fullmatch(host) or host.lower() in self.hosts:
            return True
        named = NAMED.fullmatch(host)
        return named is not None and named[1].lower() in self.names

    @property
    def stranger(self) -> Barred:
        """What is said to who asks for another host."""
        names = ", ".join(dict.fromkeys(("127.0.0.1", *(*self.names, *self.hosts)[:MOST_NAMES])))
        return Barred(
            403,
            "host",
            f"This proxy answers only to {names} and localhost. Add a name in the setting hosts (--host NAME), or have "
            "it be the client's proxy (--as-proxy).",
        )


HERE = Door()


def refused(headers: wire.Headers, target: str, door: Door = HERE) -> Barred | None:
    """Why that request is refused; None where it is not."""
    hosts = [value for name, value in headers if name.lower() == "host"]
    if len(hosts) != 1 or not door.answers_to(hosts[0].strip()):
        return door.stranger
    if is_foreign(headers, hosts[0].strip(), door):
        return ORIGIN
    if not target.startswith("/"):
        return TARGET
    return PATH if is_control(target) else None


def is_foreign(headers: wire.Headers, host: str, door: Door) -> bool:
    """Whether a page made that request which is neither of this address nor named."""
    origins = [value for name, value in headers if name.lower() == "origin"]
    if origins:
        if all(origin in door.pages for origin in origins):
            return False
        own = [f"{scheme}://{host}" for scheme in door.schemes]
        if any(origin not in own for origin in origins):
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


def reader(headers: Mapping[str, str], pages: Collection[str]) -> str:
    """Who reads the answer: the page that `cors` names and that asks, which sends its `Origin`; ANYBODY where it is no
    browser, NOBODY where a browser has not said for whom it is."""
    origin = headers.get("Origin")
    if origin is None:
        return NOBODY if "Sec-Fetch-Site" in headers else ANYBODY
    return origin if origin in pages else NOBODY


def passed_on(headers: wire.Headers, reader: str = ANYBODY) -> wire.Headers:
    """The headers of an answer as that reader may have them: what lets a page read it goes only to a page that `cors`
    names, and to whoever is no browser. Where the upstream lets that page read nothing, we do."""
    if reader == ANYBODY:
        return headers
    if reader != NOBODY and wire.header(headers, ALLOWS) in (ANYBODY, reader):
        return headers
    kept = tuple(pair for pair in headers if not pair[0].lower().startswith(PERMITS))
    return kept if reader == NOBODY else (*kept, *permission(reader, [name for name, _ in kept]))


def permission(page: str, names: Iterable[str] = ()) -> wire.Headers:
    """What lets that page read an answer, with headers of those names."""
    told = ", ".join(dict.fromkeys(names))
    exposed = (("Access-Control-Expose-Headers", told),) if told else ()
    credentials = ("Access-Control-Allow-Credentials", "true")
    return (("Access-Control-Allow-Origin", page), credentials, *exposed, ("Vary", "Origin"))


def method_in(quoted: str) -> str:
    """The method of a request line that aiohttp could not read, by its own message; empty where that holds none."""
    match = METHOD.search(quoted)
    return match[1] if match else ""


def wants_websocket(headers: wire.Headers) -> bool:
    """Whether a request wants to leave HTTP for a WebSocket (RFC 6455 4.1)."""
    return any(name.lower() == "upgrade" and "websocket" in value.lower() for name, value in headers)
