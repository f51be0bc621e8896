"""We read what vcrpy recorded, whichever client it sat in, as the server meant it."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
import vcr  # type: ignore[import-untyped]  # vcrpy has no types

from replayer.cassettes import folder
from replayer.core.cassette import Interaction
from replayer.core.message import wire

JSON = '{"id": "in_1", "name": "Zo\xeb"}\n'.encode() * 20
BINARY = bytes(range(256))


class Upstream(BaseHTTPRequestHandler):
    """`/json` is compressed, `/binary` is not, a POST gives its own body back."""

    def do_GET(self) -> None:
        if self.path.startswith("/json"):
            self.answer(gzip.compress(JSON), ("Content-Encoding", "gzip"), ("Content-Type", "application/json"))
        else:
            self.answer(BINARY)

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))

    def answer(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A test's output is pytest's."""


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "theirs.yaml"


def check(path: Path, upstream: str, target: str = "/json?limit=3&a=%2F") -> None:
    """The three interactions that each client below makes, as the server meant them."""
    cassette = folder.read(path)
    assert cassette is not None
    assert cassette.facts is None
    listed, binary, posted = cassette.interactions
    assert (listed.request.origin, listed.request.target) == (upstream, target)
    assert (listed.response.status, listed.response.reason, listed.response.body) == (200, "OK", JSON)
    assert binary.response.body == BINARY
    assert (posted.request.method, posted.request.body, posted.response.body) == ("POST", b"a=1&b=x", b"a=1&b=x")
    assert [value for name, value in posted.response.headers if name.lower() == "set-cookie"] == ["a=1", "b=2"]
    for each in cassette.interactions:
        check_servable(each)


def check_servable(interaction: Interaction) -> None:
    response = interaction.response
    assert wire.header(response.headers, "content-encoding") is None
    assert wire.header(response.headers, "content-length") in (None, str(len(response.body)))


def test_recorded_with_requests(upstream: str, path: Path) -> None:
    with vcr.use_cassette(str(path)), requests.Session() as client:
        assert client.get(f"{upstream}/json?limit=3&a=%2F", timeout=5).content == JSON
        client.get(f"{upstream}/binary", timeout=5)
        client.post(f"{upstream}/", {"a": "1", "b": "x"}, timeout=5)
    check(path, upstream)


def test_recorded_with_httpx(upstream: str, path: Path) -> None:
    with vcr.use_cassette(str(path)), httpx.Client() as client:
        assert client.get(f"{upstream}/json?limit=3&a=%2F").content == JSON
        client.get(f"{upstream}/binary")
        client.post(f"{upstream}/", data={"a": "1", "b": "x"})
    check(path, upstream)


async def test_recorded_with_aiohttp(upstream: str, path: Path) -> None:
    with vcr.use_cassette(str(path)):
        async with aiohttp.ClientSession() as client:
            for target in ("/json?limit=3&a=%2F", "/binary"):
                async with client.get(f"{upstream}{target}") as response:
                    await response.read()
            async with client.post(f"{upstream}/", data={"a": "1", "b": "x"}) as response:
                await response.read()
    check(path, upstream, "/json?limit=3&a=/")  # yarl decoded it before vcrpy saw it
