"""An inserted cassette in a thread of its own, with its own loop: for programs that have none, or block theirs."""

import asyncio
import os
import threading
from collections.abc import Callable

from replayer.proxy.handler import Line
from replayer.proxy.inserted import Inserted
from replayer.proxy.slot import Ejected
from replayer.settings import Settings


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's loops where there are such, which is not on Windows; else asyncio's own."""
    if not all(map(_is_open, (0, 1, 2))):
        return None  # libuv ends the program when a socket gets one of these numbers
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


class Threaded:
    """Runs one session in a thread. Its methods may be called from any other thread."""

    def __init__(self, settings: Settings, *, remedy: str, tell: Callable[[Line], None]) -> None:
        self._settings, self._remedy, self._tell = settings, remedy, tell
        self._ready = threading.Event()
        self._failed = self._aborted = False
        self._inserted: Inserted | None = None
        self._ejected: Ejected | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="replayer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def start(self) -> Inserted:
        """The session, listening. What it could not start for is raised here."""
        self._thread.start()
        self._ready.wait()
        if self._inserted is None:
            raise self._error or RuntimeError("the thread ended before it began")
        return self._inserted

    def eject(self, *, failed: bool = False, aborted: bool = False) -> Ejected:
        """End the session; see `Inserted.eject`."""
        self._failed, self._aborted = failed, aborted
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self._ejected is None:
            raise self._error or RuntimeError("the thread ended without ejecting")
        return self._ejected

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(self._serve())
        except BaseException as error:  # raised again in the thread that asked
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        inserted = self._inserted = await Inserted.insert(self._settings, remedy=self._remedy, tell=self._tell)
        self._ready.set()
        await self._stop.wait()
        self._ejected = await inserted.eject(failed=self._failed, aborted=self._aborted)
