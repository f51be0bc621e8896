"""A recording that is gone on with, through a real proxy, by the official SDK and byte for byte."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from replayer import Replayer, UsageError
from replayer.core.message import instants, shapes
from replayer.core.naming import aliases

from .talking import BEARER, FORM, JSON, Api, Heard, ask, files, player, recorder

HOME = Path(__file__).parents[2]
FORM_OF_ADA = b"name=Ada&invoice_settings[default_payment_method]=pm_card_visa"


def client(url: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_OfTheContinuation0001", base_addresses={"api": url}, max_network_retries=0)


def drafts(shop: stripe.StripeClient) -> tuple[str, list[str]]:
    """What is recorded: a customer with three drafts."""
    customer = shop.v1.customers.create({"name": "Ada", "invoice_settings": {"default_payment_method": "pm_card_visa"}})
    made = []
    for amount in (2000, 700, 500):
        shop.v1.invoice_items.create({"customer": customer.id, "amount": amount, "currency": "usd"})
        draft = shop.v1.invoices.create({"customer": customer.id, "pending_invoice_items_behavior": "include"})
        made.append(draft.id)
    return customer.id, made


def further(shop: stripe.StripeClient) -> Iterator[Any]:
    """And what is not."""
    customer, (first, second, third) = drafts(shop)
    yield shop.v1.invoices.finalize_invoice(first)
    yield shop.v1.invoices.pay(first)
    yield shop.v1.invoices.retrieve(second)
    yield shop.v1.invoices.delete(third)
    yield shop.v1.invoices.list({"status": "paid", "customer": customer})
    more = [shop.v1.invoices.create({"customer": customer, "description": f"D{n}"}) for n in range(5)]
    yield more
    yield [one.id for one in shop.v1.invoices.list({"customer": customer, "limit": 2}).auto_paging_iter()]
    yield [
        one.id
        for one in shop.v1.invoices.list({"customer": customer, "limit": 2, "ending_before": second}).auto_paging_iter()
    ]
    yield shop.v1.customers.retrieve(customer)
    yield shop.v1.invoice_items.list({"customer": customer})


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    with Replayer("a.yaml", root=tmp_path, upstream="sandbox", record_mode="all", epoch="2026-11-22") as proxy:
        drafts(client(proxy.url))
    return tmp_path


def gone_on(root: Path) -> tuple[list[Any], str]:
    with Replayer("a.yaml", root=root, on_miss="sandbox") as proxy:
        told = list(further(client(proxy.url)))
        assert proxy.misses == []
        return told, str(proxy.receipt)


def texts(told: Iterable[Any]) -> Iterator[str]:
    """What was told, each object as the SDK writes it."""
    for one in told:
        yield from texts(one) if isinstance(one, list) else (str(one),)


def test_the_sdk_goes_on_with_drafts_that_were_recorded(recorded: Path) -> None:
    told, receipt = gone_on(recorded)
    opened, paid, second, gone, listed, more, forward, backward, customer, items = told
    assert (opened.status, opened.amount_due, opened.number[-5:]) == ("open", 2000, "-0001")
    assert (paid.id, paid.status, paid.amount_paid) == (opened.id, "paid", 2000)
    assert (second.status, second.total, [line.amount for line in second.lines]) == ("draft", 700, [700])
    assert (gone.deleted, [one.id for one in listed]) == (True, [paid.id])
    newest_first = [*(one.id for one in reversed(more)), second.id, paid.id]
    assert (forward, backward) == (newest_first, newest_first[-3::-1])
    assert (customer.next_invoice_sequence, len(list(items))) == (2, 3)
    assert receipt == "0 recorded, 7 played, 19 synthesized (19 sandbox), 0 missed, 0 unused, 7 bound"


def test_the_same_program_is_told_the_same_bytes_in_two_processes(recorded: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(HOME)!r})
from pathlib import Path
from tests.proxy.test_sandbox_answers import gone_on, texts
print(*texts(gone_on(Path({str(recorded)!r}))[0]))
"""
    told = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=HOME).stdout
        for _ in range(2)
    ]
    assert told[0] == told[1]
    assert b"paid" in told[0]


