"""`replayer learn` as a user meets it: what it proposes, pasted, leaves nothing to propose."""

import random
import time
import tomllib
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from replayer.cli import run
from tests.changed import Change, Told, changed, each, objects
from tests.examples import CASSETTES

PAGING = str(CASSETTES / "paging.yaml")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def restless() -> Change:
    """An API that has something new in every answer: a header, a time, a token, and a mood."""
    chance, number = random.Random(7), count()

    def header(told: Told) -> Told:
        return replace(told, headers=told.headers | {"X-Took": f"{next(number)} ms"})

    def trace() -> str:
        return "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=11)) + "7"

    return each(
        header,
        objects("customer", lambda one: {"synced": int(time.time()), "trace": trace()} | one),
        objects("invoice", lambda one: {"rank": next(number)} | one),
    )


def test_what_is_proposed_can_be_pasted_and_leaves_only_what_no_rule_takes(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with changed(restless()) as (url, _):
        assert run(["learn", PAGING, "--upstream", url, "--allow-writes"]) == 0
        stdout, stderr = capfd.readouterr()
        assert stderr == ""
        rules = tomllib.loads(stdout)["tool"]["replayer"]["rules"]
        assert rules == {"noise_headers": ["x-took"], "times": ["synced"], "tokens": [{"field": "trace"}]}
        (here / "pyproject.toml").write_text(stdout, "utf-8")
        assert run(["learn", PAGING, "--upstream", url, "--allow-writes"]) == 0
    stdout, stderr = capfd.readouterr()
    assert stderr == "replayer: nothing to propose: 11 answers compared\n"
    first, second = stdout.splitlines()
    assert first == "# These differ too, and no rule follows from how they look:"
    assert second.startswith(
        "# invoice rank: a whole number of 2 digits, then a whole number of 2 digits; in 10 answers"
    )


def test_each_proposal_tells_where_it_was_seen_and_no_value(capfd: pytest.CaptureFixture[str]) -> None:
    with changed(restless()) as (url, _):
        assert run(["learn", PAGING, "--upstream", url, "--allow-writes"]) == 0
    lines = capfd.readouterr().out.splitlines()
    place = lines.index('    { field = "trace" },')
    where, looks = lines[place - 1].split(":", 1)
    assert where == "    # customer trace"
    assert looks == " 12 letters and digits, then 12 letters and digits; in 1 answer, first in #1 POST /v1/customers"


def test_an_api_that_answers_alike_has_nothing_to_teach(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = Path(PAGING).read_bytes()
    assert run(["learn", PAGING, "--upstream", "sandbox", "--allow-writes"]) == 0
    assert capfd.readouterr() == ("", "replayer: nothing to propose: 11 answers compared\n")
    assert list(here.iterdir()) == []
    assert Path(PAGING).read_bytes() == before


def test_without_leave_nothing_is_written_and_what_was_not_played_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with changed() as (url, arrived):
        assert run(["learn", PAGING, "--upstream", url]) == 2
    assert arrived.lines == []
    assert capfd.readouterr().err.splitlines() == [
        "replayer: not played, 6: it writes, and only reads are played (--allow-writes plays it)",
        "replayer: not played, 5: it shows what was not played, or went another way (see --allow-writes)",
        f"replayer: Nothing of {PAGING} was compared, so nothing can be proposed.",
    ]
