"""`replayer report` as a user meets it: receipts of real sessions, added up, as text, Markdown, JUnit XML and gates."""

import html
import json
import re
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from replayer import Replayer
from replayer.cli import listening, run
from replayer.proxy import receipts
from tests.examples import CASSETTES

from .servers import KEY, Start

SECRET = "sk_live_" + "a1B2c3D4e5F6" * 2
HOLDS_SECRETS = re.compile(r"(sk|rk)_live_[0-9A-Za-z]{16}|Bearer \S{20}")  # of our own: not the product's


@pytest.fixture(autouse=True)
def own_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """No session of another test is in the files of this one; and this run of pytest attends to none."""
    monkeypatch.setattr(receipts, "BOOK", receipts.ReceiptBook())
    monkeypatch.setattr("replayer.testing.attending._listeners", [])


def ask(here: Path, receipt: str, *paths: str, cassette: str = "life.yaml") -> None:
    """A session that asks for these, and leaves a receipt."""
    if not (here / "life.yaml").exists():
        shutil.copy(CASSETTES / "life.yaml", here)
    with Replayer(cassette, receipt=receipt) as running, httpx.Client(headers=KEY, trust_env=False) as client:
        for path in paths:
            client.get(running.url + path)


def sessions(path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(path).read_text("utf-8"))["sessions"]
    return found


def test_sessions_of_one_program_share_a_receipt_and_those_of_another_have_their_own(here: Path) -> None:
    ask(here, "one.json", "/v1/nowhere")
    ask(here, "one.json")
    ask(here, "two.json")
    assert [each["missed"] for each in sessions("one.json")] == [0, 1]
    (miss,) = sessions("one.json")[1]["misses"]
    assert miss["reason"] == "no-match"
    assert "/v1/nowhere" in miss["message"]
    assert [each["cassette"] for each in sessions("two.json")] == ["life.yaml"]