def test_new_names_are_aliases_and_the_recording_is_not_touched(recorded: Path) -> None:
    before = files(recorded)
    told, _ = gone_on(recorded)
    found = [piece for text in texts(told) for piece in shapes.ids(text) if not piece.text.startswith("test_")]
    assert len(found) > 50
    assert [piece.text for piece in found if not aliases.is_alias(piece.shape, piece.text)] == []
    assert files(recorded) == before


async def ask_for(url: str, line: str, form: bytes = b"", *headers: tuple[str, str]) -> Heard:
    return await ask(url, line, (BEARER, FORM, *headers), form)


def told(answer: Heard) -> Any:
    return json.loads(answer.body)


async def test_an_answer_is_marked_and_the_clock_moves_a_second_with_each_write(tmp_path: Path) -> None:
    async with recorder("sandbox", tmp_path, epoch="2026-11-22") as proxy:
        first = await ask_for(proxy.url, "POST /v1/customers", FORM_OF_ADA)
    async with player(tmp_path, on_miss="sandbox") as proxy:
        played = await ask_for(proxy.url, "POST /v1/customers", FORM_OF_ADA)
        draft = f"customer={told(played)['id']}".encode()
        heard = [await ask_for(proxy.url, "POST /v1/invoices", draft) for _ in range(2)]
        read = await ask_for(proxy.url, f"GET /v1/invoices/{told(heard[1])['id']}")
        assert proxy.clock.time() == told(heard[1])["created"]
    assert [one.header("replayer-synthesized") for one in (played, *heard, read)] == [None, *["sandbox"] * 3]
    seconds = [instants.read_http_date(one.header("date") or "") for one in (first, *heard, read)]
    start = told(first)["created"]
    assert [instant.seconds - start for instant in seconds if instant] == [0, 1, 2, 2]
    assert [told(one)["created"] - start for one in heard] == [1, 2]


@pytest.mark.parametrize("early", [False, True])
async def test_what_is_recorded_and_made_after_what_the_sandbox_made_is_never_older(
    tmp_path: Path, *, early: bool
) -> None:
    """Not even where a read has told already how late it was when that was recorded."""
    names = [f"name={name}".encode() for name in "ABC"]
    async with recorder("sandbox", tmp_path) as proxy:
        first, *_ = [told(await ask_for(proxy.url, "POST /v1/customers", name)) for name in names]
        await ask_for(proxy.url, f"GET /v1/customers/{first['id']}")
    start = first["created"]
    async with player(tmp_path, on_miss="sandbox") as proxy:
        asked = [*[f"name=between {number}".encode() for number in range(4)], *names[1:], b"name=last"]
        made = [told(await ask_for(proxy.url, "POST /v1/customers", names[0]))]
        if early:
            await ask_for(proxy.url, f"GET /v1/customers/{first['id']}")
        made += [told(await ask_for(proxy.url, "POST /v1/customers", name)) for name in asked]
        listed = told(await ask_for(proxy.url, "GET /v1/customers"))["data"]
    assert [one["created"] - start for one in made] == [0, 1, 1, 1, 1, 1, 2, 3]
    assert [one["id"] for one in listed] == [one["id"] for one in reversed(made)]


async def test_a_retry_gets_the_same_answer_again_and_moves_nothing_on(tmp_path: Path) -> None:
    async with recorder("sandbox", tmp_path) as proxy:
        await ask_for(proxy.url, "POST /v1/customers", FORM_OF_ADA)
    key = ("Idempotency-Key", "0f8c1f51-aaaa-4bbb-8ccc-3a1de4ab0001")
    async with player(tmp_path, on_miss="sandbox") as proxy:
        form = f"customer={told(await ask_for(proxy.url, 'POST /v1/customers', FORM_OF_ADA))['id']}".encode()
        one, again = [await ask_for(proxy.url, "POST /v1/invoices", form, key) for _ in range(2)]
        assert (one.body, one.header("date")) == (again.body, again.header("date"))
        assert (again.header("idempotent-replayed"), again.header("idempotency-key")) == ("true", key[1])
        wrong = await ask_for(proxy.url, "POST /v1/invoices", form + b"&description=x", key)
        assert (wrong.status, told(wrong)["error"]["type"]) == (400, "idempotency_error")


