"""An answer that is a page, taken apart: the objects, and around them all that it says of the page and of its list.

{"items": [ {...}, {...} ], "meta": {"page": 2, "pages": 9}, "links": {"next": "/things?page=3"}}
            '-- objects --'          meta.page  meta.pages             links.next

Each of these is a hint. A `Link` header and headers such as `X-Total-Count` are hints as members are, and so is JSON in
a header.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from replayer.core.lists.listing import Listing, listed
from replayer.core.message import Response, bodies, edit, wire
from replayer.core.rules import Positional

Path = tuple[str, ...]

# A parameter goes on to the next semicolon, with all spaces: there is one way to read it, and no other one to try.
LINK = re.compile(r"""<(?P<link>[^<>]*)>\s*(?:;(?!\s*rel\s*=)[^,;]*)*;\s*rel\s*=\s*"?(?P<name>[\w-]+)""")
# Headers of other names need not have to do with pages: they are hints only where they vary from page to page.
OF_PAGES = re.compile(
    r"(?:x-)?(?:.*-)?(?:pages?|next|prev(?:ious)?|cursor|offset|range|count|total|limit|pagination|paging"
    r"|first|last|start|end|remaining|items|results|records|more)(?:-.*)?"
)
# These speak of one answer as it was sent. No other answer has them.
OF_ONE_ANSWER = frozenset({"content-length", "content-location", "content-md5", "digest", "etag", "last-modified"})
KEPT = OF_ONE_ANSWER | {"date"}  # a time of the cassette's own clock, which every answer has
DEEPEST = 4  # levels of an envelope


@dataclass(frozen=True, slots=True)
class Hint:
    """One value of an envelope: its keys from the outside in, and its span as it is written. It stands in the header
    with that index, or in the body."""

    path: Path
    start: int
    end: int
    text: str
    value: Any
    header: int | None = None

    @property
    def name(self) -> str:
        """What it is called: in `_links.next.href` that is `next`."""
        is_wrapped = self.path[-1].lower() in ("href", "url") and len(self.path) > 1
        return self.path[-2] if is_wrapped else self.path[-1]

    def is_called(self, names: Collection[str]) -> bool:
        """Whether one of these names it: by itself, or with all that it stands in, `metadata.continue`."""
        return self.name in names or ".".join(self.path) in names

    @property
    def is_bare(self) -> bool:
        """Whether it stands in a header as it is, and is no JSON."""
        return self.header is not None and self.text == self.value


@dataclass(frozen=True, slots=True)
class Envelope:
    """A page: its objects in their array, and its hints by their paths. Pages like it have no headers that are
    `dropped`, by their names in lower case."""

    headers: wire.Headers
    listing: Listing
    hints: Mapping[Path, Hint]
    dropped: frozenset[str] = frozenset()

    def with_headers(self, speaking: Collection[str], dropped: frozenset[str]) -> "Envelope":
        """The same with the hints in the headers of these names, and without the others."""
        more = {hint.path: hint for hint in _in_headers(self.headers, speaking.__contains__)}
        return replace(self, hints={**self.hints, **more}, dropped=dropped)

    def around(self, items: Sequence[str], changes: Sequence[tuple[Hint, str]]) -> tuple[wire.Headers, str]:
        """Headers and text of the same envelope around these objects, with those hints written so."""
        inner = ((hint.start, hint.end, text) for hint, text in changes if hint.header is None)
        return self._headers(changes), edit.spliced(self.listing.text, [self.listing.array(items), *inner])

    def _headers(self, changes: Sequence[tuple[Hint, str]]) -> wire.Headers:
        return tuple(
            (
                name,
                edit.spliced(value, [(hint.start, hint.end, text) for hint, text in changes if hint.header == index]),
            )
            for index, (name, value) in enumerate(self.headers)
            if name.lower() not in self.dropped
        )


