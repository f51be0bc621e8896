"""All that runs for one session starts together, ends together, and where one part fails nothing stays."""

import asyncio
import gc
import socket
from pathlib import Path

import aiohttp
import pytest

from replayer.cassettes import entry, head
from replayer.cassettes.journal import COMPLETE, Journal
from replayer.core.cassette import Facts
from replayer.core.modes import Mode
from replayer.errors import CassetteError, UsageError
from replayer.proxy.handler import Line
from replayer.proxy.inserted import Inserted
from replayer.proxy.upstream import Upstream
from replayer.sandbox.serving.server import Sandbox
from replayer.settings import Settings

from .talking import BEARER, FORM, Api, ask, files, on_disk, recorder


def silent(_: Line) -> None:
    """Nobody listens."""


async def insert(root: Path, **settings: str | int) -> Inserted:
    given = {"cassette": "a.yaml", "root": root, **settings}
    return await Inserted.insert(Settings.load(given, folder=root, environment={}), remedy="do it", tell=silent)


def alive(*kinds: type) -> list[object]:
    """The objects of those classes that exist."""
    gc.collect()
    return [thing for thing in gc.get_objects() if type(thing) in kinds]


async def test_it_listens_where_it_says_and_shows_it(api: Api, tmp_path: Path) -> None:
    inserted = await insert(tmp_path, upstream=api.url, record_mode="all")
    assert repr(inserted) == f"<Inserted {tmp_path}/a.yaml at {inserted.url}>"
    assert inserted.path == tmp_path / "a.yaml"
    assert inserted.session.mode is Mode.ALL
    assert (await ask(inserted.url, "GET /v1/x")).status == 200
    ejected = await inserted.eject()
    assert (ejected.receipt.recorded, ejected.kept) == (1, None)
    with pytest.raises(ConnectionRefusedError):
        await ask(inserted.url, "GET /v1/x")


async def test_it_listens_at_the_port_that_was_asked_for(api: Api, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    inserted = await insert(tmp_path, upstream=api.url, record_mode="all", port=port)
    assert inserted.url == f"http://127.0.0.1:{port}"
    await inserted.eject()


@pytest.mark.parametrize("mode", ["none", "once"])
async def test_a_session_that_only_replays_has_no_upstream_at_all(api: Api, tmp_path: Path, mode: str) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    before = alive(Upstream, aiohttp.ClientSession, Sandbox, Journal)
    for upstream in (api.url, "sandbox", ""):
        inserted = await insert(tmp_path, upstream=upstream, record_mode=mode)
        assert (await ask(inserted.url, "GET /v1/x")).status == 200
        assert (await ask(inserted.url, "GET /v1/y")).status == 421
        assert alive(Upstream, aiohttp.ClientSession, Sandbox, Journal) == before
        await inserted.eject()
    assert [arrived.target for arrived in api.arrived] == ["/v1/x"]


async def test_without_a_cassette_there_is_nothing_to_replay(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        await insert(tmp_path)
    assert str(caught.value) == f"There is no cassette {tmp_path}/a.yaml. To fix: do it"


async def test_without_an_upstream_there_is_nothing_to_record(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        await insert(tmp_path, record_mode="once")
    assert str(caught.value) == "There is no upstream to record a.yaml from. To fix: do it"


async def test_where_one_part_fails_nothing_stays(api: Api, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        with pytest.raises(UsageError, match="Port"):
            await insert(tmp_path, upstream=api.url, record_mode="all", port=busy)
    port = busy  # free again
    await api.stop()
    with pytest.raises(UsageError, match="cannot be reached: Connection refused"):
        await insert(tmp_path, upstream=api.url, record_mode="all", port=port)
    (tmp_path / "a.yaml").write_text("version: 1\n<<<<<<< mine\n")
    with pytest.raises(CassetteError, match=r"a\.yaml:2"):
        await insert(tmp_path, upstream=api.url, record_mode="all", port=port)
    assert list(files(tmp_path)) == ["a.yaml"]
    assert alive(aiohttp.ClientSession, Journal) == []
    with socket.create_server(("127.0.0.1", port)):
        pass  # and the port is free


async def test_a_recorder_that_is_refused_lets_go_of_its_upstream(api: Api, tmp_path: Path) -> None:
    first = await insert(tmp_path, upstream=api.url, record_mode="all")
    with pytest.raises(UsageError, match="is being recorded"):
        await insert(tmp_path, upstream=api.url, record_mode="all")
    assert len(alive(Upstream)) == 1
    await first.eject()


async def test_the_sandbox_comes_and_goes_with_its_session(tmp_path: Path) -> None:
    inserted = await insert(tmp_path, upstream="sandbox", record_mode="once")
    (sandbox,) = alive(Sandbox)
    assert isinstance(sandbox, Sandbox)
    assert (await ask(inserted.url, "POST /v1/customers", [BEARER, FORM], b"name=Ada")).status == 200
    await inserted.eject()
    with pytest.raises(ConnectionRefusedError):
        await ask(sandbox.url, "GET /v1/customers")
    cassette = on_disk(tmp_path / "a.yaml")
    assert cassette.interactions[0].request.uri == "https://api.stripe.com/v1/customers"
    assert cassette.facts is not None
    assert cassette.facts.upstream == "sandbox"


async def test_it_tells_where_a_killed_recording_went(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
    (interaction,) = on_disk(tmp_path / "a.yaml").interactions
    left = COMPLETE.join([head(Facts("", "invoice", 0)), entry(interaction), ""])
    (tmp_path / "a.yaml.journal").write_text(left)
    inserted = await insert(tmp_path, upstream=api.url, record_mode="all")
    assert inserted.set_aside == tmp_path / "a.interrupted-1.yaml"
    await inserted.eject()
    inserted = await insert(tmp_path)
    assert inserted.set_aside is None
    await inserted.eject()


async def test_a_request_under_way_is_recorded_before_it_ends(api: Api, tmp_path: Path) -> None:
    came = asyncio.Event()

    async def late(_: object, writer: asyncio.StreamWriter) -> None:
        came.set()
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    api["/v1/x"] = late
    inserted = await insert(tmp_path, upstream=api.url, record_mode="all")
    asked = asyncio.create_task(ask(inserted.url, "GET /v1/x"))
    async with asyncio.timeout(5):
        await came.wait()
    ejected = await inserted.eject()
    assert (await asked).body == b"late"
    assert ejected.receipt.recorded == 1
    assert on_disk(tmp_path / "a.yaml").interactions[0].response.body == b"late"
