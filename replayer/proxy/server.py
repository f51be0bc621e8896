"""The listening side: one port on 127.0.0.1, one handler, closed within a second."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod, LineTooLong

from replayer.core.session import verdicts
from replayer.errors import UsageError
from replayer.proxy import answers, fault, guard
from replayer.proxy.answers import Told
from replayer.proxy.connections import BACKLOG, LINGERING, Connections, Waiting
from replayer.settings import CLOSING, HOST, LINE_LIMIT

HOUR = 3600.0  # seconds that a connection is waited for where nobody says otherwise

log = logging.getLogger("replayer")


def bound(port: int) -> socket.socket:
    """A socket at that port, 0 meaning any. UsageError where somebody else has it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise UsageError(f"Port {port} cannot be used: {error.strerror}. Choose another one, or 0 for any.") from None
    return listener


def origin(listener: socket.socket) -> str:
    """The address of a bound socket, as clients write it."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


class _Protocol(Waiting):
    """One connection. aiohttp would log what it cannot read, and that may hold a key. `tell` is told of such requests:
    they reach no handler."""

    __slots__ = ("tell",)
    tell: Callable[[Told], None]

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - aiohttp's own parameters
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        told = _behind(exc) if status >= 500 else _unreadable(exc)
        told.answer.force_close()
        if status >= 500:
            log.error("%s", told.note)  # whoever is told may be what failed
        else:
            self.tell(told)
        return told.answer


def _behind(error: BaseException | None) -> Told:
    """The handler has a last resort of its own; this is for what goes wrong behind it."""
    found = fault.of(error or RuntimeError())
    return Told(answers.miss(verdicts.Reason.FAULT, found.message), "failed", found.note)


def _unreadable(error: BaseException | None) -> Told:
    if isinstance(error, LineTooLong):
        return answers.line_too_long(LINE_LIMIT)
    if isinstance(error, BadHttpMethod) and (method := guard.method_in(error.message)):
        return answers.unknown_method(method)
    return answers.unreadable()


def _log(told: Told) -> None:
    log.warning("%s", told.note)


class _Listening(web.Server):
    limits: Connections
    tell: Callable[[Told], None]

    def __call__(self) -> _Protocol:
        protocol = _Protocol(
            self,
            loop=asyncio.get_running_loop(),
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # None is aiohttp's own word for no log
            max_line_size=LINE_LIMIT,
            max_field_size=LINE_LIMIT,
            keepalive_timeout=self.limits.idle_timeout,
            lingering_time=LINGERING,
        )
        protocol.limits, protocol.tell = self.limits, self.tell
        return protocol


class Server:
    """Serves one handler on one bound socket. `limit` is the longest body in bytes, `limits` those of waiting;
    `tell` is told of requests that reach no handler."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        *,
        limit: int,
        limits: Connections | None = None,
        tell: Callable[[Told], None] = _log,
    ) -> None:
        self._handler, self._limit, self._tell = handler, limit, tell
        self._limits = limits or Connections(request_timeout=HOUR, idle_timeout=HOUR)
        self._runner: web.ServerRunner | None = None

    async def start(self, listener: socket.socket) -> None:
        server = _Listening(self._handler, request_factory=self._request)
        server.limits, server.tell = self._limits, self._tell
        self._runner = web.ServerRunner(server, shutdown_timeout=CLOSING)
        await self._runner.setup()
        await web.SockSite(self._runner, listener, backlog=BACKLOG).start()

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        """A request as aiohttp makes it itself, but for the bound of its body."""
        loop = asyncio.get_running_loop()
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=self._limit)

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
