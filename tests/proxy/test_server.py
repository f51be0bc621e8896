"""The listening side: a port of its own on loopback, no word of what it cannot read, gone within a second."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from replayer.errors import UsageError
from replayer.proxy.server import Server, bound, origin

from .talking import SECRET, Wire, ask, request, say


async def echo(http: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=await http.read())


@asynccontextmanager
async def serving(
    handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] = echo, limit: int = 100
) -> AsyncIterator[str]:
    server = Server(handler, limit=limit)
    with bound(0) as listener:
        await server.start(listener)
        yield origin(listener)
        await server.close()


async def closing_takes(handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], sent: bytes) -> float:
    """The seconds that closing takes with that request under way, or only its connection open."""
    server = Server(handler, limit=100)
    with bound(0) as listener:
        await server.start(listener)
        wire = await Wire.to(origin(listener))
        await wire.send(sent)
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        await server.close()
        took = time.perf_counter() - began
        await wire.hear()
        await wire.close()
    return took


def test_it_listens_on_loopback_only_and_tells_where() -> None:
    with bound(0) as listener:
        host, port = listener.getsockname()
        assert (host, origin(listener)) == ("127.0.0.1", f"http://127.0.0.1:{port}")


def test_a_busy_port_is_an_error_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=rf"Port {port} cannot be used: Address already in use\. Choose"):
            bound(port)


async def test_its_port_is_free_again_when_it_is_closed() -> None:
    async with serving() as url:
        port = int(url.rpartition(":")[2])
    with bound(port) as listener:
        assert origin(listener) == url


async def test_a_body_may_be_as_long_as_the_limit() -> None:
    async with serving(limit=100_000) as url:
        assert (await ask(url, "POST /x", body=b"x" * 100_000)).body == b"x" * 100_000


async def test_long_lines_and_headers_are_read() -> None:
    async with serving() as url:
        assert (await ask(url, f"GET /x?q={'a' * 60_000}")).status == 200
        assert (await ask(url, "GET /x", [("X-Long", "a" * 60_000)])).status == 200
        refused = await ask(url, f"GET /x?q={'a' * 70_000}")
        assert (refused.status, b"longer than 65536 bytes" in refused.body) == (431, True)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01 hello " + SECRET.encode() + b"\r\n\r\n",
        b"GET /x HTTP/1.1\r\nAuthorization: Bearer " + SECRET.encode() + b"\x00\r\n\r\n",
        b"GET /\xff" + SECRET.encode() + b" HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.1\r\nContent-Length: " + SECRET.encode() + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\nX: " + SECRET.encode() + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_without_a_word_of_it_in_the_log(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as url:
        wire = await Wire.to(url)
        await wire.send(sent)
        said = await wire.hear()
        await wire.close()
    assert b" 400 Bad Request\r\n" in said
    assert b'"message": "This is no HTTP that Replayer can read."' in said
    assert SECRET.encode() not in said
    assert SECRET not in caplog.text


async def test_one_connection_carries_many_requests() -> None:
    async with serving() as url:
        wire = await Wire.to(url)
        for body in (b"one", b"two"):
            await wire.send(request("POST /x", url, body=body).replace(b"Connection: close\r\n", b""))
            assert (await wire.hear(body)).startswith(b"HTTP/1.1 200 OK")
        await wire.close()


async def test_it_closes_at_once_with_an_idle_connection() -> None:
    assert await closing_takes(echo, b"") < 0.3
    assert await closing_takes(echo, b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n") < 0.3


async def test_it_closes_within_a_second_with_a_request_that_hangs() -> None:
    async def hang(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(60)
        raise AssertionError

    assert await closing_takes(hang, b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n") < 1
    assert await closing_takes(echo, b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf") < 1


async def test_a_request_under_way_is_answered_before_it_closes() -> None:
    async def slow(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return web.Response(text="late")

    server = Server(slow, limit=100)
    with bound(0) as listener:
        await server.start(listener)
        asked = asyncio.create_task(say(origin(listener), request("GET /x", origin(listener))))
        await asyncio.sleep(0.05)
        await server.close()
        assert (await asked).body == b"late"


async def test_closing_twice_is_closing_once() -> None:
    server = Server(echo, limit=1)
    await server.close()
    with bound(0) as listener:
        await server.start(listener)
        await server.close()
        await server.close()
