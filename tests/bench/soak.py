"""Two hundred clients for a minute, on a replay and on a recording: each answer is the one that was asked for, and what
the program holds and how many answers it gives for a second of its processor time, from quarter to quarter.

A recording holds what it has recorded, so its memory is told for each answer.
"""

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from aiohttp import web
from rich.console import Console
from rich.table import Table

from replayer.cassettes import dumps
from tests.bench.replay import body_of, cassette, invoice

CLIENTS = 200
SECONDS = 60.0
QUARTERS = 4
INVOICES = 1_000
SETTLING = 5.0  # seconds in which all clients come, and each answer is made ready
TICKS = os.sysconf("SC_CLK_TCK")
LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)\r\n")

Asked = Callable[[int, int], tuple[str, bytes]]
"""The path that a client asks for at its so-many-th time, and the body that answers it."""


class Moment(NamedTuple):
    """How many answers had been given, in how many seconds of processor time, and how many kilobytes were held."""

    answers: int
    used: float
    held: int


class Program:
    """A running command, and what its clients were answered so far."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-m", "replayer", *words, "--quiet"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().strip().rpartition(":")[2])
        self.answers = 0

    @property
    def moment(self) -> Moment:
        at = Path(f"/proc/{self.process.pid}")
        used = at.joinpath("stat").read_text().rpartition(")")[2].split()[11:13]
        held = re.findall(r"VmRSS:\s+(\d+)", at.joinpath("status").read_text())[0]
        return Moment(self.answers, sum(map(int, used)) / TICKS, int(held))

    async def client(self, number: int, asked: Asked, end: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        times = 0
        while time.monotonic() < end:
            path, body = asked(number, times)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            said = await reader.readexactly(int(length[1]) if length else 0)
            if not head.startswith(b"HTTP/1.1 200 ") or said != body:
                raise SystemExit(f"GET {path} was answered {head[:200]!r} {said[:200]!r}")
            times += 1
            self.answers += 1
        writer.close()

    async def soaked(self, asked: Asked, seconds: float) -> list[Moment]:
        """The moment at which the first quarter begins, and those at which one ends."""
        end = time.monotonic() + SETTLING + seconds
        clients = [asyncio.create_task(self.client(number, asked, end)) for number in range(CLIENTS)]
        await asyncio.sleep(SETTLING)
        found = [self.moment]
        for _ in range(QUARTERS):
            await asyncio.sleep(seconds / QUARTERS)
            found.append(self.moment)
        await asyncio.gather(*clients)
        return found

    def ended(self) -> str:
        """Its receipt."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate()
        if self.process.returncode:
            raise SystemExit(f"it ended with {self.process.returncode}: {said}")
        return said.strip()


async def replayed(root: Path, seconds: float) -> tuple[list[Moment], str]:
    (root / "bench.yaml").write_text(dumps(cassette(INVOICES)), "utf-8")
    invoices, chance = [invoice(number) for number in range(INVOICES)], random.Random(1)
    program = Program("replay", "--root", str(root), "--cassette", "bench.yaml")
    try:
        found = await program.soaked(lambda *_: chance.choice(invoices), seconds)
        return found, program.ended()
    finally:
        program.process.kill()


async def recorded(root: Path, seconds: float) -> tuple[list[Moment], str]:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(body=body_of(request.path.rpartition("/")[2]), content_type="application/json")

    upstream = web.ServerRunner(web.Server(answer))
    await upstream.setup()
    site = web.TCPSite(upstream, "127.0.0.1", 0)
    await site.start()
    port = upstream.addresses[0][1]
    words = ("--upstream", f"http://127.0.0.1:{port}", "--root", str(root), "--cassette", "new.yaml")
    program = Program("record", *words)

    def asked(client: int, times: int) -> tuple[str, bytes]:
        name = f"number-{client}-{times}"
        return f"/v1/things/{name}", body_of(name)

    try:
        found = await program.soaked(asked, seconds)
        return found, program.ended()
    finally:
        program.process.kill()
        await upstream.cleanup()


def row(found: list[Moment]) -> tuple[str, ...]:
    pairs = list(pairwise(found))
    rates = [(after.answers - before.answers) / (after.used - before.used) for before, after in pairs]
    grown, answers = found[-1].held - found[0].held, found[-1].answers - found[0].answers
    return (
        f"{found[-1].answers:,}",
        ", ".join(f"{rate:,.0f}" for rate in rates),
        f"{rates[-1] / rates[0]:.3f}",
        ", ".join(f"{moment.held / 1024:.0f}" for moment in found),
        f"{1024 * grown / answers:,.0f}",
    )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    table = Table(title=f"{CLIENTS} clients for {seconds:g} s, in quarters: no wrong answer")
    for name in ("", "answers", "a second of processor time", "last to first", "MB held", "bytes more an answer"):
        table.add_column(name, justify="right")
    with tempfile.TemporaryDirectory() as root:
        for name, soaked in (("replay", replayed), ("record", recorded)):
            found, receipt = asyncio.run(soaked(Path(root), seconds))
            table.add_row(name, *row(found))
            print(f"{name}: {receipt.splitlines()[-1] if receipt else ''}", flush=True)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
