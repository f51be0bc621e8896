"""Law 2 under concurrency: clients that run side by side record one file, whatever is slow and whoever is first. On
asyncio's loop time is virtual, so that only chance is slow; on uvloop it is real, and the machine is slow as well."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import uvloop
from aiohttp import web
from multidict import CIMultiDict

from replayer import Replayer
from replayer.core.message import Request
from replayer.sandbox.api import InvoiceApi
from tests.specs import shards
from tests.specs.clients import flat
from tests.specs.test_laws_over_the_sandbox import NOVEMBER, STRIPE, Ticking
from tests.specs.virtual_time import VirtualTimeLoop

KEY = {"Authorization": "Bearer sk_test_SideBySide000000000001"}
TIMES = {2: 36, 8: 20, 32: 6}  # by the number of clients
QUICK = {2: 4, 8: 2, 32: 2}
SLOW = 0.012  # seconds that an answer may be late, on either side of the upstream
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": VirtualTimeLoop,
    "uvloop": uvloop.new_event_loop,
}

pytestmark = [
    pytest.mark.laws,
    pytest.mark.stands_still("the test ends the sessions of all clients, and compares, in the task of the loop"),
]


@asynccontextmanager
async def late(start: float, seed: int, begin: int = 0) -> AsyncIterator[str]:
    """The invoice API, with another chance and another time for each seed, and slow by chance: requests overtake each
    other on their way there, and answers on their way back. Behind the first, it answers none of the next so many
    before all of them have come: clients that begin one after the other are none that run side by side."""
    chance, clock = random.Random(seed), Ticking(start, seed)
    api = InvoiceApi(random.Random(seed), int(clock()))
    come, all_have = 0, asyncio.Event()

    async def answered(http: web.BaseRequest) -> web.Response:
        request = Request(http.method, http.raw_path, tuple(http.headers.items()), await http.read())
        nonlocal come
        come += 1
        if come == begin + 1:
            all_have.set()
        if 1 < come <= begin:
            await all_have.wait()
        await asyncio.sleep(chance.random() * SLOW)
        answer = api.answer(request, int(clock()))
        await asyncio.sleep(chance.random() * SLOW)
        kept = CIMultiDict((name, value) for name, value in answer.headers if name != "Content-Length")
        return web.Response(status=answer.status, headers=kept, body=answer.body)

    runner = web.ServerRunner(web.Server(answered))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


class Teller:
    """One client: asks, and remembers what it was told."""

    def __init__(self, url: str, session: aiohttp.ClientSession, name: str) -> None:
        self._url, self._session, self._name = url, session, name
        self.told: list[bytes] = []

    async def __call__(self, line: str, **params: Any) -> Any:
        method, path = line.split(" ")
        form = urlencode(list(flat(params)))
        asked: dict[str, Any] = {"data": form, "headers": {**KEY, "Content-Type": "application/x-www-form-urlencoded"}}
        if method == "GET":
            path, asked = f"{path}?{form}" if form else path, {"headers": KEY}
        else:
            asked["headers"]["Idempotency-Key"] = f"{self._name}, request {len(self.told)}"
        async with self._session.request(method, self._url + path, **asked) as answer:
            self.told.append(await answer.read())
        return json.loads(self.told[-1])


async def trade(ask: Teller, number: int, house: str) -> None:
    """All that one customer does. It knows of the others' house, and changes nothing there."""
    customer = (await ask("POST /v1/customers", name=f"Customer {number}", metadata={"house": house}))["id"]
    for item in range(3):
        amount = 1000 * number + item + 1
        await ask(
            "POST /v1/invoiceitems", customer=customer, amount=amount, currency="usd", description=f"No. {amount}"
        )
    draft = await ask("POST /v1/invoices", customer=customer, pending_invoice_items_behavior="include")
    assert draft["total"] == 3000 * number + 6
    assert (await ask(f"GET /v1/invoices/{draft['id']}"))["status"] == "draft"
    await ask(f"POST /v1/invoices/{draft['id']}/finalize")
    assert (await ask("GET /v1/invoices", customer=customer, limit=3))["data"][0]["status"] == "open"
    paid = await ask(f"POST /v1/invoices/{draft['id']}/pay", paid_out_of_band=True)
    assert paid["status_transitions"]["paid_at"] > paid["status_transitions"]["finalized_at"] > draft["created"]
    assert (await ask(f"POST /v1/invoices/{draft['id']}/void"))["error"]["type"] == "invalid_request_error"
    second = await ask("POST /v1/invoices", customer=customer, metadata={"of": str(number)})
    await ask(f"DELETE /v1/invoices/{second['id']}")
    listed = await ask("GET /v1/invoices", customer=customer, created={"gte": draft["created"]})
    assert [row["id"] for row in listed["data"]] == [draft["id"]]


