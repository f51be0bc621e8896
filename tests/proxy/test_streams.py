"""Streams through the proxy: recorded event by event while they pass, and told again so, with the upstream gone."""

import asyncio
import json
import re
import zlib
from asyncio import StreamWriter
from collections.abc import Iterable
from pathlib import Path

import pytest

from .talking import (
    BEARER,
    JSON,
    PATIENCE,
    Answer,
    Api,
    Arrived,
    Lines,
    Wire,
    ask,
    breaking,
    files,
    on_disk,
    player,
    recorder,
    reply,
    request,
    twice,
)

SSE = ("Content-Type", "text/event-stream; charset=utf-8")
NDJSON = ("Content-Type", "application/x-ndjson")
CUSTOMER, OTHER = "cus_NffrFeUfNV2Hib", "cus_QqAbcDeFgHiJkL"
FIRST = f'id: 7\nevent: made\ndata: {{"id": "{CUSTOMER}", "object": "customer"}}\n\n'.encode()
SECOND = f'data: {{"customer": "{CUSTOMER}",\ndata:  "other": "{OTHER}"}}\n\n'.encode()
LAST = b"data: [DONE]\n\n"
STREAM = FIRST + b": still here\n\n" + SECOND + LAST


def head(*headers: tuple[str, str], status: str = "200 OK") -> bytes:
    return reply(
        b"", ("Server", "api"), ("Transfer-Encoding", "chunked"), *(headers or (SSE,)), status=status, framed=False
    )


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def chunked(pieces: Iterable[bytes], *headers: tuple[str, str]) -> bytes:
    return head(*headers) + b"".join(map(chunk, pieces)) + b"0\r\n\r\n"


def chunks_of(said: bytes) -> list[bytes]:
    """The chunks as a client hears them, the last one too."""
    rest, found = said.partition(b"\r\n\r\n")[2], []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        found.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    return found


def at_once(cassette: bytes) -> bytes:
    """A cassette without what it says of how long its events took."""
    return re.sub(rb"  stream:\n    waits: .*\n", b"", cassette)


def name_in(body: bytes) -> bytes:
    """The id in the first event."""
    return body.partition(b'"id": "')[2].partition(b'"')[0]


async def hear(url: str, line: str, headers: tuple[tuple[str, str], ...] = (BEARER,)) -> bytes:
    wire = await Wire.to(url)
    await wire.send(request(line, url, headers))
    said = await wire.hear()
    await wire.close()
    return said


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_client_is_told_each_event_in_a_chunk_while_recording_and_on_replay(
    api: Api, tmp_path: Path, size: int
) -> None:
    api["/v1/events"] = chunked(STREAM[at : at + size] for at in range(0, len(STREAM), size))
    async with recorder(api, tmp_path) as proxy:
        recorded = await hear(proxy.url, "GET /v1/events")
    await api.stop()
    async with player(tmp_path) as proxy:
        replayed = await hear(proxy.url, "GET /v1/events")
    assert chunks_of(replayed) == chunks_of(recorded)
    assert [each[:6] for each in chunks_of(recorded)] == [b"id: 7\n", b": stil", b"data: ", b"data: ", b""]
    assert replayed.partition(b"\r\n\r\n")[0] == recorded.partition(b"\r\n\r\n")[0]


async def test_ids_in_events_are_named_wherever_the_wire_cuts_them(api: Api, tmp_path: Path) -> None:
    api["/v1/events"] = chunked([STREAM[:30], STREAM[30:50], STREAM[50:]])
    recorded, replayed = await twice(api, tmp_path, "GET /v1/events")
    assert recorded == replayed
    name = name_in(recorded.body)
    assert name.startswith(b"cus_")
    assert recorded.body.count(name) == 2
    for real in (CUSTOMER, OTHER):
        assert real.encode() not in (tmp_path / "a.yaml").read_bytes() + recorded.body
    assert recorded.body.endswith(LAST)


