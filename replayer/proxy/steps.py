"""The steps of one session: one after the other, in the order in which they came. It decides nothing.

short, and none before it    at once, where the loop is
long                         in a thread: other sessions, connections and control calls go on meanwhile
any behind a long one        when its turn comes
reading ahead of one         in a thread, as a step of nobody's

So a session never meets two threads at once. A long message is read before it is its turn, in a thread and with nothing
of the session touched, and nobody waits for that: so requests are decided in the order in which they had been read
whole, as if a long one had come only then. What one client asks on one connection keeps its order all the same.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

LONG = 1 << 16  # bytes to be read: the densest take some 100 ms
THREADS = 2  # they share one interpreter: more would only take turns more often, and the loop with them

T = TypeVar("T")


@cache
def _threads() -> ThreadPoolExecutor:
    """Threads of our own: those of the loop may all be waiting for our answers."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="replayer-step")


@dataclass(frozen=True, slots=True)
class _Queued:
    step: Callable[[], Any]
    length: int
    taken: asyncio.Future[Any]


class Steps:
    """The steps of one session. All of it is for the thread of one loop."""

    def __init__(self) -> None:
        self._waiting: deque[_Queued] = deque()
        self._is_busy = False
        self._idle: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        return f"<Steps {len(self._waiting)} waiting{', busy' * self._is_busy}>"

    @property
    def is_busy(self) -> bool:
        """Whether a step is being taken that nobody may look into, or has to be before the next one."""
        return self._is_busy

    async def take(self, step: Callable[[], T], length: int) -> T:
        """What comes of a step when its turn has come; `length` is how many bytes it reads, at most. Whoever is
        cancelled meanwhile does not end it once it has begun."""
        if length < LONG and not self._is_busy:
            return step()
        queued = _Queued(step, length, asyncio.get_running_loop().create_future())
        self._waiting.append(queued)
        if not self._is_busy:
            self._is_busy = True
            self._next()
        found: T = await queued.taken
        return found

    @staticmethod
    async def read(reading: Callable[[], object]) -> None:
        """Have a long message read before its step is taken. Whatever goes wrong in that goes wrong in the step again,
        and is told there."""
        with suppress(Exception):
            await asyncio.get_running_loop().run_in_executor(_threads(), reading)

    async def end(self) -> None:
        """Wait until all of them have been taken."""
        if self._is_busy:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._idle)

    def _next(self) -> None:
        while self._waiting and self._waiting[0].taken.cancelled():
            self._waiting.popleft()
        if not self._waiting:
            self._is_busy = False
            if self._idle is not None:
                self._idle.set_result(None)
                self._idle = None
            return
        queued, loop = self._waiting.popleft(), asyncio.get_running_loop()
        if queued.length >= LONG:
            loop.run_in_executor(_threads(), queued.step).add_done_callback(partial(self._taken, queued))
            return
        own = loop.create_future()
        try:
            own.set_result(queued.step())
        except Exception as error:  # it is for whoever waits for it
            own.set_exception(error)
        own.add_done_callback(partial(self._taken, queued))  # in the next round of the loop: others have theirs between

    def _taken(self, queued: _Queued, own: asyncio.Future[Any]) -> None:
        error = own.exception()
        if not queued.taken.cancelled():
            if error is None:
                queued.taken.set_result(own.result())
            else:
                queued.taken.set_exception(error)
        self._next()
