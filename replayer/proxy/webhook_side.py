"""The webhooks of one session, from the port on which the API delivers them to the program that takes them. Where
nothing is recorded, nobody listens.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Self

from replayer.core.deliveries import Due, signature
from replayer.errors import UsageError
from replayer.proxy.connections import Connections
from replayer.proxy.handler import Handler
from replayer.proxy.server import Server, bound, origin
from replayer.proxy.slot import Slot
from replayer.proxy.webhook import Webhooks
from replayer.proxy.webhook_delivery import Delivering
from replayer.proxy.webhook_intake import Intake
from replayer.settings import Settings, words

QUIET = 2.0  # seconds without a webhook and without an answer, until it is believed that none will come
LONGEST = 10.0  # seconds that the end of a session waits for webhooks at most
DRAINING = 60.0  # seconds that an upstream of our own has to say all that it has to say: it does end
STEP = 0.02


class WebhookPort:
    """The port on which an API delivers, and the secret of its endpoint, empty where no signature is looked at.
    `drained` waits until an upstream of our own has said all that it has to say; None where nobody can know."""

    def __init__(self, listener: socket.socket, secret: str) -> None:
        self.listener, self.url, self.secret = listener, origin(listener), secret
        self.drained: Callable[[], Awaitable[None]] | None = None

    def __repr__(self) -> str:
        return f"<WebhookPort {self.url}>"

    @classmethod
    def of(cls, settings: Settings, stack: AsyncExitStack) -> Self:
        """The port of those settings, which is let go with the stack. UsageError where it cannot be had."""
        secret = secret_of(settings)
        return cls(stack.enter_context(bound(settings.webhook_port, settings.listen)), secret)

    def is_embedded(self, drained: Callable[[], Awaitable[None]]) -> None:
        """The upstream is our own: it signs with the secret of all programs."""
        self.secret, self.drained = signature.SECRET, drained


class WebhookSide:
    """Of one session: `webhooks` is what a test sees of them. `intake` takes in what the API delivers; None where
    nothing is recorded, or nobody wants it."""

    def __init__(
        self,
        delivering: Delivering,
        intake: Intake | None = None,
        server: Server | None = None,
        port: WebhookPort | None = None,
    ) -> None:
        self.webhooks = delivering.webhooks
        self._delivering, self._intake, self._server = delivering, intake, server
        self._drained = port.drained if port else None

    def __repr__(self) -> str:
        return f"<WebhookSide {self.webhooks!r}>"

    @classmethod
    async def begin(cls, settings: Settings, slot: Slot, handler: Handler, port: WebhookPort | None) -> Self:
        """Deliver what is due behind the answers of that handler, and listen at that port for what the API delivers, if
        there is one."""
        webhooks = Webhooks(settings.endpoint)
        delivering = Delivering(
            webhooks,
            now=handler.now,
            tell=handler.tell,
            quiet=handler.quiet,
            delays=settings.time == words.SHIFTED,
            retries=settings.webhook_retries,
        )
        webhooks.begin(delivering)
        if port is None:
            side = cls(delivering)
            handler.behind = side.behind
            return side
        intake = Intake(slot, handler.steps, delivering, secret=port.secret, tell=handler.tell)
        limits = Connections(request_timeout=settings.request_timeout, idle_timeout=settings.idle_timeout)
        server = Server(intake, limit=settings.body_limit, limits=limits, tell=handler.tell_unread)
        webhooks.url = port.url
        await server.start(port.listener)
        side = cls(delivering, intake, server, port)
        handler.behind, handler.follows_each = side.behind, True
        return side

    def behind(self, due: tuple[Due, ...]) -> None:
        """An answer has left, and these webhooks come of what it answers."""
        if due:
            self._delivering.send(due)
        if self._intake is not None:
            self._intake.moved()

    async def settle(self) -> None:
        """Wait for the webhooks that are still to come, as far as anybody can know, and for those under way."""
        self.webhooks.is_held = False
        self._delivering.go_on()
        await self._delivering.finish(LONGEST)
        if self._intake is None:
            return
        loop = asyncio.get_running_loop()
        if self._drained is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._drained(), DRAINING)
        until = loop.time() + LONGEST
        while loop.time() < until and not self._has_settled(self._intake, loop.time()):  # noqa: ASYNC110 - time decides
            await asyncio.sleep(STEP)

    def _has_settled(self, intake: Intake, now: float) -> bool:
        if not intake.is_idle or not self._delivering.is_idle:
            return False
        if self._drained is not None:
            return True
        return intake.is_complete or now - intake.last >= QUIET

    async def close(self) -> None:
        """Take in nothing more, and deliver nothing more."""
        if self._server is not None:
            await self._server.close()
        await self._delivering.close()
        self.webhooks.end()
        self._server = self._intake = None  # so that a session that has ended is gone at once


def secret_of(settings: Settings) -> str:
    """The secret of the API's endpoint; empty where no signature is looked at. UsageError where its variable holds
    none."""
    variable = settings.webhook_variable
    secret = os.environ.get(variable, "").strip() if variable else ""
    if variable and not secret:
        raise UsageError(
            f"There is no secret of the endpoint: {variable} is not set, which webhook_secret names. Set it, or leave "
            "webhook_secret out."
        )
    return secret
