"""How an API tells one list, whatever is in it: what its pages show in one state holds in all the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from replayer.core.lists.tellings import Reading

Path = tuple[str, ...]
Members = frozenset[tuple[frozenset[Path], tuple[bool, bool | None]]]


@dataclass(frozen=True, slots=True)
class Habits:
    """`default` is the size where none is asked for, `cuts` are sizes that the API gives less of, `heeded` the
    parameters that it heeds; `longest` is the longest page that it gave. `boasts` tells that a full last page told of
    more. `varied` are the members that differ from page to page, `moving` and `dropped` the headers that do, the latter
    by themselves; `readings` are what members may mean of which several pages tell. `members` are all that pages have,
    each time with the ends of the list that such a page is at."""

    default: int | None = None
    cuts: Mapping[int, int] = field(default_factory=dict)
    heeded: frozenset[str] = frozenset()
    longest: int = 0
    boasts: bool = False
    varied: frozenset[Path] = frozenset()
    moving: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    readings: Mapping[Path, frozenset[Reading]] = field(default_factory=dict)
    members: Members = frozenset()

    def __add__(self, other: "Habits") -> "Habits":
        """What both tell; of two defaults the later one. A cut that they tell in two ways is none."""
        unlike = {size for size, given in self.cuts.items() if other.cuts.get(size, given) != given}
        cuts = {size: given for size, given in {**self.cuts, **other.cuts}.items() if size not in unlike}
        shared = {path: self.readings[path] & other.readings[path] for path in self.readings.keys() & other.readings}
        return Habits(
            default=self.default if other.default is None else other.default,
            cuts=cuts,
            heeded=self.heeded | other.heeded,
            longest=max(self.longest, other.longest),
            boasts=self.boasts or other.boasts,
            varied=self.varied | other.varied,
            moving=self.moving | other.moving,
            dropped=self.dropped | other.dropped,
            readings={**self.readings, **other.readings, **shared},
            members=self.members | other.members,
        )


NONE = Habits()


def together(found: Iterable[Habits]) -> Habits:
    return reduce(Habits.__add__, found, NONE)
