"""From the upstream's reply to the client's answer. Text is read, named, put on disk, then answered. What is no text
is carried through as it comes; its last piece leaves only when all of it is on disk."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from dataclasses import replace

from aiohttp import web
from multidict import CIMultiDict

from replayer.cassettes import servable
from replayer.core.cassette import Interaction
from replayer.core.message import Response, wire
from replayer.core.recording import Exchange
from replayer.core.session import Recorded
from replayer.proxy import answers, guard
from replayer.proxy.answers import Told
from replayer.proxy.slot import Slot
from replayer.proxy.upstream import Reply, UpstreamError


class Receiver:
    """Takes in the replies of one session. `limit` is the length in bytes up to which a body is recorded; `now` gives
    the real time, in seconds since 1970."""

    def __init__(self, slot: Slot, *, limit: int, now: Callable[[], float], pages: Collection[str] = ()) -> None:
        self._slot, self._session, self._limit, self._now = slot, slot.session, limit, now
        self._pages = pages

    async def receive(self, http: web.BaseRequest, exchange: Exchange, reply: Reply) -> Told:
        """The answer to the client. UpstreamError where the reply breaks off before anything was answered."""
        head = Response(reply.status, reply.reason, reply.headers)
        if wrong := servable.unservable(head):
            return self._unrecordable(exchange, wrong)
        media = wire.media_type(reply.headers)
        begun = bytearray()
        if wire.is_text_type(media) or not media:
            chunks = reply.chunks()
            async for chunk in chunks:
                begun += chunk
                if len(begun) > self._limit:
                    break
            else:
                return self._record(http, exchange, replace(head, body=bytes(begun)))
        reply.carried()
        return await self._carry(http, exchange, head, _after(bytes(begun), reply))

    def _record(self, http: web.BaseRequest, exchange: Exchange, response: Response) -> Told:
        recorded = self._session.record(exchange, response, self._now())
        if wrong := servable.unreadable(recorded.interaction):
            return self._unrecordable(exchange, wrong)
        trouble = self._keep(exchange, recorded)
        if trouble:
            return answers.unsafe(trouble)
        return Told(answers.ready(recorded.response, http.method, named=self._names(http)), "recorded")

    def _unrecordable(self, exchange: Exchange, wrong: str) -> Told:
        """No cassette could answer that again: the client is not answered with it either, and the rest stays whole."""
        self._session.recorder.pass_by(exchange)
        asked = self._session.scrubbed(f"{exchange.asked.method} {exchange.asked.path}", exchange.credentials)
        return answers.unrecordable(asked, wrong)

    def _names(self, http: web.BaseRequest) -> bool:
        return guard.may_read(http.headers, self._pages)

    def _keep(self, exchange: Exchange, recorded: Recorded) -> str:
        """Have an interaction on disk; what is in the way, where that cannot be."""
        trouble = self._slot.keep(exchange, recorded)
        if trouble:
            self._session.recorder.abandon(exchange)
        return trouble

    async def _carry(
        self, http: web.BaseRequest, exchange: Exchange, head: Response, chunks: AsyncIterator[bytes]
    ) -> Told:
        recorded = self._session.record(exchange, head, self._now())
        headers = answers.headers(recorded.response, named=self._names(http))
        stream = await _opened(http, recorded.response, headers, head.header("content-length"))
        endless = wire.media_type(head.headers) in wire.STREAM_TYPES
        body, held, length = bytearray(), b"", 0
        try:
            async for chunk in chunks:
                length += len(chunk)
                if not endless and length <= self._limit:
                    body += chunk
                sent = await _send(stream, chunk if endless else held)
                if endless and not sent:
                    break  # nobody listens any more, and there is nothing to record
                held = b"" if endless else chunk
        except UpstreamError as error:
            self._session.recorder.abandon(exchange)
            return _broken_off(http, stream, str(error))
        note = "an event stream is not recorded" if endless else ""
        if length > self._limit:
            note = f"longer than body_limit, {self._limit} bytes: not recorded"
        note = note or self._keep_body(exchange, recorded.interaction, bytes(body))
        if note:
            self._session.recorder.pass_by(exchange)
        await _send(stream, held)
        await _end(stream)
        return Told(stream, "passed on" if note else "recorded", note)

    def _keep_body(self, exchange: Exchange, interaction: Interaction, body: bytes) -> str:
        whole = replace(interaction, response=replace(interaction.response, body=body))
        return servable.unreadable(whole) or self._keep(exchange, Recorded(whole, whole.response))


async def _after(begun: bytes, reply: Reply) -> AsyncIterator[bytes]:
    if begun:
        yield begun
    async for chunk in reply.chunks():
        yield chunk


async def _opened(
    http: web.BaseRequest, response: Response, headers: CIMultiDict[str], length: str | None
) -> web.StreamResponse:
    stream = web.StreamResponse(status=response.status, reason=response.reason or None, headers=headers)
    if length is not None and length.isdecimal():
        stream.content_length = int(length)
    with suppress(ConnectionError):  # a client that has gone is no reason to lose the recording
        await stream.prepare(http)
    return stream


async def _send(stream: web.StreamResponse, chunk: bytes) -> bool:
    """Send a piece, and tell whether somebody was there."""
    if chunk:
        try:
            await stream.write(chunk)
        except ConnectionError:
            return False
    return True


async def _end(stream: web.StreamResponse) -> None:
    with suppress(ConnectionError):
        await stream.write_eof()


def _broken_off(http: web.BaseRequest, stream: web.StreamResponse, why: str) -> Told:
    """The client must see that this was not all: its connection ends without the end of the body."""
    if http.transport is not None:
        http.transport.abort()
    return Told(stream, "failed", f"The upstream did not end its answer: {why}. Nothing was recorded.")
