"""Nobody is waited for without end, and nobody who asks is shut out by those who do not."""

import asyncio
import logging
import time
from asyncio import StreamWriter
from contextlib import suppress
from pathlib import Path

import pytest

from replayer.proxy import connections
from replayer.proxy.connections import Connections
from replayer.proxy.server import Server, bound, origin
from replayer.sandbox import Sandbox
from replayer.settings import Settings

from .talking import BEARER, JSON, Api, Arrived, Lines, Wire, ask, heard, on_disk, player, recorder, reply, request
from .test_server import echo

SOON = 0.2  # seconds that are waited for in these tests


async def half(url: str, sent: bytes) -> tuple[bytes, float]:
    """What is answered to the beginning of a request, and after how many seconds."""
    began = time.perf_counter()
    wire = await Wire.to(url)
    await wire.send(sent)
    said = await wire.hear()
    await wire.close()
    return said, time.perf_counter() - began


async def closed(writer: StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


# -- half a request ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /v1/x HT",
        b"GET /v1/x HTTP/1.1\r\nHost: localhost\r\nX-Half:",
        b"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
        b"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
    ],
)
async def test_half_a_request_is_not_waited_for(api: Api, tmp_path: Path, sent: bytes) -> None:
    async with recorder(api, tmp_path, request_timeout=SOON) as proxy:
        said, took = await half(proxy.url, sent)
        assert (await ask(proxy.url, "GET /v1/x")).status == 200
    assert (heard(said).status, b'"replayer_request_timeout"' in said) == (408, True)
    assert SOON <= took < SOON + 1
    assert len(on_disk(tmp_path / "a.yaml").interactions) == 1


async def test_a_request_that_drips_has_no_more_time_than_one_that_stops(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, request_timeout=SOON) as proxy:
        wire = await Wire.to(proxy.url)
        began = time.perf_counter()
        with suppress(ConnectionError):
            for byte in b"GET /v1/x HTTP/1.1\r\nHost: localhost\r\n" * 9:
                await wire.send(bytes([byte]))
                await asyncio.sleep(0.02)
        assert time.perf_counter() - began < SOON + 1
        wire.vanish()


async def test_a_second_half_request_on_a_connection_is_not_waited_for(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, request_timeout=SOON) as proxy:
        wire = await Wire.to(proxy.url)
        whole = request("GET /v1/x", proxy.url).replace(b"Connection: close\r\n", b"")
        await wire.send(whole)
        await wire.hear(b"{}")
        await asyncio.sleep(2 * SOON)  # idle is not half
        await wire.send(whole)
        await wire.hear(b"{}")
        await wire.send(whole[:20])
        assert b"408 Request Timeout" in await wire.hear()
        await wire.close()


async def test_a_silent_connection_is_closed_without_a_word(tmp_path: Path, api: Api) -> None:
    async with recorder(api, tmp_path, request_timeout=SOON) as proxy:
        assert (await half(proxy.url, b""))[0] == b""


async def test_an_idle_connection_is_closed(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, idle_timeout=SOON) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/x", proxy.url).replace(b"Connection: close\r\n", b""))
        began = time.perf_counter()
        assert b"200 OK" in await wire.hear()
        assert SOON / 2 < time.perf_counter() - began < SOON + 2
        await wire.close()


def test_the_defaults_are_met_by_no_sdk() -> None:
    assert min(Settings().request_timeout, Settings().idle_timeout, Settings().stream_timeout) >= 300


