"""Large cassettes: the loop that answers others never stands still for them, and what was found out about one is found
again when it is opened the next time."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from replayer.cassettes import dumps, stored
from replayer.core.cassette import Cassette
from replayer.proxy.prompt import Prompt
from tests.bench.replay import cassette, invoice, posted
from tests.watchdog import Watchdog

from . import talking
from .desk import desk
from .talking import FORM, Api, Wire, ask, on_disk, reply, request

READS, POSTS = 2_000, 100
STILL = 0.1  # seconds of processor time
NEW = reply(b"{}", ("Content-Type", "application/json"))


@pytest.fixture(scope="module")
def large() -> Cassette:
    return cassette(READS, posts=POSTS)


@pytest.fixture(scope="module")
def text(large: Cassette) -> str:
    return dumps(large)


@pytest.fixture
def root(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a large cassette, and none of what was found out before."""
    monkeypatch.setattr(talking, "PATIENCE", 60)  # who opens a large one may have to wait
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "large.yaml").write_text(text, "utf-8")
    return tmp_path


async def holds_nobody_up(work: Callable[[], Awaitable[None]]) -> Watchdog:
    """Do that until nobody was held up, three times at most: another one's work may take from our time, too."""
    for _ in range(3):
        dog = Watchdog(STILL)
        with dog.watching():
            await work()
        if not dog.complaint:
            break
    return dog


@pytest.mark.long
async def test_opening_and_ejecting_one_holds_nobody_up(root: Path) -> None:
    assert not (await holds_nobody_up(partial(open_twice, root))).complaint
    (kept,) = (root / "cache/replayer").iterdir()
    assert kept.stat().st_size < (root / "large.yaml").stat().st_size


async def open_twice(root: Path) -> None:
    """Open the large cassette, ask for some of it, and eject it; what was found out is found again."""
    shutil.rmtree(root / "cache", ignore_errors=True)
    async with desk(root) as here:
        for _ in range(2):
            opening = asyncio.create_task(here.open("large.yaml", mode="none"))
            others = 0
            while not opening.done():
                assert (await here.call("GET /__replayer__/health")).status == 200
                others += 1
            opened = opening.result()
            assert others > 1
            for number in (0, READS // 2, READS - 1):
                answer = await ask(opened["url"], f"GET {invoice(number)[0]}")
                assert (answer.status, answer.body) == (200, invoice(number)[1])
            form, body = posted(POSTS - 1)
            written = await ask(opened["url"], "POST /v1/posts", (FORM,), form.encode())
            assert (written.status, written.body) == (200, body)
            assert (await ask(opened["url"], "GET /v1/invoices/in_none")).status == 421
            ended = await here.eject(opened)
            assert (
                ended["receipt"]["line"] == f"0 recorded, 4 played, 0 synthesized, 1 missed, {READS + POSTS - 4} unused"
            )


def page(number: int) -> dict[str, object]:
    """A page of a list, as vcrpy writes it down: what its request names may be something that its client minted."""
    body = json.dumps({"object": "list", "data": [{"id": f"in_{number:024d}x", **dict.fromkeys(range(200))}]})
    uri = f"https://api.stripe.com/v1/invoices?limit=1&starting_after=in_{number:024d}"
    headers = {"Content-Type": ["application/json"]}
    return {
        "request": {"method": "GET", "uri": uri, "body": None, "headers": {}},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": body}},
    }


async def test_what_is_asked_again_is_found_by_its_bytes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [page(number) for number in range(100)]
    (root / "pages.yaml").write_text(yaml.dump({"version": 1, "interactions": pages}, Dumper=yaml.CSafeDumper), "utf-8")
    found, known = [], Prompt.known

    def seen(prompt: Prompt, data: bytes) -> bytes | None:
        found.append(known(prompt, data))
        return found[-1]

    monkeypatch.setattr(Prompt, "known", seen)
    async with desk(root) as here:
        opened = await here.open("pages.yaml", mode="none")
        wire = await Wire.to(opened["url"])
        for number in (3, 5, 3, 5):
            asked = request(f"GET /v1/invoices?limit=1&starting_after=in_{number:024d}", opened["url"])
            await wire.send(asked.replace(b"Connection: close\r\n", b""))
            assert f"in_{number:024d}x".encode() in await wire.hear(b"}]}")
        await wire.close()
    assert [answer is not None for answer in found] == [False, False, True, True]


async def test_what_is_known_of_one_is_not_found_out_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(root) as here:
        await here.eject(await here.open("large.yaml", mode="none"))

        def never(*_: object) -> None:
            raise AssertionError("it was read again")

        monkeypatch.setattr(stored, "scanned", never)
        monkeypatch.setattr("replayer.core.matching.index.built", never)
        opened = await here.open("large.yaml", mode="none")
        answer = await ask(opened["url"], f"GET {invoice(7)[0]}")
        assert (answer.status, answer.body) == (200, invoice(7)[1])
        assert (await here.eject(opened))["receipt"]["played"] == 1


async def test_who_writes_into_what_is_played_is_told_so(root: Path) -> None:
    path, (target, body) = root / "large.yaml", invoice(5)
    async with desk(root) as here:
        opened = await here.open("large.yaml", mode="none")
        at = path.read_bytes().index(body[:40].decode().partition('"id": ')[2].encode())
        with path.open("r+b") as file:
            file.seek(at)
            file.write(b'"IN')
        answer = await ask(opened["url"], f"GET {target}")
        assert answer.status == 421
        assert b"somebody has written into it since it was opened" in answer.body
        assert (await here.eject(opened))["receipt"]["missed"] == 1


@pytest.mark.long
async def test_adding_to_one_holds_nobody_up(api: Api, root: Path, text: str) -> None:
    assert not (await holds_nobody_up(partial(add, api, root, text))).complaint


async def add(api: Api, root: Path, text: str) -> None:
    """Record 300 more into the large cassette."""
    (root / "large.yaml").write_text(text, "utf-8")
    api.answers = {f"/v1/new/{number}": NEW for number in range(300)}
    async with desk(root, upstream=api.url, rules="invoice", origin="https://api.stripe.com") as here:
        opened = await here.open("large.yaml", mode="new_episodes")
        for number in range(300):
            assert (await ask(opened["url"], f"GET /v1/new/{number}")).status == 200
        ended = await here.eject(opened)
        assert (ended["saved"], ended["receipt"]["recorded"]) == (True, 300)
    assert len(on_disk(root / "large.yaml").interactions) == READS + POSTS + 300