async def test_lines_of_json_are_a_stream_too(api: Api, tmp_path: Path) -> None:
    lines = [json.dumps({"id": one, "n": 1}).encode() + b"\n" for one in (CUSTOMER, OTHER)]
    api["/v1/lines"] = chunked([b"".join(lines)[:9], b"".join(lines)[9:]], NDJSON)
    async with recorder(api, tmp_path) as proxy:
        recorded = await hear(proxy.url, "GET /v1/lines")
    assert [len(each) for each in chunks_of(recorded)] == [len(lines[0]), len(lines[1]), 0]
    async with player(tmp_path) as proxy:
        assert await hear(proxy.url, "GET /v1/lines") == recorded


async def test_recording_again_changes_no_byte_whatever_is_minted_and_however_long_it_takes(
    api: Api, tmp_path: Path
) -> None:
    async def slowly(_: Arrived, writer: StreamWriter) -> None:
        writer.write(head() + chunk(FIRST))
        await asyncio.sleep(0.2)
        writer.write(chunk(SECOND) + b"0\r\n\r\n")

    api["/v1/events"] = slowly
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/events")
    first = (tmp_path / "a.yaml").read_bytes()
    assert b"  stream:\n    waits: '1+0." in first
    fresh = {CUSTOMER: "cus_AAAfFeUfNV2Hi1", OTHER: "cus_BBBcDeFgHiJkL2"}
    again = [FIRST, b": once more\n\n", SECOND]
    for old, new in fresh.items():
        again = [each.replace(old.encode(), new.encode()) for each in again]
    api["/v1/events"] = chunked(again)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/events")
    assert (tmp_path / "a.yaml").read_bytes() == first


async def test_a_recording_of_a_replay_is_the_same_file(api: Api, tmp_path: Path) -> None:
    api["/v1/events"] = chunked([STREAM])
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/events")
    (tmp_path / "b").mkdir()
    async with player(tmp_path) as upstream, recorder(upstream.url, tmp_path / "b", origin=api.url) as proxy:
        await ask(proxy.url, "GET /v1/events")
    first, second = (files(root)["a.yaml"] for root in (tmp_path, tmp_path / "b"))
    assert at_once(first) == at_once(second)  # who replays at once tells nothing of the pace


def gated(gate: asyncio.Event, *then: bytes) -> Answer:
    """The head and the first event; the rest when the gate opens."""

    async def answer(_: Arrived, writer: StreamWriter) -> None:
        writer.write(head() + chunk(FIRST))
        await gate.wait()
        writer.write(b"".join(map(chunk, then)) + b"0\r\n\r\n")

    return answer


async def test_an_event_is_told_and_on_disk_before_the_next_one_comes(api: Api, tmp_path: Path) -> None:
    gate = asyncio.Event()
    api["/v1/events"] = gated(gate, LAST)
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        await wire.hear(until=b"customer")
        torso = on_disk(tmp_path / "a.yaml.journal").interactions
        assert [(one.response.body.count(b"data:"), one.streamed.ended) for one in torso] == [(1, "cut")]
        gate.set()
        await wire.hear(until=b"[DONE]")
        await wire.close()


