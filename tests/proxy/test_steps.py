"""The steps of a session are taken one after the other, and a long one keeps nobody waiting but those behind it."""

import asyncio
import json
import random
import threading
import uuid
from asyncio import StreamWriter
from collections.abc import Callable
from pathlib import Path

import pytest

from replayer.core.message import Request
from replayer.core.session import Session, verdicts
from replayer.proxy import steps
from replayer.proxy.steps import LONG, Steps
from tests.watchdog import Watchdog

from .talking import BEARER, JSON, Api, Arrived, Heard, Wire, ask, files, on_disk, player, recorder, reply, request

PATIENCE = 10.0


def here() -> int:
    return threading.get_ident()


def held(until: threading.Event, found: list[str], name: str) -> Callable[[], str]:
    """A step that goes on until it is let go, away from the loop."""

    def step() -> str:
        assert until.wait(PATIENCE)
        found.append(name)
        return name

    return step


def noted(found: list[str], name: str) -> Callable[[], str]:
    def step() -> str:
        found.append(name)
        return name

    return step


async def test_a_short_step_is_taken_at_once_and_a_long_one_in_a_thread() -> None:
    session = Steps()
    assert await session.take(here, LONG - 1) == here()
    assert await session.take(here, LONG) != here()
    assert not session.is_busy


async def test_what_comes_behind_a_long_step_is_taken_behind_it_in_its_order() -> None:
    session, go, found = Steps(), threading.Event(), list[str]()
    lengths = {"b": 1, "c": LONG, "d": 1, "e": 1}
    taken = [asyncio.create_task(session.take(held(go, found, "a"), LONG))]
    await asyncio.sleep(0)
    for name, length in lengths.items():
        taken.append(asyncio.create_task(session.take(noted(found, name), length)))
    await asyncio.sleep(0.01)
    assert (session.is_busy, found) == (True, [])
    go.set()
    assert await asyncio.gather(*taken) == found == ["a", "b", "c", "d", "e"]
    assert not session.is_busy


async def test_other_sessions_do_not_wait_for_it() -> None:
    one, other, go, found = Steps(), Steps(), threading.Event(), list[str]()
    long = asyncio.create_task(one.take(held(go, found, "long"), LONG))
    await asyncio.sleep(0)
    assert await other.take(noted(found, "short"), 1) == "short"
    assert await other.take(noted(found, "as long"), LONG) == "as long"
    go.set()
    assert await long == "long"


@pytest.mark.parametrize("length", [1, LONG])
async def test_what_goes_wrong_is_told_to_whoever_takes_the_step_and_to_nobody_else(length: int) -> None:
    def fails() -> None:
        raise KeyError("x")

    session, go, found = Steps(), threading.Event(), list[str]()
    first = asyncio.create_task(session.take(held(go, found, "a"), LONG))
    await asyncio.sleep(0)
    failing = asyncio.create_task(session.take(fails, length))
    last = asyncio.create_task(session.take(noted(found, "b"), 1))
    go.set()
    with pytest.raises(KeyError):
        await failing
    assert (await first, await last) == ("a", "b")


async def test_who_leaves_before_its_turn_has_none_and_who_leaves_later_ends_nothing() -> None:
    session, go, found = Steps(), threading.Event(), list[str]()
    begun = asyncio.create_task(session.take(held(go, found, "begun"), LONG))
    await asyncio.sleep(0)
    waits, last = (asyncio.create_task(session.take(noted(found, name), 1)) for name in ("waits", "last"))
    await asyncio.sleep(0)
    waits.cancel()
    begun.cancel()
    await asyncio.sleep(0.01)
    assert (session.is_busy, found) == (True, [])  # nobody looks into a session that a thread still has
    ended = asyncio.create_task(session.end())
    go.set()
    await last
    await ended
    assert found == ["begun", "last"]


async def test_who_only_reads_has_nobody_waiting_and_fails_nobody() -> None:
    def fails() -> None:
        raise KeyError("x")

    session, go, found = Steps(), threading.Event(), list[str]()
    reading = asyncio.create_task(session.read(held(go, found, "read")))
    await asyncio.sleep(0)
    assert not session.is_busy
    assert await session.take(noted(found, "short"), 1) == "short"
    assert await session.take(noted(found, "long"), LONG) == "long"
    go.set()
    await reading
    assert found == ["short", "long", "read"]
    await session.read(fails)  # the step finds out the same, and tells


