"""A message's head as it stands on the wire: header fields in their order, the type of the body, absolute links.

Names of headers keep their case and may repeat; they compare without case. The same API has one origin for the client
(the proxy), one in the cassette, one upstream.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

Headers = tuple[tuple[str, str], ...]
"""Name and value pairs in wire order."""
TEXT_TYPES = ("application/xml", "application/javascript", "application/graphql", "application/x-ndjson")
STREAM_TYPES = ("text/event-stream",)  # these have no end to wait for
FORM_TYPE = "application/x-www-form-urlencoded"
# https://api.example.com is not the origin of https://api.example.com.evil, of :8443 (%3A8443) or of @evil.
BEHIND = r"(?![\w:@-]|\.\w|%3[Aa]|%40)"


def header(headers: Headers, name: str) -> str | None:
    """The first value of that name, or None."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


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
    """Whether bodies of that media type are text that can be read whole."""
    if media in STREAM_TYPES:
        return False
    return media.startswith("text/") or is_json_type(media) or media in TEXT_TYPES or media == FORM_TYPE


def is_json_type(media: str) -> bool:
    return media == "application/json" or media.endswith("+json")


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
        return bool(self.upstream) and self.upstream.rpartition("/")[2] in text

    def from_client(self, text: str) -> str:
        return moved(text, self.client, self.cassette)

    def to_client(self, text: str) -> str:
        return moved(text, self.cassette, self.client)

    def from_upstream(self, text: str) -> str:
        return moved(text, self.upstream, self.cassette)

    def to_upstream(self, text: str) -> str:
        return moved(text, self.cassette, self.upstream)


def moved(text: str, old: str, new: str) -> str:
    """The text with links to one origin leading to the other, as they stand in prose, in JSON and in queries."""
    if not old or old == new:
        return text
    for spelling in (_plain, _escaped, _percent):
        if spelling(old) in text:
            text = _origin(spelling(old)).sub(spelling(new).replace("\\", r"\\"), text)
    return text


def _plain(origin: str) -> str:
    return origin


def _escaped(origin: str) -> str:
    return origin.replace("/", "\\/")


def _percent(origin: str) -> str:
    return quote(origin, safe="")


@lru_cache(maxsize=64)
def _origin(origin: str) -> re.Pattern[str]:
    return re.compile(re.escape(origin) + BEHIND)