async def test_a_stream_that_its_client_left_is_recorded_as_far_as_it_was_read(
    api: Api, tmp_path: Path, lines: Lines
) -> None:
    api["/v1/events"] = gated(asyncio.Event())
    async with recorder(api, tmp_path, tell=lines) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        recorded = await wire.hear(until=b"customer")
        await wire.close()
        told = await lines.last()
    assert told.outcome == "recorded"
    assert told.note == "Its client left: it is recorded as far as it was answered, 1 event."
    (one,) = on_disk(tmp_path / "a.yaml").interactions
    assert (one.streamed.ended, one.response.body.count(b"data:")) == ("left", 1)
    async with player(tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        assert await wire.hear(until=b"customer") == recorded
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await wire.hear()  # as in the recording, nothing more comes, and no end
        await wire.close()


async def test_who_does_not_leave_a_stream_that_was_left_is_left(api: Api, tmp_path: Path) -> None:
    api["/v1/events"] = gated(asyncio.Event())
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        await wire.hear(until=b"customer")
        await wire.close()
    async with player(tmp_path, timeout=0.2) as proxy:
        heard = await ask(proxy.url, "GET /v1/events")
    assert (heard.body.count(b"data:"), heard.whole) == (1, False)


async def test_a_stream_that_the_upstream_broke_off_breaks_off_again(api: Api, tmp_path: Path, lines: Lines) -> None:
    api["/v1/events"] = breaking(head() + chunk(FIRST) + chunk(SECOND[:9]))
    async with recorder(api, tmp_path, tell=lines) as proxy:
        recorded = await ask(proxy.url, "GET /v1/events")
    assert "did not end its answer" in lines[0].note
    assert on_disk(tmp_path / "a.yaml").interactions[0].streamed.ended == "broken"
    async with player(tmp_path) as proxy:
        replayed = await ask(proxy.url, "GET /v1/events")
    assert (replayed.whole, recorded.whole) == (False, False)
    assert replayed.body == recorded.body
    assert recorded.body.startswith(b"id: 7")


async def test_a_stream_that_breaks_off_does_not_take_the_place_of_a_whole_one(api: Api, tmp_path: Path) -> None:
    api["/v1/events"] = chunked([STREAM])
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/events")
    whole = (tmp_path / "a.yaml").read_bytes()
    api["/v1/events"] = breaking(head() + chunk(FIRST))
    proxy = recorder(api, tmp_path)
    async with proxy:
        await ask(proxy.url, "GET /v1/events")
    assert (tmp_path / "a.yaml").read_bytes() == whole


async def test_a_stream_goes_on_where_it_broke_off_by_the_id_of_its_last_event(api: Api, tmp_path: Path) -> None:
    mark = "0d9bcd37-27f8-4c1e-9c2f-5a1a4b1f7d10"
    api["/v1/events"] = chunked([f"id: {mark}\ndata: one\n\n".encode()])
    async with recorder(api, tmp_path) as proxy:
        first = await ask(proxy.url, "GET /v1/events")
        name = first.body.split(b"\n")[0].removeprefix(b"id: ").decode()
        assert name != mark
        api["/v1/events"] = chunked([b"data: two\n\n"])
        on = await ask(proxy.url, "GET /v1/events", (BEARER, ("Last-Event-ID", name)))
    assert api.arrived[-1].header("last-event-id") == mark
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/events", (BEARER, ("Last-Event-ID", name)))).body == on.body
        assert (await ask(proxy.url, "GET /v1/events")).body == first.body


async def test_a_stream_longer_than_body_limit_passes_and_is_not_recorded(
    api: Api, tmp_path: Path, lines: Lines
) -> None:
    many = 60
    pieces = [FIRST, *(b"data: " + b"x" * 100 + b"\n\n" for _ in range(many)), SECOND]
    api["/v1/events"] = chunked(pieces)
    async with recorder(api, tmp_path, body_limit=3000, tell=lines) as proxy:
        heard = await ask(proxy.url, "GET /v1/events")
        await ask(proxy.url, "GET /v1/other")
    assert heard.whole
    assert heard.body.count(b"x" * 100) == many
    assert heard.body.count(name_in(heard.body)) == 2  # a name stays one
    assert (lines[0].outcome, lines[0].note) == ("passed on", "longer than body_limit, 3000 bytes: not recorded")
    assert [one.request.path for one in on_disk(tmp_path / "a.yaml").interactions] == ["/v1/other"]


async def test_a_secret_in_an_event_is_on_no_disk(api: Api, tmp_path: Path) -> None:
    secret = "sk_live_" + "51H7eXyZ" * 6
    api["/v1/events"] = chunked([f'data: {{"key": "{secret}"}}\n\ndata: {secret}\n\n'.encode()])
    async with recorder(api, tmp_path) as proxy:
        heard = await ask(proxy.url, "GET /v1/events")
        journal = (tmp_path / "a.yaml.journal").read_bytes()
    assert secret.encode() not in heard.body + journal + (tmp_path / "a.yaml").read_bytes()


async def test_reads_beside_a_stream_and_writes_during_it_are_answered_as_of_their_own_state(
    api: Api, tmp_path: Path
) -> None:
    gate = asyncio.Event()
    api["/v1/customers"] = gated(gate, LAST)
    made = reply(json.dumps({"id": CUSTOMER, "object": "customer"}).encode(), JSON)
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/customers", proxy.url))
        await wire.hear(until=b"customer")
        api["/v1/customers"] = made
        await ask(proxy.url, "POST /v1/customers", (BEARER,), b"")
        gate.set()
        recorded = await wire.hear()
        await wire.close()
    async with player(tmp_path) as proxy:
        replayed = await hear(proxy.url, "GET /v1/customers")
        assert (await ask(proxy.url, "POST /v1/customers", (BEARER,), b"")).status == 200
    assert replayed.endswith(recorded)


@pytest.mark.parametrize("ended", ["left", "cut"])
async def test_a_recording_that_ends_before_a_stream_does_keeps_it(api: Api, tmp_path: Path, ended: str) -> None:
    api["/v1/events"] = gated(asyncio.Event())
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        await wire.hear(until=b"customer")
        if ended == "left":
            wire.vanish()
            await asyncio.sleep(0.05)
    assert on_disk(tmp_path / "a.yaml").interactions[0].streamed.ended == ended
    await wire.close()


async def test_events_come_in_their_time_where_that_is_wanted(api: Api, tmp_path: Path) -> None:
    async def slowly(_: Arrived, writer: StreamWriter) -> None:
        writer.write(head() + chunk(FIRST))
        await asyncio.sleep(0.3)
        writer.write(chunk(LAST) + b"0\r\n\r\n")

    api["/v1/events"] = slowly
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/events")
    loop = asyncio.get_running_loop()
    async with player(tmp_path, latency="recorded") as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        await wire.hear(until=b"customer")
        began = loop.time()
        await wire.hear(until=b"[DONE]")
        assert PATIENCE > loop.time() - began > 0.1
        await wire.close()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_stream_that_is_packed_is_told_as_it_is_flushed(api: Api, tmp_path: Path, encoding: str) -> None:
    gate = asyncio.Event()
    packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)

    async def packed(_: Arrived, writer: StreamWriter) -> None:
        writer.write(head(SSE, ("Content-Encoding", encoding)))
        writer.write(chunk(packer.compress(FIRST) + packer.flush(zlib.Z_SYNC_FLUSH)))
        await gate.wait()
        writer.write(chunk(packer.compress(LAST) + packer.flush()) + b"0\r\n\r\n")

    api["/v1/events"] = packed
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/events", proxy.url))
        said = await wire.hear(until=b"customer")
        gate.set()
        said += await wire.hear()
        await wire.close()
    assert b"ncoding: " + encoding.encode() not in said
    assert on_disk(tmp_path / "a.yaml").interactions[0].response.body.endswith(LAST)
    async with player(tmp_path) as proxy:
        assert await hear(proxy.url, "GET /v1/events") == said


