"""Replay against a bare aiohttp handler: requests for each second of the server's processor time, and their ratio.

Both servers run as processes of their own and answer the same bytes to the same client, in turns. Processor time of
the server, not time on the clock: the client shares the machine and is no faster than what it measures.
"""

import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web
from rich.console import Console
from rich.progress import track
from rich.table import Table

from replayer import Replayer
from replayer.cassettes.format import dumps
from replayer.core.aliases import alias
from replayer.core.interaction import Cassette, Facts, Interaction, Request, Response

INTERACTIONS = 10_000
BODY = 2_000  # bytes: a small invoice
ROUNDS = 7
REQUESTS = 4_000  # of each server in each round
CONNECTIONS = 8
ORIGIN = "https://api.stripe.com"


def invoice(number: int) -> tuple[str, bytes]:
    """A path and the body that answers it."""
    name = alias("prefixed", "in_1" + "0" * 23, str(number))
    body = {"id": name, "object": "invoice", "description": "x" * (BODY - 120), "amount_due": 2000}
    return f"/v1/invoices/{name}", json.dumps(body, indent=2).encode()


def cassette(count: int) -> Cassette:
    headers = (("Date", "Sun, 22 Nov 2026 00:00:00 GMT"), ("Content-Type", "application/json"))
    interactions = (
        Interaction(Request("GET", path, origin=ORIGIN), Response(200, "OK", headers, body))
        for path, body in map(invoice, range(count))
    )
    return Cassette(tuple(interactions), Facts(ORIGIN, "invoice", 1_795_305_600))


def replay(ready: Connection, folder: str) -> None:
    """A server process: one worker that replays."""
    with Replayer("bench.yaml", root=folder, tell=lambda _: None) as replayer:
        ready.send(int(replayer.url.rpartition(":")[2]))
        ready.recv()


def bare(ready: Connection, _: str) -> None:
    """A server process: the least that aiohttp can do."""
    bodies = dict(map(invoice, range(INTERACTIONS)))

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=bodies[request.path], content_type="application/json")

    async def serve() -> None:
        application = web.Application()
        application.router.add_get("/{rest:.*}", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ready.send(runner.addresses[0][1])
        await asyncio.get_running_loop().run_in_executor(None, ready.recv)
        await runner.cleanup()

    _runner().run(serve())


def _runner() -> asyncio.Runner:
    from replayer.proxy.thread import loop_factory

    return asyncio.Runner(loop_factory=loop_factory())


class Server:
    """One server process and the processor time that it has used."""

    def __init__(self, name: str, serve: Callable[[Connection, str], None], folder: str) -> None:
        self.name, self.rates = name, list[float]()
        here, there = multiprocessing.Pipe()
        self._stop = here
        self._process = multiprocessing.get_context("spawn").Process(target=serve, args=(there, folder), daemon=True)
        self._process.start()
        self.port: int = here.recv()

    def used(self) -> float:
        """Seconds of processor time so far (proc(5): utime and stime, in ticks)."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, paths: Sequence[str]) -> None:
        before = self.used()
        _runner().run(load(self.port, paths))
        self.rates.append(len(paths) / (self.used() - before))

    def stop(self) -> None:
        self._stop.send(None)
        self._process.join(5)


async def load(port: int, paths: Sequence[str]) -> None:
    """Ask for all paths, over several connections that stay open."""
    await asyncio.gather(*(ask(port, paths[start::CONNECTIONS]) for start in range(CONNECTIONS)))


async def ask(port: int, paths: Sequence[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path in paths:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{path} was answered with {head[:200]!r}")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()


def main() -> None:
    paths = [invoice(number)[0] for number in range(INTERACTIONS)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bench.yaml").write_text(dumps(cassette(INTERACTIONS)), "utf-8")
        servers = [Server("replay", replay, folder), Server("bare aiohttp handler", bare, folder)]
        try:
            for start in track(range(ROUNDS), "measuring", console=Console(stderr=True)):
                for server in servers if start % 2 else reversed(servers):
                    at = start * REQUESTS % INTERACTIONS
                    server.measure((paths + paths)[at : at + REQUESTS])
        finally:
            for server in servers:
                server.stop()
    report(servers)


def report(servers: list[Server]) -> None:
    ratios = [ours / theirs for ours, theirs in zip(servers[0].rates, servers[1].rates, strict=True)]
    table = Table(
        "", "median", "least", "most", title=f"{INTERACTIONS} interactions of {BODY} bytes, {ROUNDS} rounds in turns"
    )
    for server in servers:
        table.add_row(f"{server.name}, requests/s of processor time", *spread(server.rates, ".0f"))
    table.add_row("ratio, replay to bare", *spread(ratios, ".2f"))
    Console(width=110, file=sys.stdout).print(table)


def spread(values: list[float], form: str) -> tuple[str, str, str]:
    return format(statistics.median(values), form), format(min(values), form), format(max(values), form)


if __name__ == "__main__":
    main()
