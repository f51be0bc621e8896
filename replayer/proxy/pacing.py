"""When the next request may leave for one upstream: all sessions of this process ask here, in whatever thread they run.

A 429 says that the upstream answered nothing, only that it was asked too much just now: chance, which no recording may
hold (law 2), and which a client would see while recording and never on replay (law 1). So whoever got one waits, and
all others with him; then the same request leaves again, and its client is told the one answer that there is.
"""

import asyncio
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from threading import Lock

from replayer.core.message import wire

LIMITED = 429
FIRST = 0.5  # seconds until it is tried again where nobody says when; the double each time
TRIES = 5  # so many times: then it is no moment's trouble, but perhaps a quota that is used up
LEAST = 0.05  # seconds, also where "0" is said: nobody is asked as fast as the machine can
SLOWEST = 1.0  # seconds between two requests, however often the upstream says no
STEP = 0.02  # what there is between two of them after the first time
FASTER = 0.8  # of that after each answer
MOST = 256  # upstreams that are remembered: each embedded sandbox is one


def told_wait(headers: wire.Headers, now: float) -> float | None:
    """The seconds that an answer says to wait: `Retry-After-Ms` or `Retry-After`, which is seconds or a date (RFC 9110,
    10.2.3), counted from the answer's own `Date`, else from now. None where it says nothing that can be read."""
    found = {name.lower(): value.strip() for name, value in headers}
    milliseconds = _number(found.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = found.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return seconds
    until, since = _date(text), _date(found.get("date", ""))
    return None if until is None else max(0.0, until - (now if since is None else since))


def _number(text: str) -> float | None:
    is_number = text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) <= len("1000000000.000")
    return float(text) if is_number else None


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def may_come_again(headers: wire.Headers) -> bool:
    """Whether whoever was told 429 may ask again: some APIs say that it will not help."""
    words = {
        value.strip().lower() for name, value in headers if name.lower() in ("stripe-should-retry", "x-should-retry")
    }
    return "false" not in words


def wait_for(told: float | None, tries: int, left: float) -> float | None:
    """How many seconds to wait before a request leaves again that was told 429 so many times, if `left` are as many as
    may be waited; None where it is to be given up."""
    if told is None and tries > TRIES:
        return None
    wait = max(FIRST * 2 ** (tries - 1) if told is None else told, LEAST * 2 ** min(tries - 1, TRIES))
    return wait if wait <= left else None


class Pace:
    """How fast one upstream is asked. It is as fast as anybody likes, until it says no, or a rate is set."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._next = self._held = clock()  # when the next one may leave, and until when nobody may
        self._gap = 0.0

    def __repr__(self) -> str:
        return f"<Pace {self._gap:g} s apart>"

    def place(self, rate: float = 0.0) -> float:
        """The seconds until a request may leave, whose place that is from now on. `rate` is how many may in a second, 0
        for any number."""
        with self._lock:
            now = self._clock()
            at = max(now, self._next, self._held)
            self._next = at + max(self._gap, 1 / rate if rate else 0.0)
            return at - now

    @property
    def held(self) -> float:
        """For how many seconds from now on nobody may ask."""
        return max(0.0, self._held - self._clock())

    def hold(self, seconds: float) -> None:
        """Nobody asks for so long, and then one after the other."""
        with self._lock:
            if not self.held:  # else it is one of those that were under way already
                self._gap = min(max(self._gap * 2, STEP), SLOWEST)
            self._held = max(self._held, self._clock() + seconds)

    def answered(self) -> None:
        """The upstream had time for one."""
        if self._gap:
            with self._lock:
                self._gap = self._gap * FASTER if self._gap > STEP / 2 else 0.0

    async def turn(self, rate: float = 0.0) -> None:
        """Wait until a request may leave."""
        while (wait := self.place(rate)) > 0:
            await asyncio.sleep(wait)
            if not self.held:
                return


_paces: dict[str, Pace] = {}  # the one that was wanted last is the last
_paces_lock = Lock()


def pace_of(origin: str) -> Pace:
    """The one of an upstream, the same for all who ask it in this process: also for a session that begins when another
    one has ended."""
    with _paces_lock:
        found = _paces.pop(origin) if origin in _paces else Pace()
        _paces[origin] = found
        if len(_paces) > MOST:
            del _paces[next(iter(_paces))]
        return found
