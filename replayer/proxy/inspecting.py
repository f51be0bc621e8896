"""The inspector on the wire: the files of its page for whoever is on this machine, its documents and what is live for
who sends the token. It answers what the desk says, and decides on no request of the API.

GET  /__replayer__/               the page
GET  /__replayer__/page/NAME      its modules and its style sheet
GET  /__replayer__/api/PATH       a document, with the header Replayer-Token
GET  /__replayer__/api/events     the rows behind ?after=N, then each that comes, as server-sent events
POST /__replayer__/api/eject      end the session ?id=ID, where there are many
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiohttp import web

from replayer.errors import ReplayerError
from replayer.inspector import Desk, RowTexts, assets
from replayer.proxy import answers, breakdown, control, guard
from replayer.proxy.aside import aside
from replayer.proxy.connections import has_left
from replayer.proxy.guard import CONTROL

PAGE = f"{CONTROL}/"
FILES, API = f"{PAGE}page/", f"{PAGE}api/"
EVENTS, EJECT = "events", "eject"
AT_ONCE = 2000  # rows in one event: half a megabyte of JSON, some ten milliseconds of the loop
FIRST = 200  # rows of the first event: what stands on a screen is there at once
PAUSE = 0.1  # seconds between two events: nobody reads faster, and requests come first
HEARTBEAT = 10.0  # seconds until a connection on which nothing comes is looked at: who has left is not waited for

Eject = Callable[[str], Awaitable[Mapping[str, Any] | None]]


class Inspecting:
    """Serves one desk to who knows the token and comes by that door. `eject` ends a session of that id."""

    def __init__(self, desk: Desk, token: str, door: guard.Door = guard.HERE, eject: Eject | None = None) -> None:
        self.desk, self._token, self._eject = desk, token, eject
        self._door = replace(door, pages=())  # a page that may ask the API may not look at the session
        self._reading = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Inspecting {self.desk!r}>"

    def is_meant(self, target: str) -> bool:
        """Whether that target, as it stands on the wire, is one of the page."""
        path = target.partition("?")[0]
        return path == PAGE or path.startswith((FILES, API))

    def address(self, url: str) -> str:
        """The address of the page, where that is the server's: with the token, which no browser sends."""
        return f"{url}{PAGE}#{self._token}"

    async def alone(self, http: web.BaseRequest) -> web.StreamResponse:
        """The answer to any request, where there is nothing but the page."""
        if self.is_meant(http.raw_path):
            return await self.serve(http)
        return _refused(404, "path", f"There is nothing but {PAGE} here.")

    def end(self) -> None:
        """The session ends: pages that are open are told, and waited for no more."""
        if self.desk.source.feed is not None:
            self.desk.source.feed.end()

    async def serve(self, http: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request that is meant."""
        try:
            return await self._answer(http)
        except ReplayerError as error:
            return _refused(400, "request", " ".join(str(error).split()))
        except ConnectionError:
            return web.Response()  # it has left
        except Exception as error:  # the last resort: what is looked at goes on
            found = breakdown.of(error)
            return _safe(answers.envelope(500, "replayer_fault", found.message))

    async def _answer(self, http: web.BaseRequest) -> web.StreamResponse:
        if barred := self._barred(http):
            return barred
        path = http.raw_path.partition("?")[0]
        if not path.startswith(API):
            return _file(path.removeprefix(FILES) if path != PAGE else assets.INDEX)
        if not control.knows(_headers(http), self._token):
            return _refused(401, "token", "This needs the token: open the address that Replayer printed at its start.")
        return await self._documents(http, path.removeprefix(API))

    def _barred(self, http: web.BaseRequest) -> web.Response | None:
        """What is answered to who may not look; None where he may."""
        headers, path = _headers(http), http.raw_path.partition("?")[0]
        barred = guard.refused(headers, http.raw_path, self._door)
        if barred is not None and barred is not guard.PATH:
            return _refused(barred.status, barred.code, barred.message)
        if not control.is_here(http):
            return _refused(403, "place", "The page is for browsers on this machine.")
        allowed = "POST" if path == API + EJECT else "GET"
        if http.method != allowed:
            return _refused(405, "method", f"{path} takes {allowed}.")
        return None

    async def _documents(self, http: web.BaseRequest, path: str) -> web.StreamResponse:
        if path == EVENTS:
            return await self._events(http)
        if path == EJECT:
            ended = await self._eject(http.query.get("id", "")) if self._eject is not None else None
            return _refused(404, "path", "There is no such session.") if ended is None else _json(_bytes(ended))
        async with self._reading:  # one after the other: each may walk through the cassette
            self.desk.refresh()
            body = await aside(lambda: _bytes(self.desk.document(path, http.query)), is_long=True)
        return _json(body)

    async def _events(self, http: web.BaseRequest) -> web.StreamResponse:
        """What is there, and then what comes. A slow reader gets more at once; nobody waits for him."""
        feed = self.desk.source.feed
        if feed is None:
            return _refused(404, "path", "Nothing comes here: this is a file.")
        after = int(text) if (text := http.query.get("after", "0")).isdigit() and len(text) < AT_ONCE else 0
        stream = web.StreamResponse(headers={**assets.HEADERS, "Content-Type": "text/event-stream; charset=utf-8"})
        await stream.prepare(http)
        new, texts = asyncio.Event(), RowTexts()
        feed.watch(new.set)
        try:
            while not has_left(http):
                new.clear()
                rows = feed.since(after, AT_ONCE if after else FIRST)
                after = rows[-1][0] if rows else after
                has_all, has_ended = after >= feed.count, feed.has_ended
                listed = ",".join(texts.text(*row) for row in rows).encode("utf-8", "replace")
                rest = _bytes({"receipt": self.desk.source.receipt(), "ended": has_ended})
                await stream.write(b'data: {"rows":[%s],%s\n\n' % (listed, rest[1:]))
                if has_all and has_ended:
                    break
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT if has_all else PAUSE):
                        await new.wait()
                        if not feed.has_ended:
                            await asyncio.sleep(PAUSE)
        except ConnectionError:
            pass
        finally:
            feed.unwatch(new.set)
        with suppress(ConnectionError):
            await stream.write_eof()
        return stream


def _file(name: str) -> web.Response:
    found = assets.asset(name)
    if found is None:
        return _refused(404, "path", "The page has no such file.")
    return _safe(web.Response(body=found.body, content_type=found.kind, charset="utf-8"))


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _json(document: bytes) -> web.Response:
    return _safe(web.Response(body=document, content_type="application/json", charset="utf-8"))


def _refused(status: int, code: str, message: str) -> web.Response:
    return _safe(answers.envelope(status, f"replayer_{code}", message))


def _safe(answer: web.Response) -> web.Response:
    answer.headers.update(assets.HEADERS)
    return answer


def _headers(http: web.BaseRequest) -> tuple[tuple[str, str], ...]:
    """The headers as they stood on the wire."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in http.raw_headers)
