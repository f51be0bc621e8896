"""The command `sandbox`: its options one by one, as a user gives them, and how wrong ones are refused."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from replayer.cli import run
from replayer.sandbox.ledger.switches import SWITCHES

KEY = {"Authorization": "Bearer sk_test_made_up"}


class Running:
    """A sandbox in a process of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.program = subprocess.Popen(
            [sys.executable, "-m", "replayer", "sandbox", *words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.program.stdout is not None
        line = self.program.stdout.readline()
        assert line.startswith("replayer: listening on "), self.program.communicate()
        self.client = httpx.Client(base_url=line.split()[-1], headers=KEY, trust_env=False)

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(path, data=form).json()

    def end(self) -> tuple[int, str]:
        self.client.close()
        self.program.send_signal(signal.SIGTERM)
        _, stderr = self.program.communicate(timeout=10)
        return self.program.returncode, stderr

    def close(self) -> None:
        self.client.close()
        if self.program.poll() is None:
            self.program.kill()
            self.program.communicate()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def start(stack: ExitStack, folder: Path, *words: str) -> Running:
    running = Running(folder, *words)
    stack.callback(running.close)
    return running


def test_seed_clock_and_step_make_every_run_alike(stack: ExitStack, tmp_path: Path) -> None:
    bodies = []
    for _ in range(2):
        running = start(stack, tmp_path, "--seed", "7", "--clock", "2026-01-01", "--step")
        made = [running.client.post("/v1/customers", data={"name": "N"}) for _ in range(2)]
        bodies.append([(answer.text, answer.headers["Request-Id"]) for answer in made])
        assert [answer.json()["created"] for answer in made] == [1_767_225_600, 1_767_225_601]
        assert running.end() == (0, "")
    assert bodies[0] == bodies[1]


def test_what_was_made_is_there_again_with_its_state_file(stack: ExitStack, tmp_path: Path) -> None:
    running = start(stack, tmp_path, "--state", "shop.json")
    name = running.post("/v1/customers", name="Ada")["id"]
    assert running.end() == (0, "")
    running = start(stack, tmp_path, "--state", "shop.json")
    assert running.client.get(f"/v1/customers/{name}").json()["name"] == "Ada"
    assert running.end() == (0, "")


def test_a_state_that_was_lost_ends_with_1_and_a_line(stack: ExitStack, tmp_path: Path) -> None:
    running = start(stack, tmp_path, "--state", "shop.json")
    running.post("/v1/customers")
    (tmp_path / "shop.json").write_text("mine")
    line = (
        "replayer: shop.json was changed by somebody else meanwhile, and stays as they left it. What was made since "
        "then is lost.\n"
    )
    assert running.end() == (1, line)


def test_a_new_control_token_is_printed_and_resets(stack: ExitStack, tmp_path: Path) -> None:
    running = start(stack, tmp_path, "--control-token", "new", "--switch", "open_description=frozen")
    assert running.program.stderr is not None
    found = re.fullmatch(r"replayer: the control token is (\S{20,})\n", running.program.stderr.readline())
    assert found
    running.post("/v1/customers")
    answer = running.client.post("/__sandbox__/reset", headers={"Sandbox-Token": found[1]})
    assert answer.json() == {"reset": True}
    assert running.client.get("/v1/customers").json()["data"] == []
    assert running.end() == (0, "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--switch deletd_cursor=x", "'deletd_cursor' is no switch of the sandbox. Did you mean 'deleted_cursor'?"),
        ("--clock soon", "The clock 'soon' is no time. Use one like 2026-01-01 or 2026-01-01T09:30:00Z."),
        ("--state no/shop.json", "no/shop.json cannot be written: there is no folder for it that can be written to."),
        ("--control-token=", "The control token is empty. Choose one, or 'new' to have one made."),
    ],
)
def test_a_wrong_option_is_one_line(
    words: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sandbox", *words.split()]) == 2
    assert capsys.readouterr() == ("", f"replayer: {line}\n")


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
