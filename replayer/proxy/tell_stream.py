"""A recorded stream, told again: event by event, at once or in the time that it took, as far as it was recorded.

ended: (nothing)    its end is told
       broken       the connection breaks off, as it did
       left, cut    nothing more comes, as nothing more was heard: its client leaves again, or is left after `timeout`
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from aiohttp import web

from replayer.core.cassette import Streamed
from replayer.core.message import Response
from replayer.proxy.answers import Told, is_streamed, pieces
from replayer.proxy.connections import leaves
from replayer.proxy.record_stream import abort, finish, opened, send

TENTHS = 10  # of a second: in these a cassette counts


class StreamTeller:
    """Tells the streams of one session. `hold` is how many seconds a client is kept that does not leave a stream which
    its client left; `paced` tells that each event is told in its time; `ended` is set when the session ends."""

    def __init__(self, *, hold: float, paced: bool, ended: asyncio.Event) -> None:
        self._hold, self._paced, self._ended = hold, paced, ended

    @staticmethod
    def is_for(http: web.BaseRequest, told: Told) -> bool:
        """Whether that answer is told event by event."""
        answer = told.answer
        return isinstance(answer, Response) and is_streamed(answer) and http.method != "HEAD"

    async def tell(self, http: web.BaseRequest, told: Told, *, reader: str) -> tuple[web.StreamResponse, Told]:
        """Tell it; and what there is to say of that."""
        response, streamed = told.response, told.streamed
        answer = await opened(http, response, reader=reader)
        began, loop = asyncio.get_running_loop().time(), asyncio.get_running_loop()
        for due, piece in paced(response, streamed):
            if self._paced and due:
                await self._wait(http, began + due - loop.time())
            if not await send(answer, piece):
                return answer, told
        if not streamed.ended:
            await finish(answer)
            return answer, told
        if streamed.ended != "broken" and not await self._wait(http, self._hold):
            told = replace(told, note=f"{UNFINISHED} It was broken off after timeout, {self._hold:g} seconds.")
        abort(http)
        return answer, told

    async def _wait(self, http: web.BaseRequest, seconds: float) -> bool:
        """Wait so long; whether the client left, or the session ended, before that."""
        waiting = [asyncio.ensure_future(leaves(http)), asyncio.ensure_future(self._ended.wait())]
        try:
            done, _ = await asyncio.wait(waiting, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
            return bool(done)
        finally:
            for each in waiting:
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each


UNFINISHED = "The recording of this stream ends here: its client left it then, or the recording ended. Record it again."


def paced(response: Response, streamed: Streamed) -> Iterator[tuple[float, bytes]]:
    """The pieces of a stream, each with the seconds after its head at which it came; an empty one is its end."""
    waits, due, number = dict(streamed.waits), 0, 0
    for piece, is_idle in pieces(response):
        if not is_idle:
            due += waits.get(number, 0)
            number += 1
        yield due / TENTHS, piece
    yield (due + waits.get(number, 0)) / TENTHS, b""
