"""Absolute links: the same API has one origin for the client (the proxy), one in the cassette, one upstream."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

# https://api.example.com is not the origin of https://api.example.com.evil, of :8443 (%3A8443) or of @evil.
BEHIND = r"(?![\w:@-]|\.\w|%3[Aa]|%40)"


@dataclass(frozen=True, slots=True)
class Links:
    """The three origins of one session, each `scheme://authority`. Equal ones cost nothing."""

    client: str
    cassette: str
    upstream: str

    def names_client(self, text: str) -> bool:
        """Whether a text may hold a link to the proxy, in any spelling: cheaper than looking for all of them."""
        return bool(self.client) and self.client.rpartition(":")[2] in text

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