async def market(url: str, clients: int) -> list[list[bytes]]:
    """A house is founded, its customers trade side by side, and when all are done it looks at its books."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        ask = Teller(url, session, "house")
        house = (await ask("POST /v1/customers", name="House"))["id"]
        traders = [Teller(url, session, f"trader {number}") for number in range(clients)]
        await asyncio.gather(*(trade(each, number, house) for number, each in enumerate(traders, start=1)))
        assert (await ask(f"GET /v1/customers/{house}"))["name"] == "House"
        await ask(f"POST /v1/customers/{house}", description="closed")
    return [ask.told, *(each.told for each in traders)]


async def recorded(root: Path, clients: int, seed: int, name: str) -> list[list[bytes]]:
    async with (
        late(NOVEMBER + seed * 100, seed, begin=clients) as upstream,
        Replayer(name, root=root, upstream=upstream, origin=STRIPE, record_mode="all") as proxy,
    ):
        return await market(proxy.url, clients)


def on(loop: str, work: Callable[[], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        return await work()

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(whole())


@pytest.mark.parametrize("loop", list(LOOPS))
@pytest.mark.parametrize("clients", [2, 8, 32])
def test_clients_side_by_side_record_one_file_and_are_told_the_same(clients: int, loop: str, tmp_path: Path) -> None:
    times = shards.times(TIMES[clients], QUICK[clients])
    told = [on(loop, lambda: recorded(tmp_path, clients, seed, f"{seed}.yaml")) for seed in range(times)]  # noqa: B023
    files = {(tmp_path / f"{seed}.yaml").read_bytes() for seed in range(times)}
    assert len(files) == 1
    assert all(each == told[0] for each in told)


def test_what_clients_side_by_side_recorded_is_replayed_and_recorded_again_without_a_change(tmp_path: Path) -> None:
    async def whole() -> None:
        told = await recorded(tmp_path, 5, 1, "a.yaml")
        kept = (tmp_path / "a.yaml").read_bytes()
        assert await recorded(tmp_path, 5, 2, "a.yaml") == told
        assert (tmp_path / "a.yaml").read_bytes() == kept
        async with Replayer("a.yaml", root=tmp_path) as proxy:
            assert await market(proxy.url, 5) == told
            assert (proxy.misses, proxy.receipt.unused) == ([], 0)

    on("asyncio", whole)


async def racing(url: str, chance: random.Random) -> list[Any]:
    """Two clients add to one invoice at once; then it is looked at."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        ask = Teller(url, session, "racer")
        customer = (await ask("POST /v1/customers", name="Shared"))["id"]
        draft = (await ask("POST /v1/invoices", customer=customer))["id"]

        async def add(amount: int) -> None:
            await asyncio.sleep(chance.random() * SLOW)
            form = {"customer": customer, "invoice": draft, "amount": amount, "currency": "usd"}
            await Teller(url, session, f"racer {amount}")("POST /v1/invoiceitems", **form)

        await asyncio.gather(*(add(amount) for amount in (100, 200, 300)))
        lines = (await ask(f"GET /v1/invoices/{draft}"))["lines"]["data"]
        return [line["amount"] for line in lines]


def test_true_races_are_recorded_as_they_came_and_replayed(tmp_path: Path) -> None:
    """What the README says breaks the one file: the file is sound all the same, and what did not race is in it once."""

    async def whole() -> set[tuple[int, ...]]:
        seen = set()
        for seed in range(6):
            name = f"{seed}.yaml"
            async with (
                late(NOVEMBER, seed) as upstream,
                Replayer(name, root=tmp_path, upstream=upstream, origin=STRIPE, record_mode="all") as proxy,
            ):
                told = await racing(proxy.url, random.Random(seed))
            async with Replayer(name, root=tmp_path) as proxy:
                assert await racing(proxy.url, random.Random(99)) == told
            seen.add(tuple(told))
        return seen

    assert len(on("asyncio", whole)) > 1
