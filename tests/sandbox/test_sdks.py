"""The official SDKs, unmodified but for the address: three HTTP libraries of the Python one, and the one for Node.

All do the same and must see the same. On the way to one of the two addresses an answer gets lost.
"""

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import Awaitable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
import stripe
from aiohttp import web

from replayer.sandbox import Sandbox
from tests import packages
from tests.sandbox.serving.test_courier import Account, Program, listening

from .shop import KEY

HERE = Path(__file__).parent
NODE_SDK = "stripe@23.1.0"
NODE = packages.npm_folder(NODE_SDK)

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # httpx of the SDK

SEEN: dict[str, Any] = {
    "forward": [6, 5, 4, 3, 2, 1, 0],
    "backward": [1, 2, 3, 4, 5, 6],
    "searched": [6, 5, 4, 3, 2, 1, 0],
    "filtered": [6, 5, 4, 3, 2, 1, 0],
    "opened": ["open", 3000, [500, 2500]],
    "paid": ["paid", 3000, "Ü & Ö", 3000],
    "expanded": "4242",
    "sent": "open",
    "uncollectible": "uncollectible",
    "voided": "void",
    "deleted": True,
    "endpoint": ["whsec_", "disabled", ["invoice.paid"], True],
    "told": [
        "invoice.created", "invoice.updated", "invoice.updated", "invoice.finalized", "invoice.sent",
        "invoice.updated", "invoice.marked_uncollectible", "invoice.updated", "invoice.voided",
    ],
    "clock": ["ready", "advancing", "ready", 1795309200],
    "errors": {
        "declined": ["CardError", "card_declined", None, 402],
        "again": ["InvalidRequestError", None, None, 400],
        "unknown": ["InvalidRequestError", "resource_missing", "invoice", 404],
        "parameter": ["InvalidRequestError", "parameter_invalid_integer", "limit", 400],
        "key": ["AuthenticationError", None, None, 401],
        "idempotency": ["IdempotencyError", None, None, 400],
    },
    "retried": ["Lost", 1],
}  # fmt: skip


class Lossy:
    """Passes requests on to a sandbox. The answer to the first one that speaks of `Lost` never arrives."""

    def __init__(self, target: str) -> None:
        self.target, self.lost = target, 0

    async def start(self) -> int:
        self._client = aiohttp.ClientSession()
        self._runner = web.ServerRunner(web.Server(self._pass))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def close(self) -> None:
        await self._runner.cleanup()
        await self._client.close()

    async def _pass(self, arrived: web.BaseRequest) -> web.Response:
        body = await arrived.read()
        headers = {name: value for name, value in arrived.headers.items() if name not in ("Host", "Content-Length")}
        async with self._client.request(
            arrived.method, self.target + arrived.raw_path, headers=headers, data=body
        ) as heard:
            answer = await heard.read()
            assert heard.status == 200, answer
        if b"Lost" in body and not self.lost:
            self.lost += 1
            assert arrived.transport is not None
            arrived.transport.abort()
        kept = {name: value for name, value in heard.headers.items() if name not in ("Content-Length", "Connection")}
        return web.Response(status=heard.status, headers=kept, body=answer)


@pytest.fixture
def ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """A sandbox and a lossy way to it, in a thread of their own so that blocking clients can be used."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))  # the SDKs keep a file there
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def there(doing: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, loop).result(10)

    sandbox = Sandbox(seed=1)
    lossy = Lossy(there(sandbox.start()))
    yield int(sandbox.url.rpartition(":")[2]), there(lossy.start())
    there(lossy.close())
    there(sandbox.close())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class SdkClient:
    """One SDK client. `do` is a call of it; whether that blocks or is awaited is the client's business."""

    def __init__(self, transport: Any, port: int, **more: Any) -> None:
        address: Any = {"api": f"http://127.0.0.1:{port}"}
        self.v1 = stripe.StripeClient(KEY, base_addresses=address, http_client=transport, **more).v1
        self._blocks = isinstance(transport, stripe.RequestsClient)

    async def do(self, service: str, method: str, *arguments: Any) -> Any:
        found = attrgetter(service)(self.v1)
        if self._blocks:
            return getattr(found, method)(*arguments)
        return await getattr(found, f"{method}_async")(*arguments)

    async def all(self, service: str, method: str, params: Any) -> list[str]:
        page = await self.do(service, method, params)
        if self._blocks:
            return [one.id for one in page.auto_paging_iter()]
        return [one.id async for one in page.auto_paging_iter()]


async def refused(doing: Awaitable[Any]) -> Any:
    try:
        await doing
    except stripe.StripeError as error:
        code = error.error.code if error.error else None
        return [type(error).__name__, code, getattr(error, "param", None), error.http_status]
    return "nothing was refused"


