"""The clock of an embedded sandbox, moved from the program that records from it. What the sandbox does then is recorded
like all else, so a replay has nothing to move.
"""

import asyncio
from collections.abc import Awaitable, Generator

from replayer.errors import UsageError
from replayer.proxy.upstream import Upstream, Upstreams


class Moved:
    """That the clock was moved: whoever awaits it goes on at once."""

    def __await__(self) -> Generator[None, None, None]:
        return iter(())  # type: ignore[return-value]  # an iterator is all that an await asks for


class Moving:
    """Made on the loop of the session that sends to that upstream; None where it only replays."""

    def __init__(self, upstream: Upstream | Upstreams | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._upstream = upstream

    def __repr__(self) -> str:
        return f"<Moving {self._upstream!r}>"

    def advance(self, seconds: int) -> Awaitable[None]:
        """Let so many seconds go by. It is done when this returns; on the session's own loop, when it was awaited.
        UsageError where the clock is somebody else's."""
        if seconds < 0:
            raise UsageError(f"A clock goes forward: {seconds} seconds are none.")
        if self._upstream is None:
            return Moved()
        if self._upstream.sandbox is None:
            raise UsageError(
                f"The clock of {self._upstream.origin} cannot be moved from here: only that of upstream 'sandbox' can. "
                "Advance one of its test clocks by a request."
            )
        moving = self._upstream.sandbox.advance(seconds)
        if _running_loop() is self._loop:
            return self._loop.create_task(moving)
        asyncio.run_coroutine_threadsafe(moving, self._loop).result()
        return Moved()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
