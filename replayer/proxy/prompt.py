"""Answers at once: a session that only replays waits for nobody, so a request that is whole is answered where its bytes
come in. What was answered before is found by these bytes, all else is decided as ever.
"""

import time
from typing import NamedTuple

from replayer.core.session import verdicts
from replayer.proxy import answers
from replayer.proxy.handler import Handler, Line, elapsed
from replayer.proxy.regular import Regular, read


class Prepared(NamedTuple):
    """An answer made ready, and what is told of it."""

    status: int
    path: str
    head: answers.Head
    body: bytes

    @property
    def wire(self) -> bytes:
        return answers.sent(*self.head, self.body)


class Prompt:
    """Answers the whole requests of one handler, whose session only replays."""

    def __init__(self, handler: Handler) -> None:
        if handler.session.quick is None:
            raise ValueError("a session that sends requests on cannot answer at once")
        self._handler, self._quick = handler, handler.session.quick

    def __repr__(self) -> str:
        return f"<Prompt {self._quick!r}>"

    def known(self, data: bytes) -> bytes | None:
        """The answer to one complete request that was answered before; None where that is not certain."""
        prepared: Prepared | None = self._quick.answer(data)
        if prepared is None:
            return None
        if not self._handler.quiet:
            self._handler.tell(Line("GET", prepared.path, prepared.status, "replayed", 0.0))
        (first, rest), body = prepared.head, prepared.body
        return first + body if rest is None else answers.sent(first, rest, body)

    def read(self, data: bytes, begin: int) -> Regular | None:
        """The request that begins there, if it is regular; what it lacks at its end may still come."""
        return read(data, begin, self._handler.limit)

    def answer(self, regular: Regular, data: bytes) -> bytes:
        """The answer to a request that is whole; `data` are its bytes."""
        began = time.perf_counter()
        handler, request = self._handler, regular.request
        told, entry = handler.refused(request.header("host") or "", request.target), None
        if told is None:
            verdict = handler.decide(request)
            told = handler.told(verdict)
            if isinstance(verdict, verdicts.Replay) and request.method == "GET" and not request.body:
                entry = verdict.entry
        response = told.response
        head = answers.head(response)
        path = handler.named(request.target, request.headers) if handler.tells(told) else ""
        if entry is not None:
            self._quick.learn(data, regular.names, entry, Prepared(response.status, path, head, response.body))
        if handler.tells(told):
            handler.tell(Line(request.method, path, response.status, told.outcome, elapsed(began), told.note))
        return answers.sent(*head, response.body)
