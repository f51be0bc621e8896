"""The listening side: one port on 127.0.0.1, one handler, closed within a second."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from replayer.errors import UsageError
from replayer.proxy.prompt import Prompt
from replayer.proxy.wire import Connection
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


class _Listening(web.Server):
    """Makes a connection of each that comes. `prompt` is who answers at once."""

    prompt: Prompt | None = None

    def __call__(self) -> Connection:
        return Connection(
            self,
            prompt=self.prompt,
            loop=asyncio.get_running_loop(),
            auto_decompress=False,
            access_log=None,  # None is aiohttp's own word for no log
            max_line_size=LINE_LIMIT,
            max_field_size=LINE_LIMIT,
        )


class Server:
    """Serves one handler on one bound socket. `prompt` answers what it can before the handler comes to it."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        *,
        limit: int,
        prompt: Prompt | None = None,
    ) -> None:
        self._handler, self._limit, self._prompt = handler, limit, prompt
        self._runner: web.ServerRunner | None = None

    async def start(self, listener: socket.socket) -> None:
        server = _Listening(self._handler, request_factory=self._request)
        server.prompt = self._prompt
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
