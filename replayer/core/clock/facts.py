"""The virtual clock. It starts at the cassette's epoch and moves one second with each write; nothing else moves it.

A time is named as a fact: this field of this object. First seen, it takes the virtual time of the request that made
it; seen again unchanged it keeps it. So the same recording has the same times, however long its requests took and
wherever the upstream's seconds happened to change.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from replayer.core.clock.relative import DAY, HOUR, MINUTE

SLACK = 1  # seconds by which an upstream may round its own clock
WHOLE = MINUTE  # an offset within a second or so of whole minutes was meant to be whole

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
    about: tuple[frozenset[str], ...] = ()  # what it is about: writes that touch this may have made what it shows
    alone: bool = True  # no other client is at work: what a read shows need not be named by what made it


@dataclass(frozen=True, slots=True)
class _WriteMoment:
    began: int
    ended: int
    virtual: int
    touches: frozenset[str]


@dataclass(frozen=True, slots=True)
class _RealSpan:
    """The real times that one virtual second stands for."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Birth:
    """When the object that a time belongs to was made; `standing` tells that it is older than the session."""

    real: int
    virtual: int
    standing: bool


@dataclass(frozen=True, slots=True)
class _Sight:
    """One time as it is met: see `Clock.name`. `old` tells that it lies before the session, `birth` that an object was
    made then."""

    fact: Fact
    real: int
    moment: Moment
    base: Birth | None
    source: Fact | None
    key: str
    old: bool
    birth: bool


@dataclass(frozen=True, slots=True)
class ClockState:
    """What the clock of one recording knows, for another session over the same cassette.

    `start` is the real time at which the session began, in seconds since 1970, `written` the one before which none of
    its writes had begun, None where it wrote nothing. `facts` are (owner's alias, place, real time, virtual time);
    `spans` are (virtual second, first and last real one); `answered` are (virtual second, when it was first answered).
    """

    start: int
    written: int | None = None
    facts: tuple[tuple[str, str, int, int], ...] = ()
    spans: tuple[tuple[int, int, int], ...] = ()
    answered: tuple[tuple[int, int], ...] = ()


