"""Lists: order, cursors and filters. A page costs the same however many objects there are.

Order is (second of creation, sequence): newest first, and of one second the later-made first. Ids play no part in it.
Every index holds the keys of its objects in that order, so a cursor is found by bisection and a page is a short walk.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from replayer.sandbox.ledger.objects import tombstone
from replayer.sandbox.ledger.rollback import Undo
from replayer.sandbox.wire import Wire

SortKey: TypeAlias = tuple[int, int]
Indexed: TypeAlias = Callable[[Wire], Hashable]

DEFAULT_LIMIT, LEAST, MOST = 10, 1, 100
BEGINNING: Final = 0
END: Final = 2**64
EVERY: Final = ("", None)  # the index that all objects stand in


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which objects, and which stretch of them. `equal` names indexes; `low` is the first second, `high` ends them."""

    equal: Mapping[str, Hashable]
    low: int = BEGINNING
    high: int = END
    keep: Callable[[Wire], bool] | None = None
    limit: int = DEFAULT_LIMIT
    after: str | None = None
    before: str | None = None


def clamped(limit: int) -> int:
    """A limit out of range is pulled into it, not refused."""
    return min(max(limit, LEAST), MOST)


def seconds(bounds: Mapping[str, int]) -> tuple[int, int]:
    """The whole seconds inside the bounds: the first, and the first after them."""
    low = max(bounds.get("gte", BEGINNING), bounds.get("gt", BEGINNING - 1) + 1)
    high = min(bounds.get("lt", END), bounds.get("lte", END - 1) + 1)
    return low, high


def inside(bounds: Mapping[str, int], second: int | None) -> bool:
    low, high = seconds(bounds)
    return second is not None and low <= second < high


def envelope(rows: Sequence[Wire], has_more: bool, url: str, **more: int) -> Wire:
    """A list on the wire. `more` is the count, which only a nested list has."""
    return {"object": "list", "data": list(rows), "has_more": has_more, **more, "url": url}


