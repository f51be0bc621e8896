"""How fast this project replays and records, as ratios to what else there is, in one interleaved run.

    speed quick         10,000 interactions beside aiohttp and nginx: under a minute
    speed               1 to 100,000 interactions, all peers, recording: some twenty minutes; goes on where it was left
    speed keep          makes what was measured the committed figures, and writes the manual's page

wrk is the load. A peer that is missing is named as missing, one that cannot be measured with the reason.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from replayer.cassettes import dumps
from tests.bench import figures, peers
from tests.bench.figures import AGAIN, BARE, FIRST, OURS, PASSING, POSTS, RECORDING, SDK, Figures
from tests.bench.in_process import vcrpy
from tests.bench.loads import NEW, SCRIPT, Rounds, check, first_answer, once, wrk
from tests.bench.loads import SDK as AS_AN_SDK
from tests.bench.measuring import Ask
from tests.bench.others import FEWER, OTHERS
from tests.bench.peers import Peer
from tests.bench.replay import cassette, invoice, posted

SIZES = (1, 100, 10_000, 100_000)
MOST_POSTS = 5_000
MANY = 1_000  # interactions: of fewer each is asked once in less time than can be told
MOST_OF_OTHERS = 10_000  # interactions: with more, each of them takes minutes


class Bench(NamedTuple):
    """So many rounds of so many seconds; `thorough` with all that there is to be beside."""

    rounds: int
    seconds: int
    thorough: bool


class Replaying:
    """One size: its servers, and what became of their rounds."""

    def __init__(self, bench: Bench, count: int, folder: Path) -> None:
        self.bench, self.count, self.folder = bench, count, folder
        self.rounds: dict[str, dict[str, Rounds]] = {}
        self.servers: dict[str, dict[str, float]] = {}
        self.missing: dict[str, str] = {}
        self.cold: dict[str, float] = {}
        self.paths = [invoice(number)[0] for number in range(count)]
        self.plain, self.sdk = folder / "plain.lua", folder / "sdk.lua"

    def measured(self) -> dict[str, Any]:
        self._write()
        with ExitStack() as stack:
            stack.enter_context(_cache(self.folder / "cache"))
            with peers.replayer(self.folder, "bench.yaml") as first:
                self.cold = {"first": first_answer(first, self.count)}
            running = {name: peer for name, peer in self._all(stack) if self._is_sound(name, peer)}
            self._ask_once(running)
            for name in list(running):
                self._round("to warm up", name, running, self.plain)
            self._round("to warm up", OURS, running, self.sdk)
            for number in range(self.bench.rounds):
                for name in list(running) if number % 2 else list(reversed(running)):
                    self._round(AGAIN, name, running, self.plain)
                for name in (OURS, BARE):
                    self._round(SDK, name, running, self.sdk)
            for name, peer in running.items():
                self.servers[name]["memory"] = peer.resident() / 1e6
        if self.bench.thorough and self.count <= MOST_OF_OTHERS:
            self._vcrpy()
        self.rounds.pop("to warm up", None)
        told = {kind: {name: asdict(one) for name, one in found.items()} for kind, found in self.rounds.items()}
        size = (self.folder / "bench.yaml").stat().st_size / 1e6
        return {"rounds": told, "servers": self.servers, "missing": self.missing, "cold": self.cold, "file": size}

    def _write(self) -> None:
        (self.folder / "www/v1/invoices").mkdir(parents=True)
        for number, path in enumerate(self.paths):
            (self.folder / "www" / path.lstrip("/")).write_bytes(invoice(number)[1])
        (self.folder / "www/v1/posts").write_bytes(posted(0)[1])
        text = dumps(cassette(self.count, posts=min(self.count, MOST_POSTS)))
        (self.folder / "bench.yaml").write_text(text, "utf-8")
        (self.folder / "paths").write_text("\n".join(self.paths), "utf-8")
        self.plain.write_text(SCRIPT % (self.folder / "paths", ""), "utf-8")
        self.sdk.write_text(SCRIPT % (self.folder / "paths", AS_AN_SDK), "utf-8")

    def _all(self, stack: ExitStack) -> Iterator[tuple[str, Peer]]:
        """Everybody who can be started, one after the other; who cannot is missing."""
        yield OURS, stack.enter_context(peers.replayer(self.folder, "bench.yaml"))
        yield BARE, stack.enter_context(peers.aiohttp_server("bare", self.folder))
        if (nginx := peers.nginx(self.folder)) is not None:
            yield "nginx", stack.enter_context(nginx)
        else:
            self.missing["nginx"] = "it is not installed (apt-get install nginx-light)"
        if not self.bench.thorough:
            return
        yield peers.NAMES["low-level"], stack.enter_context(peers.aiohttp_server("low-level", self.folder))
        for name, start in OTHERS.items() if self.count <= MOST_OF_OTHERS else ():
            if self.count > FEWER[name]:
                self.missing[f"{name} with {self.count:,}"] = "it takes minutes to open them, or seconds to answer"
                continue
            try:
                yield name, stack.enter_context(start(self.folder, self.count))
            except (RuntimeError, OSError, ValueError) as error:
                self.missing[name] = str(error)

    def _is_sound(self, name: str, peer: Peer) -> bool:
        """Whether it gives the right bytes; when it gave the first of them is noted."""
        try:
            self.servers[name] = {"first": first_answer(peer, self.count), "memory": 0.0}
            check(peer, self.count)
        except (RuntimeError, OSError, ValueError) as error:
            if name == OURS:
                raise
            self.missing[name] = str(error)
            self.servers.pop(name, None)
            peer.end()
            return False
        return True

    def _ask_once(self, running: dict[str, Peer]) -> None:
        step, writes = max(self.count // self.bench.rounds, 1), min(self.count, MOST_POSTS) // self.bench.rounds
        for number in range(self.bench.rounds if self.count >= MANY else 0):
            part = [Ask(path) for path in self.paths[number * step : (number + 1) * step]]
            forms = [Ask("/v1/posts", posted(one)[0]) for one in range(number * writes, (number + 1) * writes)]
            for name in (OURS, BARE):
                once(running[name], part, self._of(FIRST, name))
                once(running[name], forms, self._of(POSTS, name))

    def _of(self, kind: str, name: str) -> Rounds:
        return self.rounds.setdefault(kind, {}).setdefault(name, Rounds())

    def _round(self, kind: str, name: str, running: dict[str, Peer], script: Path) -> None:
        """One round of one server; who answers badly under load is not measured any further."""
        if name not in running:
            return
        try:
            wrk(running[name], script, self.bench.seconds, self._of(kind, name))
        except RuntimeError as error:
            if name == OURS:
                raise
            self.missing[f"{name} with {self.count:,}"] = str(error)
            for found in self.rounds.values():
                found.pop(name, None)
            self.servers.pop(name, None)
            running.pop(name).end()

    def _vcrpy(self) -> None:
        name = "vcrpy, in process"
        try:
            found = vcrpy(self.folder, self.count, self.bench.seconds)
        except (RuntimeError, OSError, ValueError) as error:
            self.missing[name] = str(error)
            return
        self.rounds[AGAIN][name] = Rounds(*([found[kind]] for kind in ("clock", "processor", "p50", "p99")))
        self.servers[name] = {kind: found[kind] for kind in ("first", "open", "opening", "memory")}


@contextmanager
def _cache(folder: Path) -> Iterator[None]:
    """What is found out about cassettes is kept there meanwhile."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("XDG_CACHE_HOME")
        if before is not None:
            os.environ["XDG_CACHE_HOME"] = before


