"""Browsers: pages that `cors` names may ask and may read what is answered; their preflights are our own affair."""

import json
from pathlib import Path

import pytest

from .talking import BEARER, JSON, Api, Heard, Lines, ask, on_disk, player, recorder, reply

PAGE = "http://localhost:3000"
FROM_PAGE = [("Origin", PAGE), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "cors")]
PREFLIGHT = [
    *FROM_PAGE,
    ("Access-Control-Request-Method", "PATCH"),
    ("Access-Control-Request-Headers", "authorization,idempotency-key"),
]


def cors(answer: Heard) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers if name.lower().startswith("access-control-")}


async def test_a_preflight_is_answered_here_and_is_in_no_cassette(api: Api, tmp_path: Path, lines: Lines) -> None:
    api["/v1/x"] = reply(b"", status="401 Unauthorized")  # as an API that is not meant for browsers answers it
    for proxy in (recorder(api, tmp_path, cors=PAGE, tell=lines), player(tmp_path, cors=PAGE)):
        async with proxy:
            answer = await ask(proxy.url, "OPTIONS /v1/x?key=sk_test_4eC39HqLyjWDarjtT1zdp7dc", PREFLIGHT)
            assert (answer.status, answer.body) == (204, b"")
            assert cors(answer) == {
                "access-control-allow-origin": PAGE,
                "access-control-allow-credentials": "true",
                "access-control-allow-methods": "PATCH",
                "access-control-allow-headers": "authorization,idempotency-key",
                "access-control-max-age": "600",
            }
            assert answer.header("Vary") == "Origin"
            await ask(proxy.url, "PATCH /v1/x", [BEARER, *FROM_PAGE])
            assert proxy.misses == []
    assert [each.method for each in api.arrived] == ["PATCH"]
    assert [each.request.method for each in on_disk(tmp_path / "a.yaml").interactions] == ["PATCH"]
    assert (lines[0].method, lines[0].path, lines[0].outcome) == ("OPTIONS", "/v1/x", "preflight")


async def test_a_page_on_the_web_may_reach_this_machine_where_it_is_named(api: Api, tmp_path: Path) -> None:
    asked = [*PREFLIGHT, ("Access-Control-Request-Private-Network", "true")]
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        answer = await ask(proxy.url, "OPTIONS /v1/x", asked)
    assert cors(answer)["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize("page", ["https://evil.example", "null", f"{PAGE}.evil.example", "*"])
async def test_no_other_page_gets_a_preflight_through(api: Api, tmp_path: Path, page: str) -> None:
    asked = [("Origin", page), *PREFLIGHT[1:]]
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        answer = await ask(proxy.url, "OPTIONS /v1/x", asked)
        assert (answer.status, cors(answer)) == (403, {})
    assert api.arrived == []


async def test_a_name_that_was_made_to_point_here_gets_no_preflight_through(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        answer = await ask(proxy.url, "OPTIONS /v1/x", PREFLIGHT, host="evil.example")
    assert (answer.status, answer.header("Access-Control-Allow-Methods")) == (403, None)


async def test_what_is_no_preflight_is_the_apis(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        await ask(proxy.url, "OPTIONS /v1/x", FROM_PAGE)
        await ask(proxy.url, "OPTIONS /v1/x", [("Access-Control-Request-Method", "GET")])
    assert [each.method for each in api.arrived] == ["OPTIONS", "OPTIONS"]


async def test_its_own_paths_are_not_let_through_by_a_preflight(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        assert (await ask(proxy.url, "OPTIONS /__replayer__/sessions", PREFLIGHT)).status == 404


async def test_a_page_reads_answers_of_an_api_that_says_nothing_of_pages_and_misses_too(
    api: Api, tmp_path: Path
) -> None:
    api["/v1/x"] = reply(b'{"a": 1}', JSON, ("Request-Id", "req_1"))
    told = []
    for proxy in (recorder(api, tmp_path, cors=PAGE), player(tmp_path, cors=PAGE)):
        async with proxy:
            answer = await ask(proxy.url, "GET /v1/x", [BEARER, *FROM_PAGE])
            assert answer.status == 200
            assert cors(answer)["access-control-allow-origin"] == PAGE
            assert "Request-Id" in cors(answer)["access-control-expose-headers"]
            told.append(cors(answer))
    assert told[0] == told[1]
    assert "Access-Control" not in (tmp_path / "a.yaml").read_text("utf-8")  # it is of this page, not of the API
    async with player(tmp_path, cors=PAGE) as proxy:
        missed = await ask(proxy.url, "GET /v1/other", [BEARER, *FROM_PAGE])
        assert (missed.status, missed.header("Replayer-Miss")) == (421, "no-match")
        assert cors(missed)["access-control-allow-origin"] == PAGE
        assert "Replayer-Miss" in cors(missed)["access-control-expose-headers"]
        unread = await ask(proxy.url, "GET /v1/other", [("Origin", "https://evil.example")])
        assert (unread.status, cors(unread)) == (403, {})


@pytest.mark.parametrize("allowed", ["*", PAGE])
async def test_what_the_api_says_of_that_page_stays(api: Api, tmp_path: Path, allowed: str) -> None:
    own = (("Access-Control-Allow-Origin", allowed), ("Access-Control-Expose-Headers", "Request-Id"))
    api["/v1/x"] = reply(b"{}", JSON, *own)
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        answer = await ask(proxy.url, "GET /v1/x", [BEARER, *FROM_PAGE])
    assert cors(answer) == {name.lower(): value for name, value in own}


async def test_where_the_api_lets_only_another_page_read_ours_may(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"{}", JSON, ("Access-Control-Allow-Origin", "https://shop.example"))
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        answer = await ask(proxy.url, "GET /v1/x", [BEARER, *FROM_PAGE])
    assert answer.all("Access-Control-Allow-Origin") == [PAGE]


async def test_an_answer_that_is_carried_through_may_be_read_too(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"data: 1\n\n", ("Content-Type", "text/event-stream"))
    async with recorder(api, tmp_path, cors=PAGE) as proxy:
        answer = await ask(proxy.url, "GET /v1/x", [BEARER, *FROM_PAGE])
    assert (answer.status, cors(answer)["access-control-allow-origin"]) == (200, PAGE)
    assert answer.body == b"data: 1\n\n"


async def test_a_refusal_of_ours_can_be_read_by_the_page_that_it_is_for(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, cors=PAGE, body_limit=10) as proxy:
        answer = await ask(proxy.url, "POST /v1/x", [BEARER, *FROM_PAGE], b"x" * 20)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (413, "replayer_body_limit")
    assert cors(answer)["access-control-allow-origin"] == PAGE
