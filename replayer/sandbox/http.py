"""The sandbox on a port. It turns aiohttp's request into ours and our response into aiohttp's, no more."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from string import printable
from types import TracebackType
from typing import Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from replayer.core.interaction import Request, Response
from replayer.sandbox.api import TOO_LARGE, UNREADABLE, Api
from replayer.sandbox.form import NOT_A_FORM

HOST: Final = "127.0.0.1"
MAX_BODY: Final = 1 << 20
CLOSING: Final = 0.25  # seconds that an open request is given when the sandbox closes


class Sandbox:
    """The embedded invoice API. `port` 0 means any; `seed` makes its ids a function of the clock."""

    def __init__(self, *, port: int = 0, seed: int | None = None, clock: Callable[[], float] = time.time) -> None:
        self.url = ""
        self._port = port
        self._clock = clock
        self._api = Api(_chance(seed), int(clock()))
        self._runner: web.ServerRunner | None = None

    def __repr__(self) -> str:
        return f"<Sandbox {self.url or 'not started'}>"

    async def start(self) -> str:
        """Bind and listen; the answer is the sandbox's origin. A busy port is an OSError."""
        server = _Server(self._handle, self._unreadable)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=CLOSING)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, self._port)
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self.url = f"http://{HOST}:{runner.addresses[0][1]}"
        return self.url

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> "Sandbox":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _handle(self, arrived: web.BaseRequest) -> web.StreamResponse:
        at = int(self._clock())
        request = Request(arrived.method, _target(arrived.raw_path), _headers(arrived))
        try:
            body = await _body(arrived)
        except (web.RequestPayloadError, HttpProcessingError):
            return _sent(self._api.refuse(request, NOT_A_FORM, at), keep=False)
        if body is None:
            return _sent(self._api.refuse(request, TOO_LARGE, at), keep=False)
        whole = Request(request.method, request.target, request.headers, body)
        return _sent(self._api.answer(whole, at), keep=arrived.keep_alive)

    def _unreadable(self) -> web.Response:
        return _sent(self._api.refuse(Request("", "/"), UNREADABLE, int(self._clock())), keep=False)


class _Protocol(web.RequestHandler):
    """Where aiohttp answers bytes that are no HTTP with a page and a traceback in the log, this one answers in JSON."""

    __slots__ = ("unreadable",)
    unreadable: Callable[[], web.Response]

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        return super().handle_error(request, status, exc, message) if status >= 500 else self.unreadable()


class _Server(web.Server):
    def __init__(
        self,
        handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        unreadable: Callable[[], web.Response],
    ) -> None:
        super().__init__(handle)
        self._unreadable = unreadable

    def __call__(self) -> _Protocol:
        protocol = _Protocol(
            self,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # None is aiohttp's own word for no log; its annotation forgot it
        )
        protocol.unreadable = self._unreadable
        return protocol


def _chance(seed: int | None) -> random.Random:
    if seed is None:
        return random.SystemRandom()
    return random.Random(seed)  # noqa: S311 - ids that must come out the same again, and protect nothing


def _target(raw: str) -> str:
    """A proxy's client may send the whole URL; only path and query count. Bytes beyond ASCII are percent-encoded."""
    plain = quote(raw.encode("utf-8", "surrogateescape"), safe=printable)
    if plain.startswith("/"):
        return plain
    _, _, rest = plain.partition("://")
    return "/" + rest.partition("/")[2]


def _headers(arrived: web.BaseRequest) -> tuple[tuple[str, str], ...]:
    """Undecodable bytes become question marks: they may be echoed."""
    return tuple((name, value.encode("utf-8", "replace").decode()) for name, value in arrived.headers.items())


async def _body(arrived: web.BaseRequest) -> bytes | None:
    """None where it is larger than the bound."""
    parts: list[bytes] = []
    size = 0
    async for part in arrived.content.iter_any():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _sent(response: Response, *, keep: bool) -> web.Response:
    answer = web.Response(status=response.status, reason=response.reason, body=response.body)
    answer.headers.clear()
    for name, value in response.headers:
        answer.headers[name] = value
    answer.headers["Connection"] = "keep-alive" if keep else "close"
    if not keep:
        answer.force_close()
    return answer
