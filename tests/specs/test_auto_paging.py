"""The official SDKs walk a list in pages of sizes that were never recorded, in both directions, and ask for its parts:
what was walked once is enough. They are told what another recording, of just these requests, was told."""

import asyncio
import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from replayer import Replayer
from replayer.cassettes import folder
from replayer.core.message import Request
from replayer.sandbox import Sandbox
from tests.sandbox.test_sdks import NODE, sdk_for_node
from tests.specs.clients import DAY, client

INVOICES = 22
WALKED = 7  # of these are on each page of the one walk that is recorded
SIZES: Sequence[dict[str, int]] = ({"limit": 1}, {"limit": 3}, {}, {"limit": 100})  # {} is 10, the API's own
WAYS = ("", "finalize_invoice", "pay", "void_invoice")  # what becomes of an invoice, in turn

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # httpx of the SDK

Step = tuple[str, list[str], dict[str, Any]]
"""A call in the words of the Python SDK: operation, ids, parameters. A list is walked to its end."""

Seen = tuple[list[str], list[str]]
"""What came of a call: the ids of the objects, in order, and all text that tells of them."""

Read = Callable[[str, list[Step]], Awaitable[list[Seen]]]
"""A client of the API at that address: what it sees of those calls."""


@asynccontextmanager
async def shop() -> AsyncIterator[str]:
    """An API with invoices of two customers, one every other day until yesterday: of all kinds, some with lines."""
    now = time.time()
    clock = [now - (2 * INVOICES + 1) * DAY]
    async with Sandbox(clock=lambda: clock[0], seed=5) as sandbox, client("bare aiohttp", sandbox.url) as asking:
        customers = [(await asking.call("customers.create", name=name))["id"] for name in ("Ada", "Bob")]
        for number in range(INVOICES):
            clock[0] += 2 * DAY
            terms: dict[str, Any] = {"customer": customers[number % 3 // 2], "description": f'[{number}] "Ü\\ {{'}
            invoice = (await asking.call("invoices.create", **terms))["id"]
            for amount in range(number % 5):
                item = {"customer": terms["customer"], "invoice": invoice, "currency": "usd", "amount": amount}
                await asking.call("invoice_items.create", **item)
            way = WAYS[number % len(WAYS)]
            if way:
                await asking.call("invoices.finalize_invoice", invoice)
            if way in ("pay", "void_invoice"):
                terms = {"paid_out_of_band": True} if way == "pay" else {}
                await asking.call(f"invoices.{way}", invoice, **terms)
        clock[0] = now
        yield sandbox.url


WALK: Step = ("invoices.list", [], {"limit": WALKED})


def readings(invoices: list[str], customers: list[str]) -> Iterator[Step]:
    """What nobody has asked in the recording. A time is counted from now."""
    now = int(time.time())
    windows: list[dict[str, Any]] = [
        {},
        {"starting_after": invoices[4]},
        {"ending_before": invoices[-1]},
        {"ending_before": invoices[9]},
        {"status": "open"},
        {"status": "void", "ending_before": invoices[-4]},
        {"customer": customers[0]},
        {"customer": customers[1], "status": "paid"},
        {"created": {"gte": now - 30 * DAY}},
        {"created": {"gt": now - 40 * DAY, "lte": now - 10 * DAY}, "status": "draft"},
    ]
    for size, window in product(SIZES, windows):
        yield "invoices.list", [], {**size, **window}
    for size, invoice in product(SIZES, invoices[:6]):
        yield "invoices.line_items.list", [invoice], dict(size)
    for invoice in invoices[::3]:
        yield "invoices.retrieve", [invoice], {}


def rule_for(asked: Request) -> str:
    """By which rule the answer to that follows from a walk through all invoices."""
    if asked.path != "/v1/invoices":
        return "object"
    return "filter" if re.search("status=|customer=|created", asked.target) else "page"


async def by_python(kind: str, url: str, steps: list[Step]) -> list[Seen]:
    seen = []
    async with client(kind, url) as asking:
        for operation, ids, params in steps:
            heard = len(asking.transcript)
            if operation.endswith(".list"):
                told = await asking.pages(operation, *ids, **params)
            else:
                told = [(await asking.call(operation, *ids, **params))["id"]]
            seen.append((told, [each.body.decode() for each in asking.transcript[heard:]]))
    return seen


async def by_node(way: str, url: str, steps: list[Step]) -> list[Seen]:
    program, port = str(Path(__file__).parent / "paging.mjs"), url.rpartition(":")[2]
    command = ["node", program, str(NODE), port, way, json.dumps(steps)]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    return [(ids, texts) for ids, texts in json.loads(done.stdout)]


async def compared(readers: Sequence[Read], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of these clients records both, all of them are answered from the walk."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "configuration"))  # the SDKs keep a file there
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with shop() as upstream:
        recording: dict[str, Any] = {"root": root, "upstream": upstream, "record_mode": "all"}
        async with Replayer("walk.yaml", **recording) as proxy:
            ((invoices, texts),) = await readers[0](proxy.url, [WALK])
        customers = sorted(set(re.findall(r'"customer": ?"(\w+)"', "".join(texts))))
        assert (len(invoices), len(customers)) == (INVOICES, 2)
        steps = list(readings(invoices, customers))
        async with Replayer("all.yaml", **recording) as proxy:
            told = await readers[0](proxy.url, steps)
    everything = folder.read(root / "all.yaml")
    assert everything is not None
    rules = Counter(rule_for(each.request) for each in everything.interactions)
    assert len(rules) == 3

    for read in readers:
        async with Replayer("walk.yaml", root=root) as proxy:  # no upstream, and the sandbox is gone
            found = await read(proxy.url, steps)
            assert proxy.misses == []
            assert (dict(proxy.receipt.kinds), proxy.receipt.played) == (rules, 0)
        for step, one, other in zip(steps, found, told, strict=True):
            assert one == other, step
        in_full, behind, backward, before = ([ids for ids, _ in found[n:40:10]] for n in range(4))
        assert in_full == [invoices] * 4
        assert behind == [invoices[5:]] * 4
        assert backward == [invoices[-2::-1]] * 4
        assert before == [invoices[8::-1]] * 4


@pytest.mark.long
@pytest.mark.stands_still("the test itself compares, in the task of the loop")
async def test_the_python_sdk_is_answered_in_page_sizes_that_nobody_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = ("sdk on requests", "sdk on httpx", "sdk on aiohttp")
    await compared([partial(by_python, kind) for kind in kinds], tmp_path, monkeypatch)


@pytest.mark.installs
@pytest.mark.stands_still("the test itself compares, in the task of the loop")
async def test_the_node_sdk_is_answered_in_page_sizes_that_nobody_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = sdk_for_node()
    if reason:
        pytest.skip(reason)
    ways = ("for await", "autoPagingToArray")
    await compared([partial(by_node, way) for way in ways], tmp_path, monkeypatch)
