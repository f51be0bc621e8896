"""Many requests side by side, no more at once than are worth it, and none for nothing: where a store refuses all of
them, the rest are not asked."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock as Mutex
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from replayer.cassettes.store.remote import StoreError

T = TypeVar("T")
R = TypeVar("R")
SIDE_BY_SIDE = 16  # requests; a store answers each in some 20 ms, so a gigabyte is bound by the link
ENOUGH = 8  # equal refusals with no success before them: the next will be no other


def each(work: Callable[[T], R], items: Iterable[T], step: Callable[[], None] = lambda: None) -> Iterator[R]:
    """What comes of each, in their order. An error in one ends all."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as workers:
        waiting = deque[Future[R]]()
        try:
            for item in items:
                waiting.append(workers.submit(work, item))
                if len(waiting) >= 2 * SIDE_BY_SIDE:
                    yield waiting.popleft().result()
                    step()
            while waiting:
                yield waiting.popleft().result()
                step()
        finally:
            for left in waiting:
                left.cancel()


class Fuse:
    """What tells that a store refuses everything: who asks `blown` gets the reason then, and need not ask the store."""

    def __init__(self) -> None:
        self._mutex = Mutex()
        self._works, self._refusals, self._why = False, 0, ""

    @property
    def blown(self) -> str:
        return "" if self._works or self._refusals < ENOUGH else self._why

    def worked(self) -> None:
        self._works = True

    def failed(self, error: "StoreError") -> None:
        if error.everywhere:
            with self._mutex:
                self._refusals += 1
                self._why = str(error)
