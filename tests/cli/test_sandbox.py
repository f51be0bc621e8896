"""The command `sandbox`: its options one by one, as a user gives them, and how wrong ones are refused."""

import re
from pathlib import Path

import pytest

from replayer.cli import run
from replayer.sandbox.ledger.switches import SWITCHES

from .servers import Start


def test_seed_clock_and_step_make_every_run_alike(start: Start) -> None:
    bodies = []
    for _ in range(2):
        running = start("sandbox", "--seed", "7", "--clock", "2026-01-01", "--step")
        made = [running.client.post("/v1/customers", data={"name": "N"}) for _ in range(2)]
        bodies.append([(answer.text, answer.headers["Request-Id"]) for answer in made])
        assert [answer.json()["created"] for answer in made] == [1_767_225_600, 1_767_225_601]
        assert running.end() == (0, "", "")
    assert bodies[0] == bodies[1]


def test_what_was_made_is_there_again_with_its_state_file(start: Start) -> None:
    running = start("sandbox", "--state", "shop.json")
    name = running.make_customer().json()["id"]
    assert running.end() == (0, "", "")
    running = start("sandbox", "--state", "shop.json")
    assert running.client.get(f"/v1/customers/{name}").json()["name"] == "Ada"
    assert running.end() == (0, "", "")


def test_a_state_that_was_lost_ends_with_1_and_a_line(start: Start, tmp_path: Path) -> None:
    running = start("sandbox", "--state", "shop.json")
    running.make_customer()
    (tmp_path / "shop.json").write_text("mine")
    line = (
        "replayer: shop.json was changed by somebody else meanwhile, and stays as they left it. What was made since "
        "then is lost.\n"
    )
    assert running.end() == (1, "", line)


def test_a_new_control_token_is_printed_and_resets(start: Start) -> None:
    running = start("sandbox", "--control-token", "new", "--switch", "open_description=frozen")
    assert running.program.stderr is not None
    found = re.fullmatch(r"replayer: the control token is (\S{20,})\n", running.program.stderr.readline())
    assert found
    running.make_customer()
    answer = running.client.post("/__sandbox__/reset", headers={"Sandbox-Token": found[1]})
    assert answer.json() == {"reset": True}
    assert running.client.get("/v1/customers").json()["data"] == []
    assert running.end() == (0, "", "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--switch deletd_cursor=x", "'deletd_cursor' is no switch of the sandbox. Did you mean 'deleted_cursor'?"),
        ("--clock soon", "The clock 'soon' is no time. Use one like 2026-01-01 or 2026-01-01T09:30:00Z."),
        ("--state no/shop.json", "no/shop.json cannot be written: there is no folder for it that can be written to."),
        (
            "--webhooks localhost:80/x",
            "'localhost:80/x' is no address for webhooks. Use one like http://127.0.0.1:8000/webhooks.",
        ),
        (
            "--webhooks http://a:x/",
            "'http://a:x/' is no address for webhooks. Use one like http://127.0.0.1:8000/webhooks.",
        ),
        ("--control-token=", "The control token is empty. Choose one, or 'new' to have one made."),
    ],
)
def test_a_wrong_option_is_one_line(
    words: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sandbox", *words.split()]) == 2
    assert capsys.readouterr() == ("", f"replayer: {line}\n")


def test_events_that_nobody_takes_are_told_of_in_a_line_each(start: Start) -> None:
    running = start("sandbox", "--webhooks", "http://127.0.0.1:9/hook")
    running.make_customer()
    code, _, said = running.end()
    assert code == 0
    assert said.startswith("replayer: customer.created was not delivered to http://127.0.0.1:9/hook: ")
    assert said.count("\n") == 1


def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("dear diary")
    assert run(["sandbox", "--state", str(file)]) == 2
    assert capsys.readouterr().err == (
        f"replayer: {file} cannot be read as the state of a sandbox: it holds something else, or is damaged. It stays "
        "as it is; name another file.\n"
    )
    assert file.read_text() == "dear diary"


def test_help_lists_every_switch_with_its_values_the_default_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "--help"]) == 0
    page = capsys.readouterr().out
    for name, switch in SWITCHES.items():
        assert f"{name} = {' | '.join(switch.answers)}\n" in page
        assert switch.question in page


def test_a_seed_makes_the_sandbox_mint_the_same_ids(start: Start) -> None:
    made = [start("sandbox", "--seed", "7").make_customer().json()["id"][-8:] for _ in range(2)]
    assert made[0] == made[1]