async def test_who_ends_waits_for_all_of_them() -> None:
    session, go, found = Steps(), threading.Event(), list[str]()
    await session.end()
    taken = [asyncio.create_task(session.take(held(go, found, name), LONG)) for name in ("a", "b")]
    await asyncio.sleep(0)
    ends = [asyncio.create_task(session.end()) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert not any(end.done() for end in ends)
    go.set()
    await asyncio.gather(*ends)
    assert found == ["a", "b"]
    await asyncio.gather(*taken)


# -- over ports: the watchdog fails each of these if a loop stands still ---------------------------------------------

DENSE = 5 << 14  # bytes; a body four times as long takes four times as long


def dense(seed: int, size: int = DENSE) -> bytes:
    """A body of ids and of nothing else."""
    chance = random.Random(seed)
    drawn = (f"{chance.getrandbits(128):032x}" for _ in range(size // 40))
    return json.dumps([f"{each[:8]}-{each[8:12]}-4{each[13:16]}-a{each[17:20]}-{each[20:]}" for each in drawn]).encode()


async def asked_beside(long: "asyncio.Task[Heard]", url: str) -> int:
    """How many small requests are answered while that one is."""
    answered = 0
    while not long.done():
        assert (await ask(url, f"GET /small/{answered}")).status == 200
        answered += not long.done()
    return answered


@pytest.mark.long
async def test_who_asks_small_things_is_answered_while_a_long_body_is_recorded_replayed_and_missed(
    api: Api, tmp_path: Path
) -> None:
    api["/v1/x"] = reply(dense(1), JSON)
    sent, other = dense(2), dense(3)
    async with recorder(api, tmp_path, "small.yaml") as beside:
        async with recorder(api, tmp_path, "long.yaml") as proxy:
            long = asyncio.create_task(ask(proxy.url, "POST /v1/x", [BEARER, JSON], sent))
            assert await asked_beside(long, beside.url) > 0
            recorded = await long
        async with player(tmp_path, "long.yaml") as proxy:
            for body, status in ((other, 200), (sent[: DENSE // 2] + b"]", 421)):
                long = asyncio.create_task(ask(proxy.url, "POST /v1/x", [BEARER, JSON], body))
                assert await asked_beside(long, beside.url) > 0
                assert (await long).status == status
        async with player(tmp_path, "long.yaml") as proxy:
            replayed = await ask(proxy.url, "POST /v1/x", [BEARER, JSON], sent)
    assert replayed.unframed() == recorded.unframed()


@pytest.mark.long
async def test_clients_side_by_side_whose_steps_are_long_record_one_file(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 2, wherever the steps are taken: whoever comes first is another one each time."""
    monkeypatch.setattr(steps, "LONG", 1000)

    async def echoes(arrived: Arrived, writer: StreamWriter) -> None:
        await asyncio.sleep(chance.random() / 50)
        path = arrived.target.rpartition("/")[2]
        made = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(50)]
        writer.write(reply(json.dumps({"id": made[0], "of": path, "all": made}).encode(), JSON))
        await writer.drain()

    async def client(url: str, number: int) -> list[bytes]:
        api[f"/v1/x/{number}"] = api[f"/v1/y/{number}"] = echoes
        told = [(await ask(url, f"POST /v1/x/{number}", [BEARER, JSON], dense(100 * seed + number, 4000))).body]
        own = json.loads(told[0])["id"]
        api[f"/v1/z/{own}"] = echoes
        told += [(await ask(url, f"GET /v1/y/{number}?of={own}")).body for _ in range(2)]
        return [*told, (await ask(url, f"POST /v1/x/{number}", [BEARER, JSON], b'{"id": "%s"}' % own.encode())).body]

    told: list[object] = []
    for seed in (1, 2, 3):
        chance = random.Random(seed)
        async with recorder(api, tmp_path) as proxy:
            told.append(await asyncio.gather(*(client(proxy.url, number) for number in range(4))))
        told.append((tmp_path / "a.yaml").read_bytes())
    assert told[:2] == told[2:4] == told[4:]


@pytest.mark.stands_still("what is opened and ejected here is long, too")
async def test_a_long_answer_to_a_short_request_keeps_nobody_waiting_either(api: Api, tmp_path: Path) -> None:
    api["/v1/x"] = reply(dense(1), JSON)
    async with recorder(api, tmp_path, "long.yaml") as proxy:
        recorded = await ask(proxy.url, "GET /v1/x?n=1")
    async with player(tmp_path, "long.yaml") as proxy, recorder(api, tmp_path, "small.yaml") as beside:
        watchdog = Watchdog(0.1)
        with watchdog.watching():
            long = asyncio.create_task(ask(proxy.url, "GET /v1/x?n=1"))
            await asked_beside(long, beside.url)
            assert (await long).unframed() == recorded.unframed()
        assert watchdog.complaint == ""


async def test_requests_behind_a_long_one_are_answered_as_they_came(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quick path waits, too: what it reads is being written."""

    async def counts(_: Arrived, writer: StreamWriter) -> None:
        writer.write(reply(b'{"count": %d}' % len(api.arrived), JSON))
        await writer.drain()

    api["/v1/x"] = counts
    async with recorder(api, tmp_path) as proxy:
        for line, body in (("GET /v1/x", b""), ("POST /v1/x", dense(1)), ("GET /v1/x", b"")):
            assert (await ask(proxy.url, line, [BEARER], body)).status == 200
    begun = threading.Event()
    plain = Session.decide

    def decide(self: Session, request: Request, at: float, clock: float | None = None) -> verdicts.Verdict:
        if request.method == "POST":
            begun.set()
        return plain(self, request, at, clock)

    monkeypatch.setattr(Session, "decide", decide)
    async with player(tmp_path) as proxy:
        for _ in range(2):  # from now on it is known by its bytes
            assert (await ask(proxy.url, "GET /v1/x")).body == b'{"count": 1}'
        writing = asyncio.create_task(ask(proxy.url, "POST /v1/x", [BEARER], dense(1)))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        reads = [await ask(proxy.url, "GET /v1/x"), await ask(proxy.url, "GET /v1/x")]
        assert (await writing).body == b'{"count": 2}'
        assert [read.body for read in reads] == [b'{"count": 3}'] * 2
        assert proxy.receipt.played == 5


async def test_small_requests_of_the_same_session_are_answered_while_a_long_one_is_read(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their bytes, by what is recorded, and as misses; recorded, too. The long one is decided when it was read."""
    begun, go = threading.Event(), threading.Event()
    plain = Session.read

    def read(self: Session, request: Request) -> None:
        begun.set()
        assert go.wait(PATIENCE)
        plain(self, request)

    async def all_of(url: str, *beside: tuple[str, int]) -> list[Heard]:
        """What is answered to a long request, and before it to these."""
        begun.clear()
        go.clear()
        long = asyncio.create_task(ask(url, "POST /v1/x", [BEARER, JSON], dense(1)))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        for line, status in beside:
            assert (await ask(url, line)).status == status
        assert not long.done()
        go.set()
        return [await long]

    api["/v1/x"] = reply(b'{"id": "y"}', JSON)
    monkeypatch.setattr(Session, "read", read)
    async with recorder(api, tmp_path) as proxy:
        (recorded,) = await all_of(proxy.url, ("GET /small", 200), ("GET /v1/x", 200))
        assert [arrived.method for arrived in api.arrived] == ["GET", "GET", "POST"]
    async with player(tmp_path) as proxy:
        for _ in range(2):
            assert (await ask(proxy.url, "GET /small")).status == 200
        (replayed,) = await all_of(proxy.url, ("GET /small", 200), ("GET /v1/x", 200), ("GET /v1/never", 421))
        assert replayed.unframed() == recorded.unframed()


async def test_a_session_that_is_ejected_ends_its_long_step_first(api: Api, tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def answer(_: Arrived, writer: StreamWriter) -> None:
        writer.write(reply(dense(1), JSON))
        await writer.drain()
        arrived.set()

    api["/v1/x"] = answer
    async with recorder(api, tmp_path) as proxy:
        await ask(proxy.url, "GET /v1/small")
        wire = await Wire.to(proxy.url)
        await wire.send(request("POST /v1/x", proxy.url, [BEARER, JSON], dense(2)))
        async with asyncio.timeout(PATIENCE):
            await arrived.wait()
    await wire.close()
    kept = [path for path in files(tmp_path) if path.startswith("a.yaml")]
    assert len(on_disk(tmp_path / kept[0]).interactions) in (1, 2)  # whole or not there at all: never half of it
