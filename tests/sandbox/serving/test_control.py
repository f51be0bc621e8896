"""What is said to the sandbox itself: resets, and who may order one."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from replayer.sandbox import Sandbox
from replayer.sandbox.serving.state_file import StateError
from tests.sandbox.shop import KEY, MONDAY

AUTH = {"Authorization": f"Bearer {KEY}"}
TOKEN = {"Sandbox-Token": "opensesame"}


async def made(session: aiohttp.ClientSession, url: str) -> str:
    async with session.post(f"{url}/v1/customers", headers=AUTH) as answer:
        return str((await answer.json())["id"])


async def count(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(f"{url}/v1/customers", headers=AUTH) as answer:
        return len((await answer.json())["data"])


async def test_a_reset_empties_the_sandbox_and_begins_its_seed_again() -> None:
    async with Sandbox(seed=1, clock=lambda: MONDAY, token="opensesame") as sandbox, aiohttp.ClientSession() as session:
        first = await made(session, sandbox.url)
        async with session.post(f"{sandbox.url}/__sandbox__/reset", headers=TOKEN) as answer:
            assert (answer.status, await answer.json()) == (200, {"reset": True})
        assert await count(session, sandbox.url) == 0
        assert await made(session, sandbox.url) == first


async def test_the_clock_is_moved_by_an_order_and_stays_so_with_the_state(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    day = 86_400
    for moved in (day, 0):
        async with (
            Sandbox(clock=lambda: MONDAY, token="opensesame", state=file) as sandbox,
            aiohttp.ClientSession(headers=TOKEN) as session,
        ):
            async with session.post(f"{sandbox.url}/__sandbox__/clock?advance={moved}") as answer:
                assert (answer.status, await answer.json()) == (200, {"now": MONDAY + day})
            async with session.post(f"{sandbox.url}/v1/customers", headers=AUTH) as answer:
                assert (await answer.json())["created"] == MONDAY + day
    async with Sandbox(clock=lambda: MONDAY, token="opensesame") as sandbox, aiohttp.ClientSession() as session:
        async with session.post(f"{sandbox.url}/__sandbox__/clock?to=2027-01-01", headers=TOKEN) as answer:
            assert (await answer.json()) == {"now": 1_798_761_600}
        async with session.post(f"{sandbox.url}/__sandbox__/reset", headers=TOKEN) as answer:
            assert answer.status == 200
        async with session.post(f"{sandbox.url}/v1/customers", headers=AUTH) as answer:
            assert (await answer.json())["created"] == MONDAY


NOWHERE = ["", "advance=soon", "advance=-1", "advance=99999999999", "to=yesterday", "to=2020-01-01", "to=", "x=1"]


async def test_a_clock_that_is_moved_nowhere_says_how_it_is_moved() -> None:
    async with Sandbox(clock=lambda: MONDAY, token="opensesame") as sandbox, aiohttp.ClientSession() as session:
        for query in NOWHERE:
            async with session.post(f"{sandbox.url}/__sandbox__/clock?{query}", headers=TOKEN) as answer:
                assert answer.status == 400
                assert "clock" in json.loads(await answer.read())["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "reset", {}, 401),
        ("POST", "reset", {"Sandbox-Token": "guessed"}, 401),
        ("POST", "reset", {"Sandbox-Token": "ü"}, 401),
        ("GET", "reset", TOKEN, 405),
        ("GET", "clock", TOKEN, 405),
        ("POST", "clock?advance=9", {}, 401),
        ("POST", "other", TOKEN, 404),
        ("POST", "reset", TOKEN | {"Origin": "https://elsewhere.example"}, 403),
        ("POST", "reset", TOKEN | {"Origin": "null"}, 403),
        ("POST", "reset", TOKEN | {"Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "reset", TOKEN | {"Host": "elsewhere.example"}, 403),
        ("OPTIONS", "reset", {"Origin": "https://elsewhere.example"}, 403),
    ],
)
async def test_nobody_else_can_reset_it(method: str, path: str, headers: dict[str, str], status: int) -> None:
    async with Sandbox(token="opensesame") as sandbox, aiohttp.ClientSession() as session:
        await made(session, sandbox.url)
        async with session.request(method, f"{sandbox.url}/__sandbox__/{path}", headers=headers) as answer:
            assert answer.status == status
            assert not any(name.startswith("Access-Control") for name in answer.headers)
            assert json.loads(await answer.read())["error"]["message"]
        assert await count(session, sandbox.url) == 1


async def test_without_a_token_there_is_nothing_to_order() -> None:
    headers = AUTH | {"Sandbox-Token": ""}
    async with (
        Sandbox() as sandbox,
        aiohttp.ClientSession() as session,
        session.post(f"{sandbox.url}/__sandbox__/reset", headers=headers) as answer,
    ):
        assert answer.status == 404
        assert "Unrecognized request URL" in (await answer.json())["error"]["message"]


async def test_a_page_s_own_origin_may() -> None:
    async with Sandbox(token="opensesame") as sandbox, aiohttp.ClientSession() as session:
        headers = TOKEN | {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin"}
        async with session.post(f"{sandbox.url}/__sandbox__/reset", headers=headers) as answer:
            assert answer.status == 200


async def test_the_second_of_two_requests_under_one_key_is_a_409_while_the_first_arrives() -> None:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        port = int(sandbox.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nIdempotency-Key: k\r\n"
        writer.write(f"{head}Content-Length: 6\r\n\r\nnam".encode())
        await asyncio.sleep(0.1)

        async def again() -> int:
            async with session.post(
                f"{sandbox.url}/v1/customers", data={"name": "N"}, headers=AUTH | {"Idempotency-Key": "k"}
            ) as answer:
                body = await answer.json(content_type=None)
                assert answer.status == 200 or body["error"]["code"] == "idempotency_key_in_use"
                return answer.status

        assert await again() == 409
        writer.write(b"e=N")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
        await writer.wait_closed()


async def test_what_was_made_is_saved_soon_and_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    async with Sandbox(state=file) as sandbox, aiohttp.ClientSession() as session:
        await made(session, sandbox.url)
        for _ in range(40):
            await asyncio.sleep(0.05)
            if file.exists():
                break
        assert len(json.loads(file.read_text())["account"]["objects"]["customer"]) == 1
        await made(session, sandbox.url)
    async with Sandbox(state=file) as sandbox, aiohttp.ClientSession() as session:
        assert await count(session, sandbox.url) == 2


async def test_a_state_that_cannot_be_saved_is_told_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    sandbox = Sandbox(state=file)
    await sandbox.start()
    async with aiohttp.ClientSession() as session:
        await made(session, sandbox.url)
    file.write_text("mine")
    with pytest.raises(StateError):
        await sandbox.close()
    assert file.read_text() == "mine"
