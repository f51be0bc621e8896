"""A page of a list whose objects are counted: by its numbers, as it was recorded, and what its hints say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from replayer.core.lists.envelope import Envelope, Hint, Path
from replayer.core.lists.page_request import NUMBER, PageRequest, linked
from replayer.core.matching import Entry
from replayer.core.rules import Positional

TRUTHS = {"true": True, "false": False}


class Unsure(Enum):
    """No value, as nobody knows it."""

    UNSURE = "unsure"


UNSURE = Unsure.UNSURE


@dataclass(frozen=True, slots=True)
class Target:
    """A page that a link or a token leads to: it begins behind so many objects. One that has a `size` leads there only
    in pages of that size: a token of the page before may stand for where that page ends."""

    start: int
    size: int | None = None


Value = bool | int | str | Target | Unsure | None
"""What a hint says, understood; a null is also a text without characters, and what is missing."""


class Bounds(NamedTuple):
    """How many objects a list has: at least, and at most, None where nothing says so."""

    least: int
    most: int | None

    @property
    def end(self) -> int | None:
        return self.least if self.least == self.most else None

    def __contains__(self, end: object) -> bool:
        return isinstance(end, int) and self.least <= end and (self.most is None or end <= self.most)


@dataclass(frozen=True, slots=True)
class Span:
    """A page by its numbers: how many objects come before it and how many it has; how many it could have, and how many
    were asked for; and how many the list has, as far as it is known or supposed."""

    start: int
    count: int
    size: int | None
    wanted: int | None
    total: int = 0

    @property
    def end(self) -> int:
        return self.start + self.count

    @property
    def more(self) -> bool:
        return self.end < self.total


class RecordedPage(NamedTuple):
    """A recorded page: its interaction, what it holds, and what was asked for it."""

    entry: Entry
    envelope: Envelope
    request: PageRequest

    def link(self, hint: Hint, style: Positional) -> PageRequest | None:
        """Where a hint leads to, if it is a link to a page of the same list."""
        if not isinstance(hint.value, str) or not ("/" in hint.value or "?" in hint.value):
            return None
        return linked(hint.value, self.entry.asked, self.entry.interaction.request.origin, style)

    def links(self, style: Positional) -> Iterator[PageRequest]:
        """Where its links to pages of the list lead to."""
        return (link for hint in self.envelope.hints.values() if (link := self.link(hint, style)))


class CountedPage(NamedTuple):
    """A recorded page with its numbers, and what its hints say."""

    page: RecordedPage
    span: Span
    values: Mapping[Path, Value]


def plain(hint: Hint) -> Value:
    """What a hint says that leads nowhere. A text of digits is a number, one without characters nothing, and true or
    false in a header is no text."""
    value = hint.value
    if hint.is_bare and value.lower() in TRUTHS:  # True, where Python wrote it
        return TRUTHS[value.lower()]
    if value in (None, ""):
        return None
    if isinstance(value, str):
        return int(value) if NUMBER.fullmatch(value) else value
    return value if isinstance(value, bool | int) else hint.text


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal; true is no 1."""
    return (type(one), one) == (type(other), other)
