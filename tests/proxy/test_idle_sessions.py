"""Sessions in which nothing is done, or for which nobody waits, are ejected."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from replayer.proxy.inserted import Inserted
from replayer.proxy.server import bound
from replayer.proxy.switchboard import Switchboard

from .desk import AT, TOKEN, Desk, desk, recorded
from .talking import Api, Wire, ask, files, request


async def test_a_session_in_which_nothing_is_done_is_ejected(api: Api, tmp_path: Path) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        asked, called, left = [await here.open(f"{name}.yaml") for name in "abc"]
        here.now = 50.0
        await ask(asked["url"], "GET /v1/x")
        await here.sessions.eject_idle(60)
        here.now = 59.0
        await here.shown(called)
        here.now = 61.0
        await here.sessions.eject_idle(60)
        assert [hosted.id for hosted in here.sessions] == [asked["id"], called["id"]]
        ended = await here.shown(left)
        assert (ended["state"], ended["why"]) == ("ejected", "idle for 60 seconds")
        here.now = 200.0
        await here.sessions.eject_idle(60)
        assert list(here.sessions) == []
    assert "a.yaml" in files(tmp_path)  # all of it was answered, and there was none before


async def test_a_session_that_waits_for_its_upstream_is_not_idle(api: Api, tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def never(*_: object) -> None:
        arrived.set()
        await asyncio.sleep(60)

    api["/v1/x"] = never
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open()
        wire = await Wire.to(opened["url"])
        await wire.send(request("GET /v1/x", opened["url"]))
        await asyncio.wait_for(arrived.wait(), 5)
        here.now = 1000.0
        await here.sessions.eject_idle(60)
        assert len(list(here.sessions)) == 1
        await wire.close()


async def test_idle_sessions_are_looked_for_as_long_as_the_server_runs(api: Api, tmp_path: Path) -> None:
    await recorded(api, tmp_path, "a.yaml")
    here = Desk(tmp_path)
    here.board = Switchboard(here.sessions, TOKEN, idle=0.02)
    with bound(0) as listener:
        here.url = await here.board.start(listener)
        await here.open()
        here.now = 1.0
        await asyncio.wait_for(here.has_ended.wait(), 5)
        await here.board.close()


async def test_a_session_that_nobody_waited_for_is_ejected(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, begun, left = Inserted.insert, asyncio.Event(), asyncio.Event()

    async def slowly(*given: Any, **more: Any) -> Inserted:
        begun.set()
        await left.wait()
        return await insert(*given, **more)

    monkeypatch.setattr(Inserted, "insert", slowly)
    async with desk(tmp_path, upstream=api.url) as here:
        wire = await Wire.to(here.url)
        await wire.send(request(f"POST {AT}", here.url, [("Replayer-Token", TOKEN)], b'{"cassette": "a.yaml"}'))
        await asyncio.wait_for(begun.wait(), 5)
        wire.vanish()
        await asyncio.sleep(0.05)
        left.set()
        await asyncio.wait_for(here.has_ended.wait(), 5)
        assert [ended.why for ended in here.ended] == ["nobody waited for it"]
        assert list(here.sessions) == []


async def test_a_server_that_ends_while_a_session_is_opened_leaves_none(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def never(*_: Any, **__: Any) -> Inserted:
        begun.set()
        await asyncio.sleep(60)
        raise AssertionError

    monkeypatch.setattr(Inserted, "insert", never)
    async with desk(tmp_path, upstream=api.url) as here:
        calling = asyncio.create_task(here.call(f"POST {AT}", {"cassette": "a.yaml"}))
        await asyncio.wait_for(begun.wait(), 5)
        await here.board.close()
        with suppress(AssertionError):  # nothing was answered
            await calling
        assert list(here.sessions) == []


async def test_a_server_that_ends_ejects_all(api: Api, tmp_path: Path) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        for name in ("a.yaml", "b.yaml"):
            await ask((await here.open(name))["url"], "GET /v1/x")
    assert sorted(ended.settings.cassette for ended in here.ended) == ["a.yaml", "b.yaml"]
    assert set(files(tmp_path)) >= {"a.yaml", "b.yaml"}
