"""The watchdog of the event loops of this process: a test in which one stood still for long fails.

Counted is the processor time of one callback, so that neither a busy machine nor waiting counts.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

STILL = 0.25  # seconds of processor time in which nobody else was answered


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

        def measured(handle: asyncio.Handle) -> None:
            begun = time.thread_time()
            try:
                plain(handle)
            finally:
                took = time.thread_time() - begun
                if took > self.still:
                    self.saw(took, handle)

        asyncio.Handle._run = measured  # type: ignore[method-assign, assignment]  # noqa: SLF001
        try:
            yield
        finally:
            asyncio.Handle._run = plain  # type: ignore[method-assign]  # noqa: SLF001
