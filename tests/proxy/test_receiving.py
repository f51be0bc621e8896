"""What is recorded is what is replayed, text or not; it is on disk before it has left; what breaks off is no answer."""

import asyncio
import errno
import gzip
import json
import os
import zlib
from asyncio import StreamWriter
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest

from replayer.cassettes.journal import Journal
from replayer.core.interaction import header

from .talking import (
    FORM,
    JSON,
    Api,
    Arrived,
    Lines,
    Wire,
    anywhere,
    ask,
    breaking,
    ending,
    files,
    heard,
    on_disk,
    player,
    recorder,
    reply,
    request,
    twice,
)

PDF = ("Content-Type", "application/pdf")
PNG = ("Content-Type", "image/png")
SOON = 5.0
brotli = import_module("brotli")  # it has no types
CUSTOMER = "cus_VIiHj0TY6gyFLY"
BYTES = bytes(range(256)) * 300
STRUCTURED = json.dumps({"name": "Ünal ¥", "amount": 10.5, "list": [1, {}]}, ensure_ascii=False, indent=2).encode()


async def replay_of(root: Path, line: str = "GET /v1/x") -> int:
    async with player(root) as proxy:
        return (await ask(proxy.url, line)).status


# -- the same in recording and on replay ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/json", STRUCTURED),
        ("application/json", b'{"url": "http:\\/\\/elsewhere\\/x", "n": 10.00, "big": 123456789012345678901234567890}'),
        ("application/json", b"{not json"),
        ("application/problem+json", b'{"a": 1}\n'),
        ("application/x-www-form-urlencoded", b"a=1&b=%C3%BC+x&c="),
        ("text/plain", b"plain\r\ntext \r\n"),
        ("text/plain; charset=iso-8859-1", "für Ünal".encode("latin-1")),
        ("text/html; charset=utf-8", "<p>Grüße, „Sie“</p>\n".encode()),
        ("text/plain", b"\xff\xfe is no utf-8"),
        ("application/xml", b"<a>\t1</a>"),
        ("application/pdf", b"%PDF-1.7\n" + BYTES),
        ("image/png", b"\x89PNG\r\n\x1a\n" + BYTES),
        ("application/octet-stream", b""),
        ("application/json", b""),
    ],
)
async def test_what_was_answered_is_answered_again(api: Api, tmp_path: Path, media: str, body: bytes) -> None:
    api["/v1/x"] = reply(body, ("Content-Type", media), ("X-Served", "a, b"), status="203 Non Authoritative")
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x")
    assert replayed == recorded
    assert (recorded.status, recorded.reason, recorded.body) == (203, "Non Authoritative", body)
    assert (recorded.header("Content-Type"), recorded.header("X-Served")) == (media, "a, b")


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("gzip", gzip.compress(STRUCTURED, mtime=0)),
        ("deflate", zlib.compress(STRUCTURED)),
        ("deflate", raw_deflate(STRUCTURED)),
        ("br", brotli.compress(STRUCTURED)),
        ("identity", STRUCTURED),
        ("gzip, br", brotli.compress(gzip.compress(STRUCTURED, mtime=0))),
    ],
)
async def test_encoded_text_is_recorded_and_answered_plain(
    api: Api, tmp_path: Path, encoding: str, encoded: bytes
) -> None:
    api["/v1/x"] = reply(encoded, JSON, ("Content-Encoding", encoding))
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x", [("Accept-Encoding", "gzip, br")])
    assert replayed == recorded
    assert recorded.body == STRUCTURED
    assert recorded.header("Content-Encoding") is None
    assert api.arrived[0].header("Accept-Encoding") == "identity"
    assert on_disk(tmp_path / "a.yaml").interactions[0].response.body == STRUCTURED


async def test_an_encoding_that_nobody_knows_is_left_as_it_is(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"\x28\xb5\x2f\xfd\x00", JSON, ("Content-Encoding", "zstd"))
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x")
    assert replayed == recorded
    assert (recorded.body, recorded.header("Content-Encoding")) == (b"\x28\xb5\x2f\xfd\x00", "zstd")


