"""The order of a file: what happened before comes before, then the place that it had, then the canonical request.

a write, the reads that saw it   >   a read, the writes that it did not see   >   the place in the older file
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import groupby, pairwise

from replayer.core.recording.partial_order import Value

BARRIER = -1  # ranks before all interactions: it stands for none


Rank = tuple[int, Value, str, int, str]


@dataclass(frozen=True, slots=True)
class Event:
    """One interaction as it took part in a session, in the order in which these were complete.

    `rank` is where it would stand if nothing spoke against it: its place in the older file or behind one there, its
    virtual second, what it asks but for what its client minted, how many such requests came before, and all that it
    asks. `question` and `nth` tell which of the equal requests it is. `behind` are the numbers of the events whose
    answers told what it names. `order` is its place in the older file, None for a new one; `kept` tells that it took no
    part in the session, and only comes along.
    """

    rank: Rank
    question: str
    nth: tuple[int, int]
    reads: bool
    touches: frozenset[str]
    behind: frozenset[int] = frozenset()
    order: int | None = None
    kept: bool = False


def arranged(events: Sequence[Event]) -> list[int]:
    """The numbers of the events, counted from 0, in the order of the file.

    A circle, which only requests that race can make, is broken where its lowest rank is.
    """
    graph = _Graph(len(events))
    ranked = sorted(range(len(events)), key=lambda number: events[number].rank)
    for earlier, later in _equal(ranked, events):
        graph.edge(earlier, later)
    for number, event in enumerate(events):
        for earlier in event.behind:
            graph.edge(earlier, number)
        for resource in () if event.kept else event.touches:
            graph.share(resource, number, reads=event.reads)
    if any(event.kept for event in events):
        _keep(graph, events)
    return list(graph.sorted({number: place for place, number in enumerate(ranked)}))


def _equal(ranked: Sequence[int], events: Sequence[Event]) -> Iterator[tuple[int, int]]:
    """The n-th of the equal requests is known by being the n-th, and so is each attempt at it. But other equal ones may
    come between two attempts at one."""
    ordered = sorted(ranked, key=lambda number: (events[number].question, events[number].nth))
    for _, equal in groupby(ordered, key=lambda number: events[number].question):
        attempts = [list(each) for _, each in groupby(equal, key=lambda number: events[number].nth[0])]
        yield from pairwise(each[0] for each in attempts)
        for each in attempts:
            yield from pairwise(each)


def _keep(graph: "_Graph", events: Sequence[Event]) -> None:
    """What took no part stands among the old ones as it stood. It has not seen what is new, and nothing new has seen
    it."""
    old = [number for number, event in enumerate(events) if event.order is not None]
    for number in sorted(old, key=lambda number: events[number].order or 0):
        for resource in events[number].touches:
            graph.share(f"{resource}\0file", number, reads=events[number].reads)
    for number, event in enumerate(events):
        if event.kept or event.order is None:
            for resource in event.touches:
                graph.part(resource, number, reads=event.reads, kept=event.kept)


@dataclass(slots=True)
class _Group:
    """The latest accesses of one kind to a resource: all of them come behind `before` and before `after`."""

    reads: bool
    before: int | None
    after: int


class _Graph:
    """Numbers and what must come before them. Numbers beyond the events are barriers: they join two groups of accesses
    with as many edges as there are members, not pairs."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._next: list[list[int]] = [[] for _ in range(count)]
        self._waits: list[int] = [0] * count
        self._groups: dict[str, _Group] = {}
        self._parted: dict[tuple[str, bool], int] = {}

    def edge(self, earlier: int, later: int) -> None:
        self._next[earlier].append(later)
        self._waits[later] += 1

    def share(self, resource: str, number: int, *, reads: bool) -> None:
        """Accesses of one kind are in no order; a read and a write of one resource are."""
        group = self._groups.get(resource)
        if group is None or group.reads != reads:
            group = self._groups[resource] = _Group(reads, group.after if group else None, self._barrier())
        if group.before is not None:
            self.edge(group.before, number)
        self.edge(number, group.after)

    def part(self, resource: str, number: int, *, reads: bool, kept: bool) -> None:
        """A read that is kept comes before each new write of the resource, and a new read before each write that is
        kept."""
        barrier = self._parted.get((resource, reads == kept))
        if barrier is None:
            barrier = self._parted[resource, reads == kept] = self._barrier()
        if reads:
            self.edge(number, barrier)
        else:
            self.edge(barrier, number)

    def _barrier(self) -> int:
        self._next.append([])
        self._waits.append(0)
        return len(self._next) - 1

    def sorted(self, places: dict[int, int]) -> Iterator[int]:
        ready = [(places.get(number, BARRIER), number) for number, waits in enumerate(self._waits) if not waits]
        heapify(ready)
        left = set(places)
        while left:
            number = heappop(ready)[1] if ready else min(left, key=places.__getitem__)
            if number in places:
                if number not in left:
                    continue
                left.discard(number)
                yield number
            for later in self._next[number]:
                self._waits[later] -= 1
                if not self._waits[later]:
                    heappush(ready, (places.get(later, BARRIER), later))


def emitters(named: Iterable[str], emitted: dict[str, int]) -> frozenset[int]:
    """The events whose answers told the ids that a request names."""
    return frozenset(emitted[name] for name in named if name in emitted)