async def test_a_body_beyond_the_limit_is_refused_before_it_comes(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, body_limit=100) as proxy:
        for length in (101, 1 << 40):
            wire = await Wire.to(proxy.url)
            await wire.send(f"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode())
            assert b" 413 " in await wire.hear(b"}\n")
            await wire.close()
    assert api.arrived == []


# -- half a connection ------------------------------------------------------------------------------------------------


async def slow(_: Arrived, writer: StreamWriter) -> None:
    await asyncio.sleep(SOON)
    writer.write(reply(b'{"late": true}', JSON))
    await writer.drain()


@pytest.mark.parametrize("times", [1, 3])
async def test_a_client_that_closes_its_side_gets_its_answers(api: Api, tmp_path: Path, times: int) -> None:
    api["/v1/x"] = slow
    for proxy in (recorder(api, tmp_path), player(tmp_path)):
        async with proxy:
            reader, writer = await asyncio.open_connection(*proxy.url.removeprefix("http://").split(":"))
            writer.write(request("GET /v1/x", proxy.url).replace(b"Connection: close\r\n", b"") * times)
            writer.write_eof()
            async with asyncio.timeout(5):
                said = await reader.read()
            assert said.count(b'{"late": true}') == times
            await closed(writer)


async def test_a_client_that_closes_in_the_middle_of_its_body_is_gone(api: Api, tmp_path: Path, lines: Lines) -> None:
    async with recorder(api, tmp_path, tell=lines) as proxy:
        reader, writer = await asyncio.open_connection(*proxy.url.removeprefix("http://").split(":"))
        writer.write(b"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
        writer.write_eof()
        async with asyncio.timeout(5):
            await reader.read()
        assert (await lines.last()).outcome == "refused"
        await closed(writer)
    assert api.arrived == []


# -- too many ---------------------------------------------------------------------------------------------------------


async def test_the_connection_that_is_idle_longest_makes_room(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    server = Server(echo, limit=100, limits=Connections(request_timeout=60, idle_timeout=60, most=4))
    with bound(0) as listener:
        await server.start(listener)
        url = origin(listener)
        idle = []
        for _ in range(40):
            idle.append(await Wire.to(url))
            await asyncio.sleep(0)
        assert (await ask(url, "POST /x", body=b"there is room")).body == b"there is room"
        assert [await wire.hear() for wire in idle[:30]] == [b""] * 30  # closed
        await server.close()
        for wire in idle:
            await wire.close()
    assert caplog.text.count("4 connections are open") == 1


async def test_a_connection_that_is_answered_makes_no_room(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    release = asyncio.Event()

    async def waits(http: object) -> object:
        await release.wait()
        return await echo(http)  # type: ignore[arg-type]

    server = Server(waits, limit=100, limits=Connections(request_timeout=60, idle_timeout=60, most=2))  # type: ignore[arg-type]
    with bound(0) as listener:
        await server.start(listener)
        url = origin(listener)
        tasks = []
        for _ in range(6):
            tasks.append(asyncio.create_task(ask(url, "POST /x", body=b"asked")))
            await asyncio.sleep(0.05)
        silent = [await Wire.to(url) for _ in range(3)]
        await asyncio.sleep(0.05)
        release.set()
        assert [answer.body for answer in await asyncio.gather(*tasks)] == [b"asked"] * 6
        await server.close()
        for wire in silent:
            await wire.close()


HALVES = [
    b"",
    b"GET /v1/x HT",
    b"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
    b"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
]


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("mode", ["record", "replay", "sandbox"])
async def test_a_crowd_that_says_half_of_something_shuts_nobody_out(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, half: bytes
) -> None:
    monkeypatch.setattr(connections, "_affordable", lambda: 4)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    asked = Sandbox() if mode == "sandbox" else recorder(api, tmp_path) if mode == "record" else player(tmp_path)
    async with asked as listening:
        crowd = []
        for _ in range(12):
            crowd.append(await Wire.to(listening.url))
            await crowd[-1].send(half)
            await asyncio.sleep(0.01)
        assert (await ask(listening.url, "GET /v1/x")).status == (404 if mode == "sandbox" else 200)
        assert [await wire.hear() for wire in crowd[:8]] == [b""] * 8  # who came first went first
        for wire in crowd:
            await wire.close()


# -- the upstream -----------------------------------------------------------------------------------------------------


def dripping(*headers: tuple[str, str]) -> object:
    async def answer(_: Arrived, writer: StreamWriter) -> None:
        writer.write(reply(b"", *headers, framed=False)[:-2] + b"Content-Length: 1000\r\n\r\n")
        for _number in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    return answer


async def test_an_upstream_that_drips_is_not_waited_for(api: Api, tmp_path: Path, lines: Lines) -> None:
    api["/v1/x"] = dripping(JSON)  # type: ignore[assignment]
    began = time.perf_counter()
    async with recorder(api, tmp_path, timeout=SOON, tell=lines) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
    assert time.perf_counter() - began < SOON + 1.5
    assert (answer.status, b"it did not answer in time" in answer.body) == (502, True)


async def test_what_is_passed_on_as_it_comes_has_the_time_of_a_stream(api: Api, tmp_path: Path, lines: Lines) -> None:
    api["/v1/x"] = dripping(("Content-Type", "text/event-stream"))  # type: ignore[assignment]
    async with recorder(api, tmp_path, timeout=SOON, stream_timeout=4 * SOON, tell=lines) as proxy:
        began = time.perf_counter()
        answer = await ask(proxy.url, "GET /v1/x", [BEARER])
        took = time.perf_counter() - began
    assert not answer.whole
    assert 3 * SOON < took < 4 * SOON + 1.5
    assert (await lines.last()).outcome == "failed"
