"""An upstream that is no longer what it was: a real server before a real sandbox, which changes what it passes on."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web

from replayer.sandbox import Sandbox

SETTLING = 0.02  # seconds in which connections are accepted, or closed, that came or went last
FRAMING = {"content-length", "transfer-encoding", "connection", "date", "keep-alive"}


@dataclass(frozen=True)
class Emitted:
    """One answer on its way: `path` is what was asked for, `value` the JSON of the body."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    value: Any


Change = Callable[[Emitted], Emitted]


@dataclass
class Arrived:
    """What the upstream was asked, in order."""

    lines: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@contextlib.contextmanager
def changed(change: Change = lambda answer: answer) -> Iterator[tuple[str, Arrived]]:
    """The address of such an upstream, and what arrives at it; it runs in a thread of its own."""
    ready, arrived, address = threading.Event(), Arrived(), [""]
    stop: list[Callable[[], object]] = []

    async def serve() -> None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(ended.set))
        async with Sandbox() as sandbox, aiohttp.ClientSession(auto_decompress=False) as client:
            runner = web.ServerRunner(web.Server(lambda http: _passed_on(http, sandbox.url, client, change, arrived)))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            address[0] = f"http://127.0.0.1:{runner.addresses[0][1]}"
            ready.set()
            await ended.wait()
            await asyncio.sleep(SETTLING)
            await runner.cleanup()
        await asyncio.sleep(SETTLING)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield address[0], arrived
    finally:
        stop[0]()
        thread.join(10)


async def _passed_on(
    http: web.BaseRequest, url: str, client: aiohttp.ClientSession, change: Change, arrived: Arrived
) -> web.Response:
    arrived.lines.append(f"{http.method} {http.raw_path}")
    arrived.authorizations.append(http.headers.get("Authorization", ""))
    if key := http.headers.get("Idempotency-Key"):
        arrived.keys.append(key)
    headers = {name: value for name, value in http.headers.items() if name.lower() not in (*FRAMING, "host")}
    async with client.request(http.method, url + http.raw_path, headers=headers, data=await http.read()) as reply:
        kept = {name: value for name, value in reply.headers.items() if name.lower() not in FRAMING}
        answer = change(Emitted(http.method, http.path, reply.status, kept, json.loads(await reply.read())))
        return web.Response(
            status=answer.status, headers=answer.headers, body=json.dumps(answer.value, indent=2).encode()
        )


def objects(kind: str, alter: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """Changes each object of that type, wherever it stands in an answer."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(child) for child in value]
        if not isinstance(value, dict):
            return value
        inner = {key: walk(child) for key, child in value.items()}
        return alter(inner) if inner.get("object") == kind else inner

    return lambda answer: replace(answer, value=walk(answer.value))


def renamed(old: str, new: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """An object with one of its fields under another name, in its place."""
    return lambda value: {new if key == old else key: child for key, child in value.items()}


def status(method: str, path: str, code: int) -> Change:
    """Another status for what is answered to that request."""
    return lambda answer: replace(answer, status=code) if (answer.method, answer.path) == (method, path) else answer


def each(*changes: Change) -> Change:
    """All of these changes, one after the other."""

    def change(answer: Emitted) -> Emitted:
        for one in changes:
            answer = one(answer)
        return answer

    return change
