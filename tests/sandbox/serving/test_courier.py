"""Events on their way to a program: signed, in order, retried on the sandbox's clock, and in nobody's way."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe
from aiohttp import web

from replayer.core.deliveries import signature
from replayer.sandbox import Sandbox, switches
from replayer.sandbox.events import delivering
from replayer.sandbox.serving import courier
from tests.sandbox.shop import KEY, MONDAY

AUTH = {"Authorization": f"Bearer {KEY}"}


class Program:
    """A program with a webhook endpoint, as the API's documentation shows one. `answer` says what it does."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signatures: list[str] = []
        self.headers: list[Any] = []
        self.answer: Callable[[str], int] = lambda _: 200
        self.hangs, self.second = asyncio.Event(), asyncio.Event()

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body in self.bodies]

    async def receive(self, arrived: web.BaseRequest) -> web.Response:
        body = await arrived.read()
        self.bodies.append(body)
        self.signatures.append(arrived.headers["Stripe-Signature"])
        self.headers.append(arrived.headers)
        if len(self.bodies) == 2:
            self.second.set()
        status = self.answer(json.loads(body)["type"])
        if not status:
            await self.hangs.wait()
        return web.Response(status=status or 200)


@asynccontextmanager
async def listening(program: Program) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(program.receive), handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        program.hangs.set()
        await runner.cleanup()


class Account:
    """Somebody who uses a sandbox, and a clock that moves when it is moved."""

    def __init__(self, **options: Any) -> None:
        self.at = MONDAY
        self.told: list[str] = []
        self.sandbox = Sandbox(seed=1, clock=lambda: self.at, tell=self.told.append, **options)

    async def post(self, path: str, **form: Any) -> Any:
        async with self.client.post(self.sandbox.url + path, data=form, headers=AUTH) as answer:
            return await answer.json()

    async def get(self, path: str) -> Any:
        async with self.client.get(self.sandbox.url + path, headers=AUTH) as answer:
            return await answer.json()

    async def endpoint(self, url: str, *events: str) -> Any:
        names = {f"enabled_events[{n}]": name for n, name in enumerate(events or ("*",))}
        return await self.post("/v1/webhook_endpoints", url=url, **names)

    async def later(self, seconds: int) -> None:
        self.at += seconds
        await self.sandbox.drained()

    async def __aenter__(self) -> "Account":
        self.client = aiohttp.ClientSession()
        await self.sandbox.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        await self.sandbox.close()


async def test_the_official_sdk_accepts_each_event_and_none_with_another_byte() -> None:
    program = Program()
    async with listening(program) as url, Account() as account:
        secret = (await account.endpoint(url))["secret"]
        customer = await account.post("/v1/customers", name="Ünal")
        await account.post("/v1/invoices", customer=customer["id"])
        await account.sandbox.drained()
        every = (await account.get("/v1/events"))["data"][::-1]
    assert program.types == ["customer.created", "customer.updated", "invoice.created"]
    for body, header, stored in zip(program.bodies, program.signatures, every, strict=True):
        event = stripe.Webhook.construct_event(body, header, secret)
        assert event.to_dict() == {**stored, "pending_webhooks": 1}
        for changed in (body[:-2] + b" }", body.replace(b"evt_", b"evt-", 1)):
            with pytest.raises(stripe.SignatureVerificationError):
                stripe.Webhook.construct_event(changed, header, secret)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, header, signature.SECRET)


async def test_a_delivery_has_the_headers_of_the_api() -> None:
    program = Program()
    async with listening(program) as url, Account() as account:
        await account.endpoint(url)
        await account.post("/v1/customers")
        await account.sandbox.drained()
    headers = program.headers[0]
    assert headers["User-Agent"] == "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
    assert headers["Content-Type"] == "application/json; charset=utf-8"


async def test_what_is_not_taken_is_tried_three_times_more_on_the_clock_of_the_sandbox() -> None:
    program = Program()
    program.answer = lambda _: 500
    async with listening(program) as url, Account() as account:
        await account.endpoint(url, "customer.created")
        await account.post("/v1/customers")
        await account.sandbox.drained()
        for number, pause in enumerate(delivering.RETRIES, 1):
            await account.later(pause - 1)
            assert len(program.bodies) == number
            await account.later(1)
            assert len(program.bodies) == number + 1
        await account.later(10**6)
        assert (await account.get("/v1/events?delivery_success=false"))["data"][0]["pending_webhooks"] == 1
    assert len(set(program.bodies)) == 1
    assert len(program.bodies) == 1 + len(delivering.RETRIES)
    assert account.told == [f"customer.created was not delivered to {url}: it answered 500."] * 4