async def test_a_stream_that_is_packed_otherwise_is_refused(api: Api, tmp_path: Path) -> None:
    api["/v1/events"] = head(SSE, ("Content-Encoding", "zstd")) + chunk(b"(...)") + b"0\r\n\r\n"
    async with recorder(api, tmp_path) as proxy:
        heard = await ask(proxy.url, "GET /v1/events")
    assert heard.status == 502
    assert json.loads(heard.body)["error"]["code"] == "replayer_unrecordable"
    assert "its events are packed (zstd), and cannot be unpacked as they come" in heard.body.decode()


@pytest.mark.parametrize("replays", [False, True])
async def test_a_websocket_is_refused_by_that_name(api: Api, tmp_path: Path, replays: bool) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    wants = (
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    )
    async with player(tmp_path) if replays else recorder(api, tmp_path) as proxy:
        asked = request("GET /v1/x", proxy.url, wants).replace(b"Connection: close", b"Connection: Upgrade")
        wire = await Wire.to(proxy.url)
        await wire.send(asked)
        said = await wire.hear()
        await wire.close()
        await ask(proxy.url, "GET /v1/x")
    assert said.startswith(b"HTTP/1.1 501 ")
    assert b"replayer_websocket" in said
    assert len(api.arrived) == (1 if replays else 2)


