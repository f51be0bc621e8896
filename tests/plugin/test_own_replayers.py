"""A `Replayer(...)` that a user makes in a fixture or a test of his own, and that cannot be: one line says why."""

import subprocess
import sys
from pathlib import Path

import pytest

from .project import Project


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ('Replayer("nothing.yaml")', "There is no cassette nothing.yaml"),
        ('Replayer("x.yaml", strickt=True)', "Did you mean 'strict'?"),
        ('Replayer("../x.yaml")', "leads upwards"),
    ],
)
def test_a_replayer_of_their_own_that_fails_shows_one_line_and_no_traceback(
    project: Project, made: str, words: str
) -> None:
    project.write(
        f"""
        from replayer import Replayer

        @pytest.fixture
        def running():
            with {made} as replayer:
                yield replayer

        def test_in_a_fixture(running):
            pass

        def test_in_the_test():
            with {made}:
                pass
        """
    )
    result = project.run()
    result.assert_outcomes(errors=1, failed=1)
    lines = [line for line in result.outlines if words in line and not line.startswith(("FAILED", "ERROR"))]
    assert len(lines) == 2
    assert all(line.startswith("test_shop.py:") and ": replayer: " in line for line in lines)
    assert "site-packages" not in result.stdout.str()
    assert "replayer/proxy" not in result.stdout.str()


@pytest.mark.long
def test_outside_of_pytest_the_traceback_ends_at_the_call(tmp_path: Path) -> None:
    program = "from replayer import Replayer\nwith Replayer('nothing.yaml'):\n    pass\n"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith("replayer.errors.UsageError: There is no cassette nothing.yaml")
    assert done.stderr.count("  File ") <= 3
