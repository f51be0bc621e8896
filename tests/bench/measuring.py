"""What benchmarks share: servers as processes of their own, one client that loads them in turns, and how much
processor time each server used for it.

Processor time of the server, not time on the clock: the client shares the machine and is no faster than what it
measures.
"""

import asyncio
import multiprocessing
import os
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiohttp import web

CONNECTIONS = 8
KEY = "sk_test_bench"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of the load. `form` makes it a POST."""

    target: str
    form: str | None = None

    def on_the_wire(self, port: int) -> bytes:
        method = "GET" if self.form is None else "POST"
        head = f"{method} {self.target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {KEY}\r\n"
        if self.form is None:
            return f"{head}\r\n".encode()
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        return f"{head}{kind}Content-Length: {len(self.form)}\r\n\r\n{self.form}".encode()


def loop_runner() -> asyncio.Runner:
    from replayer.proxy.thread import loop_factory

    return asyncio.Runner(loop_factory=loop_factory())


Answering = Callable[[web.Request], Awaitable[web.Response]]


def serve_bare(ready: Connection, answer: Answering) -> None:
    """A server process: the least that aiohttp can do."""

    async def serve() -> None:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.get_running_loop().run_in_executor(None, ready.recv)
        await runner.cleanup()

    loop_runner().run(serve())


class Server:
    """One server process. It is given `argument`, sends its port, or its port and more, and is told when to end."""

    def __init__(self, name: str, serve: Callable[[Connection, Any], None], argument: Any) -> None:
        self.name = name
        here, there = multiprocessing.Pipe()
        self._stop = here
        self._worker = multiprocessing.get_context("spawn").Process(target=serve, args=(there, argument), daemon=True)
        self._worker.start()
        sent = here.recv()
        self.port: int = sent[0] if isinstance(sent, tuple) else sent
        self.told: Any = sent[1] if isinstance(sent, tuple) else None

    def used(self) -> float:
        """Seconds of processor time so far (proc(5): utime and stime, in ticks)."""
        stat = Path(f"/proc/{self._worker.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def rate(self, asked: Sequence[Ask]) -> float:
        """Requests for each second of processor time."""
        before = self.used()
        loop_runner().run(load(self.port, asked))
        return len(asked) / max(self.used() - before, 0.001)

    def stop(self) -> None:
        self._stop.send(None)
        self._worker.join(5)


async def load(port: int, asked: Sequence[Ask]) -> None:
    """Ask for all of it, over several connections that stay open."""
    sent = [ask.on_the_wire(port) for ask in asked]
    await asyncio.gather(*(ask_all(port, sent[start::CONNECTIONS]) for start in range(CONNECTIONS)))


async def ask_all(port: int, sent: Sequence[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in sent:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{request[:200]!r} was answered with {head[:200]!r}")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()


def spread(values: Sequence[float], form: str) -> tuple[str, str, str]:
    return format(statistics.median(values), form), format(min(values), form), format(max(values), form)
