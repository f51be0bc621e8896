"""One table: how fast this project replays and records, as ratios to what else there is, in one interleaved run.

`quick` measures 10,000 interactions in about a minute; without it 1 to 100,000 are. wrk is the load. Each server's
bytes are compared with what was recorded before anything of it counts.
"""

import asyncio
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from replayer import __version__
from replayer.cassettes import dumps
from tests.bench import peers
from tests.bench.measuring import Ask, load
from tests.bench.peers import Peer
from tests.bench.replay import cassette, invoice, posted

SIZES = (1, 100, 10_000, 100_000)
CHECKED = 50  # answers of each server that are compared before it counts
CONNECTIONS = 32
OURS = "replayer"
SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local i, n = %d, #paths
request = function()
  i = (i * 48271 + 11) %% 2147483647
  local headers = {["Authorization"] = "Bearer sk_test_bench"}
  %s
  return wrk.format("GET", paths[i %% n + 1], headers)
end
"""
SDK = """
  headers["User-Agent"] = "Stripe/v1 PythonBindings/16.2.0"
  local metrics = '{"request_id":"req_' .. i .. '","request_duration_ms":' .. i % 977 .. '}'
  headers["X-Stripe-Client-Telemetry"] = '{"last_request_metrics":' .. metrics .. '}'
"""
NEW = """
local i = %d
request = function() i = i + 1; return wrk.format("GET", string.format("/v1/invoices/in_1%%023d", i)) end
"""


@dataclass
class Measured:
    """The rounds of one server under one load: requests/s by the clock and by the server's processor time, and the
    latencies in milliseconds."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


class Bench:
    """All that is measured, by load and server."""

    def __init__(self, rounds: int, seconds: int) -> None:
        self.rounds, self.seconds = rounds, seconds
        self.found: dict[tuple[str, str], Measured] = {}
        self.facts: list[str] = []

    def run(self, kind: str, server: Peer, script: Path, *, counts: bool = True) -> None:
        """wrk for some seconds, which count unless it is only to warm up. SystemExit where an answer was none."""
        before = server.used()
        wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{self.seconds}s", "--latency", "-s", str(script)]
        told = subprocess.run([*wrk, f"http://127.0.0.1:{server.port}"], capture_output=True, text=True, check=True)
        if "Non-2xx" in told.stdout or "Socket errors" in told.stdout:
            raise SystemExit(f"{server.name} under {kind}: {told.stdout}")
        if not counts:
            return
        one = self.found.setdefault((kind, server.name), Measured())
        one.clock.append(float(re.findall(r"Requests/sec:\s+([\d.]+)", told.stdout)[0]))
        answered = int(re.findall(r"(\d+) requests in", told.stdout)[0])
        one.processor.append(answered / max(server.used() - before, 0.01))
        one.p50.append(_milliseconds(told.stdout, "50%"))
        one.p99.append(_milliseconds(told.stdout, "99%"))

    def once(self, kind: str, server: Peer, asked: Sequence[Ask]) -> None:
        """Each of these requests once, by processor time alone: this client is slower than what it asks."""
        before = server.used()
        asyncio.run(load(server.port, asked))
        one = self.found.setdefault((kind, server.name), Measured())
        one.processor.append(len(asked) / max(server.used() - before, 0.01))

    def ratio(self, kind: str, other: str, *, clock: bool, ours: str = OURS) -> str:
        """Ours to another's, round by round: median, least and most."""
        one, two = self.found.get((kind, ours)), self.found.get((kind, other))
        if one is None or two is None:
            return ""
        pairs = zip(one.clock, two.clock, strict=True) if clock else zip(one.processor, two.processor, strict=True)
        ratios = [mine / theirs for mine, theirs in pairs]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})" if ratios else ""


