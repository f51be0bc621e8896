"""The requests of one session as they came: the last ones, in their order, for whoever looks at them.

Who adds a row pays for that row alone; rows are read, and made JSON, by who wants to see them.
"""

from array import array
from collections.abc import Callable
from typing import Any, NamedTuple

MOST = 100_000  # rows that are kept at least; at twice as many the older half goes
PLAYED = "played"
WORDS = {"replayed": PLAYED, "synthesized": "sandbox"}  # an outcome as the page names it, where it has another word


class FeedRow(NamedTuple):
    """One request: which one it was, counted from 1; in a word what became of it; what was asked and answered; when it
    came, in seconds since 1970, and how long it took. `subject` is what it was answered with, or why it was not."""

    number: int
    outcome: str
    method: str
    path: str
    status: int
    milliseconds: float
    at: float
    subject: Any = None
    note: str = ""


class Feed:
    """`clock` says what time it is. `watch` has a function called whenever there is something new."""

    def __init__(self, clock: Callable[[], float], most: int = MOST) -> None:
        self._clock, self._most = clock, most
        self._rows: list[FeedRow] = []
        self._times = array("d")  # when each of them came
        self._watchers: set[Callable[[], None]] = set()
        self.count = 0  # of all rows, those that have gone too
        self.has_ended = False
        self.on_watched: Callable[[bool], None] = lambda _: None

    def __repr__(self) -> str:
        return f"<Feed {self.count} rows, {len(self._watchers)} watching>"

    @property
    def is_watched(self) -> bool:
        return bool(self._watchers)

    def add(
        self, outcome: str, method: str, path: str, status: int, milliseconds: float, subject: Any, note: str
    ) -> None:
        """A request was answered."""
        self.count += 1
        word, now = "fault" if outcome.startswith("fault") else WORDS.get(outcome, outcome), self._clock()
        self._rows.append(FeedRow(self.count, word, method, path, status, milliseconds, now, subject, note))
        self._times.append(now)
        self._added()

    def again(self, row: FeedRow) -> None:
        """What that row tells of has happened again. This is called for each request that is found by its bytes: it
        gets its number and its time when somebody wants to see it."""
        self.count += 1
        self._rows.append(row)
        self._times.append(self._clock())
        if self._watchers or len(self._rows) >= 2 * self._most:
            self._added()

    def _added(self) -> None:
        if len(self._rows) >= 2 * self._most:
            del self._rows[: self._most], self._times[: self._most]
        for told in self._watchers:
            told()

    def rows(self, after: int, count: int) -> list[FeedRow]:
        """So many rows behind that number, or behind those that have gone."""
        found = self.since(after, count)
        return [row if row.number == number else row._replace(number=number, at=at) for number, row, at in found]

    def since(self, after: int, count: int) -> list[tuple[int, FeedRow, float]]:
        """The same with their numbers and times beside them: what came again and again is one row then."""
        gone = self.count - len(self._rows)
        start = max(0, after - gone)
        end = start + count
        rows, times = self._rows[start:end], self._times[start:end]
        return [*zip(range(gone + start + 1, gone + start + 1 + len(rows)), rows, times, strict=True)]

    def row(self, number: int) -> FeedRow | None:
        """The row of that number; None where it has gone, or has not come."""
        found = self.rows(number - 1, 1) if number > 0 else []
        return found[0] if found and found[0].number == number else None

    def watch(self, told: Callable[[], None]) -> None:
        """Have that called whenever there is something new, until it is unwatched."""
        self._watchers.add(told)
        self.on_watched(True)

    def unwatch(self, told: Callable[[], None]) -> None:
        self._watchers.discard(told)
        self.on_watched(self.is_watched)

    def end(self) -> None:
        """Nothing more comes."""
        self.has_ended = True
        for told in self._watchers:
            told()
