"""From the upstream's reply to the client's answer. Text is read, named, put on disk, then answered. What is no text
is carried through as it comes; its last piece leaves only when all of it is on disk."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace

from aiohttp import web

from replayer.core.cassette import Interaction
from replayer.core.message import Response, wire
from replayer.core.recording import Exchange
from replayer.core.session import Recorded
from replayer.proxy import answers
from replayer.proxy.answers import Told
from replayer.proxy.slot import Slot
from replayer.proxy.upstream import Reply, UpstreamError


class Receiver:
    """Takes in the replies of one session. `limit` is the length in bytes up to which a body is recorded; `now` gives
    the real time, in seconds since 1970."""

    def __init__(self, slot: Slot, *, limit: int, now: Callable[[], float]) -> None:
        self._slot, self._limit, self._now = slot, limit, now

    async def receive(self, http: web.BaseRequest, exchange: Exchange, reply: Reply) -> Told:
        """The answer to the client. UpstreamError where the reply breaks off before anything was answered."""
        head = Response(reply.status, reply.reason, reply.headers)
        media = wire.media_type(reply.headers)
        begun = bytearray()
        if wire.is_text_type(media) or not media:
            chunks = reply.chunks()
            async for chunk in chunks:
                begun += chunk
                if len(begun) > self._limit:
                    break
            else:
                return self._record(exchange, replace(head, body=bytes(begun)))
        return await self._carry(http, exchange, head, _after(bytes(begun), reply))

    def _record(self, exchange: Exchange, response: Response) -> Told:
        exchange, note = self._slot.settle(exchange, response)
        recorded = self._slot.session.record(exchange, response, self._now())
        trouble = self._keep(exchange, recorded)
        if trouble:
            return answers.unsafe(trouble)
        notes = filter(None, (note, _lost(recorded.scrubbed)))
        return Told(answers.ready(recorded.response), "recorded", "\n".join(notes))

    def _keep(self, exchange: Exchange, recorded: Recorded) -> str:
        """Have an interaction on disk; what is in the way, where that cannot be."""
        trouble = self._slot.keep(exchange, recorded)
        if trouble:
            self._slot.session.recorder.abandon(exchange)
        return trouble

    async def _carry(
        self, http: web.BaseRequest, exchange: Exchange, head: Response, chunks: AsyncIterator[bytes]
    ) -> Told:
        exchange, settled = self._slot.settle(exchange, head)
        recorded = self._slot.session.record(exchange, head, self._now())
        stream = await _opened(http, recorded.response, head.header("content-length"))
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
            self._slot.session.recorder.abandon(exchange)
            return _broken_off(http, stream, str(error))
        note = "an event stream is not recorded" if endless else ""
        if length > self._limit:
            note = f"longer than body_limit, {self._limit} bytes: not recorded"
        note = note or self._keep_body(exchange, recorded.interaction, bytes(body))
        if note:
            self._slot.session.recorder.pass_by(exchange)
        await _send(stream, held)
        await _end(stream)
        return Told(stream, "passed on" if note else "recorded", "\n".join(filter(None, (settled, note))))

    def _keep_body(self, exchange: Exchange, interaction: Interaction, body: bytes) -> str:
        whole = replace(interaction, response=replace(interaction.response, body=body))
        return self._keep(exchange, Recorded(whole, whole.response))


def _lost(scrubbed: int) -> str:
    """What an answer lost that its client may have wanted; empty where it lost nothing."""
    if not scrubbed:
        return ""
    values = "1 secret was" if scrubbed == 1 else f"{scrubbed} secrets were"
    return f"{values} scrubbed from the answer: its client is shown asterisks."


async def _after(begun: bytes, reply: Reply) -> AsyncIterator[bytes]:
    if begun:
        yield begun
    async for chunk in reply.chunks():
        yield chunk


async def _opened(http: web.BaseRequest, response: Response, length: str | None) -> web.StreamResponse:
    stream = web.StreamResponse(
        status=response.status, reason=response.reason or None, headers=answers.headers(response)
    )
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
