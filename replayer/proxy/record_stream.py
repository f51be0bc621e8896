"""A stream on its way through: each event is on disk when it leaves, and none is held back for longer than it takes to
be whole.

upstream  ..data: 1\n\nda  -->  cut  -->  named, searched, on disk  -->  client

Whether the client leaves, the upstream breaks off or the recording ends: what came until then is recorded. What is
longer than `body_limit` is not. It goes on all the same, and what has a name keeps it: of such a stream no more is
remembered than one event.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from aiohttp import web

from replayer.core.message import Response, wire
from replayer.core.recording import Exchange, OpenStream
from replayer.core.streams import Cutter
from replayer.proxy import answers, guard
from replayer.proxy.answers import Told
from replayer.proxy.connections import leaves
from replayer.proxy.own_key import veiled
from replayer.proxy.slot import Slot
from replayer.proxy.steps import Steps
from replayer.proxy.streams_on_disk import StreamBegun
from replayer.proxy.unpacking import encoding_of, unpacked
from replayer.proxy.upstream import Reply, UpstreamError

LEFT, BROKEN, CUT = "left", "broken", "cut"


class StreamReceiver:
    """Takes in the streams of one session. `limit` is the length in bytes up to which one is recorded, `ended` is set
    when the session ends."""

    def __init__(self, slot: Slot, steps: Steps, *, limit: int, now: Callable[[], float], ended: asyncio.Event) -> None:
        self._slot, self._steps, self._limit, self._now, self._ended = slot, steps, limit, now, ended

    async def receive(
        self, http: web.BaseRequest, begun: StreamBegun, stream: OpenStream, reply: Reply, *, reader: str
    ) -> Told:
        """The answer to the client, which has left when this ends."""
        answer = await opened(http, begun.recorded.response, reader=reader)
        passing = _Passing(self, http, answer, stream, begun.exchange)
        chunks = self._until_nobody(http, unpacked(reply.chunks(), encoding_of(reply.headers)))
        note = await passing.run(chunks)
        return Told(answer, passing.outcome, "\n".join(filter(None, (begun.note, note))))

    async def _until_nobody(self, http: web.BaseRequest, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks, as long as somebody listens and the session goes on. _LeftError and _CutError tell what was
        first."""
        left, ended = asyncio.ensure_future(leaves(http)), asyncio.ensure_future(self._ended.wait())
        coming: asyncio.Future[bytes] | None = None
        try:
            while True:
                coming = asyncio.ensure_future(_next(chunks))
                await asyncio.wait((coming, left, ended), return_when=asyncio.FIRST_COMPLETED)
                if left.done() or ended.done():
                    raise _NobodyError(LEFT if left.done() else CUT)
                chunk = coming.result()
                if not chunk:
                    return
                yield chunk
        finally:
            for waiting in (left, ended, coming):
                if waiting is not None and not waiting.done():
                    waiting.cancel()
                    with suppress(asyncio.CancelledError):
                        await waiting
            if coming is not None and coming.done() and not coming.cancelled():
                coming.exception()  # somebody has looked at it

    # What a stream asks of its session, each in its turn.

    def tell(self, stream: OpenStream, text: str) -> Awaitable[tuple[bytes, str]]:
        return self._steps.take(partial(self._slot.streams.tell, self._slot, stream, text, self._now()), len(text))

    def end(self, stream: OpenStream, why: str) -> Awaitable[str]:
        return self._steps.take(partial(self._slot.streams.end, self._slot, stream, why, self._now()), stream.length)

    def drop(self, stream: OpenStream) -> Awaitable[None]:
        return self._steps.take(partial(self._slot.streams.drop, self._slot, stream), 0)

    def in_known_names(self, stream: OpenStream, text: str) -> bytes:
        """An event that is not recorded, as its client is told it."""
        session, exchange = self._slot.session, stream.exchange
        named = session.upstream.in_known_names(text, exchange.credentials | session.credentials)
        return session.shown(stream, named)

    @property
    def limit(self) -> int:
        return self._limit

    @property
    def credentials(self) -> frozenset[str]:
        """What opens the upstream, and no client is told."""
        return self._slot.session.credentials


class _NobodyError(Exception):
    """The client has left, or the recording has ended. It says which."""


