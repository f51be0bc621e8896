"""The Python API: what a block says of itself while it runs, afterwards, and when it is used wrongly."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import requests

import replayer
from replayer import Replayer, ReplayerError, UsageError
from replayer.core.session import verdicts
from replayer.proxy.handler import Line

from .talking import BEARER, Api, Lines, ask, files, player, recorder

KEY = {"Authorization": "Bearer sk_test_KeyOfTheReplayer01"}


async def test_a_block_on_the_running_loop_records_and_replays(api: Api, tmp_path: Path) -> None:
    async with Replayer("a.yaml", root=tmp_path, upstream=api.url, record_mode="once") as proxy:
        recorded = await ask(proxy.url, "GET /v1/x")
        assert proxy.cassette == tmp_path / "a.yaml"
        assert repr(proxy) == f"<Replayer a.yaml once at {proxy.url}>"
    assert repr(proxy) == "<Replayer a.yaml once>"
    assert str(proxy.receipt) == "1 recorded, 0 played, 0 synthesized, 0 missed, 0 unused"
    async with Replayer("a.yaml", root=tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == recorded.body
        assert (proxy.play_count, proxy.misses) == (1, [])


def test_a_plain_block_serves_clients_that_block(tmp_path: Path) -> None:
    bodies = []
    for mode in ("all", "none"):
        with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode=mode) as proxy:
            bodies.append(requests.post(f"{proxy.url}/v1/customers", headers=KEY, timeout=5).content)
    assert bodies[0] == bodies[1]
    assert proxy.play_count == 1


def test_a_block_may_be_ejected_before_it_ends(tmp_path: Path) -> None:
    with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="once") as proxy:
        requests.post(f"{proxy.url}/v1/customers", headers=KEY, timeout=5)
        assert proxy.eject().receipt.recorded == 1
        assert (tmp_path / "a.yaml").exists()
        assert proxy.eject(failed=True).kept is None  # it has ended already


async def test_only_a_plain_block_can_be_ejected_early(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        with pytest.raises(ReplayerError, match="begun by 'with'"):
            proxy.eject()


async def test_a_miss_is_told_to_the_client_to_the_block_and_to_the_log(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/invoices?limit=3")
    async with player(tmp_path) as proxy:
        answer = await ask(proxy.url, "GET /v1/invoices?limit=4")
        (miss,) = proxy.misses
    assert (answer.status, answer.header("Replayer-Miss")) == (421, "no-match")
    assert miss.reason is verdicts.Reason.NO_MATCH
    assert miss.message.splitlines() == [
        "No recorded interaction matches GET /v1/invoices?limit=4.",
        "Cassette: a.yaml (mode none; 1 recorded, 0 played)",
        "Closest: GET /v1/invoices?limit=3 - query limit '4', recorded '3'",
        f"To fix: record it with Replayer('a.yaml', upstream={api.url!r}, record_mode='all')",
    ]
    assert miss.message in caplog.text
    assert str(proxy.receipt) == "0 recorded, 0 played, 0 synthesized, 1 missed, 1 unused"


def test_where_no_cassette_tells_the_upstream_the_remedy_names_the_api_that_all_this_is_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"upstream='https://api\.stripe\.com', record_mode='all'"), player(tmp_path):
        pass


async def test_a_read_in_another_state_is_a_miss_that_body_and_log_explain_alike_or_lenient_and_marked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    headers = tuple(KEY.items())
    async with recorder("sandbox", tmp_path) as proxy:
        for line in ("POST /v1/customers", "GET /v1/customers"):
            listed = await ask(proxy.url, line, headers)
    async with player(tmp_path) as proxy:
        refused = await ask(proxy.url, "GET /v1/customers", headers)
        (miss,) = proxy.misses
    assert (refused.status, refused.header("Replayer-Miss")) == (421, "unknown-state")
    assert "\nNearest: recorded after POST /v1/customers, which you have not played\n" in miss.message
    assert json.loads(refused.body)["error"]["message"] == miss.message
    assert miss.message in caplog.text
    async with player(tmp_path, lenient=True) as proxy:
        lent = await ask(proxy.url, "GET /v1/customers", headers)
        await ask(proxy.url, "POST /v1/customers", headers)
        strict = await ask(proxy.url, "GET /v1/customers", headers)
    assert (lent.body, lent.header("Replayer-Lenient")) == (listed.body, "1")
    assert (strict.body, strict.header("Replayer-Lenient")) == (listed.body, None)
    assert str(proxy.receipt) == "0 recorded, 3 played, 0 synthesized, 0 missed, 0 unused, 1 lenient"


async def test_each_request_is_logged_without_its_query(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "replayer")
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x?email=ada@example.com")
    (record,) = [record for record in caplog.records if record.name == "replayer"]
    assert record.getMessage().startswith("GET /v1/x 200 recorded ")
    assert "ada" not in caplog.text


async def test_whoever_is_told_need_not_be_true(api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Falsy(Lines):
        def __bool__(self) -> bool:
            return False

    told = Falsy()
    caplog.set_level(logging.INFO)
    async with recorder(api, tmp_path, tell=told) as proxy:
        await ask(proxy.url, "GET /v1/x")
    assert [type(line) for line in told] == [Line]
    assert "recorded" not in caplog.text


def test_what_is_asked_before_it_runs_is_an_error_that_says_how(tmp_path: Path) -> None:
    proxy = Replayer("a.yaml", root=tmp_path)
    assert repr(proxy) == "<Replayer a.yaml none>"
    for question in ("url", "cassette", "misses", "receipt", "play_count"):
        with pytest.raises(ReplayerError, match="Use it in a 'with' or 'async with' block"):
            getattr(proxy, question)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"record_mode": "onse"}, "'onse' is not a record mode. Did you mean 'once'?"),
        ({"upstraem": "sandbox"}, "'upstraem' is not a setting. Did you mean 'upstream'?"),
        ({"upstream": "https://api.stripe.com/v1"}, "Give only its origin: https://api.stripe.com."),
        ({"upstream": "https://key@api.stripe.com"}, "must hold no credentials"),
        ({"port": 70000}, "Port 70000 does not exist"),
        ({"body_limit": 0}, "must be more than nothing"),
    ],
)
def test_wrong_settings_are_refused_before_anything_starts(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        Replayer("a.yaml", **settings)
    assert told in str(caught.value)


@pytest.mark.parametrize("name", ["../a.yaml", "/etc/a.yaml", "", "a/../../b.yaml", "a\x00.yaml", "x\\y.yaml"])
async def test_a_cassette_outside_the_root_is_refused(api: Api, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="The cassette "):
        async with recorder(api, tmp_path / "root", name):
            raise AssertionError
    assert files(tmp_path) == {}


async def test_a_session_may_be_of_another_program(api: Api, tmp_path: Path) -> None:
    """Cassettes that have no facts of ours, as vcrpy writes them, are replayed as they are."""
    (tmp_path / "a.yaml").write_text(
        "interactions:\n- request:\n    body: null\n    headers: {}\n    method: GET\n"
        f'    uri: {api.url}/v1/x\n  response:\n    body:\n      string: \'{{"url": "{api.url}/v1/y"}}\'\n'
        "    headers:\n      Content-Type: [application/json]\n    status:\n      code: 200\n      message: OK\n"
        "version: 1\n"
    )
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x", [BEARER])).body == f'{{"url": "{proxy.url}/v1/y"}}'.encode()


def test_the_package_names_it_and_knows_no_other_names() -> None:
    assert replayer.Replayer is Replayer
    assert "Replayer" in dir(replayer)
    with pytest.raises(AttributeError, match="no attribute 'Recorder'"):
        _ = replayer.Recorder
