"""The meanings of one list's envelope: of each leaf, what it shows in any page, as far as recorded ones tell."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from replayer.core.lists.asking import Spot, linked
from replayer.core.lists.envelope import Envelope, Leaf
from replayer.core.lists.habits import NONE, Habits, Path
from replayer.core.lists.tellings import (
    READINGS,
    UNSURE,
    Reading,
    Unsure,
    Value,
    Window,
    back_page,
    decided,
    is_only_size,
    may_be_total,
    may_count,
    may_end,
    next_page,
    objects,
    pinned,
    previous_page,
    read_as,
    same,
    same_size,
    shows,
    supposed,
)
from replayer.core.matching.canonical import describe
from replayer.core.matching.index import Entry
from replayer.core.rules.ruleset import Positional


@dataclass(frozen=True, slots=True)
class Taken:
    """A recorded page: its interaction, what it holds, and what was asked for it."""

    entry: Entry
    envelope: Envelope
    spot: Spot

    def link(self, leaf: Leaf, style: Positional) -> Spot | None:
        """Where a leaf leads to, if it is a link to a page of the same list."""
        if not isinstance(leaf.value, str) or not ("/" in leaf.value or "?" in leaf.value):
            return None
        return linked(leaf.value, self.entry.asked, self.entry.interaction.request.origin, style)

    def links(self, style: Positional) -> Iterator[Spot]:
        """Where its links to pages of the list lead to."""
        return (link for leaf in self.envelope.leaves.values() if (link := self.link(leaf, style)))


class Row(NamedTuple):
    """A page by its numbers, and what its leaves show."""

    taken: Taken
    page: Window
    values: Mapping[Path, Value]


class Meaning(NamedTuple):
    """What a leaf may mean, and what it always is, if it is."""

    readings: tuple[Reading, ...]
    constant: Value | Unsure = UNSURE

    def of(self, page: Window) -> Value | Unsure:
        """What it shows in that page, if all that it may mean is the same there."""
        told: list[Value | Unsure] = [reading(page) for reading in self.readings]
        told += [] if isinstance(self.constant, Unsure) else [self.constant]
        return told[0] if told and all(same(told[0], other) for other in told) else UNSURE


class Meanings:
    """What the leaves of one list mean; its `habits` are what other states of it tell of that. `conflict` says in words
    where one does not show what its name says."""

    def __init__(self, rows: Iterable[Row], style: Positional, path: str, habits: Habits = NONE) -> None:
        self._rows, self._style, self._path, self._habits = tuple(rows), style, path, habits
        self._pins = self._pinned()
        self.conflict = next(self._broken(), "")

    def of(self, path: Path, page: Window) -> Value | Unsure:
        """What that leaf shows in that page."""
        return self._found[path].of(page)

    def is_size(self, path: Path) -> bool:
        """Whether that leaf may tell how many objects a page can have."""
        return same_size in self._found[path].readings

    def _pinned(self) -> dict[Path, Reading]:
        """The leaves whose names tell what they mean."""
        return {
            path: reading
            for row in self._rows
            for path, value in row.values.items()
            for name in (row.taken.envelope.leaves[path].name, ".".join(path))
            for reading in pinned(name, value, self._style)
        }

    def _broken(self) -> Iterator[str]:
        for path, reading in self._pins.items():
            # Where there is nothing to lead to, many APIs leave the link out.
            missing: Value | Unsure = None if reading in (next_page, previous_page, back_page) else UNSURE
            for row in self._rows:
                told = row.values.get(path, missing)
                if not isinstance(told, Unsure) and not shows(row.page, told, reading):
                    yield f"what {'.'.join(path)} tells in {describe(row.taken.entry.asked)} is not so"

    @cached_property
    def _found(self) -> dict[Path, Meaning]:
        return {path: self._meaning(path) for path in dict.fromkeys(path for row in self._rows for path in row.values)}

    def _meaning(self, path: Path) -> Meaning:
        shown = [(row.page, row.values[path]) for row in self._rows if path in row.values]
        if path in self._pins:
            return Meaning((self._pins[path],))
        truth = supposed(self._name(path), shown)
        if truth is not None and truth in self._as_elsewhere(path, (truth,)):
            return Meaning((truth,))
        if self._is_echo(path) and all(shows(page, value, same_size) for page, value in shown):
            return Meaning((same_size,)) if is_only_size(path[-1]) else self._echo(path, shown)
        first = shown[0][1]
        constant = path not in self._habits.varied and all(same(first, value) for _, value in shown)
        pages = {(page.start, page.count) for page, _ in shown}
        if any(isinstance(value, bool) for _, value in shown) and not may_end(self._name(path)):
            if len(pages) > 1 or not constant:  # a truth about what is in a page: only if it is always so it is here
                return Meaning((), first if constant else UNSURE)
        elif isinstance(first, str):
            constant = constant and self._is_constant(first, pages) and not self._leads_somewhere(path)
        elif first is not None and path[-1] in self._style.sized:
            constant = False
        readings = read_as(READINGS, shown)
        if constant and self._is_plain_number(path, shown):
            readings = tuple(one for one in readings if decided(one, (page for page, _ in shown)))
        return Meaning(self._as_elsewhere(path, readings), first if constant else UNSURE)

    def _is_plain_number(self, path: Path, shown: list[tuple[Window, Value]]) -> bool:
        """Whether it is a number that no name gives a meaning that could be one of a list whose end is not known: of
        these, what was the same on several pages is no other on the next."""
        is_number = isinstance(shown[0][1], int) and not isinstance(shown[0][1], bool)
        return is_number and len({page.start for page, _ in shown}) > 1 and not any(map(may_count, path))

    def _echo(self, path: Path, shown: list[tuple[Window, Value]]) -> Meaning:
        """What is called like the size that was asked for, and was equal to that in every page: it may as well be how
        many objects the page has, or the list."""
        first = shown[0][1]
        constant = path not in self._habits.varied and all(
            same(first, value) and may_be_total(page, value) for page, value in shown
        )
        return Meaning(self._as_elsewhere(path, read_as((same_size, objects), shown)), first if constant else UNSURE)

    def _as_elsewhere(self, path: Path, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """Those of them that other states of the list leave."""
        known = self._habits.readings.get(path, frozenset(readings))
        return tuple(one for one in readings if one in known)

    @property
    def varied(self) -> frozenset[Path]:
        """The leaves that differ from page to page."""
        return frozenset(path for path in self._found if len({repr(value) for value in self._values(path)}) > 1)

    @property
    def readings(self) -> dict[Path, frozenset[Reading]]:
        """What the leaves may mean of which several pages tell."""
        return {path: frozenset(one.readings) for path, one in self._found.items() if len(self._values(path)) > 1}

    def _values(self, path: Path) -> list[Value]:
        return [row.values[path] for row in self._rows if path in row.values]

    def _leads_somewhere(self, path: Path) -> bool:
        """Whether it is a link to some page of the list, and nobody knows to which."""
        links = (
            row.taken.link(row.taken.envelope.leaves[path], self._style) for row in self._rows if path in row.values
        )
        return any(link.where or link.size for link in links if link)

    def _name(self, path: Path) -> str:
        return next(row.taken.envelope.leaves[path].name for row in self._rows if path in row.values)

    def _is_echo(self, path: Path) -> bool:
        """Whether the size that was asked for is told again under its own name: `X-Per-Page` is that of `per_page`."""
        name = path[-1].removeprefix("x-").replace("-", "_")
        return name in self._style.size and all(name in row.taken.spot.keys for row in self._rows if path in row.values)

    def _is_constant(self, text: str, pages: set[tuple[int, int]]) -> bool:
        """Whether a text that was always the same is that in any page: "1-7" is not, if it was told once, nor is what
        an array holds."""
        plain = not any(map(str.isdigit, text)) and (text in ("[]", "{}") or text[:1] not in ("[", "{"))
        return len(pages) > 1 or plain or text.endswith(self._path)
