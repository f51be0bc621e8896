"""What lets somebody else carry on: the files of editors, hooks and forges are sound, and call the same scripts."""

import re
from pathlib import Path
from typing import Any

import yaml

from replayer import __version__
from replayer.cli.version import version_line

ROOT = Path(__file__).parents[1]


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_workflow_runs_what_must_pass_anywhere() -> None:
    (job,) = read(".github/workflows/ci.yml")["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    oldest = job["strategy"]["matrix"]["python"][0]
    assert f'requires-python = ">={oldest}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_hooks_are_the_quick_checks_of_the_script() -> None:
    script = (ROOT / "scripts/test").read_text("utf-8")
    checks = re.findall(r"\$bin/(ruff \w+|mypy|lint-imports)", script)
    (local,) = read(".pre-commit-config.yaml")["repos"]
    hooks = [hook["entry"].removeprefix(".venv/bin/") for hook in local["hooks"]]
    assert [hook.partition(" --")[0] for hook in hooks] == checks


def test_the_form_asks_for_the_version_and_for_a_cassette_that_is_safe() -> None:
    fields = {field["id"]: field["attributes"] for field in read(".github/ISSUE_TEMPLATE/bug.yml")["body"]}
    assert "replayer --version" in fields["version"]["description"]
    shape = r"replayer [\d.]+ \(Python [\d.]+\w*, \w+ \w+, \w+\)"
    assert re.fullmatch(shape, fields["version"]["placeholder"])
    assert re.fullmatch(shape, version_line())
    assert fields["version"]["placeholder"].split()[1] == __version__
    assert "replayer audit" in fields["cassette"]["description"]


def test_the_changelog_begins_with_this_version_and_with_what_it_breaks() -> None:
    newest, first = re.findall(r"^##+ (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[:2]
    assert newest.split()[0] == __version__
    assert first.startswith("What breaks")


def test_the_version_stands_in_one_place() -> None:
    written = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "\nversion =" not in written
    assert 'path = "replayer/__init__.py"' in written


def test_files_are_written_as_the_editor_is_told() -> None:
    for path in (*ROOT.glob("replayer/**/*.py"), *ROOT.glob("replayer/manual/*.md"), *ROOT.glob("scripts/*")):
        text = path.read_text("utf-8")
        assert text.endswith("\n") or not text, path
        assert not re.search(r"[ \t]$", text, re.MULTILINE), path
