"""`replayer audit` as a user meets it: its settings, its words, its exit codes."""

from pathlib import Path

import pytest

from replayer.cli import run

OURS = """\
version: 1
replayer:
  upstream: https://api.example.com
  rules: generic
  epoch: '2026-01-01T00:00:00Z'
interactions:
- request:
    method: GET
    uri: https://api.example.com/items
    body: ''
    headers: {}
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      string: |-
        {"key": "ACME-42-hunter2"}
...
"""
FOREIGN = OURS.replace(OURS[OURS.index("replayer:") : OURS.index("interactions:")], "")
TABLE = """[tool.replayer.rules]\nsecrets = [{ name = "our key", pattern = "ACME-[0-9]+-[a-z0-9]+" }]\n"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> "Said":
    return Said(capsys)


class Said:
    """What a command line printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def by(self, *words: str) -> tuple[int, list[str], list[str]]:
        """The exit code, the lines on stdout and those on stderr."""
        code = run(list(words))
        stdout, stderr = self._capsys.readouterr()
        return code, stdout.splitlines(), stderr.splitlines()


@pytest.mark.parametrize("text", [OURS, FOREIGN], ids=["ours", "another tool's"])
def test_a_secret_that_the_projects_rules_know_is_found(text: str, here: Path, said: Said) -> None:
    (here / "x.yaml").write_text(text)
    assert said.by("audit", "x.yaml")[0] == 0
    (here / "pyproject.toml").write_text(TABLE)
    line = text[: text.index("ACME")].count("\n") + 1
    assert said.by("audit", "x.yaml") == (1, [f"x.yaml: line {line}: our key [secret]"], [])


def test_the_rules_of_the_project_may_be_named_in_its_environment(
    here: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "x.yaml").write_text(OURS)
    monkeypatch.setenv("REPLAYER_RULES", "generic")
    assert said.by("audit", "x.yaml")[0] == 0
    monkeypatch.setenv("REPLAYER_RULES", "generics")
    assert said.by("audit", "x.yaml") == (
        2,
        [],
        ["replayer: 'generics' is not a set of rules. Did you mean 'generic'?"],
    )


def test_rules_that_there_are_not_are_refused(here: Path, said: Said) -> None:
    (here / "x.yaml").write_text(OURS)
    code, told, errors = said.by("audit", "--rules", "foo", "x.yaml")
    assert (code, told) == (2, [])
    assert errors == ["replayer: 'foo' is not a set of rules. There are: invoice, generic."]


def test_a_cassette_keeps_its_rules_and_the_others_are_audited_even_so(here: Path, said: Said) -> None:
    (here / "x.yaml").write_text(OURS)
    (here / "y.yaml").write_text(FOREIGN)
    code, told, errors = said.by("audit", "--rules", "invoice", "x.yaml", "y.yaml")
    assert code == 2
    assert told == ["y.yaml: clean (1 interaction, looked through for secrets only: another tool wrote it)"]
    assert errors == [
        "replayer: x.yaml was recorded by the rules 'generic', not 'invoice'. "
        "Choose these or none, or delete it and record it anew."
    ]
