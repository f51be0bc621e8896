"""One request from its arrival to its answer. What to do is decided by the session; here it is only done."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from replayer.core.message import Request, Response
from replayer.core.recording import Forward
from replayer.core.session import HandOver, verdicts
from replayer.proxy import answers
from replayer.proxy.answers import Told
from replayer.proxy.clock import unfrozen
from replayer.proxy.record_reply import Receiver
from replayer.proxy.slot import Slot
from replayer.proxy.upstream import Upstream, UpstreamError

CONTROL = "/__replayer__"  # nothing below it is ever the upstream's
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Line:
    """What is told of one request. `path` is without its query, which may hold anything; `note` explains a trouble."""

    method: str
    path: str
    status: int
    outcome: str
    milliseconds: float
    note: str = ""


class Handler:
    """Answers the requests of one session. Without an upstream it can only replay; `go_on` may answer a miss."""

    def __init__(
        self,
        slot: Slot,
        upstream: Upstream | None,
        *,
        limit: int,
        tell: Callable[[Line], None],
        go_on: Callable[[HandOver], Response | None] | None = None,
    ) -> None:
        self._slot, self._upstream = slot, upstream
        self._now = unfrozen(time.time())
        self._receiver = Receiver(slot, limit=limit, now=self._now)
        self._limit, self._tell, self._go_on = limit, tell, go_on

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        began = time.perf_counter()
        told = await self._answer(http)
        path = self._slot.session.shown_path(Request(http.method, http.raw_path, tuple(http.headers.items())))
        took = (time.perf_counter() - began) * 1000
        self._tell(Line(http.method, path, told.answer.status, told.outcome, took, told.note))
        return told.answer

    async def _answer(self, http: web.BaseRequest) -> Told:
        refused = _refused(http)
        if refused is not None:
            return refused
        try:
            request = await _read(http)
        except web.HTTPRequestEntityTooLarge:
            return answers.too_long(self._limit)
        except (web.RequestPayloadError, HttpProcessingError):
            return answers.unreadable()
        match self._slot.session.decide(request, self._now(), time.time()):
            case verdicts.Replay(response, synthesized):
                return Told(answers.ready(response), "synthesized" if synthesized else "replayed")
            case HandOver() as handed:
                return self._continue(handed)
            case verdicts.Refuse() as refusal:
                return _missed(refusal)
            case Forward() as verdict:
                return await self._forward(http, verdict)

    def _continue(self, handed: HandOver) -> Told:
        response = self._go_on(handed) if self._go_on is not None else None
        if response is None:
            return _missed(self._slot.session.refuse(handed))
        return Told(answers.ready(response), "synthesized")

    async def _forward(self, http: web.BaseRequest, verdict: Forward) -> Told:
        if self._upstream is None:
            raise RuntimeError("a session without an upstream decided to send a request on")
        try:
            async with self._upstream.send(verdict.request) as reply:
                return await self._receiver.receive(http, verdict.exchange, reply)
        except UpstreamError as error:
            self._slot.abandon(verdict.exchange)
            return answers.upstream_failed(self._upstream.origin, str(error))


def _missed(refusal: verdicts.Refuse) -> Told:
    return Told(answers.miss(refusal.reason, refusal.message), "missed", refusal.message)


def _refused(http: web.BaseRequest) -> Told | None:
    """Requests that are no business of the API: another site's page that had its name point here (DNS rebinding),
    somebody who takes this for an open proxy, and Replayer's own paths."""
    host = http.headers.get("Host", "").lower()
    if host and host.rpartition(":")[0] not in LOCAL_HOSTS and host not in LOCAL_HOSTS:
        return answers.refused(403, "host", "This proxy answers only to 127.0.0.1 and localhost.")
    if not http.raw_path.startswith("/"):
        return answers.refused(400, "target", "Ask for a path of the API: this is a reverse proxy.")
    if http.raw_path.startswith(CONTROL):
        return answers.refused(404, "path", f"There is nothing below {CONTROL}.")
    return None


async def _read(http: web.BaseRequest) -> Request:
    """The request as it stood on the wire, its body complete."""
    if http.headers.get("Expect", "").lower() == "100-continue":
        await http.writer.write(CONTINUE)
        http.writer.output_size = 0  # aiohttp takes written bytes for a begun answer
    headers = tuple(
        (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
        for name, value in http.raw_headers
    )
    return Request(http.method, http.raw_path, headers, await http.read())
