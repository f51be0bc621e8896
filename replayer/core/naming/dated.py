"""How ids write the time at which they were minted: as a number in some alphabet, which begins with that.

    01KB2M5XQ8...    ULID: 10 characters of milliseconds      3MShiDSzyH9X...      KSUID: seconds since 2014, 128 bits
    dc1drs4hmtc4...  xid: 32 bits of seconds, 64 more         1574036729076685164  snowflake: milliseconds, 22 bits

A stand-in is sorted as what it stands for: it begins with another time, and the rest of it is its own.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from replayer.core.rules import ruleset

HEX, SMALL_36, PLAIN = "0123456789abcdef", string.digits + string.ascii_lowercase, string.digits
IN_ORDER = string.digits + string.ascii_uppercase + string.ascii_lowercase
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PUSHED = f"-{string.digits}{string.ascii_uppercase}_{string.ascii_lowercase}"
RANKS = 256  # of those of one second or, where a form counts these, of one millisecond
DAY_ONE = -12_219_292_800_000  # milliseconds: a UUID of version 6 counts from October 1582


@dataclass(frozen=True, slots=True)
class TimeForm:
    """One way to write a time into an id. The first `length` characters behind `lead` are a number in that alphabet; so
    many of its `below` are one `unit`, in milliseconds, since `epoch`. The stand-in begins with `head` of them."""

    name: str
    alphabet: str
    length: int
    head: int
    below: int = 1
    unit: int = 1
    epoch: int = 0
    lead: str = ""

    def minted_at(self, text: str) -> int:
        """The millisecond since 1970 that it holds."""
        number = 0
        for character in text[len(self.lead) : len(self.lead) + self.length]:
            number = number * len(self.alphabet) + self.alphabet.index(character)
        return number // self.below * self.unit + self.epoch

    def begins(self, second: int, rank: int) -> str:
        """What a stand-in begins with that is minted in that second, as one of at most 256 in that."""
        rank = min(rank, RANKS - 2)
        at = second * 1000 - self.epoch + (rank if self.unit == 1 else 0)
        number = at // self.unit * self.below + (0 if self.unit == 1 else rank * self.below // RANKS)
        step = len(self.alphabet) ** (self.length - self.head)
        number = -(-number // step) * step  # whatever comes behind that, it is not before its second
        digits = []
        for _ in range(self.length):
            number, digit = divmod(number, len(self.alphabet))
            digits.append(self.alphabet[digit])
        return self.lead + "".join(reversed(digits))[: self.head]

    def own(self, text: str) -> str:
        """What it begins with itself."""
        return text[: len(self.lead) + self.head]


# Of ids that have a shape: the characters that are free in that are looked at (`aliases`).
MILLISECONDS = {len(HEX): 12, len(CROCKFORD): 9}
OF_UUID_6 = TimeForm("uuid6", HEX, 15, 15, 10_000, 1, DAY_ONE)
OF_OBJECT = TimeForm("object", HEX, 10, 10, RANKS, 1000)
OF_UUID_7 = TimeForm("uuid7", HEX, 12, 12)
KSUID = TimeForm("ksuid", IN_ORDER, 27, 7, 1 << 128, 1000, 1_400_000_000_000)
IN_KSUID = re.compile(r"(?=[0-9]*[A-Za-z])(?=[A-Za-z]*[0-9])[0-3][0-9A-Za-z]{26}")
IN_OBJECT = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{24}")
IN_UUID_7 = re.compile(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}")

# Of those that only a field's name shows to be one, in the order of their rules; where several fit, that counts whose
# time is in the session.
WITHOUT_SHAPE: tuple[tuple[TimeForm, ...], ...] = (
    (KSUID,),
    (TimeForm("xid", SMALL_36[:32], 20, 8, 1 << 68, 1000),),
    (TimeForm("ulid", CROCKFORD.lower(), 26, 10, 1 << 80),),
    (TimeForm("cuid", SMALL_36, 24, 8, 36**16, lead="c"),),
    (TimeForm("push", PUSHED, 20, 8, 64**12),),
    (
        TimeForm("snowflake", PLAIN, 19, 13, 1 << 22, 1, 1_420_070_400_000),
        TimeForm("snowflake", PLAIN, 19, 13, 1 << 22, 1, 1_288_834_974_657),
        TimeForm("snowflake", PLAIN, 18, 14, 1 << 16),
    ),
    (TimeForm("object", HEX.upper(), 24, 10, 1 << 64, 1000),),
)
PLACES = re.compile(r"(?<![0-9A-Za-z_-])-?[0-9A-Za-z][0-9A-Za-z_-]{16,26}(?![0-9A-Za-z_-])")


@lru_cache(4096)
def forms_of(text: str) -> tuple[TimeForm, ...]:
    """The ways in which an id without a shape may hold a time."""
    for rule, forms in zip(ruleset.DATED, WITHOUT_SHAPE, strict=True):
        if rule.pattern.match(text):
            return tuple(form for form in forms if form.length + len(form.lead) == len(text))
    return ()


def own_head(text: str) -> str:
    """What an id without a shape that holds a time begins with; empty for any other."""
    return next((form.own(text) for form in forms_of(text)), "")


def in_text(text: str) -> Iterator[tuple[str, TimeForm]]:
    """What in a text may be an id without a shape that holds a time, in each of its forms."""
    for match in PLACES.finditer(text):
        yield from ((match.group(), form) for form in forms_of(match.group()))
