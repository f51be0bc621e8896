"""A command that is forked is what people start: its words, streams, folder, environment, signals and end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import path, replayer

PLAIN = (sys.executable, "-m", "replayer")


@pytest.mark.parametrize("words", [["--version"], ["inspect", "none.yaml"], ["help", "store"], ["nonsense"]])
def test_it_says_the_same_and_ends_the_same(words: list[str], tmp_path: Path) -> None:
    forked, started = (
        subprocess.run([*begin, *words], cwd=tmp_path, capture_output=True, check=False)
        for begin in (replayer(), PLAIN)
    )
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_it_is_found_on_a_path() -> None:
    line = "replayer --version | cat; exit ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", line], env={"PATH": f"{path()}:/bin:/usr/bin"}, capture_output=True, check=True
    )
    assert done.stdout.startswith(b"replayer ")


def test_where_the_environment_says_how_python_starts_it_is_started() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONVERBOSE": "1"}
    done = subprocess.run([*replayer(), "--version"], env=environment, capture_output=True, check=True)
    assert b"import 'replayer.cli'" in done.stderr


@pytest.mark.parametrize("environment", [{}, {"PYTHONHASHSEED": "1"}], ids=["forked", "started"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_is_ended_by_signals(number: signal.Signals, environment: dict[str, str]) -> None:
    line = [*replayer(), "sandbox", "--port", "0"]
    environment = os.environ | environment
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as started:
        assert started.stdout
        assert b"listening" in started.stdout.readline()
        started.send_signal(number)
        _, told = started.communicate(timeout=10)  # to the end of what the command itself may write
    assert started.returncode == (-number if number == signal.SIGKILL else 0), told
