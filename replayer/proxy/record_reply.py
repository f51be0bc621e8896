"""From the upstream's reply to the client's answer. It is read whole, named, put on disk, then answered: what cannot be
named is told the client before a status has left. What is too long to be recorded, or has no end, is carried through as
it comes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from dataclasses import replace
from functools import partial

from aiohttp import web
from multidict import CIMultiDict

from replayer.cassettes import servable
from replayer.core.message import Response
from replayer.core.recording import Exchange
from replayer.core.session import Recorded
from replayer.proxy import answers, guard
from replayer.proxy.answers import BODILESS, Told
from replayer.proxy.own_key import veiled
from replayer.proxy.record_stream import StreamReceiver, bare, packed
from replayer.proxy.slot import Slot
from replayer.proxy.steps import LONG, Steps
from replayer.proxy.unpacking import encoding_of, is_known
from replayer.proxy.upstream import Reply, UpstreamError

LEFT_OUT = "a function of yours leaves it out: not recorded"


class Receiver:
    """Takes in the replies of one session, each in its turn among its `steps`. `limit` is the length in bytes up to
    which a body is recorded; `now` gives the real time, in seconds since 1970; `ended` is set when the session ends."""

    def __init__(
        self,
        slot: Slot,
        steps: Steps,
        *,
        limit: int,
        now: Callable[[], float],
        ended: asyncio.Event,
        pages: Collection[str] = (),
    ) -> None:
        self._slot, self._steps, self._limit, self._now = slot, steps, limit, now
        self._pages = pages
        self._streams = StreamReceiver(slot, steps, limit=limit, now=now, ended=ended)

    async def receive(
        self, http: web.BaseRequest, exchange: Exchange, reply: Reply, *, is_recorded: bool = True
    ) -> Told:
        """The answer to the client. UpstreamError where the reply breaks off before anything was answered. What is not
        to be recorded is only passed on."""
        head = Response(reply.status, reply.reason, reply.headers, limit=self._limit)
        if wrong := servable.unservable(head):
            return await self._steps.take(partial(self._unrecordable, exchange, wrong), 0)
        begun = bytearray()
        if is_recorded and head.stream and http.method != "HEAD" and head.status not in BODILESS:
            kept = self._slot.session.customs.answered(head)
            if kept is not None:
                reply.carried()
                return await self._stream(http, exchange, kept, reply)
            is_recorded = False
        if is_recorded:
            chunks = reply.chunks()
            async for chunk in chunks:
                begun += chunk
                if len(begun) > self._limit:
                    break
            else:
                whole = replace(head, body=bytes(begun))
                kept = whole if whole.is_beyond_limit else self._slot.session.customs.answered(whole)
                if kept is not None and not whole.is_beyond_limit:
                    length, at = max(kept.length, exchange.question.request.length), self._now()
                    if kept.length >= LONG:
                        await self._steps.read(kept.read_all)
                    waited = at - exchange.question.arrival.at
                    return await self._steps.take(partial(self._record, exchange, kept, at, waited), length)
                is_recorded = kept is not None
        reply.carried()
        left_out = "" if is_recorded else LEFT_OUT
        return await self._carry(http, exchange, head, _after(bytes(begun), reply), left_out)

    async def _stream(self, http: web.BaseRequest, exchange: Exchange, head: Response, reply: Reply) -> Told:
        if not is_known(encoding_of(head.headers)):
            return await self._steps.take(partial(self._unrecordable, exchange, packed(head)), 0)
        begin = partial(self._slot.streams.begin, self._slot, exchange, bare(head), self._now())
        begun = await self._steps.take(begin, exchange.question.request.length)
        if begun.wrong:
            return self._said_unrecordable(begun.exchange, begun.wrong)
        if begun.stream is None:
            return answers.unsafe(begun.trouble)
        reader = guard.reader(http.headers, self._pages)
        return await self._streams.receive(http, begun, begun.stream, reply, reader=reader)

    def _record(self, exchange: Exchange, response: Response, at: float, waited: float) -> Told:
        taken = self._slot.take_in(exchange, response, at, waited)
        if taken.wrong:
            return self._said_unrecordable(taken.exchange, taken.wrong)
        if taken.trouble:
            return answers.unsafe(taken.trouble)
        note = "\n".join(filter(None, (taken.note, _lost(taken.recorded.scrubbed))))
        return Told(taken.recorded.response, "recorded", note, subject=taken.recorded.interaction)

    def _unrecordable(self, exchange: Exchange, wrong: str) -> Told:
        """No cassette could answer that again: the client is not answered with it either, and the rest stays whole."""
        self._slot.session.recorder.pass_by(exchange)
        return self._said_unrecordable(exchange, wrong)

    def _said_unrecordable(self, exchange: Exchange, wrong: str) -> Told:
        session = self._slot.session
        asked = session.scrubbed(f"{exchange.asked.method} {exchange.asked.path}", exchange.credentials)
        return answers.unrecordable(asked, wrong)

    async def _carry(
        self, http: web.BaseRequest, exchange: Exchange, head: Response, chunks: AsyncIterator[bytes], left_out: str
    ) -> Told:
        exchange, settled, recorded = await self._steps.take(
            partial(self._begin, exchange, head, self._now()), exchange.question.request.length
        )
        reader = guard.reader(http.headers, self._pages)
        headers = answers.headers(recorded.response, reader=reader)
        stream = await _opened(http, recorded.response, headers, head.header("content-length"))
        endless = head.stream is not None
        try:
            async for chunk in veiled(chunks, self._slot.session.credentials):
                if not await _send(stream, chunk) and endless:
                    break  # nobody listens any more
        except UpstreamError as error:
            await self._steps.take(partial(self._slot.abandon, exchange), 0)
            return _broken_off(http, stream, str(error))
        too_long = f"longer than body_limit, {self._limit} bytes: not recorded"
        note = left_out or too_long
        await self._steps.take(partial(self._slot.session.recorder.pass_by, exchange), 0)
        await _end(stream)
        return Told(stream, "passed on", "\n".join(filter(None, (settled, note))))

    def _begin(self, exchange: Exchange, head: Response, at: float) -> tuple[Exchange, str, Recorded]:
        """An answer of which only the head is taken in."""
        exchange, note = self._slot.settle(exchange, head)
        return exchange, note, self._slot.session.record(exchange, head, at)


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
