"""Large cassettes: the loop that answers others never stands still for them, and what was found out about one is found
again when it is opened the next time."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from replayer.cassettes import dumps, stored
from replayer.core.cassette import Cassette
from tests.bench.replay import cassette, invoice, posted
from tests.watchdog import Watchdog

from . import talking
from .desk import desk
from .talking import FORM, Api, ask, on_disk, reply

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


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    dog = Watchdog(STILL)
    with dog.watching():
        yield dog
    assert not dog.complaint


async def test_opening_and_ejecting_one_holds_nobody_up(root: Path, watchdog: Watchdog) -> None:
    bodies = []
    async with desk(root) as here:
        for _ in range(2):  # what was found out is found again
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
            bodies.append((written.status, written.body))
            assert bodies[-1] == (200, body)
            assert (await ask(opened["url"], "GET /v1/invoices/in_none")).status == 421
            ended = await here.eject(opened)
            assert (
                ended["receipt"]["line"] == f"0 recorded, 4 played, 0 synthesized, 1 missed, {READS + POSTS - 4} unused"
            )
    assert watchdog.longest <= STILL, watchdog
    (kept,) = (root / "cache/replayer").iterdir()
    assert kept.stat().st_size < (root / "large.yaml").stat().st_size


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


async def test_adding_to_one_holds_nobody_up(api: Api, root: Path, watchdog: Watchdog) -> None:
    api.answers = {f"/v1/new/{number}": NEW for number in range(300)}
    async with desk(root, upstream=api.url, rules="invoice", origin="https://api.stripe.com") as here:
        opened = await here.open("large.yaml", mode="new_episodes")
        for number in range(300):
            assert (await ask(opened["url"], f"GET /v1/new/{number}")).status == 200
        ended = await here.eject(opened)
        assert (ended["saved"], ended["receipt"]["recorded"]) == (True, 300)
    found = on_disk(root / "large.yaml").interactions
    assert len(found) == READS + POSTS + 300
    assert watchdog.longest <= STILL, watchdog
