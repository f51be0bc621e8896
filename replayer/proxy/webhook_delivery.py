"""Webhooks to the program: one after the other, behind the answers of the writes that they come of. No answer waits for
them, and nothing that the program does with one is trouble for a request.

due  -->  held, or waited for where time goes on  -->  POST, signed anew  -->  taken (2xx), or nobody took it
                                                          again, a few times, where the program fails (5xx)
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp

from replayer.core.deliveries import Due, signature
from replayer.proxy.handler import Line
from replayer.proxy.upstream import phrase_of
from replayer.proxy.webhook import TAKEN, Webhook, Webhooks

PATIENCE = 10.0  # seconds that a program may take to answer one
LONGEST_DELAY = 2.0  # seconds that one is waited for that was recorded later: nobody wants an hour of it
PAUSES = (0.05, 0.2, 0.5)  # seconds before each time that one is sent again; more often, the last one each time
FAILED = range(500, 600)


class Delivering:
    """Delivers the webhooks of one session. `webhooks` is what is known of them to whoever asks; `now` gives the real
    time, in seconds since 1970; `delays` tells that time goes on between a write and what comes of it."""

    def __init__(
        self,
        webhooks: Webhooks,
        *,
        now: Callable[[], float],
        tell: Callable[[Line], None],
        quiet: bool = False,
        delays: bool = False,
        retries: int = 3,
    ) -> None:
        self.webhooks, self._now, self._tell, self._quiet = webhooks, now, tell, quiet
        self._delays, self._retries = delays, retries
        self._due: deque[Due] = deque()
        self._one_by_one = asyncio.Lock()
        self._worker: asyncio.Task[None] | None = None
        self._client: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"<Delivering {self.webhooks!r}, {len(self._due)} due>"

    # -- replaying ----------------------------------------------------------------------------------------------

    def send(self, due: Sequence[Due]) -> None:
        """Deliver these behind all that are due already."""
        self._due.extend(due)
        self.go_on()

    def go_on(self) -> None:
        """Deliver what is due, unless that is held."""
        if self._due and (self._worker is None or self._worker.done()) and not self.webhooks.is_held:
            self._worker = asyncio.get_running_loop().create_task(self._deliver_all())

    async def _deliver_all(self) -> None:
        while self._due and not self.webhooks.is_held:
            await self._deliver(self._due.popleft())

    def waiting(self) -> list[Webhook]:
        """Those that are due and were not delivered, in their order."""
        return [Webhook.of(due) for due in self._due]

    async def release(self, chosen: Callable[[Webhook], bool]) -> None:
        """Deliver of those that are held the chosen ones now."""
        for due in [one for one in self._due if chosen(Webhook.of(one))]:
            self._due.remove(due)
            await self._deliver(due)

    async def _deliver(self, due: Due) -> None:
        if self._delays and due.delay:
            await asyncio.sleep(min(due.delay, LONGEST_DELAY))
        webhook = Webhook.of(due)
        self.webhooks.came(webhook)
        for again in range(self._retries + 1):
            status = await self.hand(webhook)
            if status not in FAILED or again == self._retries:
                break
            await asyncio.sleep(PAUSES[min(again, len(PAUSES) - 1)])
        self.webhooks.changed()

    # -- one of them --------------------------------------------------------------------------------------------

    async def hand(self, webhook: Webhook) -> int:
        """Hand one to the program, once; the status of its answer, 0 where there was none. Where nobody said who takes
        them, that is for whoever waits."""
        endpoint = self.webhooks.endpoint
        if not endpoint:
            return 0
        began = time.perf_counter()
        async with self._one_by_one:
            status, note = await self._post(endpoint, webhook)
        webhook.statuses.append(status)
        self.webhooks.changed()
        if note or not self._quiet:
            took = (time.perf_counter() - began) * 1000
            self._tell(Line("POST", urlsplit(endpoint).path or "/", status, f"webhook {webhook.type}", took, note))
        return status

    async def _post(self, endpoint: str, webhook: Webhook) -> tuple[int, str]:
        """The status, and what is to be said where that is trouble."""
        if self._client is None:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            jar = aiohttp.DummyCookieJar()
            self._client = aiohttp.ClientSession(timeout=timeout, auto_decompress=False, cookie_jar=jar)
        lost = f"Nobody took the webhook {webhook.type}: {endpoint}"
        try:
            async with self._client.post(
                endpoint, data=webhook.body, headers=self.signed(webhook), allow_redirects=False
            ) as reply:
                with suppress(aiohttp.ClientError):  # what it says is nobody's business
                    await reply.read()
                if reply.status in TAKEN:
                    return reply.status, ""
                return reply.status, f"{lost} answered {reply.status}."
        except TimeoutError:
            return 0, f"{lost} did not answer within {PATIENCE:g} seconds."
        except (aiohttp.ClientError, OSError) as error:
            return 0, f"{lost} cannot be reached: {phrase_of(error)}."

    def signed(self, webhook: Webhook) -> list[tuple[str, str]]:
        """Its headers, with a signature of now. Whoever looks at a clock that was set believes that one instead."""
        at = int(max(self._now(), time.time()))
        return [*webhook.headers, (signature.HEADER, signature.signed(webhook.body, signature.SECRET, at))]

    # -- ending -------------------------------------------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being delivered now."""
        return self._worker is None or self._worker.done()

    async def finish(self, seconds: float) -> None:
        """Wait so long for what is being delivered."""
        if self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker], timeout=seconds)

    async def close(self) -> None:
        """Deliver nothing more: what is due still, nobody took."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker
        for due in self._due:
            self.webhooks.came(Webhook.of(due))
        self._due.clear()
        if self._client is not None:
            await self._client.close()
