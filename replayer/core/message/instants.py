"""How times are written: seconds or milliseconds since 1970, ISO 8601, dates of mail and HTTP. Read, and written back
alike: what a spelling leaves out is left out again, and a fraction of a second is zeros.

1795350000  1795350000123  1795350000.5        a number, at a place that is known to hold times
2026-11-22T12:20:00Z  20261122T122000+0100     ISO 8601, extended or basic
Sun, 22 Nov 2026 12:20:00 +0000                mail (RFC 5322); with GMT an HTTP date
Sun Nov 22 12:20:00 +0000 2026                 as C and some JSON APIs print it
/Date(1795350000000+0000)/                     as .NET writes it into JSON
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

ZONE = r"Z|UTC|GMT|[+-]\d\d(?::?\d\d)?"
ISO = re.compile(
    rf"(\d{{4}})([-/]?)(\d\d)\2(\d\d)([T ])(\d\d)(:?)(\d\d)\7(\d\d)([.,]\d{{1,9}})?( ?)({ZONE})?", re.ASCII
)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY_NAME, MONTH, CLOCK = "|".join(DAYS), "|".join(MONTHS), r"(?P<clock>\d\d:\d\d:\d\d)"
MAIL = re.compile(
    rf"(?P<name>(?:{DAY_NAME}), )?(?P<day>\d{{1,2}}) (?P<month>{MONTH}) (?P<year>\d{{4}}) {CLOCK} (?P<zone>{ZONE})",
    re.ASCII,
)
PRINTED = re.compile(
    rf"(?P<name>{DAY_NAME}) (?P<month>{MONTH}) (?P<day>[ \d]\d) {CLOCK} (?P<zone>(?:{ZONE}) )?(?P<year>\d{{4}})",
    re.ASCII,
)
HTTP_DATE = re.compile(rf"(?:{DAY_NAME}), \d\d \w{{3}} \d{{4}} \d\d:\d\d:\d\d GMT")
DOTNET = re.compile(r"(/Date\()(\d{12,13})((?:[+-]\d{4})?\)/)", re.ASCII)
# What can be a time by its form alone, wherever it stands: one look tells of most texts that they are none.
SPELLED = re.compile(rf"\d{{4}}[-/]\d\d|\d{{8}}T\d|/Date\(\d|(?:{DAY_NAME}),? |\d{{1,2}} (?:{MONTH}) \d")
NUMBER = re.compile(r"[1-9][0-9]{8,12}")  # what no number would be written back as is none: 0171..., or other digits
FRACTION = re.compile(r"([1-9][0-9]{8,9})\.([0-9]{1,9})")
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


def _read_fraction(text: str) -> Instant | None:
    match = FRACTION.fullmatch(text)
    if match is None or int(match[1]) not in SECONDS:
        return None
    return Instant(int(match[1]), lambda seconds: f"{seconds}.{'0' * len(match[2])}")


def read_iso(text: str) -> Instant | None:
    """An ISO 8601 time that is the whole text, or None. Without a zone it is taken as UTC."""
    match = ISO.fullmatch(text)
    if match is None:
        return None
    year, dash, month, day, between, hour, colon, minute, second, fraction, space, zone = match.groups()
    if (dash == "") != (colon == "") or (between == " " and not dash) or (space and between == "T"):
        return None
    zeros = fraction[0] + "0" * (len(fraction) - 1) if fraction else ""

    def write(local: datetime) -> str:
        date = f"{local.year:04}{dash}{local:%m}{dash}{local:%d}"
        return f"{date}{between}{local:%H}{colon}{local:%M}{colon}{local:%S}{zeros}{space}{zone or ''}"

    return _instant(f"{year}-{month}-{day}T{hour}:{minute}:{second}", zone, write)


def _instant(naive: str, zone: str | None, write: Callable[[datetime], str]) -> Instant | None:
    """The instant of a local time of ISO 8601; `write` writes another local time of that zone."""
    try:
        offset = _offset(zone)
        moment = datetime.fromisoformat(naive).replace(tzinfo=offset)
    except ValueError:  # the 31st of February, or a zone of 99 hours
        return None
    seconds = int(moment.timestamp())
    if seconds not in SECONDS:  # 9999-12-31 is no time that could be moved
        return None
    return Instant(seconds, lambda other: write(datetime.fromtimestamp(other, offset)))


def _offset(zone: str | None) -> timezone:
    if zone in (None, "", "Z", "UTC", "GMT"):
        return UTC
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _read_named(text: str) -> Instant | None:
    """A date with the names of its day and its month, as mail and C write it; or None."""
    match = MAIL.fullmatch(text) or PRINTED.fullmatch(text)
    if match is None:
        return None
    name, zone, year = match["name"] or "", match["zone"] or "", match["year"]
    padding = "0" if match.re is MAIL else match["day"][0] if match["day"][0] == " " else "0"
    width = len(match["day"])

    def write(local: datetime) -> str:
        day = str(local.day).rjust(width, padding)
        called, month, clock = name and DAYS[local.weekday()], MONTHS[local.month - 1], f"{local:%H:%M:%S}"
        if match.re is MAIL:
            return f"{called and called + ', '}{day} {month} {local.year:04} {clock} {zone}"
        return f"{called} {month} {day} {clock} {zone}{local.year:04}"

    month = MONTHS.index(match["month"]) + 1
    return _instant(f"{year}-{month:02}-{int(match['day']):02}T{match['clock']}", zone.strip(), write)


def _read_dotnet(text: str) -> Instant | None:
    match = DOTNET.fullmatch(text)
    if match is None or int(match[2]) not in MILLISECONDS:
        return None
    return Instant(int(match[2]) // 1000, lambda seconds: f"{match[1]}{seconds * 1000}{match[3]}")


def read_day(text: str) -> Instant | None:
    """A date without a time, or None: the midnight UTC that begins it."""
    instant = read_iso(f"{text}T00:00:00Z") if DAY.fullmatch(text) else None
    return instant and Instant(instant.seconds, lambda seconds: f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}")


def read_http_date(text: str) -> Instant | None:
    """An HTTP date, or None."""
    return _read_named(text) if HTTP_DATE.fullmatch(text) else None


def http_date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def is_spelled(text: str) -> bool:
    """Whether a text looks like a time that is more than a number, wherever it stands."""
    return SPELLED.match(text) is not None


def read_spelled(text: str) -> Instant | None:
    """A time that is more than a number, in any of the forms."""
    return (read_iso(text) or _read_named(text) or _read_dotnet(text)) if is_spelled(text) else None


def read_any(text: str, *, quoted: bool) -> Instant | None:
    """A time in any of the forms; a number only where it is not quoted, or nothing but digits."""
    return read_number(text) or (read_spelled(text) if quoted else _read_fraction(text))


def iso(seconds: int) -> str:
    """`2026-11-22T00:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def midnight(seconds: float) -> int:
    """The UTC midnight before that time."""
    return int(seconds // 86_400 * 86_400)
