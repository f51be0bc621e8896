"""Carrying out what goes wrong on purpose: to one request, in the time and over the connection that it has.

request  --- not to be done --------------->  an error, or a connection that is reset; the session never hears of it
request  --- to be done -->  its answer  -->  held back, cut, or lost

A miss stays one, whatever was to go wrong: nobody would see the other trouble otherwise.
"""

import asyncio
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from math import ceil

from aiohttp import web

from replayer.core.faults import FaultRule, Faults, Latency
from replayer.core.message import Request, Response
from replayer.core.streams import form_of
from replayer.proxy import answers
from replayer.proxy.answers import BODILESS, Told
from replayer.proxy.connections import has_left

NAME = "Replayer-Fault"  # the header of an answer that is not what it was, or not when
PIECES = 20  # of a slow body, at most
ARRIVING = 0.02  # seconds from what was sent to the reset: it would overtake that
AT_ONCE = struct.pack("ii", 1, 0)  # as SO_LINGER: close without a farewell, whatever is still to be sent
TROUBLE = frozenset({"missed", "failed", "refused"})
# What the API calls such an error, by its status: type and code. All others are the caller's fault, or the server's.
CALLED = {
    402: ("card_error", "card_declined"),
    404: ("invalid_request_error", "resource_missing"),
    409: ("invalid_request_error", "idempotency_key_in_use"),
    429: ("invalid_request_error", "rate_limit"),
}
SERVERS = 500


class Injecting:
    """The faults of one session, and how long its answers are held back. `is_on` tells whether there is anything to do;
    `normal` draws from a normal distribution."""

    def __init__(
        self,
        rules: Iterable[FaultRule] = (),
        latency: Latency | None = None,
        normal: Callable[[float, float], float] = random.gauss,
    ) -> None:
        self.faults, self._latency, self._normal = Faults(rules), latency, normal
        self.is_on = bool(self.faults) or latency is not None
        self.ended = asyncio.Event()

    @property
    def is_paced(self) -> bool:
        """Whether answers are held back as long as they were when they were recorded, where a cassette knows that."""
        return self._latency is not None and self._latency.recorded

    def __repr__(self) -> str:
        return f"<Injecting {self.faults!r}>"

    def lay(self, rules: Iterable[FaultRule]) -> None:
        """From now on it is these faults and no others."""
        self.faults.lay(rules)
        self.is_on = bool(self.faults) or self._latency is not None

    async def answer(
        self,
        http: web.BaseRequest,
        request: Request,
        do: Callable[[Request], Awaitable[Told]],
        serve: Callable[[Told], web.StreamResponse],
    ) -> Told:
        """The answer to a request. `do` has the session answer it, `serve` makes of that what is sent."""
        rule = self.faults.meet(request.method, request.path)
        if rule is None:
            plain = await do(request)
            await self._hold_back(plain)
            return plain
        held_up = bool(rule.delay) and not rule.after
        if held_up:
            self.faults.done += 1
            await self._sleep(rule.delay / 1000)
            if has_left(http) or self.ended.is_set():
                _reset(http)
                return Told(_nothing(), f"fault {rule.what}, not done")
        told = await do(request) if rule.is_done else None
        if told is not None and (unharmed := _unharmed(told, rule)):
            return unharmed
        self.faults.done += not held_up
        if rule.after:
            await self._sleep(rule.delay / 1000)
        if told is not None:
            await self._hold_back(told)
        return await self._spoil(http, rule, told, serve)

    def end(self) -> None:
        """The session ends: nobody is kept waiting any more."""
        self.ended.set()

    async def _hold_back(self, told: Told) -> None:
        if self._latency is not None and not self.is_paced:
            await self._sleep(self._latency.seconds(self._normal))
        elif self._latency is not None and isinstance(told.answer, Response) and told.answer.stream is None:
            await self._sleep(sum(tenths for _, tenths in told.streamed.waits) / 10)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()

    async def _spoil(
        self, http: web.BaseRequest, rule: FaultRule, told: Told | None, serve: Callable[[Told], web.StreamResponse]
    ) -> Told:
        """What the rule leaves of an answer; None is that of a request that was not done."""
        outcome = f"{told.outcome}, fault {rule.what}" if told else f"fault {rule.what}"
        note = told.note if told else ""
        if rule.is_lost:
            _reset(http)
            return Told(_nothing(), outcome, note)
        if told is not None and rule.status is None and rule.truncate is None and not rule.slow:
            marked = _as_a_stream(told, rule)
            if marked is not None:
                return replace(marked, outcome=outcome)
        answer = _error(rule) if told is None or rule.status is not None else serve(told)
        answer.headers[NAME] = rule.what
        body = answer.body if isinstance(answer, web.Response) else None
        is_bodiless = http.method == "HEAD" or answer.status in BODILESS
        if isinstance(body, bytes) and not is_bodiless and (rule.truncate is not None or rule.slow):
            answer = await self._piecemeal(http, answer, body, rule)
        return Told(answer, outcome, note)

    async def _piecemeal(
        self, http: web.BaseRequest, answer: web.StreamResponse, body: bytes, rule: FaultRule
    ) -> web.StreamResponse:
        """The answer piece by piece, as far as the rule lets it come; its head tells the length of all of it."""
        stream = web.StreamResponse(status=answer.status, reason=answer.reason, headers=answer.headers)
        if form_of(answer.content_type) is None:
            stream.content_length = len(body)
        elif http.version >= (1, 1):
            stream.enable_chunked_encoding()
        is_cut = rule.truncate is not None and rule.truncate < len(body)
        if is_cut:
            stream.force_close()
            body = body[: rule.truncate]
        try:
            await stream.prepare(http)
            step = max(1, ceil(len(body) / PIECES)) if rule.slow else max(1, len(body))
            for begin in range(0, len(body), step):
                await self._sleep(rule.slow / 1000 * step / len(body))
                await stream.write(body[begin : begin + step])
            if is_cut:
                await _break_off(http, rule)
        except ConnectionError:
            pass  # the client has gone
        return stream


