"""Replaying: which recorded answer a request gets now. Writes by their number, reads by the writes behind them."""

from collections.abc import Iterator

from replayer.core.canonical import Canonical
from replayer.core.causes import Causes, Stamp, is_read
from replayer.core.index import Entry, Index, write_number
from replayer.core.seats import Seat


class Player:
    """Plays the interactions of one index. `lenient` answers reads in unknown states with the nearest earlier one."""

    def __init__(self, index: Index, causes: Causes, *, lenient: bool) -> None:
        self._index, self._causes, self._lenient = index, causes, lenient
        self._asked: dict[tuple[str, Stamp], int] = {}
        self._played: set[int] = set()
        self._furthest = 0
        self._lost: set[str] = set()  # the ids of which the recorded writes tell nothing any more
        self.story: list[Entry] = []  # what was played, each interaction once
        self.plays = 0
        self.now: int | None = None  # the latest virtual time that was told

    def __repr__(self) -> str:
        return f"<Player {len(self._played)}/{len(self._index)} played>"

    @property
    def played(self) -> int:
        """How many of the recorded interactions were played, however often."""
        return len(self._played)

    def has(self, entry: Entry) -> bool:
        """Whether that interaction was played."""
        return entry.order in self._played

    def answers(self, read: Canonical) -> bool:
        """Whether that read was recorded in the state that there is now."""
        return self._find_read(read) is not None

    def find(self, asked: Canonical, seat: Seat) -> Entry | None:
        """The interaction that answers a request in that seat, or None."""
        if is_read(asked.method):
            return self._find_read(asked)
        attempts = self._index.attempts(asked.digest, seat.occurrence)
        if not attempts or (seat.attempt == 0 and self.has_lost(attempts[0])):
            return None
        return attempts[min(seat.attempt, len(attempts) - 1)]

    def has_lost(self, write: Entry) -> bool:
        """Whether that write was recorded in a state that cannot come again: somebody else changed what it touches."""
        return not self._lost.isdisjoint(write.touched)

    def lose(self, objects: frozenset[str]) -> None:
        """Somebody else changed these: no recorded write that touches them is played any more."""
        self._lost.update(objects)

    def tell(self, date: int | None) -> None:
        """A virtual time was told, in seconds since 1970."""
        if date is not None:
            self.now = max(self.now or date, date)

    def _find_read(self, asked: Canonical) -> Entry | None:
        stamp = self._causes.stamp(asked)
        answers = self._index.reads(asked.digest, stamp)
        if answers:  # in their order, then the last one stays: so polls end
            return answers[min(self._asked.get((asked.digest, stamp), 0), len(answers) - 1)]
        equal = self._index.equal(asked.digest)
        if not (self._lenient and equal):
            return None
        return max((entry for entry in equal if entry.order <= self._furthest), key=_by_order, default=equal[0])

    def play(self, entry: Entry) -> None:
        """That interaction is played: what comes after it stands under it."""
        asked = entry.asked
        if is_read(asked.method):
            place = (asked.digest, self._causes.stamp(asked))
            self._asked[place] = self._asked.get(place, 0) + 1
        elif entry.identity[2] == 0 and entry.order not in self._played:  # a retry changes nothing
            self._causes.wrote(entry.touched, write_number(entry.identity))
        if entry.order not in self._played:
            self._played.add(entry.order)
            self.story.append(entry)
        self._furthest = max(self._furthest, entry.order)
        self.plays += 1
        self.tell(entry.date)

    def writes_before(self, read: Entry) -> Iterator[Entry]:
        """The recorded writes that a recorded read had behind it, latest first."""
        resources = set(self._causes.resources(read.asked))
        return (entry for entry in reversed(self._index.entries[: read.order]) if entry.touched & resources)


def _by_order(entry: Entry) -> int:
    return entry.order
