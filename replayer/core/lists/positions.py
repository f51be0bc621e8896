"""What pages tell of a list whose objects are counted: which one stands where, and where the list ends. A window is
known where each of its objects is.

      0   1   2   3   4   5   6   7   8
    [ a   b   c ] [ d   e   f ] [ g   h ] end
"""

from collections.abc import Iterable
from dataclasses import dataclass

from replayer.core.lists.by_cursor import Item


@dataclass(frozen=True, slots=True)
class Placed:
    """A recorded page: how many objects come before its own; how many it could have, None where that is not known;
    whether there are more behind it and how many there are in all, where the answer says so. `source` is the request
    in words. The id of an object is "" where it has none."""

    start: int
    items: tuple[Item, ...]
    size: int | None = None
    more: bool | None = None
    total: int | None = None
    source: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.items)

    @property
    def is_full(self) -> bool:
        return len(self.items) == self.size


@dataclass(frozen=True, slots=True)
class Slice:
    """The objects of a window, and whether there are more behind it, None where that is not known."""

    items: tuple[Item, ...]
    more: bool | None


class Positions:
    """One list in one state, as far as its pages tell it. `short` tells that a page with fewer objects than it could
    have is the last one. `conflict` says in words where two pages cannot both be of one list, or where it is none whose
    objects can be counted so. Then no window is known.

    Many APIs tell that there are more wherever a page is full. `boasts` tells that a last page did so: then any full
    one does.
    """

    def __init__(self, pages: Iterable[Placed], *, short: bool = False, boasts: bool = False) -> None:
        self._items: dict[int, Item] = {}
        self._places: dict[str, int] = {}
        self._beyond = 0  # so many objects there are at least
        self._empty: set[int] = set()  # where nothing stands, and something may before
        self.boasts: bool | None = boasts  # None where some do and others do not
        self.end: int | None = None  # so many there are
        self.conflict = ""
        taken = tuple(pages)
        for page in taken:
            self._take(page, short)
        if self.end is None and self._beyond in self._empty:
            self.end = self._beyond
        self._boast(taken)
        for page in taken:
            self._check(page)

    def __repr__(self) -> str:
        return f"<Positions {len(self._items)} of {self.end}>"

    def __len__(self) -> int:
        return len(self._items)

    @property
    def runs(self) -> list[tuple[int, int]]:
        """What is known of it without a gap: the first place of each run, and the one behind its last."""
        found: list[tuple[int, int]] = []
        for place in sorted(self._items):
            if found and found[-1][1] == place:
                found[-1] = (found[-1][0], place + 1)
            else:
                found.append((place, place + 1))
        return found

    def _take(self, page: Placed, short: bool) -> None:
        for place, item in enumerate(page.items, page.start):
            if self._items.setdefault(place, item).text != item.text:
                self._contradict(f"what stands at {place} is told in two ways, in {page.source} for one")
            if item.id and self._places.setdefault(item.id, place) != place:
                self._contradict(f"{item.id} stands at {place} and at {self._places[item.id]}")
        if not page.items and page.start:
            self._empty |= set() if page.more else {page.start}  # behind the end, however far
            return
        self._beyond = max(self._beyond, page.end)
        is_short = short and page.size is not None and len(page.items) < page.size
        if page.more is False or is_short or (not page.items and not page.start and page.more is None):
            self._ends(page.end, page.source)
        if page.total is not None:
            self._ends(page.total, page.source)

    def _ends(self, end: int, source: str) -> None:
        if self.end is None:
            self.end = end
        elif self.end != end:
            self._contradict(f"it has {self.end} objects and {end}, the latter by {source}")

    def _boast(self, pages: tuple[Placed, ...]) -> None:
        said = {page.more for page in pages if page.items and page.is_full and page.end == self.end}
        if True in said or self.boasts:
            self.boasts = True if False not in said else None
        ahead = (page.end for page in pages if page.more and not (page.is_full and page.end == self.end))
        self._beyond = max(self._beyond, *(end + 1 for end in ahead), 0)

    def _check(self, page: Placed) -> None:
        """What can only be told when all pages have been taken."""
        if page.start and not page.items:
            return
        if self.end is not None and page.end + bool(page.more and not page.is_full) > self.end:
            self._contradict(f"it has {self.end} objects, and {page.source} tells of more")
        if page.size is None:
            return
        if len(page.items) > page.size:
            self._contradict(f"{page.source} has more objects than were asked for")
        if len(page.items) < page.size and max(self._beyond, self.end or 0) > page.end:
            self.conflict = (
                self.conflict or f"{page.source} has fewer objects than were asked for, and is not the last page"
            )

    def _contradict(self, words: str) -> None:
        self.conflict = self.conflict or f"the recorded pages of this list contradict each other: {words}"

    def more(self, place: int) -> bool | None:
        """Whether there are objects at that place and behind it."""
        if self.end is not None:
            return place < self.end
        return True if place < self._beyond else None

    def window(self, start: int, size: int) -> Slice | str:
        """What stands there; where it is not known, what is missing, in words."""
        if self.conflict:
            return self.conflict
        if self.boasts and start == self.end and start in self._empty:
            return Slice((), more=False)
        if self.end is not None and start >= self.end and start > 0:
            return f"the list ends at {self.end}, and what is answered behind that was not recorded"
        stop = start + size if self.end is None else min(start + size, self.end)
        missing = next((place for place in range(start, stop) if place not in self._items), None)
        if missing is not None:
            return f"the object behind the first {missing} of this list was not recorded"
        is_full_last = stop == self.end == start + size
        if is_full_last and self.boasts is None:
            return "of the full last pages some tell that there are more, and others do not"
        more = True if is_full_last and self.boasts else self.more(stop)
        return Slice(tuple(self._items[place] for place in range(start, stop)), more)
