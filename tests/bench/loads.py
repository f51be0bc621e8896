"""What servers are asked, and how they answer: wrk is the load of what was asked before, a client of our own of what is
asked once. Each server's bytes are compared with what was recorded before anything of it counts."""

import asyncio
import http.client
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.measuring import Ask, load
from tests.bench.peers import Peer
from tests.bench.replay import invoice

CONNECTIONS = 32
CHECKED = 50  # answers of each server that are compared
SLOW = 30  # seconds that wrk waits for an answer
SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local i, n = 7, #paths
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
class Rounds:
    """The rounds of one server under one load: requests/s by the clock and by the server's processor time, latencies in
    milliseconds. Where each is asked once, only processor time is known: that client is slower than what it asks."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


def wrk(server: Peer, script: Path, seconds: int, rounds: Rounds | None = None) -> None:
    """One round, which counts where there are `rounds`. RuntimeError, in words, where an answer was none."""
    before = server.used()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"--timeout={SLOW}s", "--latency", "-s", str(script)]
    url = f"http://127.0.0.1:{server.port}"
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True, timeout=seconds + 2 * SLOW)
    if trouble := re.search(r"Non-2xx.*|Socket errors.*", told.stdout):
        raise RuntimeError(f"under load, {' '.join(trouble[0].split())}")
    answered = int(re.findall(r"(\d+) requests in", told.stdout)[0])
    if not answered:
        raise RuntimeError(f"under load, it answered nothing within {seconds} s")
    if rounds is not None:
        rounds.clock.append(float(re.findall(r"Requests/sec:\s+([\d.]+)", told.stdout)[0]))
        rounds.processor.append(answered / max(server.used() - before, 0.01))
        rounds.p50.append(_milliseconds(told.stdout, "50%"))
        rounds.p99.append(_milliseconds(told.stdout, "99%"))


def once(server: Peer, asked: Sequence[Ask], rounds: Rounds) -> None:
    """Each of these requests once."""
    before = server.used()
    asyncio.run(load(server.port, asked))
    rounds.processor.append(len(asked) / max(server.used() - before, 0.01))


def check(server: Peer, count: int) -> None:
    """RuntimeError, in words, where a server does not give the bytes that were recorded: some 50, from all over."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SLOW)
    for number in range(0, count, max(count // CHECKED, 1)):
        path, body = invoice(number)
        connection.request("GET", path)
        if (got := connection.getresponse().read()) != body:
            raise RuntimeError(f"it answers {path} with {got[:100]!r}")
    connection.close()


def first_answer(server: Peer, count: int) -> float:
    """Seconds, from its start, until it gave the first right answer."""
    path, body = invoice(count // 2)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("GET", path)
    if connection.getresponse().read() != body:
        raise RuntimeError(f"its first answer, to {path}, is another one")
    connection.close()
    return time.perf_counter() - server.began


def _milliseconds(told: str, quantile: str) -> float:
    number, unit = re.findall(rf"{quantile}\s+([\d.]+)(us|ms|s|m)", told)[0]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]
