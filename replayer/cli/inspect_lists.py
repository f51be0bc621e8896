"""The lists that are known from a cassette: of each, in each of its states, which part is known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from replayer.cli.console import cut
from replayer.cli.output import printable
from replayer.core.drawing import DrawnList, DrawnStretch

ALL, EMPTY = "all of it", "it is empty"
CONTRADICTS = "only as recorded: the pages contradict each other"
NOTHING = ("", "", "")
OPEN = "..."  # a stretch that goes on, nobody knows how


@dataclass(frozen=True, slots=True)
class KnownList:
    """One list in one of its states: what was asked, the number of the interaction that asked first, how many pages
    there are, and each part that is known: how many objects, None where nobody can say, and which."""

    name: str
    first: int
    pages: int
    parts: tuple[tuple[int | None, str], ...]

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        known = [{"objects": objects, "known": words} for objects, words in self.parts]
        return {"list": self.name, "from": self.first, "pages": self.pages, "parts": known}


def known_lists(lists: Iterable[DrawnList]) -> list[KnownList]:
    """What is known of lists by cursors and of those whose objects are counted."""
    return [KnownList(one.name, one.number, len(one.pages), tuple(_parts(one))) for one in lists]


def table(known: Iterable[KnownList]) -> Table:
    """A line for each part."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("list")
    table.add_column("from #", justify="right", no_wrap=True)
    table.add_column("pages", justify="right", no_wrap=True)
    table.add_column("objects", justify="right", no_wrap=True)
    table.add_column("known", overflow="fold", min_width=9)
    for each in known:
        first = (each.name, str(each.first), str(each.pages))
        for number, (objects, words) in enumerate(each.parts):
            name, *others = first if number == 0 else NOTHING
            count = "" if objects is None else str(objects)
            table.add_row(cut(name), *map(Text, (*others, count, words)))  # as Text: `created[gte]` is no markup
    return table


def _parts(known: DrawnList) -> Iterator[tuple[int | None, str]]:
    if known.conflict:
        yield known.seen, CONTRADICTS if known.seen is not None else f"only as recorded: {known.conflict}"
        return
    for one in known.stretches:
        yield one.count, _shown(one) if one.ids else _numbered(one, known.total)
    if not known.stretches:
        yield 0, EMPTY if known.total == 0 else OPEN


def _numbered(run: DrawnStretch, end: int | None) -> str:
    """`21 - 40 of 45`, counted from 1: the number of the first object and of the last, and of all if that is known."""
    if run.starts and run.ends:
        return ALL
    start = run.start or 0
    return f"{start + 1} - {start + run.count} of {OPEN if end is None else end}"


def _shown(stretch: DrawnStretch) -> str:
    """`start - in_a ...`: from its first object to its last, where the list is not known to start or to end there."""
    if stretch.starts and stretch.ends:
        return ALL
    first, last = printable(stretch.ids[0]), printable(stretch.ids[-1])
    start = "start" if stretch.starts else f"{OPEN} {first}"
    end = "end" if stretch.ends else f"{last} {OPEN}"
    return f"{start} - {end}" if stretch.starts or stretch.ends or first != last else f"{OPEN} {last} {OPEN}"
