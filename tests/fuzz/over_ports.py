"""Requests and answers as bytes, over ports: a player, a recorder before an upstream that may say anything, and the
paths of the control API. Nobody is answered 500, nobody waits, nothing is logged as an exception, and who asks well is
answered between all of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from replayer import Replayer
from tests.fuzz.noise import Noise
from tests.fuzz.seeds import CASSETTES, FOUND, seeds
from tests.proxy.talking import Api, Arrived, ask, player, recorder

PATIENCE = 20.0  # seconds; whoever is not answered by then is answered by nobody
SOUND = "GET /v1/invoices/unknown"


class Complaints(logging.Handler):
    """What was logged as an exception while it listens."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


async def exchanged(url: str, sent: bytes) -> bytes:
    """What comes for these bytes, until their end; the client half-closes, as one that has said all."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(PATIENCE):
            writer.write(sent)
            if writer.can_write_eof():
                writer.write_eof()
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def examine(said: bytes, sent: bytes, complaints: Complaints) -> None:
    assert not complaints.heard, (sent, complaints.heard)
    assert said == b"" or said.startswith(b"HTTP/"), (sent, said[:200])
    assert b" 500 " not in said.partition(b"\r\n")[0], (sent, said[:200])
    assert b"Traceback" not in said, (sent, said[:2000])
    assert b"replayer_fault" not in said, (sent, said[:2000])


@asynccontextmanager
async def playing(root: Path) -> AsyncIterator[Replayer]:
    (root / "a.yaml").write_bytes((CASSETTES / "life.yaml").read_bytes())
    async with player(root) as proxy:
        yield proxy


@asynccontextmanager
async def recording(root: Path) -> AsyncIterator[Replayer]:
    """What can be kept of it is played again."""
    async with Api() as api:
        async with recorder(api, root) as proxy:
            yield proxy
        saved = (root / "a.yaml").exists()
        async with player(root, "a.yaml" if saved else "a.yaml.journal") as proxy:
            assert (await ask(proxy.url, SOUND)).status == 200


async def requests(
    noise: Noise,
    count: int,
    target: str = "wire",
    opened: Callable[[Path], AbstractAsyncContextManager[Replayer]] = playing,
) -> None:
    """Damaged requests to a player, or to what is opened."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        with TemporaryDirectory() as root:
            async with opened(Path(root)) as proxy:
                for number in range(count):
                    sent = noise.damaged(noise.choice(seeds(target)), seeds("wire"))
                    examine(await exchanged(proxy.url, sent), sent, complaints)
                    if number % 50 == 0:
                        assert (await ask(proxy.url, SOUND)).status in (200, 421)
    finally:
        logging.getLogger().removeHandler(complaints)


async def sent_as_found(opened: Callable[[Path], AbstractAsyncContextManager[Replayer]]) -> None:
    """What once was a fault over a port, as it was found."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    try:
        with TemporaryDirectory() as root:
            async with opened(Path(root)) as proxy:
                for sent in (*FOUND["wire"], *FOUND["control"]):
                    examine(await exchanged(proxy.url, sent), sent, complaints)
                await ask(proxy.url, SOUND)
    finally:
        logging.getLogger().removeHandler(complaints)


async def recorded(noise: Noise, count: int) -> None:
    """Damaged requests to a recorder."""
    await requests(noise, count, opened=recording)


async def control(noise: Noise, count: int) -> None:
    """Damaged requests for paths that are Replayer's own: none of them is ever the upstream's."""
    await requests(noise, count, "control")


async def answers(noise: Noise, count: int) -> None:
    """Damaged requests to a recorder, whose upstream gives damaged answers. What it keeps can be played."""
    complaints, said = Complaints(), b""

    async def damaged(_: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    logging.getLogger().addHandler(complaints)
    try:
        with TemporaryDirectory() as folder:
            async with Api() as api:
                async with recorder(api, Path(folder)) as proxy:
                    for number in range(count):
                        said = noise.damaged(noise.choice(seeds("answers")), seeds("answers"))
                        sent = f"GET /{number} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
                        api[f"/{number}"] = damaged
                        heard = await exchanged(proxy.url, sent)
                        assert not complaints.heard, (said, complaints.heard)
                        assert b" 500 " not in heard.partition(b"\r\n")[0] or b" 500 " in said, (said, heard[:200])
                    sound = await ask(proxy.url, "GET /sound")
                # Where damage has made two accounts of one caller, nothing can be named any more (law 4).
                assert sound.status == 200 or b"cannot be named" in sound.body, sound.body
                # Where one of the answers could not be kept, what could be is a journal.
                saved = (Path(folder) / "a.yaml").exists()
                async with player(Path(folder), "a.yaml" if saved else "a.yaml.journal") as proxy:
                    assert sound.status != 200 or (await ask(proxy.url, "GET /sound")).status == 200
    finally:
        logging.getLogger().removeHandler(complaints)


TARGETS: dict[str, Callable[[Noise, int], Coroutine[None, None, None]]] = {
    "wire": requests,
    "recorded": recorded,
    "answers": answers,
    "control": control,
}
