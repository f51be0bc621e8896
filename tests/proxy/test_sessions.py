"""Many sessions of one server: what is opened, and how it ends."""

import asyncio
import json
import os
import resource
import ssl
from pathlib import Path

import aiohttp
import pytest

from replayer.cassettes import folder
from replayer.proxy import sessions

from .desk import AT, RULE, desk, error, recorded
from .talking import BEARER, Api, ask, descriptors, on_disk, recorder

# -- a session's life -------------------------------------------------------------------------------------------------


async def test_a_session_is_opened_used_shown_and_ejected(api: Api, tmp_path: Path) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open("a/b.yaml", mode="once")
        assert set(opened) == {"id", "url", "cassette", "mode"}
        assert (opened["cassette"], opened["mode"]) == ("a/b.yaml", "once")
        assert opened["url"] not in ("", here.url)
        first = await ask(opened["url"], "GET /v1/x")
        shown = await here.shown(opened)
        assert {**opened, "state": "open", "misses": [], "receipt": shown["receipt"]} == shown
        assert shown["receipt"]["line"] == "1 recorded, 0 played, 0 synthesized, 0 missed, 0 unused"
        listed = json.loads((await here.call(f"GET {AT}")).body)["sessions"]
        assert listed == [shown]
        ended = await here.eject(opened)
        assert (ended["state"], ended["saved"], ended["receipt"]["recorded"]) == ("ejected", True, 1)
        again = await here.open("a/b.yaml")
        assert (await ask(again["url"], "GET /v1/x")).body == first.body
        ended = await here.eject(again)
        assert (ended["saved"], ended["receipt"]["played"]) == (None, 1)
        with pytest.raises(ConnectionRefusedError):
            await ask(again["url"], "GET /v1/x")
    assert len(on_disk(tmp_path / "a/b.yaml").interactions) == 1
    assert len(api.arrived) == 1
    assert [name for name, _ in here.lines] == ["a/b.yaml"] * 2


async def test_who_ejects_again_is_told_the_same(api: Api, tmp_path: Path) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open()
        await ask(opened["url"], "GET /v1/x")
        both = await asyncio.gather(here.eject(opened), here.eject(opened))
        assert both[0] == both[1] == await here.eject(opened) == await here.shown(opened)
    assert len(here.ended) == 1


async def test_a_miss_is_shown_with_its_explanation(api: Api, tmp_path: Path) -> None:
    await recorded(api, tmp_path, "a.yaml")
    async with desk(tmp_path) as here:
        opened = await here.open(mode="none")
        await ask(opened["url"], "GET /v1/y")
        (miss,) = (await here.shown(opened))["misses"]
        assert miss["reason"] == "no-match"
        assert miss["message"].startswith("No recorded interaction matches GET /v1/y.")
        assert 'To fix: open it with "mode": "all" and an "upstream"' in miss["message"]
        ended = await here.eject(opened)
        assert (ended["receipt"]["missed"], ended["misses"]) == (1, [miss])


async def test_a_run_that_failed_replaces_no_cassette(api: Api, tmp_path: Path) -> None:
    await recorded(api, tmp_path, "a.yaml")
    before = (tmp_path / "a.yaml").read_bytes()
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open(mode="all")
        await ask(opened["url"], "GET /v1/other")
        ended = await here.eject(opened, {"failed": True})
    assert (ended["saved"], ended["reason"]) == (False, "the run failed")
    assert (tmp_path / "a.yaml").read_bytes() == before
    assert (tmp_path / "a.yaml.journal").exists()


async def test_many_clients_replay_one_cassette_side_by_side(api: Api, tmp_path: Path) -> None:
    await recorded(api, tmp_path, "a.yaml")
    async with desk(tmp_path) as here:
        opened = [await here.open() for _ in range(3)]
        assert len({session["url"] for session in opened}) == 3
        answers = await asyncio.gather(*(ask(session["url"], "GET /v1/x") for session in opened))
        assert {answer.status for answer in answers} == {200}


async def test_a_cassette_that_is_recorded_is_in_use(api: Api, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open()
        for name in ("a.yaml", "./a.yaml", "link/a.yaml", str(tmp_path / "a.yaml")):
            status, code, message = error(await here.call(f"POST {AT}", {"cassette": name}))
            assert (status, code) == (409, "in_use")
            assert f"session {opened['id']} records it" in message
        await ask(opened["url"], "GET /v1/x")
        await here.eject(opened)
        playing = await here.open()
        assert error(await here.call(f"POST {AT}", {"cassette": "a.yaml", "mode": "all"}))[0] == 409
        await here.eject(playing)
        await here.open(mode="all")


async def test_the_journal_of_a_session_is_no_cassette_of_another(api: Api, tmp_path: Path) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open()
        await ask(opened["url"], "GET /v1/x")
        for name in ("a.yaml.journal", "b.journal", ".journal"):
            answer = await here.call(f"POST {AT}", {"cassette": name, "mode": "all"})
            assert error(answer)[:2] == (400, "usage")
            assert "which nothing is recorded to" in error(answer)[2]
        assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 1
        reading = await here.open("a.yaml.journal")  # what it holds may be played
        assert (await ask(reading["url"], "GET /v1/x")).status == 200


async def test_a_cassette_that_another_replayer_records_is_in_use(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path), desk(tmp_path, upstream=api.url) as here:
        status, code, message = error(await here.call(f"POST {AT}", {"cassette": "a.yaml"}))
        assert (status, code) == (409, "in_use")
        assert "another replayer records it" in message


async def test_two_that_come_at_once_do_not_record_one_cassette(api: Api, tmp_path: Path) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        both = await asyncio.gather(*(here.call(f"POST {AT}", {"cassette": "a.yaml"}) for _ in range(2)))
        assert sorted(answer.status for answer in both) == [201, 409]


async def test_a_session_that_speaks_tls_tells_which_certificate_to_believe(api: Api, tmp_path: Path) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open(https=True)
        trusted = ssl.create_default_context(cafile=opened["certificate"])
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"{opened['url']}/v1/x", ssl=trusted, headers=dict([BEARER])) as answer,
        ):
            assert answer.status == 200
        assert (await here.eject(opened))["receipt"]["recorded"] == 1


