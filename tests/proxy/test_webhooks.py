"""Webhooks are recorded behind the writes that they come of, and replayed behind these; programs take them as the API's
own, and whatever a program does with them disturbs no answer."""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe
from aiohttp import web
from click.testing import CliRunner

from replayer import Replayer
from replayer.cassettes import folder
from replayer.cli import cli
from replayer.core.audit import audit
from replayer.core.deliveries import signature
from replayer.errors import ReplayerError, UsageError
from replayer.proxy import webhook_delivery, webhook_side
from replayer.proxy.handler import Line

from .hooked import KEY, HookedShop, at, bill, client, life, sign_up

# httpx says so of the SDK's own call, which is not ours to change.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody can know to be all is waited for, but not for long."""
    monkeypatch.setattr(webhook_side, "QUIET", 0.2)


async def recorded(tmp_path: Path, shop: HookedShop, mode: str = "all") -> bytes:
    async with at(tmp_path, shop, mode) as replayer:
        await life(replayer.url)
    return (tmp_path / "a.yaml").read_bytes()


@pytest.mark.long
async def test_a_shop_hears_on_replay_what_it_heard_while_recording(tmp_path: Path) -> None:
    async with HookedShop() as first:
        text = await recorded(tmp_path, first)
    assert {"invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_failed", "invoice.voided"} <= {
        *first.types
    }
    async with HookedShop() as again:
        async with at(tmp_path, again, "none") as replayer:
            await life(replayer.url)
        receipt = replayer.receipt
    assert sorted(again.invoices.values()) == ["paid", "void"]
    assert again.invoices == first.invoices
    assert again.by_write == first.by_write
    assert again.heard == first.heard
    assert (receipt.webhooks, receipt.untaken, receipt.missed) == (len(first.heard), 0, 0)
    async with HookedShop() as anew:
        assert await recorded(tmp_path, anew) == text
    cassette = folder.read(tmp_path / "a.yaml")
    assert cassette is not None
    assert audit(cassette, text.decode()) == []
    assert {one.answers for one in cassette.deliveries} == {(200,)}


async def test_a_webhook_comes_behind_the_answer_of_its_write(tmp_path: Path) -> None:
    order: list[str] = []

    async def ask(url: str) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.post(f"{url}/v1/customers", data="email=a%40shop.test") as reply:
                assert reply.status == 200
            order.append("answered")

    for mode in ("all", "none"):
        order.clear()
        async with HookedShop() as shop, at(tmp_path, shop, mode, tell=lambda line: order.append(line.outcome)) as to:
            await ask(to.url)
            await to.webhooks.wait_async("customer.created")
        how = "recorded" if mode == "all" else "replayed"
        assert order == [how, "answered", "webhook customer.created"]


async def pay(url: str, number: int) -> None:
    async with client(url) as api:
        await api.v1.invoices.pay_async(await bill(api, 100 + number))


@pytest.mark.long
@pytest.mark.parametrize(
    ("clients", "times"), [(8, 20) if os.environ.get("HYPOTHESIS_PROFILE") in ("ci", "thorough") else (3, 2)]
)
async def test_clients_side_by_side_give_one_file_each_time(tmp_path: Path, clients: int, times: int) -> None:
    texts = set()
    for _ in range(times):
        async with HookedShop() as shop, at(tmp_path, shop, "all") as replayer:
            await asyncio.gather(*(pay(replayer.url, number) for number in range(clients)))
        texts.add((tmp_path / "a.yaml").read_bytes())
    assert len(texts) == 1
    assert len(shop.heard) == texts.pop().count(b"- after: ")


async def test_who_fails_is_asked_again_and_who_never_takes_it_is_told_so(tmp_path: Path) -> None:
    lines: list[Line] = []
    async with HookedShop() as shop, at(tmp_path, shop, "all") as replayer:
        await sign_up(replayer.url)
    async with HookedShop(503, 500) as shop, at(tmp_path, shop, "none", tell=lines.append) as replayer:
        await sign_up(replayer.url)
        taken = await replayer.webhooks.wait_async("customer.created")
        await asyncio.sleep(0.4)
    assert taken.statuses == [503, 500, 200]
    assert shop.types == ["customer.created"]
    assert (replayer.receipt.webhooks, replayer.receipt.untaken) == (1, 0)
    assert [line.note for line in lines if line.note] == [
        f"Nobody took the webhook customer.created: {shop.url} answered {status}." for status in (503, 500)
    ]
    async with HookedShop(500) as shop, at(tmp_path, shop, "none", webhook_retries=0) as replayer:
        await sign_up(replayer.url)
        assert (await replayer.webhooks.wait_async("customer.created")).statuses == [500]
    assert replayer.receipt.untaken == 1
    assert "1 webhooks that nobody took" in str(replayer.receipt)


