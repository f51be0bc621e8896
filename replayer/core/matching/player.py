"""Replaying: which recorded answer a request gets now. Writes by their number, reads by the writes behind them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter

from replayer.core.clock import SessionClock
from replayer.core.matching.canonical import Canonical
from replayer.core.matching.entry import Entry
from replayer.core.matching.index import Index
from replayer.core.matching.stamps import Causes, Stamp, is_read
from replayer.core.matching.turns import Turn


@dataclass(frozen=True, slots=True)
class Apart:
    """A recorded request, and how the state in which it was recorded differs from the one that there is now: `ahead`
    are writes that were played and that it had not behind it, `behind` those that it had and that were not played."""

    entry: Entry
    ahead: tuple[Entry, ...]
    behind: tuple[Entry, ...]

    def __len__(self) -> int:
        """How many writes differ."""
        return len(self.ahead) + len(self.behind)


class Player:
    """Plays the interactions of one index, and moves the clock on with them. Where it `adds` to them, a write keeps its
    number whatever is played before it: the file is arranged anew as it was played now."""

    def __init__(self, index: Index, causes: Causes, clock: SessionClock, *, adds: bool = False) -> None:
        self._index, self._causes, self._clock, self.adds = index, causes, clock, adds
        self._asked: dict[tuple[str, Stamp], int] = {}
        self._played: set[int] = set()
        self._lost: set[str] = set()  # the ids of which the recorded writes tell nothing any more
        self._made: set[int] = set()  # the answers that were told and follow from recorded ones
        self._coming: list[tuple[int, Entry]] | None = None  # the writes that may still be played, the next one last
        self.story: list[Entry] = []  # what was told, each interaction once
        self.plays = 0
        self.generation = 0  # how often something was written: what a read is answered may be another answer since
        self.lent = 0  # how many of these were answers of another state
        self.written: int | None = None  # the latest virtual second of a write: a read may be asked before its time

    def __repr__(self) -> str:
        return f"<Player {len(self._played)}/{len(self._index)} played>"

    @property
    def played(self) -> int:
        """How many of the recorded interactions were played, however often."""
        return len(self._played)

    @property
    def total(self) -> int:
        """How many recorded interactions there are."""
        return len(self._index)

    @property
    def numbers(self) -> Iterator[int]:
        """The numbers of the recorded interactions that were played, from 1, in no order."""
        return (order + 1 for order in self._played)

    @property
    def unplayed(self) -> Iterator[Entry]:
        """The recorded interactions that were not played, in the order of the file."""
        return (entry for entry in self._index.entries if entry.order not in self._played)

    def has(self, entry: Entry) -> bool:
        """Whether that interaction was played."""
        return entry.order in self._played

    def answers(self, read: Canonical) -> bool:
        """Whether that read was recorded in the state that there is now."""
        return self.find_read(read) is not None

    def find(self, asked: Canonical, turn: Turn) -> Entry | None:
        """The interaction that answers a request whose turn that is, or None."""
        if is_read(asked.method):
            return self.find_read(asked)
        attempts = self._index.attempts(asked.digest, turn.occurrence)
        if not attempts:
            return None
        if turn.attempt:
            return attempts[min(turn.attempt, len(attempts) - 1)]
        first = attempts[0]
        write = first if first.asked.key == asked.key and self.fits(first) else self._other(asked)
        return write if write and self._is_open(write) else None

    def _other(self, write: Canonical) -> Entry | None:
        """The first of the equal writes that were recorded in this state and not played yet."""
        place = (write.key, self._index.needs(write.digest).state(self._causes))
        answers, number = self._index.writes(*place), self._asked.get(place, 0)
        while number < len(answers) and self.has(answers[number]):
            number = self._asked[place] = number + 1
        return answers[number] if number < len(answers) else None

    def _is_open(self, write: Entry) -> bool:
        """Whether nobody else has changed what it touches, and what its answer tells of is there."""
        return not self.has_lost(write) and self._index.shows_now(write, self._causes)

    def fits(self, write: Entry) -> bool:
        """Whether that write was recorded in the state that there is now."""
        needs = self._index.needs(write.asked.digest)
        return self.adds or self._index.state_of(write) == needs.state(self._causes)

    def has_lost(self, write: Entry) -> bool:
        """Whether that write was recorded in a state that cannot come again: somebody else changed what it touches."""
        return not self._lost.isdisjoint(write.touched)

    def lose(self, touched: frozenset[str], objects: frozenset[str], number: int) -> None:
        """Somebody else changed these, by a write of that number: they are in a state that was never recorded, and no
        recorded write that touches one of the `objects` is played any more."""
        if touched:
            self.generation += 1
            self._causes.wrote(self._causes.all_of(touched), number)
            self._lost.update(objects)

    def next_second(self) -> int | None:
        """The virtual second of a write that somebody else answers now: the one after the last write, unless a recorded
        one that may still be played has an earlier one. So what is made later is never told an earlier time."""
        if self.written is None:
            return None
        coming = self._next(self.written)
        return self.written + 1 if coming is None else min(self.written + 1, coming)

    def _next(self, since: int) -> int | None:
        """The second, from that one on, of the next recorded write that may still be played; None where none may. What
        was played or lost stays so, and no write comes before the last one: so each is passed once."""
        if self._coming is None:
            writes = (entry for entry in self._index.entries if not entry.reads)
            dated = [(entry.date, entry) for entry in writes if entry.date is not None and _is_first(entry)]
            self._coming = sorted(dated, key=itemgetter(0), reverse=True)
        while self._coming:
            second, write = self._coming[-1]
            if second >= since and not self.has(write) and not self.has_lost(write):
                return second
            self._coming.pop()
        return None

    def tell(self, date: int | None, *, write: bool = False) -> None:
        """A virtual time was told, in seconds since 1970."""
        if date is None:
            return
        self._clock.reach(date)
        if write:
            self.written = max(self.written or date, date)

    def find_read(self, asked: Canonical) -> Entry | None:
        """The interaction that answers that read now, or None."""
        stamp = self._stamp(asked)
        answers = self._index.reads(asked.key, stamp)
        if not answers:
            return None
        return answers[min(self._asked.get((asked.key, stamp), 0), len(answers) - 1)]  # the last stays: so polls end

    def is_spent(self, read: Entry) -> bool:
        """Whether that recorded read was played as often in this state as it was recorded in it."""
        key, stamp = read.asked.key, self._stamp(read.asked)
        return self._asked.get((key, stamp), 0) >= len(self._index.reads(key, stamp))

    def play(self, entry: Entry) -> None:
        """That interaction is played: what comes after it stands under it."""
        asked = entry.asked
        if is_read(asked.method):
            place = (asked.key, self._stamp(asked))
            self._asked[place] = self._asked.get(place, 0) + 1
        elif entry.order not in self._played:
            self.generation += 1
            self._causes.wrote(self._index.changed(entry), self._index.number(entry), self._index.changes_later(entry))
        if entry.order not in self._played:
            self.story.append(entry)
        self._played.add(entry.order)
        self.plays += 1
        self.tell(entry.date, write=not is_read(asked.method))

    def settled(self, entry: Entry) -> bool:
        """Whether a read that was just played is what the same question would be answered again."""
        return entry.reads and self.find_read(entry.asked) is entry

    def repeat(self) -> None:
        """What was settled is played once more: it moves nothing on, and is only counted."""
        self.plays += 1

    def resources(self, read: Entry) -> tuple[str, ...]:
        """What a recorded read depends on."""
        return self._index.resources(read.asked.digest)

    def written_to(self, resources: tuple[str, ...]) -> Stamp:
        """The writes that touched these resources so far."""
        return self._causes.marks(resources)

    def show(self, made: Entry) -> None:
        """An answer that follows from recorded ones is told."""
        if made.order < 0 or made.order not in self._made:  # what is not remembered has no place to be known by
            self.story.append(made)
        self._made.add(made.order)
        self.tell(made.date)

    def _stamp(self, read: Canonical) -> Stamp:
        return self._causes.marks(self._index.resources(read.digest))

    def lend(self, entry: Entry) -> None:
        """That answers in another state than its own. Nothing stands under a read, and no time has passed; a write was
        made all the same."""
        self.lent += 1
        if not entry.reads:
            self.play(entry)
            return
        self._played.add(entry.order)
        self.plays += 1

    def nearest(self, asked: Canonical, *, earlier: bool = False) -> Apart | None:
        """The recorded answer to that question whose state differs from this one in the fewest writes; None where it
        was never recorded, or each such write was played. `earlier` prefers the states that this one comes after: they
        show nothing that has not happened. Costs a walk through the cassette."""
        writes = self._writes_on(asked)
        played = [self.has(write) for write in writes]
        total, seen, done = sum(played), 0, 0
        best: tuple[bool, int, int] | None = None
        for entry in self._index.same(asked):
            while seen < len(writes) and writes[seen].order < entry.order:
                done, seen = done + played[seen], seen + 1
            if not is_read(asked.method) and (self.has(entry) or entry.identity[2]):
                continue
            behind = seen - done
            rank = (
                earlier and behind > 0,
                behind + total - done,
                -entry.order if is_read(asked.method) else entry.order,
            )
            best = rank if best is None else min(best, rank)
        return None if best is None else self._apart(self._index.entries[abs(best[2])], writes)

    def _apart(self, entry: Entry, writes: list[Entry]) -> Apart:
        ahead = tuple(write for write in writes if write.order > entry.order and self.has(write))
        behind = tuple(write for write in writes if write.order < entry.order and not self.has(write))
        return Apart(entry, ahead, behind + tuple(self._unmade(entry, behind)))

    def _unmade(self, entry: Entry, behind: Iterable[Entry]) -> Iterator[Entry]:
        """The writes before it that made what its answer tells of, and were not played."""
        for write in self._index.entries[: entry.order] if entry.shows else ():
            makes = not write.reads and not self._index.changed(write).isdisjoint(entry.shows)
            if makes and not self.has(write) and write not in behind:
                yield write

    def _writes_on(self, asked: Canonical) -> list[Entry]:
        """The recorded writes that change what a request depends on."""
        writes = (entry for entry in self._index.entries if not entry.reads)
        if not is_read(asked.method):
            needs = self._index.needs(asked.digest)
            return [entry for entry in writes if needs.count(self._index.reach(entry))]
        resources = set(self._index.resources(asked.digest))
        return [entry for entry in writes if not resources.isdisjoint(self._index.reach(entry))]

    def writes_before(self, read: Entry) -> Iterator[Entry]:
        """The recorded writes that a recorded read had behind it, latest first."""
        resources = set(self._index.resources(read.asked.digest))
        return (entry for entry in reversed(self._index.entries[: read.order]) if entry.touched & resources)


def _is_first(write: Entry) -> bool:
    """Whether that is no retry."""
    return write.identity[2] == 0