async def scenario(shop: SdkClient, lossy: SdkClient) -> dict[str, Any]:
    """The same as scenario.mjs, word for word."""
    saw: dict[str, Any] = {}
    do = shop.do
    terms: dict[str, Any] = {"name": "Ü & Ö", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    customer = (await do("customers", "create", terms)).id
    made = []
    for n in range(7):
        terms = {"customer": customer, "metadata": {"a[b]": "x&y=ü", "n": str(n)}, "description": ""}
        made.append((await do("invoices", "create", terms)).id)

    async def places(method: str, params: Any) -> list[int]:
        return [made.index(name) for name in await shop.all("invoices", method, params)]

    saw["forward"] = await places("list", {"limit": 3, "customer": customer})
    saw["backward"] = await places("list", {"limit": 3, "ending_before": made[0]})
    saw["searched"] = await places("search", {"query": f"customer:'{customer}'", "limit": 3})
    saw["filtered"] = await places("list", {"created": {"gte": 1, "lt": 4102444800}, "status": "draft"})

    item = {"customer": customer, "invoice": made[0], "amount": 2500, "period": {"start": 1, "end": 2}}
    await do("invoice_items", "create", item)
    await do("invoices", "add_lines", made[0], {"lines": [{"amount": 500, "description": "more"}]})
    opened = await do("invoices", "finalize_invoice", made[0], {"auto_advance": False})
    lines = (await do("invoices.line_items", "list", made[0])).data
    saw["opened"] = [opened.status, opened.amount_due, [line.amount for line in lines]]
    paid = await do("invoices", "pay", made[0], {"expand": ["customer", "payments"]})
    saw["paid"] = [paid.status, paid.amount_paid, paid.customer.name, paid.payments.data[0].amount_paid]
    expand = ["data.customer.invoice_settings.default_payment_method"]
    listed = await do("invoices", "list", {"limit": 1, "expand": expand})
    saw["expanded"] = listed.data[0].customer.invoice_settings.default_payment_method.card.last4
    await do("invoices", "finalize_invoice", made[1])
    terms = {"customer": customer, "collection_method": "send_invoice", "days_until_due": 5}
    other = (await do("invoices", "create", terms)).id
    await do("invoice_items", "create", {"customer": customer, "invoice": other, "amount": 1})
    saw["sent"] = (await do("invoices", "send_invoice", other)).status
    saw["uncollectible"] = (await do("invoices", "mark_uncollectible", other)).status
    saw["voided"] = (await do("invoices", "void_invoice", other)).status
    saw["deleted"] = (await do("invoices", "delete", made[2])).deleted

    place = {"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.paid"]}
    endpoint = await do("webhook_endpoints", "create", place)
    changed = await do("webhook_endpoints", "update", endpoint.id, {"disabled": True})
    gone = await do("webhook_endpoints", "delete", endpoint.id)
    saw["endpoint"] = [endpoint.secret[:6], changed.status, changed.enabled_events, gone.deleted]
    told = (await do("events", "list", {"type": "invoice.*", "limit": 100})).data[::-1]
    saw["told"] = [event.type for event in told if event.data.object.id == other]
    clock = await do("test_helpers.test_clocks", "create", {"frozen_time": 1795305600})
    moving = await do("test_helpers.test_clocks", "advance", clock.id, {"frozen_time": 1795309200})
    moved = await do("test_helpers.test_clocks", "retrieve", clock.id)
    saw["clock"] = [clock.status, moving.status, moved.status, moved.frozen_time]

    async def declined() -> None:
        await do("invoice_items", "create", {"customer": customer, "invoice": made[3], "amount": 5})
        await do("invoices", "pay", made[3], {"payment_method": "pm_card_chargeDeclined"})

    async def keyed() -> None:
        for name in "NM":
            await do("customers", "create", {"name": name}, {"idempotency_key": "once"})

    saw["errors"] = {
        "declined": await refused(declined()),
        "again": await refused(do("invoices", "pay", made[0])),
        "unknown": await refused(do("invoices", "retrieve", "in_x")),
        "parameter": await refused(do("invoices", "list", {"limit": "abc"})),
        "key": await refused(do("invoices", "list", {}, {"api_key": "sk_live_never"})),
        "idempotency": await refused(keyed()),
    }
    before = len(await shop.all("customers", "list", {"limit": 2}))
    retried = await lossy.do("customers", "create", {"name": "Lost"})
    saw["retried"] = [retried.name, len(await shop.all("customers", "list", {"limit": 2})) - before]
    return saw


@pytest.mark.stands_still("the SDK on requests awaits nothing: all of it is one step of the loop")
async def test_the_python_sdk_on_requests_sees_what_all_see(ports: tuple[int, int]) -> None:
    with requests.Session() as session:
        session.trust_env = False
        transport = stripe.RequestsClient(session=session)
        shops = (SdkClient(transport, ports[0]), SdkClient(transport, ports[1], max_network_retries=2))
        assert await scenario(*shops) == SEEN


@pytest.mark.parametrize("library", [stripe.HTTPXClient, stripe.AIOHTTPClient])
async def test_the_python_sdk_awaited_sees_what_all_see(ports: tuple[int, int], library: Any) -> None:
    transport = library()
    try:
        shops = (SdkClient(transport, ports[0]), SdkClient(transport, ports[1], max_network_retries=2))
        assert await scenario(*shops) == SEEN
    finally:
        await transport.close_async()


def sdk_for_node() -> str:
    """Why the SDK for Node cannot be used; empty where it can."""
    return packages.lacking_of_npm(NODE_SDK)


@pytest.mark.installs
async def test_the_node_sdk_sees_what_all_see(ports: tuple[int, int]) -> None:
    reason = sdk_for_node()
    if reason:
        pytest.skip(reason)
    command = ["node", str(HERE / "scenario.mjs"), str(NODE), *map(str, ports)]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == SEEN


@pytest.mark.installs
async def test_the_node_sdk_accepts_each_event_and_none_with_another_byte() -> None:
    reason = sdk_for_node()
    if reason:
        pytest.skip(reason)
    program = Program()
    async with listening(program) as url, Account(webhooks=url, webhook_secret="whsec_node") as account:
        customer = (await account.post("/v1/customers", name="Ünal"))["id"]
        await account.post("/v1/invoices", customer=customer)
        await account.sandbox.drained()
    taken = [body.decode() for body in program.bodies]
    told = json.dumps({"secret": "whsec_node", "events": list(zip(taken, program.signatures, strict=True))})
    done = await asyncio.to_thread(
        subprocess.run, ["node", str(HERE / "webhooks.mjs"), str(NODE)], input=told, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[kind, "refused", "refused"] for kind in program.types]