def envelope(response: Response, text: str, style: Positional) -> Envelope | None:
    """The page that an answer is, whose body is that JSON text, if it can be one of that style; with the hints in its
    body."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    inner = list(_inner(text, (), 0))
    top = {member.key: member.value for path, member in inner if len(path) == 1}
    if any(top.get(key) != value for key, value in style.marks):
        return None
    wanted = tuple(style.items.split(".")) if style.items else None
    lists = [
        (path, member)
        for path, member in inner
        if isinstance(member.value, list) and wanted in (None, path) and holds_objects(member.value)
    ]
    if len(lists) != 1:
        return None
    hints = (_hint(text, path, member) for path, member in inner if path != lists[0][0])
    return Envelope(response.headers, listed(text, lists[0][1]), {hint.path: hint for hint in hints})


def holds_objects(array: list[Any]) -> bool:
    """Whether it may be a list in pages; one of texts or numbers is something else."""
    return all(isinstance(value, dict) for value in array)


def arrays(text: str) -> dict[str, list[Any]]:
    """The arrays of an answer that are in no object of a list, by their dotted paths; a bare one has none."""
    if text.lstrip()[:1] not in ("{", "["):
        return {}
    return {".".join(path): member.value for path, member in _inner(text, (), 0) if isinstance(member.value, list)}


def _inner(text: str, path: Path, at: int) -> Iterator[tuple[Path, edit.Member]]:
    """All that is not an object itself, in an object and in those within it; a bare array has no key."""
    if text.lstrip()[:1] == "[":
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        yield ("",), edit.Member("", start, start, end, [member.value for member in edit.members(text)])
        return
    for member in edit.members(text, at):
        here = (*path, member.key)
        if isinstance(member.value, dict) and member.value and len(here) < DEEPEST:
            yield from _inner(text, here, member.start)
        else:
            yield here, member


def _hint(text: str, path: Path, member: edit.Member) -> Hint:
    return Hint(path, member.start, member.end, text[member.start : member.end], member.value)


# -- headers ----------------------------------------------------------------------------------------------------------


def sorted_headers(pages: Iterable[wire.Headers], style: Positional) -> tuple[frozenset[str], frozenset[str]]:
    """The headers of a list's pages that are hints, and those that vary and say nothing of the page; by their names in
    lower case. All others are the same on all pages."""
    by_name = [_by_name(headers) for headers in pages]
    names = frozenset(name for headers in by_name for name in headers if name not in KEPT)
    varying = frozenset(name for name in names if len({headers.get(name) for headers in by_name}) > 1)
    passing = frozenset(name for name in names if name != "link" and not style.passing.isdisjoint(name.split("-")))
    speaking = frozenset(name for name in names if name == "link" or OF_PAGES.fullmatch(name)) | varying
    return speaking - passing, varying & passing


def _by_name(headers: wire.Headers) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        values[name.lower()] = (*values.get(name.lower(), ()), value)
    return values


def _in_headers(headers: wire.Headers, wanted: Callable[[str], bool]) -> Iterator[Hint]:
    """The hints in the headers with such names, which are lower case."""
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
                yield Hint((key, link["name"]), start, end, link["link"], link["link"], index)
        elif value[:1] == "{" and bodies.parse_json(value) is not None:
            yield from (replace(_hint(value, *inner), header=index) for inner in _inner(value, path, 0))
        else:
            yield Hint(path, 0, len(value), value, value, index)


# -- writing ----------------------------------------------------------------------------------------------------------


def rewritten(hint: Hint, value: str) -> str | None:
    """Another text in the place of a hint's, escaped as that one was; None where nobody knows how."""
    if hint.is_bare:
        return value
    return next((spell(value) for spell in _SPELLINGS if spell(hint.value) == hint.text), None)


def _plain(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _slashed(value: str) -> str:
    return json.dumps(value).replace("/", "\\/")


def _for_html(value: str) -> str:
    """As Go writes it."""
    return _plain(value).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


_SPELLINGS: tuple[Callable[[str], str], ...] = (_plain, json.dumps, _slashed, _for_html)
