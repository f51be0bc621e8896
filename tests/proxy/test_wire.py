"""One connection: whatever way a request's bytes come in, it is answered as aiohttp would have answered it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from replayer import Replayer
from replayer.cassettes import dumps
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.proxy import answers, regular
from replayer.proxy import wire as module

from .talking import DATE, Lines, Wire, heard, player

ORIGIN = "https://api.example.com"
JSON = ("Content-Type", "application/json")
DATED = ("Date", DATE)
HOST = b"Host: 127.0.0.1\r\n"
END = b"GET /end HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def cassette(root: Path) -> None:
    def one(line: str, text: str, *, body: bytes = b"", status: int = 200) -> Interaction:
        method, _, target = line.partition(" ")
        form = (("Content-Type", "application/x-www-form-urlencoded"),) if body else ()
        answer = Response(status, "", (JSON, DATED), text.encode())
        return Interaction(Request(method, target, form, body, ORIGIN), answer)

    interactions = (
        one("GET /a", "[1]"),
        one("GET /b?x[]=1", "[2]"),
        one("POST /c", "[3]", body=b"a=1"),
        one("POST /c", "[4]", body=b"a=1"),
        one("DELETE /d", "", status=204),
        one("GET /end", "[9]"),
    )
    (root / "a.yaml").write_text(dumps(Cassette(interactions, Facts(ORIGIN, "generic", 1_795_305_600))), "utf-8")


A = b"GET /a HTTP/1.1\r\n" + HOST + b"User-Agent: x\r\n\r\n"
B = b"GET /b?x[]=1 HTTP/1.1\r\n" + HOST + b"\r\n"
C = b"POST /c HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=1"
D = b"DELETE /d HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = (
    b"POST /c HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n"
)
MISSED = b"GET /nobody HTTP/1.1\r\n" + HOST + b"\r\n"
HEAD = b"HEAD /a HTTP/1.1\r\n" + HOST + b"\r\n"


async def said(url: str, *pieces: bytes) -> bytes:
    """All that comes back for these pieces, sent one by one, each after the proxy has seen the one before."""
    wire = await Wire.to(url)
    for piece in pieces:
        await wire.send(piece)
        await asyncio.sleep(0.002)
    try:
        return await wire.hear()
    finally:
        await wire.close()


@asynccontextmanager
async def fresh(root: Path, **settings: Any) -> AsyncIterator[Replayer]:
    async with player(root, **settings) as proxy:
        yield proxy


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """For the answers of a proxy that lets aiohttp do everything."""
    monkeypatch.setattr(module, "PROMPT", False)
    return monkeypatch


async def both(root: Path, plain: pytest.MonkeyPatch, *pieces: bytes) -> tuple[bytes, bytes]:
    """What aiohttp's way answers to these pieces, and what this one does."""
    async with fresh(root) as proxy:
        expected = await said(proxy.url, *pieces)
    plain.setattr(module, "PROMPT", True)
    async with fresh(root) as proxy:
        answered = await said(proxy.url, *pieces)
    plain.setattr(module, "PROMPT", False)
    return undated(expected), undated(answered)


def undated(said: bytes) -> bytes:
    """What was said, whenever that was."""
    return re.sub(rb"Date: [^\r]*", b"Date: now", said)


def test_this_aiohttp_is_one_whose_connections_can_be_answered_at_once() -> None:
    assert module.PROMPT


@pytest.mark.parametrize(
    "requests",
    [(A, A, A), (A, B, A, B), (C, A, C), (D, A), (MISSED, A), (HEAD, A), (A, CHUNKED, A, A)],
    ids=["again", "two", "posts", "no body", "missed", "head", "chunked"],
)
async def test_pipelined_requests_are_answered_in_their_order(
    tmp_path: Path, plain: pytest.MonkeyPatch, requests: tuple[bytes, ...]
) -> None:
    cassette(tmp_path)
    expected, together = await both(tmp_path, plain, b"".join([*requests, END]))
    assert together == expected
    _, apart = await both(tmp_path, plain, *requests, END)
    assert apart == expected


@pytest.mark.long
@pytest.mark.parametrize("second", [A, C, CHUNKED], ids=["get", "post", "chunked"])
async def test_a_request_that_is_cut_anywhere_is_answered_the_same(
    tmp_path: Path, plain: pytest.MonkeyPatch, second: bytes
) -> None:
    """Behind one that was answered at once, and before one that can be."""
    cassette(tmp_path)
    async with fresh(tmp_path) as proxy:
        expected = await said(proxy.url, A, second, A, END)
    plain.setattr(module, "PROMPT", True)
    for cut in range(1, len(second)):
        async with fresh(tmp_path) as proxy:
            assert await said(proxy.url, A, second[:cut], second[cut:] + A, END) == expected, cut


