"""Turns: which of the equal requests a request is. The n-th equal write gets the n-th answer, and the n-th origin."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Turn:
    """The place of a request among the equal ones: which of them, and which attempt at that one, counted from 0."""

    occurrence: int
    attempt: int


class Turns:
    """The turns of one session. Looking at the next one takes none; a retry under one idempotency key keeps its own.

    `first` tells where the counting begins for a digest.
    """

    def __init__(self, first: Callable[[str], int]) -> None:
        self._first = first
        self._claimed: dict[str, int] = {}
        self._released: dict[str, list[int]] = {}
        self._keyed: dict[tuple[str, str], Turn] = {}
        self._attempts: dict[tuple[str, str], int] = {}  # under that key, how many are answered or on their way

    def next(self, digest: str, key: str | None) -> Turn:
        """The turn that such a request would have now."""
        if key is not None and (before := self._keyed.get((digest, key))):
            return Turn(before.occurrence, before.attempt + 1)
        released = self._released.get(digest)
        return Turn(released[0] if released else self._next_new(digest), 0)

    def _next_new(self, digest: str) -> int:
        return self._claimed[digest] if digest in self._claimed else self._first(digest)

    def claim(self, digest: str, key: str | None, played: int | None = None) -> Turn:
        """The turn of a request that is answered, or on its way. `played` is which of the recorded ones answers it."""
        turn = self.next(digest, key)
        if key is not None:
            self._keyed[(digest, key)] = turn if played is None else Turn(played, turn.attempt)
            self._attempts[(digest, key)] = self._attempts.get((digest, key), 0) + 1
        if turn.attempt:
            return turn
        released = self._released.get(digest)
        if released:
            heappop(released)
        else:
            self._claimed[digest] = turn.occurrence + 1
        return turn

    def release(self, digest: str, key: str | None, turn: Turn) -> None:
        """The request was never answered: the next equal one has that turn, unless another attempt at the same one was,
        or is on its way."""
        if key is not None:
            named = (digest, key)
            self._attempts[named] -= 1
            if self._attempts[named]:
                if turn.attempt and self._keyed[named] == turn:
                    self._keyed[named] = Turn(turn.occurrence, turn.attempt - 1)
                return
            del self._keyed[named], self._attempts[named]
        heappush(self._released.setdefault(digest, []), turn.occurrence)

    @property
    def released(self) -> int:
        """How many turns were left without an answer, and not claimed again since."""
        return sum(len(turns) for turns in self._released.values())
