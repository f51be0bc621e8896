"""The port: real sockets on loopback, the official SDK, and clients that send nonsense."""

import asyncio
import base64
import io
import threading
import time
from collections.abc import Iterator

import aiohttp
import pytest
import requests
import stripe

from replayer.sandbox import Sandbox
from replayer.sandbox.serving import server
from tests.sandbox.shop import KEY, MONDAY


class Ticking:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = float(MONDAY)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def url(clock: Ticking) -> Iterator[str]:
    """A sandbox in a thread of its own, so that blocking clients can be used."""
    loop = asyncio.new_event_loop()
    sandbox = Sandbox(seed=1, clock=clock)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield asyncio.run_coroutine_threadsafe(sandbox.start(), loop).result(5)
    asyncio.run_coroutine_threadsafe(sandbox.close(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def client(url: str) -> Iterator[stripe.StripeClient]:
    with requests.Session() as session:
        session.trust_env = False
        transport = stripe.RequestsClient(session=session)
        yield stripe.StripeClient(KEY, base_addresses={"api": url}, http_client=transport)


def test_the_official_sdk_takes_an_invoice_from_draft_to_paid(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"invoice_settings": {"default_payment_method": "pm_card_visa"}})
    client.v1.invoice_items.create({"customer": customer.id, "amount": 2500, "currency": "usd"})
    draft = client.v1.invoices.create(
        {"customer": customer.id, "pending_invoice_items_behavior": "include", "metadata": {"a[b]": "ü &="}}
    )
    assert draft.metadata is not None
    assert (draft.status, draft.total, draft.metadata["a[b]"]) == ("draft", 2500, "ü &=")
    assert client.v1.invoices.finalize_invoice(draft.id).status == "open"
    paid = client.v1.invoices.pay(draft.id, {"expand": ["customer"]})
    assert (paid.status, paid.amount_paid) == ("paid", 2500)
    assert isinstance(paid.customer, stripe.Customer)
    with pytest.raises(stripe.InvalidRequestError, match="Invoice is already paid"):
        client.v1.invoices.pay(draft.id)


def test_the_official_sdk_walks_lists_both_ways(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create()
    made = [client.v1.invoices.create({"customer": customer.id}).id for _ in range(7)]
    forward = client.v1.invoices.list({"limit": 3}).auto_paging_iter()
    assert [invoice.id for invoice in forward] == made[::-1]
    backward = client.v1.invoices.list({"limit": 3, "ending_before": made[0]}).auto_paging_iter()
    assert [invoice.id for invoice in backward] == made[1:]
    found = client.v1.invoices.search({"query": "status:'draft'", "limit": 3}).auto_paging_iter()
    assert [invoice.id for invoice in found] == made[::-1]


def test_the_official_sdk_raises_its_own_errors(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create()
    invoice = client.v1.invoices.create({"customer": customer.id})
    client.v1.invoices.add_lines(invoice.id, {"lines": [{"amount": 5}]})
    with pytest.raises(stripe.CardError) as declined:
        client.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_chargeDeclined"})
    assert declined.value.code == "card_declined"
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        client.v1.invoices.retrieve("in_x")
    assert (unknown.value.code, unknown.value.param, unknown.value.http_status) == ("resource_missing", "invoice", 404)
    with pytest.raises(stripe.AuthenticationError):
        client.v1.invoices.list(options={"api_key": "sk_live_never"})
    again: stripe.RequestOptions = {"idempotency_key": "k"}
    client.v1.customers.create({"name": "N"}, again)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"name": "M"}, again)


def test_basic_authentication_works_as_curl_sends_it(url: str) -> None:
    authorization = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
    answer = requests.get(f"{url}/v1/invoices", headers={"Authorization": authorization}, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Server"] == "nginx"
    assert answer.headers["Date"] == "Sun, 22 Nov 2026 00:00:00 GMT"
    assert answer.headers["Connection"] == "keep-alive"
    assert "Transfer-Encoding" not in answer.headers


async def talk(url: str, sent: bytes) -> bytes:
    """All that the sandbox says to these bytes, until it closes or has nothing more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(sent)
    await writer.drain()
    received = b""
    try:
        while part := await asyncio.wait_for(reader.read(65536), 0.4):
            received += part
    except TimeoutError:
        pass
    writer.close()
    await writer.wait_closed()
    return received


AUTH = b"Host: x\r\nConnection: close\r\nAuthorization: Bearer sk_test_x\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"BREW /v1/invoices HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"OPTIONS * HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"GET /v1/invoices?limit=%FF&%=%zz HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"GET http://elsewhere/v1/invoices?a=b HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"GET /v1/nope HTTP/1.1\r\n" + AUTH + b"Idempotency-Key: \xff\xfe\r\n\r\n",
        b"POST /v1/nope HTTP/1.1\r\n" + AUTH + b"Idempotency-Key: \xc3\xbc\xff\r\nContent-Length: 0\r\n\r\n",
        b"POST /v1/customers HTTP/1.1\r\n" + AUTH + b"Content-Length: 2\r\n\r\n\xff\xfe",
        b"POST /v1/customers HTTP/1.1\r\n" + AUTH + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"POST /v1/customers HTTP/1.1\r\n" + AUTH + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /v1/invoices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\n\r\n",
        b"GET /v1/invoices?a=\xff HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"GET /v1/\xc3\xbc HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"GET /v1/nope HTTP/1.1\r\n" + AUTH + b"Stripe-Account: \x01\x0b\r\n\r\n",
        b"GET /v1/nope HTTP/1.1\r\n" + AUTH + b"Stripe-Account: \x7f\xc2\x80\r\n\r\n",
        b"GET /" + b"a" * 7000 + b" HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"GET /v1/invoices/search?query=" + b"%C3%BC" * 6000 + b" HTTP/1.1\r\n" + AUTH + b"\r\n",
        b"PUT //// HTTP/1.0\r\n" + AUTH + b"\r\n",
    ],
)
async def test_nonsense_is_answered_with_an_error_of_the_api(sent: bytes) -> None:
    async with Sandbox(seed=1) as sandbox:
        received = await talk(sandbox.url, sent)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head[9:10] == b"4", head
    assert b"application/json" in head
    assert body.startswith(b'{\n  "error": {')


async def test_bytes_that_are_no_http_are_a_400_and_leave_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox(seed=1) as sandbox:
        received = await talk(sandbox.url, b"\x16\x03\x01 hello\r\n\r\n")
    assert received.split(b"\r\n")[0].split(b" ")[1] == b"400"
    assert caplog.records == []


async def test_a_client_that_leaves_in_the_middle_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox(seed=1) as sandbox:
        _, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        writer.write(b"POST /v1/customers HTTP/1.1\r\n" + AUTH + b"Content-Length: 9\r\n\r\nhalf")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.05)
    assert caplog.records == []


@pytest.mark.parametrize("half", [b"GET /v1/inv", b"POST /v1/customers HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_half_a_request_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, half: bytes) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    async with Sandbox(seed=1) as sandbox:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
        writer.write(half)
        async with asyncio.timeout(5):
            received = await reader.read()
        writer.close()
    head, _, body = received.partition(b"\r\n\r\n")
    assert head[9:12] == b"400"
    assert body.startswith(b'{\n  "error": {')


async def test_a_body_beyond_the_bound_is_refused_with_its_bound() -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with Sandbox() as sandbox, aiohttp.ClientSession(headers=headers) as session:
        body = b"name=" + b"x" * (1 << 20)
        async with session.post(f"{sandbox.url}/v1/customers", data=io.BytesIO(body)) as answer:
            assert answer.status == 413
            assert "1 MiB" in (await answer.json())["error"]["message"]


async def test_a_head_request_has_no_body() -> None:
    async with Sandbox() as sandbox:
        received = await talk(sandbox.url, b"HEAD /v1/invoices HTTP/1.1\r\n" + AUTH + b"\r\n")
    assert received.startswith(b"HTTP/1.1 404 ")
    assert received.endswith(b"\r\n\r\n")


async def test_a_busy_port_is_an_os_error() -> None:
    async with Sandbox() as first:
        second = Sandbox(port=int(first.url.rpartition(":")[2]))
        with pytest.raises(OSError, match="address already in use"):
            await second.start()
        await second.close()


async def test_it_closes_at_once_even_with_an_open_connection() -> None:
    sandbox = Sandbox()
    assert repr(sandbox) == "<Sandbox not started>"
    await sandbox.start()
    assert repr(sandbox) == f"<Sandbox {sandbox.url}>"
    port = int(sandbox.url.rpartition(":")[2])
    _, idle = await asyncio.open_connection("127.0.0.1", port)
    _, half = await asyncio.open_connection("127.0.0.1", port)
    half.write(b"POST /v1/customers HTTP/1.1\r\n" + AUTH + b"Content-Length: 9\r\n\r\nhalf")
    await half.drain()
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    await sandbox.close()
    assert time.monotonic() - begun < 0.5
    for writer in (idle, half):
        writer.close()
        await writer.wait_closed()
    await sandbox.close()


async def test_wire_times_are_whole_seconds_of_the_clock() -> None:
    clock = Ticking()
    clock.now += 0.9
    async with Sandbox(clock=clock) as sandbox, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with session.post(f"{sandbox.url}/v1/customers", headers=headers) as answer:
            assert (await answer.json())["created"] == MONDAY