@pytest.mark.long
async def test_a_program_that_is_not_there_or_hangs_disturbs_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mode in ("all", "none"):
        monkeypatch.setattr(webhook_delivery, "PATIENCE", 0.05)
        lines: list[Line] = []
        async with HookedShop() as shop, at(tmp_path, shop, mode, tell=lines.append) as replayer:
            shop.hang = asyncio.Event()
            await life(replayer.url)
            shop.hang.set()
        assert replayer.receipt.missed == 0
        assert any("did not answer within 0.05 seconds" in line.note for line in lines)
        lines.clear()
        monkeypatch.setattr(webhook_delivery, "PATIENCE", 10.0)
        async with at(tmp_path, shop, mode, tell=lines.append) as replayer:  # the shop has closed
            await life(replayer.url)
        assert replayer.receipt.untaken == replayer.receipt.webhooks > 10
        told = [line.note for line in lines if line.outcome.startswith("webhook")]
        assert all(note.endswith("cannot be reached: Connection refused.") for note in told)


@pytest.mark.long
async def test_who_changes_a_byte_is_refused_by_the_sdk(tmp_path: Path) -> None:
    async with HookedShop() as shop:
        await recorded(tmp_path, shop)
    async with HookedShop() as shop, at(tmp_path, shop, "none") as replayer:
        await life(replayer.url)
        await replayer.webhooks.wait_async("invoice.voided")
        for webhook in replayer.webhooks.received:
            header = replayer.webhooks.headers(webhook)[signature.HEADER]
            construct: Callable[..., Any] = stripe.Webhook.construct_event
            assert construct(webhook.body, header, replayer.webhooks.secret)["id"] == webhook.event["id"]
            for at_byte in (0, len(webhook.body) // 2, len(webhook.body) - 1):
                changed = bytearray(webhook.body)
                changed[at_byte] ^= 1
                with pytest.raises((stripe.SignatureVerificationError, UnicodeDecodeError)):
                    construct(bytes(changed), header, replayer.webhooks.secret)


async def test_a_write_that_the_sandbox_answers_causes_its_events(tmp_path: Path) -> None:
    async with HookedShop() as shop, at(tmp_path, shop, "all") as replayer, client(replayer.url) as api:
        made = await bill(api, 700)
    async with (
        HookedShop() as shop,
        at(tmp_path, shop, "none", on_miss="sandbox") as replayer,
        client(replayer.url) as api,
    ):
        assert await bill(api, 700) == made
        await api.v1.invoices.void_invoice_async(made)
        voided = await replayer.webhooks.wait_async("invoice.voided")
    assert voided.about == made
    assert shop.invoices == {made: "void"}
    assert voided.event["data"]["object"]["status_transitions"]["voided_at"] == voided.event["created"]


@pytest.mark.long
@pytest.mark.stands_still("the commands are run in the task of the loop, which answers nobody meanwhile")
async def test_each_command_that_reads_a_cassette_knows_them(tmp_path: Path) -> None:
    async with HookedShop() as shop:
        text = (await recorded(tmp_path, shop)).decode()
    path = str(tmp_path / "a.yaml")
    run = partial(CliRunner().invoke, cli, standalone_mode=False)
    shown = run(["inspect", path]).output
    assert "invoice.payment_failed" in shown
    listed = json.loads(run(["inspect", path, "--json"]).output)["webhooks"]
    assert [one["type"] for one in listed].count("invoice.paid") == 1
    cleaned = run(["clean", path])
    assert cleaned.return_value == 0, cleaned.output
    assert (tmp_path / "a.yaml").read_text() == text
    exported = run(["export", path, "--to", "har", "--out", str(tmp_path / "a.har")]).output
    assert f"{len(listed)} webhooks did not go along" in exported
    leak = text.replace('"pending_webhooks": 1,', '"pending_webhooks": 1, "charge": "ch_3UI6qsHIBYZYyePr1ZqHAeqd",', 1)
    line = leak[: leak.index("ch_3UI6")].count("\n") + 1
    (tmp_path / "a.yaml").write_text(leak)
    found = run(["audit", path])
    assert found.return_value == 1
    assert f"a.yaml: line {line}: an id of the upstream" in found.output


# -- in a test ---------------------------------------------------------------------------------------------------------


def sync_client(url: str) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, base_addresses={"api": url}, max_network_retries=0)


def buy(url: str) -> None:
    api = sync_client(url)
    customer = api.v1.customers.create({"email": "a@shop.test"})
    api.v1.invoices.create({"customer": customer.id, "description": "first"})
    api.v1.invoices.create({"customer": customer.id, "description": "second"})


@pytest.fixture
def bought(tmp_path: Path) -> Path:
    with Replayer(
        "a.yaml", root=tmp_path, upstream="sandbox", record_mode="all", webhook_port=0, webhooks="test"
    ) as to:
        buy(to.url)
    return tmp_path


