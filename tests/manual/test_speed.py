"""The figures of the manual are those that were measured, and the tables of any run can be written."""

from typing import Any

import pytest

from tests.bench import figures
from tests.bench.figures import AGAIN, BARE, FIRST, OURS, PASSING, POSTS, RECORDING, SDK

ROUNDS = {"clock": [1.0, 2.0, 4.0], "processor": [1.0, 2.0, 4.0], "p50": [0.5, 0.25, 1], "p99": [2.0, 4.0, 8.0]}
SLOWER = {**ROUNDS, "clock": [0.5, 0.5, 0.5], "processor": [0.5, 0.5, 0.5]}


def part(*others: str) -> dict[str, Any]:
    rounds = {kind: {OURS: ROUNDS, BARE: SLOWER} for kind in (SDK, FIRST, POSTS)}
    rounds[AGAIN] = {OURS: ROUNDS, BARE: SLOWER, **dict.fromkeys(others, SLOWER)}
    servers = {name: {"first": 1.25, "memory": 50.0} for name in rounds[AGAIN]}
    missing = {"WireMock": "needs Java"}
    return {"rounds": rounds, "servers": servers, "missing": missing, "cold": {"first": 2.5}, "file": 36.0}


def test_the_page_shows_what_was_measured() -> None:
    page = figures.PAGE.read_text("utf-8")
    assert figures.rendered(page, figures.committed()) == page


def test_a_run_is_written_as_tables() -> None:
    recorded = {"rounds": {RECORDING: {"recorder": SLOWER, PASSING: ROUNDS}}, "memory": 60.0}
    of = {"machine": "M, 2 cores", "date": "2026-12-01", "python": "3.11", "aiohttp": "3.14"}
    parts = {"replay 10,000": part("nginx", "mitmproxy"), "replay 100": part("talkback"), "recording": recorded}
    lines = figures.tables({"of": of, "parts": parts}).splitlines()
    row = "| 10,000 | " + "4.00 (2.00-8.00) | " * 5 + "2.50 s | 1.25 s | 50 MB of 36 MB |"
    assert row in lines
    assert "| replayer | 10,000 | 1 | 0.5 ms | 4 ms | 50 MB | 1.25 s |" in lines
    assert [one.partition(" | ")[0] for one in lines if "| 100 |" in one] == ["| 100", "| talkback"]
    assert "- Not measured: WireMock: needs Java." in lines
    assert "| replayer | 0.25 (0.12-0.50) | 0.5 ms | 4 ms | 1.00 |" in lines


def test_a_run_goes_on_where_it_was(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    first = figures.Figures(tmp_path / "a.json")
    first.part("one", lambda: {"a": 1})
    again = figures.Figures(tmp_path / "a.json")
    again.part("one", lambda: pytest.fail("measured again"))
    again.part("two", lambda: 2)
    assert again.parts == {"one": {"a": 1}, "two": 2}
    again.of = {**again.of, "commit": "another"}
    again.forget()
    assert figures.Figures(tmp_path / "a.json").parts == {}
    assert "one: measured before" in capsys.readouterr().err
