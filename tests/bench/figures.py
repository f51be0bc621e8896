"""What was measured, in a file: a run that was interrupted goes on where it was, and the manual's tables are written
from it. Nothing is measured here."""

import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp

import replayer

ROOT = Path(__file__).parents[2]
COMMITTED = Path(__file__).with_name("figures.json")
UNDER_WAY = ROOT / ".venv" / "bench.json"
PAGE = ROOT / "replayer" / "manual" / "speed.md"
LONGEST = 18 * 60  # seconds after which no further part is begun
OURS, BARE, PASSING = "replayer", "bare aiohttp handler", "pass-through proxy, uvloop"
AGAIN, SDK, FIRST, POSTS, RECORDING = "asked before", "as an SDK asks", "for the first time", "POSTs", "recording"


class Figures:
    """Parts by their names, each whole. Those of another commit, or of a run that is days old, are measured anew."""

    def __init__(self, path: Path = UNDER_WAY) -> None:
        self._path, self._began = path, time.perf_counter()
        self.of = {
            "date": time.strftime("%Y-%m-%d", time.gmtime()), "replayer": replayer.__version__, "commit": _commit(),
            "python": platform.python_version(), "aiohttp": aiohttp.__version__,
            "machine": f"{platform.system()} {platform.machine()}, {_cores()}",
        }  # fmt: skip
        self.parts: dict[str, Any] = {}
        if path.exists():
            before = json.loads(path.read_text("utf-8"))
            if before["of"] == self.of:
                self.parts = before["parts"]

    def part(self, name: str, measure: Callable[[], Any]) -> None:
        """That part, measured unless it is there, or the time is up."""
        if name in self.parts:
            print(f"{name}: measured before", file=sys.stderr)
            return
        if time.perf_counter() - self._began > LONGEST:
            print(f"{name}: not measured, it takes too long already; run it again for the rest", file=sys.stderr)
            return
        began = time.perf_counter()
        self.parts[name] = measure()
        self._path.parent.mkdir(exist_ok=True)
        self._path.write_text(self.text, "utf-8")
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)

    @property
    def text(self) -> str:
        return json.dumps({"of": self.of, "parts": self.parts}, indent=1, sort_keys=True) + "\n"

    def forget(self) -> None:
        """The next run begins anew."""
        self._path.unlink(missing_ok=True)


def _commit() -> str:
    told = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True,
                          check=False)  # fmt: skip
    return told.stdout.strip()


def _cores() -> str:
    import os

    count = os.cpu_count() or 1
    return "1 core" if count == 1 else f"{count} cores"


# -- tables -----------------------------------------------------------------------------------------------------------


def tables(figures: dict[str, Any]) -> str:
    """All that was measured, as the manual has it."""
    of, parts = figures["of"], figures["parts"]
    if not parts:
        return "Nothing was measured: run `scripts/bench speed`, then `scripts/bench keep`.\n"
    sizes = {name.partition(" ")[2]: part for name, part in parts.items() if name.startswith("replay ")}
    sizes = dict(sorted(sizes.items(), key=lambda pair: int(pair[0].replace(",", ""))))
    lines = [
        f"On {of['machine']}, {of['date']}, Python {of['python']}, aiohttp {of['aiohttp']}: medians of the",
        "rounds of one interleaved run, in brackets the least and the most.",
        "",
    ]
    if sizes:
        lines += ["By how many interactions there are:", "", *_by_size(sizes), ""]
        lines += ["Beside others, each with as many interactions as it opens, at most 10,000:", "", *_beside(sizes), ""]
        missing = {name: why for part in sizes.values() for name, why in part["missing"].items()}
        lines += [f"- Not measured: {name}: {why}." for name, why in sorted(missing.items())]
        lines += [""] if missing else []
    if (recording := parts.get("recording")) is not None:
        lines += ["Recording:", "", *_recording(recording), ""]
    return "\n".join(lines).rstrip() + "\n"


