"""Faults on the command line: where they are given, what is seen of them, and what cannot be."""

import re
import stat
from pathlib import Path

import httpx
import pytest

from replayer.settings import Settings

from .servers import KEY, Start, record, recorded, refused, replay

RULE = "POST /v1/customers status=429 retry_after=3 times=1"
LIST = "/v1/customers"


@pytest.mark.long
def test_a_recording_keeps_nothing_of_a_fault_and_says_it_in_its_lines_and_its_receipt(
    start: Start, tmp_path: Path
) -> None:
    server = record(
        start, "--fault", RULE, "--fault", "GET /v1/none reset", "--fault", "GET /v1/customers reset times=1"
    )
    assert server.make_customer().status_code == 429
    assert server.make_customer().status_code == 200
    with pytest.raises(httpx.ReadError):  # on the event loop that servers have, too
        server.client.get(LIST)
    assert server.client.get(LIST).status_code == 200
    code, _, stderr = server.end()
    assert code == 0
    first, second, third, fourth, receipt, unmet = stderr.splitlines()
    assert re.fullmatch(r"POST /v1/customers 429 fault status=429 retry_after=3 \d+ ms", first)
    assert re.fullmatch(r"POST /v1/customers 200 recorded \d+ ms", second)
    assert re.fullmatch(r"GET /v1/customers 0 fault reset \d+ ms", third)
    assert re.fullmatch(r"GET /v1/customers 200 recorded \d+ ms", fourth)
    assert receipt == "replayer: 2 recorded, 0 played, 0 synthesized, 0 missed, 0 unused, 2 faults"
    assert unmet == "replayer: no request met the fault: GET /v1/none reset"
    assert "429" not in (tmp_path / "shop.yaml").read_text()


@pytest.mark.long
def test_a_replay_that_met_only_faults_is_well_and_a_recording_is_not(start: Start, tmp_path: Path) -> None:
    recorded(tmp_path)
    server = replay(start, "--fault", "* * status=503")
    assert server.make_customer().status_code == 503
    assert server.end()[0] == 0
    server = record(start, "--fault", "* * status=503")
    server.make_customer()
    code, _, stderr = server.end()
    assert (code, stderr.splitlines()[-1]) == (1, "replayer: recorded nothing: all that came met a fault")


@pytest.mark.long
def test_answers_are_held_back_by_option_and_by_environment(start: Start, tmp_path: Path) -> None:
    recorded(tmp_path)
    server = replay(start, "--latency", "80")
    assert server.make_customer().elapsed.total_seconds() > 0.075
    server.end()
    server = start("replay", "--cassette", "shop.yaml", REPLAYER_LATENCY="normal:80,1")
    assert server.make_customer().elapsed.total_seconds() > 0.07
    server.end()


@pytest.mark.long
def test_the_token_of_a_control_call_is_in_the_file_that_was_named(start: Start, tmp_path: Path) -> None:
    recorded(tmp_path)
    server = replay(start, "--token-file", "token")
    token = (tmp_path / "token").read_text().strip()
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    call = f"{server.url}/__replayer__/faults"
    laid = httpx.post(call, json={"faults": [RULE]}, headers={"Replayer-Token": token}, trust_env=False)
    assert laid.json() == {"faults": [{"rule": RULE, "met": 0}]}
    assert httpx.post(f"{server.url}{LIST}", headers=KEY, trust_env=False).status_code == 429
    assert server.make_customer().status_code == 200
    code, _, stderr = server.end()
    assert code == 0
    assert token not in stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--fault GET", "The fault 'GET' cannot be: it is a method, a path and what goes wrong."),
        (
            "--latency soon",
            "The latency 'soon' is none. Give milliseconds, an hour at most, normal:MS,SD, or recorded.",
        ),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_cannot_be_is_said_before_anything_is_started(
    words: str, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert refused(f"record --cassette a.yaml --upstream sandbox {words}", capfd).startswith(says)


@pytest.mark.parametrize(
    "given",
    [
        {"faults": ["GET /a reset", "GET /b status=500 times=2"]},
        {"faults": "GET /a reset; GET /b status=500 times=2;"},
        {"faults": "GET /a reset\nGET /b status=500 times=2\n"},
    ],
)
def test_rules_are_a_list_or_one_text(tmp_path: Path, given: dict[str, object]) -> None:
    settings = Settings.load(given, folder=tmp_path, environment={})
    assert list(map(str, settings.fault_rules)) == ["GET /a reset", "GET /b status=500 times=2"]


def test_a_latency_is_a_number_or_a_text(tmp_path: Path) -> None:
    for latency in (250, 250.0, "250", "normal:250,0"):
        held_back = Settings.load({"latency": latency}, folder=tmp_path, environment={}).held_back
        assert held_back is not None
        assert held_back.mean == 250
    assert Settings.load({}, folder=tmp_path, environment={}).held_back is None
