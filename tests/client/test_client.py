"""Both clients of `replayer serve` in Python: a session from its opening to its ejection, and what is refused."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from replayer.client import AsyncClient, AsyncRemoteSession, Client, RemoteSession
from replayer.errors import CassetteError, ReplayerError, UsageError
from tests.cli.servers import KEY

from .conftest import Running


def customers(session: RemoteSession | AsyncRemoteSession, **params: Any) -> int:
    return httpx.get(f"{session.url}/v1/customers", params=params, headers=KEY, trust_env=False).status_code


def missed(session: RemoteSession | AsyncRemoteSession) -> int:
    return httpx.get(f"{session.url}/v1/refunds", headers=KEY, trust_env=False).status_code


@pytest.fixture
def client(running: Running) -> Client:
    return Client(running.url, running.token)


@pytest.fixture
def waited(running: Running) -> AsyncClient:
    return AsyncClient(f"{running.url}/", running.token)


def test_a_block_opens_a_session_and_ejects_it(client: Client, running: Running) -> None:
    with client.open("block/a.yaml", mode="once", strict=True) as session:
        assert customers(session) == 200
        assert (session.cassette, session.mode) == ("block/a.yaml", "once")
        assert session.receipt()["recorded"] == 1
        assert session.id in [each["id"] for each in client.sessions()]
    assert (running.root / "block/a.yaml").exists()
    assert session.id not in [each["id"] for each in client.sessions()]
    assert session.receipt()["line"].startswith("1 recorded")
    with client.open(Path("block/a.yaml"), mode="none") as again:  # type: ignore[arg-type]
        assert [customers(again), missed(again)] == [200, 421]
        (miss,) = again.misses
        assert miss["reason"] == "no-match"
    assert again.misses == [miss]


async def test_the_same_can_be_waited_for(waited: AsyncClient, running: Running) -> None:
    async with waited.open("waited/a.yaml") as session:
        assert customers(session) == 200
        assert (await session.receipt())["recorded"] == 1
        assert session.id in [each["id"] for each in await waited.sessions()]
    assert (running.root / "waited/a.yaml").exists()
    again = await waited.open("waited/a.yaml", mode="none")
    await again.set_faults("GET /v1/customers status=503 times=1")
    assert [customers(again), customers(again), missed(again)] == [503, 200, 421]
    assert [miss["reason"] for miss in await again.misses()] == ["no-match"]
    ended = await again.eject()
    assert ended == await again.eject() == await again.state()
    assert (ended["saved"], ended["receipt"]["faults"]) == (None, 1)


def test_faults_are_laid_and_taken_away(client: Client) -> None:
    with client.open("faults.yaml") as session:
        session.set_faults("GET /v1/customers status=503")
        assert customers(session) == 503
        session.set_faults()
        assert customers(session) == 200


def test_a_run_that_failed_replaces_no_cassette(
    client: Client, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with client.open("failed.yaml") as session:
        customers(session)
    before = (running.root / "failed.yaml").read_bytes()
    with suppress(ZeroDivisionError), client.open("failed.yaml", mode="all") as session:
        customers(session, limit=2)
        raise ZeroDivisionError
    assert (running.root / "failed.yaml").read_bytes() == before
    assert session.state()["saved"] is False
    assert [(record.levelno, record.message) for record in caplog.records if record.name == "replayer"] == [
        (logging.WARNING, "failed.yaml was not saved: the run failed.")
    ]


async def test_a_block_that_is_cancelled_is_one_that_failed(waited: AsyncClient) -> None:
    with suppress(KeyboardInterrupt):
        async with waited.open("cancelled.yaml") as session:
            customers(session)
            raise KeyboardInterrupt
    assert (await session.state())["reason"] == "the run failed"


# -- what the server refuses ------------------------------------------------------------------------------------------


def test_what_the_server_refuses_is_the_error_that_it_is_elsewhere(client: Client, running: Running) -> None:
    (running.root / "bad.yaml").write_text("<<<<<<< mine")
    with pytest.raises(CassetteError, match=r"bad\.yaml"):
        client.open("bad.yaml")
    with pytest.raises(UsageError, match="Did you mean 'lenient'"):
        client.open("a.yaml", lenyent=True)
    with pytest.raises(UsageError, match="cannot be described in JSON"):
        client.open("a.yaml", rules={(1, 2): 3})
    with client.open("used.yaml"), pytest.raises(UsageError, match="is in use"):
        client.open("used.yaml")


async def test_it_is_the_same_error_where_it_was_waited_for(waited: AsyncClient) -> None:
    with pytest.raises(UsageError, match="Did you mean 'lenient'"):
        await waited.open("a.yaml", lenyent=True)
    with pytest.raises(UsageError, match="Did you mean 'once'"):
        async with waited.open("a.yaml", mode="onse"):
            raise AssertionError


async def test_a_wrong_token_is_told_and_not_shown(running: Running) -> None:
    client, waited = Client(running.url, "not-it"), AsyncClient(running.url, "not-it")
    with pytest.raises(UsageError, match="needs the token") as error:
        client.sessions()
    with pytest.raises(UsageError, match="needs the token"):
        await waited.sessions()
    assert "not-it" not in f"{client!r} {waited!r} {vars(client)!r} {error.value}"


async def test_where_nobody_answers_is_said_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(ReplayerError, match=rf"answers at {url}: Connection refused\. Start one: replayer serve\."):
        Client(url, "token").sessions()
    with pytest.raises(ReplayerError, match=rf"No server of sessions answers at {url}"):
        await AsyncClient(url, "token").sessions()


@contextmanager
def another(body: bytes) -> Iterator[str]:
    """A server that is none of sessions."""

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not a word."""

    server = HTTPServer(("127.0.0.1", 0), Other)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"x"', b'{"error": "no"}'])
def test_another_server_is_not_understood(body: bytes) -> None:
    with another(body) as url, pytest.raises(ReplayerError, match="The server answered 200"):
        Client(url, "token").sessions()


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8100", "https://127.0.0.1:8100", "http://127.0.0.1", "http://h:99999", "http://h:1/path"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no address"):
        Client(url, "token")


@pytest.mark.parametrize("token", ["", "\n", "two\nlines", "ä"])
def test_a_token_that_cannot_be_sent_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="The token is none"):
        AsyncClient("http://127.0.0.1:1", token)