async def test_half_a_head_is_never_the_beginning_of_what_was_known(tmp_path: Path) -> None:
    """What looks like a request is the value of a header, if the head before has no end yet."""
    cassette(tmp_path)
    async with fresh(tmp_path) as proxy:
        assert heard(await said(proxy.url, A + END)).body.startswith(b"[1]")
        answered = await said(proxy.url, A, b"GET /b?x[]=1 HTTP/1.1\r\nX: ", A, END)
        assert answered.count(b"[1]") == 1
        assert b"[2]" in answered


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /a HTTP/1.0\r\n" + HOST + b"\r\n",
        b"GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET http://127.0.0.1/a HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /__replayer__/x HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /a HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
        b"GET /a HTTP/1.1\r\n" + HOST + b"Nul: \0\r\n\r\n",
        b"GET /a HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"GET /a HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
        b"GET /a HTTP/1.1\r\n" + HOST + b"a b: c\r\n\r\n",
        b"GET /a HTTP/1.1\n" + HOST + b"\n",
        b"nonsense\r\n\r\n",
    ],
)
async def test_what_is_not_regular_goes_the_way_of_aiohttp(
    tmp_path: Path, plain: pytest.MonkeyPatch, sent: bytes
) -> None:
    cassette(tmp_path)
    expected, answered = await both(tmp_path, plain, A, sent, END)
    assert answered == expected


async def test_each_is_counted_and_told_as_ever(tmp_path: Path, lines: Lines) -> None:
    cassette(tmp_path)
    async with fresh(tmp_path, tell=lines) as proxy:
        await said(proxy.url, A, A, A, C, MISSED, A, END)
        assert (proxy.play_count, len(proxy.misses)) == (6, 1)
        assert (proxy.receipt.played, proxy.receipt.unused) == (6, 3)
    assert [(line.method, line.path, line.status, line.outcome) for line in lines] == [
        *[("GET", "/a", 200, "replayed")] * 3,
        ("POST", "/c", 200, "replayed"),
        ("GET", "/nobody", 421, "missed"),
        ("GET", "/a", 200, "replayed"),
        ("GET", "/end", 200, "replayed"),
    ]


def fails(*_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("name", ["session.Session.decide", "session.quick.Quick.learn"])
async def test_a_failure_inside_is_a_marked_answer_that_counts_as_a_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: Lines, name: str
) -> None:
    cassette(tmp_path)
    async with fresh(tmp_path, tell=lines) as proxy:
        monkeypatch.setattr(f"replayer.core.{name}", fails)
        wire = await Wire.to(proxy.url)
        await wire.send(A)
        answer = heard(await wire.hear(b"}\n"))
        await wire.send(END)  # this one goes aiohttp's way
        last = heard(await wire.hear())
        await wire.close()
        assert (answer.status, answer.header("Replayer-Miss")) == (421, "fault")
        assert last.status == (421 if "decide" in name else 200)
        assert {miss.reason.value for miss in proxy.misses} == {"fault"}
    assert (lines[0].outcome, "ZeroDivisionError" in lines[0].note) == ("failed", True)


async def test_where_the_quick_path_fails_a_request_is_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cassette(tmp_path)
    async with fresh(tmp_path) as proxy:
        monkeypatch.setattr("replayer.core.session.quick.Quick.answer", fails)
        said_twice = await said(proxy.url, A, A[:20], A[20:], END)
        assert (said_twice.count(b"[1]"), proxy.play_count, proxy.misses) == (2, 3, [])
    assert "fault" in caplog.text


@pytest.mark.parametrize("again", [False, True])
async def test_whoever_is_told_may_fail_without_a_500(tmp_path: Path, again: bool) -> None:
    cassette(tmp_path)
    told: list[Any] = []

    def tell(line: Any) -> None:
        told.append(line)
        if len(told) == 1 + again:
            raise ZeroDivisionError

    async with fresh(tmp_path, tell=tell) as proxy:
        wire = await Wire.to(proxy.url)
        for _ in range(again):
            await wire.send(A)
            assert b"200 OK" in await wire.hear(b"[1]")
        await wire.send(A)
        answer = heard(await wire.hear())
        await wire.close()
    assert (answer.status, answer.header("Replayer-Miss"), answer.header("Connection")) == (421, "fault", "close")


