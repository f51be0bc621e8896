"""The state of a session after the first writes of its cassette: what each recorded read would be answered then, and
which lists are known. It is played, so it is what a replay would say."""

from collections.abc import Sequence
from dataclasses import dataclass

from replayer.core.clock import SessionClock
from replayer.core.lists import CursorList, Lack, Pages, PositionalList, Synthesis
from replayer.core.matching import Canonical, Entry, Index, Player, stamps
from replayer.core.rules import Rules

OWN, OTHER, MISS = "own", "other", "miss"


@dataclass(frozen=True, slots=True)
class ReadThen:
    """What a request would be answered in some state. `how` is OWN or OTHER where an answer was recorded in that state,
    the one of the interaction itself or another one, and `by` the number of the first such interaction; else the rule
    by which one follows, `page`, `object` or `filter`; else MISS, and `why` says what is missing, where that is known.
    """

    how: str
    by: int | None = None
    why: str = ""

    @property
    def is_answered(self) -> bool:
        return self.how != MISS


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session after so many writes of its cassette: `reads` are the recorded reads by their numbers, `ready` the
    numbers of the writes that may be played next, and `lists` those of the lists that are known, counted from 0."""

    after: int
    reads: dict[int, ReadThen]
    ready: tuple[int, ...]
    lists: tuple[int, ...]


class Begun:
    """A session that has played the first `count` writes of a cassette, in the order of the file, and nothing else."""

    def __init__(self, index: Index, pages: Pages, rules: Rules, count: int) -> None:
        self._index, self._pages, self.after = index, pages, count
        self.causes = stamps.Causes(rules)
        self._player = Player(index, self.causes, SessionClock())
        for write in writes(index)[:count]:
            self._player.play(write)

    def __repr__(self) -> str:
        return f"<Begun after {self.after} writes>"

    def state(self, lists: Sequence[CursorList | PositionalList]) -> SessionState:
        """What it would answer now, and which of these lists are known. Costs a look at each recorded request."""
        entries = self._index.entries
        answered: dict[str, ReadThen] = {}
        reads = {}
        for entry in entries:
            if entry.reads:
                asked = entry.asked
                if asked.key not in answered:
                    answered[asked.key] = self.answer(asked)
                reads[entry.order + 1] = self._own(entry, answered[asked.key])
        ready = (one.order + 1 for one in entries if not one.reads and self._is_ready(one))
        known = {id(one) for one in self._pages.known_now(self.causes)}
        here = (number for number, one in enumerate(lists) if id(one) in known)
        return SessionState(self.after, reads, tuple(ready), tuple(here))

    def answer(self, asked: Canonical) -> ReadThen:
        """What that read would be answered, without being played."""
        entry = self._player.find_read(asked)
        if entry is not None:
            return ReadThen(OTHER, entry.order + 1)
        found = self._pages.answer(asked, lambda: asked, self.causes)
        if isinstance(found, Synthesis):
            return ReadThen(found.kind.value)
        return ReadThen(MISS, why=found.why if isinstance(found, Lack) else "")

    def _own(self, read: Entry, answered: ReadThen) -> ReadThen:
        """The same for one of equal reads: of those that were recorded in one state each is answered in its turn."""
        if answered.by is None:
            return answered
        first = self._index.entries[answered.by - 1]
        state = self.causes.marks(self._index.resources(first.digest))
        is_own = read in self._index.reads(read.asked.key, state)
        return ReadThen(OWN, read.order + 1) if is_own else answered

    def _is_ready(self, write: Entry) -> bool:
        """Whether that write may be played next: not played yet, no retry, and recorded in this state."""
        is_new = not write.identity[2] and not self._player.has(write)
        return is_new and self._player.fits(write) and self._index.shows_now(write, self.causes)


def writes(index: Index) -> list[Entry]:
    """The writes of a cassette, in the order of the file."""
    return [entry for entry in index.entries if not entry.reads]