def test_without_a_program_a_test_takes_them_itself(bought: Path) -> None:
    with Replayer("a.yaml", root=bought) as replayer:
        buy(replayer.url)
        first, second = (replayer.webhooks.wait("invoice.created") for _ in range(2))
        assert [one.event["data"]["object"]["description"] for one in (first, second)] == ["first", "second"]
        assert replayer.webhooks.wait("invoice.created", about=second.about) is second
        with pytest.raises(
            ReplayerError, match=r"No webhook invoice\.paid came within 0\.01 seconds\. Those that came: "
        ):
            replayer.webhooks.wait("invoice.paid", timeout=0.01)
        assert replayer.webhooks.held == []
    assert replayer.receipt.webhooks == replayer.receipt.untaken >= 3


def test_what_is_held_goes_when_and_in_the_order_that_the_test_says(bought: Path) -> None:
    with Replayer("a.yaml", root=bought) as replayer:
        webhooks = replayer.webhooks
        webhooks.hold()
        buy(replayer.url)
        deadline = time.monotonic() + 5
        while [one.type for one in webhooks.held].count("invoice.created") < 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        assert webhooks.received == []
        with pytest.raises(
            ReplayerError, match=r"No webhook invoice\.paid is held\. Those that are: customer\.created"
        ):
            webhooks.release("invoice.paid")
        webhooks.release("invoice.created", "customer.created")
        assert [one.type for one in webhooks.received] == ["invoice.created", "customer.created"]
        webhooks.release()
        left = [one.type for one in webhooks.received[2:]]
        assert left.count("invoice.created") == 1
        assert "customer.created" not in left


def test_one_is_delivered_again_and_one_that_a_test_has_written(bought: Path) -> None:
    with Replayer("a.yaml", root=bought) as replayer:
        buy(replayer.url)
        webhooks = replayer.webhooks
        first = webhooks.wait("customer.created")
        assert webhooks.deliver("customer.created") == 0  # nobody said who takes them
        webhooks.deliver(first)
        webhooks.deliver({"object": "event", "type": "invoice.paid", "data": {"object": {"id": "in_1"}}})
        assert [one.type for one in webhooks.received[-3:]] == ["customer.created", "customer.created", "invoice.paid"]
        assert webhooks.received[-3].body == first.body
        assert webhooks.wait("invoice.paid").about == "in_1"
        with pytest.raises(ReplayerError, match=r"No webhook invoice\.voided came that could be delivered"):
            webhooks.deliver("invoice.voided")


async def test_who_would_stop_the_loop_of_the_session_is_told_what_to_await(bought: Path) -> None:
    async with Replayer("a.yaml", root=bought) as replayer:
        with pytest.raises(ReplayerError, match="await wait_async instead"):
            replayer.webhooks.wait("invoice.created")


# -- from an upstream --------------------------------------------------------------------------------------------------


