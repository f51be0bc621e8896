"""Answers at once: a session that only replays waits for nobody, so a request that is whole is answered where its bytes
come in. What was answered before is found by these bytes, all else is decided as ever.
"""

import asyncio
import logging
import time
from typing import NamedTuple

from replayer.core.matching import Entry
from replayer.core.message import Request
from replayer.core.session import verdicts
from replayer.inspector import PLAYED, FeedRow
from replayer.proxy import answers, breakdown, guard
from replayer.proxy.answers import Told
from replayer.proxy.handler import Handler, Line
from replayer.proxy.regular import Regular, read
from replayer.proxy.steps import LONG

log = logging.getLogger("replayer")


class Prepared(NamedTuple):
    """An answer made ready, and what is told of it."""

    line: Line
    row: FeedRow
    head: answers.Head
    body: bytes


class Prompt:
    """Answers the whole requests of one handler, whose session only replays."""

    def __init__(self, handler: Handler) -> None:
        if handler.session.quick is None:
            raise ValueError("a session that sends requests on cannot answer at once")
        self._handler, self._quick = handler, handler.session.quick
        self.injecting, self._steps = handler.injecting, handler.steps

    def __repr__(self) -> str:
        return f"<Prompt {self._quick!r}>"

    @property
    def is_free(self) -> bool:
        """Whether anything can be answered at once now: nothing is to go wrong, and the session is at nothing else."""
        return not (self.injecting.is_on or self._steps.is_busy)

    def takes_long(self, regular: Regular) -> bool:
        """Whether that is no request to be answered while others wait."""
        return self._handler.length(regular.request) >= LONG

    def known(self, data: bytes) -> bytes | None:
        """The answer to one complete request that was answered before; None where that is not certain."""
        try:
            prepared: Prepared | None = self._quick.answer(data)
        except Exception as error:  # it is decided as ever: nothing was counted, and it may be no whole request
            log.warning("%s", breakdown.of(error).note)
            return None
        if prepared is None:
            return None
        if self._handler.is_told:
            self._handler.say_again(prepared.line, prepared.row)
        (first, rest), body = prepared.head, prepared.body
        return first + body if rest is None else answers.sent(first, rest, body)

    def read(self, data: bytes, begin: int) -> Regular | None:
        """The request that begins there, if it is regular; what it lacks at its end may still come."""
        regular = read(data, begin, self._handler.limit)
        return None if regular is None or regular.request.target.startswith(guard.CONTROL) else regular

    def answer(self, regular: Regular, data: bytes) -> tuple[bytes, float | None]:
        """The answer to a request that is whole; `data` are its bytes. A stream that has no end comes with the seconds
        after which its client is left, if that does not leave before."""
        began, handler, request = time.perf_counter(), self._handler, regular.request
        path, entry = "", None
        try:
            told, entry = self._told(request)
            path = handler.shown_path(request) if handler.tells(told) else ""
            response = told.response
            head, body = answers.head(response), _body(told)
            if entry is not None:
                line = Line("GET", path, response.status, "replayed", 0.0)
                row = FeedRow(0, PLAYED, line.method, path, line.status, 0.0, 0.0, entry)
                self._quick.learn(data, regular.names, entry, Prepared(line, row, head, body))
        except Exception as error:  # the last resort, as the handler has it
            told = handler.failed(error)
            response = told.response
            head, body = answers.head(response), answers.body(response)
        handler.say(told, request.method, path, response.status, began)
        if told.due and handler.behind is not None:
            asyncio.get_running_loop().call_soon(handler.behind, told.due)  # when these bytes have been written
        return answers.sent(*head, body), self._held(told)

    def _held(self, told: Told) -> float | None:
        match told.streamed.ended:
            case "":
                return None
            case "broken":
                return 0.0
            case _:
                return self._handler.hold

    def _told(self, request: Request) -> tuple[Told, Entry | None]:
        """The answer, and which recorded one that is, if it may be again."""
        handler = self._handler
        refused = handler.refused(request.headers, request.target)
        if refused is not None:
            return refused, None
        if request.is_beyond_limit:
            return answers.too_long(handler.limit), None
        verdict = handler.decide(request)
        told = handler.told(verdict)
        if isinstance(verdict, verdicts.Replay) and request.method == "GET" and not request.body:
            return told, verdict.entry
        return told, None


def _body(told: Told) -> bytes:
    response = told.response
    has_end = answers.is_streamed(response) and not told.streamed.ended
    return answers.body(response) + (answers.LAST_CHUNK if has_end else b"")