def test_a_miss_is_exit_1_by_default_and_nothing_is_where_no_gate_is_wanted(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(here, "one.json", "/v1/nowhere")
    assert run(["report", "one.json"]) == 1
    told = capsys.readouterr().out
    assert "missed: a request had no answer\n  life.yaml\n    no-match: No recorded interaction" in told
    assert told.endswith("failed: missed\n")
    assert run(["report", "one.json", "--fail-on", "none"]) == 0
    assert run(["report", "one.json", "--fail-on", "drift,age"]) == 0
    assert run(["report", "one.json", "--fail-on", "unused"]) == 1
    assert run(["report", "one.json", "--fail-on", "unsued"]) == 2
    assert "Did you mean 'unused'?" in capsys.readouterr().err


def test_a_folder_tells_of_cassettes_that_no_session_used(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask(here, "one.json")
    (here / "more").mkdir()
    shutil.copy(CASSETTES / "paging.yaml", here / "more")
    words = ["report", "one.json", "--fail-on", "orphans"]
    assert run(words) == 0
    assert run([*words, "--cassettes", "more"]) == 1
    assert "  more/paging.yaml\n" in capsys.readouterr().out
    assert run([*words, "--cassettes", "nowhere"]) == 2


def test_it_is_written_as_markdown_and_as_junit_whatever_stands_in_it(here: Path) -> None:
    ask(here, "one.json", "/v1/<b>|`x`\u202e?a=1", "/v1/*bold*", "/v1/[x](http://y)")
    assert run(["report", "one.json", "--junit", "j.xml", "--markdown", "m.md", "--fail-on", "missed"]) == 1
    summary = (here / "m.md").read_text("utf-8")
    assert summary.startswith("## Replayer: failed: missed\n")
    assert not re.search(r"<b>|`|\*bold|\u202e|\]\(http", summary)
    assert "/v1/<b>|`x`?" in html.unescape(summary)
    suite = ElementTree.parse(here / "j.xml").getroot().find("testsuite")  # noqa: S314 - of our own making
    assert suite is not None
    assert suite.attrib == {"name": "replayer", "tests": "1", "failures": "1"}
    (case,) = suite
    assert case.attrib["name"] == "life.yaml"
    assert [each.attrib["type"] for each in case.findall("failure")] == ["missed"]
    assert "unused: #1" in str(case.findtext("system-out"))


def test_receipts_that_were_joined_tell_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one.json", "two.json", "three.json"):
        ask(here, name, "/v1/nowhere")
    run(["report", "one.json", "two.json", "three.json", "--json"])
    whole = capsys.readouterr().out
    run(["report", "three.json", "one.json", "--receipt", "part.json", "--json"])
    capsys.readouterr()
    assert run(["report", "part.json", "two.json", "--json"]) == 1
    assert capsys.readouterr().out == whole


def test_what_checks_found_is_drift(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (CASSETTES / "refusals.yaml").read_text("utf-8").replace('"type": "', '"kind": "')
    (here / "refusals.yaml").write_text(text, "utf-8")
    assert run(["check", "refusals.yaml", "--upstream", "sandbox", "--receipt", "drift.json"]) == 1
    capsys.readouterr()
    assert run(["report", "drift.json", "--fail-on", "drift"]) == 1
    assert "drift: the API answers otherwise now" in capsys.readouterr().out


def test_exec_remembers_its_command_but_none_with_a_secret_in_it(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shutil.copy(CASSETTES / "life.yaml", here)
    for number, word in enumerate(("true", f"--key={SECRET}")):
        words = ["exec", "--cassette", "life.yaml", "--receipt", f"{number}.json", "--", "true", word]
        assert run(words) == 1  # it asked nothing
        (session,) = sessions(f"{number}.json")
        assert session["command"] == (["replayer", *words] if word == "true" else [])
    assert "The receipt does not remember the command" in capfd.readouterr().err
    assert not HOLDS_SECRETS.search((here / "1.json").read_text("utf-8"))


def test_nothing_that_opens_something_is_in_a_receipt_or_a_report(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = "hunter2-is-the-password-of-this-test"
    shutil.copy(CASSETTES / "life.yaml", here)
    with Replayer("life.yaml", receipt="r.json") as running:
        packed = b64encode(SECRET.encode()).decode().rstrip("=")
        for path in (
            f"/v1/{SECRET}",
            f"/v1/z?data={packed}",
            f"/v1/x?api_key={own}",
            f"/v1/x?a={own}",
            f"/v1/y?k=%73k_live_{SECRET[8:]}",
        ):
            headers = {"Authorization": f"Bearer {own}"}
            httpx.get(running.url + path, headers=headers, trust_env=False)
    for form in ("text", "markdown", "junit"):
        run(["report", "r.json", "--format", form])
    run(["report", "r.json", "--json"])
    written = (here / "r.json").read_text("utf-8") + capsys.readouterr().out
    assert not HOLDS_SECRETS.search(written)
    assert own not in written
    assert SECRET[8:] not in written
    assert packed not in written
    assert "/v1/y" in written


@pytest.mark.long
def test_a_server_of_many_writes_one_when_it_ends(start: Start, tmp_path: Path) -> None:
    shutil.copy(CASSETTES / "life.yaml", tmp_path / "shop.yaml")
    server = start("serve", "--cassettes", ".", "--receipt", "r.json", "--token-file", "token")
    token = {"Replayer-Token": (tmp_path / "token").read_text().strip()}
    opened = server.client.post("/__replayer__/sessions", json={"cassette": "shop.yaml"}, headers=token).json()
    httpx.get(f"{opened['url']}/v1/nowhere", headers=KEY, trust_env=False)
    assert server.end()[0] == 1
    written = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [(each["cassette"], each["missed"]) for each in written["sessions"]] == [("shop.yaml", 1)]
    assert written["present"] == ["shop.yaml"]


def test_a_receipt_that_cannot_be_written_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "taken").write_text("")
    assert not listening.file(Path("taken/r.json"), [])
    assert "taken/r.json cannot be written: " in capsys.readouterr().err
