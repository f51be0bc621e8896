"""The virtual clock. It starts at the cassette's epoch and moves one second with each write; nothing else moves it.

A time is named as a fact: this field of this object. First seen, it takes the virtual time of the request that made
it; seen again unchanged it keeps it. So the same recording has the same times, however long its requests took and
wherever the upstream's seconds happened to change.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from replayer.core.memory import Memory

SLACK = 1  # seconds by which an upstream may round its own clock
HOUR, DAY = 3600, 86_400
WHOLE = 60  # an offset within a second or so of whole minutes was meant to be whole

Fact = tuple[str, str]
"""The owner's alias and the place within it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One exchange on both clocks: its virtual second, and the real seconds within which the upstream answered it."""

    virtual: int
    began: int
    ended: int
    write: bool
    epoch: int
    sent: Mapping[tuple[str, int], int] = field(default_factory=dict)  # by field and real time, what the client wrote
    about: frozenset[str] | None = None  # of a read beside others: only writes to these can be its causes


@dataclass(frozen=True, slots=True)
class _Write:
    began: int
    virtual: int
    touches: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Span:
    """The real times that one virtual second stands for."""

    first: int
    last: int


class Clock:
    """Virtual time of one session: names the upstream's times, and finds the real ones for names that clients send."""

    def __init__(self) -> None:
        self._start: int | None = None
        self._facts: dict[Fact, tuple[int, int]] = {}
        self._spans: dict[int, _Span] = {}
        self._by_second: dict[int, int] = {}  # of virtual seconds, the first one at each second of the day
        self._answered: dict[int, int] = {}  # for names that stand at no fact: when that second was first answered
        self._writes: list[_Write] = []  # in the order in which they began
        self._written_at: set[int] = set()  # the seconds of the day in virtual time

    def __repr__(self) -> str:
        return f"<Clock {len(self._writes)} writes, {len(self._facts)} facts>"

    def open(self, real: int) -> None:
        """The session began at that real time: what is older than that is old. Only the first call counts."""
        if self._start is None:
            self._start = real - SLACK

    def enter(self, moment: Moment) -> None:
        """Take note of an exchange before its times are named."""
        self.open(moment.began)
        self._answered.setdefault(moment.virtual, moment.ended)

    def wrote(self, moment: Moment, touches: frozenset[str] = frozenset()) -> None:
        """That exchange was a write, and touched these."""
        write = _Write(moment.began, moment.virtual, touches)
        self._writes.insert(bisect_right(self._writes, _beginning(write), key=_beginning), write)
        self._written_at.add(moment.virtual % DAY)

    def remembered(self, upstream: str) -> Memory | None:
        """What it knows, for another session over the same cassette; None before it began."""
        if self._start is None:
            return None
        return Memory(
            upstream=upstream,
            start=self._start,
            facts=tuple((*fact, real, virtual) for fact, (real, virtual) in self._facts.items()),
            spans=tuple((virtual, span.first, span.last) for virtual, span in self._spans.items()),
            answered=tuple(self._answered.items()),
        )

    def recall(self, memory: Memory) -> None:
        """Know again what an earlier recording knew: what was made in it is not old."""
        self._start = memory.start
        self._facts = {(owner, place): (real, virtual) for owner, place, real, virtual in memory.facts}
        self._answered = dict(memory.answered)
        known = [_Write(ended, virtual, frozenset()) for virtual, ended in memory.answered]
        self._writes = sorted(known, key=_beginning)
        for virtual, first, last in memory.spans:
            self._mean(virtual, first)
            self._mean(virtual, last)

    def is_old(self, real: int) -> bool:
        """Whether a real time lies before this session."""
        return self._start is not None and real < self._start

    def known(self, fact: Fact, real: int) -> int | None:
        """The virtual time of a fact that still has that real time."""
        seen = self._facts.get(fact)
        return seen[1] if seen is not None and seen[0] == real else None

    def name(
        self,
        fact: Fact,
        real: int,
        moment: Moment,
        *,
        base: tuple[int, int] | None = None,
        source: Fact | None = None,
        moves: bool = False,
        earlier: int | None = None,
        key: str = "",
    ) -> int:
        """The virtual time for a real one that stands at that fact.

        `base` is the real and virtual birth of the object, from which future times count; `source` the fact that this
        one is a copy of. `moves` tells that a write sets it anew, even if within one second nobody can see it.
        `earlier` is the name that an earlier recording has there: it stays where only a second's chance speaks against.
        `key` names the field: what the client wrote in a field of that name is echoed there, and nowhere else.
        """
        virtual = self.known(fact, real)
        if moves and moment.write and abs(moment.ended - real) <= SLACK + moment.ended - moment.began:
            virtual = None
        if virtual is None:
            virtual = self._first(real, moment, base, source, fact[0], key)
        if earlier is not None and earlier != virtual and self._may_be(earlier, real, moment, base, key):
            virtual = earlier
        self._facts[fact] = (real, virtual)
        self._mean(virtual, real)
        return virtual

    def _may_be(self, earlier: int, real: int, moment: Moment, base: tuple[int, int] | None, key: str) -> bool:
        """Whether a real time may have that name as well, but for a second by which somebody rounded."""
        if self.is_old(real):
            return False
        span, answered = self._spans.get(earlier), self._answered.get(earlier)
        if span is not None and span.first - SLACK <= real <= span.last + SLACK:
            return True
        if answered is not None and abs(answered - real) <= SLACK:
            return True
        if real <= moment.ended + SLACK:
            return False
        distances = [real - moment.ended + moment.virtual]  # times to come are told by their distance
        distances += [real - base[0] + base[1]] if base else []
        distances += [
            written for (name, sent), written in moment.sent.items() if name == key and abs(sent - real) <= SLACK
        ]
        return any(abs(distance - earlier) <= SLACK + moment.ended - moment.began for distance in distances)

    def _first(
        self, real: int, moment: Moment, base: tuple[int, int] | None, source: Fact | None, owner: str, key: str
    ) -> int:
        if (key, real) in moment.sent:
            return moment.sent[key, real]
        if source is not None and (copied := self.known(source, real)) is not None:
            return copied
        if self.is_old(real):
            return real
        if real > moment.ended + SLACK:
            return self._future(real, moment, base)
        return moment.virtual if moment.write else self._earlier(real, moment, owner)

    def _future(self, real: int, moment: Moment, base: tuple[int, int] | None) -> int:
        if base is not None and not self.is_old(base[0]):
            return base[1] + real - base[0]
        offset = real - moment.ended
        nearest = round(offset / WHOLE) * WHOLE
        whole = abs(offset - nearest) <= SLACK + moment.ended - moment.began
        if moment.write or (base is None and whole):
            return moment.virtual + (nearest if whole else offset)
        return real  # read from something old, or at no whole distance: it does not move with the session

    def _earlier(self, real: int, moment: Moment, owner: str) -> int:
        """In a read, something made by an earlier write: the last that had begun by then. Beside other clients, the
        last one that touched the object, or else what was read."""
        begun = bisect_right(self._writes, (real, moment.virtual), key=_beginning)
        if moment.about is not None:
            for concerned in (frozenset((owner,)), moment.about):
                for place in reversed(range(begun)):
                    if self._writes[place].touches & concerned:
                        return self._writes[place].virtual
        return self._writes[begun - 1].virtual if begun else moment.epoch

    def means(self, virtual: int) -> bool:
        """Whether that is the name of a time that some answer told."""
        return virtual in self._spans

    def is_counted(self, virtual: int) -> bool:
        """Whether a client may have counted that time in days from one that it was told."""
        return virtual % DAY in self._written_at or self.real(virtual) is not None

    def real(self, virtual: int, comparison: str = "") -> int | None:
        """The upstream's time for a virtual one that a client sends; None where it is no name of ours.

        Where several real seconds share the name, `comparison` (gt, gte, lt, lte or nothing) tells which one keeps
        the answer right: all of them belong together on one side of the bound.
        """
        span = self._spans.get(virtual)
        if span is not None:
            return span.last if comparison in ("gt", "lte") else span.first
        return self._answered.get(virtual) or self._at_whole_days(virtual)

    def _at_whole_days(self, virtual: int) -> int | None:
        """A time that the client counted in days, or within a week in hours, from one that it was told:
        `created + 30 * 86_400`."""
        base = self._by_second.get(virtual % DAY)
        if base is None and self._by_second:
            base = next((told for told in self._by_second.values() if _is_hours(virtual - told)), None)
        return self._spans[base].first + virtual - base if base is not None else None

    def _mean(self, virtual: int, real: int) -> None:
        span = self._spans.get(virtual)
        if span is None:
            self._spans[virtual] = _Span(real, real)
            if virtual != real:
                self._by_second.setdefault(virtual % DAY, virtual)
        elif not span.first <= real <= span.last:
            self._spans[virtual] = _Span(min(span.first, real), max(span.last, real))


def _is_hours(distance: int) -> bool:
    return distance % HOUR == 0 and abs(distance) <= 7 * DAY


def _beginning(write: _Write) -> tuple[int, int]:
    return write.began, write.virtual
