"""The answers that Replayer gives in its own name, in the API's error envelope, so that any client shows them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from aiohttp import web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE
from multidict import CIMultiDict

from replayer.core.cassette import AT_ONCE, Interaction, Streamed
from replayer.core.deliveries import Due
from replayer.core.matching import Entry
from replayer.core.message import Response, wire
from replayer.core.session import verdicts
from replayer.core.streams import events
from replayer.proxy import guard

MISDIRECTED = 421  # no answer of the invoice API, and no SDK tries it again
BODILESS = frozenset({*range(100, 200), 204, 304})  # statuses whose answers end with their heads
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # what would end a header, or move a terminal's cursor
CRLF = "\r\n"
LAST_CHUNK = b"0\r\n\r\n"
SERVER = f"Server: {SERVER_SOFTWARE}\r\n"
REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and what is told of it: the outcome in one word, and where there is trouble, what it is. `streamed` is
    how it came when it was recorded, `due` are the webhooks behind it. `subject` is what answered it, or why nothing
    did; `how` is a closer word for the outcome, if there is one."""

    answer: web.StreamResponse | Response
    outcome: str
    note: str = ""
    streamed: Streamed = AT_ONCE
    due: tuple[Due, ...] = ()
    subject: Interaction | Entry | verdicts.Refuse | None = None
    how: str = ""

    def served(self, method: str, *, reader: str = guard.ANYBODY) -> web.StreamResponse:
        """The answer to that method as aiohttp sends it to that reader."""
        answer = self.answer
        if isinstance(answer, Response):
            return ready(answer, method, reader=reader)
        if reader not in (guard.ANYBODY, guard.NOBODY) and not answer.prepared:
            answer.headers.extend(guard.permission(reader, answer.headers))
        return answer

    @property
    def response(self) -> Response:
        """The answer as a value; it is complete."""
        answer = self.answer
        if isinstance(answer, Response):
            return answer
        body = answer.body if isinstance(answer, web.Response) else None
        return Response(answer.status, answer.reason or "", tuple(answer.headers.items()), bytes(body or b""))  # type: ignore[arg-type]


def ready(response: Response, method: str = "GET", *, reader: str = guard.ANYBODY) -> web.Response:
    """A response of the session as one of the server, for a request of that method and that reader."""
    return web.Response(
        status=response.status,
        reason=response.reason or None,
        headers=headers(response, reader=reader, bodiless=method == "HEAD" or response.status in BODILESS),
        body=response.body,
    )


def headers(response: Response, *, reader: str = guard.ANYBODY, bodiless: bool = False) -> CIMultiDict[str]:
    """The headers as they leave by aiohttp."""
    return CIMultiDict(_leaving(response, reader=reader, bodiless=bodiless))


def _leaving(response: Response, *, reader: str, bodiless: bool) -> wire.Headers:
    """The headers as they leave. Whoever sends a body writes how long it is, since a link in it may have been moved;
    only an answer that has none keeps what it tells of the length."""
    kept = wire.without(guard.passed_on(response.headers, reader), wire.FRAMING)
    length = response.header("content-length") or ""
    if bodiless and length.isdecimal() and length.isascii():
        return (*kept, ("Content-Length", length))
    return kept


class Head(NamedTuple):
    """The head of an answer to a client of HTTP/1.1 that stays connected: all of it in `first`, unless it needs the
    date of the day, which stands before the `rest`."""

    first: bytes
    rest: bytes | None


def head(response: Response) -> Head:
    """The head as aiohttp would write it for the same answer, to any method but HEAD, and to no page of a browser.
    ValueError where nobody could."""
    bodiless = response.status in BODILESS
    fields = _leaving(response, reader=guard.ANYBODY, bodiless=False)
    names = {name.lower() for name, _ in fields}
    reason = response.reason or REASONS.get(response.status, "")
    lines = [f"HTTP/1.1 {response.status} {reason}", *(f"{name}: {value}" for name, value in fields)]
    if is_streamed(response):
        lines.append("Transfer-Encoding: chunked")
    elif not bodiless:
        lines.append(f"Content-Length: {len(response.body)}")
        if "content-type" not in names and response.body:
            lines.append("Content-Type: application/octet-stream")
    if CONTROL.search("".join(lines)):
        raise ValueError("a header holds what would end it")
    server = "" if "server" in names else SERVER
    if "date" in names:
        return Head(f"{CRLF.join(lines)}\r\n{server}\r\n".encode(), None)
    return Head(f"{CRLF.join(lines)}\r\n".encode(), f"{server}\r\n".encode())


def body(response: Response) -> bytes:
    """The body of an answer as it leaves, a stream but for its end: each event is a chunk."""
    if is_streamed(response):
        return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece, _ in pieces(response))
    return b"" if response.status in BODILESS else response.body


def is_streamed(response: Response) -> bool:
    """Whether a response leaves event by event, so that nobody has to know how long it is."""
    return response.stream is not None and response.status not in BODILESS


def pieces(response: Response) -> Iterator[tuple[bytes, bool]]:
    """The events of a recorded stream as they leave, and of each whether it tells nothing."""
    if response.stream is not None:
        text = response.body.decode("utf-8", "surrogateescape")
        for _, event in events(text, response.stream):
            yield event.text.encode("utf-8", "surrogateescape"), event.is_idle


