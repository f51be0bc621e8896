"""The lists of a cassette, as they are drawn: what is known of each without a gap, the pages that it is known from, and
where another page would lie.

    newest                                  oldest
    [ in_9 in_8 in_7 ] ...?... [ in_3 in_2 in_1 ]        stretches, and a gap of which nobody knows how long it is
      '--- page --'              '--- page --'
           '--- asked ---> ?                             what comes after in_7 was not recorded
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from replayer.core.lists import CursorList, Placed, PositionalList
from replayer.core.matching import Canonical, canonical

OUTSIDE = -1  # the stretch of a page that lies in none: it is empty, or the list contradicts itself


@dataclass(frozen=True, slots=True)
class DrawnStretch:
    """A part of a list that is known without a gap: its objects by their ids, or nothing but their number where they
    are counted; behind how many others it begins, None where nobody knows; whether the list starts and ends there."""

    ids: tuple[str, ...]
    count: int
    start: int | None
    starts: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A recorded page: the number of its interaction; what was asked beyond the list itself, as a query; where it lies:
    the stretch, counted from 0, behind how many objects of it, and how many it has; and whether more comes where it
    walks to, None where it does not say."""

    number: int
    query: str
    stretch: int
    start: int
    count: int
    more: bool | None


@dataclass(frozen=True, slots=True)
class DrawnList:
    """One list in one state: `behind` are the writes that its first page had behind it. `conflict` says in words why
    nothing is known of it but its pages; `seen` is how many objects its pages show, None where they are not counted,
    and `total` how many it has, None where nobody knows."""

    name: str
    behind: tuple[int, ...]
    stretches: tuple[DrawnStretch, ...]
    pages: tuple[DrawnPage, ...]
    seen: int | None
    total: int | None
    conflict: str

    @property
    def number(self) -> int:
        """The number of its first page."""
        return self.pages[0].number


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page that is asked for, as of the writes before the first page of its list: what it would be answered, as a
    ReadThen says it; and where it lies in that list as far as it is known, as a DrawnPage says it. `limit` is how many
    objects it can have, None where nobody knows; one that `is_back` walks from its cursor towards the start."""

    request: str
    how: str
    by: int | None
    why: str
    stretch: int = OUTSIDE
    start: int = 0
    count: int = 0
    limit: int | None = None
    is_back: bool = False


def drawn(known: CursorList | PositionalList, behind: tuple[int, ...]) -> DrawnList:
    """A list, whose first page had these writes behind it."""
    name = canonical.describe(known.scope).removeprefix("GET ")
    if isinstance(known, CursorList):
        stretches = tuple(_stretches(known))
        whole = known.stretches.whole
        total = None if known.stretches.conflict or whole is None else len(whole)
        conflict = known.stretches.conflict
        return DrawnList(name, behind, stretches, tuple(_pages(known)), len(known.stretches), total, conflict)
    counted = known.counted
    conflict = counted if isinstance(counted, str) else counted.conflict
    total = None if isinstance(counted, str) or conflict else counted.bounds.end
    runs = tuple(_runs(known))
    seen = None if conflict else sum(one.count for one in runs)
    return DrawnList(name, behind, runs, tuple(_counted(known)), seen, total, conflict)


def laid(page: AskedPage, placed: Placed) -> AskedPage:
    """The page where it lies in its list."""
    known, window = placed.known, placed.window
    if isinstance(known, CursorList):
        if window is None:
            return page
        places, is_back = _places(known), window.before is not None
        if placed.ids:
            stretch, start = places[placed.ids[0]]
            return replace(
                page, stretch=stretch, start=start, count=len(placed.ids), limit=window.limit, is_back=is_back
            )
        stretch, start = places.get(window.after or window.before or "", (OUTSIDE, 0))
        at_cursor = start if is_back or stretch == OUTSIDE else start + 1
        return replace(page, stretch=stretch, start=at_cursor, limit=window.limit, is_back=is_back)
    if placed.start is None or placed.size is None:
        return page
    stretch, start, count = _within(known, placed.start, placed.size)
    return replace(page, stretch=stretch, start=start, count=count, limit=placed.size)


def _within(known: PositionalList, start: int, size: int) -> tuple[int, int, int]:
    """The stretch in which a page of counted objects begins, behind how many of it, and how many of its own are
    known."""
    if not isinstance(known.counted, str):
        for number, (begin, end) in enumerate(known.counted.runs):
            if begin <= start < end or (start == end and size):
                return number, start - begin, min(size, end - start)
    return OUTSIDE, 0, 0


def query_of(asked: Canonical) -> str:
    """The query of a request, as it stands in an address."""
    return urlencode(list(canonical.flat(asked.query)))


def _beyond(scope: Canonical, asked: Canonical) -> str:
    """What a request says of the page that it asks for, and not of the list."""
    of_list = set(canonical.flat(scope.query))
    return urlencode([pair for pair in canonical.flat(asked.query) if pair not in of_list])


# -- by ids -----------------------------------------------------------------------------------------------------------


def _ordered(known: CursorList) -> list[tuple[str, ...]]:
    """The stretches, the one at the start of the list first and the one at its end last: in between nobody knows."""
    ordered = sorted(known.stretches, key=lambda one: (not one.starts, one.ends))
    return [one.ids for one in ordered]


def _stretches(known: CursorList) -> Iterator[DrawnStretch]:
    by_ids = {one.ids: one for one in known.stretches}
    for ids in _ordered(known):
        one = by_ids[ids]
        yield DrawnStretch(ids, len(ids), 0 if one.starts else None, one.starts, one.ends)


def _places(known: CursorList) -> dict[str, tuple[int, int]]:
    """Where each object lies: its stretch, and behind how many others of it."""
    return {name: (number, place) for number, ids in enumerate(_ordered(known)) for place, name in enumerate(ids)}


def _pages(known: CursorList) -> Iterator[DrawnPage]:
    places = _places(known)
    for one in known.pages:
        first = one.page.items[0].id if one.page.items else ""
        stretch, start = places.get(first, (OUTSIDE, 0))
        query = _beyond(known.scope, one.entry.asked) if one.by_itself else ""
        yield DrawnPage(one.entry.order + 1, query, stretch, start, len(one.page.items), one.page.more)


# -- by place ---------------------------------------------------------------------------------------------------------


def _runs(known: PositionalList) -> Iterator[DrawnStretch]:
    counted = known.counted
    if isinstance(counted, str) or counted.conflict:
        return
    for start, end in counted.runs:
        yield DrawnStretch((), end - start, start, start == 0, end == counted.bounds.end)


def _counted(known: PositionalList) -> Iterator[DrawnPage]:
    counted = known.counted
    if isinstance(counted, str) or counted.conflict:
        for page in known.pages:
            count = len(page.envelope.listing.items)
            yield DrawnPage(page.entry.order + 1, _beyond(known.scope, page.entry.asked), OUTSIDE, 0, count, None)
        return
    end = counted.bounds.end
    for page, span in counted.spans:
        number, start, count = _within(known, span.start, span.count)
        more = None if end is None else span.end < end
        yield DrawnPage(page.entry.order + 1, _beyond(known.scope, page.entry.asked), number, start, count, more)
