"""The order of one list, out of its recorded pages. They join by the ids of their objects; any window whose answer lies
inside of what they say is known, and no other.

       newest page             a page behind a cursor           a page before one, with no more
    [start] a - b - c ...           c - d - e ...                     x - y - z [end]

Each page says which objects stand side by side, and what is behind its last one: another, or the end.

Which list a request asks for, and which window of it, is read by the rule by which its API lists objects.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise

from replayer.core.lazily import cached_property
from replayer.core.matching import Canonical
from replayer.core.rules import ruleset

INTEGER = re.compile(r"-?[0-9]{1,18}")


class Edge(Enum):
    """The two ends of a list: before its newest object and behind its oldest."""

    START = "start"
    END = "end"


Place = str | Edge
"""An object, by its id, or an end of the list."""


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a list: its id, and its text as it stands in an answer."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A recorded page: the objects in the list's own order, first to last. It was asked for by the cursor `after` or
    `before`, or by neither. `more` says whether the list goes on at the side that the page walks to, None where the
    answer does not say so. `source` is the request in words."""

    items: tuple[Item, ...]
    more: bool | None
    after: str | None = None
    before: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted: at most `limit` objects behind a cursor, before one, or from the start."""

    limit: int
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The objects of a window, in the list's order, and whether there are more of them where it walks to."""

    items: tuple[Item, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Objects that are known to stand side by side, and whether the list is known to start or to end there."""

    ids: tuple[str, ...]
    starts: bool
    ends: bool


@dataclass(slots=True)
class _Side:
    """One direction through the list. `step` leads from an object or an end to what is next to it; `cursors` from an id
    that stands in no page to what comes behind its place. `more` are objects that are not the last ones."""

    first: Edge
    last: Edge
    step: dict[Place, Place] = field(default_factory=dict)
    cursors: dict[str, Place] = field(default_factory=dict)
    more: set[str] = field(default_factory=set)


class Stretches:
    """One list in one state, as far as its pages say.

    `conflict` says in words where two pages cannot both be of one list: it changed between them, and nobody knows how.
    Then no window is known. `standing` are objects that are known to be in the list, whether a page shows them or not.
    """

    def __init__(self, pages: Iterable[Page], standing: Iterable[Item] = ()) -> None:
        self._items: dict[str, Item] = {item.id: item for item in standing}
        self._changed: dict[str, str] = {}  # objects with two texts, by the page that has the second
        self._on = _Side(Edge.START, Edge.END)
        self._back = _Side(Edge.END, Edge.START)
        self.conflict = ""
        recorded = tuple(pages)
        for page in recorded:
            for item in page.items:
                self._add(item, page.source)
        for page in recorded:
            self._join(page)
        self._between_cursors()
        self._stretches = self._joined()
        self._within = {name: stretch for stretch in self._stretches for name in stretch.ids}

    def __repr__(self) -> str:
        return f"<Stretches {len(self._items)} objects in {len(self._stretches)}>"

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Stretch]:
        return iter(self._stretches)

    @property
    def items(self) -> Mapping[str, Item]:
        """The objects by their ids."""
        return self._items

    @cached_property
    def whole(self) -> tuple[Item, ...] | None:
        """All objects in order, where the whole list is known; else None."""
        part = self.window(Window(len(self._items) + 1))
        return part.items if isinstance(part, Slice) and not part.more else None

    # -- learning -----------------------------------------------------------------------------------------------

    def _add(self, item: Item, source: str) -> None:
        if self._items.setdefault(item.id, item).text != item.text:
            self._changed.setdefault(item.id, source)

    def _join(self, page: Page) -> None:
        names: list[Place] = [item.id for item in page.items]
        if page.before is not None:
            self._walk(self._back, self._on, page.before, names[::-1], page)
        else:
            self._walk(self._on, self._back, page.after, names, page)

    def _walk(self, ahead: _Side, behind: _Side, cursor: str | None, names: list[Place], page: Page) -> None:
        """What a page tells that walks in one direction: `names` are in the order of that walk."""
        reached = [*names, ahead.last] if page.more is False else names
        origin: Place = ahead.first if cursor is None else cursor
        if cursor is None or cursor in self._items:
            reached = [origin, *reached]
        elif reached and ahead.cursors.setdefault(cursor, reached[0]) != reached[0]:
            self._contradict(cursor, page.source)
        for one, other in pairwise(reached):
            self._link(ahead, behind, one, other, page.source)
        if page.more and names and isinstance(names[-1], str):
            ahead.more.add(names[-1])

    def _link(self, ahead: _Side, behind: _Side, one: Place, other: Place, source: str) -> None:
        if ahead.step.setdefault(one, other) != other:
            self._contradict(one, source)
        elif behind.step.setdefault(other, one) != one:
            self._contradict(other, source)

    def _contradict(self, place: Place, source: str = "one") -> None:
        where = f"the {place.value} of the list" if isinstance(place, Edge) else place
        self.conflict = self.conflict or (
            f"the recorded pages of this list contradict each other: {source} and another one tell differently what is "
            f"next to {where}"
        )

    def _between_cursors(self) -> None:
        """A cursor whose object is in no page stands somewhere, with its object or without."""
        for ahead, behind in ((self._on, self._back), (self._back, self._on)):
            for cursor, reached in ahead.cursors.items():
                beyond = behind.step.get(reached)
                if beyond is not None and behind.cursors.setdefault(cursor, beyond) != beyond:
                    self._contradict(cursor)  # nothing is between these two, so it stands there alone
        for cursor, reached in self._on.cursors.items():
            before = self._back.cursors.get(cursor)
            if isinstance(before, str) and isinstance(reached, str):  # neither of the two is at an end
                self._on.more.add(before)
                self._back.more.add(reached)
            if isinstance(before, Edge) and isinstance(reached, Edge) and self._items:  # there is nothing else
                self._contradict(cursor)

    def _joined(self) -> list[Stretch]:
        """The stretches, each once. Links are one to one, so what has no beginning is a circle."""
        self._check_ends()
        if self.conflict:
            return []
        stretches = []
        for name in self._items:
            if isinstance(self._back.step.get(name, Edge.START), Edge):
                ids = tuple(self._run(name))
                starts, ends = self._back.step.get(name) is Edge.START, self._on.step.get(ids[-1]) is Edge.END
                stretches.append(Stretch(ids, starts, ends))
        closed = len(stretches) > 1 and any(stretch.starts and stretch.ends for stretch in stretches)
        if closed or sum(len(stretch.ids) for stretch in stretches) != len(self._items):
            self._contradict(stretches[0].ids[0] if stretches else next(iter(self._items)))
        return stretches

    def _check_ends(self) -> None:
        for side in (self._on, self._back):
            for name in side.more:
                if side.step.get(name) is side.last:
                    self._contradict(name)
        if self._items and self._on.step.get(Edge.START) is Edge.END:
            self._contradict(Edge.START)

    def _run(self, name: str) -> Iterator[str]:
        place: Place | None = name
        while isinstance(place, str):
            yield place
            place = self._on.step.get(place)

    # -- windows ------------------------------------------------------------------------------------------------

    def window(self, wanted: Window, *, blind: bool = False) -> Slice | str:
        """What is in that window; where it is not known, what is missing, in words. Who is `blind` need not know
        whether there are more: then it says so only where there are."""
        if self.conflict:
            return self.conflict
        ahead, cursor, names, place = self._through(wanted)
        more = self._goes_on(ahead, names, place, wanted.limit)
        if blind and len(names) == wanted.limit:
            more = more is True
        if isinstance(more, str):
            return more if names or cursor is None else self._lost(ahead, cursor)
        changed = next((name for name in names if name in self._changed), None)
        if changed is not None:
            return f"{changed} was recorded with two different texts, in {self._changed[changed]} for one"
        items = tuple(self._items[name] for name in names)
        return Slice(items if ahead is self._on else items[::-1], more)

    def known_of(self, wanted: Window) -> tuple[str, ...]:
        """The objects of that window as far as they are known one beside the other, in the list's order; whether it
        ends there is another question."""
        ahead, _, names, _ = self._through(wanted)
        return tuple(names if ahead is self._on else names[::-1])

    def _through(self, wanted: Window) -> tuple[_Side, str | None, list[str], Place | None]:
        """The way through a window: which way, from which cursor, over which objects, and what is next to the last."""
        ahead, cursor = (self._back, wanted.before) if wanted.before is not None else (self._on, wanted.after)
        place = self._beginning(ahead, cursor)
        names: list[str] = []
        while isinstance(place, str) and len(names) < wanted.limit:
            names.append(place)
            place = ahead.step.get(place)
        return ahead, cursor, names, place

    def _beginning(self, ahead: _Side, cursor: str | None) -> Place | None:
        if cursor is None:
            return ahead.step.get(ahead.first)
        return ahead.step.get(cursor) if cursor in self._items else ahead.cursors.get(cursor)

    def _lost(self, ahead: _Side, cursor: str) -> str:
        side = "after" if ahead is self._on else "before"
        if cursor in self._items:
            return f"what comes {side} {cursor} was not recorded"
        return f"{cursor} is in none of the recorded pages"

    def _goes_on(self, ahead: _Side, names: list[str], place: Place | None, limit: int) -> bool | str:
        """Whether there are more behind those names; a text where that is not known, or where some of them are
        missing."""
        if isinstance(place, str) or (place is None and len(names) == limit and self._has_more(ahead, names[-1])):
            return True
        if place is ahead.last:
            return False
        side = "after" if ahead is self._on else "before"
        if not names:
            return f"the page at the {ahead.first.value} of the list was not recorded"
        whether = "whether anything comes" if len(names) == limit else "what comes"
        return f"{whether} {side} {names[-1]} was not recorded"

    def _has_more(self, ahead: _Side, name: str) -> bool:
        """Whether an object is known not to be the last, though what is next to it is not known."""
        if name in ahead.more:
            return True
        here = self._within[name]
        begins = here.starts if ahead is self._on else here.ends
        others = (one for one in self._stretches if one is not here)
        return any(begins or (one.ends if ahead is self._on else one.starts) for one in others)


def scope_of(asked: Canonical, paging: ruleset.Paging) -> Canonical:
    """The list that a request asks for a window of."""
    cursors = (paging.after, paging.before, paging.limit)
    return replace(asked, query={key: value for key, value in asked.query.items() if key not in cursors})


def window_of(asked: Canonical, paging: ruleset.Paging) -> Window | str:
    """The window that a request asks for; what is wrong with it where the API would refuse it."""
    limit = asked.query.get(paging.limit, str(paging.default))
    after, before = asked.query.get(paging.after), asked.query.get(paging.before)
    if not isinstance(limit, str) or not INTEGER.fullmatch(limit):
        return f"the API refuses the {paging.limit} {limit!r}, and no such refusal was recorded"
    if after is not None and before is not None:
        return f"the API refuses {paging.after} and {paging.before} at once, and no such refusal was recorded"
    for name, cursor in ((paging.after, after), (paging.before, before)):
        if cursor is not None and (not isinstance(cursor, str) or not cursor):
            return f"the API refuses the {name} {cursor!r}, and no such refusal was recorded"
    return Window(min(max(int(limit), paging.least), paging.most), after, before)
