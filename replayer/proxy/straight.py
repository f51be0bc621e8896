"""`--disable-replayer`: what a test gets in the place of a session. Its address is the upstream's own; nothing stands
between, and nothing is recorded or replayed.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from replayer.cassettes import folder
from replayer.core.session import Receipt, verdicts
from replayer.errors import UsageError
from replayer.proxy.clock import Clock
from replayer.proxy.moving import Moved
from replayer.settings import Settings, words

if TYPE_CHECKING:
    from replayer.sandbox import Sandbox


class Straight:
    """The address of the upstream of those settings, with the attributes of a session in which nothing happened."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cassette: Path = folder.locate(settings.folder, settings.cassette)
        self.url = settings.upstream or folder.recorded_upstream(self.cassette)
        self.inspector = ""
        self.play_count, self.misses = 0, list[verdicts.Refuse]()
        self.receipt = Receipt(recorded=0, played=0, missed=0, unused=0)
        self.clock = Clock(lambda: int(time.time()), self._advance)
        self._sandbox: _OwnSandbox | None = None
        if not self.url:
            raise UsageError(f"There is no upstream for {settings.cassette} to pass straight on to. Name it: upstream.")
        if settings.as_proxy or settings.upstream_auth or settings.fault_rules:
            raise UsageError(
                "Passed straight on, nothing stands between the test and its upstream: no as_proxy, upstream_auth or "
                "faults. Leave --disable-replayer out."
            )

    def __enter__(self) -> Self:
        if self.url == words.SANDBOX:
            self._sandbox = _OwnSandbox()
            self.url = self._sandbox.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._sandbox is not None:
            self._sandbox.stop()

    def _advance(self, seconds: int) -> Awaitable[None]:
        """The sandbox of this test has a clock that can be moved."""
        if self._sandbox is None:
            raise UsageError(f"The clock of {self.url} cannot be moved from here: only that of upstream 'sandbox' can.")
        self._sandbox.advance(seconds)
        return Moved()

    def set_faults(self, *rules: str) -> None:
        """There is nothing that could go wrong on purpose."""
        if rules:
            raise UsageError("Passed straight on, there are no faults. Leave --disable-replayer out.")


class _OwnSandbox:
    """The embedded sandbox in a thread, for one test."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="replayer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._url = ""
        self._served: Sandbox | None = None

    def start(self) -> str:
        """Its address, once it listens."""
        self._thread.start()
        self._ready.wait()
        return self._url

    def advance(self, seconds: int) -> None:
        if self._loop is not None and self._served is not None:
            asyncio.run_coroutine_threadsafe(self._served.advance(seconds), self._loop).result()

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        from replayer.sandbox import Sandbox

        try:
            self._loop = asyncio.get_running_loop()
            async with Sandbox() as sandbox:
                self._url, self._served = sandbox.url, sandbox
                self._ready.set()
                await self._stop.wait()
        finally:
            self._ready.set()
