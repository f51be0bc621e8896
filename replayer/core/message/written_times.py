"""Times as people write them: which part stands where is a table, and a time is written back in its own row.

11/22/2026 12:20:00 PM     22.11.2026 12:20      November 22, 2026 at 12:20 PM     2026:11:22 12:20:00 (Exif)
20261122122000Z (ASN.1)    22-Nov-2026 12:20:00  Sunday, 22 November 2026 12:20    2026-11-22_12-20-00

Of 11/12/2026 nobody can say which of the two is the day: it is read as it is written most, the month first.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT = 3  # letters of a name that is cut
PARTS: Mapping[str, str] = {
    "Y": r"\d{4}", "m": r"(?:0[1-9]|1[0-2])", "d": r"(?:0[1-9]|[12]\d|3[01])", "H": r"(?:[01]\d|2[0-3])",
    "I": r"(?:0[1-9]|1[0-2])", "M": r"[0-5]\d", "S": r"[0-5]\d", "f": r"(?:[.,]\d{1,9})?", "p": "(?:[AP]M|[ap]m)",
    "b": "|".join(name[:SHORT] for name in MONTHS), "B": "|".join(MONTHS), "A": "|".join(DAYS),
}  # fmt: skip
WRITTEN = (
    "m/d/Y H:M:Sf", "m/d/Y I:M:S p", "m/d/Y I:M p", "m/d/Y H:M", "d/m/Y H:M:Sf", "d/m/Y H:M", "d.m.Y H:M:Sf",
    "d.m.Y H:M", "d-m-Y H:M:Sf", "d-m-Y H:M", "Y:m:d H:M:S", "d-b-Y H:M:Sf", "d b Y H:M:Sf", "d b Y H:M",
    "b d, Y I:M:S p",
    "b d, Y, I:M:S p", "b d, Y I:M p", "b d, Y, I:M p", "b d, Y H:M:S", "B d, Y H:M:S", "B d, Y I:M:S p",
    "B d, Y I:M p", "B d, Y at I:M p", "B d, Y at I:M:S p", "A, d B Y H:M:S", "A, d B Y H:M",
    "A, B d, Y I:M:S p", "A, B d, Y I:M p",
    "Y-m-d_H-M-S", "Y-m-d-H-M-S", "Y-m-dTH-M-S", "Ymd-H:M:Sf", "YmdHMSZ",
)  # fmt: skip
WORDS = re.compile(r"at|T(?=H)|Z$|[A-Za-z]|[^A-Za-z]+")
MINUTE = 60


class AsWritten(NamedTuple):
    """A time as it was written: its row, and what stands at each part of that."""

    at: datetime  # without a zone
    row: str
    parts: Mapping[str, str]

    @property
    def unit(self) -> int:
        """How many seconds are written alike."""
        return 1 if "S" in self.row else MINUTE

    def like(self, other: datetime) -> str:
        """Another time, written so."""
        return "".join(_part(each, other, self.parts) for each in _split(self.row))


def _split(row: str) -> list[str]:
    return WORDS.findall(row)


def _row(row: str) -> str:
    return "".join(f"(?P<{each}>{PARTS[each]})" if each in PARTS else re.escape(each) for each in _split(row))


ROWS = tuple((row, re.compile(_row(row), re.ASCII)) for row in WRITTEN)
# Within a text the longest comes first: "12:20:00 PM" is no "12:20:00". One with "p.m." behind it is none.
LONGEST_FIRST = sorted((pattern.pattern for _, pattern in ROWS), key=len, reverse=True)
ANY = f"(?:{'|'.join(re.sub(r'[(][?]P<[A-Za-z]>', '(?:', each) for each in LONGEST_FIRST)})(?! ?[AaPp]\\.?[Mm]\\b)"
LIKELY = (
    r"\d\d[/.-]\d\d[/.-]\d{4} \d|\d{4}:\d\d:\d\d \d|\d\d[ -][A-Z][a-z]{2}[ -]\d{4} |[A-Z][a-z]{2,8} \d\d, \d{4}"
    r"|[A-Z][a-z]{5,8}, [A-Z0-9]|\d{4}-\d\d-\d\d[_T-]\d\d-|\d{8}-\d\d:|\d{14}Z"
)


@lru_cache(256)
def read(text: str) -> AsWritten | None:
    """A text that is such a time, or None."""
    return next(_read(text), None)


def _read(text: str) -> Iterator[AsWritten]:
    for row, pattern in ROWS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        try:
            yield AsWritten(_at(parts), row, parts)
        except ValueError:  # the 31st of February
            continue


def _at(parts: Mapping[str, str]) -> datetime:
    name = parts.get("b") or parts.get("B") or ""
    month = int(parts["m"]) if "m" in parts else [one[: len(name)] for one in MONTHS].index(name) + 1
    hour = int(parts["H"]) if "H" in parts else int(parts["I"]) % 12 + 12 * (parts["p"] in ("PM", "pm"))
    return datetime(
        int(parts["Y"]), month, int(parts["d"]), hour, int(parts["M"]), int(parts.get("S") or 0), tzinfo=UTC
    )


def _part(part: str, at: datetime, like: Mapping[str, str]) -> str:
    if part not in PARTS:
        return part
    half = f"{'AP'[at.hour >= 12]}M"
    zeros = re.sub(r"\d", "0", like.get("f") or "")
    written = {
        "Y": f"{at.year:04}", "m": f"{at.month:02}", "d": f"{at.day:02}", "H": f"{at.hour:02}", "M": f"{at.minute:02}",
        "I": f"{at.hour % 12 or 12:02}", "S": f"{at.second:02}", "f": zeros, "b": MONTHS[at.month - 1][:SHORT],
        "p": half.lower() if like.get("p") in ("am", "pm") else half, "B": MONTHS[at.month - 1],
        "A": DAYS[at.weekday()],
    }  # fmt: skip
    return written[part]
