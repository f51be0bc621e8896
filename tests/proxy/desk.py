"""A server of many sessions, and who calls it."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from replayer.proxy.handler import Line
from replayer.proxy.server import bound
from replayer.proxy.sessions import Ended, Sessions
from replayer.proxy.switchboard import Switchboard
from replayer.settings import Settings

from .talking import Api, Heard, ask, recorder

TOKEN = "a-token-of-mine"
AT = "/__replayer__/sessions"
RULE = "GET /v1/x status=503 times=1"


class Desk:
    """A server of sessions over a folder, and what was told of them. `now` is its clock."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.now, self.lines, self.notes, self.ended = 0.0, list[tuple[str, Line]](), list[str](), list[Ended]()
        base = Settings(root=str(root), **{"record_mode": "once", **settings})
        self.sessions = Sessions(
            base, tell=lambda name, line: self.lines.append((name, line)), note=self.notes.append,
            end=self._end, clock=lambda: self.now,
        )  # fmt: skip
        self.board = Switchboard(self.sessions, TOKEN)
        self.url, self.has_ended = "", asyncio.Event()

    def _end(self, ended: Ended) -> None:
        self.ended.append(ended)
        self.has_ended.set()

    async def call(
        self, line: str, call: Any = None, more: Sequence[tuple[str, str]] = (), *, token: str | None = TOKEN
    ) -> Heard:
        headers = [*more] if token is None else [("Replayer-Token", token), *more]
        body = call if isinstance(call, bytes) else b"" if call is None else json.dumps(call).encode()
        return await ask(self.url, line, headers, body)

    async def open(self, cassette: str = "a.yaml", **settings: Any) -> dict[str, Any]:
        answer = await self.call(f"POST {AT}", {"cassette": cassette, **settings})
        assert answer.status == 201, answer.body
        return dict(json.loads(answer.body))

    async def shown(self, session: dict[str, Any], method: str = "GET", call: Any = None) -> dict[str, Any]:
        answer = await self.call(f"{method} {AT}/{session['id']}", call)
        assert answer.status == 200, answer.body
        return dict(json.loads(answer.body))

    async def eject(self, session: dict[str, Any], call: Any = None) -> dict[str, Any]:
        return await self.shown(session, "DELETE", call)


@asynccontextmanager
async def desk(root: Path, **settings: Any) -> AsyncIterator[Desk]:
    started = Desk(root, **settings)
    with bound(0) as listener:
        started.url = await started.board.start(listener)
        try:
            yield started
        finally:
            await started.board.close()


def error(answer: Heard) -> tuple[int, str, str]:
    told = json.loads(answer.body)["error"]
    return answer.status, told["code"].removeprefix("replayer_"), told["message"]


async def recorded(api: Api, root: Path, *names: str) -> None:
    """Cassettes with one request each."""
    for name in names:
        async with recorder(api, root, name) as proxy:
            await ask(proxy.url, "GET /v1/x")