@pytest.mark.parametrize("headers", [[JSON], [PDF], [PNG, ("ETag", '"x"')]])
async def test_an_answer_to_head_keeps_the_length_that_it_tells(
    api: Api, tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    api["/v1/x"] = reply(b"x" * 555, *headers)
    async with recorder(api, tmp_path) as proxy:
        recorded = await ask(proxy.url, "HEAD /v1/x")
    async with player(tmp_path) as proxy:
        replayed = await ask(proxy.url, "HEAD /v1/x")
    assert replayed.unframed() == recorded.unframed()
    assert recorded.all("Content-Length") == replayed.all("Content-Length") == ["555"]
    assert recorded.body == replayed.body == b""


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_answers_without_a_body_have_none(api: Api, tmp_path: Path, status: str) -> None:
    api["/v1/x"] = reply(b"", ("ETag", '"x"'), status=status, framed=False)
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x")
    assert replayed == recorded
    assert f"{recorded.status} {recorded.reason}" == status
    assert (recorded.body, recorded.header("ETag"), recorded.header("Transfer-Encoding")) == (b"", '"x"', None)


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
async def test_a_redirect_is_passed_on_and_leads_back_through_the_proxy(api: Api, tmp_path: Path, status: str) -> None:
    api["/v1/x"] = reply(b"", ("Location", f"{api.url}/v1/y?a=b"), status=status)
    upstream = api.url
    recorded, replayed = await twice(api, tmp_path, "POST /v1/x")
    assert replayed == recorded
    assert recorded.header("Location") == "PROXY/v1/y?a=b"
    assert [arrived.target for arrived in api.arrived] == ["/v1/x"]  # it was not followed
    kept = on_disk(tmp_path / "a.yaml").interactions[0].response
    assert header(kept.headers, "Location") == f"{upstream}/v1/y?a=b"


@pytest.mark.parametrize("location", ["/v1/y", "https://elsewhere.example/v1/y", "//elsewhere.example/"])
async def test_redirects_to_elsewhere_stay_as_they_are(api: Api, tmp_path: Path, location: str) -> None:
    api["/v1/x"] = reply(b"", ("Location", location), status="302 Found")
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x")
    assert recorded.header("Location") == replayed.header("Location") == location


async def test_links_are_the_proxys_for_the_client_and_the_upstreams_in_the_cassette(api: Api, tmp_path: Path) -> None:
    origin = api.url
    links = f'<{origin}/v1/x?page=2>; rel="next", <{origin}/v1/x?page=9>; rel="last"'
    plain = {"self": f"{origin}/v1/x", "back": f"https://x.example/?to={quote(origin, safe='')}%2Fv1", "text": origin}
    body = json.dumps(plain) + json.dumps({"escaped": f"{origin}/v1/z"}).replace("/", "\\/")
    api["/v1/x"] = reply(body.encode(), ("Content-Type", "text/plain"), ("Link", links))
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x")
    assert replayed == recorded
    assert recorded.header("Link") == links.replace(origin, "PROXY")
    assert origin.encode() not in recorded.body
    assert recorded.body.count(b"PROXY") == 4
    kept = on_disk(tmp_path / "a.yaml").interactions[0].response
    assert header(kept.headers, "Link") == links
    assert kept.body.decode() == body


async def test_repeated_headers_are_repeated(api: Api, tmp_path: Path) -> None:
    cookies, links = ["a=1; Path=/", "b=2; HttpOnly"], ['<x>; rel="next"', '<y>; rel="last"']
    headers = [("Set-Cookie", cookies[0]), ("Link", links[0]), ("Set-Cookie", cookies[1]), ("Link", links[1])]
    api["/v1/x"] = reply(b"{}", JSON, *headers)
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x")
    assert replayed == recorded
    assert (recorded.all("Set-Cookie"), recorded.all("Link")) == (cookies, links)


async def test_the_upstreams_cookies_are_the_clients_not_the_proxys(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(b"{}", JSON, ("Set-Cookie", "a=1"))
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
        await ask(proxy.url, "GET /v1/x")
    assert api.arrived[1].header("Cookie") is None


async def test_an_answer_that_ends_with_its_connection_is_recorded(api: Api, tmp_path: Path) -> None:
    api["/v1/text"] = ending(reply(b'{"a": 1}', JSON, ("Connection", "close"), framed=False))
    api["/v1/bytes"] = ending(reply(BYTES, PDF, ("Connection", "close"), framed=False))
    async with recorder(api, tmp_path) as proxy:
        recorded = [(await ask(proxy.url, f"GET /v1/{name}")).unframed() for name in ("text", "bytes")]
    async with player(tmp_path) as proxy:
        assert [(await ask(proxy.url, f"GET /v1/{name}")).unframed() for name in ("text", "bytes")] == recorded
    assert [answer.body for answer in recorded] == [b'{"a": 1}', BYTES]


async def test_an_answer_in_chunks_is_recorded_whole(api: Api, tmp_path: Path) -> None:
    for name, media, body in (("text", JSON, STRUCTURED), ("bytes", PNG, BYTES)):
        chunks = b"".join(
            b"%x\r\n%b\r\n" % (len(body[at : at + 999]), body[at : at + 999]) for at in range(0, len(body), 999)
        )
        api[f"/v1/{name}"] = reply(chunks + b"0\r\n\r\n", media, ("Transfer-Encoding", "chunked"), framed=False)
    async with recorder(api, tmp_path) as proxy:
        recorded = [(await ask(proxy.url, f"GET /v1/{name}")).unframed() for name in ("text", "bytes")]
    async with player(tmp_path) as proxy:
        assert [(await ask(proxy.url, f"GET /v1/{name}")).unframed() for name in ("text", "bytes")] == recorded
    assert [answer.body for answer in recorded] == [STRUCTURED, BYTES]


# -- the limit --------------------------------------------------------------------------------------------------------


def of_length(length: int) -> bytes:
    start = b'{"id": "' + CUSTOMER.encode() + b'", "object": "customer", "rest": "'
    return start + b"x" * (length - len(start) - 2) + b'"}'


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_a_body_just_at_the_limit_is_recorded(
    api: Api, tmp_path: Path, media: tuple[str, str], lines: Lines
) -> None:
    body = of_length(30_000) if media == JSON else BYTES[:30_000]
    api["/v1/x"] = reply(body, media)
    recorded, replayed = await twice(api, tmp_path, "GET /v1/x", body_limit=30_000, tell=lines)
    assert replayed == recorded
    assert len(recorded.body) == 30_000
    assert CUSTOMER.encode() not in recorded.body  # it was read, not only passed on
    assert (lines[0].outcome, lines[0].note) == ("recorded", "")


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_a_body_over_the_limit_is_passed_on_untouched_and_that_is_said(
    api: Api, tmp_path: Path, media: tuple[str, str], lines: Lines
) -> None:
    body = of_length(30_001) if media == JSON else BYTES[:30_001]
    api["/v1/x"] = reply(body, media)
    async with recorder(api, tmp_path, body_limit=30_000, tell=lines) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
        await ask(proxy.url, "GET /v1/small")
        await lines.last(2)
        receipt = proxy.receipt
    assert (answer.status, answer.body, answer.header("Content-Length")) == (200, body, "30001")
    assert (lines[0].outcome, lines[0].note) == ("passed on", "longer than body_limit, 30000 bytes: not recorded")
    assert (receipt.recorded, receipt.unrecorded) == (1, 1)
    assert str(receipt).endswith("1 passed on without recording")
    assert [each.request.target for each in on_disk(tmp_path / "a.yaml").interactions] == ["/v1/small"]
    assert await replay_of(tmp_path) == 421


async def test_encoded_text_over_the_limit_is_passed_on_encoded(api: Api, tmp_path: Path) -> None:
    body = gzip.compress(os.urandom(5000))
    api["/v1/x"] = reply(body, JSON, ("Content-Encoding", "gzip"))
    async with recorder(api, tmp_path, body_limit=1000) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
    assert (answer.body, answer.header("Content-Encoding")) == (body, "gzip")


# -- as it comes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media", [PDF, PNG])
async def test_the_first_bytes_arrive_before_the_upstream_has_sent_the_last(
    api: Api, tmp_path: Path, media: tuple[str, str]
) -> None:
    arrived = asyncio.Event()
    first, second, last = b"%PDF first", b"second", b"the end"

    async def slowly(_: Arrived, writer: StreamWriter) -> None:
        whole = reply(first + second + last, media)
        writer.write(whole[: -len(second + last)])
        await asyncio.sleep(0.05)
        writer.write(second)
        async with asyncio.timeout(SOON):
            await arrived.wait()
        writer.write(last)

    api["/v1/x"] = slowly
    async with recorder(api, tmp_path) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(request("GET /v1/x", proxy.url))
        said = await wire.hear(first)
        assert second not in said  # it might be the last piece, and that waits for the disk
        arrived.set()
        whole = said + await wire.hear()
        assert on_disk(tmp_path / "a.yaml.journal").interactions[0].response.body == first + second + last
        await wire.close()
        recorded = anywhere(heard(whole), proxy.url)
    async with player(tmp_path) as proxy:
        assert anywhere(await ask(proxy.url, "GET /v1/x"), proxy.url) == recorded
    assert recorded.body == first + second + last


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


async def test_events_are_passed_on_as_they_come_and_not_recorded(api: Api, tmp_path: Path, lines: Lines) -> None:
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
    assert (lines[0].outcome, lines[0].note) == ("passed on", "an event stream is not recorded")
    assert (proxy.receipt.recorded, proxy.receipt.unrecorded) == (1, 1)
    assert await replay_of(tmp_path, "GET /v1/events") == 421


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
        assert (await lines.last()).outcome == "passed on"


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
    left = asyncio.Event()

    async def halves(_: Arrived, writer: StreamWriter) -> None:
        whole = reply(BYTES, PDF)
        for part in (whole[:20_000], whole[20_000:40_000]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
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
        await wire.hear(BYTES[:100])
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
async def test_bytes_that_break_off_break_off_for_the_client_too(
    api: Api, tmp_path: Path, framing: str, lines: Lines
) -> None:
    half = reply(BYTES, PDF)[:-20]
    if framing == "chunks":
        half = reply(b"d000\r\n" + BYTES[:0xD000] + b"\r\n", PDF, ("Transfer-Encoding", "chunked"), framed=False)
    api["/v1/x"] = breaking(half)
    async with recorder(api, tmp_path, tell=lines) as proxy:
        broken = await ask(proxy.url, "GET /v1/x")
        note = (await lines.last()).note
        api["/v1/x"] = reply(BYTES, PDF)
        assert (await ask(proxy.url, "GET /v1/x")).body == BYTES
        assert proxy.receipt.recorded == 1
    assert (broken.status, broken.whole) == (200, False)
    assert BYTES.startswith(broken.body)  # nothing of ours stands in it
    assert (lines[0].outcome, note) == (
        "failed",
        "The upstream did not end its answer: its answer broke off. Nothing was recorded.",
    )
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).body == BYTES


async def test_an_upstream_that_falls_silent_in_the_middle_breaks_off_too(api: Api, tmp_path: Path) -> None:
    async def silent(_: Arrived, writer: StreamWriter) -> None:
        writer.write(reply(BYTES, PDF)[:60_000])
        await asyncio.sleep(60)

    api["/v1/x"] = silent
    async with recorder(api, tmp_path, timeout=0.2) as proxy:
        broken = await ask(proxy.url, "GET /v1/x")
    assert (broken.status, broken.whole) == (200, False)
    assert not (tmp_path / "a.yaml").exists()


# -- what may not be written ------------------------------------------------------------------------------------------


async def test_a_pdf_with_an_id_in_it_is_not_written_and_the_old_cassette_stays(
    api: Api, tmp_path: Path, lines: Lines
) -> None:
    api["/v1/customers"] = reply(f'{{"id": "{CUSTOMER}", "object": "customer", "created": 1795341600}}'.encode(), JSON)
    api["/v1/pdf"] = reply(b"%PDF", PDF)
    async with recorder(api, tmp_path) as proxy:
        for line in ("POST /v1/customers", "GET /v1/pdf"):
            await ask(proxy.url, line)
    old = (tmp_path / "a.yaml").read_bytes()

    api["/v1/pdf"] = reply(BYTES + CUSTOMER.encode() + BYTES, PDF)
    async with recorder(api, tmp_path, tell=lines) as proxy:
        for line in ("POST /v1/customers", "GET /v1/pdf", "GET /v1/other"):
            await ask(proxy.url, line)
    assert [line.outcome for line in lines] == ["recorded", "passed on", "recorded"]
    found = "an id of the upstream (cus_...)"
    assert lines[1].note == f"The answer to GET /v1/pdf still holds {found}, and was not written."
    assert (tmp_path / "a.yaml").read_bytes() == old
    left = on_disk(tmp_path / "a.yaml.journal")
    assert [each.request.target for each in left.interactions] == ["/v1/customers", "/v1/other"]
    assert CUSTOMER.encode() not in b"".join(files(tmp_path).values())


async def test_text_that_may_not_be_written_may_not_be_answered(api: Api, tmp_path: Path, lines: Lines) -> None:
    api["/v1/customers"] = reply(f'{{"id": "{CUSTOMER}", "object": "customer", "created": 1795341600}}'.encode(), JSON)
    api["/v1/x"] = reply(b"\xff" + CUSTOMER.encode(), ("Content-Type", "text/plain"))  # it is not in its own charset
    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "POST /v1/customers")
        refused = await ask(proxy.url, "GET /v1/x")
        assert (await ask(proxy.url, "GET /v1/other")).status == 200
    assert (refused.status, refused.header("Stripe-Should-Retry")) == (502, "false")
    assert json.loads(refused.body)["error"]["code"] == "replayer_unsafe"
    assert CUSTOMER.encode() not in refused.body
    assert [line.outcome for line in lines] == ["recorded", "failed", "recorded"]
    assert not (tmp_path / "a.yaml").exists()
    assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 2


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_a_full_disk_loses_nothing_that_was_answered(
    api: Api, tmp_path: Path, media: tuple[str, str], lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    api["/v1/x"] = reply(b'{"a": 1}', media)
    real = Journal.append

    def full(self: Journal, text: str) -> None:
        if "/v1/x" in text:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, text)

    async with recorder(api, tmp_path, tell=lines) as proxy:
        await ask(proxy.url, "GET /v1/before")
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", full)
            answer = await ask(proxy.url, "GET /v1/x")
            await lines.last(2)
        await ask(proxy.url, "GET /v1/after")
    where = tmp_path / "a.yaml"
    assert lines[1].note == f"The journal of {where} cannot be written: No space left on device."
    if media == JSON:
        assert (answer.status, lines[1].outcome) == (502, "failed")
        assert "No space left on device" in json.loads(answer.body)["error"]["message"]
    else:  # its head has left long before
        assert (answer.status, answer.body, lines[1].outcome) == (200, b'{"a": 1}', "passed on")
    assert not where.exists()  # it would be played as if it were all
    left = on_disk(tmp_path / "a.yaml.journal")
    assert [each.request.target for each in left.interactions] == ["/v1/before", "/v1/after"]


async def test_what_stood_on_a_full_disk_is_recorded_when_it_is_asked_again(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Journal, __: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with recorder(api, tmp_path) as proxy:
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", full)
            assert (await ask(proxy.url, "POST /v1/x", [FORM], b"a=1")).status == 502
        answer = (await ask(proxy.url, "POST /v1/x", [FORM], b"a=1")).unframed()
    async with player(tmp_path) as proxy:
        assert (await ask(proxy.url, "POST /v1/x", [FORM], b"a=1")).unframed() == replace(answer)


@pytest.mark.parametrize("media", [JSON, PDF])
async def test_a_full_disk_while_recording_again_leaves_the_old_cassette(
    api: Api, tmp_path: Path, media: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Journal, __: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    api["/v1/x"] = reply(b'{"a": 1}', media)
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    old = files(tmp_path)["a.yaml"]
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/other")
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", full)
            await ask(proxy.url, "GET /v1/x")
    assert files(tmp_path)["a.yaml"] == old
    assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 1