async def test_an_event_that_was_taken_at_last_is_no_longer_pending() -> None:
    program = Program()
    answers = iter([302, 200])
    program.answer = lambda _: next(answers)
    async with listening(program) as url, Account() as account:
        await account.endpoint(url, "customer.created")
        await account.post("/v1/customers")
        await account.sandbox.drained()
        event = (await account.get("/v1/events"))["data"][0]
        assert event["pending_webhooks"] == 1
        await account.later(delivering.RETRIES[0])
        assert await account.get(f"/v1/events/{event['id']}") == {**event, "pending_webhooks": 0}


async def test_an_invoice_tells_when_its_creation_was_delivered_and_no_event_does() -> None:
    program = Program()
    async with listening(program) as url, Account() as account:
        customer = (await account.post("/v1/customers"))["id"]
        assert (await account.post("/v1/invoices", customer=customer))["webhooks_delivered_at"] == MONDAY
        await account.endpoint(url)
        program.answer = lambda _: 500
        made = await account.post("/v1/invoices", customer=customer)
        await account.sandbox.drained()
        path = f"/v1/invoices/{made['id']}"
        assert made["webhooks_delivered_at"] is None
        assert (await account.get(path))["webhooks_delivered_at"] is None
        program.answer = lambda _: 200
        await account.later(delivering.RETRIES[0])
        assert (await account.get(path))["webhooks_delivered_at"] == account.at
        assert (await account.get("/v1/events?type=invoice.updated"))["data"] == []


async def test_a_program_that_hangs_is_in_no_answers_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "ORDERLY", 0.05)
    program = Program()
    program.answer = lambda kind: 0 if kind == "customer.created" else 200
    async with listening(program) as url, Account() as account:
        await account.endpoint(url)
        customer = (await account.post("/v1/customers"))["id"]
        await account.post(f"/v1/customers/{customer}", name="N")
        assert (await account.get(f"/v1/customers/{customer}"))["name"] == "N"
        await program.second.wait()  # it comes though the first has no answer
        program.hangs.set()
        await account.sandbox.drained()
    assert program.types == ["customer.created", "customer.updated"]


async def test_a_program_that_is_not_there_is_told_of_and_nothing_else_comes_of_it() -> None:
    async with Account() as account:
        await account.endpoint("http://127.0.0.1:9/hook", "customer.created")
        await account.post("/v1/customers")
        await account.sandbox.drained()
    assert len(account.told) == 1
    assert account.told[0].startswith("customer.created was not delivered to http://127.0.0.1:9/hook: ")


async def test_nothing_leaves_this_machine_unless_it_is_allowed_to() -> None:
    async with Account(hosts=["program.invalid"], webhooks="http://listener.invalid/") as account:
        for host in ("elsewhere.invalid", "program.invalid", "10.0.0.1"):
            await account.endpoint(f"http://{host}/hook", "customer.created")
        await account.post("/v1/customers")
        await account.sandbox.drained()
    refused = [line for line in account.told if line.endswith("allow it with --deliver-to 10.0.0.1.")]
    refused += [line for line in account.told if line.endswith("allow it with --deliver-to elsewhere.invalid.")]
    assert len(refused) == 2
    assert len(account.told) == 4  # the others were looked for, and are nowhere


async def test_a_listener_hears_of_everything_and_is_counted_nowhere() -> None:
    program = Program()
    async with listening(program) as url, Account(webhooks=url) as account:
        customer = (await account.post("/v1/customers"))["id"]
        made = await account.post("/v1/invoices", customer=customer)
        await account.sandbox.drained()
        assert made["webhooks_delivered_at"] == MONDAY
        assert (await account.get("/v1/webhook_endpoints"))["data"] == []
        assert {event["pending_webhooks"] for event in (await account.get("/v1/events"))["data"]} == {0}
    assert program.types == ["customer.created", "customer.updated", "invoice.created"]
    for body, header in zip(program.bodies, program.signatures, strict=True):
        assert stripe.Webhook.construct_event(body, header, signature.SECRET).pending_webhooks == 1


