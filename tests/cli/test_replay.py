"""`replayer replay` as a user meets it: what is answered, what is missed, and how it ends."""

import re
import shlex
import signal
import time
from pathlib import Path

import pytest

from .servers import Start, record, recorded, refused, replay


def test_what_was_recorded_is_replayed_and_each_request_has_its_line(start: Start, tmp_path: Path) -> None:
    server = record(start)
    made = server.make_customer()
    path = f"/v1/customers/{made.json()['id']}"
    read = server.client.get(f"{path}?expand[]=invoice_settings.default_payment_method")
    code, stdout, stderr = server.end()
    assert (code, stdout) == (0, "")
    first, second, receipt = stderr.splitlines()
    assert re.fullmatch(r"POST /v1/customers 200 recorded \d+ ms", first)
    assert re.fullmatch(rf"GET {path} 200 recorded \d+ ms", second)
    assert receipt == "replayer: 2 recorded, 0 played, 0 synthesized, 0 missed, 0 unused"
    assert "sk_test_4eC39" not in (tmp_path / "shop.yaml").read_text()

    server = replay(start)
    assert server.make_customer().content == made.content
    assert server.client.get(f"{path}?expand[]=invoice_settings.default_payment_method").content == read.content
    code, stdout, stderr = server.end(signal.SIGINT)
    assert (code, stdout) == (0, "")
    assert re.match(r"POST /v1/customers 200 replayed \d+ ms\n", stderr)
    assert stderr.endswith("replayer: 0 recorded, 2 played, 0 synthesized, 0 missed, 0 unused\n")


def test_a_miss_is_explained_and_its_remedy_is_a_command_that_works(start: Start, tmp_path: Path) -> None:
    recorded(tmp_path)
    server = replay(start, "--quiet")
    server.make_customer()
    missed = server.client.get("/v1/customers?limit=3")
    code, _, stderr = server.end()
    assert (code, missed.status_code, missed.headers["Replayer-Miss"]) == (1, 421, "no-match")
    lines = stderr.splitlines()
    assert re.fullmatch(r"GET /v1/customers 421 missed \d+ ms", lines[0])
    assert lines[1:3] == [
        "    No recorded interaction matches GET /v1/customers?limit=3.",
        "    Cassette: shop.yaml (mode none; 1 recorded, 1 played)",
    ]
    assert lines[4:] == [
        "    To fix: record it: replayer record --upstream sandbox --cassette shop.yaml",
        "replayer: 0 recorded, 1 played, 0 synthesized, 1 missed, 0 unused",
    ]

    remedy = shlex.split(lines[4].partition("record it: ")[2])
    server = start(*remedy[1:])
    assert server.client.get("/v1/customers?limit=3").status_code == 200
    assert server.end()[0] == 0


def test_times_are_shown_shifted_and_declared_fields_are_bound(start: Start) -> None:
    volatile, epoch = ("--volatile", "name"), ("--epoch", "2026-01-01")
    server = record(start, *volatile, *epoch)
    first = server.make_customer("Ada-1").json()
    server.end()
    server = replay(start, *volatile, "--time", "shifted")
    second = server.make_customer("Bob-2").json()
    server.end()
    assert (second["id"], second["name"]) == (first["id"], "Bob-2")
    assert first["created"] == 1_767_225_601
    assert abs(second["created"] - time.time()) < 60


def test_a_replay_goes_on_with_the_sandbox_where_it_is_told_to(start: Start, tmp_path: Path) -> None:
    before = recorded(tmp_path)
    server = replay(start, "--on-miss", "sandbox")
    further = server.make_customer("Grace")
    assert (further.status_code, further.headers["replayer-synthesized"]) == (200, "sandbox")
    code, _, stderr = server.end()
    assert code == 0
    assert re.match(r"POST /v1/customers 200 synthesized \d+ ms\n", stderr)
    assert stderr.endswith("replayer: 0 recorded, 0 played, 1 synthesized (1 sandbox), 0 missed, 1 unused\n")
    assert (tmp_path / "shop.yaml").read_bytes() == before


def test_rules_that_a_cassette_was_not_recorded_by_are_refused(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(here)
    line = (
        "shop.yaml was recorded by the rules 'invoice', not 'generic'. "
        "Choose these or none, or delete it and record it anew."
    )
    assert refused("replay --cassette shop.yaml --rules generic", capfd) == line
    assert refused("record --upstream sandbox --cassette shop.yaml --rules generic", capfd) == line


def test_a_damaged_cassette_is_an_error_with_its_line(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "x.yaml").write_text("version: 1\ninteractions:\n<<<<<<< HEAD\n")
    assert re.match(r"x\.yaml:3: ", refused("replay --cassette x.yaml", capfd))
