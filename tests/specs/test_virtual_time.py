"""The loop of virtual time is asyncio's but for its clock."""

import asyncio
import random
import socket

import pytest

from tests.specs.virtual_time import VirtualTimeLoop


@pytest.fixture
def runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=VirtualTimeLoop)


def test_sleepers_awake_in_the_order_of_their_times_and_exactly_then(runner: asyncio.Runner) -> None:
    naps = random.Random(1).sample([each * 0.7 for each in range(1, 1000)], 999)
    awake: list[float] = []

    async def nap(seconds: float) -> None:
        await asyncio.sleep(seconds)
        awake.append(asyncio.get_running_loop().time())

    async def all_of_them() -> None:
        await asyncio.gather(*map(nap, naps))

    with runner:
        runner.run(all_of_them())
    assert awake == pytest.approx(sorted(naps))


def test_what_has_arrived_comes_before_what_is_only_due(runner: asyncio.Runner) -> None:
    seen: list[str] = []
    one, other = socket.socketpair()
    one.setblocking(False)

    async def due() -> None:
        await asyncio.sleep(0.000_001)
        seen.append("due")

    async def arrived() -> None:
        other.send(b"x")
        seen.append((await asyncio.get_running_loop().sock_recv(one, 1)).decode())

    async def both() -> None:
        await asyncio.gather(due(), arrived())

    with runner, one, other:
        runner.run(both())
    assert seen == ["x", "due"]


def test_a_bound_is_waited_for_truly(runner: asyncio.Runner) -> None:
    """Else whoever is answered by another thread would be told that it took too long."""

    async def answered() -> str:
        async with asyncio.timeout(60):
            return await asyncio.to_thread(lambda: "answered")

    with runner:
        assert runner.run(answered()) == "answered"
