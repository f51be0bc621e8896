"""What a client's time was counted from: from now, from a time that it was told, or from nothing at all."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from replayer.core.client.candidates import Candidate
from replayer.core.clock.relative import DAY, HOUR, MINUTE, Meant, Now, meanings
from replayer.core.matching.index import Entry
from replayer.core.message.instants import Instant, read_any, read_day


@dataclass(frozen=True, slots=True)
class Moments:
    """What both sides may take for now: the client as it asks, by a clock that goes or by the `virtual` one that
    stands; and the one who asked what was recorded. `told` knows the times that answers have told of, `counted` those
    that may be counted in days from these. `shift` is how much later the client is told that it is than it was
    recorded, in seconds; `free` tells whether a recorded request has not been asked yet.
    """

    real: Now
    virtual: Now
    then: Callable[[Candidate | None], Now]
    told: Callable[[int], bool]
    counted: Callable[[int], bool]
    shift: int = 0
    free: Callable[[Entry], bool] = lambda _: True


def seconds_of(text: str) -> Instant | None:
    """The time that a hole holds."""
    return read_any(text, quoted=True) or read_day(text)


def same_time(live: str, recorded: str, moments: Moments, then: Now) -> bool:
    """Whether two times mean the same, each at its own moment."""
    one, other = seconds_of(live), seconds_of(recorded)
    if one is None or other is None:
        return False
    if moments.shift and one.seconds - moments.shift == other.seconds:
        return True
    if moments.counted(one.seconds):  # what is counted from what was told is no distance from now
        return False
    meant = meanings(one.seconds, moments.real) | meanings(one.seconds, moments.virtual)
    return bool(meant & meanings(other.seconds, then))


def meant_by(text: str, recorded: str, moments: Moments) -> Meant | None:
    """What a live time means, in real seconds; None where it is a name, or means no moment but itself."""
    live, written = seconds_of(text), seconds_of(recorded)
    if live is None or written is None or moments.told(live.seconds) or moments.counted(live.seconds):
        return None
    at, *others = (*moments.real.seconds, *moments.virtual.seconds)
    if meanings(live.seconds, Now((at,), moments.real.offsets)):
        return Meant(live.seconds, live.seconds, written.seconds)
    for other in others:
        if meanings(live.seconds, Now((other,), moments.real.offsets)):  # the client's own clock is set to another day
            return Meant(live.seconds, live.seconds - other + at, written.seconds)
    return None


def is_counted(seconds: int, epoch: int, last: int, real: Now) -> bool:
    """Whether a time was counted from a virtual one between those two, rather than from now. In seconds, up to a
    minute: the nearer one tells. In days or hours: the larger unit tells, then the smaller number of them."""
    found = meanings(seconds, real)
    distances = [meaning[1] for meaning in found if meaning[0] == "now"]
    beside = max(seconds - last, epoch + 1 - seconds)
    if 0 < beside <= MINUTE and len(distances) == len(found) and beside < min(map(abs, distances), default=DAY):
        return True  # the start or the end of something it would be by no chance
    told = []
    for unit, reach in ((DAY, inf), (HOUR, 7 * DAY)):
        number, behind = divmod(seconds - epoch, unit)
        if 0 < behind <= last - epoch < unit and abs(number * unit) <= reach:
            told.append((-unit, abs(number)))
    from_now = [(-unit, abs(off) // unit) for off in distances for unit in (_unit(off),)]
    return bool(told) and min(told) <= min(from_now, default=(1, 0))


def _unit(distance: int) -> int:
    return next((unit for unit in (DAY, HOUR) if distance % unit == 0), 1)