def _by_size(sizes: dict[str, Any]) -> list[str]:
    rows = [_row("interactions", "of the bare handler", "of nginx", SDK, FIRST, POSTS, "opens, first time", "again",
                 "memory of the file")]  # fmt: skip
    for size, part in sizes.items():
        rounds, ours = part["rounds"], part["servers"][OURS]
        first = part["cold"]
        rows.append(_row(
            size, _ratio(rounds, AGAIN, BARE), _ratio(rounds, AGAIN, "nginx"), _ratio(rounds, SDK, BARE),
            _ratio(rounds, FIRST, BARE, by="processor"), _ratio(rounds, POSTS, BARE, by="processor"),
            f"{first['first']:.2f} s", f"{ours['first']:.2f} s", f"{ours['memory']:.0f} MB of {part['file']:.0f} MB",
        ))  # fmt: skip
    return [rows[0], _rule(rows[0]), *rows[1:]]


def _beside(sizes: dict[str, Any]) -> list[str]:
    rows = [_row("", "interactions", "requests/s, ours to theirs", "p50", "p99", "memory", "first answer after")]
    seen: dict[str, str] = {}
    for size, part in sizes.items():
        if int(size.replace(",", "")) <= 10_000:
            seen |= dict.fromkeys((name for name in part["servers"] if part["rounds"][AGAIN].get(name)), size)
    for name, size in sorted(seen.items(), key=lambda pair: _middle(_rounds(sizes, *pair)["clock"]), reverse=True):
        part, rounds = sizes[size], _rounds(sizes, name, size)
        server = part["servers"][name]
        ratio = "1" if name == OURS else _ratio(part["rounds"], AGAIN, name)
        rows.append(_row(name, size, ratio, f"{_middle(rounds['p50']):.2g} ms", f"{_middle(rounds['p99']):.2g} ms",
                         f"{server['memory']:.0f} MB", f"{server['first']:.2f} s"))  # fmt: skip
    return [rows[0], _rule(rows[0]), *rows[1:]]


def _rounds(sizes: dict[str, Any], name: str, size: str) -> Any:
    return sizes[size]["rounds"][AGAIN][name]


def _recording(part: dict[str, Any]) -> list[str]:
    rows = [_row("", "of a pass-through proxy", "p50", "p99", "last thousand to first")]
    rounds = part["rounds"]
    ours = rounds[RECORDING]["recorder"]
    last = _middle([ours["processor"][-1] / ours["processor"][0]])
    rows.append(_row("replayer", _ratio(rounds, RECORDING, PASSING, ours="recorder"), f"{_middle(ours['p50']):.2g} ms",
                     f"{_middle(ours['p99']):.2g} ms", f"{last:.2f}"))  # fmt: skip
    return [rows[0], _rule(rows[0]), *rows[1:]]


def _ratio(rounds: dict[str, Any], kind: str, other: str, *, by: str = "clock", ours: str = OURS) -> str:
    """Ours to another's, round by round: median, least and most; empty where one of them was not measured."""
    one, two = (rounds.get(kind, {}).get(name, {}).get(by, []) for name in (ours, other))
    ratios = [mine / theirs for mine, theirs in zip(one, two, strict=False)]
    return f"{_middle(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})" if ratios else ""


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(head: str) -> str:
    return _row(*["---"] * (head.count("|") - 1))


def committed() -> dict[str, Any]:
    """What was measured last; no parts where nothing was."""
    if not COMMITTED.exists():
        return {"of": {}, "parts": {}}
    found: dict[str, Any] = json.loads(COMMITTED.read_text("utf-8"))
    return found


def rendered(page: str, figures: dict[str, Any]) -> str:
    """The page with these figures in the place of its tables."""
    head, begin, rest = page.partition("<!-- table: bench -->\n")
    _, end, tail = rest.partition("<!-- end -->\n")
    if not begin or not end:
        raise ValueError("the page has no place for the tables of the bench")
    return head + begin + tables(figures) + end + tail


def keep(figures: Figures) -> None:
    """Make these the committed figures, and write the manual's page from them."""
    COMMITTED.write_text(figures.text, "utf-8")
    PAGE.write_text(rendered(PAGE.read_text("utf-8"), json.loads(figures.text)), "utf-8")
