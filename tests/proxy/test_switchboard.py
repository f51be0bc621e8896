"""The control port of many sessions: who is let in, what is opened, and how it ends."""

import asyncio
import json
import os
import resource
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from replayer.cassettes import folder
from replayer.proxy import calls, sessions
from replayer.proxy.handler import Line
from replayer.proxy.inserted import Inserted
from replayer.proxy.server import bound
from replayer.proxy.sessions import Ended, Sessions
from replayer.proxy.switchboard import Switchboard
from replayer.settings import Settings

from .talking import BEARER, Api, Heard, Wire, ask, files, on_disk, recorder, request

TOKEN = "a-token-of-mine"
AT = "/__replayer__/sessions"
RULE = "GET /v1/x status=503 times=1"


class Desk:
    """A server of sessions over a folder, and what was told of them. `now` is its clock."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.now, self.lines, self.notes, self.ended = 0.0, list[tuple[str, Line]](), list[str](), list[Ended]()
        base = Settings(root=str(root), **{"record_mode": "once", **settings})
        self.sessions = Sessions(
            base, tell=lambda name, line: self.lines.append((name, line)), note=self.notes.append,
            end=self._end, clock=lambda: self.now,
        )  # fmt: skip
        self.board = Switchboard(self.sessions, TOKEN)
        self.url, self.has_ended = "", asyncio.Event()

    def _end(self, ended: Ended) -> None:
        self.ended.append(ended)
        self.has_ended.set()

    async def call(
        self, line: str, call: Any = None, more: Sequence[tuple[str, str]] = (), *, token: str | None = TOKEN
    ) -> Heard:
        headers = [*more] if token is None else [("Replayer-Token", token), *more]
        body = call if isinstance(call, bytes) else b"" if call is None else json.dumps(call).encode()
        return await ask(self.url, line, headers, body)

    async def open(self, cassette: str = "a.yaml", **settings: Any) -> dict[str, Any]:
        answer = await self.call(f"POST {AT}", {"cassette": cassette, **settings})
        assert answer.status == 201, answer.body
        return dict(json.loads(answer.body))

    async def shown(self, session: dict[str, Any], method: str = "GET", call: Any = None) -> dict[str, Any]:
        answer = await self.call(f"{method} {AT}/{session['id']}", call)
        assert answer.status == 200, answer.body
        return dict(json.loads(answer.body))

    async def eject(self, session: dict[str, Any], call: Any = None) -> dict[str, Any]:
        return await self.shown(session, "DELETE", call)


@asynccontextmanager
async def desk(root: Path, **settings: Any) -> AsyncIterator[Desk]:
    started = Desk(root, **settings)
    with bound(0) as listener:
        started.url = await started.board.start(listener)
        try:
            yield started
        finally:
            await started.board.close()


def error(answer: Heard) -> tuple[int, str, str]:
    told = json.loads(answer.body)["error"]
    return answer.status, told["code"].removeprefix("replayer_"), told["message"]


def descriptors() -> int:
    """How many this program has open."""
    return len(list(Path("/dev/fd").iterdir()))


async def recorded(api: Api, root: Path, *names: str) -> None:
    """Cassettes with one request each."""
    for name in names:
        async with recorder(api, root, name) as proxy:
            await ask(proxy.url, "GET /v1/x")


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


# -- those in which nothing is done -----------------------------------------------------------------------------------


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


# -- who is let in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "wrong", "ä"])
async def test_without_the_token_nothing_is_told(tmp_path: Path, token: str | None) -> None:
    async with desk(tmp_path, upstream="sandbox") as here:
        for line in (
            f"GET {AT}",
            f"POST {AT}",
            f"GET {AT}/abc",
            f"DELETE {AT}/abc",
            "GET /",
            "GET /__replayer__/other",
        ):
            assert error(await here.call(line, token=token))[:2] == (401, "token")
        assert list(here.sessions) == []


async def test_that_the_server_is_there_is_told_to_who_has_no_token(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        answer = await here.call("GET /__replayer__/health", token=None)
        assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})
        assert (await here.call("HEAD /__replayer__/health", token=None)).status == 200


@pytest.mark.parametrize(
    "headers",
    [[("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "SELF")], [("Sec-Fetch-Site", "none")]],
)
@pytest.mark.parametrize("line", [f"POST {AT}", "GET /__replayer__/health", f"OPTIONS {AT}"])
async def test_no_page_of_a_browser_calls_not_even_with_the_token(
    tmp_path: Path, line: str, headers: list[tuple[str, str]]
) -> None:
    async with desk(tmp_path, upstream="sandbox", cors="https://evil.example") as here:
        own = [(name, value.replace("SELF", here.url)) for name, value in headers]
        answer = await here.call(line, {"cassette": "a.yaml"}, own)
        assert error(answer)[:2] == (403, "origin")
        assert answer.header("Access-Control-Allow-Origin") is None
        assert list(here.sessions) == []


async def test_a_name_that_was_made_to_point_here_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        for path in (AT, "/__replayer__/health"):
            answer = await ask(here.url, f"GET {path}", [("Replayer-Token", TOKEN)], host="evil.example")
            assert error(answer)[:2] == (403, "host")


@pytest.mark.parametrize(
    "path", [f"{AT}/", f"{AT}?a", "//__replayer__/sessions", "/__replayer__/%73essions", "/", "/v1"]
)
async def test_no_other_spelling_is_a_call(tmp_path: Path, path: str) -> None:
    async with desk(tmp_path, upstream="sandbox") as here:
        assert error(await here.call(f"POST {path}", {"cassette": "a.yaml"}))[:2] == (404, "path")


@pytest.mark.parametrize("target", ["http://127.0.0.1/__replayer__/sessions", "example.com:443"])
async def test_it_is_nobody_s_proxy(tmp_path: Path, target: str) -> None:
    async with desk(tmp_path) as here:
        method = "CONNECT" if target.endswith(":443") else "GET"
        assert (await here.call(f"{method} {target}")).status in (400, 403, 404)


@pytest.mark.parametrize(
    ("line", "allow"),
    [
        (f"PUT {AT}", "GET, POST"),
        (f"DELETE {AT}", "GET, POST"),
        (f"POST {AT}/abc", "GET, DELETE"),
        (f"DELETE {AT}/abc/faults", "GET, POST"),
        ("POST /__replayer__/health", "GET"),
    ],
)
async def test_another_method_is_told_the_right_ones(tmp_path: Path, line: str, allow: str) -> None:
    async with desk(tmp_path) as here:
        answer = await here.call(line)
        assert (answer.status, answer.header("Allow")) == (405, allow)


@pytest.mark.parametrize("path", [f"{AT}/abc", f"{AT}/abc/faults", f"{AT}/{'a' * 64}"])
async def test_a_session_that_is_none_is_404(tmp_path: Path, path: str) -> None:
    async with desk(tmp_path) as here:
        assert error(await here.call(f"GET {path}"))[:2] == (404, "session")


# -- wrong calls ------------------------------------------------------------------------------------------------------

USAGE = 'The call is {"cassette"'


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", USAGE),
        (b"[]", USAGE),
        (b'{"cassette": "a.yaml"', USAGE),
        (b"[" * 100_000, USAGE),
        (b"\xff\xfe", USAGE),
        (b"{}", "No cassette is named."),
        (b'{"cassette": 1}', "The setting cassette must be text, not 1."),
        (b'{"cassette": null}', "The setting cassette must be text, not None."),
        (b'{"cassette": ""}', "The cassette name '' is empty."),
        (b'{"cassette": "\\ud800.yaml"}', "cannot be a file here"),
        (b'{"cassette": "a.yaml", "rules": {"base": 1}}', "must be the name of a set of rules"),
        (b'{"cassette": "a.yaml", "faults": [1]}', "must hold rules of faults"),
        (b'{"cassette": "../a.yaml"}', "leads upwards with '..'"),
        (b'{"cassette": "/etc/passwd"}', "is not below the root"),
        (b'{"cassette": "a.yaml", "mode": "nome"}', "'nome' is not a record mode. Did you mean 'none'?"),
        (b'{"cassette": "a.yaml", "mode": "all", "record_mode": "all"}', "The mode is given twice."),
        (b'{"cassette": "a.yaml", "lenyent": true}', "'lenyent' is not a setting. Did you mean 'lenient'?"),
        (b'{"cassette": "a.yaml", "strict": 1}', "The setting strict must be true or false, not 1."),
        (b'{"cassette": "a.yaml", "latency": "soon"}', "soon"),
        (b'{"cassette": "a.yaml", "upstream": "sandbox"}', "The upstream of this server is http://127.0.0.1:1."),
        (b'{"cassette": "a.yaml", "more_upstreams": ["sandbox"]}', "Leave more_upstreams out."),
        *(
            (
                json.dumps({"cassette": "a.yaml", name: "x"}).encode(),
                f"The setting {name} is set where 'replayer serve'",
            )
            for name in sorted(calls.OF_SERVER)
        ),
    ],
)
async def test_a_wrong_call_says_what_is_right_in_one_line_and_opens_nothing(
    tmp_path: Path, body: bytes, says: str
) -> None:
    async with desk(tmp_path, upstream="http://127.0.0.1:1") as here:
        status, code, message = error(await here.call(f"POST {AT}", body))
        assert (status, code) == (400, "usage")
        assert says in message
        assert "\n" not in message
        assert list(here.sessions) == []
    assert files(tmp_path) == {}


async def test_a_cassette_that_cannot_be_read_or_is_not_there_says_so(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("<<<<<<< mine")
    async with desk(tmp_path) as here:
        assert error(await here.call(f"POST {AT}", {"cassette": "bad.yaml"}))[:2] == (400, "cassette")
        status, code, message = error(await here.call(f"POST {AT}", {"cassette": "a.yaml", "mode": "none"}))
        assert (status, code) == (400, "usage")
        assert message.startswith(f"There is no cassette {tmp_path}/a.yaml.")
        (tmp_path / "bad.yaml").unlink()
        assert (
            error(await here.call(f"POST {AT}", {"cassette": "bad.yaml", "upstream": "http://127.0.0.1:1"}))[0] == 400
        )
        opened = await here.open("bad.yaml", upstream="sandbox")  # what failed holds nothing
        assert opened["mode"] == "once"


@pytest.mark.parametrize("body", [b"1", b'{"failed": 1}', b'{"fialed": true}'])
async def test_a_wrong_word_of_how_it_ended_ejects_nothing(api: Api, tmp_path: Path, body: bytes) -> None:
    async with desk(tmp_path, upstream=api.url) as here:
        opened = await here.open()
        assert error(await here.call(f"DELETE {AT}/{opened['id']}", body))[:2] == (400, "usage")
        assert (await here.shown(opened))["state"] == "open"


async def test_a_call_that_is_too_long_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path, upstream="sandbox") as here:
        wire = await Wire.to(here.url)
        head = request(f"POST {AT}", here.url, [("Replayer-Token", TOKEN), ("Content-Length", str(calls.LONGEST + 1))])
        await wire.send(head)
        assert b" 413 " in await wire.hear(b"\r\n")
        await wire.close()


def test_each_setting_is_the_client_s_or_the_server_s() -> None:
    assert {field.name for field in fields(Settings)} == calls.OF_CLIENTS | calls.OF_SERVER
    assert not calls.OF_CLIENTS & calls.OF_SERVER


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
