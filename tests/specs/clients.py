"""Clients of the invoice API as people use it: the official SDK on three HTTP libraries, and two of these libraries
bare. And one scenario that any of them can go through."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
import requests
import stripe

KEY = "sk_test_LawsOverTheSandbox0001"
DAY = 86_400
FAR = 1_900_000_000  # a due date that a test wrote down
FRAMING = ("content-length", "connection")


@dataclass(frozen=True)
class Told:
    """One answer as its client saw it. Where it repeats the key that the client made up for it, that is `MINE`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Iterable[tuple[str, str]], body: bytes, key: str | None) -> "Told":
        kept = sorted((name.lower(), value) for name, value in headers if name.lower() not in FRAMING)
        return cls(status, tuple((name, "MINE" if key and value == key else value) for name, value in kept), body)


Transcript = list[Told]


# -- clients ----------------------------------------------------------------------------------------------------------

# Name in the SDK: method and path, for the clients that have no SDK.
OPERATIONS = {
    "customers.create": "POST /v1/customers",
    "customers.retrieve": "GET /v1/customers/{}",
    "customers.list": "GET /v1/customers",
    "invoice_items.create": "POST /v1/invoiceitems",
    "invoices.create": "POST /v1/invoices",
    "invoices.retrieve": "GET /v1/invoices/{}",
    "invoices.update": "POST /v1/invoices/{}",
    "invoices.delete": "DELETE /v1/invoices/{}",
    "invoices.list": "GET /v1/invoices",
    "invoices.search": "GET /v1/invoices/search",
    "invoices.finalize_invoice": "POST /v1/invoices/{}/finalize",
    "invoices.pay": "POST /v1/invoices/{}/pay",
    "invoices.void_invoice": "POST /v1/invoices/{}/void",
    "invoices.mark_uncollectible": "POST /v1/invoices/{}/mark_uncollectible",
    "invoices.send_invoice": "POST /v1/invoices/{}/send",
    "invoices.line_items.list": "GET /v1/invoices/{}/lines",
}


class Client(Protocol):
    """Whoever asks. `call` answers the body, an error's too; `pages` the ids of a whole list, as the SDK walks it."""

    transcript: Transcript

    async def call(self, operation: str, *ids: str, **params: Any) -> Any: ...

    async def pages(self, operation: str, *ids: str, **params: Any) -> list[str]: ...


class Sdk:
    """The official SDK, on one of its HTTP libraries."""

    def __init__(self, url: str, transport: stripe.HTTPClient, transcript: Transcript, *, blocks: bool) -> None:
        addresses: Any = {"api": url}
        self._client = stripe.StripeClient(KEY, base_addresses=addresses, http_client=transport)
        self.transcript = transcript
        self._blocks = blocks

    async def call(self, operation: str, *ids: str, **params: Any) -> Any:
        heard = len(self.transcript)
        with suppress(stripe.StripeError):
            await self._asked(operation, *ids, params)
        assert len(self.transcript) == heard + 1, "it was not answered"
        return json.loads(self.transcript[-1].body)

    async def pages(self, operation: str, *ids: str, **params: Any) -> list[str]:
        page = await self._asked(operation, *ids, params)
        if self._blocks:
            return await asyncio.to_thread(lambda: [row.id for row in page.auto_paging_iter()])
        return [row.id async for row in page.auto_paging_iter()]

    async def _asked(self, operation: str, *words: Any) -> Any:
        *services, name = operation.split(".")
        service: Any = self._client.v1
        for each in services:
            service = getattr(service, each)
        if self._blocks:
            return await asyncio.to_thread(getattr(service, name), *words)
        return await getattr(service, f"{name}_async")(*words)


class Overheard:
    """What an HTTP library answered to the SDK is written down."""

    transcript: Transcript

    def heard(self, answer: Any, headers: Mapping[str, str] | None) -> Any:
        body, status, answered = answer
        self.transcript.append(Told.of(status, answered.items(), body, (headers or {}).get("Idempotency-Key")))
        return answer


class OnRequests(Overheard, stripe.RequestsClient):
    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:  # type: ignore[override]
        return self.heard(super().request(method, url, headers, post_data), headers)


