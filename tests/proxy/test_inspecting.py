"""The page on the wire: who may look, what he is told, and what comes live."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from replayer import Replayer
from replayer.inspector import assets

from .talking import JSON, Api, ask, player, recorder, reply

PAGE = "/__replayer__/"
EVIL = "https://evil.example"


async def told(proxy: Replayer, path: str, **parameters: str) -> Any:
    async with httpx.AsyncClient() as client:
        address = f"{proxy.url}{PAGE}api/{path}"
        answer = await client.get(address, params=parameters, headers={"Replayer-Token": proxy.token})
    return answer.json() | {"_": answer.status_code}


async def watched(inserted: Any) -> None:
    """When somebody looks at that session."""
    for _ in range(500):
        if inserted._inspecting.desk.source.feed.is_watched:  # noqa: SLF001 - nobody else need know
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody looks")


async def live(proxy: Replayer, until: int) -> list[list[Any]]:
    """The rows that are told, up to so many."""
    rows: list[list[Any]] = []
    async with (
        httpx.AsyncClient() as client,
        client.stream("GET", f"{proxy.url}{PAGE}api/events", headers={"Replayer-Token": proxy.token}) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                rows += json.loads(line[6:])["rows"]
            if len(rows) >= until:
                break
    return rows


async def test_the_page_comes_with_a_policy_that_lets_nothing_else_in(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        assert proxy.inspector == f"{proxy.url}{PAGE}#{proxy.token}"
        for name in ("", *(f"page/{name}" for name in assets.assets())):
            answer = await ask(proxy.url, f"GET {PAGE}{name}")
            assert (answer.status, answer.header("Content-Security-Policy")) == (200, assets.POLICY)
            assert proxy.token.encode() not in answer.body
            assert b"innerHTML" not in answer.body
            # One is a base to read paths by, the other a name of SVG.
            addresses = set(re.findall(rb"https?://[\w.]+", answer.body))
            assert addresses <= {
                b"http://localhost",
                b"http://www.w3.org",
            }
        assert (await ask(proxy.url, f"GET {PAGE}page/../feed.py")).status == 404


@pytest.mark.parametrize("path", ["session", "events", "exchange?row=1", "search?text=in_1", "copy?row=1", "journals"])
@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_without_the_token_nothing_is_told(api: Api, tmp_path: Path, path: str, token: str | None) -> None:
    async with recorder(api, tmp_path) as proxy:
        headers = [] if token is None else [("Replayer-Token", token)]
        answer = await ask(proxy.url, f"GET {PAGE}api/{path}", headers)
    assert answer.status == 401
    assert b"a.yaml" not in answer.body


@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", EVIL)],
        [("Origin", "null")],
        [("Origin", "http://named.example")],
        [("Sec-Fetch-Site", "cross-site")],
    ],
)
async def test_another_origins_page_can_neither_read_nor_call(
    api: Api, tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    async with recorder(api, tmp_path, cors="http://named.example") as proxy:
        known = ("Replayer-Token", proxy.token)
        for asked in (f"GET {PAGE}", f"GET {PAGE}api/session", f"POST {PAGE}api/eject"):
            answer = await ask(proxy.url, asked, [*headers, known])
            assert answer.status == 403
            assert answer.header("Access-Control-Allow-Origin") is None
        assert (await ask(proxy.url, f"GET {PAGE}", [known], host="evil.example")).status == 403


async def test_it_can_be_turned_off(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, inspector=False) as proxy:
        assert proxy.inspector == ""
        assert (await ask(proxy.url, f"GET {PAGE}")).status == 404


async def test_rows_come_as_their_requests_do_and_lead_to_their_exchanges(api: Api, tmp_path: Path) -> None:
    body = b'{"id": "in_1MtHbELkdIwHu7ixl4OzzPMv", "object": "invoice"}'
    api["/v1/invoices"] = reply(body, JSON)
    async with recorder(api, tmp_path) as proxy:
        coming = asyncio.create_task(live(proxy, 1))
        await watched(proxy._inserted)  # noqa: SLF001 - as above
        await ask(proxy.url, "GET /v1/invoices?limit=3")
        ((number, outcome, method, path, status, *_),) = await coming
        assert (number, outcome, method, path, status) == (1, "recorded", "GET", "/v1/invoices?limit=3", 200)
        found = await told(proxy, "exchange", row="1")
        assert found["response"]["body"].endswith('"object": "invoice"}')
        assert "in_1MtHbELkdIwHu7ixl4OzzPMv" not in json.dumps(found)
    async with player(tmp_path) as proxy:
        for _ in range(3):
            await ask(proxy.url, "GET /v1/invoices?limit=3")
        await ask(proxy.url, "GET /v1/invoices?limit=4")
        rows = await live(proxy, 4)
        assert [row[1] for row in rows] == ["played", "played", "played", "missed"]
        assert rows[0][7] == 1
        missed = await told(proxy, "exchange", row="4")
        assert missed["differing"] == [{"field": "query limit", "asked": "'4'", "recorded": "'3'"}]
        assert (missed["reason"], missed["number"]) == ("no-match", 1)
        assert (await told(proxy, "session"))["receipt"]["played"] == 3


async def test_a_session_that_is_quiet_tells_of_each_request_while_somebody_looks(api: Api, tmp_path: Path) -> None:
    from replayer.proxy.inserted import Inserted
    from replayer.settings import Settings

    api["/v1/x"] = reply(b'{"a": 1}', JSON)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    settings = Settings.load({"cassette": "a.yaml", "root": str(tmp_path)})
    lines: list[object] = []
    inserted = await Inserted.insert(settings, remedy="", tell=lines.append, quiet=True)
    await ask(inserted.url, "GET /v1/x")
    coming = asyncio.create_task(live(inserted, 2))  # type: ignore[arg-type] # it has a url and a token, too
    await watched(inserted)
    for _ in range(2):
        await ask(inserted.url, "GET /v1/x")
    assert [row[1:5] for row in await coming] == [["played", "GET", "/v1/x", 200]] * 2
    await inserted.eject()
    assert lines == []


async def test_a_page_that_is_open_holds_up_no_end_of_the_session(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        coming = asyncio.create_task(live(proxy, 1))
        await watched(proxy._inserted)  # noqa: SLF001 - as above
    assert await coming == []  # it was told that this is the end
