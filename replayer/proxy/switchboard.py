"""The control port of `replayer serve`: who calls is let in or not, the call is read, done and answered.

Nothing that comes here is ever passed on: the sessions have ports of their own.
"""

import asyncio
import logging
import socket
from contextlib import suppress
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from replayer.core.message import wire
from replayer.errors import CassetteError, ReplayerError, UsageError
from replayer.inspector import Desk
from replayer.proxy import answers, breakdown, calls, control
from replayer.proxy.answers import Told
from replayer.proxy.calls import ControlCall, Order, WrongMethod
from replayer.proxy.connections import Connections, has_left
from replayer.proxy.guard import CONTROL, Barred
from replayer.proxy.handler import fields_of, read
from replayer.proxy.inspecting import Inspecting
from replayer.proxy.looking import journals, nothing
from replayer.proxy.server import Server, origin
from replayer.proxy.sessions import FEW_MISSES, Ended, Hosted, Sessions

PATIENCE = 30.0  # seconds that a whole call may take to arrive
IDLE = 600.0  # seconds that a caller's connection is kept open
OFTEN = 4  # times that a session is looked at until it is idle
SELDOM = 5.0  # seconds between two looks, at most

log = logging.getLogger("replayer")


class Switchboard:
    """Answers the calls to those sessions from who sends the token. `idle` is after how many seconds a session is
    ejected in which nothing is done; None where none is. `inspector` is whether a page shows them."""

    def __init__(self, sessions: Sessions, token: str, *, idle: float | None = None, inspector: bool = False) -> None:
        self._sessions, self._token, self._idle = sessions, token, idle
        more = {
            "sessions": lambda _: {"sessions": self._looked_at},
            "journals": lambda _: journals(sessions.settings.root),
        }
        desk = Desk(nothing("serve"), more)
        self._inspecting = Inspecting(desk, token, eject=self._ejected) if inspector else None
        limits = Connections(request_timeout=PATIENCE, idle_timeout=IDLE)
        self._server = Server(self, limit=calls.LONGEST, limits=limits)
        self._looking: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Switchboard {self._sessions!r}>"

    async def start(self, listener: socket.socket) -> str:
        """The address at which calls are answered from now on."""
        await self._server.start(listener)
        if self._idle is not None:
            self._looking = asyncio.create_task(self._look(self._idle))
        return origin(listener)

    async def close(self) -> None:
        """Answer no more calls, and end all sessions."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        await self._server.close()
        await self._sessions.eject_all()

    async def _look(self, idle: float) -> None:
        while True:
            await asyncio.sleep(min(idle / OFTEN, SELDOM))
            await self._sessions.eject_idle(idle)

    async def __call__(self, http: web.BaseRequest) -> web.StreamResponse:
        if self._inspecting is not None and self._inspecting.is_meant(http.raw_path):
            return await self._inspecting.serve(http)
        try:
            told = await self._answer(http)
        except ReplayerError as error:
            code = "cassette" if isinstance(error, CassetteError) else "usage"
            told = answers.refused(400, code, " ".join(str(error).split()))
        except Exception as error:  # the last resort, as a session has it
            found = breakdown.of(error)
            log.warning("%s", found.note)
            told = Told(answers.envelope(500, "replayer_fault", found.message), "failed")
        return told.served(http.method)

    @property
    def _looked_at(self) -> list[dict[str, Any]]:
        """The sessions as the page shows them, those that have ended last."""
        now = [{**one.shown(FEW_MISSES), "inspector": one.inserted.inspector} for one in self._sessions]
        return [*now, *(one.shown for one in self._sessions.ended)]

    async def _ejected(self, session: str) -> dict[str, Any] | None:
        found = self._sessions.find(session)
        return (
            (await self._sessions.eject(found, why="ejected on the page")).shown if isinstance(found, Hosted) else None
        )

    def inspector(self, url: str) -> str:
        """The address of the page, where that is the server's; empty where there is none."""
        return "" if self._inspecting is None else self._inspecting.address(url)

    async def _answer(self, http: web.BaseRequest) -> Told:
        headers = fields_of(http)
        call = calls.called(http.method, http.raw_path)
        is_open = isinstance(call, ControlCall) and call.order is Order.HEALTH
        refused = control.refused_place(http, headers) if is_open else control.refusal(http, headers, self._token)
        if refused is not None:
            return refused
        if call is None:
            return answers.refused(404, "path", f"This is no call. There are {CONTROL}/sessions and {CONTROL}/health.")
        if isinstance(call, WrongMethod):
            allowed = ", ".join(call.allowed)
            message = f"{http.raw_path} takes {' and '.join(call.allowed)}."
            return Told(answers.envelope(405, "replayer_method", message, {"Allow": allowed}), "refused", message)
        body = await _body(http, headers)
        return body if isinstance(body, Told) else await self._do(http, call, body)

    async def _do(self, http: web.BaseRequest, call: ControlCall, body: bytes) -> Told:
        if call.order is Order.HEALTH:
            return control.told({"status": "ok"})
        if call.order is Order.LIST:
            return control.told({"sessions": [hosted.shown(FEW_MISSES) for hosted in self._sessions]})
        if call.order is Order.OPEN:
            return await self._opened(http, calls.opening(body, self._sessions.settings.upstream))
        found = self._sessions.find(call.session)
        if isinstance(found, Barred):
            return _barred(found)
        return control.told(await self._done(call.order, found, body))

    async def _opened(self, http: web.BaseRequest, chosen: dict[str, Any]) -> Told:
        """A session with those settings. Whoever has left meanwhile will never learn its id: it is ejected."""
        opened = await self._sessions.open(chosen)
        if isinstance(opened, Barred):
            return _barred(opened)
        if has_left(http):
            await self._sessions.eject(opened, why="nobody waited for it")
        return control.told(opened.head, 201)

    async def _done(self, order: Order, found: Hosted | Ended, body: bytes) -> dict[str, Any]:
        """What is told of a session when that has been done with it. One that has ended stays as it ended."""
        if isinstance(found, Ended):
            if order in (Order.SHOW, Order.EJECT):
                return found.shown
            raise UsageError(f"The session {found.id} has ended: nothing goes wrong in it any more.")
        if order is Order.EJECT:
            how = calls.ending(body)
            ended = await self._sessions.eject(
                found, failed=how.get("failed", False), aborted=how.get("aborted", False)
            )
            return ended.shown
        if order is Order.LAY:
            found.inserted.lay(control.rules_in(body))
        return found.shown() if order is Order.SHOW else {"faults": found.inserted.faults}


def _barred(barred: Barred) -> Told:
    return answers.refused(barred.status, barred.code, barred.message)


async def _body(http: web.BaseRequest, headers: wire.Headers) -> bytes | Told:
    """The body of a call; what is answered where it cannot be had."""
    if (http.content_length or 0) > calls.LONGEST:
        return answers.refused(413, "body_limit", f"The call is longer than {calls.LONGEST} bytes.")
    try:
        async with asyncio.timeout(PATIENCE):
            return (await read(http, headers, calls.LONGEST)).body
    except web.HTTPRequestEntityTooLarge:
        return answers.refused(413, "body_limit", f"The call is longer than {calls.LONGEST} bytes.")
    except (web.RequestPayloadError, HttpProcessingError):
        return answers.unreadable()
    except TimeoutError:
        return answers.refused(408, "request_timeout", f"The call was not complete after {PATIENCE:g} seconds.")
    except ConnectionError:
        return answers.left()
