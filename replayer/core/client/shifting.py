"""Virtual time as a client is shown it: as recorded (frozen), or with the epoch moved to the start of its session
(shifted), for programs that compare what they are told with their own clock.

Order, equality and distances are those of the cassette: all that belongs to the session moves by one distance, and
what is older than it, or was written down by the program, stays.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from replayer.core.clock import SessionClock, fields
from replayer.core.message import Request, Response, edit, instants, leaves
from replayer.core.rules import Rules

DATED = frozenset({"date", "expires", "last-modified", "retry-after"})


@dataclass(slots=True)
class Shifting:
    """The distance of one session from the cassette, whose clock has started. `kept` are times that the program wrote
    down, wherever they come back, `shown` those that it was told.
    """

    rules: Rules
    clock: SessionClock
    kept: frozenset[int] = frozenset()
    shown: set[int] = field(default_factory=set)

    @property
    def by(self) -> int:
        """The distance, in seconds."""
        return self.clock.shift

    @property
    def epoch(self) -> int:
        return self.clock.epoch or 0

    def to_client(self, response: Response, bound: Callable[[leaves.Leaf, int], int | None]) -> Response:
        """An answer as it is shown; `bound` are the times that stand for one that the client wrote."""

        def shown(leaf: leaves.Leaf, seconds: int) -> int:
            live = bound(leaf, seconds)
            if live is not None:
                return live
            if not self._moves(leaf, seconds):
                return seconds
            self.shown.add(seconds + self.by)
            return seconds + self.by

        headers = tuple((name, self._header(name, value)) for name, value in response.headers)
        moved = fields.retimed(response, self.rules, shown)
        return replace(moved, headers=headers)

    def from_client(self, request: Request) -> Request:
        """A request with the times that the client was shown as the cassette has them."""
        if not self.shown:
            return request
        return edit.rewritten(request, self._back)

    def _back(self, part: str, leaf: leaves.Leaf) -> str:
        if leaf.key in self.rules.searches:
            return fields.searched(
                leaf.value, self.rules, lambda seconds, _: seconds - self.by * (seconds in self.shown)
            )
        instant = fields.instant_at(leaf, self.rules)
        if instant is None and part == "query":  # of a link that was followed, under whatever name
            instant = instants.read_any(leaf.value, quoted=True)
        if instant is None or instant.seconds not in self.shown:
            return leaf.value
        return instant.write(instant.seconds - self.by)

    def _header(self, name: str, value: str) -> str:
        key = name.lower()
        leaf = leaves.Leaf(f"header {key}", key, value, 0, len(value))
        instant = instants.read_http_date(value) if key in DATED else fields.instant_at(leaf, self.rules)
        if instant is None or instant.seconds < self.epoch:
            return value
        self.shown.add(instant.seconds + self.by)
        return instant.write(instant.seconds + self.by)

    def _moves(self, leaf: leaves.Leaf, seconds: int) -> bool:
        if seconds in self.kept or seconds < self.epoch:
            return False
        if self._is_inside(seconds):
            return True
        born = leaves.birth(leaf.node.owner if leaf.node else None, self.rules.born)
        instant = fields.instant_at(born, self.rules) if born else None
        return instant is None or born is leaf or self._is_inside(instant.seconds)

    def _is_inside(self, seconds: int) -> bool:
        return self.epoch <= seconds <= self.clock.last
