"""What a time means that a program counts from now: `now-30d`, the start of the month. Two runs that mean the same
write different seconds; here they are the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, inf

MINUTE, HOUR, DAY = 60, 3600, 86_400
# A program looks at its clock before it sends a request, sometimes long before: the offset may be that much too early,
# and by a second too late. Small units are only believed near by, where they are meant.
UNITS = ((DAY, 300, inf), (HOUR, 30, 7 * DAY), (MINUTE, 2, DAY))
EARLY = 1  # seconds by which clocks may differ
# Where we write down what is counted from now, seconds behind the epoch: no whole distance from there is the start or
# the end of anything, or a time that the first writes have.
WRITTEN_AT = 12 * HOUR - 1
Meaning = tuple[str, int]
"""`("now", -2592000)` is now-30d in seconds; `("month", 0)` the start of this month, `("month end", -1)` the last
second of the one before; so with day, week and year."""


@dataclass(frozen=True, slots=True)
class Now:
    """Moments that a program may take for now, in seconds since 1970, and the offsets from UTC that its calendar may
    have, in seconds. `exact` tells that times were counted from just these, as we write them down."""

    seconds: tuple[int, ...]
    offsets: tuple[int, ...] = (0,)
    exact: bool = False


def meanings(seconds: int, now: Now) -> frozenset[Meaning]:
    """All that a time can mean at that moment; none for most."""
    return frozenset(meaning for base in now.seconds for meaning in _meanings(seconds, base, now))


def _meanings(seconds: int, base: int, now: Now) -> Iterator[Meaning]:
    offsets = now.offsets
    # The same time of the day in a zone with summer time is an hour off from whole days.
    for change in {one - other for one in offsets for other in offsets if one and other} | {0}:
        for meaning in _distances(seconds - base + change, days_only=change != 0):
            near = change != 0 and abs(meaning[1]) < 7 * DAY  # an hour off from now is an hour off
            if not near and (not now.exact or meaning[1] == seconds - base):
                yield meaning
    for offset in offsets:
        yield from _calendar(seconds + offset, base + offset, "")
        yield from _calendar(seconds + offset + 1, base + offset, " end")


def _distances(distance: int, *, days_only: bool) -> Iterator[Meaning]:
    for unit, lag, reach in UNITS[:1] if days_only else UNITS:
        whole = ceil((distance - EARLY) / unit) * unit
        if whole - distance <= lag and abs(whole) <= reach:
            yield "now", whole


def _calendar(local: int, base: int, end: str) -> Iterator[Meaning]:
    """What starts at a local time, seen from another one: the day after yesterday's end is today."""
    if local % DAY:
        return
    there, here = _day(local), _day(base)
    late = 1 if end else 0
    yield "day" + end, (there - here).days - late
    if there.weekday() == 0:
        yield "week" + end, (there - here + timedelta(here.weekday())).days // 7 - late
    if there.day == 1:
        yield "month" + end, _months(there) - _months(here) - late
        if there.month == 1:
            yield "year" + end, there.year - here.year - late


def meant(meaning: Meaning, base: int) -> int:
    """The time that has that meaning at that moment, by UTC."""
    unit, _, end = meaning[0].partition(" ")
    count = meaning[1] + (1 if end else 0)
    today = _day(base)
    match unit:
        case "now":
            return base + meaning[1]
        case "day":
            start = today + timedelta(count)
        case "week":
            start = today - timedelta(today.weekday()) + timedelta(7 * count)
        case "month":
            months = _months(today) + count
            start = today.replace(year=months // 12, month=months % 12 + 1, day=1)
        case _:
            start = today.replace(year=today.year + count, month=1, day=1)
    return int(start.timestamp()) - (1 if end else 0)


def spoken(meaning: Meaning) -> str:
    """That in words: `now-30d`, `start of month-1`, `end of day`."""
    unit, count = meaning
    kind, _, end = unit.partition(" ")
    if kind != "now":
        return f"{'end' if end else 'start'} of {kind}" + (f"{count:+d}" if count else "")
    if not count:
        return "now"
    size, letter = next((size, letter) for size, letter in ((DAY, "d"), (HOUR, "h"), (1, "s")) if count % size == 0)
    return f"now{count // size:+d}{letter}"


def likeliest(found: frozenset[Meaning]) -> Meaning:
    """The one to write down: the largest unit of the calendar that starts or ends there, for that is no chance; else a
    distance."""
    order = ("year", "month", "week", "day", "year end", "month end", "week end", "day end", "now")
    return min(found, key=lambda meaning: (order.index(meaning[0]), abs(meaning[1]), meaning[1]))


def _day(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds // DAY * DAY, UTC)


def _months(day: datetime) -> int:
    return day.year * 12 + day.month - 1


@dataclass(frozen=True, slots=True)
class Meant:
    """A time that a client counted from now, in seconds since 1970: as it wrote it, as the upstream is to be asked, and
    as it is written down."""

    live: int
    real: int
    written: int


def is_counted(seconds: int, epoch: int, last: int, real: Now) -> bool:
    """Whether a time was counted from a virtual one between those two, rather than from now. In seconds, up to a
    minute: the nearer one tells. In days or hours: the larger unit tells, then the smaller number of them."""
    found = meanings(seconds, real)
    distances = [meaning[1] for meaning in found if meaning[0] == "now"]
    beside = max(seconds - last, epoch + 1 - seconds)
    if 0 < beside <= MINUTE and len(distances) == len(found) and beside < min(map(abs, distances), default=DAY):
        return True  # the start or the end of something it would be by no chance
    counted = []
    for unit, reach in ((DAY, inf), (HOUR, 7 * DAY)):
        number, behind = divmod(seconds - epoch, unit)
        if 0 < behind <= last - epoch < unit and abs(number * unit) <= reach:
            counted.append((-unit, abs(number)))
    from_now = [(-unit, abs(off) // unit) for off in distances for unit in (_unit_of(off),)]
    return bool(counted) and min(counted) <= min(from_now, default=(1, 0))


def _unit_of(distance: int) -> int:
    return next((unit for unit in (DAY, HOUR) if distance % unit == 0), 1)