class OnHttpx(Overheard, stripe.HTTPXClient):
    async def request_async(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        return self.heard(await super().request_async(method, url, headers, post_data), headers)


class OnAiohttp(Overheard, stripe.AIOHTTPClient):
    async def request_async(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        return self.heard(await super().request_async(method, url, headers, post_data), headers)


class Bare:
    """No SDK: the same questions, written by hand."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.transcript: Transcript = []

    async def call(self, operation: str, *ids: str, **params: Any) -> Any:
        method, path = OPERATIONS[operation].split(" ")
        headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": stripe.api_version or ""}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        told = await self._asked(method, path.format(*ids), headers, list(flat(params)))
        self.transcript.append(told)
        return json.loads(told.body)

    async def pages(self, operation: str, *ids: str, **params: Any) -> list[str]:
        found: list[str] = []
        while True:
            page = await self.call(operation, *ids, **params)
            rows = [row["id"] for row in page["data"]]
            found += rows[::-1] if "ending_before" in params else rows
            if not page["has_more"]:
                return found
            if "ending_before" in params:
                params["ending_before"] = rows[0]
            elif operation.endswith("search"):
                params["page"] = page["next_page"]
            else:
                params["starting_after"] = rows[-1]

    async def _asked(self, method: str, path: str, headers: dict[str, str], form: list[tuple[str, str]]) -> Told:
        raise NotImplementedError


class BareRequests(Bare):
    def __init__(self, url: str, session: requests.Session) -> None:
        super().__init__(url)
        self._session = session

    async def _asked(self, method: str, path: str, headers: dict[str, str], form: list[tuple[str, str]]) -> Told:
        asked: dict[str, Any] = {"data": form} if method == "POST" else {"params": form}
        send = partial(self._session.request, method, self.url + path, headers=headers, timeout=5, **asked)
        answer = await asyncio.to_thread(send)
        return Told.of(answer.status_code, answer.headers.items(), answer.content, headers.get("Idempotency-Key"))


class BareAiohttp(Bare):
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        super().__init__(url)
        self._session = session

    async def _asked(self, method: str, path: str, headers: dict[str, str], form: list[tuple[str, str]]) -> Told:
        asked: dict[str, Any] = {"params": form}
        if method == "POST":
            sent = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
            headers, asked = {**headers, **sent}, {"data": urlencode(form)}
        async with self._session.request(method, self.url + path, headers=headers, **asked) as answer:
            body = await answer.read()
        return Told.of(answer.status, answer.headers.items(), body, headers.get("Idempotency-Key"))


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Parameters as the pairs of a form: `("metadata[a]", "1")`."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from flat(child, f"{name}[{key}]" if name else key)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from flat(child, f"{name}[{index}]")
    else:
        yield name, {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


CLIENTS = ("sdk on requests", "sdk on httpx", "sdk on aiohttp", "bare requests", "bare aiohttp")


@asynccontextmanager
async def client(kind: str, url: str) -> AsyncIterator[Client]:
    transcript: Transcript = []
    if kind.endswith("requests"):
        with requests.Session() as session:
            on_requests = OnRequests(session=session)
            on_requests.transcript = transcript
            yield Sdk(url, on_requests, transcript, blocks=True) if kind[0] == "s" else BareRequests(url, session)
    elif kind.endswith("aiohttp"):
        async with aiohttp.ClientSession() as connection:
            on_aiohttp = OnAiohttp(session=connection)
            on_aiohttp.transcript = transcript
            yield Sdk(url, on_aiohttp, transcript, blocks=False) if kind[0] == "s" else BareAiohttp(url, connection)
    else:
        on_httpx = OnHttpx()
        on_httpx.transcript = transcript
        yield Sdk(url, on_httpx, transcript, blocks=False)
        await on_httpx.close_async()  # type: ignore[no-untyped-call]


# -- the scenario -----------------------------------------------------------------------------------------------------


async def scenario(shop: Client) -> None:
    """A month in a small shop: everything that an invoice can become, and what is refused on the way."""
    ada = await shop.call(
        "customers.create", name="Ada", email="ada@example.com", metadata={"team": "a[b]", "ü": "1 & 2"}
    )
    bob = await shop.call("customers.create", name="Bob", invoice_settings={"default_payment_method": "pm_card_visa"})
    twins = [await shop.call("customers.create", name="Twin") for _ in range(2)]
    assert twins[0]["id"] != twins[1]["id"]
    for amount in (1500, 2000, 99):
        await shop.call("invoice_items.create", customer=ada["id"], amount=amount, currency="usd", description="Tea")
    draft = await shop.call(
        "invoices.create",
        customer=ada["id"],
        collection_method="send_invoice",
        days_until_due=30,
        pending_invoice_items_behavior="include",
        metadata={"order id": "6735", "ref": str(uuid.UUID(int=7))},
    )
    assert draft["due_date"] == draft["created"] + 30 * DAY
    assert draft["total"] == 3599
    dated = await shop.call("invoices.create", customer=ada["id"], collection_method="send_invoice", due_date=FAR)
    assert dated["due_date"] == FAR
    await shop.call("invoice_items.create", customer=ada["id"], invoice=dated["id"], amount=700, currency="usd")
    more = [await new_invoice(shop, bob["id"], 1000 + n) for n in range(6)]
    ids = [each["id"] for each in (draft, dated, *more)]

    assert await shop.pages("invoices.list", limit=2) == ids[::-1]
    assert await shop.pages("invoices.list", limit=2, ending_before=ids[0]) == ids[1:]
    assert await shop.pages("invoices.list", limit=2, customer=ada["id"]) == ids[1::-1]
    assert len(await shop.pages("customers.list", limit=3)) == 4
    since = await shop.call("invoices.list", created={"gte": draft["created"]}, limit=3, expand=["data.customer"])
    assert since["data"][0]["customer"]["name"] == "Bob"

    opened = await shop.call("invoices.finalize_invoice", draft["id"], auto_advance=False)
    assert (opened["status"], opened["number"][8:]) == ("open", "-0001")
    paid = await shop.call("invoices.pay", draft["id"], paid_out_of_band=True)
    assert (paid["status"], paid["number"]) == ("paid", opened["number"])
    by_card = await shop.call("invoices.pay", more[0]["id"], payment_method="pm_card_visa", expand=["customer"])
    assert (by_card["status"], by_card["customer"]["id"]) == ("paid", bob["id"])
    for _ in range(2):
        declined = await shop.call("invoices.pay", more[1]["id"], payment_method="pm_card_chargeDeclined")
        assert declined["error"]["code"] == "card_declined"
        assert (await shop.call("invoices.retrieve", more[1]["id"]))["status"] == "open"
    await shop.call("invoices.finalize_invoice", more[2]["id"])
    assert (await shop.call("invoices.void_invoice", more[2]["id"]))["status"] == "void"
    await shop.call("invoices.finalize_invoice", more[3]["id"])
    assert (await shop.call("invoices.mark_uncollectible", more[3]["id"]))["status"] == "uncollectible"
    assert (await shop.call("invoices.send_invoice", dated["id"]))["status"] == "open"
    assert (await shop.call("invoices.delete", more[4]["id"]))["deleted"] is True

    gone = await shop.call("invoices.retrieve", more[4]["id"])
    assert gone["error"]["message"] == f"No such invoice: '{more[4]['id']}'"
    assert (await shop.call("invoices.retrieve", "in_none"))["error"]["code"] == "resource_missing"
    refused = await shop.call("invoices.finalize_invoice", draft["id"])
    assert refused["error"]["message"].startswith("This invoice is already finalized")
    assert (await shop.call("invoices.pay", draft["id"]))["error"]["message"] == "Invoice is already paid"
    updated = await shop.call("invoices.update", more[5]["id"], description="für Ü", metadata={"see": draft["id"]})
    assert updated["metadata"]["see"] == draft["id"]
    again = [await shop.call("invoices.retrieve", more[5]["id"], expand=["customer"]) for _ in range(2)]
    assert again[0] == again[1]
    found = await shop.pages("invoices.search", query=f"customer:'{bob['id']}' AND total>1000", limit=2)
    assert set(found) <= set(ids)
    assert found
    assert await shop.pages("invoices.list", limit=2, status="open") == [more[1]["id"], dated["id"]]


async def new_invoice(shop: Client, customer: str, amount: int) -> Any:
    invoice = await shop.call("invoices.create", customer=customer, metadata={"amount": str(amount)})
    await shop.call("invoice_items.create", customer=customer, invoice=invoice["id"], amount=amount, currency="usd")
    return invoice
