"""A stdout that cannot be written is exit code 2, whatever the command: 1 would say that something was found."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.examples import CASSETTES
from tests.forked import replayer

PAGING = str(CASSETTES / "paging.yaml")
FULL = Path("/dev/full")
PLAIN = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as it is for most
COMMANDS = [
    ["check", PAGING, "--upstream", "sandbox", "--allow-writes"],
    ["check", "--json", PAGING, "--upstream", "sandbox", "--allow-writes"],
    ["audit", PAGING],
    ["inspect", PAGING],
    ["replay", "--cassette", "paging.yaml", "--root", str(CASSETTES)],
    ["clean", "--dry-run", PAGING],
]


def ran(words: list[str], stdout: int) -> tuple[int, str]:
    """The exit code and the stderr of a command that prints there."""
    program = [*replayer(), *words]
    done = subprocess.run(program, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=30, check=False, env=PLAIN)
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_full_disk_behind_stdout_is_no_finding(words: list[str]) -> None:
    with FULL.open("w") as full:
        code, stderr = ran(words, full.fileno())
    assert (code, stderr) == (
        2,
        "replayer: Nothing can be written to stdout: No space left on device. Redirect it elsewhere.\n",
    )


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_pipe_that_nobody_reads_is_no_finding_and_nothing_to_complain_of(words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        code, stderr = ran(words, writer)
    finally:
        os.close(writer)
    assert (code, stderr) == (2, "")


@pytest.mark.parametrize("words", [COMMANDS[0], COMMANDS[3], COMMANDS[5]], ids=lambda words: words[0])
def test_a_stdout_that_is_closed_is_no_finding(words: list[str]) -> None:
    program = [*replayer(), *words]
    line = ["/bin/sh", "-c", '"$@" >&-', "sh", *program]
    done = subprocess.run(line, stderr=subprocess.PIPE, text=True, timeout=30, check=False, env=PLAIN)
    assert (done.returncode, done.stderr) == (
        2,
        "replayer: Nothing can be written to stdout: Bad file descriptor. Redirect it elsewhere.\n",
    )
