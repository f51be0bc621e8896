"""An answer that is a page, taken apart: the objects, and around them all that it tells of the page and of its list.

{"items": [ {...}, {...} ], "meta": {"page": 2, "pages": 9}, "links": {"next": "/things?page=3"}}
            '-- objects --'          meta.page  meta.pages             links.next

A `Link` header and headers such as `X-Total-Count` tell the same as members do, and so does JSON in a header.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from replayer.core.lists.listing import Listing, Told, listed
from replayer.core.message.body import parse_json
from replayer.core.message.edit import Member, members, spliced
from replayer.core.message.message import Response
from replayer.core.message.wire import Headers
from replayer.core.rules.ruleset import Positional

LINK = re.compile(r"""<(?P<link>[^>]*)>(?:\s*;(?!\s*rel\s*=)[^,;]*)*\s*;\s*rel\s*=\s*"?(?P<name>[\w-]+)""")
# What headers of other names say need not have to do with pages. Limits of rates are no sizes.
TELLING = re.compile(
    r"(?i)(?!.*rate)(?:x-)?(?:.*-)?(?:pages?|next|prev(?:ious)?|cursor|offset|range|count|total|limit|pagination|paging"
    r"|first|last|start|end|remaining|items|results|records|more)(?:-.*)?"
)
# These speak of one answer as it was sent. No other answer has them.
OF_ONE_ANSWER = frozenset({"content-length", "content-location", "content-md5", "digest", "etag", "last-modified"})
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

    def is_called(self, names: Collection[str]) -> bool:
        """Whether one of these names it: by itself, or with all that it stands in, `metadata.continue`."""
        return self.name in names or ".".join(self.path) in names

    @property
    def home(self) -> tuple[str, ...]:
        """Where what is called so stands."""
        return self.path[: -2 if self._is_wrapped else -1]

    @property
    def _is_wrapped(self) -> bool:
        return self.path[-1].lower() in ("href", "url") and len(self.path) > 1

    @property
    def is_bare(self) -> bool:
        """Whether it stands in a header as it is, and is no JSON."""
        return self.header is not None and self.text == self.value


@dataclass(frozen=True, slots=True)
class Envelope:
    """A page: its objects in their array, and its leaves by their paths. Pages like it have no headers that are
    `dropped`, by their names in lower case."""

    headers: Headers
    listing: Listing
    leaves: Mapping[tuple[str, ...], Leaf]
    dropped: frozenset[str] = frozenset()

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
            if name.lower() not in self.dropped
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
    own = [(path, member) for path, member in arrays if wanted in (None, path) and holds_objects(member.value)]
    if len(own) != 1:
        return None
    leaves = [_leaf(text, path, member) for path, member in found if path != own[0][0]]
    leaves += in_headers(response.headers, lambda name: says_of_page(name, style))
    return Envelope(response.headers, listed(text, own[0][1]), {leaf.path: leaf for leaf in leaves})


def holds_objects(array: list[Any]) -> bool:
    """Whether it may be a list in pages; one of texts or numbers tells something else."""
    return all(isinstance(value, dict) for value in array)


def arrays(text: str) -> dict[str, list[Any]]:
    """The arrays of an answer that are in no object of a list, by their dotted paths; a bare one has none."""
    if text.lstrip()[:1] not in ("{", "["):
        return {}
    return {".".join(path): member.value for path, member in _inner(text, (), 0) if isinstance(member.value, list)}


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


def says_of_page(name: str, style: Positional) -> bool:
    """Whether the name of a header tells that it speaks of the page."""
    return name == "link" or bool(name not in OF_ONE_ANSWER and TELLING.fullmatch(name) and not passes(name, style))


def passes(name: str, style: Positional) -> bool:
    """Whether its name tells that it speaks of how the answer came about, and not of what is asked."""
    return not style.passing.isdisjoint(name.split("-"))


def in_headers(headers: Headers, wanted: Callable[[str], bool]) -> Iterator[Leaf]:
    """The leaves of the headers with such names, which are lower case."""
    seen: Counter[str] = Counter()
    for index, (name, value) in enumerate(headers):
        key = name.lower()
        if not wanted(key):
            continue
        seen[key] += 1
        path = (key,) if seen[key] == 1 else (key, str(seen[key]))
        if key == "link":
            for link in LINK.finditer(value):
                start, end = link.span("link")
                yield Leaf((key, link["name"]), start, end, link["link"], link["link"], index)
        elif value[:1] == "{" and parse_json(value) is not None:
            yield from (replace(_leaf(value, *found), header=index) for found in _inner(value, path, 0))
        else:
            yield Leaf(path, 0, len(value), value, value, index)


def rewritten(leaf: Leaf, value: str) -> str | None:
    """Another text in the place of a leaf's, escaped as that one was; None where nobody knows how."""
    if leaf.is_bare:
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
