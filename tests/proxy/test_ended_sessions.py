"""What a session takes it gives back when it has ended, and at once."""

import asyncio
import gc
import resource
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replayer.proxy.sessions import Hosted, Sessions
from replayer.settings import Settings

from .desk import desk, recorded
from .talking import Api, ask, descriptors


async def used(sessions: Sessions, count: int) -> None:
    """So many sessions on one cassette, all open at once, used by eight clients and ejected."""
    opened = [await sessions.open({"cassette": "a.yaml"}) for _ in range(count)]

    async def client(number: int) -> None:
        for session in opened[number::8]:
            assert isinstance(session, Hosted)
            assert (await ask(session.inserted.url, "GET /v1/x")).status == 200
            await sessions.eject(session)

    await asyncio.gather(*map(client, range(8)))


@pytest.mark.long
@pytest.mark.usefixtures("collected")
@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2000, reason="a thousand sessions need a thousand descriptors"
)
async def test_a_thousand_sessions_give_back_their_memory_and_their_descriptors(api: Api, tmp_path: Path) -> None:
    await recorded(api, tmp_path, "a.yaml")
    base = Settings(root=str(tmp_path), record_mode="none")
    sessions = Sessions(base, tell=lambda *_: None, note=lambda _: None, end=lambda _: None)
    await used(sessions, 30)  # what is made once for all of them
    gc.collect()
    before, open_before = sys.getallocatedblocks(), descriptors()
    await used(sessions, 1000)
    kept = (sys.getallocatedblocks() - before) / 1000
    assert kept < 100, "one that stays has five hundred; what is told of one that has ended is twelve"
    assert descriptors() == open_before


@pytest.fixture
def collected() -> Iterator[None]:
    """Nobody looks for circles meanwhile: what is free has become so by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("settings", [{"upstream": "sandbox"}, {"record_mode": "none"}, {"https": True}])
async def test_a_session_that_has_ended_is_gone_at_once(api: Api, tmp_path: Path, settings: dict[str, Any]) -> None:
    await recorded(api, tmp_path, "a.yaml")
    async with desk(tmp_path) as here:
        opened = await here.open("new.yaml" if "upstream" in settings else "a.yaml", **settings)
        hosted = here.sessions.find(opened["id"])
        assert isinstance(hosted, Hosted)
        left = weakref.ref(hosted.inserted.session)
        del hosted
        if not settings.get("https"):
            assert (await ask(opened["url"], "GET /v1/x")).status in (200, 404)
        await here.eject(opened)
        await asyncio.sleep(0)
        assert left() is None