async def test_head_of_a_stream_has_none(api: Api, tmp_path: Path) -> None:
    api["/v1/events"] = head() + b"0\r\n\r\n"
    recorded, replayed = await twice(api, tmp_path, "HEAD /v1/events")
    assert (recorded.status, recorded.body) == (200, b"")
    assert replayed == recorded


@pytest.mark.parametrize("key", ["left", "broken"])
async def test_several_clients_hear_one_stream_each(api: Api, tmp_path: Path, key: str) -> None:
    api["/v1/events"] = chunked([STREAM])
    async with recorder(api, tmp_path) as proxy:
        recorded = await asyncio.gather(*(hear(proxy.url, f"GET /v1/events?{key}={n}") for n in range(8)))
    async with player(tmp_path) as proxy:
        replayed = await asyncio.gather(*(hear(proxy.url, f"GET /v1/events?{key}={n}") for n in range(8)))
    assert list(map(chunks_of, replayed)) == list(map(chunks_of, recorded))


async def test_a_write_that_is_answered_by_a_stream_is_one(api: Api, tmp_path: Path) -> None:
    """What its events tell of is made by it: who reads that afterwards reads it as of then."""
    api["/v1/customers"] = chunked([STREAM])
    api[f"/v1/customers/{CUSTOMER}"] = reply(json.dumps({"id": CUSTOMER, "object": "customer"}).encode(), JSON)
    async with recorder(api, tmp_path) as proxy:
        name = name_in((await ask(proxy.url, "POST /v1/customers")).body).decode()
        read = await ask(proxy.url, f"GET /v1/customers/{name}")
    assert name.encode() in read.body
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, f"GET /v1/customers/{name}")).status == 421  # it was not made yet
        await ask(proxy.url, "POST /v1/customers")
        assert (await ask(proxy.url, f"GET /v1/customers/{name}")).body == read.body


async def test_a_long_poll_is_held_back_as_long_where_that_is_wanted(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("replayer.core.recording.recorder.LONG_POLL", 0.2)

    async def late(_: Arrived, writer: StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(reply(b'{"n": 1}', JSON))

    api["/v1/poll"] = late
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/poll")
    first = (tmp_path / "a.yaml").read_bytes()
    assert b"  stream:\n    waits: '0+0." in first
    api["/v1/poll"] = reply(b'{"n": 1}', JSON)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/poll")
    assert (tmp_path / "a.yaml").read_bytes() == first
    loop = asyncio.get_running_loop()
    async with player(tmp_path, latency="recorded") as proxy:
        began = loop.time()
        assert (await ask(proxy.url, "GET /v1/poll")).body == b'{"n": 1}'
        assert loop.time() - began > 0.2


@pytest.mark.parametrize(("rule", "whole"), [("delay=10", True), ("truncate=30", False), ("slow=20", True)])
async def test_what_goes_wrong_on_purpose_goes_wrong_in_a_stream_that_is_replayed(
    api: Api, tmp_path: Path, rule: str, whole: bool
) -> None:
    api["/v1/events"] = chunked([STREAM])
    async with recorder(api, tmp_path) as proxy:
        recorded = await ask(proxy.url, "GET /v1/events")
    async with player(tmp_path, faults=[f"GET /v1/events {rule}"]) as proxy:
        heard = await ask(proxy.url, "GET /v1/events")
    assert (heard.whole, heard.body == recorded.body) == (whole, whole)
    assert heard.header("Transfer-Encoding") == "chunked"
    assert heard.header("Replayer-Fault")
    assert recorded.body.startswith(heard.body)
