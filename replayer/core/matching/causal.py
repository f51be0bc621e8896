"""The causal order of a cassette in words: what each write touches, and which writes each read had behind it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from replayer.core.matching.canonical import describe
from replayer.core.matching.entry import Entry
from replayer.core.matching.index import Index
from replayer.core.matching.stamps import EVERYTHING, GONE, ITSELF, write_number
from replayer.core.message import shapes

LEAST = 4  # characters of an id behind its prefix: what is shown of it, where no other begins alike
LISTED = 8  # things named in one row; more are counted


@dataclass(frozen=True, slots=True)
class CausalRow:
    """One interaction: its number in the file, counted from 1; what was asked; and its causes or what it is one of."""

    number: int
    request: str
    causes: str


def rows(index: Index) -> Iterator[CausalRow]:
    """One for each interaction, in the order of the file. Ids are shortened to what tells them apart."""
    read = _read(index)
    short = _Short(index.entries)
    behind: dict[str, list[int]] = {}
    waiting: dict[int, list[tuple[frozenset[str], int]]] = {}  # by the number of the write from which on they count
    for entry in index.entries:
        number = entry.order + 1
        if entry.reads:
            causes = _after({each for name in index.resources(entry.asked.digest) for each in behind.get(name, ())})
        else:
            now = [(index.changed(entry), number), *waiting.pop(write_number(entry.identity), ())]
            for resource, write in ((each, write) for changed, write in now for each in changed & read.keys()):
                behind.setdefault(resource, []).append(write)
            for trigger, resources in index.changes_later(entry).items():
                waiting.setdefault(trigger, []).append((resources, number))
            causes = _touches(index.reach(entry), read, short)
        yield CausalRow(number, short(describe(entry.asked)), causes)


def _read(index: Index) -> dict[str, set[str]]:
    """Each resource that the cassette has a read of, by the names that it is shown under: mostly its own. What any
    write may have changed has none, and goes by the paths at which it is read."""
    found: dict[str, set[str]] = {}
    for asked in (entry.asked for entry in index.entries if entry.reads):
        for resource in index.resources(asked.digest):
            name = asked.path if resource == EVERYTHING else resource.removesuffix(ITSELF).removesuffix(GONE)
            found.setdefault(resource, set()).add(name)
    return found


def _after(writes: set[int]) -> str:
    return f"after {_listed(_ranges(sorted(writes)))}" if writes else "after no write"


def _touches(changed: frozenset[str], read: dict[str, set[str]], short: "_Short") -> str:
    """Of all that a write touches, what the cassette has a read of."""
    if not changed:
        return "changes nothing"
    seen = sorted(set[str]().union(*(read[resource] for resource in changed & read.keys())))
    return f"touches {_listed([short(resource) for resource in seen])}" if seen else "touches nothing that is read"


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - LISTED} more" if len(words) > LISTED else ""
    return ", ".join(words[:LISTED]) + more


def _ranges(numbers: list[int]) -> list[str]:
    """Numbers in order, those in a row as one: `1-3`, `7`."""
    found = []
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        found.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
    return found


class _Short:
    """Ids by their beginnings, as long as it takes to tell all ids of the questions and of what is touched apart."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        texts = (text for entry in entries for text in (describe(entry.asked), *entry.touched))
        self._ids = {piece.text for text in texts for piece in shapes.ids(text)}
        self._length = next(length for length in range(LEAST, 256) if self._tells_apart(length))

    def __call__(self, text: str) -> str:
        for piece in reversed(list(shapes.ids(text))):
            text = text[: piece.start] + _cut(piece.text, self._length) + text[piece.end :]
        return text

    def _tells_apart(self, length: int) -> bool:
        return len({_cut(each, length) for each in self._ids}) == len(self._ids)


def _cut(name: str, length: int) -> str:
    """The beginning of an id, its prefix whole."""
    head, line, tail = name.rpartition("_")
    return head + line + tail[:length]
