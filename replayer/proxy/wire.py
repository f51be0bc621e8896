"""One connection. What is whole, regular and can be answered at once is, with one write; all else goes aiohttp's way.

bytes  --- nothing under way, a known request -------------->  its answer
bytes  --- nothing under way, a whole and regular request -->  decided, answered
bytes  --- anything else ----------------------------------->  aiohttp: its parser, its task, the handler
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod, LineTooLong
from aiohttp.streams import EMPTY_PAYLOAD

from replayer.core.session import verdicts
from replayer.proxy import answers, breakdown, guard
from replayer.proxy.answers import Told
from replayer.proxy.connections import Waiting
from replayer.proxy.prompt import Prompt
from replayer.settings import words

END = b"\r\n\r\n"
UNKNOWN = -1
# What tells that aiohttp has nothing under way; where a version of it calls these otherwise, all goes its own way.
NEEDED = (
    "_waiter", "_messages", "_upgraded", "_reading_paused", "_buffer_paused", "_next_keepalive_close_time",
    "_keepalive_handle", "_process_keepalive",
)  # fmt: skip
log = logging.getLogger("replayer")

PROMPT = all(hasattr(web.RequestHandler, name) for name in NEEDED)


class Connection(Waiting):
    """`prompt` answers at once; None where somebody has to be waited for. aiohttp would log what it cannot read, and
    that may hold a key: that is answered here. `tell` is told of such requests: they reach no handler."""

    __slots__ = ("_due", "_held", "_prompt", "tell")
    tell: Callable[[Told], None]

    def __init__(self, *given: Any, prompt: Prompt | None = None, **more: Any) -> None:
        super().__init__(*given, **more)
        self._prompt = prompt if PROMPT else None
        # How many bytes aiohttp still has to be fed until a request may begin; UNKNOWN inside of a head, or where
        # nobody but aiohttp can tell.
        self._due = 0
        self._held: asyncio.TimerHandle | None = None  # until a stream without an end breaks off

    def data_received(self, data: bytes) -> None:
        if self._held is not None:
            return  # whoever is told a stream asks nothing else there
        prompt, waiter = self._prompt, self._waiter
        if prompt is None or not data:  # nothing: aiohttp goes on with what it has
            super().data_received(data)
            return
        at_once = self._due == 0 and waiter is not None and not waiter.done() and prompt.is_free
        if at_once and self._is_idle() and self.transport:
            try:
                data = self._at_once(prompt, data)
            except Exception as error:  # whoever is told may be what failed
                self._failed(error)
                return
        if data:
            self._feed(prompt, data)

    def _is_idle(self) -> bool:
        return not (self._upgraded or self._paused or self._reading_paused or self._buffer_paused)

    def _at_once(self, prompt: Prompt, data: bytes) -> bytes:
        """Answer the requests that are whole, one after the other; what is left."""
        answer = prompt.known(data)
        if answer is not None:
            self._send(answer)
            return b""
        begin = 0
        while begin < len(data) and self.transport is not None and not self._paused:
            regular = prompt.read(data, begin)
            if regular is None or regular.end > len(data) or prompt.takes_long(regular):
                break
            answer, hold = prompt.answer(regular, data[begin : regular.end])
            self._send(answer)
            begin = regular.end
            if hold is not None:
                self._hold(hold)
                return b""
        return data[begin:]

    def _hold(self, seconds: float) -> None:
        """A stream has no end: nothing more is answered here, and the connection breaks off when that time is over."""
        self._held = self._loop.call_later(seconds, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._held is not None:
            self._held.cancel()
        super().connection_lost(exc)

    def _send(self, answer: bytes) -> None:
        """Send a whole answer; from now on this connection is idle."""
        if self.transport is not None:
            self.transport.write(answer)
        if self.is_awaited:
            self._stop_waiting()
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        if self._keepalive_handle is None and self._keepalive_timeout > 0:
            self._keepalive_handle = self._loop.call_at(self._next_keepalive_close_time, self._process_keepalive)

    def _failed(self, error: Exception) -> None:
        told = _behind(error)
        log.error("%s", told.note)
        response = told.response
        response = replace(response, headers=(*response.headers, ("Connection", "close")))
        if self.transport is not None:
            self.transport.write(answers.sent(*answers.head(response), response.body))
        self.force_close()

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
        message: str | None = None,  # noqa: ARG002 - aiohttp's own parameters
    ) -> web.StreamResponse:
        told = _behind(exc) if status >= 500 else _unreadable(exc)
        answer = told.served(request.method)
        answer.force_close()
        if status >= 500:
            log.error("%s", told.note)  # whoever is told may be what failed
        else:
            self.tell(told)
        return answer


def _behind(error: BaseException | None) -> Told:
    """The handler has a last resort of its own; this is for what goes wrong behind it."""
    found = breakdown.of(error or RuntimeError())
    return Told(answers.miss(verdicts.Reason.FAULT, found.message), "failed", found.note)


def _unreadable(error: BaseException | None) -> Told:
    if isinstance(error, LineTooLong):
        return answers.line_too_long(words.LINE_LIMIT)
    if isinstance(error, BadHttpMethod) and (method := guard.method_in(error.message)):
        return answers.unknown_method(method)
    return answers.unreadable()
