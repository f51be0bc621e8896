"""What is recorded is what is replayed, text or not, up to the limit of sizes."""

import gzip
import json
import os
import zlib
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest

from replayer.core.message import bodies, wire

from .talking import (
    JSON,
    Api,
    Lines,
    ask,
    ending,
    on_disk,
    player,
    recorder,
    reply,
    twice,
)

PDF = ("Content-Type", "application/pdf")
PNG = ("Content-Type", "image/png")
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
    assert wire.header(kept.headers, "Location") == f"{upstream}/v1/y?a=b"


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
    assert wire.header(kept.headers, "Link") == links
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


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
@pytest.mark.parametrize("media", [JSON, PDF])
async def test_an_answer_that_unpacks_beyond_the_limit_is_passed_on_as_it_came(
    api: Api, tmp_path: Path, media: tuple[str, str], encoding: str, lines: Lines
) -> None:
    body = bodies.encode_content(of_length(30_001), encoding)
    assert body is not None
    api["/v1/x"] = reply(body, media, ("Content-Encoding", encoding))
    async with recorder(api, tmp_path, body_limit=30_000, tell=lines) as proxy:
        answer = await ask(proxy.url, "GET /v1/x")
        await lines.last(1)
    assert (answer.status, answer.body, answer.header("Content-Encoding")) == (200, body, encoding)
    assert (lines[0].outcome, lines[0].note) == ("passed on", "longer than body_limit, 30000 bytes: not recorded")