def _milliseconds(told: str, quantile: str) -> float:
    number, unit = re.findall(rf"{quantile}\s+([\d.]+)(us|ms|s)", told)[0]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def replaying(bench: Bench, count: int, root: Path, *, thorough: bool) -> None:
    """So many interactions: what was answered before, as an SDK asks, each for the first time, and POSTs."""
    folder = root / str(count)
    (folder / "www/v1/invoices").mkdir(parents=True)
    paths = [invoice(number)[0] for number in range(count)]
    for number, path in enumerate(paths):
        (folder / "www" / path.lstrip("/")).write_bytes(invoice(number)[1])
    (folder / "www/v1/posts").write_bytes(posted(0)[1])
    (folder / "bench.yaml").write_text(dumps(cassette(count, posts=min(count, 5_000))), "utf-8")
    (folder / "paths").write_text("\n".join(paths), "utf-8")
    plain, sdk = folder / "plain.lua", folder / "sdk.lua"
    plain.write_text(SCRIPT % (folder / "paths", 7, ""), "utf-8")
    sdk.write_text(SCRIPT % (folder / "paths", 7, SDK), "utf-8")
    with ExitStack() as stack:
        began = time.perf_counter()
        ours = stack.enter_context(peers.replayer(folder, "bench.yaml"))
        opened = time.perf_counter() - began
        bare = stack.enter_context(peers.aiohttp_server("bare", folder))
        servers = [ours, bare]
        if (nginx := peers.nginx(folder)) is not None:
            servers.append(stack.enter_context(nginx))
        if thorough:
            servers.append(stack.enter_context(peers.aiohttp_server("low-level", folder)))
        label = f"{count:,}"
        step = max(count // bench.rounds, 1)
        writes = min(count, 5_000) // bench.rounds
        for number in range(bench.rounds if count >= 100 else 0):
            part = [Ask(path) for path in paths[number * step : (number + 1) * step]]
            forms = [Ask("/v1/posts", posted(one)[0]) for one in range(number * writes, (number + 1) * writes)]
            for server in (ours, bare):
                bench.once(f"{label}, each for the first time", server, part)
                bench.once(f"{label}, POSTs", server, forms)
        for server in servers:
            check(server, count)
            bench.run("to warm up", server, plain, counts=False)
            bench.run("to warm up", server, sdk, counts=False)
        for number in range(bench.rounds):
            for server in servers if number % 2 else reversed(servers):
                bench.run(f"{label}, again", server, plain)
            bench.run(f"{label}, as an SDK asks", ours, sdk)
            bench.run(f"{label}, as an SDK asks", bare, sdk)
        size = (folder / "bench.yaml").stat().st_size
        bench.facts.append(
            f"{label}: file {size / 1e6:.1f} MB, listening after {opened:.2f} s, "
            f"resident {ours.resident() / 1e6:.0f} MB when all was asked for"
        )


def check(server: Peer, count: int) -> None:
    """SystemExit where a server does not give the bytes that were recorded."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    for number in range(0, count, max(count // CHECKED, 1)):
        path, body = invoice(number)
        connection.request("GET", path)
        if (got := connection.getresponse().read()) != body:
            raise SystemExit(f"{server.name} answers {path} with {got[:100]!r}")
    connection.close()


def recording(bench: Bench, root: Path) -> None:
    """Against a proxy that only passes bytes on, of the same upstream, each path once."""
    folder = root / "recording"
    folder.mkdir()
    script, seed = folder / "new.lua", 10**6
    with ExitStack() as stack:
        upstream = stack.enter_context(peers.aiohttp_server("upstream", folder))
        url = f"http://127.0.0.1:{upstream.port}"
        passing = stack.enter_context(peers.aiohttp_server("pass-through", folder, url))
        ours = stack.enter_context(peers.recorder(folder, url, "new.yaml"))
        for _ in range(bench.rounds):
            for server in (passing, ours):
                seed += 10**6
                script.write_text(NEW % seed, "utf-8")
                bench.run("recording", server, script)


def report(bench: Bench, began: float) -> None:
    when, machine = time.strftime("%Y-%m-%d", time.gmtime()), f"{platform.system()} {platform.machine()}"
    table = Table(
        "", "of a bare aiohttp handler", "by processor time", "of nginx", "requests/s", "p50 ms", "p99 ms", "nginx p99",
        title=f"replayer {__version__}, {when}, {machine}, Python {platform.python_version()}: medians (least-most)",
    )  # fmt: skip
    bare, passing = peers.NAMES["bare"], peers.NAMES["pass-through"]
    for kind in dict.fromkeys(kind for kind, _ in bench.found):
        name, other = ("recorder", passing) if kind == "recording" else (OURS, bare)
        one, nginx = bench.found[kind, name], bench.found.get((kind, "nginx"), Measured())
        figures = [f"{statistics.median(each):,.1f}" if each else "" for each in (one.p50, one.p99, nginx.p99)]
        rate = f"{statistics.median(one.clock):,.0f}" if one.clock else ""
        ratios = [bench.ratio(kind, other, clock=clock, ours=name) for clock in (True, False)]
        label = f"{kind}, of a {passing}" if kind == "recording" else kind
        table.add_row(label, *ratios, bench.ratio(kind, "nginx", clock=True), rate, *figures)
    console = Console(width=180, file=sys.stdout)
    console.print(table)
    for fact in bench.facts:
        console.print(fact)
    for line in besides(bench):
        console.print(line)
    console.print(f"{time.perf_counter() - began:.0f} s")


def besides(bench: Bench) -> list[str]:
    """What else was measured, and who was not."""
    low = peers.NAMES["low-level"]
    lines = [f"{kind}: {bench.ratio(kind, low, clock=True)} of {low}" for kind, server in bench.found if server == low]
    absent = [name for name in ("nginx",) if not any(server == name for _, server in bench.found)]
    absent += [f"{name} ({command})" for name, command in peers.MISSING.items()]
    return [*lines, f"not measured: {', '.join(absent)}"]


def main() -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: it is the load. Install it, as by: apt-get install wrk nginx-light")
    quick, began = "quick" in sys.argv[1:], time.perf_counter()
    bench = Bench(rounds=3, seconds=1) if quick else Bench(rounds=5, seconds=3)
    with tempfile.TemporaryDirectory() as root:
        Path(root).chmod(0o755)
        for count in (10_000,) if quick else SIZES:
            replaying(bench, count, Path(root), thorough=not quick)
        recording(bench, Path(root))
    report(bench, began)


if __name__ == "__main__":
    main()