class Collection:
    """All objects of one kind.

    `positional` keeps a deleted one's place, so that it is still a cursor; `readable` keeps its tombstone too.
    """

    def __init__(
        self,
        kind: str,
        indexes: Mapping[str, Indexed],
        *,
        undo: Undo | None = None,
        stamp: str = "created",
        positional: bool = False,
        readable: bool = False,
    ) -> None:
        self.kind = kind
        self._indexes = indexes
        self._undo = undo or Undo()
        self._stamp = stamp
        self._positional = positional
        self._readable = readable
        self._rows: dict[str, Wire] = {}
        self._keys: dict[str, SortKey] = {}
        self._names: dict[SortKey, str] = {}
        self._ordered: dict[tuple[str, Hashable], list[SortKey]] = {EVERY: []}
        self._sequence = 0
        self._oldest = 0
        self.watch: Callable[[Wire], object] = lambda _: None
        """Is shown whatever is stored, and what is deleted as it was last."""

    def __repr__(self) -> str:
        return f"<Collection {self.kind} {len(self._ordered[EVERY])}>"

    def __len__(self) -> int:
        return len(self._ordered[EVERY])

    def get(self, name: str) -> Wire | None:
        """The object, or the tombstone that is kept of it."""
        return self._rows.get(name)

    def live(self, name: str) -> Wire | None:
        row = self._rows.get(name)
        return None if row is None or row.get("deleted") else row

    def places(self, name: str) -> bool:
        """Whether that name has a place in the order, and so can be a cursor."""
        return name in self._keys

    def put(self, row: Wire) -> Wire:
        """Store a new object, or a new state of an earlier one in its old place."""
        name = row["id"]
        earlier = self._rows.get(name)
        if earlier is None:
            self._sequence += 1
            self._place(name, (row[self._stamp], self._sequence))
        self._undo.touch(self.kind, name, earlier)
        self._undo.note(lambda: self._set(name, earlier, keep=earlier is not None))
        self.watch(row)
        self._set(name, row)
        return row

    def put_older(self, row: Wire) -> Wire:
        """Store a new object as one that was made before all others of its second."""
        self._oldest -= 1
        self._place(row["id"], (row[self._stamp], self._oldest))
        return self.put_state(row)

    def put_state(self, row: Wire) -> Wire:
        """Store a state of an object that has its place."""
        self._set(row["id"], row)
        return row

    def delete(self, name: str) -> Wire:
        row, key = self._rows[name], self._keys[name]
        self.watch(row)
        self._undo.touch(self.kind, name, row)
        gone = tombstone(row)
        self._undo.note(lambda: self._set(name, row))
        self._undo.note(lambda: self._place(name, key))
        self._set(name, gone if self._readable else None, keep=self._positional)
        return gone

    def oldest(self) -> Wire | None:
        """The first in the order of all; None where there is nothing."""
        keys = self._ordered[EVERY]
        return self._rows[self._names[keys[0]]] if keys else None

    def forget(self, name: str) -> None:
        """As if it had never been: nothing tells of it, and nothing takes it back."""
        self._set(name, None, keep=False)

    def _place(self, name: str, key: SortKey) -> None:
        self._keys[name], self._names[key] = key, name

    def _set(self, name: str, row: Wire | None, *, keep: bool = True) -> None:
        """Make that the object of the name, on all its shelves. `keep` tells whether the name keeps its place."""
        key = self._keys[name]
        self._reindex(key, self.live(name), None if row is None or row.get("deleted") else row)
        if row is None:
            self._rows.pop(name, None)
        else:
            self._rows[name] = row
        if not keep:
            del self._names[self._keys.pop(name)]

    def dump(self) -> list[list[Any]]:
        """Name, second, sequence and object of all that have a place, in the order of their making."""
        ordered = sorted(self._keys.items(), key=lambda pair: pair[1][1])
        return [[name, *key, self._rows.get(name)] for name, key in ordered]

    def load(self, dumped: list[list[Any]]) -> None:
        """What `dump` gave, into an empty collection."""
        for name, second, sequence, row in dumped:
            self._place(name, (second, sequence))
            self._set(name, row)
            self._sequence = sequence

    def _reindex(self, key: SortKey, old: Wire | None, new: Wire | None) -> None:
        before, after = self._shelves(old), self._shelves(new)
        for shelf in before - after:
            keys = self._ordered[shelf]
            del keys[bisect_left(keys, key)]
            if not keys and shelf != EVERY:
                del self._ordered[shelf]
        for shelf in after - before:
            insort(self._ordered.setdefault(shelf, []), key)

    def _shelves(self, row: Wire | None) -> set[tuple[str, Hashable]]:
        if row is None:
            return set()
        return {EVERY, *((name, read(row)) for name, read in self._indexes.items())}

    def page(self, query: PageQuery) -> tuple[list[Wire], bool]:
        """The rows, newest first, and whether there are more of them on the side that the query walks to."""
        keys = min((self._ordered.get(shelf, []) for shelf in (EVERY, *query.equal.items())), key=len)
        low, high = bisect_left(keys, (query.low, 0)), bisect_left(keys, (query.high, 0))
        if query.before is not None:
            low = max(low, bisect_right(keys, self._keys[query.before]))
            found = self._matching(keys, range(low, high), query)
            return found[: query.limit][::-1], len(found) > query.limit
        if query.after is not None:
            high = min(high, bisect_left(keys, self._keys[query.after]))
        found = self._matching(keys, range(high - 1, low - 1, -1), query)
        return found[: query.limit], len(found) > query.limit

    def matches(self, name: str, query: PageQuery) -> bool:
        """Whether the object of that name passes the filters of the query."""
        row = self.live(name)
        return row is not None and query.low <= self._keys[name][0] < query.high and self._matches(row, query)

    def every(self, index: str, value: Hashable) -> list[Wire]:
        """All that an index holds under that value, newest first."""
        keys = self._ordered.get((index, value), [])
        return list(self._walk(keys, range(len(keys) - 1, -1, -1)))

    def _matching(self, keys: list[SortKey], places: range, query: PageQuery) -> list[Wire]:
        """One row more than the limit, where there is one: it tells `has_more`."""
        found: list[Wire] = []
        for row in self._walk(keys, places):
            if self._matches(row, query):
                found.append(row)
                if len(found) > query.limit:
                    break
        return found

    def _walk(self, keys: list[SortKey], places: range) -> Iterator[Wire]:
        return (self._rows[self._names[keys[place]]] for place in places)

    def _matches(self, row: Wire, query: PageQuery) -> bool:
        equal = all(self._indexes[name](row) == value for name, value in query.equal.items())
        return equal and (query.keep is None or query.keep(row))


def part(rows: Sequence[Wire], limit: int, after: str | None, before: str | None) -> tuple[list[Wire], bool]:
    """The same page of a short row of objects that are newest first already. Cursors must be among them."""
    places: dict[Any, int] = {row["id"]: place for place, row in enumerate(rows)}
    if before is not None:
        end = places[before]
        start = max(end - limit, 0)
        return list(rows[start:end]), start > 0
    start = 0 if after is None else places[after] + 1
    return list(rows[start : start + limit]), len(rows) > start + limit
