"""The time of one session, which everything in it shares: where virtual time starts, how far it has come, and how much
later the client is shown that it is. Real time is passed in, always.

real        ... at ...                                   when a request was asked, by the proxy's clock
virtual     epoch ----- now ----- last recorded          moved on by what is recorded or played
shown       epoch + shift ...                            the same as the client sees it
"""

from collections.abc import Iterable
from dataclasses import dataclass

from replayer.core.clock.facts import FactClock
from replayer.core.clock.relative import WRITTEN_AT, Now, is_counted
from replayer.core.message import instants


class SessionClock:
    """`epoch` is None as long as nothing tells where virtual time starts. `ticks` is how many seconds behind it a
    session begins, `last_recorded` the latest second that its cassette holds. `offsets` are the client's offsets from
    UTC, in seconds. `shifted_to` is the real time that the epoch is shown as, None to show times as recorded."""

    def __init__(
        self,
        epoch: int | None = None,
        *,
        ticks: int = 0,
        last_recorded: int | None = None,
        offsets: Iterable[int] = (),
        shifted_to: int | None = None,
    ) -> None:
        self.epoch = epoch
        self.facts = FactClock()  # what the upstream's own times are called
        self._last_recorded, self._shifted_to = last_recorded, shifted_to
        self._offsets = tuple(dict.fromkeys((0, *offsets)))
        self.now: int | None = None if epoch is None else epoch + ticks

    def __repr__(self) -> str:
        return f"<SessionClock {self.now} since {self.epoch}>"

    def start(self, real: float) -> int:
        """The epoch; the midnight before that real time where there was none."""
        if self.epoch is None:
            self.epoch = instants.midnight(real)
            self.reach(self.epoch)
        return self.epoch

    def reach(self, second: int) -> None:
        """Virtual time has come that far. It never goes back."""
        self.now = second if self.now is None else max(self.now, second)

    @property
    def last(self) -> int:
        """The latest virtual second of the cassette or of this session; 0 where nothing tells any."""
        return max(self._last_recorded or 0, self.now or 0)

    @property
    def shift(self) -> int:
        """How much later it is for the client than it was recorded, in seconds."""
        return 0 if self._shifted_to is None or self.epoch is None else self._shifted_to - self.epoch

    @property
    def shown(self) -> int | None:
        """The virtual time as the client is shown it."""
        return None if self.now is None else self.now + self.shift

    def asked(self, at: float, clock: float | None = None) -> "Asked":
        """The moment of a request that arrived at that real time. `clock` is what its client takes for now, if somebody
        has set the clock that it looks at."""
        return Asked(self, self._moments(at, clock), self._moments(self.shown, self.now))

    def recorded(self, date: int | None) -> Now:
        """When a recorded request was asked: what it counts from now counts from the epoch. In a cassette of another
        tool, which has none, from the date of its answer."""
        if self.epoch is not None:
            return Now((self.epoch + WRITTEN_AT,), self._offsets, exact=True)
        return Now(() if date is None else (date,), self._offsets)

    def _moments(self, *moments: float | None) -> Now:
        present = (int(moment) for moment in moments if moment is not None)
        return Now(tuple(dict.fromkeys(present)), self._offsets)


@dataclass(frozen=True, slots=True)
class Asked:
    """What both sides may take for now as a client asks: it, by a clock that goes (`real`) or by the virtual one that
    stands (`virtual`)."""

    clock: SessionClock
    real: Now
    virtual: Now

    def is_shown(self, seconds: int) -> bool:
        """Whether that is a virtual time that an answer has shown."""
        return self.clock.facts.means(seconds)

    def is_counted(self, seconds: int) -> bool:
        """Whether the client counted that time from a virtual one that it was shown, and not from now."""
        if self.clock.epoch is None:
            return self.clock.facts.is_counted(seconds)
        return is_counted(seconds, self.clock.epoch, self.clock.last, self.real)
