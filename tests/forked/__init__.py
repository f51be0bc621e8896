"""Commands of `replayer` as programs of their own that need not import anything: `[*replayer(), "replay", ...]`.

What is started is a small program (`started`). It hands its words, its folder, its environment and what it reads and
writes to one that has imported all that commands import (`ready`), and that forks a process for them. It passes signals
on to that, and ends as it ends. Where that would be another command than people start, it is theirs: where the
environment says how Python is to start, or something is closed.
"""

import atexit
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
STARTED = HERE / "started.py"


def replayer() -> tuple[str, ...]:
    """What a command line begins with. Commands are ready until this program ends."""
    return sys.executable, "-IS", str(STARTED), _socket()


@cache
def path() -> str:
    """For a PATH: a folder that has it under its name."""
    folder = Path(_socket()).parent
    program = folder / "replayer"
    program.write_text(f"#!{sys.executable} -IS\nimport sys\nsys.argv.insert(1, {_socket()!r})\n{STARTED.read_text()}")
    program.chmod(0o700)
    return str(folder)


@cache
def _socket() -> str:
    """Where to ask for a command."""
    folder = tempfile.TemporaryDirectory(prefix="replayer-tests-")
    socket = f"{folder.name}/socket"
    ready = subprocess.Popen(
        [sys.executable, "-m", "tests.forked.ready", socket],
        cwd=HERE.parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def end() -> None:
        ready.communicate()  # it ends when nobody can write to it any more
        folder.cleanup()

    atexit.register(end)
    assert ready.stdout is not None
    assert ready.stdout.readline() == b"ready\n"
    return socket