class _Passing:
    """One stream, from its first event to its last."""

    def __init__(
        self,
        receiver: StreamReceiver,
        http: web.BaseRequest,
        answer: web.StreamResponse,
        stream: OpenStream,
        exchange: Exchange,
    ) -> None:
        self._receiver, self._http, self._answer, self._stream = receiver, http, answer, stream
        self._cutter = Cutter(stream.cut_as)
        self._exchange = exchange
        self._is_kept = True
        self.outcome = "recorded"

    async def run(self, chunks: AsyncIterator[bytes]) -> str:
        """Pass it on; what is to be told of it."""
        try:
            async for chunk in chunks:
                for event in self._cutter.feed(chunk):
                    await self._pass(event)
                if self._cutter.held > self._receiver.limit:
                    await self._give_up()
                    return await self._raw(chunks)
            if rest := self._cutter.rest():
                await self._pass(rest)
        except _NobodyError as error:
            return await self._stopped(str(error))
        except _UnwritableError as error:
            return await self._failed(str(error))
        except UpstreamError as error:
            return await self._broken(str(error))
        trouble = await self._end("")
        await finish(self._answer)
        return trouble or self._unkept

    async def _pass(self, event: bytes) -> None:
        text = event.decode("utf-8", "surrogateescape")
        if self._is_kept and self._stream.length + len(event) > self._receiver.limit:
            await self._give_up()
        if self._is_kept:
            shown, trouble = await self._receiver.tell(self._stream, text)
            if trouble:
                raise _UnwritableError(trouble)
        else:
            shown = self._receiver.in_known_names(self._stream, text)
        if not await send(self._answer, shown):
            raise _NobodyError(LEFT)
        await asyncio.sleep(0)  # many may have come at once: others have their turns between

    async def _give_up(self) -> None:
        if self._is_kept:
            self._is_kept = False
            self.outcome = "passed on"
            await self._receiver.drop(self._stream)

    async def _raw(self, chunks: AsyncIterator[bytes]) -> str:
        """One event is longer than may be held: it goes as it comes."""

        async def all_of_it() -> AsyncIterator[bytes]:
            yield self._cutter.rest()
            async for chunk in chunks:
                yield chunk

        try:
            async for chunk in veiled(all_of_it(), self._receiver.credentials):
                if not await send(self._answer, chunk):
                    break
        except _NobodyError:
            return self._unkept
        except UpstreamError as error:
            return await self._broken(str(error))
        await finish(self._answer)
        return self._unkept

    @property
    def _unkept(self) -> str:
        limit = self._receiver.limit
        return "" if self._is_kept else f"longer than body_limit, {limit} bytes: not recorded"

    async def _end(self, why: str) -> str:
        if not self._is_kept:
            return ""
        trouble = await self._receiver.end(self._stream, why)
        if trouble:
            self.outcome = "failed"
        return trouble

    async def _stopped(self, why: str) -> str:
        """Nobody listens any more, or nobody records."""
        trouble = await self._end(why)
        if why == CUT:
            abort(self._http)
        told = "Its client left" if why == LEFT else "The recording ended before it did"
        kept = f"{told}: it is recorded as far as it was answered, {self._stream.told}."
        return trouble or self._unkept or kept

    async def _broken(self, why: str) -> str:
        trouble = await self._end(BROKEN)
        self.outcome = "failed"
        abort(self._http)
        kept = f"It is recorded as far as it came, {self._stream.told}." if self._is_kept else "Nothing was recorded."
        return trouble or f"The upstream did not end its answer: {why}. {kept}"

    async def _failed(self, trouble: str) -> str:
        """An event cannot be written: it is not told either, and what came before it stays."""
        await self._end(BROKEN)
        self.outcome = "failed"
        abort(self._http)
        return trouble


class _UnwritableError(Exception):
    """An event may not be written. It says why."""


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next chunk; empty at the end."""
    return await anext(chunks, b"")


async def opened(http: web.BaseRequest, response: Response, *, reader: str = guard.ANYBODY) -> web.StreamResponse:
    """The head of a stream has left, in the way in which nobody has to know how long it is."""
    answer = web.StreamResponse(
        status=response.status, reason=response.reason or None, headers=answers.headers(response, reader=reader)
    )
    if http.version >= (1, 1):
        answer.enable_chunked_encoding()
    with suppress(ConnectionError):  # a client that has gone is no reason to lose the recording
        await answer.prepare(http)
    return answer


async def send(answer: web.StreamResponse, piece: bytes) -> bool:
    """Send a piece, and tell whether somebody was there."""
    if piece:
        try:
            await answer.write(piece)
        except (ConnectionError, RuntimeError):
            return False
    return True


async def finish(answer: web.StreamResponse) -> None:
    """It ends as it should."""
    with suppress(ConnectionError, RuntimeError):
        await answer.write_eof()


def abort(http: web.BaseRequest) -> None:
    """The client must see that this was not all: its connection ends without the end of the body."""
    if http.transport is not None:
        http.transport.abort()


def packed(response: Response) -> str:
    """Why a stream cannot be read as it comes; empty where it can."""
    return f"its events are packed ({encoding_of(response.headers)}), and cannot be unpacked as they come"


def bare(head: Response) -> Response:
    """The head of a stream without what it tells of how the body is packed, and how long it is."""
    return replace(head, headers=wire.without(head.headers, ("content-encoding", "content-length")))
