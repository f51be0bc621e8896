"""A message's head as it stands on the wire: header fields in their order, the type of the body, absolute links.

Names of headers keep their case and may repeat; they compare without case. The same API has one origin for the client
(the proxy), one in the cassette, one upstream.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from replayer.core.streams import form_of

DEFAULT_PORTS = {"http": 80, "https": 443}

Headers = tuple[tuple[str, str], ...]
"""Name and value pairs in wire order."""
TEXT_TYPES = ("application/xml", "application/javascript", "application/graphql")
FRAMING = frozenset({"content-length", "transfer-encoding"})  # of these bytes on this connection, not of the message
FORM_TYPE = "application/x-www-form-urlencoded"
# https://api.example.com is not the origin of https://api.example.com.evil, of :8443 (%3A8443) or of @evil.
HALF = re.compile("[\ud800-\udfff]")  # half a character: no charset can write one
ESCAPED_BYTES = frozenset(map(chr, range(0xDC80, 0xDD00)))  # how a byte that was no UTF-8 stands in a text
BEHIND = r"(?![\w:@-]|\.\w|%(?:25)?3[Aa]|%(?:25)?40)"
# How JSON, JSON within JSON, JavaScript and HTML write a slash, and a colon.
SLASH = r"\\{0,7}/|&#x2F;|&#0?47;|&sol;|\\{1,7}u002f|\\{1,7}x2f"
COLON = r"(?::|&#x3A;|&#0?58;|&colon;|\\{1,7}u003a|\\{1,7}x3a)"


def header(headers: Headers, name: str) -> str | None:
    """The first value of that name, or None."""
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


EVERYDAY = re.compile(r"(?i)\s*(?:\*|application/json)")


def chooses(name: str, value: str) -> bool:
    """Whether that value of a request's header can choose the answer: who accepts anything, or JSON before all else, as
    most clients say by themselves, has chosen nothing."""
    return bool(value) and not (name.lower().startswith("accept") and EVERYDAY.match(value))


def without(headers: Headers, names: Iterable[str]) -> Headers:
    """The headers but for those names. `names` are lower case."""
    unwanted = frozenset(names)
    return tuple(pair for pair in headers if pair[0].lower() not in unwanted)


def media_type(headers: Headers) -> str:
    """The media type without its parameters, lower case; empty where none is named."""
    return (header(headers, "content-type") or "").partition(";")[0].strip().lower()


def is_text_type(media: str) -> bool:
    """Whether bodies of that media type are text."""
    if form_of(media):
        return True
    return media.startswith("text/") or is_json_type(media) or media in TEXT_TYPES or media == FORM_TYPE


def is_json_type(media: str) -> bool:
    return media == "application/json" or media.endswith("+json")


def shown(text: str) -> str:
    """The text for people and for JSON: bytes that are no UTF-8 stand in it as they stand in a path, `J%FCrgen`."""
    return HALF.sub(lambda half: _percent_byte(half[0]), text)


def _percent_byte(half: str) -> str:
    return f"%{ord(half) - 0xDC00:02X}" if half in ESCAPED_BYTES else "\ufffd"


def charset(headers: Headers) -> str:
    """The charset that the content type names, `utf-8` where it names none."""
    for part in (header(headers, "content-type") or "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            return value.strip().strip("\"'").lower()
    return "utf-8"


@dataclass(frozen=True, slots=True)
class Links:
    """The three origins of one session, each `scheme://authority`. Equal ones cost nothing."""

    client: str
    cassette: str
    upstream: str

    def names_client(self, text: str) -> bool:
        """Whether a text may hold a link to the proxy, in any spelling: cheaper than looking for all of them."""
        return bool(self.client) and self.client.rpartition(":")[2] in text

    def names_upstream(self, text: str) -> bool:
        """Whether a text may hold a link to the upstream, in any spelling."""
        return bool(self.upstream) and _names_host(text, self.upstream)

    def names_cassette(self, text: str) -> bool:
        """Whether a text may hold a link to the API as the cassette has it, in any spelling."""
        return bool(self.cassette) and self.client != self.cassette and _names_host(text, self.cassette)

    def from_client(self, text: str) -> str:
        return moved(text, self.client, self.cassette)

    def to_client(self, text: str) -> str:
        return led(text, self.cassette, self.client)

    def from_upstream(self, text: str) -> str:
        return led(text, self.upstream, self.cassette)

    def to_upstream(self, text: str) -> str:
        return moved(text, self.cassette, self.upstream)


def moved(text: str, old: str, new: str) -> str:
    """The text with links to one origin leading to the other, as they stand in prose, in JSON and in queries."""
    if not old or old == new:
        return text
    for spelling, written in zip(_spellings(old), _spellings(new), strict=True):
        if spelling in text:
            text = _origin(spelling).sub(written.replace("\\", r"\\"), text)
    return text


def led(text: str, old: str, new: str) -> str:
    """The same for links as servers write them, which spell one origin in many ways: `//api.x.io`, `https://API.x.io:443`,
    `http://` where it is reached by `https://`. None of them may lead past the new one."""
    if not old or old == new or not _names_host(text, old):
        return text
    return _any_spelling(old).sub(lambda match: _like(match, new), text)


def _names_host(text: str, origin: str) -> bool:
    return any(host in text or host in text.lower() for host in _hosts(origin))


@lru_cache(maxsize=64)
def _hosts(origin: str) -> tuple[str, ...]:
    """The host of an origin, also as it is written where only ASCII can be."""
    host = urlsplit(origin).hostname or origin
    try:
        return tuple(dict.fromkeys((host, host.encode("idna").decode("ascii"))))
    except UnicodeError:
        return (host,)


def _like(match: re.Match[str], origin: str) -> str:
    if match["socket"]:
        origin = "ws" + origin.removeprefix("http")
    if match["slash"]:
        return origin.replace("/", match["slash"])
    return quote(quote(origin, safe=""), safe="") if match["twice"] else quote(origin, safe="")


@lru_cache(maxsize=64)
def _any_spelling(origin: str) -> re.Pattern[str]:
    parts = urlsplit(origin)
    port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    usual, implied = parts.hostname or origin, port in (80, 443)
    hosts = "|".join(re.escape(f"[{host}]" if ":" in host else host) for host in _hosts(origin)) or re.escape(usual)
    colon = r"(?::|%3A|%253A)"
    ports = rf"(?:{colon}(?:80|443))?" if implied else rf"{colon}{port}"
    # Without a scheme it is a link only where a value or a word begins: `a//b` is a path.
    begins = r"""(?<![^\s"'`<>(=,;|\[{])"""
    scheme = r"(?:https?|(?P<socket>wss?))"
    return re.compile(
        rf"(?:(?:{scheme}{COLON}|{begins})(?P<slash>{SLASH})(?P=slash)"
        rf"|(?:https?(?:%3A|:)|{begins})%2F%2F|(?P<twice>(?:https?%253A|{begins})%252F%252F))"
        rf"(?:[\w.~%-]{{1,64}}(?::[^\s/@\"'<>]{{0,64}})?(?:@|%40))?(?:{hosts})\.?{ports}{BEHIND}",
        re.IGNORECASE,
    )


@lru_cache(maxsize=64)
def _spellings(origin: str) -> tuple[str, ...]:
    """An origin as it stands in prose, in JSON that escapes slashes, in queries, and in queries of their links."""
    quoted = quote(origin, safe="")
    return origin, origin.replace("/", "\\/"), quoted, quote(quoted, safe="")


@lru_cache(maxsize=64)
def _origin(origin: str) -> re.Pattern[str]:
    return re.compile(re.escape(origin) + BEHIND)