@pytest.mark.parametrize(
    "line",
    [
        b"Origin: http://evil.example",
        b"Origin: null",
        b"Sec-Fetch-Site: cross-site",
        b"Sec-Fetch-Site: same-origin",
        b'If-None-Match: "1"',
        b"Range: bytes=0-1",
    ],
)
@pytest.mark.parametrize("path", [b"/a", b"/x/../__replayer__/y", b"/%5F_replayer__/y", b"//__replayer__"])
async def test_the_door_is_the_same_for_what_was_answered_before(
    tmp_path: Path, plain: pytest.MonkeyPatch, line: bytes, path: bytes
) -> None:
    cassette(tmp_path)
    sent = b"GET " + path + b" HTTP/1.1\r\n" + HOST + line + b"\r\n\r\n"
    expected, answered = await both(tmp_path, plain, A, sent, sent.replace(HOST, HOST + b"User-Agent: x\r\n"), A, END)
    assert answered == expected


async def test_a_connection_that_is_answered_at_once_is_closed_when_it_is_idle(tmp_path: Path) -> None:
    cassette(tmp_path)
    async with fresh(tmp_path, request_timeout=0.2) as proxy:
        wire = await Wire.to(proxy.url)
        for _ in range(3):
            await wire.send(A)
            assert b"[1]" in await wire.hear(b"[1]")
            await asyncio.sleep(0.3)  # idle is not half
        await wire.send(A[:9])
        assert b"408 Request Timeout" in await wire.hear()
        await wire.close()
    async with fresh(tmp_path, idle_timeout=0.3) as proxy:
        wire = await Wire.to(proxy.url)
        await wire.send(A)
        assert (await wire.hear()).endswith(b"[1]")
        await wire.close()


# -- heads, as aiohttp writes them ----------------------------------------------------------------------------------

tokens = st.text("abcdefgXYZ-0123456789", min_size=1, max_size=12)
values = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=20)
usual = st.sampled_from(
    (("Date", DATE), ("Server", "x"), ("Content-Type", "text/plain"), ("Content-Length", "3"), ("content-length", "77"))
)
responses = st.builds(
    Response,
    status=st.sampled_from((200, 201, 204, 304, 404, 421, 429, 599, 777)),
    reason=st.sampled_from(("", "OK", "Not Really")),
    headers=st.lists(st.tuples(tokens, values.map(str.strip)) | usual, max_size=5).map(tuple),
    body=st.sampled_from((b"", b"abc", b"{}\n")),
)


@given(response=responses)
def test_an_answer_has_the_head_that_aiohttp_would_write(response: Response) -> None:
    if sum(name.lower() == "content-length" for name, _ in response.headers) > 1:
        return  # which of them counts is nobody's to tell
    with patch("replayer.proxy.answers.rfc822_formatted_time", lambda: DATE):
        ours = answers.sent(*answers.head(response), response.body if _has_body(response) else b"")
    with patch("aiohttp.web_response.rfc822_formatted_time", lambda: DATE):
        assert ours == asyncio.run(_as_aiohttp_sends(response))


def _has_body(response: Response) -> bool:
    return response.status not in (204, 304)


async def _as_aiohttp_sends(response: Response) -> bytes:
    written = bytearray()

    class Transport(asyncio.Transport):
        def write(self, data: bytes | bytearray | memoryview) -> None:
            written.extend(data)

        def writelines(self, parts: Any) -> None:
            for part in parts:
                written.extend(part)

        def is_closing(self) -> bool:
            return False

        def close(self) -> None:
            return None

        def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002
            return default

    async def handler(_: web.BaseRequest) -> web.StreamResponse:
        return answers.ready(response)

    connection = web.Server(handler)()
    connection.connection_made(Transport())
    await asyncio.sleep(0)
    connection.data_received(A)
    for _ in range(20):
        await asyncio.sleep(0)
    connection.connection_lost(None)
    return bytes(written)


@given(st.lists(st.sampled_from((b"GET /x HTTP/1.1", HOST, b"\r\n", b"a", b": ", b"Content-Length: 2", b"\n", b" "))))
def test_what_is_regular_is_read_to_its_end_or_not_at_all(parts: list[bytes]) -> None:
    data = b"".join(parts)
    found = regular.read(data, 0, 100)
    if found is not None:
        head = data.index(b"\r\n\r\n") + 4
        assert data.startswith(b"GET /x HTTP/1.1\r\n")
        assert found.end - head in (0, 2)
        assert found.request.body == data[head : found.end]
