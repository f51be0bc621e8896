"""Two clocks: the virtual one that a session shows, for programs that want to share it, and the real one, which goes on
though somebody has frozen the clock of this program.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from replayer.core.message import instants
from replayer.errors import UsageError


def unfrozen(start: float) -> Callable[[], float]:
    """The time in seconds since 1970, counted on from `start`, which is now, whatever is done to the wall clock."""
    began = time.monotonic()
    return lambda: start + time.monotonic() - began


class Clock:
    """What time it is in a session: it moves a second with each write, and stands still in between. `advance` is what
    lets time go by at its upstream."""

    def __init__(self, shown: Callable[[], int | None], advance: Callable[[int], Awaitable[None]]) -> None:
        self._shown, self._advance = shown, advance
        self._today = float(instants.midnight(time.time()))  # where the clock of a new cassette will start

    def __repr__(self) -> str:
        return f"<Clock {self.now().isoformat()}>"

    def time(self) -> float:
        """The virtual time in seconds since 1970, as `time.time()` would give it."""
        shown = self._shown()
        return self._today if shown is None else float(shown)

    def advance(self, seconds: int) -> Awaitable[None]:
        """Let so many seconds go by at the embedded sandbox that is recorded: what is to come by itself till then
        comes. On replay nothing is moved; what came of it is recorded.

        It is done when this returns; with `async with`, when it was awaited. UsageError where another upstream is
        recorded: its time is its own.
        """
        return self._advance(seconds)

    def now(self) -> datetime:
        """The virtual time as a datetime in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)


class Frozen:
    """Lets the clock of this program stand at the virtual time. UsageError where time-machine is not installed."""

    def __init__(self) -> None:
        try:
            import time_machine
        except ImportError:
            raise UsageError("The setting freeze needs time-machine. Install it: pip install time-machine.") from None
        self._machine = time_machine
        self._clock: Clock | None = None
        self._travel: time_machine.travel | None = None
        self._traveller: time_machine.Traveller | None = None

    def start(self, clock: Clock) -> None:
        self._clock = clock
        self._travel = self._machine.travel(clock.now(), tick=False)
        self._traveller = self._travel.start()

    def follow(self) -> None:
        """The virtual time may have moved."""
        if self._clock is not None and self._traveller is not None:
            self._traveller.move_to(self._clock.now())

    def stop(self) -> None:
        if self._travel is not None:
            self._travel.stop()
        self._travel = self._traveller = None
