"""The sandbox against a bare aiohttp handler that returns the same bytes, at 100 and at 100,000 invoices.

All servers run as processes of their own and are loaded by the same client in turns, so that a page's cost can be
compared between a small and a large sandbox as well as with the least that aiohttp can do.
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from aiohttp import web
from rich.console import Console
from rich.progress import track
from rich.table import Table

from replayer.core.message import Request
from replayer.sandbox import Sandbox
from replayer.sandbox.api import InvoiceApi
from replayer.sandbox.commands import OPERATIONS
from replayer.sandbox.commands.command import Command

from .measuring import KEY, Ask, Server, loop_runner, serve_bare, spread

SIZES = (100, 100_000)
CUSTOMERS = 2
ROUNDS = 5
REQUESTS = 500  # of each kind to each server in each round
NOW = 1_795_305_600


def fill(api: InvoiceApi, count: int) -> tuple[list[str], list[str]]:
    """Drafts in turns for some customers, made by the operations themselves; the ids of invoices and customers."""
    ledger = api.ledger

    def made(operation: str, at: int, **params: str) -> str:
        row = OPERATIONS[operation].run(ledger, Command(at, params, {}))
        ledger.undo.settle()
        return str(row["id"])

    customers = [made("POST /v1/customers", NOW) for _ in range(CUSTOMERS)]
    invoices = [
        made("POST /v1/invoices", NOW + number // 6, customer=customers[number % CUSTOMERS]) for number in range(count)
    ]
    return invoices, customers


def sandbox(ready: Connection, count: int) -> None:
    """A server process: one sandbox with so many invoices."""

    async def serve() -> None:
        async with Sandbox(seed=1, clock=lambda: NOW + 86_400) as running:
            invoices, customers = fill(running.api, count)
            sample = random.Random(1).choices(invoices, k=REQUESTS)
            ready.send((int(running.url.rpartition(":")[2]), (sample, customers)))
            await asyncio.get_running_loop().run_in_executor(None, ready.recv)

    loop_runner().run(serve())


Kind = Callable[[list[str], list[str]], list[Ask]]

# What is asked for, of those invoices and customers.
KINDS: dict[str, Kind] = {
    "retrieve": lambda invoices, _: [Ask(f"/v1/invoices/{name}") for name in invoices],
    "list 10": lambda invoices, _: [Ask(f"/v1/invoices?starting_after={name}") for name in invoices],
    "list 10, filtered": lambda invoices, customers: [
        Ask(f"/v1/invoices?status=draft&customer={customers[place % CUSTOMERS]}&ending_before={name}")
        for place, name in enumerate(invoices)
    ],
    "list 100": lambda invoices, _: [Ask("/v1/invoices?limit=100") for _ in invoices[: REQUESTS // 10]],
    "create": lambda invoices, customers: [Ask("/v1/invoices", f"customer={customers[0]}") for _ in invoices],
}


def path(kind: str) -> str:
    """Where the bare handler has its answer to that kind."""
    return "/" + kind.replace(" ", "-").replace(",", "")


def bare(ready: Connection, _: None) -> None:
    """Answers each kind with a body that a sandbox of the smaller size gave."""
    api = InvoiceApi(random.Random(1), NOW)
    invoices, customers = fill(api, SIZES[0])

    def body(ask: Ask) -> bytes:
        method = "GET" if ask.form is None else "POST"
        headers = (("Authorization", f"Bearer {KEY}"),)
        return api.answer(Request(method, ask.target, headers, (ask.form or "").encode()), NOW).body

    bodies = {path(name): body(kind([invoices[50]] * 10, customers)[0]) for name, kind in KINDS.items()}

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=bodies[request.path], content_type="application/json")

    serve_bare(ready, answer)


def asked(server: Server, kind: str) -> list[Ask]:
    """What that server is asked for, in what is a round of that kind."""
    if server.told is None:
        count = REQUESTS // 10 if kind == "list 100" else REQUESTS
        return [Ask(path(kind), "x=1" if kind == "create" else None)] * count
    return KINDS[kind](*server.told)


def main() -> None:
    begun = time.perf_counter()
    servers = [Server(f"{size:,} invoices", sandbox, size) for size in SIZES]
    servers.append(Server("bare", bare, None))
    rates: dict[tuple[str, str], list[float]] = {(kind, server.name): [] for kind in KINDS for server in servers}
    try:
        for start in track(range(ROUNDS), "measuring the sandbox", console=Console(stderr=True)):
            for kind in KINDS:
                for server in servers if start % 2 else reversed(servers):
                    rates[kind, server.name].append(server.rate(asked(server, kind)))
    finally:
        for server in servers:
            server.stop()
    report(servers, rates, time.perf_counter() - begun)


def report(servers: list[Server], rates: dict[tuple[str, str], list[float]], seconds: float) -> None:
    small, large, least = (server.name for server in servers)
    title = f"requests/s of processor time, medians of {ROUNDS} rounds in turns ({seconds:.0f} s)"
    table = Table("", small, large, "bare", "small to bare", "large to bare", "large to small", title=title)
    for kind in KINDS:
        medians = [spread(rates[kind, name], ".0f")[0] for name in (small, large, least)]
        pairs = ((small, least), (large, least), (large, small))
        table.add_row(kind, *medians, *(ratio(rates[kind, one], rates[kind, other]) for one, other in pairs))
    Console(width=110, file=sys.stdout).print(table)


def ratio(ours: list[float], theirs: list[float]) -> str:
    return spread([one / other for one, other in zip(ours, theirs, strict=True)], ".2f")[0]


if __name__ == "__main__":
    main()
