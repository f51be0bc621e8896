"""What goes wrong on purpose, at the wire: what the client sees, what the upstream saw, and what is recorded."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from replayer import Replayer
from replayer.errors import UsageError

from .talking import JSON, Api, Heard, Lines, Wire, ask, heard, on_disk, player, recorder, reply, request

BODY = json.dumps({"object": "list", "data": ["x" * 400]}).encode()
SOON = 2.0


def error(answer: Heard) -> dict[str, str]:
    found = json.loads(answer.body)["error"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def listing(api: Api) -> Api:
    api.answers["/v1/x"] = reply(BODY, JSON)
    return api


async def recorded(api: Api, root: Path) -> None:
    """A cassette with one read."""
    async with recorder(api, root) as proxy:
        await ask(proxy.url, "GET /v1/x")
    api.arrived.clear()


async def said(url: str, line: str = "GET /v1/x") -> bytes:
    """All that comes of one request, until the connection ends; `RESET` at its end where it was reset."""
    wire = await Wire.to(url)
    await wire.send(request(line, url))
    found = b""
    try:
        async with asyncio.timeout(SOON):
            while part := await wire._reader.read(1 << 16):  # noqa: SLF001 - how it ends is what counts here
                found += part
    except ConnectionResetError:
        found += b"RESET"
    await wire.close()
    return found


# -- not done ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", None),
        (402, "card_error", "card_declined"),
        (404, "invalid_request_error", "resource_missing"),
        (409, "invalid_request_error", "idempotency_key_in_use"),
        (429, "invalid_request_error", "rate_limit"),
        (500, "api_error", None),
        (503, "api_error", None),
    ],
)
async def test_an_error_is_worded_as_the_api_words_it_and_says_that_it_was_meant(
    listing: Api, tmp_path: Path, status: int, kind: str, code: str | None
) -> None:
    async with recorder(listing, tmp_path, faults=[f"GET /v1/x status={status} times=1"]) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
        again = await ask(proxy.url, "GET /v1/x")
    assert (answer.status, error(answer)["type"], error(answer).get("code")) == (status, kind, code)
    assert answer.header("Replayer-Fault") == f"status={status}"
    assert error(answer)["message"] == f"This went wrong on purpose: GET /v1/x status={status} times=1."
    assert (again.status, again.body, again.header("Replayer-Fault")) == (200, BODY, None)
    assert len(listing.arrived) == 1
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 1


async def test_when_to_come_back_is_said_and_that_one_may(listing: Api, tmp_path: Path) -> None:
    async with recorder(listing, tmp_path, faults="* /v1/** status=429 retry_after=7") as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
    assert [answer.header(name) for name in ("Retry-After", "Stripe-Should-Retry")] == ["7", "true"]


@pytest.mark.parametrize("mode", ["all", "none"])
async def test_a_connection_that_is_reset_is_reset_and_nothing_was_done(
    listing: Api, tmp_path: Path, mode: str
) -> None:
    await recorded(listing, tmp_path)
    async with recorder(listing, tmp_path, record_mode=mode, faults=["GET * reset times=1"]) as proxy:
        assert await said(proxy.url) == b"RESET"
        assert (proxy.receipt.recorded, proxy.receipt.played, proxy.receipt.faults) == (0, 0, 1)
        assert (await ask(proxy.url, "GET /v1/x")).body == BODY


async def test_what_was_kept_from_a_replay_has_moved_nothing(listing: Api, tmp_path: Path) -> None:
    """Two equal writes have two answers: a fault before the first does not take its turn."""
    answers = [reply(json.dumps({"id": f"cus_NffrFeUfNV2Hi{n}", "object": "customer"}).encode(), JSON) for n in "bc"]
    async with recorder(listing, tmp_path) as proxy:
        first = []
        for answer in answers:
            listing.answers["/v1/customers"] = answer
            first.append((await ask(proxy.url, "POST /v1/customers")).body)
    assert first[0] != first[1]
    async with player(tmp_path, faults=["POST * status=500 times=1", "POST * reset times=1"]) as proxy:
        assert (await ask(proxy.url, "POST /v1/customers")).status == 500
        assert await said(proxy.url, "POST /v1/customers") == b"RESET"
        assert [(await ask(proxy.url, "POST /v1/customers")).body for _ in first] == first
        assert (proxy.receipt.played, proxy.receipt.faults, proxy.receipt.missed) == (2, 2, 0)


# -- done, and lost ---------------------------------------------------------------------------------------------------


async def test_an_answer_is_lost_after_the_upstream_has_given_it(listing: Api, tmp_path: Path, lines: Lines) -> None:
    async with recorder(listing, tmp_path, faults=["GET /v1/x after times=1"], tell=lines) as proxy:
        assert await said(proxy.url) == b"RESET"
        await lines.last()
        assert len(listing.arrived) == 1
        assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 1
        assert proxy.receipt.recorded == proxy.receipt.faults == 1
    assert lines[0].outcome == "recorded, fault after"
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == BODY


async def test_an_error_instead_of_the_answer_after_it_was_given(listing: Api, tmp_path: Path) -> None:
    async with recorder(listing, tmp_path, faults=["GET /v1/x status=500 after"]) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 500
    assert len(listing.arrived) == 1
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 200


@pytest.mark.parametrize("how", ["", " reset"])
@pytest.mark.parametrize("length", [0, 10, len(BODY) - 1])
async def test_a_body_breaks_off_and_its_head_tells_of_all(listing: Api, tmp_path: Path, how: str, length: int) -> None:
    await recorded(listing, tmp_path)
    async with player(tmp_path, faults=[f"GET /v1/x truncate={length}{how}"]) as proxy:
        found = await said(proxy.url)
        assert found.endswith(b"RESET") is bool(how)
        answer = heard(found.removesuffix(b"RESET"))
        assert (answer.status, answer.body, answer.whole) == (200, BODY[:length], False)
        assert answer.header("Content-Length") == str(len(BODY))
        assert answer.header("Replayer-Fault") == f"truncate={length}{how}"
        assert proxy.receipt.played == 1


async def test_a_body_that_is_short_enough_is_whole(listing: Api, tmp_path: Path) -> None:
    async with recorder(listing, tmp_path, faults=["GET /v1/x truncate=5000"]) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
    assert (answer.body, answer.whole) == (BODY, True)


async def test_an_error_may_break_off_too_and_then_nothing_was_done(listing: Api, tmp_path: Path) -> None:
    async with recorder(listing, tmp_path, faults=["GET /v1/x status=500 truncate=3"]) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
    assert (answer.status, answer.body, answer.whole) == (500, b"{\n ", False)
    assert listing.arrived == []


async def test_an_answer_without_a_body_has_none_that_breaks_off(listing: Api, tmp_path: Path) -> None:
    async with recorder(listing, tmp_path, faults=["HEAD /v1/x truncate=3"]) as proxy:
        answer = await ask(proxy.url, "HEAD /v1/x")
    assert (answer.status, answer.body) == (200, b"")


# -- time -------------------------------------------------------------------------------------------------------------


async def took(url: str, line: str = "GET /v1/x") -> float:
    began = asyncio.get_running_loop().time()
    assert (await ask(url, line)).body == BODY
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize(
    "settings", [{"faults": ["GET * delay=60"]}, {"faults": ["GET * slow=60"]}, {"latency": 60}, {"latency": "60"}]
)
async def test_an_answer_takes_as_long_as_it_is_to(listing: Api, tmp_path: Path, settings: dict[str, Any]) -> None:
    async with recorder(listing, tmp_path, **settings) as proxy:
        assert 0.055 < await took(proxy.url) < SOON
    async with player(tmp_path, **settings) as proxy:
        assert 0.055 < await took(proxy.url) < SOON
        assert 0.055 < await took(proxy.url) < SOON  # which was answered before: it is no quicker for that
        assert proxy.receipt.played == 2
    async with player(tmp_path) as proxy:
        assert await took(proxy.url) < SOON


async def test_by_chance_one_answer_takes_longer_than_another(listing: Api, tmp_path: Path) -> None:
    async with recorder(listing, tmp_path, latency="normal:20,10") as proxy:
        assert len({round(await took(proxy.url), 4) for _ in range(5)}) > 1


async def leaves(proxy: Replayer) -> None:
    """A client asks for /v1/x, and is gone before it is answered."""
    wire = await Wire.to(proxy.url)
    await wire.send(request("GET /v1/x", proxy.url))
    await asyncio.sleep(0.05)
    await wire.close()


async def test_whoever_waits_no_more_when_it_would_be_done_has_nothing_done(
    listing: Api, tmp_path: Path, lines: Lines
) -> None:
    async with recorder(listing, tmp_path, faults=["GET /v1/x delay=150 times=1"], tell=lines) as proxy:
        await leaves(proxy)
        line = await lines.last()
        assert (line.outcome, line.note) == ("fault delay=150, not done", "")
        assert listing.arrived == []
        assert (proxy.receipt.faults, proxy.receipt.recorded) == (1, 0)
        await took(proxy.url)


async def test_whoever_waits_no_more_after_it_was_done_finds_it_done(
    listing: Api, tmp_path: Path, lines: Lines
) -> None:
    async with recorder(listing, tmp_path, faults=["GET /v1/x delay=150 after times=1"], tell=lines) as proxy:
        await leaves(proxy)
        assert (await lines.last()).outcome == "recorded, fault delay=150 after"
    assert len(listing.arrived) == 1


async def test_a_session_ends_though_somebody_is_kept_waiting(listing: Api, tmp_path: Path) -> None:
    async with recorder(listing, tmp_path, faults=["GET /v1/slow delay=60000"]) as proxy:
        await ask(proxy.url, "GET /v1/x")
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/slow", proxy.url))
        await asyncio.sleep(0.02)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < SOON
    await wire.close()
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 1


# -- what it never hides ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["GET * status=500 after", "GET * after", "GET * truncate=3", "GET * slow=1"])
async def test_a_miss_stays_a_miss(listing: Api, tmp_path: Path, rule: str) -> None:
    await recorded(listing, tmp_path)
    async with player(tmp_path, faults=[rule]) as proxy:
        answer = await ask(proxy.url, "GET /v1/other")
        assert (answer.status, answer.header("Replayer-Fault")) == (421, None)
        assert (proxy.receipt.missed, proxy.receipt.faults) == (1, 0)


async def test_what_is_passed_on_as_it_comes_cannot_be_lost_any_more_and_that_is_said(
    listing: Api, tmp_path: Path, lines: Lines
) -> None:
    listing.answers["/v1/x"] = reply(b"data: 1\n\n", ("Content-Type", "text/event-stream"))
    async with recorder(listing, tmp_path, faults=["GET /v1/x after", "GET /v1/y status=500"], tell=lines) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == b"data: 1\n\n"
        assert "The fault after came too late" in (await lines.last()).note
        assert proxy.receipt.faults == 0


async def test_requests_that_meet_no_rule_are_as_ever(listing: Api, tmp_path: Path) -> None:
    await recorded(listing, tmp_path)
    async with player(tmp_path, faults=["POST /v1/x status=500", "GET /v1/y status=500"]) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
        assert (answer.body, answer.header("Replayer-Fault")) == (BODY, None)
        assert "faults" not in str(proxy.receipt)


async def test_the_receipt_counts_them_and_a_run_of_nothing_else_is_not_empty(listing: Api, tmp_path: Path) -> None:
    await recorded(listing, tmp_path)
    async with player(tmp_path, faults=["GET /v1/x status=500"]) as proxy:
        for _ in range(3):
            await ask(proxy.url, "GET /v1/x")
        assert str(proxy.receipt) == "0 recorded, 0 played, 0 synthesized, 0 missed, 1 unused, 3 faults"
        assert proxy.receipt.was_asked


# -- by TLS -----------------------------------------------------------------------------------------------------------


async def test_the_same_goes_wrong_by_tls(listing: Api, tmp_path: Path, lines: Lines) -> None:
    rules = ["POST /v1/x after times=1", "POST /v1/x truncate=9 times=1", "POST /v1/x delay=150 times=1"]
    rules += ["POST /v1/x reset times=1", "POST /v1/x status=503 times=1", "POST /v1/x slow=20 times=1"]
    async with recorder(listing, tmp_path, https=True, faults=rules, tell=lines) as proxy:
        trusted = ssl.create_default_context(cafile=str(proxy.certificate))
        connector = aiohttp.TCPConnector(ssl=trusted, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as client:
            ended = []
            for patience in (SOON, SOON, 0.05, SOON, SOON, SOON, SOON):
                try:
                    async with asyncio.timeout(patience), client.post(f"{proxy.url}/v1/x") as answer:
                        ended.append(f"{answer.status} {len(await answer.read()) == len(BODY)}")
                except aiohttp.ClientPayloadError:
                    ended.append("broke off")
                except (aiohttp.ClientError, TimeoutError) as trouble:
                    ended.append("late" if isinstance(trouble, TimeoutError) else "gone")
        await asyncio.sleep(0.15)
        assert ended == ["gone", "broke off", "late", "gone", "503 False", "200 True", "200 True"]
        assert [line.outcome for line in lines if "delay" in line.outcome] == ["fault delay=150, not done"]
        assert proxy.receipt.faults == 6
    assert len(listing.arrived) == 4


# -- laid later -------------------------------------------------------------------------------------------------------


def test_faults_are_laid_and_taken_away_in_the_middle_of_a_session(tmp_path: Path) -> None:
    """Also over what the quick path has learned."""

    def status(url: str) -> int:
        return asyncio.run(ask(url, "GET /v1/customers")).status

    with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="once") as proxy:
        assert status(proxy.url) == 200
    with Replayer("a.yaml", root=tmp_path) as proxy:
        assert [status(proxy.url) for _ in range(3)] == [200] * 3
        proxy.set_faults("GET /v1/** status=503")
        assert [status(proxy.url) for _ in range(2)] == [503] * 2
        proxy.set_faults()
        assert status(proxy.url) == 200
        with pytest.raises(UsageError, match="nothing goes wrong by it"):
            proxy.set_faults("GET /v1/x")
        assert status(proxy.url) == 200
        assert (proxy.receipt.played, proxy.receipt.faults) == (5, 2)
