"""Replay against a bare aiohttp handler: requests for each second of the server's processor time, and their ratio.

Both servers run as processes of their own and answer the same bytes to the same client, in turns.
"""

import json
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web
from rich.console import Console
from rich.progress import track
from rich.table import Table

from replayer import Replayer
from replayer.cassettes import dumps
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.core.naming import aliases

from .measuring import Ask, Server, serve_bare, spread

INTERACTIONS = 10_000
BODY = 2_000  # bytes: a small invoice
ROUNDS = 7
REQUESTS = 4_000  # of each server in each round
ORIGIN = "https://api.stripe.com"


def invoice(number: int) -> tuple[str, bytes]:
    """A path and the body that answers it."""
    name = aliases.alias("prefixed", "in_1" + "0" * 23, str(number))
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
    bodies = dict(map(invoice, range(INTERACTIONS)))

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=bodies[request.path], content_type="application/json")

    serve_bare(ready, answer)


def main() -> None:
    asked = [Ask(invoice(number)[0]) for number in range(INTERACTIONS)]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bench.yaml").write_text(dumps(cassette(INTERACTIONS)), "utf-8")
        servers = [Server("replay", replay, folder), Server("bare aiohttp handler", bare, folder)]
        rates: list[list[float]] = [[] for _ in servers]
        try:
            for start in track(range(ROUNDS), "measuring replay", console=Console(stderr=True)):
                for place in (0, 1) if start % 2 else (1, 0):
                    at = start * REQUESTS % INTERACTIONS
                    rates[place].append(servers[place].rate((asked + asked)[at : at + REQUESTS]))
        finally:
            for server in servers:
                server.stop()
    report(servers, rates)


def report(servers: list[Server], rates: list[list[float]]) -> None:
    ratios = [ours / theirs for ours, theirs in zip(*rates, strict=True)]
    table = Table(
        "", "median", "least", "most", title=f"{INTERACTIONS} interactions of {BODY} bytes, {ROUNDS} rounds in turns"
    )
    for server, measured in zip(servers, rates, strict=True):
        table.add_row(f"{server.name}, requests/s of processor time", *spread(measured, ".0f"))
    table.add_row("ratio, replay to bare", *spread(ratios, ".2f"))
    Console(width=110, file=sys.stdout).print(table)


if __name__ == "__main__":
    main()
