"""The watchdog itself: what it bites, and what it lets pass."""

import asyncio
import gc
import time

from tests.watchdog import Watchdog

STILL = 0.05  # seconds: these watchdogs are quicker than the one that watches these tests
LONG = 4 * STILL  # on a core that others use, too


def busy(seconds: float) -> None:
    begun = time.thread_time()
    while time.thread_time() - begun < seconds:
        pass


async def working(seconds: float) -> None:
    await asyncio.sleep(0)
    busy(seconds)


def test_work_that_keeps_a_loop_from_everybody_is_bitten() -> None:
    watchdog = Watchdog(STILL)
    with watchdog.watching():
        asyncio.run(working(LONG))
    assert watchdog.complaint.startswith("the event loop stood still for ")
    assert "working" in watchdog.complaint


def test_a_callback_is_bitten_as_a_task_is() -> None:
    async def waiting() -> None:
        asyncio.get_running_loop().call_soon(busy, LONG)
        await asyncio.sleep(0.01)

    watchdog = Watchdog(STILL)
    with watchdog.watching():
        asyncio.run(waiting())
    assert "busy" in watchdog.complaint


def test_waiting_and_work_in_pieces_or_in_a_thread_pass() -> None:
    async def patient() -> None:
        await asyncio.sleep(STILL + 0.05)
        for _ in range(3):
            await working(STILL / 3)
        await asyncio.to_thread(busy, STILL + 0.05)

    watchdog = Watchdog(STILL)
    with watchdog.watching():
        asyncio.run(patient())
    assert watchdog.complaint == ""


def test_what_the_search_of_all_memory_takes_is_not_counted() -> None:
    async def searching() -> None:
        while time.thread_time() - begun < STILL + 0.05:
            gc.collect()

    watchdog, begun = Watchdog(STILL), time.thread_time()
    with watchdog.watching():
        asyncio.run(searching())
    assert watchdog.complaint == ""


def test_nothing_is_measured_any_more_when_it_ends() -> None:
    plain = asyncio.Handle._run  # noqa: SLF001
    with Watchdog().watching():
        assert asyncio.Handle._run is not plain  # noqa: SLF001
    assert asyncio.Handle._run is plain  # noqa: SLF001