def _as_a_stream(told: Told, rule: FaultRule) -> Told | None:
    """A stream that comes late and is whole: its events are told one by one. None for all other answers."""
    answer = told.answer
    if not isinstance(answer, Response) or not answers.is_streamed(answer):
        return None
    return replace(told, answer=replace(answer, headers=(*answer.headers, (NAME, rule.what))))


def _unharmed(told: Told, rule: FaultRule) -> Told | None:
    """An answer that is trouble already, or has left: nothing more goes wrong with it. None for all others."""
    if told.outcome in TROUBLE:
        return told
    if not isinstance(told.answer, web.StreamResponse) or not told.answer.prepared:
        return None
    late = f"The fault {rule.what} came too late: this answer was passed on as it came."
    return Told(told.answer, told.outcome, "\n".join(filter(None, (told.note, late))))


def _error(rule: FaultRule) -> web.Response:
    """The error of a rule as the API words it. Who says when to come back says that one may."""
    status = rule.status or SERVERS
    kind, code = CALLED.get(status, ("api_error" if status >= SERVERS else "invalid_request_error", ""))
    when = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after), "Stripe-Should-Retry": "true"}
    return answers.envelope(status, code, f"This went wrong on purpose: {rule}.", when, kind=kind)


def _nothing() -> web.Response:
    """What is sent where there is nobody to send it to."""
    return web.Response(status=0)


async def _break_off(http: web.BaseRequest, rule: FaultRule) -> None:
    """Close a connection whose answer is not all there."""
    if rule.reset:
        await asyncio.sleep(ARRIVING)
        _reset(http)
    elif http.transport is not None:
        http.transport.close()


def _reset(http: web.BaseRequest) -> None:
    """Close a connection as a machine does that has lost it."""
    if http.transport is not None and not http.transport.is_closing():
        at = http.transport.get_extra_info("socket")
        if at is not None:
            at.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        http.transport.abort()