class FactClock:
    """Virtual time of one session: names the upstream's times, and finds the real ones for names that clients send."""

    def __init__(self) -> None:
        self._start: int | None = None
        self._written: int | None = None  # before that no write of this session had begun
        self._standing: set[Fact] = set()  # the births that were before it
        self._facts: dict[Fact, tuple[int, int]] = {}
        self._former: dict[tuple[Fact, int], int] = {}  # of facts that have changed, what they were called before
        self._ahead: dict[tuple[Fact, int], int] = {}  # what events alone have told
        self._spans: dict[int, _RealSpan] = {}
        self._called: dict[int, int] = {}  # of real times, what an answer last called each
        self._by_second: dict[int, int] = {}  # of virtual seconds, the first one at each second of the day
        self._answered: dict[int, int] = {}  # for names that stand at no fact: when that second was first answered
        self._writes: list[_WriteMoment] = []  # in the order in which they began
        self._longest = 0  # the real seconds that the slowest of them took
        self._written_at: set[int] = set()  # the seconds of the day in virtual time

    def __repr__(self) -> str:
        return f"<Clock {len(self._writes)} writes, {len(self._facts)} facts>"

    def open(self, real: int) -> None:
        """The session began at that real time: what is older than that is old. Only the first call counts."""
        if self._start is None:
            self._start = real - SLACK

    def open_writes(self, real: int) -> None:
        """The first write of the session left at that real time: nothing older is its work. Only the first call
        counts."""
        if self._written is None:
            self._written = real - SLACK

    def enter(self, moment: Moment) -> None:
        """Take note of an exchange before its times are named."""
        self.open(moment.began)
        if moment.write:
            self.open_writes(moment.began)
        self._answered.setdefault(moment.virtual, moment.ended)

    def wrote(self, moment: Moment, touches: frozenset[str] = frozenset()) -> None:
        """That exchange was a write, and touched these."""
        write = _WriteMoment(moment.began, moment.ended, moment.virtual, touches)
        self._longest = max(self._longest, moment.ended - moment.began)
        self._writes.insert(bisect_right(self._writes, _beginning(write), key=_beginning), write)
        self._written_at.add(moment.virtual % DAY)

    def state(self) -> ClockState | None:
        """What it knows; None before the session began."""
        if self._start is None:
            return None
        return ClockState(
            start=self._start,
            written=self._written,
            facts=tuple((*fact, real, virtual) for fact, (real, virtual) in self._facts.items()),
            spans=tuple((virtual, span.first, span.last) for virtual, span in self._spans.items()),
            answered=tuple(self._answered.items()),
        )

    def restore(self, state: ClockState) -> None:
        """Know again what an earlier recording knew: what was made in it is not old."""
        self._start, self._written = state.start, state.written
        self._facts = {(owner, place): (real, virtual) for owner, place, real, virtual in state.facts}
        self._standing = {
            fact for fact, (real, virtual) in self._facts.items() if real == virtual and self._is_before_writes(real)
        }
        self._answered = dict(state.answered)
        known = [_WriteMoment(ended, ended, virtual, frozenset()) for virtual, ended in state.answered]
        self._writes = sorted(known, key=_beginning)
        for virtual, first, last in state.spans:
            self._mean(virtual, first)
            self._mean(virtual, last)

    def rename(self, old: str, new: str) -> None:
        """What was known of an object under its old name is known under the new one."""
        for fact in [fact for fact in self._facts if fact[0] == old]:
            self._facts[new, fact[1]] = self._facts.pop(fact)
        self._standing |= {(new, place) for owner, place in self._standing if owner == old}

    def is_old(self, real: int) -> bool:
        """Whether a real time lies before this session."""
        return self._start is not None and real < self._start

    def _is_before_writes(self, real: int) -> bool:
        return self._written is None or real < self._written

    def is_standing(self, birth: Fact, real: int, *, existed: bool) -> bool:
        """Whether an object that was born then is older than the session. `existed` tells that it cannot have been made
        by the very read that shows it: then only a write can have, however young it is."""
        if self.known(birth, real) is not None:
            return birth in self._standing
        return self.is_old(real) or (existed and self._is_before_writes(real))

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
        base: Birth | None = None,
        standing: bool | None = None,
        source: Fact | None = None,
        moves: bool = False,
        past: bool = False,
        earlier: int | None = None,
        key: str = "",
    ) -> int:
        """The virtual time for a real one that stands at that fact.

        `base` is the birth of the object, from which future times count; where this time is that birth, `standing`
        tells whether the object is older than the session. `source` is the fact that this one is a copy of. `moves`
        tells that a write sets it anew, even if within one second nobody can see it, `past` that an event tells it:
        things may be otherwise by now, or nobody may have been told yet. `earlier` is the name that an earlier
        recording has there: it stays where only a second's chance speaks against. `key` names the field: what the
        client wrote in a field of that name is echoed there, and nowhere else.
        """
        old = standing or self.is_old(real) or (base is not None and base.standing and base.real == real)
        sight = _Sight(fact, real, moment, base, source, key, old, standing is not None)
        virtual = self.known(fact, real)
        if virtual is None:
            virtual = self._ahead.get((fact, real))
        if past:
            virtual = self._former.get((fact, real)) if virtual is None else virtual
            if virtual is not None and virtual > moment.virtual and real <= moment.ended + SLACK:
                virtual = moment.virtual  # a later write set it anew in that second: this event tells of the one before
        elif moves and moment.write and abs(moment.ended - real) <= SLACK + moment.ended - moment.began:
            virtual = None
        if virtual is None:
            virtual = self._first(sight)
        if earlier is not None and earlier != virtual and self._may_be(earlier, sight):
            virtual = earlier
        if standing:
            self._standing.add(fact)
        self._keep(fact, real, virtual, past=past)
        self._mean(virtual, real)
        return virtual

    def _keep(self, fact: Fact, real: int, virtual: int, *, past: bool) -> None:
        last = self._facts.get(fact)
        if past and last is not None:
            if last[0] != real:
                self._ahead.setdefault((fact, real), virtual)
            return
        if last is not None and last[0] != real:
            self._former[fact, last[0]] = last[1]
        self._facts[fact] = (real, virtual)

    def _may_be(self, earlier: int, sight: _Sight) -> bool:
        """Whether a real time may have that name as well, but for a second by which somebody rounded."""
        real, moment, base = sight.real, sight.moment, sight.base
        if earlier == real:
            return True  # it stood for itself, and has not moved
        if sight.old:
            return False
        if moment.write and earlier == moment.virtual and self.known(sight.fact, real) is None:
            return True  # that write told it first then, too, and perhaps in one second with what had made it
        span, answered = self._spans.get(earlier), self._answered.get(earlier)
        if span is not None and span.first - SLACK <= real <= span.last + SLACK:
            return True
        if answered is not None and abs(answered - real) <= SLACK:
            return True
        if real <= moment.ended + SLACK:
            return False
        distances = [real - moment.ended + moment.virtual]  # times to come are told by their distance
        distances += [real - base.real + base.virtual] if base else []
        distances += [
            written for (name, sent), written in moment.sent.items() if name == sight.key and abs(sent - real) <= SLACK
        ]
        return any(abs(distance - earlier) <= SLACK + moment.ended - moment.began for distance in distances)

    def _first(self, sight: _Sight) -> int:
        real, moment, source = sight.real, sight.moment, sight.source
        if (sight.key, real) in moment.sent:
            return moment.sent[sight.key, real]
        if source is not None and (copied := self.known(source, real)) is not None:
            return copied
        if sight.old:
            return real
        if real > moment.ended + SLACK:
            return self._future(sight)
        if moment.write and (sight.birth or real >= moment.began or self._is_apart(sight.base)):
            return moment.virtual
        if sight.base is not None and sight.base.real == real:
            return sight.base.virtual  # it has not been changed since its object was made
        return self._earlier(sight)

    def minted(self, real: int, moment: Moment) -> int:
        """The virtual second of something minted at that real one in this session, wherever it is told first."""
        return self._first(_Sight(("", ""), real, moment, None, None, "", False, True))

    def _is_apart(self, base: Birth | None) -> bool:
        """Whether the upstream has two clocks: an object was born at another time than its write was answered."""
        if base is None or base.standing:
            return False
        return abs(self._answered.get(base.virtual, base.real) - base.real) > SLACK

    def _future(self, sight: _Sight) -> int:
        real, moment, base = sight.real, sight.moment, sight.base
        if base is not None and not base.standing:
            return base.virtual + real - base.real
        offset = real - moment.ended
        nearest = round(offset / WHOLE) * WHOLE
        whole = abs(offset - nearest) <= SLACK + moment.ended - moment.began
        if sight.birth and not moment.write:
            nearest = offset  # nobody asked for it to be whole: the clock of that object is another one
        if moment.write or (base is None and whole):
            return moment.virtual + (nearest if whole else offset)
        return real  # read from something old, or at no whole distance: it does not move with the session

    def _earlier(self, sight: _Sight) -> int:
        """Something made by an earlier write: one that was under way then, if it can be, and that names the object, or
        else what is asked. A birth is from the first of these, any other time from the last. Where nothing names it
        and nobody else is at work, the last write that had begun; in the answer to a write that one itself."""
        moment = sight.moment
        begun = bisect_right(self._writes, (sight.real, moment.virtual), key=_beginning)
        under_way = list(self._under_way(begun, sight.real))
        concerned = (frozenset((sight.fact[0],)), *moment.about)
        for names in concerned:
            if found := [write for write in under_way if write.touches & names]:
                return _likeliest(found, sight.real, first=sight.birth)
        if moment.write:
            return moment.virtual
        base = sight.base
        if base is not None and base.standing and base.real != sight.real and (sight.real - base.real) % HOUR == 0:
            return sight.real  # whole hours from when something old was made: that it is now is chance
        if not moment.alone:
            for names in concerned:
                for place in reversed(range(begun)):
                    if self._writes[place].touches & names:
                        return self._writes[place].virtual
        elif under_way:
            return _likeliest(under_way, sight.real, first=False)
        return self._writes[begun - 1].virtual if begun else moment.epoch

    def _under_way(self, begun: int, real: int) -> Iterator[_WriteMoment]:
        """Of the first so many writes those that the upstream may have been at work on in that second, latest first."""
        for place in reversed(range(begun)):
            write = self._writes[place]
            if write.began + self._longest < real:
                return
            if write.ended >= real:
                yield write

    def called(self, real: int) -> int | None:
        """What an answer last called that real time; None where none told of it."""
        return self._called.get(real)

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
        return self._answered.get(virtual) or self._at_whole_days(virtual) or self._beside(virtual)

    def _at_whole_days(self, virtual: int) -> int | None:
        """A time that the client counted in days, or within a week in hours, from one that it was told:
        `created + 30 * 86_400`."""
        base = self._by_second.get(virtual % DAY)
        if base is None and self._by_second:
            base = next((second for second in self._by_second.values() if _is_hours(virtual - second)), None)
        return self._spans[base].first + virtual - base if base is not None else None

    def _beside(self, virtual: int) -> int | None:
        """A time that the client counted in seconds from one that it was told: as far from that, and still before what
        comes next."""
        below = max((second for second in self._spans if 0 < virtual - second <= MINUTE), default=None)
        above = min((second for second in self._spans if 0 < second - virtual <= MINUTE), default=None)
        if below is None:
            return None if above is None else self._spans[above].first - above + virtual
        last = self._spans[below].last
        following = last + virtual - below
        return following if above is None else max(last, min(following, self._spans[above].first - 1))

    def _mean(self, virtual: int, real: int) -> None:
        self._called[real] = virtual
        span = self._spans.get(virtual)
        if span is None:
            self._spans[virtual] = _RealSpan(real, real)
            if virtual != real:
                self._by_second.setdefault(virtual % DAY, virtual)
        elif not span.first <= real <= span.last:
            self._spans[virtual] = _RealSpan(min(span.first, real), max(span.last, real))


def _is_hours(distance: int) -> bool:
    return distance % HOUR == 0 and abs(distance) <= 7 * DAY


def _beginning(write: _WriteMoment) -> tuple[int, int]:
    return write.began, write.virtual


def _likeliest(writes: Sequence[_WriteMoment], real: int, *, first: bool) -> int:
    """Which of some writes, latest first, made a time: of those that ended in its second, since most are short, the
    first or the last."""
    short = [write for write in writes if write.ended == real] or writes
    return short[-1 if first else 0].virtual
