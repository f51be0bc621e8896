"""A shop with a webhook endpoint, as the API's documentation shows one, and the life of its invoices."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

import stripe
from aiohttp import web

from replayer import Replayer
from replayer.core.deliveries import signature

KEY = "sk_test_made_up"


class HookedShop(AbstractAsyncContextManager["HookedShop"]):
    """What the program knows: `invoices` by their ids, as the webhooks told, `heard` all of these in their order.
    `statuses` are answered instead of 200, one after the other."""

    def __init__(self, *statuses: int) -> None:
        self.invoices: dict[str, str] = {}
        self.heard: list[tuple[str, str, int, str]] = []
        self.statuses: Iterator[int] = iter(statuses)
        self.hang: asyncio.Event | None = None
        self.url = ""
        app = web.Application()
        app.router.add_post("/webhook", self._webhook)
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/webhook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _webhook(self, request: web.Request) -> web.Response:
        payload = await request.read()
        try:
            event = stripe.Webhook.construct_event(payload, request.headers.get("Stripe-Signature"), signature.SECRET)
        except stripe.SignatureVerificationError:
            return web.Response(status=400)
        if self.hang is not None:
            await self.hang.wait()
        status = next(self.statuses, 200)
        if status == 200:
            about = event["data"]["object"]
            self.heard.append((event["type"], about["id"], event["created"], event["id"]))
            if about["object"] == "invoice":
                self.invoices[about["id"]] = about["status"]
        return web.Response(status=status)

    @property
    def types(self) -> list[str]:
        return [one[0] for one in self.heard]

    @property
    def by_write(self) -> dict[tuple[str, int], list[str]]:
        """Of each object and second what was told, in that order: a second is a write."""
        found: dict[tuple[str, int], list[str]] = {}
        for kind, about, created, name in self.heard:
            found.setdefault((about, created), []).append(f"{kind} {name}")
        return found


@asynccontextmanager
async def client(url: str) -> AsyncIterator[stripe.StripeClient]:
    http = stripe.HTTPXClient()
    try:
        yield stripe.StripeClient(KEY, base_addresses={"api": url}, http_client=http, max_network_retries=0)
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]


async def bill(api: stripe.StripeClient, amount: int, card: str = "pm_card_visa") -> str:
    """A finalized invoice of a customer with that card; its id."""
    customer = await api.v1.customers.create_async({"email": f"{amount}@shop.test"})
    method = await api.v1.payment_methods.attach_async(card, {"customer": customer.id})
    settings: Any = {"default_payment_method": method.id}
    await api.v1.customers.update_async(customer.id, {"invoice_settings": settings})
    await api.v1.invoice_items.create_async({"customer": customer.id, "amount": amount, "currency": "usd"})
    invoice = await api.v1.invoices.create_async({"customer": customer.id, "pending_invoice_items_behavior": "include"})
    assert invoice.id
    await api.v1.invoices.finalize_invoice_async(invoice.id)
    return invoice.id


async def life(url: str) -> None:
    """An invoice that is paid, one whose card is declined and that is voided then."""
    async with client(url) as api:
        await api.v1.invoices.pay_async(await bill(api, 1500))
        declined = await bill(api, 900, "pm_card_chargeCustomerFail")
        with suppress(stripe.CardError):
            await api.v1.invoices.pay_async(declined)
        await api.v1.invoices.void_invoice_async(declined)


async def sign_up(url: str) -> None:
    """A customer, and nothing else."""
    async with client(url) as api:
        await api.v1.customers.create_async({"email": "a@shop.test"})


def at(tmp_path: Path, shop: HookedShop, mode: str, **more: Any) -> Replayer:
    upstream: dict[str, Any] = {} if mode == "none" else {"upstream": "sandbox"}
    return Replayer("a.yaml", root=tmp_path, record_mode=mode, webhooks=shop.url, **upstream, **more)
