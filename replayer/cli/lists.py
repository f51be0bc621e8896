"""The lists that a cassette tells of, as a table: of each, in each of its states, which part is known."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from replayer.cli.saying import printable
from replayer.core.known import KnownList
from replayer.core.misses import describe
from replayer.core.stretches import Stretch

OPEN = "..."  # a stretch that goes on, nobody knows how


def table(lists: Iterable[KnownList]) -> Table | None:
    """A line for each stretch; None where no list was asked for."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("list", overflow="ellipsis", no_wrap=True)
    table.add_column("from #", justify="right", no_wrap=True)
    table.add_column("pages", justify="right", no_wrap=True)
    table.add_column("objects", justify="right", no_wrap=True)
    table.add_column("known", overflow="fold")
    for known in lists:
        for cells in _rows(known):
            table.add_row(*map(Text, cells))  # as Text: `created[gte]` is no markup
    return table if table.rows else None


def _rows(known: KnownList) -> Iterator[tuple[str, ...]]:
    name = printable(describe(known.scope).removeprefix("GET "))
    first = (name, str(known.pages[0].entry.order + 1), str(len(known.pages)))
    if known.stretches.conflict:
        yield *first, str(len(known.stretches)), "only as recorded: the pages contradict each other"
        return
    ordered = sorted(known.stretches, key=lambda one: (not one.starts, one.ends))
    for number, stretch in enumerate(ordered):
        yield *(first if number == 0 else ("", "", "")), str(len(stretch.ids)), _told(stretch)
    if not ordered:
        yield *first, "0", "it is empty" if known.stretches.whole is not None else OPEN


def _told(stretch: Stretch) -> str:
    """`start - in_a ...`: from its first object to its last, where the list is not known to start or to end there."""
    if stretch.starts and stretch.ends:
        return "all of it"
    first, last = printable(stretch.ids[0]), printable(stretch.ids[-1])
    start = "start" if stretch.starts else f"{OPEN} {first}"
    end = "end" if stretch.ends else f"{last} {OPEN}"
    return f"{start} - {end}" if stretch.starts or stretch.ends or first != last else f"{OPEN} {last} {OPEN}"