async def test_a_listener_may_have_a_secret_of_its_own_and_hears_of_connected_accounts() -> None:
    program = Program()
    async with listening(program) as url, Account(webhooks=url, webhook_secret="whsec_own") as account:
        connected = AUTH | {"Stripe-Account": "acct_1UI6qsHIBYZYyePr"}
        async with account.client.post(f"{account.sandbox.url}/v1/customers", headers=connected) as answer:
            assert answer.status == 200
        await account.sandbox.drained()
    event = stripe.Webhook.construct_event(program.bodies[0], program.signatures[0], "whsec_own")
    assert event.account == "acct_1UI6qsHIBYZYyePr"
    assert list(json.loads(program.bodies[0]))[:3] == ["id", "object", "account"]


async def test_shuffled_events_come_in_an_order_of_the_seed() -> None:
    orders = []
    for chosen in ("event_order=shuffled", "event_order=shuffled", "event_order=made"):
        program = Program()
        async with listening(program) as url, Account(switches=switches.chosen([chosen])) as account:
            customer = await account.post("/v1/customers", source="tok_visa")
            made = await account.post("/v1/invoices", customer=customer["id"])
            await account.post("/v1/invoiceitems", customer=customer["id"], invoice=made["id"], amount=5)
            await account.endpoint(url)
            await account.post(f"/v1/invoices/{made['id']}/pay")
            await account.sandbox.drained()
        orders.append(program.types)
    assert orders[2] == [f"invoice.{what}" for what in ("updated", "finalized", "paid", "payment_succeeded")]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


async def test_what_was_not_delivered_yet_is_kept_with_the_state(tmp_path: Path) -> None:
    program, file = Program(), tmp_path / "shop.json"
    program.answer = lambda _: 503
    async with listening(program) as url:
        async with Account(state=file) as account:
            secret = (await account.endpoint(url, "customer.created"))["secret"]
            await account.post("/v1/customers")
            await account.sandbox.drained()
        program.answer = lambda _: 200
        async with Account(state=file) as account:
            await account.later(delivering.RETRIES[0])
            assert (await account.get("/v1/events"))["data"][0]["pending_webhooks"] == 0
            await account.post("/v1/customers")
            await account.sandbox.drained()
    assert program.types == ["customer.created"] * 3
    assert program.bodies[0] == program.bodies[1]
    assert len({json.loads(body)["id"] for body in program.bodies}) == 2
    stripe.Webhook.construct_event(program.bodies[-1], program.signatures[-1], secret)


async def test_a_sandbox_that_closes_delivers_the_events_of_its_last_write() -> None:
    program = Program()
    async with listening(program) as url, Account(webhooks=url) as account:
        await account.post("/v1/customers")
    assert program.types == ["customer.created"]


async def test_what_comes_by_itself_is_delivered_though_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "LONGEST", 0.02)
    program = Program()
    async with listening(program) as url, Account() as account:
        customer = (await account.post("/v1/customers"))["id"]
        await account.endpoint(url, "invoice.finalized", "invoice.paid")
        await account.post("/v1/invoices", customer=customer, auto_advance="true")
        account.at += 3601
        await program.second.wait()
    assert program.types == ["invoice.finalized", "invoice.paid"]


async def test_to_advance_delivers_each_event_before_what_comes_later() -> None:
    """The draft waits for its creation to be taken, which happens with the first retry; then it has its hour."""
    program = Program()
    answers = iter([503, 200, 200])
    program.answer = lambda _: next(answers)
    async with listening(program) as url, Account() as account:
        await account.endpoint(url, "invoice.created", "invoice.finalized")
        customer = (await account.post("/v1/customers"))["id"]
        made = await account.post("/v1/invoices", customer=customer, auto_advance="true")
        await account.sandbox.drained()
        await account.sandbox.advance(3 * 3600)
        invoice = await account.get(f"/v1/invoices/{made['id']}")
    assert program.types == ["invoice.created", "invoice.created", "invoice.finalized"]
    assert invoice["webhooks_delivered_at"] == MONDAY + delivering.RETRIES[0]
    assert invoice["status_transitions"]["finalized_at"] == MONDAY + delivering.RETRIES[0] + 3601