class Upstream:
    """An API that says by itself what it was told to: it has made a thing, and announces that."""

    secret = "whsec_of_the_upstream_0000"

    def __init__(self) -> None:
        self.made, self.gate = 0, asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        app = web.Application()
        app.router.add_post("/v1/things", self._make)
        self._runner = web.AppRunner(app, access_log=None)
        self.url = ""

    async def __aenter__(self) -> "Upstream":
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _make(self, _: web.Request) -> web.Response:
        self.made += 1
        self.asked.set()
        await self.gate.wait()
        headers = {"Request-Id": f"req_AbCdEfGhIjKl{self.made:02}"}
        return web.json_response(self.thing(), headers=headers)

    def thing(self) -> dict[str, Any]:
        return {"id": f"thg_1UI6qsHIBYZYyePrZqHAeq{self.made:02}", "object": "thing", "created": int(time.time())}

    def event(self, number: int = 1, request: str | None = "") -> bytes:
        request = f"req_AbCdEfGhIjKl{self.made:02}" if request == "" else request
        return json.dumps(
            {
                "id": f"evt_1UI6qsHIBYZYyePrZqHAeq{number:02}", "object": "event", "created": int(time.time()),
                "data": {"object": self.thing()}, "pending_webhooks": number,
                "request": {"id": request, "idempotency_key": None}, "type": "thing.created",
            }
        ).encode()  # fmt: skip

    async def send(self, to: str, body: bytes, secret: str = "", **headers: str) -> int:
        at = int(time.time())
        sum_ = hmac.new((secret or self.secret).encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        signed = {"Content-Type": "application/json", "Stripe-Signature": f"t={at},v1={sum_}", **headers}
        async with aiohttp.ClientSession() as session, session.post(to, data=body, headers=signed) as reply:
            return reply.status


async def make(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.post(f"{url}/v1/things", data=b"a=b") as reply:
        return str((await reply.json())["id"])


def over(tmp_path: Path, upstream: Upstream, shop: HookedShop, **more: Any) -> Replayer:
    return Replayer(
        "a.yaml", root=tmp_path, upstream=upstream.url, record_mode="all", webhooks=shop.url, rules="invoice", **more
    )


async def test_only_what_is_signed_with_the_secret_of_the_endpoint_is_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[Line] = []
    async with Upstream() as upstream, HookedShop() as shop:
        monkeypatch.setenv("ENDPOINT", upstream.secret)
        async with over(tmp_path, upstream, shop, webhook_secret="env:ENDPOINT", tell=lines.append) as replayer:
            made, to = await make(replayer.url), replayer.webhooks.url
            assert await upstream.send(to, upstream.event(), secret="whsec_of_somebody_else") == 400
            assert await upstream.send(to, upstream.event(), Origin="http://page.test") == 403
            assert await upstream.send(to, upstream.event()) == 200
            assert await upstream.send(to, upstream.event()) == 200  # the same again: it has that
    assert [one[:2] for one in shop.heard] == [("thing.created", made)]
    assert [line.note for line in lines if line.note] == [
        "A webhook came whose signature is not made with webhook_secret: it was refused."
    ]
    assert upstream.secret.encode() not in (tmp_path / "a.yaml").read_bytes()
    with pytest.raises(UsageError, match="must name the variable that the secret stands in"):
        over(tmp_path, upstream, shop, webhook_secret="whsec_1")


async def test_an_event_that_comes_before_the_answer_of_its_write_waits_for_that(tmp_path: Path) -> None:
    async with Upstream() as upstream, HookedShop() as shop, over(tmp_path, upstream, shop) as replayer:
        await make(replayer.url)
        upstream.gate.clear()
        upstream.asked.clear()
        asking = asyncio.create_task(make(replayer.url))
        await upstream.asked.wait()
        sending = asyncio.create_task(upstream.send(replayer.webhooks.url, upstream.event(2)))
        await asyncio.sleep(0.05)
        assert shop.heard == []
        upstream.gate.set()
        assert await sending == 200
        assert shop.heard[0][1] == await asking


async def test_what_somebody_else_did_in_the_account_is_passed_over(tmp_path: Path) -> None:
    lines: list[Line] = []
    async with (
        Upstream() as upstream,
        HookedShop() as shop,
        over(tmp_path, upstream, shop, tell=lines.append) as replayer,
    ):
        await make(replayer.url)
        other = upstream.event(3, "req_OfSomebodyElse").replace(b"thg_1", b"thg_2")
        assert await upstream.send(replayer.webhooks.url, other) == 200
        assert await upstream.send(replayer.webhooks.url, upstream.event()) == 200
    assert len(shop.heard) == 1
    assert (tmp_path / "a.yaml").read_bytes().count(b"- after: ") == 1
    assert "came of nothing in this session" in next(line.note for line in lines if line.note)


async def test_a_program_that_fails_while_recording_is_told_to_the_upstream_which_tries_again(tmp_path: Path) -> None:
    async with Upstream() as upstream, HookedShop(500, 503) as shop, over(tmp_path, upstream, shop) as replayer:
        await make(replayer.url)
        sent = [await upstream.send(replayer.webhooks.url, upstream.event()) for _ in range(4)]
    assert sent == [500, 503, 200, 200]
    assert b"answers: [500, 503, 200]" in (tmp_path / "a.yaml").read_bytes()
    assert len(shop.heard) == 1


KILLED = """\
import asyncio, sys
from replayer import Replayer

async def main():
    upstream, hook, root = sys.argv[1:]
    settings = dict(upstream=upstream, record_mode="all", webhooks=hook, rules="invoice", root=root)
    async with Replayer("a.yaml", **settings) as replayer:
        print(replayer.url, replayer.webhooks.url, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_kill_9_loses_no_webhook_that_the_program_was_given(tmp_path: Path) -> None:
    async with Upstream() as upstream, HookedShop() as shop:
        command = [sys.executable, "-c", KILLED, upstream.url, shop.url, str(tmp_path)]
        child = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        url, to = (await child.stdout.readline()).decode().split()
        sending = []
        for number in range(1, 9):
            await make(url)
            sending.append(asyncio.create_task(upstream.send(to, upstream.event(number))))
        await asyncio.wait(sending[:4])
        child.kill()
        await child.wait()
        for one in sending:
            with suppress(aiohttp.ClientError):
                await one
    cassette = folder.read(tmp_path / "a.yaml.journal")
    assert cassette is not None
    kept = {one.request.json["id"] for one in cassette.deliveries}
    assert {name for *_, name in shop.heard} <= kept
