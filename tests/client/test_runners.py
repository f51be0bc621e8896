"""The module of `replayer js` in the runners that teams have: many workers, one server, a session for each test; first
they record, then they replay and are answered the same."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import packages

from .conftest import Running
from .test_module import MODULE

pytestmark = pytest.mark.installs

HERE = Path(__file__).parent
VITEST = "vitest@4.1.12"
PLAYWRIGHT = "@playwright/test@1.65.1"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
CONFIG = """
export default {
  testDir: ".", testMatch: "*.spec.mjs", workers: 2, fullyParallel: true, reporter: "list",
  use: { launchOptions: { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] } },
};
"""


def folder_for(tmp_path: Path, package: str, **files: str) -> Path:
    """A folder as a team has it, with the module in it; the test is skipped where the package cannot be had."""
    if lacking := packages.lacking_of_npm(package):
        pytest.skip(lacking)
    (tmp_path / "node_modules").symlink_to(packages.npm_folder(package) / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(MODULE, tmp_path / "replayer.mjs")
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    return tmp_path


def printed(folder: Path, running: Running, mode: str, *command: str) -> tuple[str, list[str]]:
    """All that a runner printed, and the customers among it."""
    environment = {
        "SERVER": running.url,
        "TOKEN": running.token,
        "RECORD_MODE": mode,
        "CHROMIUM": CHROMIUM,
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, sorted(re.findall(r"^.*cus_\w+$", done.stdout, re.MULTILINE))


def test_vitest_records_and_replays_with_a_session_for_each_test(running: Running, tmp_path: Path) -> None:
    tests = (HERE / "vitest.test.mjs").read_text("utf-8")
    folder = folder_for(tmp_path, VITEST, **{"a.test.mjs": tests, "b.test.mjs": tests})
    first, recorded = printed(folder, running, "once", "node_modules/.bin/vitest", "run")
    again, replayed = printed(folder, running, "none", "node_modules/.bin/vitest", "run")
    assert "Tests  6 passed" in first
    assert "Tests  6 passed" in again
    assert len(recorded) == 6
    assert replayed == recorded
    assert len(list((running.root / "vitest").rglob("*.yaml"))) == 6


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium, which is not installed here")
def test_the_runner_of_playwright_records_and_replays_pages(running: Running, tmp_path: Path) -> None:
    tests = (HERE / "playwright.spec.mjs").read_text("utf-8")
    folder = folder_for(tmp_path, PLAYWRIGHT, **{"a.spec.mjs": tests, "playwright.config.mjs": CONFIG})
    runner = ("node_modules/.bin/playwright", "test")
    first, recorded = printed(folder, running, "once", *runner)
    (running.root / "playwright/a page reads why it got no answer.yaml").write_text("version: 1\ninteractions: []\n")
    again, replayed = printed(folder, running, "none", *runner)
    assert ("2 passed" in first, "3 passed" in again) == (True, True)
    assert len(recorded) == 2
    assert replayed == recorded
