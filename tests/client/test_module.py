"""The module for JavaScript: `replayer js` prints it whole, and Node's own test runner tries it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import replayer
from replayer.cli import run

from .conftest import Running

MODULE = Path(replayer.__file__).parent / "client" / "replayer.mjs"
TESTS = Path(__file__).with_name("sessions.test.mjs")


def test_it_is_printed_as_it_stands_in_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["js"]) == 0
    assert capsys.readouterr().out == MODULE.read_text("utf-8")


def test_it_needs_nothing_but_fetch() -> None:
    text = MODULE.read_text("utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    assert "import " not in code
    assert "require(" not in code
    assert "process" not in code


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node, which is not installed here")
def test_node_opens_uses_and_ejects_sessions(running: Running) -> None:
    environment = {"SERVER": running.url, "TOKEN": running.token, "MODULE": MODULE.as_uri()}
    done = subprocess.run(
        ["node", "--test", str(TESTS)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"pass 5$", done.stdout, re.MULTILINE)
