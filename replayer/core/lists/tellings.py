"""What an envelope tells of its page. A number there may be how many objects the list has, or how many the page; which
of them it is, recorded pages tell: it is what it was in each of them. Where that leaves two meanings which differ for
another page, nobody knows what stands there.

    "total": 20, "count": 7      a page of 7     20 is the list's, or always 20; 7 is the page's, the size asked for ...
    "total": 20, "count": 6      the last one    ... and now the page's only
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from replayer.core.rules.ruleset import Positional


class Unsure(Enum):
    """No value, as nobody knows it."""

    UNSURE = "unsure"


UNSURE = Unsure.UNSURE


@dataclass(frozen=True, slots=True)
class Target:
    """A page that a link or a token leads to: it begins behind so many objects."""

    start: int


@dataclass(frozen=True, slots=True)
class Back:
    """A page that a token of its own kind leads back to: the one of that size before the page that begins behind so
    many objects."""

    end: int
    size: int


Value = bool | int | str | Target | Back | None
"""What stands in an envelope, understood; a null is also a text without characters, and what is missing."""


@dataclass(frozen=True, slots=True)
class Window:
    """A page by its numbers: how many objects come before it, how many it has, how many it could have; whether there
    are more behind it, and how many there are in all."""

    start: int
    count: int
    size: int | None
    more: bool | None
    total: int | None

    @property
    def ends(self) -> tuple[bool, bool | None]:
        """At which ends of the list it is: what it tells depends on that in form, too."""
        return self.start == 0, self.more


ENDS = frozenset(
    {
        "more", "next", "previous", "prev", "first", "last", "end", "ended", "final", "done", "finished", "truncated",
        "complete", "completed", "partial", "empty",
    }
)  # fmt: skip
COUNTING = re.compile(
    r"page|total|count|last|end|final|left|remain|more|next|max|most|limit|size|length|num|row|avail|found|hit|match"
    r"|record|result|item|element|entr|object|doc|offset|start|begin|until|card|quant|amount"
)
COUNTED = frozenset({"n", "nb", "nr", "no", "len", "all", "of", "to", "from", "upto", "rest", "sum", "high", "top"})
# Of the names of parameters that ask for a size. `count` and `size` may also be how many objects are there.
ONLY_SIZES = frozenset({"limit", "per", "max", "page", "top"})
WORD = re.compile(r"(?<=[a-z0-9])[A-Z]")

Reading = Callable[[Window], Value | Unsure]


def _number(page: Window, first: int, step: int = 0) -> int | Unsure:
    if not page.size or page.start % page.size:
        return UNSURE
    return page.start // page.size + first + step


def _pages(page: Window, before: int = 0) -> int | Unsure:
    if not page.size or not page.total:  # of an empty list there may be one page or none
        return UNSURE
    return -(-page.total // page.size) - before


def _behind(page: Window, told: Value | Unsure) -> Value | Unsure:
    """What is told only where there is a page behind this one."""
    return UNSURE if page.more is None else told if page.more else None


def _before(page: Window, told: Value | Unsure) -> Value | Unsure:
    return told if page.start > 0 else None


def _sure(value: int | bool | None) -> int | bool | Unsure:
    return UNSURE if value is None else value


def _previous(page: Window) -> int | Unsure:
    return page.start - page.size if page.size and page.start >= page.size else UNSURE


def _last(page: Window) -> int | Unsure:
    if not page.size or not page.total or page.start % page.size:
        return UNSURE
    return (page.total - 1) // page.size * page.size


def _to(start: int | Unsure) -> Target | Unsure:
    return UNSURE if isinstance(start, Unsure) else Target(start)


def next_page(page: Window) -> Value | Unsure:
    return _behind(page, Target(page.start + page.count))


def previous_page(page: Window) -> Value | Unsure:
    return _before(page, _to(_previous(page)))


def back_page(page: Window) -> Value | Unsure:
    return _before(page, Back(page.start, page.size) if page.size and page.start >= page.size else UNSURE)


def first_page(page: Window) -> Value | Unsure:  # noqa: ARG001 - it is the same for all
    return Target(0)


def last_page(page: Window) -> Value | Unsure:
    return _to(_last(page))


def same_page(page: Window) -> Value | Unsure:
    return Target(page.start)


def same_size(page: Window) -> Value | Unsure:
    return _sure(page.size)


def objects(page: Window) -> Value | Unsure:
    return page.count


def more(page: Window) -> Value | Unsure:
    return _sure(page.more)


def no_more(page: Window) -> Value | Unsure:
    return UNSURE if page.more is None else not page.more


def not_first(page: Window) -> Value | Unsure:
    return page.start > 0


def is_first(page: Window) -> Value | Unsure:
    return page.start == 0


def total(page: Window) -> Value | Unsure:
    return _sure(page.total)


# What links are called is the same everywhere.
LINKS: Mapping[str, Reading] = {
    "next": next_page, "prev": previous_page, "previous": previous_page, "first": first_page, "last": last_page,
    "self": same_page,
}  # fmt: skip

# Truths that names tell by their words. These can be nothing else ...
PLAIN_TRUTHS: Mapping[str, Reading] = {
    "is_truncated": more, "more_available": more, "more_results": more, "has_more_results": more,
    "is_first": is_first, "is_first_page": is_first, "is_end": no_more, "end_of_list": no_more,
    "has_previous": not_first, "has_prev": not_first,
}  # fmt: skip
# ... and these may be: that a job is done, say, or that a text was cut. `hasPreviousPage` is false on all pages of
# APIs that only go forward.
TRUTHS: Mapping[str, Reading] = {
    "truncated": more,
    "end": no_more, "done": no_more, "complete": no_more, "completed": no_more, "final": no_more, "finished": no_more,
    "first": is_first, "first_page": is_first,
    "has_previous_page": not_first, "has_prev_page": not_first,
}  # fmt: skip


def _counted(first: int) -> tuple[Reading, ...]:
    """How pages are told that are counted from there."""
    return (
        lambda page: _number(page, first),
        lambda page: _behind(page, _number(page, first, 1)),
        lambda page: _before(page, _number(page, first, -1)),
        lambda page: _pages(page, 1 - first),
    )


READINGS: tuple[Reading, ...] = (
    next_page, previous_page, first_page, last_page, same_page, more, no_more, not_first, is_first,
    lambda page: page.count == 0,
    same_size, objects,
    lambda page: page.start,
    lambda page: page.start + 1,
    lambda page: page.start + page.count,
    lambda page: page.start + page.count - 1,
    lambda page: UNSURE if page.total is None else page.total - page.start - page.count,
    lambda page: _behind(page, page.start + page.count),
    lambda page: _before(page, _previous(page)),
    lambda page: _last(page),
    *_counted(0),
    *_counted(1),
)  # fmt: skip
"""What a value may mean. How many objects there are in all is always the same, and needs no reading."""


def shows(page: Window, value: Value, reading: Reading) -> bool:
    """Whether a page may show that value, read so."""
    told = reading(page)
    return told is UNSURE or same(told, value)


def may_be_total(page: Window, value: Value) -> bool:
    """Whether that may be how many objects the list has of which that is a page."""
    seen = page.start + page.count + bool(page.more)
    return isinstance(value, int) and value >= seen and shows(page, value, total)


def same(one: Value | Unsure, other: Value | Unsure) -> bool:
    """Whether two values are equal; true is no 1."""
    return (type(one), one) == (type(other), other)


def pinned(name: str, value: Value, style: Positional) -> tuple[Reading, ...]:
    """The readings of what is called so, where its name tells them."""
    if name in style.more and isinstance(value, bool):
        return (more,)
    if name in style.last and isinstance(value, bool):
        return (no_more,)
    if name in style.total and isinstance(value, int) and not isinstance(value, bool):
        return (total,)
    if isinstance(value, Target):
        if name in style.next or name in style.previous:
            return (next_page if name in style.next else previous_page,)
        return (LINKS[name],) if name in LINKS else ()
    if isinstance(value, Back):
        return (back_page,)
    return ()


def supposed(name: str, pages: Sequence[tuple[Window, Value]]) -> Reading | None:
    """The reading of a truth that is called so, if no page shows that it is another one. One that may be is
    only read so where it was true on some pages and false on others."""
    spelled = "_".join(words(name)).removeprefix("x_")
    reading = PLAIN_TRUTHS.get(spelled) or TRUTHS.get(spelled)
    is_shown = spelled in PLAIN_TRUTHS or len({value for _, value in pages}) > 1
    is_so = all(isinstance(value, bool) and reading and shows(page, value, reading) for page, value in pages)
    return reading if is_shown and is_so else None


def may_end(name: str) -> bool:
    """Whether a truth that is called so may tell of an end of the list: `has_unread` tells of what is in the page."""
    return not ENDS.isdisjoint(words(name))


def is_only_size(name: str) -> bool:
    """Whether what is called so, like the parameter that asks for a size, can be nothing but that."""
    return not ONLY_SIZES.isdisjoint(words(name))


def may_count(name: str) -> bool:
    """Whether a number that is called so may tell of the end of the list, or how much there is. In one word, too:
    `lastpage`."""
    return COUNTING.search(name.lower()) is not None or not COUNTED.isdisjoint(words(name))


def words(name: str) -> list[str]:
    """The words of a name, however they are set apart: `hasMore`, `has_more`, `page[size]`."""
    return re.findall(r"[a-z0-9]+", WORD.sub(r"_\g<0>", name).lower())


def read_as(readings: Iterable[Reading], pages: Sequence[tuple[Window, Value]]) -> tuple[Reading, ...]:
    """Those of the readings by which every page shows what it does, and that can show such values at all."""
    return tuple(
        one for one in readings if all(shows(page, value, one) and type(value) in _kinds(one) for page, value in pages)
    )


# A first page, others, the last one and the only one, and lists that end on a full page and on another.
_ANY = tuple(
    Window(start, count, size, start + count < end, end)
    for start, count, size, end in ((0, 2, 2, 5), (2, 2, 2, 5), (4, 1, 2, 5), (2, 2, 2, 4), (0, 3, 5, 3))
)


@cache
def _kinds(reading: Reading) -> frozenset[type]:
    """What a reading can show. Where it is not known what it does, that tells a null or a text from it."""
    return frozenset(type(reading(page)) for page in _ANY)


def decided(reading: Reading, pages: Iterable[Window]) -> bool:
    """Whether it is known for one of those pages what it shows."""
    return any(reading(page) is not UNSURE for page in pages)
