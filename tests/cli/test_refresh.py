"""`replayer refresh` as a user meets it: what is due is run again as its receipt remembers, and nothing else is."""

import json
import os
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from replayer.cli import refreshing, run
from replayer.core.suite import ReceiptFile, SessionReceipt, Suite
from replayer.core.suite.session_receipt import Drifted
from replayer.proxy import receipts

DAY = 86_400
ASKS = """
import os, urllib.request
asked = urllib.request.Request(os.environ["REPLAYER_URL"] + "/v1/rates", headers={"Authorization": "Bearer sk_test_x"})
print(urllib.request.urlopen(asked).read())
"""


class Rates(BaseHTTPRequestHandler):
    """An API that answers one thing."""

    status, body = 200, b'{"usd": 1}'

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture(autouse=True)
def own_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """No session of another test is in the files of this one."""
    monkeypatch.setattr(receipts, "BOOK", receipts.ReceiptBook())
    monkeypatch.setattr("replayer.testing.attending._listeners", [])


def told(*sessions: SessionReceipt) -> Suite:
    return Suite.of([ReceiptFile("0", sessions)])


def test_what_is_due_is_old_or_has_drifted_and_the_shortest_command_is_taken() -> None:
    drifted = Drifted("value", "GET /v1/rates", "usd", 2)
    suite = told(
        SessionReceipt("old.yaml", "none", age=40 * DAY, command=("pytest", "a.py::b", "a.py::c")),
        SessionReceipt("old.yaml", "none", age=40 * DAY, command=("pytest", "a.py::d")),
        SessionReceipt("new.yaml", "none", age=DAY, command=("pytest", "a.py::e")),
        SessionReceipt("strict.yaml", "none", age=2 * DAY, max_age=DAY),
        SessionReceipt("drifted.yaml", "check", drift=(drifted,)),
    )
    assert [(each.cassette, each.command) for each in refreshing.due(suite, 30 * DAY)] == [
        ("drifted.yaml", ()),
        ("old.yaml", ("pytest", "a.py::d")),
        ("strict.yaml", ()),
    ]
    assert refreshing.due(suite, 30 * DAY)[0].why == ("value GET /v1/rates usd (2 answers)",)


def test_tests_are_run_together_and_never_in_a_line_without_end() -> None:
    due = [refreshing.DueCassette(f"{n}.yaml", ("old",), ("pytest", f"a.py::test_{n % 300}")) for n in range(500)]
    due += [refreshing.DueCassette("x.yaml", ("old",), ("replayer", "exec", "--", "true"))]
    due += [refreshing.DueCassette("nobody.yaml", ("old",), ())]
    found = list(refreshing.runs(due))
    assert [words[:2] for words, _ in found] == [("replayer", "exec"), ("pytest", "a.py::test_0"), *[found[2][0][:2]]]
    assert max(len(words) for words, _ in found) <= refreshing.MOST_WORDS + 1
    asked = [word for words, _ in found[1:] for word in words[1:]]
    assert len(asked) == len(set(asked)) == 300
    assert sorted(each.cassette for _, several in found for each in several) == sorted(
        each.cassette for each in due if each.command
    )


@pytest.fixture
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Rates)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def old(here: Path, api: str, capfd: pytest.CaptureFixture[str]) -> Path:
    """A cassette that a line of exec recorded 40 days ago; its receipt is r.json."""
    line = ["exec", "--cassette", "a.yaml", "--upstream", api, "--receipt", "r.json", "--", sys.executable, "-c", ASKS]
    assert run(line) == 0
    os.utime("a.yaml", (time.time() - 40 * DAY,) * 2)
    assert run(line) == 0
    capfd.readouterr()
    return here / "a.yaml"


def document(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> list[dict[str, Any]]:
    assert run(["refresh", "r.json", "--max-age", "30d", "--json", *words]) == code
    found: list[dict[str, Any]] = json.loads(capfd.readouterr().out)["cassettes"]
    return found


def test_what_the_api_changed_is_recorded_and_shown(
    old: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old.read_bytes()
    (one,) = document(capfd, "--dry-run")
    assert (one["cassette"], one["result"], one["exit_code"]) == ("a.yaml", "to be recorded again", None)
    assert one["why"] == ["40.0 days old, and may be 30.0"]
    assert one["command"][:2] == ["replayer", "exec"]
    assert old.read_bytes() == before
    monkeypatch.setattr(Rates, "body", b'{"usd": 2}')
    (one,) = document(capfd)
    assert (one["result"], one["exit_code"]) == ("changed", 0)
    (finding,) = one["diff"]["findings"]
    assert (finding["first"], finding["second"]) == (1, 2)
    assert b'"usd": 2' in old.read_bytes()


def test_an_api_that_did_not_change_leaves_every_byte(old: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = old.read_bytes()
    assert run(["refresh", "r.json", "--max-age", "30d"]) == 0
    assert "a.yaml: unchanged" in capfd.readouterr().out
    assert old.read_bytes() == before


def test_a_command_that_fails_leaves_the_cassette(
    old: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old.read_bytes()
    monkeypatch.setattr(Rates, "status", 500)
    (one,) = document(capfd, code=1)
    assert one["result"] == "left as it was: the command ended with 1"
    assert old.read_bytes() == before


@pytest.mark.usefixtures("old")
def test_where_nothing_is_due_nothing_is_run(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["refresh", "r.json"]) == 0
    assert capfd.readouterr().out.startswith("Nothing is too old")
    assert run(["refresh", "a.yaml"]) == 2
    assert "is no receipt" in capfd.readouterr().err