def sent(head: bytes, rest: bytes | None, body: bytes) -> bytes:
    """An answer as it goes over the wire."""
    if rest is None:
        return head + body
    return b"".join((head, _dated(rfc822_formatted_time()), rest, body))


@lru_cache(1)  # it is another one each second only
def _dated(date: str) -> bytes:
    return f"Date: {date}\r\n".encode()


def miss(reason: verdicts.Reason, message: str) -> web.Response:
    """There is no answer to that request: 421, with the whole explanation."""
    headers = {"Replayer-Miss": reason.value, "Stripe-Should-Retry": "false"}
    return envelope(MISDIRECTED, f"replayer_{reason.value.replace('-', '_')}", message, headers)


def elsewhere(message: str) -> Told:
    """Another host was asked for: 403, as proxies refuse, and a miss."""
    reason = verdicts.Reason.OTHER_HOST
    headers = {"Replayer-Miss": reason.value, "Stripe-Should-Retry": "false"}
    return Told(envelope(403, f"replayer_{reason.value.replace('-', '_')}", message, headers), "missed", message)


def limited(origin: str, headers: wire.Headers) -> Told:
    """The upstream takes no more requests, for longer than we wait: 429, and the client decides. Nothing of the
    upstream's own answer is shown but when to try again."""
    message = (
        f"The upstream {origin} takes no more requests for now (429). Nothing was recorded: this request is as if it "
        "had never been made. Ask fewer at once, or slower with --rate; --keep-429 records such answers."
    )
    kept = {name: CONTROL.sub("", value) for name, value in headers}
    return Told(envelope(429, "rate_limit", message, kept, kind="invalid_request_error"), "failed", message)


def upstream_failed(origin: str, why: str) -> Told:
    """The upstream gave no answer: 502, and the client may well try again."""
    message = f"The upstream {origin} gave no answer: {why}. Nothing was recorded."
    return Told(envelope(502, "replayer_upstream_failed", message), "failed", message)


def unsafe(message: str) -> Told:
    """The answer may not be written, so it may not be given either: what is recorded is what was answered."""
    answer = envelope(502, "replayer_unsafe", message, {"Stripe-Should-Retry": "false"})
    return Told(answer, "failed", message)


def unrecordable(request: str, why: str) -> Told:
    """No cassette could say that again: 502, with the reason, and the rest of the recording stays whole."""
    message = f"The upstream's answer to {request} cannot be recorded: {why}. The rest of the recording is kept."
    answer = envelope(502, "replayer_unrecordable", message, {"Stripe-Should-Retry": "false"})
    return Told(answer, "failed", message)


def too_long(limit: int) -> Told:
    """The request cannot be held: 413, naming the bound."""
    message = f"The request's body is longer than body_limit, {limit} bytes. Raise body_limit."
    return Told(envelope(413, "replayer_body_limit", message), "refused", message)


def line_too_long(limit: int) -> Told:
    """The request's line or a header cannot be held: 431, naming the bound, which nobody can move."""
    return refused(431, "line_limit", f"The request's line, or one of its headers, is longer than {limit} bytes.")


def unreadable() -> Told:
    """The request is none: 400, without a word of what it held."""
    return refused(400, "request", "This is no HTTP that Replayer can read.")


def unknown_method(method: str) -> Told:
    """A method that no HTTP parser here knows: 400, naming it."""
    message = f"Replayer cannot pass on the method {method}. Leave these requests out of the recording."
    return refused(400, "method", message)


def no_websocket() -> Told:
    """What leaves HTTP can neither be recorded nor replayed: 501, saying what to do."""
    message = (
        "Replayer records and replays no WebSockets. Let the program reach this one at the API's own address, or leave "
        "it out of the test."
    )
    answer = envelope(501, "replayer_websocket", message)
    answer.force_close()
    return Told(answer, "refused", message)


def late(seconds: float) -> Told:
    """The request did not come to its end: 408, naming the bound."""
    message = f"The request was not complete after request_timeout, {seconds:g} seconds. Raise request_timeout."
    answer = envelope(408, "replayer_request_timeout", message)
    answer.force_close()
    return Told(answer, "refused", message)


def in_bytes(answer: web.StreamResponse) -> bytes:
    """One of these answers as it goes over the wire where there is no request to answer."""
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    fields = {**answer.headers, "Content-Length": str(len(body)), "Connection": "close"}
    lines = (f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in fields.items()))
    return "\r\n".join((*lines, "", "")).encode() + body


def left() -> Told:
    """The client has gone in the middle of its request: nobody hears the answer, but the log tells of it."""
    return refused(400, "request", "The client left in the middle of its request. Nothing was done with it.")


def refused(status: int, what: str, message: str) -> Told:
    """The request is no business of the API."""
    return Told(envelope(status, f"replayer_{what}", message), "refused", message)


def envelope(
    status: int, code: str, message: str, headers: dict[str, str] | None = None, *, kind: str = "api_error"
) -> web.Response:
    """An error as the invoice API words it: keys in order, two spaces, a final newline; no code where it has none."""
    error = {"error": {**({"code": code} if code else {}), "message": message, "type": kind}}
    text = json.dumps(error, indent=2, ensure_ascii=False) + "\n"
    body = text.encode("utf-8", "backslashreplace")  # which JSON reads: a request may hold anything
    return web.Response(status=status, body=body, content_type="application/json", charset="utf-8", headers=headers)
