"""vcrpy in process: a program that asks by `http.client`, and the answers that it is given without any socket. It plays
the same interactions from a file that vcrpy itself wrote."""

import http.client
import json
import statistics
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.bench.replay import HEADERS, ORIGIN, invoice


def vcrpy(folder: Path, count: int, seconds: int) -> dict[str, Any]:
    """Requests/s by the clock and by processor time, latencies in ms, seconds to open and to the first answer, MB."""
    command = [sys.executable, "-m", "tests.bench.in_process", str(folder), str(count), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed"])[-1])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def written(path: Path, count: int) -> None:
    """The interactions as vcrpy writes them."""
    from vcr.serializers import yamlserializer  # type: ignore[import-untyped]

    interactions = [
        {
            "request": {"method": "GET", "uri": ORIGIN + target, "body": None, "headers": {}},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {name: [value] for name, value in HEADERS},
                "body": {"string": body.decode()},
            },
        }
        for target, body in map(invoice, range(count))
    ]
    path.write_text(yamlserializer.serialize({"version": 1, "interactions": interactions}), "utf-8")


def main(folder: Path, count: int, seconds: int) -> None:
    path = folder / "vcrpy.yaml"
    if not path.exists():
        written(path, count)
    import vcr  # type: ignore[import-untyped]

    began, spent = time.perf_counter(), time.process_time()
    with vcr.use_cassette(str(path), record_mode="none", allow_playback_repeats=True, match_on=["method", "uri"]):
        opened = time.perf_counter() - began
        connection = http.client.HTTPSConnection(ORIGIN.removeprefix("https://"))
        took, opening = list[float](), time.process_time() - spent
        for number in cycle(range(count // 2, count)):
            target, body = invoice(number)
            asked = time.perf_counter()
            connection.request("GET", target)
            got = connection.getresponse().read()
            took.append(time.perf_counter() - asked)
            if got != body:
                raise SystemExit(f"vcrpy answers {target} with {got[:100]!r}")
            if not took[1:]:
                first, spent = time.perf_counter() - began, time.process_time()
            elif time.perf_counter() - began - first > seconds:
                break
    processor = (len(took) - 1) / max(time.process_time() - spent, 0.01)
    quantiles = statistics.quantiles(took, n=100) if len(took) > 1 else took * 99
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    found = {
        "clock": len(took) / sum(took), "processor": processor, "p50": quantiles[49] * 1000,
        "p99": quantiles[98] * 1000, "open": opened, "opening": opening, "first": first, "memory": resident / 1e6,
    }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
