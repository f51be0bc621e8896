"""The causal order of a cassette: what each write touches, and which writes each interaction had behind it; and the
same in words."""

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from replayer.core.matching.canonical import describe
from replayer.core.matching.entry import Entry
from replayer.core.matching.index import Index
from replayer.core.matching.stamps import EVERYTHING, GONE, ITSELF
from replayer.core.matching.writes import NOTHING
from replayer.core.message import shapes

LEAST = 4  # characters of an id behind its prefix: what is shown of it, where no other begins alike
LISTED = 8  # things named in one row; more are counted


class Causality:
    """Which writes stand behind which interactions of one cassette. Interactions go by their numbers in the file,
    counted from 1."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._since: dict[str, dict[int, int]] = {}  # by resource: each write, and from which interaction on it counts
        self._readers: dict[str, list[int]] = {}  # by resource: the reads that depend on it
        self._needing: dict[str, list[tuple[int, str]]] = {}  # the writes that do, and what of it does not count
        for entry in index.entries:
            for resource, less in self._depends_on(entry):
                self._since[resource], self._since[less] = {}, {}
                if entry.reads:
                    self._readers.setdefault(resource, []).append(entry.order + 1)
                else:
                    self._needing.setdefault(resource, []).append((entry.order + 1, less))
        self._fill()

    def __repr__(self) -> str:
        return f"<Causality of {self._index!r}>"

    def _depends_on(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """Each resource that an interaction depends on, and what of it does not count. A retry is answered as before,
        whatever happened since."""
        if entry.reads:
            yield from ((resource, NOTHING) for resource in self._index.resources(entry.digest))
        elif not entry.identity[2]:
            needs = self._index.needs(entry.digest)
            yield from zip(needs.resources, needs.less, strict=True)
            yield from ((resource, NOTHING) for resource in entry.shows)

    def _fill(self) -> None:
        """Go through the file, as a recording did. What a write touches through a later one counts from that one on."""
        waiting: dict[int, list[tuple[frozenset[str], int]]] = {}  # by the number of the write that they wait for
        for entry in self._index.entries:
            if entry.reads:
                continue
            number = entry.order + 1
            for changed, write in [(self._index.changed(entry), number), *waiting.pop(self._index.number(entry), ())]:
                for resource in changed & self._since.keys():
                    self._since[resource].setdefault(write, number)
            for trigger, resources in self._index.changes_later(entry).items():
                waiting.setdefault(trigger, []).append((resources, number))

    def behind(self, number: int) -> list[int]:
        """The writes that the interaction of that number had behind it: those that decide whether it is the answer. Of
        a read these are its stamp."""
        found: set[int] = set()
        for resource, less in self._depends_on(self._index.entries[number - 1]):
            left_out = set(self._before(less, number))
            found.update(write for write in self._before(resource, number) if write not in left_out)
        return sorted(found)

    def _before(self, resource: str, number: int) -> Iterator[int]:
        for write, since in self._since[resource].items():
            if since >= number:
                return
            yield write

    def ahead(self, number: int) -> list[int]:
        """The interactions that had the write of that number behind them."""
        write = self._index.entries[number - 1]
        found: set[int] = set()
        for resource in () if write.reads else self._index.reach(write) & self._since.keys():
            since = self._since[resource].get(number)
            if since is None:
                continue
            readers, needing = self._readers.get(resource, []), self._needing.get(resource, [])
            found.update(readers[bisect(readers, since) :])
            for other, less in needing[bisect(needing, since, key=lambda pair: pair[0]) :]:
                if self._since[less].get(number, other) >= other:
                    found.add(other)
        return sorted(found)


@dataclass(frozen=True, slots=True)
class CausalRow:
    """One interaction: its number in the file, counted from 1; what was asked; and its causes or what it is one of."""

    number: int
    request: str
    causes: str


def rows(index: Index) -> Iterator[CausalRow]:
    """One for each interaction, in the order of the file. Ids are shortened to what tells them apart."""
    read, short, causality = _read(index), Short(index.entries), Causality(index)
    for number, entry in enumerate(index.entries, start=1):
        causes = _after(causality.behind(number)) if entry.reads else _touches(index.reach(entry), read, short)
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


def _after(writes: list[int]) -> str:
    return f"after {_listed(ranges(writes))}" if writes else "after no write"


def _touches(changed: frozenset[str], read: dict[str, set[str]], short: "Short") -> str:
    """Of all that a write touches, what the cassette has a read of."""
    if not changed:
        return "changes nothing"
    seen = sorted(set[str]().union(*(read[resource] for resource in changed & read.keys())))
    return f"touches {_listed([short(resource) for resource in seen])}" if seen else "touches nothing that is read"


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - LISTED} more" if len(words) > LISTED else ""
    return ", ".join(words[:LISTED]) + more


def ranges(numbers: Iterable[int]) -> list[str]:
    """Numbers in order, those in a row as one: `1-3`, `7`."""
    found = []
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        found.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
    return found


class Short:
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
