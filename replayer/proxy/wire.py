"""One connection. What is whole, regular and can be answered at once is, with one write; all else goes aiohttp's way.

bytes  --- nothing under way, a known request -------------->  its answer
bytes  --- nothing under way, a whole and regular request -->  decided, answered
bytes  --- anything else ----------------------------------->  aiohttp: its parser, its task, the handler
"""

from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.streams import EMPTY_PAYLOAD

from replayer.core.message import Response
from replayer.proxy import answers
from replayer.proxy.prompt import Prompt
from replayer.settings import LINE_LIMIT

END = b"\r\n\r\n"
UNKNOWN = -1
# What tells that aiohttp has nothing under way; where a version of it calls these otherwise, all goes its own way.
NEEDED = ("_waiter", "_messages", "_upgraded", "_reading_paused", "_buffer_paused", "_next_keepalive_close_time")
PROMPT = all(hasattr(web.RequestHandler, name) for name in NEEDED)


class Connection(web.RequestHandler):
    """`prompt` answers at once; None where somebody has to be waited for. aiohttp would log what it cannot read, and
    that may hold a key: that is answered here."""

    __slots__ = ("_due", "_prompt")

    def __init__(self, *given: Any, prompt: Prompt | None = None, **more: Any) -> None:
        super().__init__(*given, **more)
        self._prompt = prompt if PROMPT else None
        # How many bytes aiohttp still has to be fed until a request may begin; UNKNOWN inside of a head, or where
        # nobody but aiohttp can tell.
        self._due = 0

    def data_received(self, data: bytes) -> None:
        prompt, waiter = self._prompt, self._waiter
        if prompt is None or not data:  # nothing: aiohttp goes on with what it has
            super().data_received(data)
            return
        if self._due == 0 and waiter is not None and not waiter.done() and self._is_idle() and self.transport:
            answer = prompt.known(data)
            if answer is not None:
                self.transport.write(answer)
                self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
                return
            data = self._answered(prompt, data)
        if data:
            self._feed(prompt, data)

    def _is_idle(self) -> bool:
        return not (self._upgraded or self._paused or self._reading_paused or self._buffer_paused)

    def _answered(self, prompt: Prompt, data: bytes) -> bytes:
        """Answer the requests that are whole, one after the other; what is left."""
        begin = 0
        while begin < len(data) and self.transport is not None and not self._paused:
            regular = prompt.read(data, begin)
            if regular is None or regular.end > len(data):
                break
            try:
                answer = prompt.answer(regular, data[begin : regular.end])
            except Exception as error:  # as aiohttp does with its handler's
                self.log_exception("Unhandled exception", exc_info=error)
                self.transport.write(_failed())
                self.force_close()
                return b""
            self.transport.write(answer)
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
            begin = regular.end
        return data[begin:]

    def _feed(self, prompt: Prompt, data: bytes) -> None:
        """Let aiohttp have these bytes, and find out whether a request may begin behind them."""
        due, before = self._due, len(self._messages)
        super().data_received(data)
        if due > 0:
            self._due = due - len(data) if due >= len(data) else UNKNOWN
            return
        new = len(self._messages) > before
        if new and data.endswith(END) and self._messages[-1][1] is EMPTY_PAYLOAD:
            self._due = 0  # the last request has no body, and half a head would not end so
            return
        regular = prompt.read(data, 0) if due == 0 else None
        self._due = regular.end - len(data) if regular and regular.end >= len(data) else UNKNOWN

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= 500:
            return super().handle_error(request, status, exc, message)
        too_long = isinstance(exc, LineTooLong)
        answer = (answers.line_too_long(LINE_LIMIT) if too_long else answers.unreadable()).served(request.method)
        answer.force_close()
        return answer


def _failed() -> bytes:
    text = b"500 Internal Server Error"
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close"))
    return answers.sent(*answers.head(Response(500, "", headers, text)), text)
