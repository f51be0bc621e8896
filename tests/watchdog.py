"""The watchdog of the event loops of this process: a test in which one stood still for long fails.

Counted is the processor time of one callback, so that neither a busy machine nor waiting counts; nor does a search of
all memory for what is free, for it goes through what thousands of tests have left. Where two share a core, each of them
needs more of it for the same: what is counted is held against a piece of work whose time on an idle core is known. To
ask for it costs more than most callbacks do: it is asked for now and then, and behind a callback that took long by any
clock.
"""

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

STILL = 0.25  # seconds of processor time in which nobody else was answered
PIECE = 0.007  # seconds that `_piece` takes on an idle core of the machines on which these tests were written
FRESH = 0.01  # seconds: as much less may be counted than it was
OLDEST = 2  # the generation of values with which all others are searched


class _Used(threading.local):
    """How much processor time this thread had used, and when that was; and how much of it in searches of all memory."""

    seconds, at = 0.0, float("-inf")
    searched, since = 0.0, 0.0

    def collects(self, phase: str, told: dict[str, int]) -> None:
        """What is called where such a search begins and ends."""
        if told["generation"] < OLDEST:
            return
        if phase == "start":
            self.since = time.thread_time()
        else:
            self.searched += time.thread_time() - self.since


def _piece() -> None:
    """Some work of the kind that a core of Python does: numbers, texts and a table."""
    kept: dict[int, str] = {}
    for number in range(30_000):
        kept[number & 1023] = f"{number}-{kept.get(number & 511)}"[:40]


def slowness() -> float:
    """How many times as much processor time as on an idle core anything takes now; at least one."""
    begun = time.thread_time()
    _piece()
    return max(1.0, (time.thread_time() - begun) / PIECE)


class Watchdog:
    """The longest that a loop stood still since it was last asked, and in what: for longer than `still` seconds."""

    def __init__(self, still: float = STILL) -> None:
        self.still, self.longest, self.what = still, 0.0, ""

    def __repr__(self) -> str:
        return f"<Watchdog {self.longest:.3f} s in {self.what}>"

    def saw(self, took: float, handle: asyncio.Handle) -> None:
        if took > self.longest:
            callback = getattr(handle, "_callback", None)
            self.longest, self.what = took, repr(getattr(callback, "__self__", None) or handle)

    @property
    def complaint(self) -> str:
        """What is wrong; empty where nothing is."""
        if self.longest <= self.still:
            return ""
        return f"the event loop stood still for {self.longest * 1000:.0f} ms of processor time, in {self.what}"

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Each callback of any loop is measured, until this ends."""
        plain = asyncio.Handle._run  # noqa: SLF001 - the one place that all callbacks of a loop go through
        used, clock = _Used(), time.perf_counter

        def measured(handle: asyncio.Handle) -> None:
            begun, searched = clock(), used.searched
            if begun - used.at > FRESH:
                used.seconds, used.at = time.thread_time(), begun
            try:
                plain(handle)
            finally:
                if clock() - begun > self.still:
                    took = time.thread_time() - used.seconds - (begun - used.at) - (used.searched - searched)
                    if took > self.still:
                        self.saw(took / slowness(), handle)

        gc.callbacks.append(used.collects)
        asyncio.Handle._run = measured  # type: ignore[method-assign, assignment]  # noqa: SLF001
        try:
            yield
        finally:
            gc.callbacks.remove(used.collects)
            asyncio.Handle._run = plain  # type: ignore[method-assign]  # noqa: SLF001
