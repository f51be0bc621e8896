"""Which objects' texts name which, and since when: by what a write has told first, nothing was moved before it."""

from collections.abc import Iterable, Iterator

ALWAYS = -1  # a read has told it first: it was so before


class Relations:
    """The objects by what their texts name. `since` is the place in the file of the write that told a relation first,
    or ALWAYS."""

    def __init__(self) -> None:
        self._kin: dict[str, dict[str, int]] = {}  # the ids that an object's own text names
        self._parts: dict[str, dict[str, int]] = {}  # the other way round: the objects whose text names an id

    def add(self, name: str, named: Iterable[str], since: int = ALWAYS) -> None:
        """The text of that object names these ids."""
        kin = self._kin.setdefault(name, {})
        for each in named:
            if each != name:
                kin.setdefault(each, since)
                self._parts.setdefault(each, {}).setdefault(name, since)

    def around(self, name: str) -> Iterator[tuple[str, int]]:
        """What a write to that object may move besides: what its text names, what it is named by, and what that names;
        each with the place from which on it does."""
        yield from self._kin.get(name, {}).items()
        for part, since in self._parts.get(name, {}).items():
            yield part, since
            for each, then in self._kin.get(part, {}).items():
                yield each, max(since, then)
