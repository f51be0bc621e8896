"""`replayer record` as a user meets it: what is saved, what is not, and where it is then."""

import signal
import socket
from pathlib import Path

import pytest

from replayer.cli import run

from .servers import Start, record, recorded, refused, replay


@pytest.mark.long
def test_a_session_that_answered_nothing_is_no_success(start: Start, tmp_path: Path) -> None:
    recording = record(start)
    code, _, stderr = recording.end()
    assert code == 1
    assert stderr.splitlines()[-1] == f"replayer: recorded nothing: did the client use {recording.url}?"
    assert list(tmp_path.iterdir()) == []

    recorded(tmp_path)
    replaying = replay(start)
    code, _, stderr = replaying.end()
    assert code == 1
    assert stderr.splitlines()[-1] == f"replayer: answered nothing: did the client use {replaying.url}?"


@pytest.mark.long
def test_a_second_interrupt_loses_nothing(start: Start, tmp_path: Path) -> None:
    server = record(start)
    for number in range(20):
        server.make_customer(str(number))
    code, _, stderr = server.end(*[signal.SIGINT] * 5, signal.SIGTERM)
    assert code == 0
    assert stderr.endswith("replayer: 20 recorded, 0 played, 0 synthesized, 0 missed, 0 unused\n")
    assert (tmp_path / "shop.yaml").read_text().endswith("...\n")


@pytest.mark.long
def test_a_recording_with_gaps_leaves_the_older_cassette_and_says_where_it_is_itself(
    start: Start, tmp_path: Path
) -> None:
    before = recorded(tmp_path)
    sandbox = start("sandbox", "--seed", "1")
    server = start("record", "--upstream", sandbox.url, "--cassette", "shop.yaml", "--quiet")
    server.make_customer()
    assert sandbox.end() == (0, "", "")
    assert server.make_customer("Eve").status_code == 502
    code, _, stderr = server.end()
    assert code == 1
    assert "could not be recorded. What was recorded is in" in stderr
    assert "shop.yaml.journal.\n" in stderr
    assert (tmp_path / "shop.yaml").read_bytes() == before
    assert run(["inspect", str(tmp_path / "shop.yaml.journal")]) == 0


@pytest.mark.long
def test_a_cassette_that_cannot_be_written_leaves_its_journal(start: Start, tmp_path: Path) -> None:
    server = record(start)
    server.make_customer()
    (tmp_path / "shop.yaml").mkdir()
    code, _, stderr = server.end()
    assert code == 1
    assert stderr.splitlines()[1:] == [
        "replayer: shop.yaml cannot be written: Is a directory. What was recorded is in shop.yaml.journal."
    ]
    assert (tmp_path / "shop.yaml.journal").exists()


@pytest.mark.long
def test_once_records_only_where_there_is_no_cassette(start: Start) -> None:
    for receipt in ("1 recorded, 0 played", "0 recorded, 1 played"):
        server = record(start, "--record-mode", "once")
        server.make_customer()
        code, _, stderr = server.end()
        assert code == 0
        assert f"replayer: {receipt}, " in stderr


@pytest.mark.long
def test_settings_of_the_environment_count_where_no_option_says_otherwise(start: Start, tmp_path: Path) -> None:
    server = start("record", REPLAYER_UPSTREAM="sandbox", REPLAYER_CASSETTE="env.yaml", REPLAYER_EPOCH="2020-01-01")
    server.make_customer()
    assert server.end()[0] == 0
    assert "epoch: '2020-01-01T00:00:00Z'" in (tmp_path / "env.yaml").read_text()


@pytest.mark.long
def test_rules_are_chosen_on_the_command_line_and_kept_in_the_cassette(start: Start, tmp_path: Path) -> None:
    server = record(start, "--rules", "generic")
    server.make_customer()
    assert server.end()[0] == 0
    assert "\n  rules: generic\n" in (tmp_path / "shop.yaml").read_text()
    server = replay(start)
    assert server.make_customer().status_code == 200
    assert server.end()[0] == 0


@pytest.mark.usefixtures("here")
def test_an_upstream_that_is_not_there_is_found_out_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    line = refused(f"record --upstream http://127.0.0.1:{port} --cassette x.yaml", capfd)
    assert line.startswith(f"The upstream http://127.0.0.1:{port} cannot be reached: ")
