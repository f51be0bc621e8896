"""`replayer learn` as a user meets it: what it proposes, pasted, leaves nothing to propose."""

import random
import time
import tomllib
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from replayer.cli import learn, run
from replayer.settings import Settings
from tests.examples import CASSETTES

from .changed import Change, Emitted, changed, each, objects
from .checking import reading, recorded, shopping

PAGING = str(CASSETTES / "paging.yaml")
APART = learn.APART


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second round follows at once: only what counts seconds needs them apart."""
    monkeypatch.setattr(learn, "APART", 0.0)


def restless() -> Change:
    """An API that has something new in every answer: a header, a time, a token, and a mood."""
    chance, number = random.Random(7), count()

    def header(answer: Emitted) -> Emitted:
        return replace(answer, headers=answer.headers | {"X-Took": f"{next(number)} ms"})

    def trace() -> str:
        return "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=11)) + "7"

    return each(
        header,
        objects("customer", lambda one: {"sync_id": int(time.time()), "trace": trace()} | one),
        objects("invoice", lambda one: {"rank": next(number)} | one),
    )


def test_what_is_proposed_can_be_pasted_and_leaves_only_what_no_rule_takes(
    here: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with changed(restless()) as (url, _):
        with monkeypatch.context() as patched:
            patched.setattr(learn, "APART", APART)  # one of its fields counts seconds
            assert run(["learn", PAGING, "--upstream", url, "--allow-writes"]) == 0
        stdout, stderr = capfd.readouterr()
        assert stderr == ""
        rules = tomllib.loads(stdout)["tool"]["replayer"]["rules"]
        assert rules == {"noise_headers": ["x-took"], "times": ["sync_id"], "tokens": [{"field": "trace"}]}
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


def test_what_the_first_round_left_is_told_and_nothing_is_proposed_from_it(
    here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(here, shopping)
    number = count()
    noisy = objects("customer", lambda one: one | {"born": f"2026-11-22T12:00:{next(number) % 60:02}Z"})
    with changed(
        lambda answer: noisy(answer) if answer.path == "/v1/customers" and answer.method == "GET" else answer
    ) as (
        url,
        _,
    ):
        assert run(["learn", "shop.yaml", "--upstream", url, "--allow-writes"]) == 0
    stdout, stderr = capfd.readouterr()
    assert stdout == ""
    assert stderr.splitlines() == [
        "replayer: not used, 1: they show what the round before left there; learn from an upstream that forgets, as "
        "'sandbox' does, or without --allow-writes",
        "replayer: not used: #4 GET /v1/customers?limit=3",
        "replayer: nothing to propose: 4 answers compared",
    ]


def test_a_fresh_upstream_in_each_round_has_nothing_left_over(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here, shopping)
    assert run(["learn", "shop.yaml", "--upstream", "sandbox", "--allow-writes"]) == 0
    assert capfd.readouterr() == ("", "replayer: nothing to propose: 5 answers compared\n")


# -- pasted -----------------------------------------------------------------------------------------------------------


def vague(path: Path) -> None:
    """The cassette without what it tells of itself, as another tool might have written it."""
    text = path.read_text("utf-8")
    path.write_text("version: 1\n" + text[text.index("interactions:") :], "utf-8")


@pytest.mark.parametrize(
    "before",
    ["", "[tool.replayer]\ntimeout = 20.0\n\n", '[project]\nname = "shop"\n\n'],
    ids=["no file", "a table of ours", "another table"],
)
def test_what_is_printed_works_as_it_is_where_the_rules_were_named_on_the_command_line(
    here: Path, capfd: pytest.CaptureFixture[str], before: str
) -> None:
    recorded(here, reading)
    vague(here / "shop.yaml")
    project = here / "pyproject.toml"
    if before:
        project.write_text(before, "utf-8")
    with changed(restless()) as (url, _):
        assert run(["learn", "shop.yaml", "--upstream", url, "--rules", "generic"]) == 0
        printed, _ = capfd.readouterr()
        project.write_text(before + printed, "utf-8")
        assert run(["learn", "shop.yaml", "--upstream", url]) == 0
    assert tomllib.loads(printed)["tool"]["replayer"]["rules"] == {"base": "generic", "noise_headers": ["x-took"]}
    assert Settings.load({}).rules_name == "generic"
    assert capfd.readouterr() == ("", "replayer: nothing to propose: 2 answers compared\n")


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ('[tool.replayer]\nrules = "invoice"\n', {"base": "invoice"}),
        (
            "[tool.replayer.rules]\ntimes = ['a \"b\"']\n"
            "tokens = [{ field = 'ticket', pattern = 'T-[0-9]+\\d', owner = 'id' }]\nnoise_headers = ['x-cost']\n",
            {
                "times": ['a "b"'],
                "tokens": [{"field": "ticket", "pattern": "T-[0-9]+\\d", "owner": "id"}],
                "noise_headers": ["x-cost"],
            },
        ),
    ],
    ids=["a name", "a table"],
)
def test_rules_that_the_project_has_are_repeated_because_toml_has_no_table_twice(
    here: Path, capfd: pytest.CaptureFixture[str], before: str, kept: dict[str, list[str]]
) -> None:
    recorded(here, reading)
    project = here / "pyproject.toml"
    project.write_text(before, "utf-8")
    with changed(restless()) as (url, _):
        assert run(["learn", "shop.yaml", "--upstream", url]) == 0
        printed, _ = capfd.readouterr()
        project.write_text(printed, "utf-8")
        assert run(["learn", "shop.yaml", "--upstream", url]) == 0
    assert printed.startswith("# This takes the place of the rules that pyproject.toml has, and repeats them.\n")
    assert tomllib.loads(printed)["tool"]["replayer"]["rules"] == kept | {
        "noise_headers": [*kept.get("noise_headers", []), "x-took"]
    }
    assert capfd.readouterr() == ("", "replayer: nothing to propose: 2 answers compared\n")


# -- nothing to learn -------------------------------------------------------------------------------------------------


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