async def test_what_the_sandbox_did_not_touch_is_still_played(tmp_path: Path) -> None:
    async def record(url: str) -> list[str]:
        made = [told(await ask_for(url, "POST /v1/customers", f"name={name}".encode()))["id"] for name in "AB"]
        drafted = [told(await ask_for(url, "POST /v1/invoices", f"customer={one}".encode()))["id"] for one in made]
        return [*made, *drafted]

    async with recorder("sandbox", tmp_path) as proxy:
        *_, first, second = await record(proxy.url)
        for name in (first, second):
            await ask_for(proxy.url, f"GET /v1/invoices/{name}")
            await ask_for(proxy.url, f"POST /v1/invoices/{name}/finalize")
    async with player(tmp_path, on_miss="sandbox") as proxy:
        assert (await record(proxy.url))[2:] == [first, second]
        await ask_for(proxy.url, f"POST /v1/invoices/{first}", b"description=x")
        changed, same = [await ask_for(proxy.url, f"GET /v1/invoices/{name}") for name in (first, second)]
        assert (told(changed)["description"], told(same)["description"]) == ("x", None)
        assert [one.header("replayer-synthesized") for one in (changed, same)] == ["sandbox", None]
        finalized = [await ask_for(proxy.url, f"POST /v1/invoices/{name}/finalize") for name in (first, second)]
        assert [told(one)["description"] for one in finalized] == ["x", None]
        assert [one.header("replayer-synthesized") for one in finalized] == ["sandbox", None]


async def test_shifted_times_and_values_of_the_client_are_its_own_in_these_answers_too(tmp_path: Path) -> None:
    async with recorder("sandbox", tmp_path, epoch="2026-01-01") as proxy:
        await ask_for(proxy.url, "POST /v1/customers", FORM_OF_ADA)
    mine = "7d1f0000-aaaa-4bbb-8ccc-00000000beef"
    async with player(tmp_path, on_miss="sandbox", time="shifted") as proxy:
        customer = told(await ask_for(proxy.url, "POST /v1/customers", FORM_OF_ADA))
        form = f"customer={customer['id']}&metadata[order]={mine}".encode()
        draft = await ask_for(proxy.url, "POST /v1/invoices", form)
        assert (told(draft)["created"] - customer["created"], told(draft)["metadata"]) == (1, {"order": mine})
        instant = instants.read_http_date(draft.header("date") or "")
        assert instant is not None
        assert instant.seconds == told(draft)["created"] == proxy.clock.time()
        recent = await ask_for(proxy.url, f"GET /v1/invoices?created[gte]={customer['created']}")
        later = await ask_for(proxy.url, f"GET /v1/invoices?created[gt]={told(draft)['created']}")
        assert [len(told(one)["data"]) for one in (recent, later)] == [1, 0]


ODD = b"""{"data": [
    {"id": "in_1UI6qsHIBYZYyePrZqHAeqdY", "object": "invoice", "customer": "cus_VIiHj0TY6gyFLY", "created": 1700000000,
     "amount_due": 700, "total": 700, "status": "open", "number": "ABCDEF12-0007", "currency": "eur",
     "attempted": false, "attempt_count": 0, "collection_method": "charge_automatically", "odd": [10.00, 1e2],
     "customer_email": "a@x.org", "starting_balance": 0, "amount_remaining": 700, "due_date": null, "discount": null,
     "lines": {"object": "list", "data": [], "has_more": false, "url": "/v1"}}],
  "has_more": false, "object": "list", "url": "/v1/invoices"}"""


async def seen(api: Api, root: Path) -> Replayer:
    """A replay that has told of one old invoice, whose customer nothing else tells of."""
    from .talking import reply

    api["/v1/invoices"] = reply(ODD, JSON)
    async with recorder(api, root, rules="invoice") as proxy:
        await ask(proxy.url, "GET /v1/invoices?limit=9")
    await api.stop()
    return player(root, on_miss="sandbox")


