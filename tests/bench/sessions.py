"""A thousand sessions on one `replayer serve`, by eight clients: what the program holds while they are open, and after
they were ejected, for one crowd after the other; and what is left of a thousand recordings when it is killed.
"""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from replayer.cassettes import folder

COUNT = 1_000
CLIENTS = 8
CROWDS = 3
AT = "/__replayer__/sessions"
KEY = "Authorization: Bearer sk_test_bench"


class Served:
    """A running `replayer serve` over a folder, and its sessions by number."""

    def __init__(self, root: Path) -> None:
        words = (
            "serve",
            "--cassettes",
            str(root),
            "--upstream",
            "sandbox",
            "--token-file",
            str(root / "token"),
            "--quiet",
        )
        command = [sys.executable, "-m", "replayer", *words]
        self.program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.program.stdout is not None
        self.port = int(self.program.stdout.readline().strip().rpartition(":")[2])
        self.token = (root / "token").read_text().strip()
        self.opened: dict[int, dict[str, Any]] = {}

    async def call(self, line: str, call: Any = None) -> dict[str, Any]:
        body = "" if call is None else json.dumps(call)
        return dict(json.loads(await asked(self.port, line, f"Replayer-Token: {self.token}", body)))

    async def open(self, number: int, cassette: str, mode: str) -> None:
        self.opened[number] = await self.call(f"POST {AT}", {"cassette": cassette, "mode": mode})

    async def use(self, number: int) -> None:
        await asked(int(self.opened[number]["url"].rpartition(":")[2]), "GET /v1/customers", KEY)

    async def eject(self, number: int) -> None:
        await self.call(f"DELETE {AT}/{self.opened.pop(number)['id']}")

    def holds(self) -> tuple[str, str]:
        """Resident memory and descriptors."""
        status = Path(f"/proc/{self.program.pid}/status").read_text()
        resident = int(re.findall(r"VmRSS:\s+(\d+)", status)[0])
        return f"{resident / 1024:.0f} MB", str(len(os.listdir(f"/proc/{self.program.pid}/fd")))  # noqa: PTH208


async def asked(port: int, line: str, header: str, body: str = "") -> bytes:
    """The body of an answer. SystemExit where it is no good one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{header}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write((head + body).encode())
    said = await reader.read()
    writer.close()
    if not re.match(rb"HTTP/1\.1 20[01] ", said):
        raise SystemExit(f"{line} was answered {said[:300]!r}")
    return said.partition(b"\r\n\r\n")[2]


async def all_of(step: Callable[[int], Awaitable[None]]) -> None:
    """Each session once, by clients side by side."""

    async def client(first: int) -> None:
        for number in range(first, COUNT, CLIENTS):
            await step(number)

    await asyncio.gather(*map(client, range(CLIENTS)))


async def crowds(served: Served, mode: str, table: Table) -> None:
    for crowd in range(CROWDS):
        name = "0-0.yaml" if mode == "none" else f"{crowd}-%d.yaml"
        found = [served.holds()]
        for step in (
            lambda at, name=name: served.open(at, name.replace("%d", str(at)), mode),
            served.use,
            served.eject,
        ):
            await all_of(step)
            found.append(served.holds())
        label = "replay" if mode == "none" else "record"
        table.add_row(f"{label}, crowd {crowd + 1}", *(", ".join(each) for each in found))


async def recordings(served: Served) -> None:
    """All record, and are answered once."""
    await all_of(lambda at: served.open(at, f"killed-{at}.yaml", "once"))
    await all_of(served.use)


def killed(served: Served, root: Path) -> str:
    """What is on disk of them when nothing could be saved."""
    asyncio.run(recordings(served))
    served.program.kill()
    served.program.wait()
    left = [folder.read(path) for path in root.glob("killed-*.yaml.journal")]
    kept = sum(len(cassette.interactions) for cassette in left if cassette)
    return f"killed with {COUNT} recordings open, each answered once: {kept} answers in {len(left)} journals"


def main() -> None:
    table = Table("", "before", "open", "used", "ejected", title=f"{COUNT} sessions, resident memory and descriptors")
    for mode in ("once", "none"):
        with tempfile.TemporaryDirectory() as root, contextlib.ExitStack() as stack:
            served = Served(Path(root))
            stack.callback(served.program.kill)
            if mode == "none":
                asyncio.run(recorded(served))
            asyncio.run(crowds(served, mode, table))
            told = killed(served, Path(root))
    console = Console(width=120, file=sys.stdout)
    console.print(table)
    console.print(told)


async def recorded(served: Served) -> None:
    """The cassette of all replays."""
    await served.open(0, "0-0.yaml", "once")
    await served.use(0)
    await served.eject(0)


if __name__ == "__main__":
    main()
