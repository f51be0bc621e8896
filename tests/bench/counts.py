"""Instructions, as valgrind counts them, of what is done for each request and each interaction: the same on a busy
machine as on an idle one. Held against committed figures, within a tenth; times are never held against anything.

    scripts/bench counts            compare
    scripts/bench counts --write    keep what is measured now as the figures to compare with
"""

import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FIGURES = Path(__file__).with_name("counts.json")
WITHIN = 0.1
ENVIRONMENT = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"}
COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")
FEW, MANY = 200, 600  # times that a path is gone; the difference leaves out what is done once
AT = 1_795_350_000.4


def quick(times: int) -> None:
    """A read that was answered before, by its bytes."""
    from replayer.core.modes import Mode

    session, reads, _ = _session(Mode.NONE)
    for target, data in reads:
        verdict = session.decide(_request("GET", target), AT)
        session.quick.learn(data, [b"Host"], verdict.entry, verdict.response.body)
    for number in range(times):
        assert session.quick.answer(reads[number % len(reads)][1])


def decide(times: int) -> None:
    """A write, and a read for the first time."""
    from replayer.core.modes import Mode

    session, reads, forms = _session(Mode.NONE, times)
    for (target, _), form in zip(reads, forms[:times], strict=False):
        assert session.decide(_request("GET", target), AT).response
        assert session.decide(_request("POST", "/v1/posts", form), AT).response


def record(times: int) -> None:
    """An exchange that is taken in, and its entry as it is written."""
    from replayer.cassettes import entry
    from replayer.core.message import Response
    from replayer.core.modes import Mode
    from tests.bench.replay import HEADERS, body_of
    from tests.core.build import session

    of = session(None, Mode.ALL)
    for number in range(times):
        name = f"in_1{number:023d}"
        forward = of.decide(_request("GET", f"/v1/invoices/{name}"), AT)
        recorded = of.record(forward.exchange, Response(200, "OK", HEADERS, body_of(name)), AT)  # type: ignore[union-attr]
        of.recorder.keep(forward.exchange, recorded.interaction)  # type: ignore[union-attr]
        assert entry(recorded.interaction)


def opening(times: int) -> None:
    """An interaction that is read from its file and indexed."""
    from replayer.cassettes import dumps, loads
    from replayer.core.modes import Mode
    from tests.bench.replay import cassette
    from tests.core.build import session

    text = dumps(cassette(MANY)).encode() if times == MANY else dumps(cassette(FEW)).encode()
    session(loads(text, "bench.yaml"), Mode.NONE)


PATHS: dict[str, Callable[[int], None]] = {"quick": quick, "decide": decide, "record": record, "opening": opening}


def _session(mode: object, times: int = FEW):  # type: ignore[no-untyped-def] # only what is measured is loaded
    from tests.bench.replay import cassette, invoice, posted
    from tests.core.build import session

    count = max(times, FEW)
    paths = [invoice(number)[0] for number in range(MANY)]
    reads = [(path, b"GET %b HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n\r\n" % path.encode()) for path in paths]
    made = session(cassette(MANY, MANY), mode)  # type: ignore[arg-type] # the same size for few and many
    return made, reads[:count], [posted(number)[0] for number in range(MANY)]


def _request(method: str, target: str, form: str = ""):  # type: ignore[no-untyped-def]
    from replayer.core.message import Request

    headers = (("Host", "127.0.0.1:4000"), ("Authorization", "Bearer sk_test_bench"))
    kind = (("Content-Type", "application/x-www-form-urlencoded"),) if form else ()
    return Request(method, target, (*headers, *kind), form.encode())


def instructions(path: str, times: int) -> int:
    """All instructions of a process that goes that path so often."""
    with tempfile.TemporaryDirectory() as folder:
        tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={folder}/out"]
        command = [
            *tool,
            sys.executable,
            "-X",
            "frozen_modules=on",
            "-m",
            "tests.bench.counts",
            "run",
            path,
            str(times),
        ]
        found = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    counted = COUNTED.search(found.stderr)
    assert counted, found.stderr
    return int(counted[1].replace(",", ""))


def measured(path: str) -> int:
    """Instructions for each time."""
    return (instructions(path, MANY) - instructions(path, FEW)) // (MANY - FEW)


def main() -> int:
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is missing: it counts. Install it, as by: apt-get install valgrind")
    for path in PATHS:  # else whoever comes first would compile the modules, and be counted for it
        subprocess.run([sys.executable, "-m", "tests.bench.counts", "run", path, "1"], check=True, env=ENVIRONMENT)
    with ThreadPoolExecutor(2) as pool:
        now = dict(zip(PATHS, pool.map(measured, PATHS), strict=True))
    told = f"Python {platform.python_version()}, {platform.machine()}"
    if "--write" in sys.argv:
        FIGURES.write_text(json.dumps({"of": told, **now}, indent=2) + "\n", "utf-8")
    figures = json.loads(FIGURES.read_text("utf-8"))
    print(f"instructions each time; {told}, compared with {figures['of']}")
    worse = 0
    for path, count in now.items():
        ratio = count / figures[path]
        print(f"{path:8} {count:>12,}  {ratio:.2f} of {figures[path]:,}")
        worse += figures["of"] == told and abs(ratio - 1) > WITHIN
    if figures["of"] != told:
        print("Another Python or machine: the figures are shown, and not held against each other.")
    return 1 if worse else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        PATHS[sys.argv[2]](int(sys.argv[3]))
    else:
        raise SystemExit(main())
