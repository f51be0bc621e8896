"""Streams and the commands: check compares them event by event, inspect counts them, clean and audit keep them."""

import json
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from replayer import Replayer
from replayer.cassettes.journal import load_journal
from replayer.cli import run

from .checking import checked
from .servers import Server

Told = list[dict[str, Any]]


class Speaking(ThreadingHTTPServer):
    """An API that tells these events, whose ids are others each time; `goes_on` leaves a stream without an end."""

    daemon_threads = True
    told: Callable[[], Told]
    goes_on = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Speaker(BaseHTTPRequestHandler):
    server: Speaking

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for value in self.server.told():
            self.wfile.write(f": ping\n\ndata: {json.dumps(value)}\n\n".encode())
        if self.server.goes_on:
            stopped.wait(5)

    def log_message(self, *_: object) -> None:
        return


stopped = threading.Event()


def made() -> Told:
    run_id = f"run_{secrets.token_hex(12)}"
    return [{"id": run_id, "object": "run", "n": number} for number in range(3)]


@pytest.fixture
def api() -> Iterator[Speaking]:
    stopped.clear()
    server = Speaking(("127.0.0.1", 0), Speaker)
    server.told = made  # type: ignore[method-assign,unused-ignore]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    stopped.set()
    server.shutdown()
    server.server_close()


def recorded(api: Speaking, here: Path, most: int = 100) -> Path:
    """The cassette of a client that reads so many lines, and leaves."""
    with (
        Replayer("a.yaml", root=here, upstream=api.url, record_mode="all") as replayer,
        httpx.Client(base_url=replayer.url) as client,
        client.stream("GET", "/v1/runs/events") as answer,
    ):
        for count, _ in enumerate(answer.iter_lines(), start=1):
            if count >= most:
                break
    return here / "a.yaml"


def test_an_unchanged_stream_has_not_drifted_and_a_changed_one_has(
    api: Speaking, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recorded(api, here)
    code, document = checked(capfd, "a.yaml", "--upstream", api.url)
    assert (code, document["cassettes"][0]["findings"]) == (0, [])
    api.told = lambda: [{**value, "n": "many"} for value in made()]
    code, document = checked(capfd, "a.yaml", "--upstream", api.url)
    assert code == 1
    assert [(one["kind"], one["field"]) for one in document["cassettes"][0]["findings"]] == [("type", "n")]
    api.told = lambda: made()[:2]
    assert checked(capfd, "a.yaml", "--upstream", api.url)[0] == 1


def test_of_a_stream_that_has_no_end_as_many_events_are_compared_as_were_recorded(
    api: Speaking, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    api.goes_on = True
    path = recorded(api, here, most=8)
    assert b"    ended: left\n" in path.read_bytes()
    code, document = checked(capfd, "a.yaml", "--upstream", api.url)
    assert (code, document["cassettes"][0]["findings"]) == (0, [])


def test_inspect_counts_events_and_says_how_they_ended(
    api: Speaking, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recorded(api, here)
    assert run(["inspect", "a.yaml"]) == 0
    assert "3 events" in capsys.readouterr().out
    path.write_text(path.read_text().replace("\n...\n", "\n  stream:\n    ended: left\n    waits: '1+0.5'\n...\n"))
    assert run(["inspect", "a.yaml"]) == 0
    assert "3 events, left" in capsys.readouterr().out
    assert run(["inspect", "a.yaml", "--body", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["response"]
    assert (answer["ended"], answer["waits"]) == ("left", [{"event": 2, "seconds": 0.5}])


@pytest.mark.parametrize("came", ["", "  stream:\n    ended: left\n    waits: '0+0.1 1+2.5'\n"])
def test_clean_and_audit_keep_a_stream_as_it_came(api: Speaking, here: Path, came: str) -> None:
    path = recorded(api, here)
    path.write_text(path.read_text().partition("  stream:")[0].removesuffix("...\n") + came + "...\n")
    before = path.read_bytes()
    assert run(["audit", "a.yaml"]) == 0
    assert run(["clean", "a.yaml"]) == 0
    assert path.read_bytes() == before
    assert run(["diff", "a.yaml", "a.yaml"]) == 0


def test_audit_finds_a_real_id_in_an_event(api: Speaking, here: Path) -> None:
    path = recorded(api, here)
    path.write_text(path.read_text().replace('"n": 2', '"n": 2, "by": "cus_NffrFeUfNV2Hib"'))
    assert run(["audit", "a.yaml"]) == 1


def test_a_recorder_that_is_killed_keeps_what_a_client_has_read(
    api: Speaking, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.goes_on = True
    server = Server(here, "record", "--upstream", api.url, "--cassette", "a.yaml", environment={})
    with server.client.stream("GET", "/v1/runs/events") as answer:
        lines = answer.iter_lines()
        read = [next(lines) for _ in range(11)]
        server.end(signal.SIGKILL)
        answer.close()
    torso = here / "a.yaml.journal"
    (one,) = load_journal(torso.read_bytes(), "it").interactions
    assert one.response.text.splitlines()[:11] == read
    assert one.streamed.ended == "cut"
    assert run(["inspect", str(torso)]) == 0
    assert "3 events, cut" in capsys.readouterr().out
