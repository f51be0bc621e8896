"""How times are written: seconds or milliseconds since 1970, ISO 8601, HTTP dates. Read, and written back alike."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

ISO = re.compile(r"(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
HTTP_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
NUMBER = re.compile(r"[1-9][0-9]{8,12}")  # what no number would be written back as is none: 0171..., or other digits
SECONDS = range(100_000_000, 10_000_000_000)  # 1973 to 2286: smaller numbers are counts, other years mean "never"
MILLISECONDS = range(SECONDS.start * 1000, SECONDS.stop * 1000)


@dataclass(frozen=True, slots=True)
class Instant:
    """A time in whole seconds since 1970, and how to write another one the way that this one was written."""

    seconds: int
    write: Callable[[int], str]


def read_number(text: str) -> Instant | None:
    """A number that can be a time, or None. Fractions of a second are written as zeros."""
    if not NUMBER.fullmatch(text):
        return None
    number = int(text)
    if number in SECONDS:
        return Instant(number, str)
    if number in MILLISECONDS:
        return Instant(number // 1000, lambda seconds: str(seconds * 1000))
    return None


def read_iso(text: str) -> Instant | None:
    """An ISO 8601 time that is the whole text, or None. Without a zone it is taken as UTC."""
    match = ISO.fullmatch(text)
    if match is None:
        return None
    day, between, clock, fraction, zone = match.groups()
    try:
        offset = _offset(zone)
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=offset)
    except ValueError:  # the 31st of February, or a zone of 99 hours
        return None
    seconds = int(moment.timestamp())
    if seconds not in SECONDS:  # 9999-12-31 is no time that could be moved
        return None
    zeros = "." + "0" * (len(fraction) - 1) if fraction else ""

    def write(seconds: int) -> str:
        local = datetime.fromtimestamp(seconds, offset)
        return f"{local:%Y-%m-%d}{between}{local:%H:%M:%S}{zeros}{zone or ''}"

    return Instant(seconds, write)


def _offset(zone: str | None) -> timezone:
    if zone in (None, "Z"):
        return UTC
    sign = -1 if zone[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])))


def read_day(text: str) -> Instant | None:
    """A date without a time, or None: the midnight UTC that begins it."""
    instant = read_iso(f"{text}T00:00:00Z") if DAY.fullmatch(text) else None
    return instant and Instant(instant.seconds, lambda seconds: f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}")


def read_http_date(text: str) -> Instant | None:
    """An HTTP date, or None."""
    if not HTTP_DATE.fullmatch(text):
        return None
    try:
        return Instant(int(parsedate_to_datetime(text).timestamp()), http_date)
    except ValueError:
        return None


def http_date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def read_any(text: str, *, quoted: bool) -> Instant | None:
    """A time in any of the forms; a number only where it is not quoted, or nothing but digits."""
    return read_number(text) or (read_iso(text) or read_http_date(text) if quoted else None)


def iso(seconds: int) -> str:
    """`2026-11-22T00:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def midnight(seconds: float) -> int:
    """The UTC midnight before that time."""
    return int(seconds // 86_400 * 86_400)
