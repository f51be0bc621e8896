"""Delivers events over HTTP, signed. What is due, and what becomes of what was not taken, the API itself says.

An endpoint is sent one event after the other, in the order of the events; the next one begins when the last was
answered, or when that takes long. Endpoints are served side by side, and behind the answers: none waits for a delivery.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from replayer.core.deliveries import signature
from replayer.sandbox.api import InvoiceApi
from replayer.sandbox.events import Posting
from replayer.sandbox.serving.lifetime import Life

PATIENCE: Final = 10.0  # seconds that an endpoint has for its answer
ORDERLY: Final = 1.0  # seconds that the next delivery to it waits for that
WINDOW: Final = 0.1  # seconds for which deliveries are gathered to be shuffled
LONGEST: Final = 60.0  # seconds between two looks at a clock that may stand
AT_ONCE: Final = 16  # deliveries to one endpoint that have no answer yet
HEADERS: Final = {
    "Accept": "*/*; q=0.5, application/xml",
    "Cache-Control": "no-cache",
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
}

Key = tuple[InvoiceApi, str, str]
"""One delivery: the API that it comes of, its event and its endpoint."""


@dataclass(slots=True)
class _Recipient:
    """What one endpoint is sent, in its order."""

    queue: "asyncio.Queue[tuple[InvoiceApi, Posting]]" = field(default_factory=asyncio.Queue)
    open: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    task: "asyncio.Task[None] | None" = None


class Courier:
    """Delivers what happens in a life, and looks that what comes by itself comes in time. `hosts` are those that it may
    reach besides this machine; `tell` is told each delivery that was not taken."""

    def __init__(
        self,
        life: Life,
        *,
        hosts: Collection[str] = (),
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._life, self._tell = life, tell
        self._hosts = frozenset(host.lower() for host in hosts)
        self._recipients: dict[str, _Recipient] = {}
        self._underway: set[Key] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._woken, self._settled = asyncio.Event(), asyncio.Event()
        self._client: aiohttp.ClientSession | None = None
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Courier {len(self._underway)} underway>"

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())
        self.wake()

    def wake(self) -> None:
        """Something may have become due."""
        self._woken.set()

    async def drained(self) -> None:
        """Until nothing is due that has not been tried."""
        while self._underway or self._life.api.due(self._life.now()):
            self._settled.clear()
            self.wake()
            await self._settled.wait()

    async def close(self, patience: float) -> None:
        """What is due has so many seconds left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self.drained()
        recipients = [recipient.task for recipient in self._recipients.values() if recipient.task is not None]
        tasks = [task for task in (self._task, *recipients, *self._sending) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    async def _run(self) -> None:
        while True:
            await self._until_due()
            self._life.pass_time()
            if self._life.api.switches["event_order"] == "shuffled":
                await asyncio.sleep(WINDOW)
            api = self._life.api
            for posting in api.due(self._life.now()):
                self._enqueue(api, posting)
            self._settled.set()

    async def _until_due(self) -> None:
        at = self._life.next_moment()
        pause = LONGEST if at is None else min(max(at - self._life.now(), WINDOW), LONGEST)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._woken.wait()
        self._woken.clear()

    def _enqueue(self, api: InvoiceApi, posting: Posting) -> None:
        key = (api, posting.event, posting.endpoint)
        if key in self._underway:
            return
        self._underway.add(key)
        recipient = self._recipients.setdefault(posting.endpoint, _Recipient())
        if recipient.task is None:
            recipient.task = asyncio.create_task(self._serve(recipient))
        recipient.queue.put_nowait((api, posting))

    async def _serve(self, recipient: _Recipient) -> None:
        while True:
            api, posting = await recipient.queue.get()
            await recipient.open.acquire()
            sending = asyncio.create_task(self._deliver(api, posting))
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
            sending.add_done_callback(lambda _: recipient.open.release())
            await asyncio.wait({sending}, timeout=ORDERLY)

    async def _deliver(self, api: InvoiceApi, posting: Posting) -> None:
        trouble = await self._trouble(posting)
        api.delivered(posting, self._life.now(), taken=trouble is None)
        self._underway.discard((api, posting.event, posting.endpoint))
        if trouble is not None:
            self._tell(f"{posting.type} was not delivered to {posting.url}: {trouble}.")
        self._settled.set()
        self.wake()

    async def _trouble(self, posting: Posting) -> str | None:
        """Why it was not taken; None where it was."""
        host = urlsplit(posting.url).hostname or ""
        if not self._may_reach(host):
            return f"{host} is not this machine; allow it with --deliver-to {host}"
        headers = {**HEADERS, "Stripe-Signature": signature.signed(posting.body, posting.secret, int(time.time()))}
        try:
            async with self._session().post(
                posting.url, data=posting.body, headers=headers, allow_redirects=False
            ) as answer:
                return None if 200 <= answer.status < 300 else f"it answered {answer.status}"
        except TimeoutError:
            return f"no answer within {PATIENCE:.0f} seconds"
        except Exception as error:  # whatever comes of somebody's address: the next delivery must not wait for it
            return type(error).__name__

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept-Encoding",),
                timeout=aiohttp.ClientTimeout(total=PATIENCE),
            )
        return self._client

    def _may_reach(self, host: str) -> bool:
        if host == "localhost" or host.lower() in self._hosts:
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
