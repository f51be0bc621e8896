"""The page of a server of many, by what it asks."""

from pathlib import Path

import httpx

from replayer.inspector import assets
from replayer.proxy.server import bound
from replayer.proxy.sessions import Sessions
from replayer.proxy.switchboard import Switchboard
from replayer.settings import Settings

TOKEN = {"Replayer-Token": "token"}


async def test_it_shows_all_sessions_with_their_own_pages_and_ends_one(tmp_path: Path) -> None:
    settings = Settings.load({"root": str(tmp_path), "allow_unused": True})
    sessions = Sessions(settings, tell=lambda *_: None, note=lambda _: None, end=lambda _: None)
    switchboard = Switchboard(sessions, "token", inspector=True)
    with bound(0) as listener:
        url = await switchboard.start(listener)
        assert switchboard.inspector(url) == f"{url}/__replayer__/#token"
        opened = await sessions.open({"cassette": "a.yaml"})
        async with httpx.AsyncClient(base_url=f"{url}/__replayer__/", headers=TOKEN) as client:
            page = await client.get("")
            assert (page.status_code, page.headers["Content-Security-Policy"]) == (200, assets.POLICY)
            assert (await client.get("api/session")).json()["kind"] == "serve"
            (shown,) = (await client.get("api/sessions")).json()["sessions"]
            assert (shown["cassette"], shown["state"]) == ("a.yaml", "open")
            assert shown["inspector"] == opened.inserted.inspector  # type: ignore[union-attr] # none is barred
            ended = await client.post("api/eject", params={"id": shown["id"]})
            assert (ended.json()["state"], ended.json()["why"]) == ("ejected", "ejected on the page")
            assert (await client.post("api/eject", params={"id": shown["id"]})).status_code == 404
            assert (await client.get("api/eject", params={"id": shown["id"]})).status_code == 405
            assert [one["state"] for one in (await client.get("api/sessions")).json()["sessions"]] == ["ejected"]
        await switchboard.close()
