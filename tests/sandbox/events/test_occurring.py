"""What happened: the events of each request, in the words of the API, with the objects as they were read behind it."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayer.sandbox.events import occurring
from tests.sandbox.fuzz import Noise, names_of
from tests.sandbox.shop import MONDAY, Shop, error, refusal

COLLECTIONS = {
    "customer": "customers",
    "invoice": "invoices",
    "invoiceitem": "invoiceitems",
    "test_helpers.test_clock": "test_helpers/test_clocks",
}
CHANGES = ("created", "updated", "deleted")


def told(shop: Shop, **params: Any) -> list[Any]:
    """All events, the oldest first."""
    found: list[Any] = []
    page = shop.get("/v1/events", limit=100, **params)
    while True:
        found += page["data"]
        if not page["has_more"]:
            return found[::-1]
        page = shop.get("/v1/events", limit=100, starting_after=found[-1]["id"], **params)


def types(shop: Shop, **params: Any) -> list[str]:
    return [event["type"] for event in told(shop, **params)]


def since(shop: Shop, count: int) -> list[Any]:
    return told(shop)[count:]


def test_the_first_invoice_of_a_customer_is_told_as_recordings_tell_it() -> None:
    shop = Shop()
    customer = shop.customer(card=None)
    made = shop.post("/v1/invoices", customer=customer, collection_method="send_invoice", days_until_due=3)
    shop.post("/v1/invoiceitems", customer=customer, invoice=made["id"], amount=984)
    shop.post(f"/v1/invoices/{made['id']}/finalize")
    assert types(shop) == [
        "customer.created", "customer.updated", "invoice.created", "invoiceitem.created", "invoice.updated",
        "invoice.updated", "invoice.finalized",
    ]  # fmt: skip
    before = [event["data"].get("previous_attributes") for event in told(shop)]
    assert before[1] == {"currency": None}
    assert before[4] == {
        "amount_due": 0, "amount_remaining": 0, "lines": {"data": [], "total_count": 0}, "subtotal": 0,
        "subtotal_excluding_tax": 0, "total": 0, "total_excluding_tax": 0,
    }  # fmt: skip
    assert before[5] == {
        "effective_at": None, "ending_balance": None, "hosted_invoice_url": None, "invoice_pdf": None, "number": None,
        "rendering": {"pdf": {"page_size": "auto"}}, "status": "draft", "status_transitions": {"finalized_at": None},
    }  # fmt: skip
    assert [each for each in before if each is not None] == [before[1], before[4], before[5]]


@pytest.mark.parametrize(
    ("status", "action", "params", "expected"),
    [
        ("open", "pay", {}, ["updated", "paid", "payment_succeeded"]),
        ("open", "pay", {"paid_out_of_band": "true"}, ["updated", "paid"]),
        ("draft", "pay", {}, ["updated", "finalized", "paid", "payment_succeeded"]),
        ("open", "pay", {"payment_method": "pm_card_chargeDeclined"}, ["updated", "payment_failed"]),
        ("open", "void", {}, ["updated", "voided"]),
        ("open", "mark_uncollectible", {}, ["updated", "marked_uncollectible"]),
        ("uncollectible", "pay", {}, ["updated", "paid", "payment_succeeded"]),
    ],
)
def test_each_action_tells_of_the_change_and_then_what_it_means(
    status: str, action: str, params: dict[str, str], expected: list[str]
) -> None:
    shop = Shop()
    made = shop.invoice(status)
    count = len(told(shop))
    shop.post(f"/v1/invoices/{made['id']}/{action}", key="k-1", **params)
    request = {"id": shop.header("Request-Id"), "idempotency_key": "k-1"}
    now = shop.get(f"/v1/invoices/{made['id']}")
    found = since(shop, count)
    assert [event["type"] for event in found] == [f"invoice.{each}" for each in expected]
    assert all(event["data"]["object"] == now and event["request"] == request for event in found)


def test_sending_is_told_whether_it_finalizes_or_not() -> None:
    shop = Shop()
    made = shop.invoice(collection_method="send_invoice", days_until_due=3)
    count = len(told(shop))
    for _ in range(2):
        shop.post(f"/v1/invoices/{made['id']}/send")
    assert [event["type"] for event in since(shop, count)] == [
        "invoice.updated", "invoice.finalized", "invoice.sent", "invoice.sent",
    ]  # fmt: skip


def test_what_is_deleted_is_told_as_it_was_last() -> None:
    shop = Shop()
    customer = shop.customer(card=None)
    item = shop.post("/v1/invoiceitems", customer=customer, amount=5)
    made = shop.post("/v1/invoices", customer=customer)
    whose = shop.get(f"/v1/customers/{customer}")
    for path in (f"/v1/invoiceitems/{item['id']}", f"/v1/invoices/{made['id']}", f"/v1/customers/{customer}"):
        shop.delete(path)
    assert [(event["type"], event["data"]["object"]) for event in told(shop)[-3:]] == [
        ("invoiceitem.deleted", item),
        ("invoice.deleted", made),
        ("customer.deleted", whose),
    ]


def test_metadata_that_was_not_there_was_null() -> None:
    shop = Shop()
    customer = shop.post("/v1/customers", "metadata[a]=1&metadata[b]=2")["id"]
    shop.post(f"/v1/customers/{customer}", "metadata[b]=&metadata[c]=3", email="a@example.com")
    data = told(shop)[-1]["data"]
    assert data["previous_attributes"] == {"email": None, "metadata": {"b": "2", "c": None}}
    assert data["object"]["metadata"] == {"a": "1", "c": "3"}


def test_nothing_is_told_of_what_changed_nothing_or_was_refused() -> None:
    shop = Shop()
    made = shop.invoice("open", description="d")
    count = len(told(shop))
    shop.post(f"/v1/invoices/{made['id']}", description="d")
    shop.post(f"/v1/invoices/{made['id']}/finalize")
    shop.post(f"/v1/invoices/{made['id']}", "lines[0][amount]=1")
    shop.delete(f"/v1/invoices/{made['id']}")
    shop.get("/v1/invoices")
    assert since(shop, count) == []


def test_a_retry_under_the_same_key_tells_nothing_again() -> None:
    shop = Shop()
    for _ in range(2):
        shop.post("/v1/customers", key="k", email="a@example.com")
    assert types(shop) == ["customer.created"]


def test_an_event_has_the_form_that_the_api_gives_it() -> None:
    shop = Shop()
    shop.post("/v1/customers", key="k")
    event = told(shop)[0]
    assert list(event) == [
        "id", "object", "api_version", "created", "data", "livemode", "pending_webhooks", "request", "type",
    ]  # fmt: skip
    assert re.fullmatch(r"evt_1[0-9A-Za-z]{23}", event["id"])
    assert (event["object"], event["created"], event["livemode"]) == ("event", MONDAY, False)
    assert shop.get(f"/v1/events/{event['id']}") == event
    found = error(shop.get("/v1/events/evt_x"))
    assert (found, shop.last.status) == (refusal("No such event: 'evt_x'", code="resource_missing", param="id"), 404)


def test_events_change_no_id_that_the_seed_gives() -> None:
    quiet, loud = Shop(7), Shop(7)
    loud.post("/v1/webhook_endpoints", "enabled_events[]=*", url="http://127.0.0.1:9/")
    assert quiet.invoice("paid")["id"] == loud.invoice("paid")["id"]
    assert [event["id"] for event in told(quiet)] == [event["id"] for event in told(loud)]


def test_lists_of_events_are_filtered_by_type_group_time_and_success() -> None:
    shop = Shop()
    shop.invoice("open")
    shop.at += 10
    shop.post("/v1/webhook_endpoints", "enabled_events[]=invoice.created", url="http://127.0.0.1:9/")
    shop.invoice("void")
    every = types(shop)
    assert types(shop, type="invoice.voided") == ["invoice.voided"]
    assert types(shop, type="invoice.*") == [name for name in every if name.startswith("invoice.")]
    assert types(shop, **{"types[0]": "invoice.voided", "types[1]": "customer.created"}) == [
        "customer.created", "customer.created", "invoice.voided",
    ]  # fmt: skip
    assert types(shop, **{"created[gte]": MONDAY + 1}) == every[-(len(every) // 2 + 1) :]
    assert types(shop, delivery_success="false") == ["invoice.created"]
    assert len(types(shop, delivery_success="true")) == len(every) - 1
    both = error(shop.get("/v1/events", **{"type": "a.b", "types[0]": "a.b"}))
    assert both["message"] == "You may pass either `type` or `types`, but not both."


def test_the_oldest_events_are_forgotten_by_their_age_and_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop()
    shop.customer(card=None)
    shop.at += occurring.KEPT_FOR + 1
    shop.customer(card=None)
    assert [event["created"] for event in told(shop)] == [shop.at]
    monkeypatch.setattr(occurring, "MOST", 3)
    names = [shop.customer(card=None) for _ in range(5)]
    assert [event["data"]["object"]["id"] for event in told(shop)] == names[-3:]


# -- laws ---------------------------------------------------------------------------------------------------------


def patched(now: Any, before: Any) -> Any:
    """The object with what it was before put in its place."""
    found = dict(now)
    for name, value in before.items():
        if isinstance(value, dict) and isinstance(now.get(name), dict):
            found[name] = patched(now[name], value)
            if name == "metadata":
                found[name] = {key: each for key, each in found[name].items() if each is not None}
        else:
            found[name] = value
    return found


def read(shop: Shop) -> dict[str, Any]:
    """Every object that events tell of, as it is read in this second."""
    found = {}
    for kind, path in COLLECTIONS.items():
        for name, *_, row in shop.api.ledger.collections[kind].dump():
            if row and not row.get("deleted"):
                found[name] = shop.get(f"/v1/{path}/{name}")
    return found


def is_silent(before: Any, after: Any) -> bool:
    """Whether that change is told by no event: a number was counted, an item changed, a clock advanced."""
    if not before or not after:
        return False
    changed = {name for name in after if after[name] != before[name]}
    return changed == {"next_invoice_sequence"} or after["object"] in ("invoiceitem", "test_helpers.test_clock")


@pytest.mark.long
@settings(max_examples=max(8, settings().max_examples // 8))  # each reads all objects before and behind each request
@given(st.integers(0, 10_000))
def test_every_event_tells_what_was_read_behind_its_request_and_what_was_read_before_it(seed: int) -> None:
    noise, shop = Noise(seed), Shop(seed)
    names = names_of(shop)
    for _ in range(6):
        shop.at += 1
        count, before = shop.api.ledger.events_made, read(shop)
        request = noise.request(names)
        shop.api.answer(request, shop.at)
        if request.path.endswith("/advance"):
            continue  # many steps, each with a moment of its own
        after, made = read(shop), shop.api.ledger.events_made - count
        found = [row for *_, row in shop.api.ledger.events.dump()[-made:]] if made else []
        every = before.keys() | after.keys()
        changed = {name for name in every if before.get(name) != after.get(name)}
        changed -= {name for name in changed if is_silent(before.get(name), after.get(name))}
        told_of = [event["data"]["object"]["id"] for event in found if event["type"].rpartition(".")[2] in CHANGES]
        assert sorted(told_of) == sorted(changed)
        for event in found:
            name = event["data"]["object"]["id"]
            assert name.startswith("pm_") or event["data"]["object"] == after.get(name, before.get(name))
            if event["type"].endswith(".updated"):
                assert patched(after[name], event["data"]["previous_attributes"]) == before[name]


@settings(max_examples=max(20, settings().max_examples // 4))
@given(st.integers(1, 40), st.integers(1, 12), st.booleans())
def test_lists_of_events_page_by_cursor(count: int, limit: int, backward: bool) -> None:
    shop = Shop()
    for number in range(count):
        shop.at += number % 2
        shop.customer(card=None)
    every = [event["id"] for event in told(shop)][::-1]
    cursor, side = ("ending_before", every[-1]) if backward else ("starting_after", every[0])
    walked: list[str] = []
    more = True
    while more:
        page = shop.get("/v1/events", **{"limit": limit, cursor: side})
        names = [event["id"] for event in page["data"]]
        walked = names + walked if backward else walked + names
        side, more = (names or [side])[0 if backward else -1], page["has_more"]
    assert walked == (every[:-1] if backward else every[1:])
