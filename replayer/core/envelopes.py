"""An answer that is a page, taken apart: the objects, and around them all that it tells of the page and of its list.

{"items": [ {...}, {...} ], "meta": {"page": 2, "pages": 9}, "links": {"next": "/things?page=3"}}
            '-- objects --'          meta.page  meta.pages             links.next

A `Link` header and headers such as `X-Total-Count` tell the same as members do.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from replayer.core.interaction import Headers, Response
from replayer.core.listing import Listing, Member, Told, listed, members, spliced
from replayer.core.ruleset import Positional

LINK = re.compile(r"""<(?P<link>[^>]*)>(?:\s*;(?!\s*rel\s*=)[^,;]*)*\s*;\s*rel\s*=\s*"?(?P<name>[\w-]+)""")
# What headers of other names say has nothing to do with pages. Limits of rates are no sizes.
TELLING = re.compile(
    r"(?i)(?!.*rate)(?:x-)?(?:.*-)?(?:pages?|next|prev(?:ious)?|cursor|offset|range|count|total|limit)(?:-.*)?"
)
DEEPEST = 4  # levels of an envelope


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of an envelope: its keys from the outside in, and its span as it is written. It stands in the header
    with that index, or in the body."""

    path: tuple[str, ...]
    start: int
    end: int
    text: str
    value: Any
    header: int | None = None

    @property
    def name(self) -> str:
        """What it is called: in `_links.next.href` that is `next`."""
        return self.path[-2] if self._is_wrapped else self.path[-1]

    @property
    def home(self) -> tuple[str, ...]:
        """Where what is called so stands."""
        return self.path[: -2 if self._is_wrapped else -1]

    @property
    def _is_wrapped(self) -> bool:
        return self.path[-1].lower() in ("href", "url") and len(self.path) > 1


@dataclass(frozen=True, slots=True)
class Envelope:
    """A page: its objects in their array, and its leaves by their paths."""

    headers: Headers
    listing: Listing
    leaves: Mapping[tuple[str, ...], Leaf]

    @property
    def items(self) -> tuple[Told, ...]:
        return self.listing.items

    def around(self, items: Iterable[str], changes: Iterable[tuple[Leaf, str]]) -> tuple[Headers, str]:
        """Headers and text of the same envelope around these objects, with those leaves written so."""
        told = list(changes)
        inner = ((leaf.start, leaf.end, text) for leaf, text in told if leaf.header is None)
        return self._headers(told), spliced(self.listing.text, [self.listing.array(list(items)), *inner])

    def _headers(self, changes: list[tuple[Leaf, str]]) -> Headers:
        return tuple(
            (name, spliced(value, [(leaf.start, leaf.end, text) for leaf, text in changes if leaf.header == index]))
            for index, (name, value) in enumerate(self.headers)
        )


def envelope(response: Response, text: str, style: Positional) -> Envelope | None:
    """The page that an answer is, whose body is that JSON text, if it can be one of that style."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    found = list(_inner(text, (), 0))
    top = {member.key: member.value for path, member in found if len(path) == 1}
    if any(top.get(key) != value for key, value in style.marks):
        return None
    arrays = [(path, member) for path, member in found if isinstance(member.value, list)]
    wanted = tuple(style.items.split(".")) if style.items else None
    own = [(path, member) for path, member in arrays if wanted in (None, path)]
    if len(own) != 1 or not all(isinstance(value, dict) for value in own[0][1].value):
        return None
    leaves = [_leaf(text, path, member) for path, member in found if path != own[0][0]]
    leaves += _in_headers(response.headers)
    return Envelope(response.headers, listed(text, own[0][1]), {leaf.path: leaf for leaf in leaves})


def _inner(text: str, path: tuple[str, ...], at: int) -> Iterator[tuple[tuple[str, ...], Member]]:
    """All that is not an object itself, in an object and in those within it; a bare array has no key."""
    if text.lstrip()[:1] == "[":
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        yield ("",), Member("", start, start, end, [member.value for member in members(text)])
        return
    for member in members(text, at):
        here = (*path, member.key)
        if isinstance(member.value, dict) and member.value and len(here) < DEEPEST:
            yield from _inner(text, here, member.start)
        else:
            yield here, member


def _leaf(text: str, path: tuple[str, ...], member: Member) -> Leaf:
    return Leaf(path, member.start, member.end, text[member.start : member.end], member.value)


def _in_headers(headers: Headers) -> Iterator[Leaf]:
    for index, (name, value) in enumerate(headers):
        key = name.lower()
        if key == "link":
            for link in LINK.finditer(value):
                start, end = link.span("link")
                yield Leaf((key, link["name"]), start, end, link["link"], link["link"], index)
        elif TELLING.fullmatch(key):
            yield Leaf((key,), 0, len(value), value, value, index)


def rewritten(leaf: Leaf, value: str) -> str | None:
    """Another text in the place of a leaf's, escaped as that one was; None where nobody knows how."""
    if leaf.header is not None:
        return value
    for spell in _SPELLINGS:
        if spell(leaf.value) == leaf.text:
            return spell(value)
    return None


def _plain(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _ascii(value: str) -> str:
    return json.dumps(value)


def _slashed(value: str) -> str:
    return json.dumps(value).replace("/", "\\/")


def _for_html(value: str) -> str:
    """As Go writes it."""
    return _plain(value).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


_SPELLINGS = (_plain, _ascii, _slashed, _for_html)
