"""A loop in which nobody waits: where only timers are left, its clock jumps to the next one. What is slow by chance is
then so in the same order in every run, however busy the machine is."""

import asyncio
import selectors

FAR = 1.0  # seconds: what is further away is a bound and no delay; until then something may still arrive


class Jumping(selectors.DefaultSelector):
    """Files that may be ready, and the only time that goes by while none is."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(timeout if timeout > FAR else 0)
        if not ready:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop, by that clock."""

    def __init__(self) -> None:
        self._files = Jumping()
        super().__init__(self._files)

    def time(self) -> float:
        return self._files.now