async def test_an_object_that_followed_from_a_write_is_not_made_twice(tmp_path: Path) -> None:
    async with recorder("sandbox", tmp_path) as proxy:
        customer = told(await ask_for(proxy.url, "POST /v1/customers", FORM_OF_ADA))["id"]
        item = f"customer={customer}&amount=100&currency=usd".encode()
        await ask_for(proxy.url, "POST /v1/invoiceitems", item)
    async with player(tmp_path, on_miss="sandbox") as proxy:
        await ask_for(proxy.url, "POST /v1/customers", FORM_OF_ADA)
        made = told(await ask_for(proxy.url, "POST /v1/invoiceitems", item))["id"]
        alone = await ask(proxy.url, f"GET /v1/invoiceitems/{made}")
        assert alone.header("replayer-synthesized") == "object"
        listed = told(await ask(proxy.url, "GET /v1/invoiceitems"))["data"]
        assert [one["id"] for one in listed] == [made]
        swept = f"customer={customer}&pending_invoice_items_behavior=include".encode()
        assert told(await ask_for(proxy.url, "POST /v1/invoices", swept))["total"] == 100


async def test_numbers_and_unknown_fields_stay_as_they_were_recorded(api: Api, tmp_path: Path) -> None:
    async with await seen(api, tmp_path) as proxy:
        name = told(await ask(proxy.url, "GET /v1/invoices?limit=9"))["data"][0]["id"]
        whole = await ask(proxy.url, f"GET /v1/invoices/{name}")
        text = ODD.decode().partition('"data": [\n    ')[2].partition('],\n  "has_more"')[0]
        assert re.sub(r"\n *", " ", whole.body.decode()) == re.sub(r"\n *", " ", text).replace(
            "in_1UI6qsHIBYZYyePrZqHAeqdY", name
        ).replace("cus_VIiHj0TY6gyFLY", told(whole)["customer"]).replace("ABCDEF12", told(whole)["number"][:8])
        paid = await ask_for(proxy.url, f"POST /v1/invoices/{name}/pay", b"paid_out_of_band=true")
        assert (told(paid)["status"], told(paid)["amount_paid"], told(paid)["discount"]) == ("paid", 700, None)
        assert b'"odd": [\n    10.00,\n    1e2\n  ]' in paid.body


async def test_a_customer_that_was_only_mentioned_can_be_billed_and_not_be_shown(api: Api, tmp_path: Path) -> None:
    async with await seen(api, tmp_path) as proxy:
        invoice = told(await ask(proxy.url, "GET /v1/invoices?limit=9"))["data"][0]
        customer = invoice["customer"]
        draft = told(await ask_for(proxy.url, "POST /v1/invoices", f"customer={customer}".encode()))
        assert (draft["customer_email"], draft["currency"]) == ("a@x.org", "eur")
        opened = told(await ask_for(proxy.url, f"POST /v1/invoices/{draft['id']}/finalize"))
        assert opened["number"] == invoice["number"][:8] + "-0008"
        for line in (f"GET /v1/customers/{customer}", "GET /v1/customers", "GET /v1/invoices?expand[]=data.customer"):
            missed = await ask(proxy.url, line)
            assert (missed.status, missed.header("replayer-miss")) == (421, "no-match"), line
        assert len(proxy.misses) == 3


@pytest.mark.parametrize("line", ["GET /v1/charges", "GET /v1/invoices/upcoming?customer=cus_1", "PUT /v1/customers"])
async def test_what_the_sandbox_has_no_operation_for_stays_a_miss(recorded: Path, line: str) -> None:
    async with player(recorded, on_miss="sandbox") as proxy:
        missed = await ask(proxy.url, line)
        assert (missed.status, missed.header("replayer-miss")) == (421, "no-match")
        assert str(proxy.receipt) == "0 recorded, 0 played, 0 synthesized, 1 missed, 7 unused"


async def test_it_is_off_by_default(recorded: Path) -> None:
    for settings in ({}, {"on_miss": "miss"}):
        async with player(recorded, **settings) as proxy:
            assert (await ask(proxy.url, "GET /v1/invoices")).status == 421


async def test_other_rules_than_those_of_the_invoice_api_are_refused_at_once(api: Api, tmp_path: Path) -> None:
    async with recorder(api, tmp_path, rules="generic") as proxy:
        await ask(proxy.url, "GET /v1/x")
    with pytest.raises(UsageError, match=r"^on_miss = 'sandbox' goes on with .*: the rules of a.yaml are 'generic'\.$"):
        await player(tmp_path, on_miss="sandbox").__aenter__()
