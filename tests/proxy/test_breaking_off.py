"""Answers that take their time are on disk before they have left, whoever goes; what breaks off is no answer."""

import asyncio
import json
from asyncio import StreamWriter
from pathlib import Path

import pytest

from .talking import (
    JSON,
    Api,
    Arrived,
    Lines,
    Wire,
    ask,
    breaking,
    heard,
    on_disk,
    player,
    recorder,
    reply,
    request,
)

PDF = ("Content-Type", "application/pdf")
PNG = ("Content-Type", "image/png")
SOON = 5.0
BYTES = bytes(range(256)) * 300
STRUCTURED = json.dumps({"name": "Ünal ¥", "amount": 10.5, "list": [1, {}]}, ensure_ascii=False, indent=2).encode()


async def replay_of(root: Path, line: str = "GET /v1/x") -> int:
    async with player(root) as proxy:
        return (await ask(proxy.url, line)).status


# -- as it comes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", [PDF, PNG, JSON])
async def test_what_is_too_long_to_be_recorded_arrives_before_the_upstream_has_sent_the_last(
    api: Api, tmp_path: Path, media: tuple[str, str]
) -> None:
    arrived = asyncio.Event()
    first, last = b"%PDF first", b"the end"

    async def slowly(_: Arrived, writer: StreamWriter) -> None:
        whole = reply(first + last, media)
        writer.write(whole[: -len(last)])
        async with asyncio.timeout(SOON):
            await arrived.wait()
        writer.write(last)

    api["/v1/x"] = slowly
    async with recorder(api, tmp_path, body_limit=9) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/x", proxy.url))
        said = await wire.hear(first)
        arrived.set()
        whole = heard(said + await wire.hear())
        await wire.close()
    assert whole.body == first + last
    assert not (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize("media", [PDF, PNG, JSON])
async def test_nothing_has_left_of_an_answer_before_all_of_it_is_on_disk(
    api: Api, tmp_path: Path, media: tuple[str, str]
) -> None:
    begun, asked_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: Arrived, writer: StreamWriter) -> None:
        whole = reply(STRUCTURED, media)
        writer.write(whole[:-7])
        begun.set()
        async with asyncio.timeout(SOON):
            await asked_on.wait()
        writer.write(whole[-7:])

    api["/v1/x"] = slowly
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/x", proxy.url))
        async with asyncio.timeout(SOON):
            await begun.wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await wire.hear(b"HTTP")
        asked_on.set()
        await wire.hear(STRUCTURED[-7:])
        assert on_disk(tmp_path / "a.yaml.journal").interactions[0].response.body == STRUCTURED
        await wire.close()


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_an_answer_is_on_disk_when_its_end_arrives(api: Api, tmp_path: Path, media: tuple[str, str]) -> None:
    api["/v1/x"] = reply(b'{"the": "end"}', media)
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        for count in range(1, 20):
            await wire.send(request(f"GET /v1/x?{count}", proxy.url).replace(b"Connection: close\r\n", b""))
            api[f"/v1/x?{count}"] = api.answers["/v1/x"]
            await wire.hear(b'"end"}')
            assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == count
        await wire.close()


async def test_events_are_passed_on_as_they_come_whatever_their_framing(api: Api, tmp_path: Path, lines: Lines) -> None:
    arrived = asyncio.Event()

    async def events(_: Arrived, writer: StreamWriter) -> None:
        writer.write(reply(b"data: 1\n\n", ("Content-Type", "text/event-stream; charset=utf-8"), framed=False))
        async with asyncio.timeout(SOON):
            await arrived.wait()
        writer.write(b"data: 2\n\n")
        await writer.drain()
        writer.close()

    api["/v1/events"] = events
    async with recorder(api, tmp_path, tell=lines) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        said = await wire.hear(b"data: 1\n\n")
        arrived.set()
        said += await wire.hear()
        await wire.close()
        await lines.last()
        await ask(proxy.url, "GET /v1/x")
    answer = heard(said)
    assert (answer.body, answer.header("Content-Type")) == (
        b"data: 1\n\ndata: 2\n\n",
        "text/event-stream; charset=utf-8",
    )
    assert (lines[0].outcome, lines[0].note) == ("recorded", "")
    assert (proxy.receipt.recorded, proxy.receipt.unrecorded) == (2, 0)
    assert await replay_of(tmp_path, "GET /v1/events") == 200


