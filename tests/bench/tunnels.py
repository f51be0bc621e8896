"""Replay through `--as-proxy`, over TLS in a tunnel, against a bare aiohttp handler that speaks TLS and returns the
same bytes: requests for each second of the server's processor time, and their ratio. And the same without either.

Each path is asked once before anything counts; connections stay open.
"""

import asyncio
import ssl
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web
from rich.console import Console
from rich.table import Table

from replayer.cassettes import dumps
from replayer.proxy.certificates import Authority
from tests.bench.measuring import CONNECTIONS, KEY, Server, loop_runner, spread
from tests.bench.replay import cassette, invoice, replay

HOST = "api.stripe.com"
COUNT = 1_000
REQUESTS = 8_000  # in each round
ROUNDS = 7


def replay_as_proxy(ready: Connection, folder: str) -> None:
    """A server process: one worker that replays to who takes it for a proxy."""
    from replayer import Replayer

    with Replayer("bench.yaml", root=folder, as_proxy=True, tell=lambda _: None) as replayer:
        assert replayer.certificate is not None
        ready.send((int(replayer.url.rpartition(":")[2]), replayer.certificate.read_text("ascii")))
        ready.recv()


def bare(ready: Connection, secure: bool) -> None:
    """A server process: the least that aiohttp can do, with a certificate for the API's name or without."""
    bodies = dict(map(invoice, range(COUNT)))

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=bodies[request.path], content_type="application/json")

    async def serve() -> None:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        vouching = Authority.of([HOST]) if secure else None
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=vouching.tls if vouching else None).start()
        ready.send((runner.addresses[0][1], vouching.certificate.decode("ascii") if vouching else ""))
        await asyncio.get_running_loop().run_in_executor(None, ready.recv)
        await runner.cleanup()

    loop_runner().run(serve())


async def ask_all(server: Server, sent: Sequence[bytes], *, tunnelled: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    if tunnelled:
        writer.write(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
    if server.told:
        await writer.start_tls(ssl.create_default_context(cadata=server.told), server_hostname=HOST)
    for request in sent:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{server.name} answered {head[:200]!r}")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
    writer.close()


def rate(server: Server, asked: Sequence[bytes], *, tunnelled: bool) -> float:
    """Requests for each second of processor time, over several connections."""

    async def load() -> None:
        parts = (asked[start::CONNECTIONS] for start in range(CONNECTIONS))
        await asyncio.gather(*(ask_all(server, part, tunnelled=tunnelled) for part in parts))

    before = server.used()
    loop_runner().run(load())
    return len(asked) / max(server.used() - before, 0.01)


def on_the_wire(host: str) -> list[bytes]:
    paths = [invoice(number % COUNT)[0] for number in range(REQUESTS)]
    return [f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode() for path in paths]


def main() -> None:
    table = Table("", "requests/s of processor time", "least", "most", title="replay as a proxy, and a bare handler")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bench.yaml").write_text(dumps(cassette(COUNT)), "utf-8")
        servers = {
            "through --as-proxy": (Server("as a proxy", replay_as_proxy, folder), True, HOST),
            "a bare handler with TLS": (Server("bare, TLS", bare, True), False, HOST),
            "a base URL": (Server("replay", replay, folder), False, "127.0.0.1"),
            "a bare handler": (Server("bare", bare, False), False, "127.0.0.1"),
        }
        found: dict[str, list[float]] = {name: [] for name in servers}
        for number in range(ROUNDS + 1):
            for name, (server, tunnelled, host) in servers.items():
                reached = rate(server, on_the_wire(host), tunnelled=tunnelled)
                if number:
                    found[name].append(reached)
        for server, *_ in servers.values():
            server.stop()
    for name, rates in found.items():
        table.add_row(name, *spread(rates, ",.0f"))
    secure, plain = list(found.values())[:2], list(found.values())[2:]
    for name, (ours, theirs) in {"with TLS": secure, "without": plain}.items():
        ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
        table.add_row(f"ratio {name}", *spread(ratios, ".2f"))
    Console(width=120, file=sys.stdout).print(table)


if __name__ == "__main__":
    main()
