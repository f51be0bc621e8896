"""The lists that are known from a cassette, as a table: of each, in each of its states, which part is known."""

from collections.abc import Iterable, Iterator
from itertools import chain

from rich.table import Table
from rich.text import Text

from replayer.cli.console import cut
from replayer.cli.output import printable
from replayer.core.lists import CursorList, PositionalList, Stretch
from replayer.core.matching import canonical

ALL, EMPTY = "all of it", "it is empty"
CONTRADICTS = "only as recorded: the pages contradict each other"
NOTHING = ("", "", "")
OPEN = "..."  # a stretch that goes on, nobody knows how


def table(lists: Iterable[CursorList], positional: Iterable[PositionalList] = ()) -> Table | None:
    """A line for each stretch, of lists by cursors and of those whose objects are counted; None where no list was asked
    for."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("list")
    table.add_column("from #", justify="right", no_wrap=True)
    table.add_column("pages", justify="right", no_wrap=True)
    table.add_column("objects", justify="right", no_wrap=True)
    table.add_column("known", overflow="fold", min_width=9)
    for cells in chain(*map(_rows, lists), *map(_counted, positional)):
        name, *others = cells
        table.add_row(cut(name), *map(Text, others))  # as Text: `created[gte]` is no markup
    return table if table.rows else None


def _rows(known: CursorList) -> Iterator[tuple[str, ...]]:
    first = _first(known)
    if known.stretches.conflict:
        yield *first, str(len(known.stretches)), CONTRADICTS
        return
    ordered = sorted(known.stretches, key=lambda one: (not one.starts, one.ends))
    for number, stretch in enumerate(ordered):
        yield *(first if number == 0 else NOTHING), str(len(stretch.ids)), _shown(stretch)
    if not ordered:
        yield *first, "0", EMPTY if known.stretches.whole is not None else OPEN


def _counted(known: PositionalList) -> Iterator[tuple[str, ...]]:
    first, counted = _first(known), known.counted
    if isinstance(counted, str) or counted.conflict:
        yield *first, "", f"only as recorded: {counted if isinstance(counted, str) else counted.conflict}"
        return
    end = counted.bounds.end
    for number, run in enumerate(counted.runs):
        yield *(first if number == 0 else NOTHING), str(run[1] - run[0]), _numbered(run, end)
    if not counted.runs:
        yield *first, "0", EMPTY if end == 0 else OPEN


def _first(known: CursorList | PositionalList) -> tuple[str, str, str]:
    """What the first line of a list begins with: what was asked, where first, and how many pages there are."""
    name = canonical.describe(known.scope).removeprefix("GET ")
    return name, str(known.pages[0].entry.order + 1), str(len(known.pages))


def _numbered(run: tuple[int, int], end: int | None) -> str:
    """`21 - 40 of 45`, counted from 1: the number of the first object and of the last, and of all if that is known."""
    if run == (0, end):
        return ALL
    return f"{run[0] + 1} - {run[1]} of {OPEN if end is None else end}"


def _shown(stretch: Stretch) -> str:
    """`start - in_a ...`: from its first object to its last, where the list is not known to start or to end there."""
    if stretch.starts and stretch.ends:
        return ALL
    first, last = printable(stretch.ids[0]), printable(stretch.ids[-1])
    start = "start" if stretch.starts else f"{OPEN} {first}"
    end = "end" if stretch.ends else f"{last} {OPEN}"
    return f"{start} - {end}" if stretch.starts or stretch.ends or first != last else f"{OPEN} {last} {OPEN}"
