"""Requests of a cassette that are alike: equal but for what their clients minted. Read when somebody first asks."""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass

from replayer.core.client import headers as traces
from replayer.core.client.holes import Finder, Hole, Holes
from replayer.core.matching import Entry
from replayer.core.message import shapes
from replayer.core.naming import aliases
from replayer.core.rules import Rules


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recorded request with holes in it, each of them once."""

    entry: Entry
    holes: tuple[Hole, ...]


class Alike:
    """The recorded requests by what they ask but for their holes, in the order of the file."""

    def __init__(self, entries: Iterable[Entry], rules: Rules, volatile: frozenset[str]) -> None:
        self.told: set[str] = set()  # what an API minted is no hole
        self.minted: dict[int, frozenset[str]] = {}  # by the place in the file, what the client had minted
        self._candidates: dict[str, list[Candidate]] = {}
        self._values: dict[tuple[str, tuple[str, ...]], Candidate] = {}
        self._spent: dict[str, int] = {}  # how many at the start have nothing free any more
        finder = Finder(rules, lambda piece: piece.text in self.told, volatile)
        made: set[str] = set()
        keys: set[str] = set()
        for entry in entries:
            if entry.key is not None:
                keys.add(entry.key)
            holes = self._add(entry, finder, keys)
            made.update(hole.value for hole in holes.all)
            own = frozenset(hole.value for hole in holes.all if hole.kind in (*shapes.MINTED, "key"))
            traced = frozenset(traces.kept_ids(entry.interaction.request.headers, rules))
            if own or traced:
                self.minted[entry.order] = own | traced
            self.told.update(name for name in _minted(entry) if name not in made)

    def _add(self, entry: Entry, finder: Finder, keys: Container[str]) -> Holes:
        request = entry.interaction.request
        if not finder.likely(request, keys):
            return Holes()
        holes = finder.holes(request, keys)
        if holes.all:
            candidate = Candidate(entry, holes.distinct)
            skeleton = finder.skeleton(request, holes, keys)
            self._candidates.setdefault(skeleton, []).append(candidate)
            self._values.setdefault((skeleton, _values(candidate.holes)), candidate)
        return holes

    def known(self, piece: shapes.Piece) -> bool:
        """Whether a piece of a live request is something that an answer may have told its client."""
        return piece.text in self.told or aliases.is_alias(piece.shape, piece.text)

    @property
    def all_holes(self) -> Iterator[tuple[Hole, ...]]:
        """The holes of each recorded request that has any."""
        return (candidate.holes for alike in self._candidates.values() for candidate in alike)

    def exact(self, skeleton: str, values: tuple[str, ...]) -> Candidate | None:
        """The first request of that form that holds exactly these values."""
        return self._values.get((skeleton, values))

    def candidates(self, skeleton: str, taken: Callable[[Hole], bool]) -> Iterator[Candidate]:
        """The requests of that form in their order. Those at the start are passed over for good whose values are all
        taken: whoever has these finds them by `exact`."""
        alike = self._candidates.get(skeleton, [])
        spent = self._spent.get(skeleton, 0)
        while spent < len(alike) and all(map(taken, alike[spent].holes)):
            spent += 1
        self._spent[skeleton] = spent
        return iter(alike[spent:])


def _values(holes: Iterable[Hole]) -> tuple[str, ...]:
    return tuple(hole.value for hole in holes)


def _minted(entry: Entry) -> Iterator[str]:
    """The ids in an answer of the shapes that clients mint, too."""
    response = entry.interaction.response
    if shapes.LIKELY.search(response.text):
        yield from (piece.text for piece in shapes.ids(response.text) if piece.shape in shapes.MINTED)