async def test_faults_are_laid_for_one_session(api: Api, tmp_path: Path) -> None:
    await recorded(api, tmp_path, "a.yaml")
    async with desk(tmp_path) as here:
        one, other = await here.open(), await here.open()
        at = f"{AT}/{one['id']}/faults"
        laid = json.loads((await here.call(f"POST {at}", {"faults": [RULE]})).body)
        assert laid == {"faults": [{"rule": RULE, "met": 0}]}
        assert [(await ask(each["url"], "GET /v1/x")).status for each in (other, one, one)] == [200, 503, 200]
        assert json.loads((await here.call(f"GET {at}")).body) == {"faults": [{"rule": RULE, "met": 1}]}
        assert error(await here.call(f"POST {at}", {"faults": ["GET /x"]}))[:2] == (400, "usage")
        await here.eject(one)
        assert error(await here.call(f"POST {at}", {"faults": [RULE]}))[:2] == (400, "usage")


async def test_what_a_killed_recording_left_is_noted(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/x")
        left = (tmp_path / "a.yaml.journal").read_bytes()
    (tmp_path / "a.yaml").unlink()
    (tmp_path / "a.yaml.journal").write_bytes(left)
    async with desk(tmp_path, upstream=api.url) as here:
        await here.open()
        assert "a.interrupted-1.yaml" in here.notes[0]


# -- many -------------------------------------------------------------------------------------------------------------


async def test_where_descriptors_run_out_nothing_is_opened_and_what_is_open_goes_on(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recorded(api, tmp_path, "a.yaml")
    async with desk(tmp_path) as here:
        opened = await here.open()
        with monkeypatch.context() as patched:
            patched.setattr(sessions, "SPARE", resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            status, code, message = error(await here.call(f"POST {AT}", {"cassette": "a.yaml"}))
        assert (status, code) == (503, "descriptors")
        assert "ulimit -n" in message
        assert (await ask(opened["url"], "GET /v1/x")).status == 200
        await here.eject(opened)
        await here.open()


async def test_a_hundred_sessions_give_back_what_they_took(api: Api, tmp_path: Path) -> None:
    await recorded(api, tmp_path, "a.yaml")
    async with desk(tmp_path) as here:
        await here.eject(await here.open())
        before = descriptors()
        opened = [await here.open() for _ in range(100)]
        assert len(json.loads((await here.call(f"GET {AT}")).body)["sessions"]) == 100

        async def client(number: int) -> None:
            for session in opened[number::8]:
                assert (await ask(session["url"], "GET /v1/x")).status == 200
                await here.eject(session)

        await asyncio.gather(*map(client, range(8)))
        assert list(here.sessions) == []
        await asyncio.sleep(0)
        assert descriptors() == before
    assert sum(ended.ejected.receipt.played for ended in here.ended) == 100


@pytest.mark.parametrize(
    ("number", "reason"), [(28, "it cannot be written: No space left on device"), (None, "Replayer failed")]
)
async def test_a_session_that_cannot_end_as_it_should_keeps_no_other_from_it(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None, reason: str
) -> None:
    replaced = folder.replace

    def fails(path: Path, text: str) -> None:
        if path.name == "a.yaml":
            raise OSError(number, os.strerror(number)) if number else KeyError("x")
        replaced(path, text)

    monkeypatch.setattr(folder, "replace", fails)
    async with desk(tmp_path, upstream=api.url) as here:
        for name in ("a.yaml", "b.yaml"):
            await ask((await here.open(name))["url"], "GET /v1/x")
    kept = {ended.settings.cassette: ended.ejected.kept for ended in here.ended}
    assert kept["b.yaml"] is None
    assert (kept["a.yaml"] or "").startswith(reason)
    assert len(on_disk(tmp_path / "a.yaml.journal").interactions) == 1
    assert (tmp_path / "b.yaml").exists()


async def test_only_so_many_that_have_ended_are_told_of(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_ENDED", 1)
    await recorded(api, tmp_path, "a.yaml")
    async with desk(tmp_path) as here:
        first, second = await here.open(), await here.open()
        await here.eject(first)
        await here.eject(second)
        assert (await here.call(f"GET {AT}/{first['id']}")).status == 404
        assert (await here.shown(second))["state"] == "ejected"
