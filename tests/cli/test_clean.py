"""`replayer clean`: cassettes by the rules of today; where anything would be lost they stay as they are."""

import json
from pathlib import Path

import pytest

from replayer.cassettes import Journal
from replayer.cli import run

from .har_files import entry, har


def test_a_cassette_of_another_tool_becomes_ours_and_is_a_fixpoint(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"id": "cus_Vfy8Aem2XTKphr", "created": 1795305633}
    text = (
        "version: 1\ninteractions:\n- request: {method: POST, uri: 'https://api.stripe.com/v1/customers', body: a=1,"
        " headers: {}}\n  response:\n    status: {code: 200, message: OK}\n    headers: {Content-Type:"
        " [application/json], Date: ['Sun, 22 Nov 2026 00:00:33 GMT']}\n"
        f"    body: {{string: '{json.dumps(answer)}'}}\n"
    )
    path = here / "old.yaml"
    path.write_text(text, "utf-8")
    assert run(["clean", "--dry-run", "old.yaml"]) == 0
    assert path.read_text("utf-8") == text
    assert run(["clean", "old.yaml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "old.yaml: would be rewritten (1 interaction)",
        "old.yaml: rewritten (1 interaction)",
    ]
    cleaned = path.read_text("utf-8")
    assert "cus_Vfy8Aem2XTKphr" not in cleaned
    assert run(["audit", "old.yaml"]) == 0
    assert run(["clean", "old.yaml"]) == 0
    assert "unchanged" in capsys.readouterr().out
    assert path.read_text("utf-8") == cleaned


def test_the_rules_of_today_take_out_what_those_of_then_did_not(here: Path) -> None:
    har(here / "a.har", entry(content={"size": 1, "text": '{"pet": "Rex-4471-QZ"}', "mimeType": "application/json"}))
    assert run(["import", "a.har", "--out", "out"]) == 0
    assert "Rex-4471-QZ" in (here / "out" / "a.yaml").read_text("utf-8")
    (here / "pyproject.toml").write_text('[tool.replayer.rules]\nsecrets = [{ field = "pet" }]\n', "utf-8")
    assert run(["clean", "out"]) == 0
    assert "Rex-4471-QZ" not in (here / "out" / "a.yaml").read_text("utf-8")


def test_a_recording_that_is_not_saved_yet_stays_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har(here / "a.har", entry())
    assert run(["import", "a.har", "--out", "out"]) == 0
    path = here / "out" / "a.yaml"
    journal = Journal.open(path)
    assert run(["clean", "out/a.yaml"]) == 2
    journal.close(keep=False)
    text = (
        path.read_text("utf-8")
        .replace("interactions:\n", "interactions:\n# complete\n")
        .replace("...\n", "# complete\n")
    )
    (here / "out" / "b.yaml.journal").write_text(text, "utf-8")
    assert run(["clean", "out/b.yaml.journal"]) == 2
    assert (here / "out" / "b.yaml.journal").read_text("utf-8") == text
    assert capsys.readouterr().err.count("a recording is not saved yet. Let it end, or record it again.") == 2


def test_what_would_be_lost_keeps_a_cassette_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = here / "old.yaml"
    text = (
        "version: 1\ninteractions:\n- request: {method: GET, uri: 'https://api.example.com/x', body: '', headers: {}}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: 'aaaaaaaaaaaa'}}\n"
    )
    path.write_text(text, "utf-8")
    (here / "pyproject.toml").write_text("[tool.replayer]\nbody_limit = 4\n", "utf-8")
    assert run(["clean", "old.yaml"]) == 1
    assert path.read_text("utf-8") == text
    out = capsys.readouterr().out
    assert "old.yaml: stays as it is (1 interaction)" in out
    assert "interaction 1: GET https://api.example.com/x: a body is longer than body_limit, 4 bytes" in out
