"""How long a connection may keep us waiting, and which one goes when there are too many. It reads no request: what a
client says is its handler's business.

silent, half a head    request_timeout    408 where something came, and closed
half a body            request_timeout    408, by the handler
idle between requests  idle_timeout       closed

Where there are as many as there may be, whoever is idle longest makes room; where nobody is idle, whoever has been open
longest of those that still owe us a part of their request. Who is being answered makes none.
"""

import asyncio
import logging
import resource

from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError

from replayer.proxy import answers

BACKLOG = 256
SPARE = BACKLOG + 64  # descriptors for what is accepted at once, and for files
FEWEST = 8
LINGERING = 2.0  # seconds that the rest of a refused request is read: who is still sending would not see the answer

log = logging.getLogger("replayer")


class Connections:
    """The open connections of one server. There are at most `most`: of more, one that nothing is done for is closed."""

    def __init__(self, *, request_timeout: float, idle_timeout: float, most: int | None = None) -> None:
        self.request_timeout, self.idle_timeout = request_timeout, idle_timeout
        self._most = _affordable() if most is None else most
        self._open: dict[Waiting, None] = {}
        self._told = False

    def __repr__(self) -> str:
        return f"<Connections {len(self._open)} of {self._most}>"

    def add(self, one: "Waiting") -> None:
        if len(self._open) >= self._most:
            self._make_room()
        self._open[one] = None

    def discard(self, one: "Waiting") -> None:
        self._open.pop(one, None)

    def _make_room(self) -> None:
        idle = [one for one in self._open if not one.busy]
        if not self._told:
            self._told = True
            log.warning(
                "%d connections are open, all that are left to have: those that nothing is done for are closed now.",
                self._most,
            )
        halves = (one for one in self._open if one.owes)  # in the order in which they came
        oldest = min(idle, key=lambda one: one.idle_until) if idle else next(halves, None)
        if oldest is not None:
            self.discard(oldest)
            oldest.force_close()


def _affordable() -> int:
    """How many connections there may be, each with one to the upstream, before the last descriptor is gone."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return 1 << 20
    return max(FEWEST, (limit - min(SPARE, limit // 2)) // 2)


class Waiting(web.RequestHandler):
    """One connection that is not waited for without end. `limits` is its server's; it is set before anything comes."""

    __slots__ = ("_begun", "_gone", "_timer", "has_ended", "limits")
    limits: Connections
    has_ended: bool  # its client has said that it will say nothing more
    _begun: bool
    _timer: asyncio.TimerHandle | None
    _gone: asyncio.Event | None

    @property
    def busy(self) -> bool:
        """Whether a request is being answered, or is about to be."""
        return self._waiter is None or self._waiter.done()

    @property
    def owes(self) -> bool:
        """Whether the rest of a body is still to come that somebody waits for."""
        request = self._current_request
        return request is not None and not request.content.is_eof()

    @property
    def idle_until(self) -> float:
        """When it would be closed for being idle, on the loop's clock: the sooner, the longer it has been."""
        return self._next_keepalive_close_time

    @property
    def is_awaited(self) -> bool:
        """Whether it has only so long to say what it wants."""
        return self._timer is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._begun, self._timer, self.has_ended, self._gone = False, None, False, None
        super().connection_made(transport)
        self._wait()
        self.limits.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_waiting()
        self._go()
        self.limits.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.busy:
            if self._timer is not None:
                self._stop_waiting()
        else:
            self._begun = True  # half a head
            if self._timer is None:
                self._wait()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio's protocols may say so
        """Whether the connection stays open: a client that says nothing more still waits for what it has asked."""
        self.has_ended = True
        self._go()
        if not self.busy or self._is_torn() or self._is_secure():
            return False
        if self._messages:
            message, payload = self._messages[-1]
            if isinstance(message, RawRequestMessage):
                self._messages[-1] = (message._replace(should_close=True), payload)
        else:
            self._close = True
        return True

    async def gone(self) -> None:
        """Until its client has left, or has said that it will say nothing more: nobody can tell these apart."""
        if self._gone is None:
            self._gone = asyncio.Event()
        if not self.has_ended and self.transport is not None and not self.transport.is_closing():
            await self._gone.wait()

    def _go(self) -> None:
        if self._gone is not None:
            self._gone.set()

    def _is_secure(self) -> bool:
        """Whether it speaks TLS, in which neither side can close alone."""
        if self.transport is None:
            return False
        # One that is closing may know nothing of itself any more, and is not to be kept open either.
        return self.transport.is_closing() or self.transport.get_extra_info("sslcontext") is not None

    def _is_torn(self) -> bool:
        """Whether what has come ends in the middle of a body."""
        try:
            if self._parser is not None:
                self._parser.feed_eof()
        except HttpProcessingError:
            return True
        return False

    def hurry(self) -> None:
        """Nothing more is read: the rest of a request that came too late is not waited for."""
        self._lingering_time = 0.0

    def _wait(self) -> None:
        self._timer = self._loop.call_later(self.limits.request_timeout, self._too_late)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._begun, self._timer = False, None

    def _too_late(self) -> None:
        self._timer = None
        if self._begun and self.transport is not None:
            self.transport.write(answers.in_bytes(self.late()))
        self.force_close()

    def late(self) -> web.StreamResponse:
        """What whoever has sent half a head is answered when the time is over."""
        return answers.late(self.limits.request_timeout).served("GET")


def has_left(http: web.BaseRequest) -> bool:
    """Whether the client waits no more. One that has closed only its own side is taken for one: nobody can tell."""
    if http.transport is None or http.transport.is_closing():
        return True
    return isinstance(http.protocol, Waiting) and http.protocol.has_ended


async def leaves(http: web.BaseRequest) -> None:
    """Until the client waits no more."""
    if isinstance(http.protocol, Waiting):
        await http.protocol.gone()
    else:
        await asyncio.Event().wait()
