"""Both ends of the proxy, byte for byte: `Api` is an upstream that answers what a test wrote, `ask` a client that hears
what came over the wire. Neither corrects anything."""

import asyncio
import re
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from replayer import Replayer
from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.proxy.handler import Line

PATIENCE = 5.0  # seconds; a test that waits longer hangs
SECRET = "sk_test_KeyOfTheProxyTests0001"
BEARER = ("Authorization", f"Bearer {SECRET}")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")
DATE = "Sun, 22 Nov 2026 10:00:00 GMT"
FRAMING = ("connection", "content-length", "transfer-encoding", "keep-alive")

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Arrived:
    """A request as the upstream got it; a chunked body put together."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Heard:
    """A response as the client got it; a chunked body put together. `whole` is false where its end never came."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool = True

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def unframed(self) -> "Heard":
        """Without the headers that only one connection has."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() not in FRAMING))


Answer = bytes | Callable[[Arrived, StreamWriter], Awaitable[None]]


def reply(body: bytes = b"", *headers: tuple[str, str], status: str = "200 OK", framed: bool = True) -> bytes:
    """A whole response, as it goes over the wire."""
    framing = [("Content-Length", str(len(body)))] if framed else []
    lines = [f"{name}: {value}" for name, value in (("Date", DATE), *headers, *framing)]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("utf-8", "surrogateescape") + body


def ending(said: bytes) -> Answer:
    """Says that and closes: the end of the connection is the end of the body."""

    async def answer(_: Arrived, writer: StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return answer


def breaking(said: bytes) -> Answer:
    """Says that, and is gone without a word."""

    async def answer(_: Arrived, writer: StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        await asyncio.sleep(0.05)
        raise ConnectionResetError

    return answer


class Api:
    """An upstream. `answers` is what it says, by path: bytes, or a coroutine that writes; `otherwise` to all else."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.answers: dict[str, Answer] = {}
        self.otherwise: Answer = reply(b"{}", JSON)
        self.arrived: list[Arrived] = []
        self.url = ""
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[Any]] = set()

    def __setitem__(self, path: str, answer: Answer) -> None:
        self.answers[path] = answer

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=self.tls)
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Gone: the port is closed and so is every connection."""
        if self._server is not None:
            self._server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving)
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            while True:
                arrived = await _request(reader)
                self.arrived.append(arrived)
                answer = self.answers.get(arrived.target.partition("?")[0], self.otherwise)
                if isinstance(answer, bytes):
                    writer.write(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if arrived.method == "HEAD" else answer)
                    await writer.drain()
                else:
                    await answer(arrived, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.transport.abort()
        finally:
            self._serving.discard(task)
            writer.close()


async def _request(reader: StreamReader) -> Arrived:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
    line, *fields = head.rstrip("\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    headers = tuple(_pair(field) for field in fields)
    arrived = Arrived(method, target, headers, b"")
    if arrived.header("transfer-encoding") == "chunked":
        return replace(arrived, body=await _chunked(reader))
    return replace(arrived, body=await reader.readexactly(int(arrived.header("content-length") or 0)))


async def _chunked(reader: StreamReader) -> bytes:
    body = b""
    while length := int((await reader.readline()).split(b";")[0], 16):
        body += (await reader.readexactly(length + 2))[:-2]
    await reader.readline()
    return body


def _pair(field: str) -> tuple[str, str]:
    name, _, value = field.partition(":")
    return name, value.strip()


class Wire:
    """One connection to the proxy, for clients that send and hear piece by piece."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, url: str) -> Self:
        host, _, port = url.removeprefix("http://").partition(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    async def send(self, sent: bytes) -> None:
        self._writer.write(sent)
        await self._writer.drain()

    async def hear(self, until: bytes = b"") -> bytes:
        """What comes until those bytes are among it; without them, until the other side closes."""
        said = b""
        async with asyncio.timeout(PATIENCE):
            while not until or until not in said:
                try:
                    part = await self._reader.read(1 << 16)
                except ConnectionResetError:
                    break
                if not part:
                    break
                said += part
        return said

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return

    def vanish(self) -> None:
        """Gone without a word, as a killed client."""
        self._writer.transport.abort()


def request(
    line: str, url: str, headers: Headers = (BEARER,), body: bytes = b"", *, host: str = "", framed: bool = True
) -> bytes:
    """A request as bytes. `line` is method and target: "GET /v1/invoices"."""
    fields = [("Host", host or url.removeprefix("http://")), ("Connection", "close"), *headers]
    if body and framed:
        fields.append(("Content-Length", str(len(body))))
    head = "\r\n".join([f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "", ""])
    return head.encode("utf-8", "surrogateescape") + body


async def ask(
    url: str, line: str, headers: Headers = (BEARER,), body: bytes = b"", *, host: str = "", framed: bool = True
) -> Heard:
    """One request on a connection of its own, and what was answered."""
    return await say(url, request(line, url, headers, body, host=host, framed=framed))


async def say(url: str, sent: bytes) -> Heard:
    wire = await Wire.to(url)
    try:
        await wire.send(sent)
        return heard(await wire.hear(), bodiless=sent.startswith(b"HEAD "))
    finally:
        await wire.close()


def heard(said: bytes, *, bodiless: bool = False) -> Heard:
    head, _, rest = said.partition(b"\r\n\r\n")
    line, *fields = head.decode("utf-8", "surrogateescape").split("\r\n")
    matched = re.fullmatch(r"HTTP/1\.[01] (\d{3}) ?(.*)", line)
    assert matched, said[:200]
    found = Heard(int(matched[1]), matched[2], tuple(_pair(field) for field in fields), rest)
    if bodiless or found.status in (204, 304):
        return found
    if found.header("transfer-encoding") == "chunked":
        return _put_together(found)
    length = found.header("content-length")
    return replace(found, whole=length is None or int(length) == len(rest))


def _put_together(found: Heard) -> Heard:
    body, rest = b"", found.body
    while rest:
        size, _, after = rest.partition(b"\r\n")
        if not size.strip() or b"\r\n" not in rest:
            break
        length = int(size, 16)
        if length == 0:
            return replace(found, body=body, whole=True)
        body, rest = body + after[:length], after[length + 2 :]
    return replace(found, body=body, whole=False)


def recorder(api: Api | str, root: Path, cassette: str = "a.yaml", **settings: Any) -> Replayer:
    """A proxy that records that upstream into `root`."""
    upstream = api if isinstance(api, str) else api.url
    return Replayer(cassette, root=root, upstream=upstream, **{"record_mode": "all", **settings})


def player(root: Path, cassette: str = "a.yaml", **settings: Any) -> Replayer:
    """A proxy that has nothing but the cassette."""
    return Replayer(cassette, root=root, **{"record_mode": "none", **settings})


async def twice(
    api: Api, root: Path, line: str, headers: Headers = (BEARER,), body: bytes = b"", **settings: Any
) -> tuple[Heard, Heard]:
    """What is answered while recording, and on replay with the upstream gone. Either proxy's address is `PROXY`."""
    async with recorder(api, root, **settings) as proxy:
        recorded = anywhere(await ask(proxy.url, line, headers, body), proxy.url)
    await api.stop()
    async with player(root) as proxy:
        return recorded, anywhere(await ask(proxy.url, line, headers, body), proxy.url)


def anywhere(answer: Heard, url: str) -> Heard:
    """The answer without the headers of its connection, and with `PROXY` for the proxy's own address."""
    for spelling in (str, lambda text: text.replace("/", "\\/"), lambda text: quote(text, safe="")):
        old, new = spelling(url), spelling("PROXY")
        headers = tuple((name, value.replace(old, new)) for name, value in answer.headers)
        answer = replace(answer, headers=headers, body=answer.body.replace(old.encode(), new.encode()))
    return answer.unframed()


def on_disk(path: Path) -> Cassette:
    """The cassette or the journal in that file."""
    cassette = folder.read(path)
    assert cassette is not None
    return cassette


def files(root: Path) -> dict[str, bytes]:
    """All that is in a folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(root.iterdir()) if path.is_file()}


def descriptors() -> int:
    """How many this program has open."""
    return len(list(Path("/dev/fd").iterdir()))


class Lines(list[Line]):
    """What was told of each request. `await lines.last()` waits for it: it is told when the answer is under way."""

    def __init__(self) -> None:
        super().__init__()
        self._told = asyncio.Event()

    def __call__(self, line: Line) -> None:
        self.append(line)
        self._told.set()

    async def last(self, count: int = 1) -> Line:
        async with asyncio.timeout(PATIENCE):
            while len(self) < count:
                self._told.clear()
                await self._told.wait()
        return self[-1]
