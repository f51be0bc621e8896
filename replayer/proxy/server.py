"""The listening side: one port on 127.0.0.1, one handler, closed within a second."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from replayer.errors import UsageError
from replayer.proxy import answers
from replayer.settings import CLOSING, HOST, LINE_LIMIT

BACKLOG = 256


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


class _Protocol(web.RequestHandler):
    """One connection. aiohttp would log what it cannot read, and that may hold a key."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        too_long = isinstance(exc, LineTooLong)
        answer = (answers.line_too_long(LINE_LIMIT) if too_long else answers.unreadable()).answer
        answer.force_close()
        return answer


class _Listening(web.Server):
    def __call__(self) -> _Protocol:
        return _Protocol(
            self,
            loop=asyncio.get_running_loop(),
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # None is aiohttp's own word for no log
            max_line_size=LINE_LIMIT,
            max_field_size=LINE_LIMIT,
        )


class Server:
    """Serves one handler on one bound socket."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], *, limit: int) -> None:
        self._handler, self._limit = handler, limit
        self._runner: web.ServerRunner | None = None

    async def start(self, listener: socket.socket) -> None:
        server = _Listening(self._handler, request_factory=self._request)
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
