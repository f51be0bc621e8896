"""One request from its arrival to its answer. What to do is decided by the session; here it is only done."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakMethod

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from replayer.core.deliveries import Due
from replayer.core.message import Request, wire
from replayer.core.recording import Forward
from replayer.core.session import HandOver, Session, verdicts
from replayer.inspector import Feed, FeedRow
from replayer.proxy import answers, breakdown, guard
from replayer.proxy.answers import Told
from replayer.proxy.clock import unfrozen
from replayer.proxy.connections import Waiting
from replayer.proxy.control import Control
from replayer.proxy.injecting import Injecting
from replayer.proxy.inspecting import Inspecting
from replayer.proxy.record_reply import Receiver
from replayer.proxy.slot import Slot
from replayer.proxy.steps import LONG, Steps
from replayer.proxy.tell_stream import StreamTeller
from replayer.proxy.upstream import LimitedError, Upstream, UpstreamError, Upstreams

log = logging.getLogger("replayer")

LATE = 0.01  # seconds that a request was held back before it left: it is as if it had arrived then
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Line:
    """What is told of one request. `path` is without its query, which may hold anything; `note` explains a trouble."""

    method: str
    path: str
    status: int
    outcome: str
    milliseconds: float
    note: str = ""

    def log(self, *, is_told: bool = False) -> None:
        """Into the log of the program; without the explanation of a miss that a failing test tells."""
        log.info("%s %s %s %s %.0f ms", self.method, self.path, self.status, self.outcome, self.milliseconds)
        if self.note and not (is_told and self.outcome == "missed"):
            log.warning("%s", self.note)


class Handler:
    """Answers the requests of one session. Without an upstream it can only replay; `go_on` may answer a miss, `placed`
    gives a request the origin of the host that it names. Who is `quiet` is told of trouble only. `hold` is how many
    seconds a client has to leave a stream that was left when it was recorded. `behind` is called when an answer has
    left, with the webhooks that come of what it answers."""

    def __init__(
        self,
        slot: Slot,
        upstream: Upstream | Upstreams | None,
        *,
        limit: int,
        tell: Callable[[Line], None],
        quiet: bool = False,
        go_on: Callable[[HandOver], verdicts.Replay | None] | None = None,
        placed: Callable[[Request], Request] = lambda request: request,
        door: guard.Door = guard.HERE,
        patience: float | None = None,
        hold: float = 80.0,
        injecting: Injecting | None = None,
        control: Control | None = None,
        feed: Feed | None = None,
        inspecting: Inspecting | None = None,
    ) -> None:
        self._slot, self._upstream = slot, upstream
        self.now = unfrozen(time.time())
        self.behind: Callable[[tuple[Due, ...]], None] | None = None
        self._due: dict[int, tuple[Due, ...]] = {}  # by the request that is being answered
        self.follows_each = False  # whether that is called for each answer, whatever comes of it
        self.steps = Steps()
        self.injecting, self._control = injecting or Injecting(), control
        ended = self.injecting.ended
        self.hold = hold
        self._teller = StreamTeller(hold=hold, paced=self.injecting.is_paced, ended=ended)
        self._receiver = Receiver(slot, self.steps, limit=limit, now=self.now, ended=ended, pages=door.pages)
        self.limit, self.tell, self.quiet, self._go_on = limit, tell, quiet, go_on
        self._door, self._patience, self._placed = door, patience, placed
        self._feed, self._inspecting = feed, inspecting
        self.is_told = not quiet  # whether anybody wants to know of each request
        if feed is not None:
            feed.on_watched = _loosely(self._watched)

    @property
    def session(self) -> Session:
        """The session that there is now: the first answer of a recording may make it another one."""
        return self._slot.session

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        if self._inspecting is not None and self._inspecting.is_meant(http.raw_path):
            return await self._inspecting.serve(http)
        began = time.perf_counter()
        path = ""
        try:
            path = self.shown_path(Request(http.method, http.raw_path, fields_of(http)))
            told = await self._answer(http)
            if self._teller.is_for(http, told):
                reader = guard.reader(http.headers, self._door.pages)
                answer, told = await self._teller.tell(http, told, reader=reader)
            else:
                answer = self._served(http, told)
        except Exception as error:  # the last resort: never a 500, never silence
            told = self.failed(error)
            answer = told.served(http.method)
            if http.writer.output_size and http.transport is not None:
                http.transport.abort()  # half an answer has left: the client must see that this was not all
        self.say(told, http.method, path, answer.status, began)
        due = self._due.pop(id(http), ())
        if self.behind is not None and (due or self.follows_each):
            await _leave(http, answer)
            self.behind(due)
        return answer

    def _served(self, http: web.BaseRequest, told: Told) -> web.StreamResponse:
        return told.served(http.method, reader=guard.reader(http.headers, self._door.pages))

    def _watched(self, is_watched: bool) -> None:
        self.is_told = is_watched or not self.quiet

    def tells(self, told: Told) -> bool:
        """Whether anybody wants to know of that answer."""
        return self.is_told or bool(told.note)

    def say(self, told: Told, method: str, path: str, status: int, began: float) -> None:
        """Tell of an answer whoever wants to know."""
        if self.tells(told):
            took = (time.perf_counter() - began) * 1000
            self._say(Line(method, path, status, told.outcome, took, told.note), told.subject, told.how)

    def say_again(self, line: Line, row: FeedRow) -> None:
        """Tell of an answer that was given before. This is called for each request that is found by its bytes."""
        if not self.quiet:
            self.tell(line)
        if self._feed is not None:
            self._feed.again(row)

    def _say(self, line: Line, subject: object, how: str = "") -> None:
        if not self.quiet or line.note:
            self.tell(line)
        if self._feed is not None:
            outcome, took = how or line.outcome, line.milliseconds
            self._feed.add(outcome, line.method, line.path, line.status, took, subject, line.note)

    def tell_unread(self, told: Told) -> None:
        """Tell of a request that could not be read: neither its method nor its path is told, whatever they are."""
        self.tell(Line("?", "?", told.answer.status, told.outcome, 0, told.note))

    def shown_path(self, request: Request) -> str:
        """The path of a request as it may be told."""
        return self.session.shown_path(request)

    async def _answer(self, http: web.BaseRequest) -> Told:
        headers = fields_of(http)
        if self._control is not None and self._control.is_meant(http):
            return await self._control.answer(http, headers, partial(read, http, headers, self.limit))
        refused = self.refused(headers, http.raw_path)
        if refused is not None:
            return refused
        if guard.wants_websocket(headers):
            return answers.no_websocket()
        if (http.content_length or 0) > self.limit:
            return answers.too_long(self.limit)
        try:
            async with asyncio.timeout(None if http.content.is_eof() else self._patience):
                request = await read(http, headers, self.limit)
        except web.HTTPRequestEntityTooLarge:
            return answers.too_long(self.limit)
        except (web.RequestPayloadError, HttpProcessingError):
            return answers.unreadable()
        except TimeoutError:
            if isinstance(http.protocol, Waiting):
                http.protocol.hurry()
            return answers.late(self._patience or 0)
        except ConnectionError:
            return answers.left()
        if request.is_beyond_limit:
            return answers.too_long(self.limit)
        if self.injecting.is_on:
            return await self.injecting.answer(http, request, partial(self._do, http), partial(self._served, http))
        return await self._do(http, request)

    async def _do(self, http: web.BaseRequest, request: Request) -> Told:
        request = self._placed(request)
        step, length = self._step(request), self.length(request)
        if length >= LONG:
            await self.steps.read(partial(self.session.read, request))
        found = await self.steps.take(step, length)
        if isinstance(found, Forward):
            return await self._forward(http, found)
        if found.due:
            self._due[id(http)] = found.due  # what goes wrong on purpose may make another answer of this one
        return found

    def _step(self, request: Request) -> Callable[[], Told | Forward]:
        """What there is to do of a request that has just arrived there, whenever its turn comes."""
        at, clock = self.now(), time.time()

        def step() -> Told | Forward:
            verdict = self.session.decide(request, at, clock)
            return verdict if isinstance(verdict, Forward) else self.told(verdict)

        return step

    def length(self, request: Request) -> int:
        """How many bytes the session reads to decide on that request, at most."""
        return self.session.length(request, LONG)

    def refused(self, headers: wire.Headers, target: str) -> Told | None:
        """The refusal of a request that is no business of the API; None where it is not refused."""
        barred = guard.refused(headers, target, self._door)
        return answers.refused(barred.status, barred.code, barred.message) if barred else None

    def decide(self, request: Request) -> verdicts.Verdict:
        return self.session.decide(self._placed(request), self.now(), time.time())

    def told(self, verdict: verdicts.Verdict) -> Told:
        """The answer by a verdict that needs nobody else."""
        match verdict:
            case verdicts.Replay(response, synthesized, streamed=streamed, due=due, given=given, how=how):
                outcome = "synthesized" if synthesized else "replayed"
                return Told(response, outcome, streamed=streamed, due=due, subject=given, how=how)
            case HandOver() as handed:
                return self._continue(handed)
            case verdicts.Refuse() as refusal:
                return _missed(refusal)
            case Forward():
                raise RuntimeError("a session that only replays decided to send a request on")

    def failed(self, error: Exception) -> Told:
        """Nobody foresaw that. It is counted as a miss, and where something is recorded that is no whole recording."""
        found = breakdown.of(error)
        self._slot.failed_inside(found.reference)
        self.session.refuse(verdicts.Refuse(verdicts.Reason.FAULT, found.message))
        return Told(answers.miss(verdicts.Reason.FAULT, found.message), "failed", found.note)

    def _continue(self, handed: HandOver) -> Told:
        found = self._go_on(handed) if self._go_on is not None else None
        return _missed(self.session.refuse(handed)) if found is None else self.told(found)

    async def _forward(self, http: web.BaseRequest, verdict: Forward) -> Told:
        if self._upstream is None:
            raise RuntimeError("a session without an upstream decided to send a request on")
        try:
            async with self._upstream.send(verdict.request) as reply:
                if reply.held >= LATE:
                    step = partial(self.session.recorder.left_later, verdict.exchange, reply.held)
                    verdict = replace(verdict, exchange=await self.steps.take(step, 0))
                return await self._receiver.receive(http, verdict.exchange, reply, is_recorded=verdict.is_recorded)
        except LimitedError as error:
            await self._abandon(verdict)
            return answers.limited(verdict.request.origin, error.headers)
        except UpstreamError as error:
            await self._abandon(verdict)
            return answers.upstream_failed(verdict.request.origin, str(error))
        except Exception:
            await self._abandon(verdict)
            raise

    async def _abandon(self, verdict: Forward) -> None:
        await self.steps.take(partial(self._slot.abandon, verdict.exchange), verdict.request.length)


def _loosely(method: Callable[[bool], None]) -> Callable[[bool], None]:
    """The same for who must not keep its object: a session that has ended is gone at once."""
    held = WeakMethod(method)

    def call(value: bool) -> None:
        if (found := held()) is not None:
            found(value)

    return call


def _missed(refusal: verdicts.Refuse) -> Told:
    return Told(answers.miss(refusal.reason, refusal.message), "missed", refusal.message, subject=refusal)


async def _leave(http: web.BaseRequest, answer: web.StreamResponse) -> None:
    """Have an answer sent before anything that comes of it is."""
    if answer.status and http.transport is not None and not http.transport.is_closing():
        with suppress(ConnectionError):
            await answer.prepare(http)
            await answer.write_eof()


def fields_of(http: web.BaseRequest) -> wire.Headers:
    """The headers as they stood on the wire."""
    return tuple(
        (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
        for name, value in http.raw_headers
    )


async def read(http: web.BaseRequest, headers: wire.Headers, limit: int) -> Request:
    """The request as it stood on the wire, its body complete."""
    if http.headers.get("Expect", "").lower() == "100-continue":
        await http.writer.write(CONTINUE)
        http.writer.output_size = 0  # aiohttp takes written bytes for a begun answer
    return Request(http.method, http.raw_path, headers, await http.read(), limit=limit)
