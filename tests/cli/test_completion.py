"""`replayer completion` as shells use it: what they are asked to complete, and what they are answered."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from replayer.cli import completion, run
from replayer.core.modes import Mode
from replayer.core.rules import registry
from replayer.core.suite import GATES
from replayer.settings import words
from tests.forked import replayer

from .servers import CASSETTE


@pytest.fixture
def cassettes(here: Path) -> Path:
    for name in ("a.yaml", "b.txt", "tests/cassettes/one.yaml", "tests/cassettes/two.yml", ".hidden/c.yaml"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(CASSETTE)
    return here


def completed(place: Path, line: str) -> list[str]:
    """What bash is answered for a line that is to be completed at its end."""
    words = line.split(" ")
    environment = {
        **os.environ,
        completion.VARIABLE: "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(replayer(), cwd=place, env=environment, capture_output=True, text=True, check=True)
    return [each.partition(",")[2] for each in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("replayer inspect ", ["a.yaml", "tests/"]),
        ("replayer inspect te", ["tests/cassettes/one.yaml", "tests/cassettes/two.yml"]),
        ("replayer audit a.yaml tests/cassettes/t", ["tests/cassettes/two.yml"]),
        ("replayer diff a.yaml a", ["a.yaml"]),
        ("replayer check .", [".hidden/c.yaml"]),
        ("replayer replay --cassette a", ["a.yaml"]),
        ("replayer replay --root tests/cassettes --cassette o", ["one.yaml"]),
        ("replayer record --record-mode n", ["none", "new_episodes"]),
        ("replayer exec --for open", ["openai"]),
        ("replayer dif", ["diff"]),
        ("replayer help js", ["json"]),
        ("replayer completion z", ["zsh"]),
    ],
)
def test_what_was_begun_is_completed(cassettes: Path, line: str, expected: list[str]) -> None:
    assert completed(cassettes, line) == expected


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_the_lines_are_what_that_shell_reads(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    lines = capsys.readouterr().out
    assert f"{completion.VARIABLE}={shell}_complete" in lines
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=lines, text=True, check=True, timeout=30)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes_a_cassette(cassettes: Path) -> None:
    script = (
        f'PATH="{Path(sys.executable).parent}:$PATH"; eval "$(replayer completion bash)"\n'
        "COMP_WORDS=(replayer inspect tests/cassettes/o); COMP_CWORD=2\n"
        '_replayer_completion replayer; echo "$COMPREPLY"'
    )
    done = subprocess.run(["bash", "-c", script], cwd=cassettes, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "tests/cassettes/one.yaml\n"


def test_another_shell_is_refused_with_those_that_there_are(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "tcsh"]) == 2
    error = capfd.readouterr().err
    assert "'bash', 'zsh', 'fish'" in error
    assert error.count("\n") == 1


def test_the_words_that_complete_are_those_that_the_settings_know() -> None:
    assert {
        "--record-mode": tuple(mode.value for mode in Mode),
        "--rules": tuple(registry.RULES),
        "--time": (words.FROZEN, words.SHIFTED),
        "--on-miss": (words.MISS, words.SANDBOX),
        "--upstream": (words.SANDBOX,),
        "--fail-on": (*GATES, "none"),
    } == completion.VALUES
