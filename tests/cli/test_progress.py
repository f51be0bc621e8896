"""How far a command is: shown on a terminal, and only where it takes longer than nobody minds."""

import contextlib
import os
import subprocess
import sys

import pytest

CODE = """
import time
from replayer.cli import progress
progress.SOON = {soon}
with {shown}:
    {body}
"""


def seen(soon: float, shown: str, body: str) -> str:
    """What a terminal behind stderr is sent."""
    ours, theirs = os.openpty()
    code = CODE.format(soon=soon, shown=shown, body=body)
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    screen = b""
    with subprocess.Popen([sys.executable, "-c", code], stderr=theirs, stdout=theirs, env=environment) as started:
        os.close(theirs)
        with contextlib.suppress(OSError):  # as Linux says that the other end is closed
            while chunk := os.read(ours, 1 << 16):
                screen += chunk
        os.close(ours)
    assert started.returncode == 0
    return screen.decode()


@pytest.mark.parametrize(
    ("shown", "body", "expected"),
    [
        ("progress.progress(2) as step", "step(); time.sleep(1.5); step()", ("cassettes", "1/2", "2/2")),
        ("progress.waiting('reading [a].yaml')", "time.sleep(1.5)", ("reading [a].yaml",)),
        (
            "progress.progress_of_requests(['a.yaml', 'b.yaml']) as step",
            "step('a.yaml')(7); of = step('b.yaml'); of(9); of(9); time.sleep(1.5)",
            ("cassettes", "1/2", "b.yaml", "1/9"),
        ),
    ],
    ids=["cassettes", "waiting", "requests"],
)
def test_what_takes_long_shows_how_far_it_is(shown: str, body: str, expected: tuple[str, ...]) -> None:
    screen = seen(0.01, shown, body)
    assert all(each in screen for each in expected), screen
    assert screen.endswith("\x1b[2K")  # and leaves nothing behind


def test_what_is_over_soon_shows_nothing() -> None:
    assert seen(60, "progress.progress(2) as step", "step(); step()") == ""


def test_nothing_is_shown_where_there_is_no_terminal() -> None:
    code = CODE.format(soon=0.01, shown="progress.progress(2) as step", body="step(); time.sleep(0.5); step()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("", "")
