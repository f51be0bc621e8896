"""The sandbox on a port. It turns aiohttp's request into ours and our response into aiohttp's, no more."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from string import printable
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from replayer.core.deliveries import signature
from replayer.core.message import Request, Response, wire
from replayer.errors import UsageError
from replayer.proxy.connections import BACKLOG, Connections, Waiting
from replayer.sandbox.api import TOO_LARGE, UNREADABLE, InvoiceApi, account_of
from replayer.sandbox.events import Listener
from replayer.sandbox.ledger import switches
from replayer.sandbox.serving import control
from replayer.sandbox.serving.courier import Courier
from replayer.sandbox.serving.lifetime import Life
from replayer.sandbox.serving.state_file import StateError, StateFile
from replayer.sandbox.wire import refusals
from replayer.settings import Settings, words

DELIVERING: Final = 2.0  # seconds that the last webhooks have when the sandbox closes
MAX_BODY: Final = 1 << 20
SAVING: Final = 0.5  # seconds between two savings, at least
PATIENCE: Final = Settings().request_timeout  # seconds, as at the proxy
SAVING_SHARE: Final = 20  # and at least so many times as long as the last one took: at most a twentieth of the time


class Sandbox:
    """The embedded invoice API. `port` 0 means any.

    `seed` makes its ids a function of the clock, `step` moves the clock by a second with every write. `switches` answer
    the questions that the API leaves open. `state` is the file that keeps what is made: a UsageError at once where it
    holds something else, a StateError from `close` where it could not be saved. `token` allows
    `POST /__sandbox__/reset` to whoever sends it as `Sandbox-Token`.

    `webhooks` is an address that hears of every event without being an endpoint of an account, signed with
    `webhook_secret`; a UsageError where it is none. Events go to this machine, and to those that `hosts` names; `tell`
    is told what was not taken.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
        step: bool = False,
        switches: switches.Switches = switches.DEFAULTS,
        state: Path | str | None = None,
        token: str | None = None,
        webhooks: str | None = None,
        webhook_secret: str | None = None,
        hosts: Collection[str] = (),
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.url = ""
        self._port = port
        self._token = token
        file = None if state is None else StateFile(Path(state))
        if webhooks is not None:
            hosts = (*hosts, _host(webhooks))  # who names it means it
        listener = None if webhooks is None else Listener(webhooks, webhook_secret or signature.SECRET)
        self._life = Life(seed=seed, clock=clock, step=step, switches=switches, file=file, listener=listener)
        self._courier: Courier | None = None
        self._new_courier = partial(Courier, self._life, hosts=hosts, tell=tell)
        self._running: dict[tuple[str | None, str], list[object]] = {}
        self._runner: web.ServerRunner | None = None
        self._keeping: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Sandbox {self.url or 'not started'}>"

    @property
    def api(self) -> InvoiceApi:
        """What answers, without its port. A reset puts another in its place."""
        return self._life.api

    async def start(self) -> str:
        """Bind and listen; the answer is the sandbox's origin. A busy port is an OSError."""
        server = _SandboxServer(self._handle, self._unreadable)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=words.CLOSING)
        await runner.setup()
        try:
            site = web.TCPSite(runner, words.HOST, self._port, backlog=BACKLOG)
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self._keeping = asyncio.create_task(self._keep())
        self._courier = self._new_courier()
        self._courier.start()
        self.url = f"http://{words.HOST}:{runner.addresses[0][1]}"
        return self.url

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None:
            return
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()
        await runner.cleanup()
        courier, self._courier = self._courier, None
        if courier is not None:
            await courier.close(DELIVERING)
        self._life.save()

    async def drained(self) -> None:
        """Until every webhook that is due was delivered, or tried: what was not taken is due again later."""
        if self._courier is not None:
            await self._courier.drained()

    async def advance(self, seconds: int) -> None:
        """Move the clock by so many seconds. What was to come by then comes in its order, each in its own second, and
        is delivered before what comes later."""
        target = self._life.now() + seconds
        while (moment := self._life.next_moment()) is not None and self._life.now() < moment < target:
            self._life.move_to(moment)
            await self.drained()
        self._life.move_to(target)
        await self.drained()

    async def _keep(self) -> None:
        """Save now and then what was written, in a small part of the time. What goes wrong is told at the end."""
        pause = SAVING
        while True:
            await asyncio.sleep(pause)
            begun = time.perf_counter()
            try:
                self._life.save()
            except StateError:
                return
            pause = max(SAVING, SAVING_SHARE * (time.perf_counter() - begun))

    async def __aenter__(self) -> "Sandbox":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _handle(self, arrived: web.BaseRequest) -> web.StreamResponse:
        request = Request(arrived.method, _target(arrived.raw_path), _headers(arrived))
        if self._token is not None and request.path.startswith(control.PREFIX):
            return await self._ordered(request, self._token)
        with self._in_turn(request) as busy:
            try:
                async with asyncio.timeout(PATIENCE):
                    body = await _body(arrived)
            except (web.RequestPayloadError, HttpProcessingError, ConnectionError, TimeoutError):  # or it is gone
                return self._refused(request, refusals.NOT_A_FORM)
            if body is None:
                return self._refused(request, TOO_LARGE)
            whole = Request(request.method, request.target, request.headers, body)
            answer = self._life.answer(whole, busy=busy())
            if self._courier is not None and whole.method != "GET":
                self._courier.wake()  # it begins when this answer is on its way
            return _sent(answer, keep=arrived.keep_alive)

    @contextmanager
    def _in_turn(self, request: Request) -> Iterator[Callable[[], bool]]:
        """Whether an earlier request under the same key is still running. It runs from its head to its answer."""
        key = wire.header(request.headers, "Idempotency-Key") if request.method == "POST" else None
        if not key:
            yield lambda: False
            return
        place, own = (account_of(request), key), object()
        running = self._running.setdefault(place, [])
        running.append(own)
        try:
            yield lambda: running[0] is not own
        finally:
            running.remove(own)
            if not running:
                del self._running[place]

    async def _ordered(self, request: Request, token: str) -> web.Response:
        port = self.url.rpartition(":")[2]
        refusal = control.refused(request, token, (f"{words.HOST}:{port}", f"localhost:{port}"))
        if refusal is not None:
            return _sent(refusal, keep=False)
        if request.path == control.CLOCK:
            return _sent(await self._moved(request), keep=False)
        self._life.reset()
        return _sent(control.done({"reset": True}), keep=False)

    async def _moved(self, request: Request) -> Response:
        target = control.moved_to(request, self._life.now())
        if isinstance(target, Response):
            return target
        await self.advance(target - self._life.now())
        return control.done({"now": self._life.now()})

    def _refused(self, request: Request, refusal: refusals.Refusal) -> web.Response:
        return _sent(self.api.refuse(request, refusal, self._life.now()), keep=False)

    def _unreadable(self) -> web.Response:
        return self._refused(Request("", "/"), UNREADABLE)


class _SandboxProtocol(Waiting):
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

    def late(self) -> web.StreamResponse:
        return self.unreadable()


class _SandboxServer(web.Server):
    def __init__(
        self,
        handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        unreadable: Callable[[], web.Response],
    ) -> None:
        super().__init__(handle, request_factory=_arrived)  # aiohttp's own is a circle around all that a sandbox holds
        self._unreadable = unreadable
        self._limits = Connections(request_timeout=PATIENCE, idle_timeout=Settings().idle_timeout)

    def __call__(self) -> _SandboxProtocol:
        protocol = _SandboxProtocol(
            self,
            loop=asyncio.get_running_loop(),
            max_line_size=words.LINE_LIMIT,
            max_field_size=words.LINE_LIMIT,
            access_log=None,  # type: ignore[arg-type]  # None is aiohttp's own word for no log; its annotation forgot it
        )
        protocol.limits = self._limits
        protocol.unreadable = self._unreadable
        return protocol


def _arrived(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    """A request as aiohttp makes it itself."""
    return web.BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop())


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if not host or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} is no address for webhooks. Use one like http://127.0.0.1:8000/webhooks.")
    return host


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
