"""How times are written: seconds or milliseconds since 1970, ISO 8601, dates of mail and HTTP. Read, and written back
alike: what a spelling leaves out is left out again, and a fraction of a second is zeros.

1795350000  1795350000123  1795350000.5        a number, at a place that is known to hold times; also of micro- and
1795350000123456  1795350000123456789          nanoseconds
20261122122000                                 the same digits as in ISO 8601, at such a place
2026-11-22T12:20:00Z  20261122T122000+0100     ISO 8601, extended or basic; with the name of a zone behind it, too
Sun, 22 Nov 2026 12:20:00 +0000                mail (RFC 5322); with GMT an HTTP date
Sunday, 22-Nov-26 12:20:00 GMT                 the older one (RFC 850), and as cookies have it: Sun, 22-Nov-2026
22/Nov/2026:12:20:00 +0000                     as web servers log it
Sun Nov 22 12:20:00 +0000 2026                 as C and some JSON APIs print it
Sun Nov 22 2026 12:20:00 GMT+0000 (UTC)        as JavaScript does
/Date(1795350000000+0000)/                     as .NET writes it into JSON
11/22/2026 12:20:00 PM  22.11.2026 12:20       as people do (`written_times`)
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import lru_cache

from replayer.core.message import written_times

ZONE = r"Z|UTC|GMT|[+-]\d\d(?::?\d\d)?"
ISO = re.compile(
    rf"(\d{{4}})([-/]?)(\d\d)\2(\d\d)([Tt ])(\d\d)(:?)(\d\d)(?:\7(\d\d)([.,]\d{{1,9}})?)?( ?)({ZONE}|z)?"
    r"(\[[\w/+-]{1,40}\]| UTC)?",
    re.ASCII,
)
DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY_NAME, MONTH, CLOCK = "|".join(DAYS), "|".join(MONTHS), r"(?P<clock>\d\d:\d\d:\d\d)"
MAIL = re.compile(
    rf"(?P<name>(?:{DAY_NAME}|{'|'.join(LONG_DAYS)}), )?(?P<day>\d{{1,2}})(?P<dash>[ -])(?P<month>{MONTH})(?P=dash)"
    rf"(?P<year>\d{{4}}|\d\d) {CLOCK} (?P<zone>{ZONE})",
    re.ASCII,
)
PRINTED = re.compile(
    rf"(?P<name>{DAY_NAME}) (?P<month>{MONTH}) (?P<day>[ \d]\d) {CLOCK} (?P<zone>(?:{ZONE}) )?(?P<year>\d{{4}})",
    re.ASCII,
)
LOGGED = re.compile(rf"(?P<day>\d\d)/(?P<month>{MONTH})/(?P<year>\d{{4}}):{CLOCK} (?P<zone>[+-]\d{{4}})", re.ASCII)
SCRIPTED = re.compile(
    rf"(?P<name>{DAY_NAME}) (?P<month>{MONTH}) (?P<day>\d\d) (?P<year>\d{{4}}) {CLOCK} GMT(?P<zone>[+-]\d{{4}})"
    r"(?P<rest> \([\w ]{1,40}\))?",
    re.ASCII,
)
HTTP_DATE = re.compile(rf"(?:{DAY_NAME}), \d\d \w{{3}} \d{{4}} \d\d:\d\d:\d\d GMT")
DOTNET = re.compile(r"(/Date\()(\d{12,13})((?:[+-]\d{4})?\)/)", re.ASCII)
# What can be a time by its form alone, wherever it stands: one look tells of most texts that they are none.
SPELLED = re.compile(
    rf"\d{{4}}[-/]\d\d|\d{{8}}[Tt]\d|/Date\(\d|(?:{DAY_NAME})[a-z]{{0,6}},? |\d{{1,2}}[ /-](?:{MONTH})[ /-]\d"
    rf"|{written_times.LIKELY}"
)
# The same within a longer text, each by its own form: between what belongs to no time. Behind its `Z` one is over.
WITHIN = re.compile(
    r"(?<![\w.+-])(?<!\d:)(?:(?:"
    + "|".join(
        re.sub(r"\(\?P<\w+>", "(?:", each.pattern).replace("(?P=dash)", "[ -]")
        for each in (MAIL, PRINTED, LOGGED, SCRIPTED)
    )
    + rf"|\d{{4}}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{{1,9}})?|(?!:\d\d))(?: ?(?:{ZONE}|z))?"
    + rf"|\d{{8}}T\d{{6}}(?:{ZONE})?|{written_times.ANY}"
    r")(?!\w|:\d\d(?!\w))|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=\w))",
    re.ASCII,
)
NUMBER = re.compile(r"[1-9][0-9]{8,18}")  # what no number would be written back as is none: 0171..., or other digits
FRACTION = re.compile(r"([1-9][0-9]{8,9})\.([0-9]{1,9})")
WIDTHS = (3, 6, 7, 9)  # digits of a fraction: some APIs leave out zeros at its end, another number of them each time
SECONDS = range(100_000_000, 10_000_000_000)  # 1973 to 2286: smaller numbers are counts, other years mean "never"
MILLISECONDS = range(SECONDS.start * 1000, SECONDS.stop * 1000)
# Of these only what is of this century: in older ones they are numbers of milliseconds.
FINER = {10**6: range(10**15, SECONDS.stop * 10**6), 10**9: range(10**18, SECONDS.stop * 10**9)}


@dataclass(frozen=True, slots=True)
class Instant:
    """A time in whole seconds since 1970, and how to write another one the way that this one was written. So many
    seconds, the `unit`, are written alike."""

    seconds: int
    write: Callable[[int], str]
    unit: int = 1


def read_number(text: str) -> Instant | None:
    """A number that can be a time, or None. Fractions of a second are written as zeros."""
    if not NUMBER.fullmatch(text):
        return None
    number = int(text)
    if number in SECONDS:
        return Instant(number, str)
    if number in MILLISECONDS:
        return Instant(number // 1000, lambda seconds: str(seconds * 1000))
    unit = next((unit for unit, numbers in FINER.items() if number in numbers), None)
    return Instant(number // unit, lambda seconds: str(seconds * unit)) if unit else None


def _read_digits(text: str) -> Instant | None:
    """`20261122122000`, or None."""
    match = DIGITS.fullmatch(text)
    if match is None:
        return None
    return _instant("{}-{}-{}T{}:{}:{}".format(*match.groups()), "", lambda local: f"{local:%Y%m%d%H%M%S}")


def _read_fraction(text: str) -> Instant | None:
    match = FRACTION.fullmatch(text)
    if match is None or int(match[1]) not in SECONDS:
        return None
    return Instant(int(match[1]), lambda seconds: f"{seconds}.0")  # who writes floats leaves zeros out


def read_iso(text: str) -> Instant | None:
    """An ISO 8601 time that is the whole text, or None. Without a zone it is taken as UTC."""
    match = ISO.fullmatch(text)
    if match is None:
        return None
    year, dash, month, day, between, hour, colon, minute, second, fraction, space, zone, named = match.groups()
    if (dash == "") != (colon == "") or (between == " " and not dash) or (space and between != " "):
        return None
    width = next((width for width in WIDTHS if fraction and len(fraction) - 1 <= width), 0)
    zeros = fraction[0] + "0" * width if fraction else ""

    def write(local: datetime) -> str:
        date = f"{local.year:04}{dash}{local:%m}{dash}{local:%d}"
        clock = f"{local:%H}{colon}{local:%M}" + (f"{colon}{local:%S}" if second else "")
        return f"{date}{between}{clock}{zeros}{space}{zone or ''}{named or ''}"

    unit = 1 if second else written_times.MINUTE
    return _instant(f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}", zone, write, unit)


def _instant(naive: str, zone: str | None, write: Callable[[datetime], str], unit: int = 1) -> Instant | None:
    """The instant of a local time of ISO 8601; `write` writes another local time of that zone."""
    try:
        offset = _offset(zone)
        moment = datetime.fromisoformat(naive).replace(tzinfo=offset)
    except ValueError:  # the 31st of February, or a zone of 99 hours
        return None
    seconds = int(moment.timestamp())
    if seconds not in SECONDS:  # 9999-12-31 is no time that could be moved
        return None
    return Instant(seconds, lambda other: write(datetime.fromtimestamp(other, offset)), unit)


def _offset(zone: str | None) -> timezone:
    if zone in (None, "", "Z", "z", "UTC", "GMT"):
        return UTC
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _read_named(text: str) -> Instant | None:
    """A date with the names of its day and its month, as mail and C write it; or None."""
    match = next(filter(None, (form.fullmatch(text) for form in (MAIL, PRINTED, LOGGED, SCRIPTED))), None)
    if match is None:
        return None
    parts = match.groupdict()
    name, zone, year = parts.get("name") or "", parts["zone"] or "", parts["year"]
    days = LONG_DAYS if len(name) > len("Mon, ") else DAYS
    width, padding = len(parts["day"]), " " if parts["day"].startswith(" ") else "0"

    def write(local: datetime) -> str:
        day, month, clock = str(local.day).rjust(width, padding), MONTHS[local.month - 1], f"{local:%H:%M:%S}"
        called, written = name and days[local.weekday()], f"{local.year:04}"[-len(year) :]
        if match.re is MAIL:
            dash = parts["dash"]
            return f"{called and called + ', '}{day}{dash}{month}{dash}{written} {clock} {zone}"
        if match.re is LOGGED:
            return f"{day}/{month}/{written}:{clock} {zone}"
        if match.re is SCRIPTED:
            return f"{called} {month} {day} {written} {clock} GMT{zone}{parts['rest'] or ''}"
        return f"{called} {month} {day} {clock} {zone}{written}"

    month, century = MONTHS.index(parts["month"]) + 1, "20" if len(year) == len("26") else ""
    return _instant(f"{century}{year}-{month:02}-{int(parts['day']):02}T{parts['clock']}", zone.strip(), write)


def _read_dotnet(text: str) -> Instant | None:
    match = DOTNET.fullmatch(text)
    if match is None or int(match[2]) not in MILLISECONDS:
        return None
    return Instant(int(match[2]) // 1000, lambda seconds: f"{match[1]}{seconds * 1000}{match[3]}")


def read_day(text: str) -> Instant | None:
    """A date without a time, or None: the midnight UTC that begins it."""
    instant = read_iso(f"{text}T00:00:00Z") if DAY.fullmatch(text) else None
    return instant and Instant(instant.seconds, lambda seconds: f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}")


@lru_cache(64)  # many messages are of one second
def read_http_date(text: str) -> Instant | None:
    """An HTTP date, or None."""
    return _read_named(text) if HTTP_DATE.fullmatch(text) else None


@lru_cache(64)
def http_date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def is_spelled(text: str) -> bool:
    """Whether a text looks like a time that is more than a number, wherever it stands."""
    return SPELLED.match(text) is not None


def read_spelled(text: str) -> Instant | None:
    """A time that is more than a number, in any of the forms."""
    if not is_spelled(text):
        return None
    return read_iso(text) or _read_named(text) or _read_dotnet(text) or _read_written(text)


def _read_written(text: str) -> Instant | None:
    written = written_times.read(text)
    seconds = int(written.at.timestamp()) if written else 0
    if written is None or seconds not in SECONDS:
        return None
    return Instant(seconds, lambda other: written.like(datetime.fromtimestamp(other, UTC)), written.unit)


def read_any(text: str, *, quoted: bool) -> Instant | None:
    """A time in any of the forms; a number only where it is not quoted, or nothing but digits."""
    return read_number(text) or _read_digits(text) or (read_spelled(text) if quoted else _read_fraction(text))


def within(text: str) -> Iterator[tuple[int, int, Instant]]:
    """The times in a longer text that are more than numbers: where each begins and ends, and what it is."""
    for match in WITHIN.finditer(text):
        instant = read_spelled(match.group())
        if instant is not None:
            yield match.start(), match.end(), instant


def iso(seconds: int) -> str:
    """`2026-11-22T00:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def midnight(seconds: float) -> int:
    """The UTC midnight before that time."""
    return int(seconds // 86_400 * 86_400)
