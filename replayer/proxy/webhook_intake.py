"""Webhooks from the upstream, while something is recorded: each waits for the answer of the write that it came of, gets
its names, is on disk, and only then is handed to the program. The upstream is told what the program answered.

upstream  -- POST, its signature -->  verified  -->  translated  -->  journal  -->  POST, signed anew  -->  program
upstream  <-------------------------- the status of the program's answer --------------------------------  program
"""

import asyncio
from collections.abc import Callable
from functools import partial

from aiohttp import web

from replayer.core.deliveries import Came, signature
from replayer.core.message import Request
from replayer.proxy.handler import Line, fields_of
from replayer.proxy.slot import Slot
from replayer.proxy.steps import Steps
from replayer.proxy.webhook import TAKEN, Webhook
from replayer.proxy.webhook_delivery import Delivering

WAITING = 10.0  # seconds that a webhook waits for the answer of what it may have come of
BROWSERS = ("Origin", "Sec-Fetch-Site")  # what only a page says
BUSY, UNTAKEN = 503, 502
UNSIGNED = "A webhook came whose signature is not made with webhook_secret: it was refused."
FOREIGN = "A webhook {} came of nothing in this session: it is neither recorded nor handed on"


class Intake:
    """Takes in the webhooks of one session that records. `secret` is that of the upstream's endpoint, empty where no
    signature is looked at."""

    def __init__(
        self, slot: Slot, steps: Steps, delivering: Delivering, *, secret: str, tell: Callable[[Line], None]
    ) -> None:
        self._slot, self._steps, self._delivering = slot, steps, delivering
        self._secret, self._tell = secret, tell
        self._moved = asyncio.Event()
        self._under_way = 0
        self.last = asyncio.get_running_loop().time()  # when anything came, on the loop's clock

    def __repr__(self) -> str:
        return f"<Intake {self._under_way} under way>"

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being taken in."""
        return not self._under_way

    @property
    def is_complete(self) -> bool:
        """Whether all that an older recording has behind the same writes has come again; never, where it has none."""
        receiving = self._slot.session.receiving
        return receiving.expected > 0 and receiving.missing == 0

    def moved(self) -> None:
        """A request was answered: what waits for that may look again."""
        self.last = asyncio.get_running_loop().time()
        self._moved.set()
        self._moved = asyncio.Event()

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        self._under_way += 1
        try:
            return await self._answer(http)
        finally:
            self._under_way -= 1
            self.last = asyncio.get_running_loop().time()

    async def _answer(self, http: web.BaseRequest) -> web.Response:
        if http.method != "POST":
            return _said(405, "Webhooks are sent by POST.")
        if any(http.headers.get(name) for name in BROWSERS):
            return _said(403, "No page of a browser sends webhooks.")
        try:
            body = await http.read()
        except web.HTTPRequestEntityTooLarge:
            return _said(413, "This webhook is longer than body_limit.")
        request = Request("POST", "/", fields_of(http), body, limit=http.client_max_size)
        if self._secret and not signature.is_signed(http.headers.get(signature.HEADER, ""), body, self._secret):
            self._say(400, "webhook refused", UNSIGNED)
            return _said(400, "The signature is not made with the secret of this endpoint.")
        return await self._take_in(request)

    async def _take_in(self, request: Request) -> web.Response:
        length = len(request.body)
        came = await self._caused(request)
        known = self._slot.session.receiving.known(came)
        if known is not None and (not known.answers or known.answers[-1] in TAKEN):
            return _said(200, "taken") if known.answers else _said(BUSY, "This webhook is being delivered.")
        if came.write is None:
            self._say(200, "webhook passed over", f"{FOREIGN.format(came.announced.type)}.")
            return _said(200, "This came of nothing in the session that is being recorded.")
        heard = await self._steps.take(partial(self._slot.take_in_webhook, came, known), length)
        if heard.due is None or heard.delivery is None:
            self._say(500, f"webhook {came.announced.type}", heard.trouble)
            return _said(500, "This webhook cannot be recorded.")
        webhook = Webhook.of(heard.due)
        self._delivering.webhooks.came(webhook)
        status = await self._delivering.hand(webhook)
        trouble = await self._steps.take(partial(self._slot.webhook_answered, heard.delivery, status), length)
        if trouble:
            self._say(status, f"webhook {webhook.type}", trouble)
        self._delivering.webhooks.changed()
        nobody = 200 if not self._delivering.webhooks.endpoint else UNTAKEN  # who only records takes it himself
        return _said(status or nobody, "")

    async def _caused(self, request: Request) -> Came:
        """The webhook with the write that it came of, once that is known."""
        loop = asyncio.get_running_loop()
        until = loop.time() + WAITING
        while True:
            moved = self._moved
            came = await self._steps.take(partial(self._slot.session.receiving.came, request), len(request.body))
            if not self._slot.session.receiving.may_wait(came) or loop.time() >= until:
                return came
            try:
                await asyncio.wait_for(moved.wait(), until - loop.time())
            except TimeoutError:
                continue

    def _say(self, status: int, outcome: str, note: str) -> None:
        self._tell(Line("POST", "(webhooks)", status, outcome, 0, note))


def _said(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text)
