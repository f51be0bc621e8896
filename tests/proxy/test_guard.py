"""The door: who may ask at all. Each test is the recording and the replay of one exchange, or a head of a request."""

import json
from pathlib import Path

import pytest

from replayer.proxy import guard

from .talking import BEARER, JSON, Api, Heard, Lines, ask, player, recorder, reply

PAGE = "http://shop.localhost:3000"
ALLOWING = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Credentials", "true"),
    ("access-control-expose-headers", "Request-Id"),
)


def code(answer: Heard) -> str:
    return str(json.loads(answer.body)["error"]["code"])


# -- its own name -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["", " ", "localhost:evil.example", "127.0.0.1:80@evil.example", "[::1]evil.example", "localhost.evil.example:1"],
)
def test_a_host_that_is_no_name_of_this_machine_is_refused(host: str) -> None:
    barred = guard.refused((("Host", host),), "/v1/x")
    assert barred is not None
    assert barred.code == "host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:65535", "localhost:"])
def test_a_name_of_this_machine_is_none_of_a_page(host: str) -> None:
    assert guard.refused((("Host", host),), "/v1/x") is None


@pytest.mark.parametrize("hosts", [[], ["localhost", "localhost"], ["localhost", "evil.example"]])
def test_a_request_names_its_host_once(hosts: list[str]) -> None:
    barred = guard.refused(tuple(("Host", host) for host in hosts), "/v1/x")
    assert barred is not None
    assert barred.code == "host"


# -- pages of another origin ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", PAGE)],
        [("Origin", "null")],
        [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "same-origin")],
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "no-cors")],
    ],
)
async def test_a_page_of_another_origin_neither_reads_nor_records(
    api: Api, tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "POST /v1/x", [BEARER])
        refused = await ask(proxy.url, "POST /v1/x", [BEARER, *headers])
        assert (refused.status, code(refused)) == (403, "replayer_origin")
    assert len(api.arrived) == 1
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "POST /v1/x", headers)).status == 403
        assert proxy.play_count == 0


@pytest.mark.parametrize("site", ["none", "same-origin"])
async def test_a_browser_may_ask_for_itself(api: Api, tmp_path: Path, site: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        own = [("Origin", proxy.url), ("Sec-Fetch-Site", site)]
        assert (await ask(proxy.url, "GET /v1/x", own)).status == 200


async def test_what_lets_a_page_read_an_answer_is_not_passed_on_to_a_browser(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"{}", JSON, *ALLOWING, ("X-Other", "1"))
    api["/v1/file"] = reply(b"\x89PNG", ("Content-Type", "image/png"), *ALLOWING)
    for proxy in (recorder(api, tmp_path), player(tmp_path)):
        async with proxy:
            for path in ("/v1/x", "/v1/file"):
                for page in (("Origin", proxy.url), ("Sec-Fetch-Site", "none")):
                    answer = await ask(proxy.url, f"GET {path}", [BEARER, page])
                    assert [name for name, _ in answer.headers if name.lower().startswith("access-control")] == []
                    assert answer.status == 200


async def test_a_program_that_is_no_browser_hears_what_the_upstream_said(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"{}", JSON, *ALLOWING)
    for proxy in (recorder(api, tmp_path), player(tmp_path)):
        async with proxy:
            assert (await ask(proxy.url, "GET /v1/x")).header("Access-Control-Allow-Origin") == "*"


async def test_a_page_that_cors_names_is_answered_as_the_upstream_would(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"{}", JSON, *ALLOWING)
    page = [BEARER, ("Origin", PAGE), ("Sec-Fetch-Site", "cross-site")]
    for proxy in (recorder(api, tmp_path, cors=PAGE), player(tmp_path, cors=[f"{PAGE}/", "http://localhost:9"])):
        async with proxy:
            answer = await ask(proxy.url, "GET /v1/x", page)
            assert (answer.status, answer.header("Access-Control-Allow-Origin")) == (200, "*")
            other = await ask(proxy.url, "GET /v1/x", [BEARER, ("Origin", "http://localhost:3000")])
            assert other.status == 403


# -- its own paths ----------------------------------------------------------------------------------------------------

SPELLINGS = [
    "//__replayer__/x",
    "/./__replayer__",
    "/v1/../__replayer__/sessions",
    "/%5f_replayer__/",
    "/__repl%61yer__",
    "/%2e%2e/__replayer__",
    "/v1%2F..%2F__replayer__",
    "/%255f%255freplayer__",
    "/\\__replayer__",
    "/v1/%5c..%5c..%5c__replayer__",
    "///.//__replayer__?a",
]


@pytest.mark.parametrize("target", SPELLINGS)
async def test_every_spelling_of_its_own_path_is_its_own(api: Api, tmp_path: Path, target: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        answer = await ask(proxy.url, f"GET {target}")
    assert (answer.status, code(answer)) == (404, "replayer_path")
    assert api.arrived == []


@pytest.mark.parametrize(
    "target", ["/v1/__replayer__", "/v1/x?next=/../__replayer__", "/x/./y/../z", "/__replay", "//v1//x"]
)
def test_a_path_of_the_api_is_not_its_own(target: str) -> None:
    assert not guard.is_control(target)


def test_a_long_path_of_dots_takes_one_pass() -> None:
    assert guard.is_control("/v1" + "/.." * 20_000 + "/__replayer__")
    assert not guard.is_control("/" + "%25" * 20_000)


# -- methods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["LIST", "BREW", "get"])
async def test_a_method_that_cannot_be_passed_on_is_named(api: Api, tmp_path: Path, method: str, lines: Lines) -> None:
    async with recorder(api, tmp_path, tell=lines) as proxy:
        answer = await ask(proxy.url, f"{method} /v1/secret/metadata/x")
    assert (answer.status, code(answer)) == (400, "replayer_method")
    assert f"the method {method}.".encode() in answer.body
    assert (lines[0].outcome, f"the method {method}." in lines[0].note) == ("refused", True)  # nor is the log silent


async def test_what_stands_where_a_method_should_is_not_told_where_it_may_be_a_key(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        answer = await ask(proxy.url, "sk_test_4eC39HqLyjWDarjtT1zdp7dc /v1/x")
    assert (answer.status, code(answer)) == (400, "replayer_request")