def replaying(bench: Bench, count: int) -> dict[str, Any]:
    with _folder() as folder:
        return Replaying(bench, count, folder).measured()


def recording(bench: Bench) -> dict[str, Any]:
    """Against a proxy that only passes bytes on, of the same upstream, each path once."""
    rounds, seed = {"recorder": Rounds(), PASSING: Rounds()}, 10**6
    with _folder() as folder, ExitStack() as stack:
        script = folder / "new.lua"
        upstream = stack.enter_context(peers.aiohttp_server("upstream", folder))
        url = f"http://127.0.0.1:{upstream.port}"
        passing = stack.enter_context(peers.aiohttp_server("pass-through", folder, url))
        ours = stack.enter_context(peers.recorder(folder, url, "new.yaml"))
        for _ in range(bench.rounds):
            for name, server in ((PASSING, passing), ("recorder", ours)):
                seed += 10**6
                script.write_text(NEW % seed, "utf-8")
                wrk(server, script, bench.seconds, rounds[name])
        memory = ours.resident() / 1e6
    return {"rounds": {RECORDING: {name: asdict(one) for name, one in rounds.items()}}, "memory": memory}


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="replayer-bench-") as name:
        Path(name).chmod(0o755)  # the worker of nginx is another user
        yield Path(name)


def main(words: list[str]) -> None:
    if "keep" in words:
        found = Figures()
        if not found.parts:
            raise SystemExit("Nothing was measured on this commit: run `scripts/bench speed` first.")
        figures.keep(found)
        return
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: it is the load. Install it, as by: apt-get install wrk nginx-light")
    quick = "quick" in words
    bench = Bench(3, 1, thorough=False) if quick else Bench(3, 2, thorough=True)
    found = Figures(figures.UNDER_WAY.with_name("bench-quick.json") if quick else figures.UNDER_WAY)
    if quick or "anew" in words:
        found.forget()
        found.parts.clear()
    for count in (10_000,) if quick else SIZES:
        found.part(f"replay {count:,}", lambda count=count: replaying(bench, count))  # type: ignore[misc]
    found.part("recording", lambda: recording(bench))
    print(figures.tables({"of": found.of, "parts": found.parts}))


if __name__ == "__main__":
    main(sys.argv[1:])
