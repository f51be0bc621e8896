"""Each command of the table on a terminal and before a full disk: narrow, without colours, with colours in a pipe. None
fails for it, and none says with its exit code that something was found where nobody could be told."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from replayer.cli import cli
from tests.examples import CASSETTES
from tests.forked import replayer

from . import table

FULL = Path("/dev/full")
COLOUR = re.compile(r"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m")
STYLE = re.compile(r"\x1b\[[\d;]*m")
SECONDS = 60
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PYTHONUNBUFFERED", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "PAGER")
}
# What makes files, and takes none of ours or leaves one beside it, or needs a store, has these tests among its own.
MAKING = ("import", "export", "push", "pull", "prune")
LINES = {name: table.line(name, CASSETTES / "paging.yaml") for name in cli.commands if name not in MAKING}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the cassette that commands name below their root."""
    (tmp_path / "paging.yaml").write_bytes((CASSETTES / "paging.yaml").read_bytes())
    return tmp_path


def ran(place: Path, words: list[str], stdout: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that prints there, and no terminal."""
    return subprocess.run(
        [*replayer(), *words],
        cwd=place, env={**PLAIN, **environment}, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip


def on_terminal(place: Path, words: list[str], columns: int, **environment: str) -> tuple[int, str]:
    """The exit code of a command on a terminal of so many columns, and what is seen there."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    started = subprocess.Popen(
        [*replayer(), *words],
        cwd=place, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, start_new_session=True,
        env={**PLAIN, "TERM": "xterm-256color", "PAGER": "cat", **environment},
    )  # fmt: skip
    os.close(theirs)
    seen, ends, told = b"", time.monotonic() + SECONDS, False
    try:
        while time.monotonic() < ends:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    chunk = os.read(ours, 1 << 16)
                except OSError:  # as Linux says that the other end is closed
                    break
                if not chunk:
                    break
                seen += chunk
            if b"listening on" in seen and not told:
                told = True
                started.send_signal(signal.SIGTERM)
        return started.wait(timeout=10), seen.decode()
    finally:
        started.kill()
        started.wait()
        os.close(ours)


@pytest.mark.parametrize("name", LINES)
def test_in_a_narrow_terminal_without_colours_everything_is_still_said(name: str, place: Path) -> None:
    code, seen = on_terminal(place, LINES[name], 24, NO_COLOR="1")
    assert "Traceback" not in seen
    assert not COLOUR.search(seen)
    assert code in (0, 1), seen
    assert "Nothing can be written" not in seen


def test_on_a_terminal_there_are_colours_and_no_line_is_longer_than_it(place: Path) -> None:
    for columns in (60, 80, 120, 200):
        code, seen = on_terminal(place, ["inspect", "paging.yaml"], columns)
        assert code == 0
        assert STYLE.search(seen)
        assert max(len(STYLE.sub("", line)) for line in seen.splitlines()) <= columns
        head = next(line for line in STYLE.sub("", seen).splitlines() if "method" in line)
        assert head.split() == ["#", "method", "path", "status", "body", "size"]


def test_what_is_longer_than_the_terminal_is_shown_in_the_pager_that_is_named(place: Path) -> None:
    (place / "pager").write_text("#!/bin/sh\nsed 's/^/> /'\n")
    (place / "pager").chmod(0o755)
    _, seen = on_terminal(place, ["inspect", "paging.yaml", "--body", "1"], 80, PAGER=str(place / "pager"))
    assert "> " in seen
    _, seen = on_terminal(place, ["inspect", "paging.yaml"], 80, PAGER=str(place / "pager"))
    assert "> " not in seen


def test_colours_are_kept_in_a_pipe_where_somebody_forces_them_and_else_are_not(place: Path) -> None:
    def piped(*words: str, **environment: str) -> str:
        return ran(place, list(words), subprocess.PIPE, **environment).stdout

    for words in (["inspect", "paging.yaml"], ["doctor"]):
        assert not STYLE.search(piped(*words))
        assert STYLE.search(piped(*words, FORCE_COLOR="1"))
        assert not COLOUR.search(piped(*words, FORCE_COLOR="1", NO_COLOR="1"))


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("name", LINES)
def test_before_a_full_disk_each_command_says_so_and_ends_with_2(name: str, place: Path) -> None:
    with FULL.open("w") as full:
        done = ran(place, LINES[name], full.fileno())
    if done.returncode != 2:  # then there was nothing to print
        assert ran(place, LINES[name], subprocess.PIPE).stdout == ""
        return
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, last) == (
        2,
        "replayer: Nothing can be written to stdout: No space left on device. Redirect it elsewhere.",
    )
    assert "Traceback" not in done.stderr
