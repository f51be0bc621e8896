"""One request from its arrival to its answer. What to do is decided by the session; here it is only done."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from replayer.core.message import Request, Response, wire
from replayer.core.recording import Forward
from replayer.core.secrets import by_name
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
    """Answers the requests of one session. Without an upstream it can only replay; `go_on` may answer a miss. Who is
    `quiet` is told of trouble only."""

    def __init__(
        self,
        slot: Slot,
        upstream: Upstream | None,
        *,
        limit: int,
        tell: Callable[[Line], None],
        quiet: bool = False,
        go_on: Callable[[HandOver], Response | None] | None = None,
    ) -> None:
        self.session, self._upstream = slot.session, upstream
        self._now = unfrozen(time.time())
        self._receiver = Receiver(slot, limit=limit, now=self._now)
        self.limit, self.tell, self.quiet, self._go_on = limit, tell, quiet, go_on

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        began = time.perf_counter()
        told = await self._answer(http)
        answer = told.served(http.method)
        if self.tells(told):
            path = self.named(http.raw_path, tuple(http.headers.items()))
            self.tell(Line(http.method, path, answer.status, told.outcome, elapsed(began), told.note))
        return answer

    def tells(self, told: Told) -> bool:
        """Whether anybody wants to know of that answer."""
        return not self.quiet or bool(told.note)

    def named(self, target: str, headers: wire.Headers) -> str:
        """The path of a request as it may be told."""
        return self.session.scrubbed(target.partition("?")[0], by_name.credentials_of(headers))

    def refused(self, host: str, target: str) -> Told | None:
        """The refusal of a request that is no business of the API."""
        return _refused(host, target)

    def decide(self, request: Request) -> verdicts.Verdict:
        return self.session.decide(request, self._now(), time.time())

    async def _answer(self, http: web.BaseRequest) -> Told:
        refused = self.refused(http.headers.get("Host", ""), http.raw_path)
        if refused is not None:
            return refused
        try:
            request = await _read(http)
        except web.HTTPRequestEntityTooLarge:
            return answers.too_long(self.limit)
        except (web.RequestPayloadError, HttpProcessingError):
            return answers.unreadable()
        verdict = self.decide(request)
        return await self._forward(http, verdict) if isinstance(verdict, Forward) else self.told(verdict)

    def told(self, verdict: verdicts.Verdict) -> Told:
        """The answer by a verdict that needs nobody else."""
        match verdict:
            case verdicts.Replay(response, synthesized):
                return Told(response, "synthesized" if synthesized else "replayed")
            case HandOver() as handed:
                return self._continue(handed)
            case verdicts.Refuse() as refusal:
                return _missed(refusal)
            case Forward():
                raise RuntimeError("a session that only replays decided to send a request on")

    def _continue(self, handed: HandOver) -> Told:
        response = self._go_on(handed) if self._go_on is not None else None
        if response is None:
            return _missed(self.session.refuse(handed))
        return Told(response, "synthesized")

    async def _forward(self, http: web.BaseRequest, verdict: Forward) -> Told:
        if self._upstream is None:
            raise RuntimeError("a session without an upstream decided to send a request on")
        try:
            async with self._upstream.send(verdict.request) as reply:
                return await self._receiver.receive(http, verdict.exchange, reply)
        except UpstreamError as error:
            self.session.recorder.abandon(verdict.exchange)
            return answers.upstream_failed(self._upstream.origin, str(error))


def elapsed(began: float) -> float:
    """The milliseconds since then."""
    return (time.perf_counter() - began) * 1000


def _missed(refusal: verdicts.Refuse) -> Told:
    return Told(answers.miss(refusal.reason, refusal.message), "missed", refusal.message)


def _refused(host: str, target: str) -> Told | None:
    """Requests that are no business of the API: another site's page that had its name point here (DNS rebinding),
    somebody who takes this for an open proxy, and Replayer's own paths."""
    host = host.lower()
    if host and host.rpartition(":")[0] not in LOCAL_HOSTS and host not in LOCAL_HOSTS:
        return answers.refused(403, "host", "This proxy answers only to 127.0.0.1 and localhost.")
    if not target.startswith("/"):
        return answers.refused(400, "target", "Ask for a path of the API: this is a reverse proxy.")
    if target.startswith(CONTROL):
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
