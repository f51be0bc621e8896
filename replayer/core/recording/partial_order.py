"""What happened before what, as far as the traffic itself can tell; never who came first.

While one request at a time is under way, everything before a request may be its cause. From the moment when two are
under way at once, arrival tells nothing any more: then only what a request names, reads or changes comes before it. So
clients that run side by side get the same values in whatever order they are served.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

Value = tuple[int, int]
"""A place in a partial order: the larger one comes later, equal ones came in no order. Writes count the first number
up, reads the second."""

FIRST: Value = (0, 0)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one exchange has to do with others. `touches` are the resources that a read depends on, or a write touches;
    `named` the ids in its request, `changed` those that it writes to or mints."""

    reads: bool
    touches: frozenset[str]
    named: frozenset[str]
    changed: frozenset[str] = frozenset()


@dataclass(slots=True)
class Before:
    """The highest value of everything that came before an exchange. `floor` is where the counting begins."""

    floor: Value = FIRST
    alone: bool = True
    _highest: Value = FIRST
    _touched: dict[str, Value] = field(default_factory=dict)  # by writes
    _seen: dict[str, Value] = field(default_factory=dict)  # by reads
    _changed: dict[str, Value] = field(default_factory=dict)
    _named: dict[str, Value] = field(default_factory=dict)  # by writes that may be void once it is changed
    _emitted: dict[str, Value] = field(default_factory=dict)  # by the first answer that held it

    def split(self) -> None:
        """From here on several requests are under way at once; all that was before stays before."""
        if self.alone:
            self.alone = False
            self.floor = self.latest

    @property
    def latest(self) -> Value:
        """The highest value that there is."""
        return max(self.floor, self._highest)

    def of(self, reach: Reach) -> Value:
        """The highest value of what came before that exchange."""
        return max(self.floor, self._highest if self.alone else FIRST, self._causes(reach))

    def surely(self, reach: Reach) -> Value:
        """The highest value of what must have come before, whoever raced: what changed the things that it names."""
        return _highest(self._changed, reach.named)

    def _causes(self, reach: Reach) -> Value:
        if reach.reads:
            return max(_highest(self._touched, reach.touches), _highest(self._emitted, reach.named))
        return max(
            _highest(self._seen, reach.touches),
            _highest(self._changed, reach.touches),
            _highest(self._named, reach.changed),
            _highest(self._emitted, reach.named),
        )

    def enter(self, reach: Reach, value: Value, emitted: Iterable[str]) -> None:
        """That exchange has that value; `emitted` are the ids in its answer."""
        self._highest = max(self._highest, value)
        if reach.reads:
            _raise(self._seen, reach.touches, value)
        else:
            _raise(self._touched, reach.touches, value)
            _raise(self._changed, reach.changed, value)
            _raise(self._named, reach.named, value)
        for name in emitted:
            self._emitted.setdefault(name, value)


def _highest(values: dict[str, Value], names: Iterable[str]) -> Value:
    return max((values[name] for name in names if name in values), default=FIRST)


def _raise(values: dict[str, Value], names: Iterable[str], value: Value) -> None:
    for name in names:
        values[name] = max(values.get(name, FIRST), value)
