"""Seats: which of the equal requests a request is. The n-th equal write gets the n-th answer, and the n-th origin."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Seat:
    """The place of a request among the equal ones: which of them, and which attempt at that one, counted from 0."""

    occurrence: int
    attempt: int


class Seats:
    """The seats of one session. Looking for a seat takes none; a retry under one idempotency key keeps its own.

    `first` tells where the counting begins for a digest.
    """

    def __init__(self, first: Callable[[str], int]) -> None:
        self._first = first
        self._taken: dict[str, int] = {}
        self._vacated: dict[str, list[int]] = {}
        self._keyed: dict[tuple[str, str], Seat] = {}

    def next(self, digest: str, key: str | None) -> Seat:
        """The seat that such a request would take now."""
        if key is not None and (taken := self._keyed.get((digest, key))):
            return Seat(taken.occurrence, taken.attempt + 1)
        vacated = self._vacated.get(digest)
        return Seat(vacated[0] if vacated else self._next_new(digest), 0)

    def _next_new(self, digest: str) -> int:
        return self._taken[digest] if digest in self._taken else self._first(digest)

    def take(self, digest: str, key: str | None, seat: Seat) -> None:
        """The request has that seat, which `next` gave."""
        if key is not None:
            self._keyed[(digest, key)] = seat
        if seat.attempt:
            return
        vacated = self._vacated.get(digest)
        if vacated and vacated[0] == seat.occurrence:
            heappop(vacated)
        else:
            self._taken[digest] = seat.occurrence + 1

    def vacate(self, digest: str, key: str | None, seat: Seat) -> None:
        """The request was never answered: the next equal one sits there. A failed retry leaves the first answer's."""
        if key is not None:
            self._keyed.pop((digest, key), None)
        if not seat.attempt:
            heappush(self._vacated.setdefault(digest, []), seat.occurrence)

    @property
    def vacant(self) -> int:
        """How many seats were left without an answer, and not taken again since."""
        return sum(len(seats) for seats in self._vacated.values())