async def test_an_endless_stream_ends_when_nobody_listens_any_more(api: Api, tmp_path: Path, lines: Lines) -> None:
    gone = asyncio.Event()

    async def events(_: Arrived, writer: StreamWriter) -> None:
        writer.write(
            reply(framed=False, body=b"", status="200 OK").replace(
                b"\r\n\r\n", b"\r\nContent-Type: text/event-stream\r\n\r\n"
            )
        )
        try:
            for _n in range(500):
                writer.write(b"data: 1\n\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            gone.set()

    api["/v1/events"] = events
    async with recorder(api, tmp_path, tell=lines) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        await wire.hear(b"data: 1")
        wire.vanish()
        async with asyncio.timeout(2):
            await gone.wait()
        assert (await lines.last()).outcome == "recorded"


# -- clients that go --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_an_answer_whose_client_has_gone_is_recorded(
    api: Api, tmp_path: Path, media: tuple[str, str], lines: Lines
) -> None:
    came, left = asyncio.Event(), asyncio.Event()

    async def late(_: Arrived, writer: StreamWriter) -> None:
        came.set()
        await left.wait()
        await asyncio.sleep(0.05)
        writer.write(reply(STRUCTURED, media))

    api["/v1/x"] = late
    async with recorder(api, tmp_path, tell=lines) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/x", proxy.url))
        async with asyncio.timeout(SOON):
            await came.wait()
        wire.vanish()
        left.set()
        assert (await lines.last()).outcome == "recorded"
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == STRUCTURED


async def test_an_answer_whose_client_goes_in_the_middle_is_recorded_to_its_end(
    api: Api, tmp_path: Path, lines: Lines
) -> None:
    begun, left = asyncio.Event(), asyncio.Event()

    async def halves(_: Arrived, writer: StreamWriter) -> None:
        whole = reply(BYTES, PDF)
        for part in (whole[:20_000], whole[20_000:40_000]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        begun.set()
        await left.wait()
        await asyncio.sleep(0.05)
        for at in range(40_000, len(whole), 10_000):
            writer.write(whole[at : at + 10_000])
            await writer.drain()
            await asyncio.sleep(0.005)

    api["/v1/x"] = halves
    async with recorder(api, tmp_path, tell=lines) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/x", proxy.url))
        async with asyncio.timeout(SOON):
            await begun.wait()
        wire.vanish()
        left.set()
        assert (await lines.last()).outcome == "recorded"
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == BYTES


# -- upstreams that break off -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("framing", ["length", "chunks"])
async def test_text_that_breaks_off_is_a_502_and_is_recorded_when_it_is_asked_again(
    api: Api, tmp_path: Path, framing: str, lines: Lines
) -> None:
    half = reply(STRUCTURED, JSON)[:-20]
    if framing == "chunks":
        half = reply(b"5\r\n{'a':\r\n", JSON, ("Transfer-Encoding", "chunked"), framed=False)
    api["/v1/x"] = breaking(half)
    async with recorder(api, tmp_path, tell=lines) as proxy:
        broken = await ask(proxy.url, "GET /v1/x")
        api["/v1/x"] = reply(STRUCTURED, JSON)
        assert (await ask(proxy.url, "GET /v1/x")).body == STRUCTURED
        assert proxy.receipt.recorded == 1
    assert (broken.status, json.loads(broken.body)["error"]["code"]) == (502, "replayer_upstream_failed")
    assert lines[0].outcome == "failed"
    assert lines[0].note == f"The upstream {api.url} gave no answer: its answer broke off. Nothing was recorded."
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == STRUCTURED


@pytest.mark.parametrize("framing", ["length", "chunks"])
async def test_what_is_too_long_to_be_recorded_breaks_off_for_the_client_too(
    api: Api, tmp_path: Path, framing: str, lines: Lines
) -> None:
    half = reply(BYTES, PDF)[:-20]
    if framing == "chunks":
        half = reply(b"d000\r\n" + BYTES[:0xD000] + b"\r\n", PDF, ("Transfer-Encoding", "chunked"), framed=False)
    api["/v1/x"] = breaking(half)
    async with recorder(api, tmp_path, tell=lines, body_limit=10_000) as proxy:
        broken = await ask(proxy.url, "GET /v1/x")
        note = (await lines.last()).note
        api["/v1/x"] = reply(BYTES[:9_000], PDF)
        assert (await ask(proxy.url, "GET /v1/x")).body == BYTES[:9_000]
        assert proxy.receipt.recorded == 1
    assert (broken.status, broken.whole) == (200, False)
    assert BYTES.startswith(broken.body)  # nothing of ours stands in it
    assert (lines[0].outcome, note) == (
        "failed",
        "The upstream did not end its answer: its answer broke off. Nothing was recorded.",
    )
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == BYTES[:9_000]


async def test_bytes_that_break_off_are_a_502(api: Api, tmp_path: Path, lines: Lines) -> None:
    api["/v1/x"] = breaking(reply(BYTES, PDF)[:-20])
    async with recorder(api, tmp_path, tell=lines) as proxy:
        broken = await ask(proxy.url, "GET /v1/x")
    assert (broken.status, lines[0].outcome) == (502, "failed")


async def test_an_upstream_that_falls_silent_in_the_middle_breaks_off_too(api: Api, tmp_path: Path) -> None:
    async def silent(_: Arrived, writer: StreamWriter) -> None:
        writer.write(reply(BYTES, PDF)[:60_000])
        await asyncio.sleep(60)

    api["/v1/x"] = silent
    async with recorder(api, tmp_path, timeout=0.2) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 502
    async with recorder(api, tmp_path, timeout=0.2, body_limit=1_000) as proxy:
        broken = await ask(proxy.url, "GET /v1/x")
    assert (broken.status, broken.whole) == (200, False)
    assert not (tmp_path / "a.yaml").exists()
