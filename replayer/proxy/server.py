"""The listening side: one port, on 127.0.0.1 unless somebody says so, one handler, closed within a second."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from replayer.errors import UsageError
from replayer.proxy.answers import Told
from replayer.proxy.connections import BACKLOG, LINGERING, Connections
from replayer.proxy.prompt import Prompt
from replayer.proxy.wire import Connection
from replayer.settings import words

ANYWHERE = {"0.0.0.0": words.HOST, "::": "::1"}  # noqa: S104 - to listen on; whoever asks names one of them
HOUR = 3600.0  # seconds that a connection is waited for where nobody says otherwise

log = logging.getLogger("replayer")


def bound(port: int, address: str = words.HOST) -> socket.socket:
    """A socket at that port, 0 meaning any. UsageError where it cannot be had."""
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        where = "" if address == words.HOST else f" of {address}"
        why = f"{error.strerror}. Choose another one, or 0 for any."
        raise UsageError(f"Port {port}{where} cannot be used: {why}") from None
    return listener


def origin(listener: socket.socket, scheme: str = "http") -> str:
    """The address of a bound socket, as clients on this machine write it."""
    address, port = listener.getsockname()[:2]
    host = ANYWHERE.get(address, address)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _log(told: Told) -> None:
    log.warning("%s", told.note)


class _Listening(web.Server):
    """Makes a connection of each that comes. `prompt` is who answers at once."""

    limits: Connections
    tell: Callable[[Told], None]
    prompt: Prompt | None = None

    def __call__(self) -> Connection:
        connection = Connection(
            self,
            prompt=self.prompt,
            loop=asyncio.get_running_loop(),
            auto_decompress=False,
            access_log=None,  # None is aiohttp's own word for no log
            max_line_size=words.LINE_LIMIT,
            max_field_size=words.LINE_LIMIT,
            keepalive_timeout=self.limits.idle_timeout,
            lingering_time=LINGERING,
        )
        connection.limits, connection.tell = self.limits, self.tell
        return connection


class Server:
    """Serves one handler on one bound socket. `limit` is the longest body in bytes, `limits` those of waiting;
    `tell` is told of requests that reach no handler, `prompt` answers what it can before the handler comes to it;
    `target` is what a request's target means."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        *,
        limit: int,
        limits: Connections | None = None,
        tell: Callable[[Told], None] = _log,
        prompt: Prompt | None = None,
        target: Callable[[str], str] | None = None,
    ) -> None:
        self._handler, self._limit, self._tell, self._prompt = handler, limit, tell, prompt
        self._target = target
        self._limits = limits or Connections(request_timeout=HOUR, idle_timeout=HOUR)
        self._runner: web.ServerRunner | None = None

    async def start(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Answer whoever connects there."""
        await self.ready()
        if self._runner is not None:
            await web.SockSite(self._runner, listener, backlog=BACKLOG, ssl_context=tls).start()

    async def ready(self) -> Callable[[], Connection]:
        """What answers a connection that somebody else has accepted: one for each."""
        server = _Listening(self._handler, request_factory=self._request)
        server.limits, server.tell, server.prompt = self._limits, self._tell, self._prompt
        self._runner = web.ServerRunner(server, shutdown_timeout=words.CLOSING)
        await self._runner.setup()
        return server

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        """A request as aiohttp makes it itself, but for the bound of its body, and for what its target means."""
        loop = asyncio.get_running_loop()
        if self._target is not None:
            message = message._replace(path=self._target(message.path))
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=self._limit)

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
