"""The one place from which requests leave: they go to one origin, as they are, and what fails is said in a phrase."""

import asyncio
import os
import socket
from asyncio import StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from replayer.core.message import Request
from replayer.errors import UsageError
from replayer.proxy.upstream import Upstream, UpstreamError

from .talking import DATE, JSON, Api, Arrived, Lines, ask, breaking, ending, player, recorder, reply


@asynccontextmanager
async def to(origin: str, timeout: float = 5) -> AsyncIterator[Upstream]:  # noqa: ASYNC109 - it is the setting
    upstream = Upstream(origin, timeout=timeout)
    try:
        yield upstream
    finally:
        await upstream.close()


async def whole(upstream: Upstream, request: Request) -> bytes:
    async with upstream.send(request) as reply:
        return b"".join([chunk async for chunk in reply.chunks()])


def unused() -> str:
    """An origin where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_an_upstream_that_listens_is_reached(api: Api) -> None:
    async with to(api.url) as upstream:
        await upstream.reach()
        assert repr(upstream) == f"<Upstream {api.url}>"
    assert api.arrived == []


async def test_an_upstream_where_nobody_listens_is_told_at_once() -> None:
    async with to(unused()) as upstream:
        with pytest.raises(UpstreamError, match="Connection refused"):
            await upstream.reach()
        with pytest.raises(UpstreamError, match="Connection refused"):
            await whole(upstream, Request("GET", "/"))


async def test_a_reply_has_its_status_its_reason_and_all_its_headers(api: Api) -> None:
    api["/x"] = reply(b"{}", JSON, ("Link", "<a>"), ("link", "<b>"), status="299 As You Like")
    async with to(api.url) as upstream, upstream.send(Request("GET", "/x")) as answer:
        assert (answer.status, answer.reason) == (299, "As You Like")
        assert answer.headers == (
            ("Date", DATE),
            JSON,
            ("Link", "<a>"),
            ("link", "<b>"),
            ("Content-Length", "2"),
        )


async def test_nothing_is_said_that_the_client_did_not_say(api: Api) -> None:
    async with to(api.url) as upstream:
        await whole(upstream, Request("GET", "/x"))
        await whole(upstream, Request("POST", "/x", (("A", "1"), ("A", "2")), b""))
    host = ("Host", api.url.removeprefix("http://"))
    assert [arrived.headers for arrived in api.arrived] == [
        (host,),
        (host, ("A", "1"), ("A", "2"), ("Content-Length", "0")),
    ]


@pytest.mark.parametrize("length", [0, 1 << 20, 9 << 20])
async def test_a_body_arrives_as_it_is_however_long(api: Api, length: int) -> None:
    """aiohttp warns of long ones, and in a suite that warnings fail that was an error of ours."""
    body = os.urandom(length)
    async with to(api.url) as upstream:
        assert await whole(upstream, Request("POST", "/v1/x", (("Content-Type", "image/png"),), body)) == b"{}"
    (arrived,) = api.arrived
    assert arrived.body == body
    assert arrived.header("Content-Length") == str(length)
    assert arrived.header("Content-Type") == "image/png"
    assert arrived.header("Content-Disposition") is None


async def test_a_body_is_not_decoded(api: Api) -> None:
    api["/x"] = reply(b"no gzip at all", ("Content-Encoding", "gzip"))
    async with to(api.url) as upstream:
        assert await whole(upstream, Request("GET", "/x")) == b"no gzip at all"


async def test_a_redirect_is_an_answer(api: Api) -> None:
    api["/x"] = reply(b"", ("Location", "/y"), status="302 Found")
    async with to(api.url) as upstream, upstream.send(Request("GET", "/x")) as answer:
        assert answer.status == 302
    assert len(api.arrived) == 1


async def test_many_requests_are_under_way_at_once(api: Api) -> None:
    together = asyncio.Barrier(90)

    async def wait(_: Arrived, writer: StreamWriter) -> None:
        async with asyncio.timeout(5):
            await together.wait()
        writer.write(reply(b"{}", JSON))

    api["/x"] = wait
    async with to(api.url) as upstream:
        answers = await asyncio.gather(*(whole(upstream, Request("GET", "/x")) for _ in range(90)))
    assert answers == [b"{}"] * 90


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200"])
async def test_what_is_no_answer_is_an_error_in_one_line(api: Api, answer: bytes) -> None:
    api["/x"] = breaking(answer)
    async with to(api.url) as upstream:
        with pytest.raises(UpstreamError) as caught:
            await whole(upstream, Request("GET", "/x"))
    assert "\n" not in str(caught.value)
    assert str(caught.value)


async def test_an_answer_that_breaks_off_is_an_error_where_it_is_read(api: Api) -> None:
    api["/x"] = breaking(reply(b"x" * 100)[:-1])
    async with to(api.url) as upstream, upstream.send(Request("GET", "/x")) as answer:
        with pytest.raises(UpstreamError, match="its answer broke off"):
            assert [chunk async for chunk in answer.chunks()]


async def test_what_fails_while_a_reply_is_used_is_not_the_upstreams_fault(api: Api) -> None:
    async with to(api.url) as upstream:
        with pytest.raises(ConnectionResetError):
            async with upstream.send(Request("GET", "/x")):
                raise ConnectionResetError


async def test_an_upstream_that_is_too_slow_is_a_502(api: Api, tmp_path: Path, lines: Lines) -> None:
    async def never(_: Arrived, __: StreamWriter) -> None:
        await asyncio.sleep(60)

    api["/v1/x"] = never
    async with recorder(api, tmp_path, timeout=0.2, tell=lines) as proxy:
        assert (await ask(proxy.url, "GET /v1/x")).status == 502
    assert lines[0].note == f"The upstream {api.url} gave no answer: it did not answer in time. Nothing was recorded."


async def test_an_upstream_that_is_down_at_the_start_is_a_usage_error(tmp_path: Path) -> None:
    nowhere = unused()
    with pytest.raises(UsageError) as caught:
        async with recorder(nowhere, tmp_path):
            raise AssertionError
    assert str(caught.value).startswith(f"The upstream {nowhere} cannot be reached: ")
    assert str(caught.value).endswith("Is it running?")


async def test_an_upstream_that_goes_down_and_comes_back_is_asked_again(api: Api, tmp_path: Path, lines: Lines) -> None:
    port = api.port
    async with recorder(api, tmp_path, tell=lines) as proxy:
        assert (await ask(proxy.url, "POST /v1/x")).status == 200
        await api.stop()
        down = await ask(proxy.url, "POST /v1/x")
        assert (await ask(proxy.url, "POST /v1/y")).status == 502
        await api.start(port)
        api["/v1/x"] = reply(b'{"second": true}', JSON)
        assert (await ask(proxy.url, "POST /v1/x")).body == b'{"second": true}'
        assert (await ask(proxy.url, "POST /v1/y")).status == 200
        assert str(proxy.receipt).startswith("3 recorded,")
    assert (down.status, down.header("Stripe-Should-Retry"), down.header("Replayer-Miss")) == (502, None, None)
    assert b'"type": "api_error"' in down.body
    assert [line.outcome for line in lines] == ["recorded", "failed", "failed", "recorded", "recorded"]
    async with player(tmp_path) as proxy:
        bodies = [(await ask(proxy.url, "POST /v1/x")).body for _ in range(2)]
        assert (await ask(proxy.url, "POST /v1/y")).status == 200
    assert bodies == [b"{}", b'{"second": true}']


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 2x0 sk_test_GarbageFromThere01\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-\x00Key: sk_test_GarbageFromThere01\r\n\r\n",
        b"sk_test_GarbageFromThere01 is no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: sk_test_GarbageFromThere01\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_quoted_nowhere(api: Api, tmp_path: Path, lines: Lines, said: bytes) -> None:
    api["/x"] = ending(said)
    async with recorder(api, tmp_path, tell=lines) as proxy:
        heard = await ask(proxy.url, "GET /x")
    assert heard.status == 502
    assert b"GarbageFromThere" not in heard.body
    assert "GarbageFromThere" not in str(lines)
    assert f"{api.url} gave no answer" in lines[0].note
