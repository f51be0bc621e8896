"""What comes by itself as time passes: drafts that finalize, payments that are tried, and clocks that are advanced."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayer.sandbox.ledger.switches import chosen
from tests.sandbox.events.test_occurring import since, told
from tests.sandbox.shop import MONDAY, Shop, error, refusal

CLOCKS = "/v1/test_helpers/test_clocks"
HOUR = 3601
DAY = 86_400


def advancing(shop: Shop, card: str | None = "pm_card_visa", **params: Any) -> str:
    """A draft of an amount that moves on by itself."""
    made = shop.invoice(customer=shop.customer(card), auto_advance="true", **params)
    return f"/v1/invoices/{made['id']}"


def test_a_draft_is_finalized_and_collected_in_its_second() -> None:
    shop = Shop()
    path = advancing(shop)
    draft, count = shop.get(path), len(told(shop))
    assert (draft["automatically_finalizes_at"], draft["next_payment_attempt"]) == (MONDAY + HOUR, MONDAY + 3600)
    shop.at += HOUR - 1
    assert shop.get(path)["status"] == "draft"
    shop.at += 5000
    paid = shop.get(path)
    assert (paid["status"], paid["attempt_count"], paid["amount_paid"]) == ("paid", 1, 2000)
    assert (paid["automatically_finalizes_at"], paid["next_payment_attempt"]) == (None, None)
    assert paid["status_transitions"]["finalized_at"] == paid["status_transitions"]["paid_at"] == MONDAY + HOUR
    found = since(shop, count)
    assert [event["type"] for event in found] == [
        "invoice.updated", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
    ]  # fmt: skip
    assert all(event["request"] == {"id": None, "idempotency_key": None} for event in found)
    assert {event["created"] for event in found} == {MONDAY + HOUR}


def test_an_invoice_that_is_sent_is_finalized_and_sent() -> None:
    shop = Shop()
    path = advancing(shop, collection_method="send_invoice", days_until_due=3)
    count = len(told(shop))
    shop.at += HOUR
    assert shop.get(path)["status"] == "open"
    assert [event["type"] for event in since(shop, count)] == ["invoice.updated", "invoice.finalized", "invoice.sent"]
    shop.at += 100 * DAY
    assert shop.get(path)["attempted"] is False  # nobody charges it


def test_a_chosen_second_is_kept() -> None:
    shop = Shop()
    path = advancing(shop, automatically_finalizes_at=MONDAY + 10)
    shop.at += 9
    assert shop.get(path)["status"] == "draft"
    shop.at += 1
    assert shop.get(path)["status"] == "paid"


def test_what_no_longer_advances_stays_a_draft() -> None:
    shop = Shop()
    off, deleted, finalized = (advancing(shop) for _ in range(3))
    shop.post(off, auto_advance="false")
    shop.delete(deleted)
    shop.post(f"{finalized}/finalize", auto_advance="false")
    shop.at += 2 * HOUR
    assert shop.get(off)["status"] == "draft"
    assert shop.get(finalized)["status"] == "open"
    shop.post(off, auto_advance="true")
    assert shop.get(off)["status"] == "paid"  # its second was long ago


@pytest.mark.parametrize(
    ("card", "pauses"),
    [("pm_card_chargeDeclined", (3, 5, 7)), ("pm_card_chargeDeclinedStolenCard", ()), (None, ())],
)
def test_a_payment_that_fails_is_tried_again_where_that_is_set_up(card: str | None, pauses: tuple[int, ...]) -> None:
    shop = Shop(switches=chosen(["payment_retries=days"]))
    path = advancing(shop, card)
    count = len(told(shop))
    shop.at += HOUR
    for number, pause in enumerate(pauses, 1):
        invoice = shop.get(path)
        assert (invoice["status"], invoice["attempt_count"]) == ("open", number)
        assert invoice["next_payment_attempt"] == shop.at + pause * DAY
        shop.at = invoice["next_payment_attempt"]
    invoice = shop.get(path)
    assert (invoice["attempted"], invoice["next_payment_attempt"]) == (True, None)
    assert invoice["attempt_count"] == len(pauses) + 1
    failed = [event for event in since(shop, count) if event["type"] == "invoice.payment_failed"]
    assert [event["data"]["object"]["attempt_count"] for event in failed] == list(range(1, len(pauses) + 2))


def test_a_better_card_is_charged_when_it_is_tried_again() -> None:
    shop = Shop(switches=chosen(["payment_retries=days"]))
    path = advancing(shop, "pm_card_chargeDeclined")
    shop.at += HOUR
    customer = shop.get(path)["customer"]
    shop.post(f"/v1/customers/{customer}", **{"invoice_settings[default_payment_method]": "pm_card_visa"})
    shop.at += 3 * DAY
    assert shop.get(path)["status"] == "paid"


def test_nothing_is_finalized_before_all_endpoints_know_of_it_or_three_days_have_gone() -> None:
    shop = Shop()
    shop.post("/v1/webhook_endpoints", "enabled_events[]=invoice.created", url="http://127.0.0.1:9/")
    late, never = advancing(shop), advancing(shop)
    posting = shop.api.due(shop.at)[0]
    shop.at += 10_000
    assert [shop.get(path)["status"] for path in (late, never)] == ["draft", "draft"]
    shop.api.delivered(posting, shop.at, taken=True)
    shop.at += HOUR - 1
    assert shop.get(late)["status"] == "draft"
    shop.at += 1
    assert [shop.get(path)["status"] for path in (late, never)] == ["paid", "draft"]
    shop.at = MONDAY + 3 * DAY
    assert shop.get(never)["status"] == "paid"


def clock(shop: Shop, at: int = MONDAY, **params: Any) -> str:
    return str(shop.post(CLOCKS, frozen_time=at, **params)["id"])


def test_a_test_clock_has_a_time_of_its_own() -> None:
    shop = Shop()
    made = shop.post(CLOCKS, frozen_time=1_000_000_000, name="N")
    assert list(made) == [
        "id", "object", "created", "deletes_after", "frozen_time", "livemode", "name", "status", "status_details",
    ]  # fmt: skip
    assert (made["created"], made["deletes_after"] - made["created"], made["status"]) == (MONDAY, 7 * DAY, "ready")
    customer = shop.customer(test_clock=made["id"])
    invoice = shop.invoice(customer=customer, auto_advance="true")
    assert (invoice["test_clock"], invoice["created"]) == (made["id"], 1_000_000_000)
    item = shop.get("/v1/invoiceitems", customer=customer)["data"][0]
    assert (item["test_clock"], item["date"]) == (made["id"], 1_000_000_000)
    shop.at += 100 * DAY
    assert shop.get(f"/v1/invoices/{invoice['id']}")["status"] == "draft"  # other people's time is none of its own


def test_a_test_clock_that_is_advanced_lets_come_what_is_due() -> None:
    shop = Shop()
    name = clock(shop)
    shop.invoice(customer=shop.customer(test_clock=name), auto_advance="true")
    count = len(told(shop))
    target = MONDAY + 2 * HOUR
    answer = shop.post(f"{CLOCKS}/{name}/advance", frozen_time=target)
    assert (answer["status"], answer["frozen_time"]) == ("advancing", MONDAY)
    assert answer["status_details"] == {"advancing": {"target_frozen_time": target}}
    after = shop.get(f"{CLOCKS}/{name}")
    assert (after["status"], after["frozen_time"], after["status_details"]) == ("ready", target, {})
    assert [event["type"] for event in since(shop, count)] == [
        "test_helpers.test_clock.advancing", "invoice.updated", "invoice.finalized", "invoice.paid",
        "invoice.payment_succeeded", "test_helpers.test_clock.ready",
    ]  # fmt: skip
    paid = since(shop, count)[3]["data"]["object"]
    assert paid["status_transitions"]["paid_at"] == MONDAY + HOUR
    assert shop.post(f"/v1/invoices/{paid['id']}", "metadata[a]=1")["metadata"] == {"a": "1"}


@pytest.mark.parametrize("at", [MONDAY - 1, MONDAY, MONDAY + 3 * 366 * DAY])
def test_a_test_clock_goes_forward_and_not_too_far(at: int) -> None:
    shop = Shop()
    name = clock(shop)
    message = "A test clock can only be advanced to a later time, and by at most two years at once."
    assert error(shop.post(f"{CLOCKS}/{name}/advance", frozen_time=at)) == refusal(message, param="frozen_time")
    assert shop.get(f"{CLOCKS}/{name}")["status"] == "ready"


def test_what_stands_on_a_test_clock_is_listed_by_whose_it_is() -> None:
    shop = Shop()
    name = clock(shop)
    customer = shop.customer(test_clock=name)
    made = shop.invoice(customer=customer)
    for path in ("/v1/customers", "/v1/invoices", "/v1/invoiceitems"):
        assert shop.get(path)["data"] == []
    assert [row["id"] for row in shop.get("/v1/customers", test_clock=name)["data"]] == [customer]
    assert [row["id"] for row in shop.get("/v1/invoices", customer=customer)["data"]] == [made["id"]]
    assert len(shop.get("/v1/invoiceitems", customer=customer)["data"]) == 1


def test_a_test_clock_has_three_customers_and_takes_them_with_it() -> None:
    shop = Shop()
    name = clock(shop)
    customers = [shop.customer(card=None, test_clock=name) for _ in range(3)]
    refused = error(shop.post("/v1/customers", test_clock=name))
    assert refused == refusal("A test clock can have up to 3 customers.", param="test_clock")
    assert shop.delete(f"{CLOCKS}/{name}") == {"id": name, "object": "test_helpers.test_clock", "deleted": True}
    assert all(shop.get(f"/v1/customers/{each}")["deleted"] for each in customers)
    expected = refusal(f"No such test clock: '{name}'", code="resource_missing", param="test_clock")
    assert (error(shop.get(f"{CLOCKS}/{name}")), shop.last.status) == (expected, 404)
    assert shop.get(CLOCKS)["data"] == []


@settings(max_examples=max(15, settings().max_examples // 4))
@given(st.lists(st.integers(0, 9000), min_size=1, max_size=6), st.lists(st.integers(1, 5000), max_size=6))
def test_what_comes_does_not_depend_on_when_somebody_looks(drafts: list[int], looks: list[int]) -> None:
    """Each draft is paid in its second, in the order of these, whether it was looked for meanwhile or not."""
    shops = [Shop(), Shop()]
    for shop in shops:
        for pause in drafts:
            shop.at += pause % 7
            advancing(shop, automatically_finalizes_at=MONDAY + 100 + pause)
    watched, left_alone = shops
    for pause in looks:
        watched.at += pause
        watched.get("/v1/invoices")
    watched.at = left_alone.at = MONDAY + 50_000
    paid = [told(shop, type="invoice.paid") for shop in shops]
    assert [event["created"] for event in paid[0]] == sorted(MONDAY + 100 + pause for pause in drafts)
    assert [(event["created"], event["id"]) for event in paid[0]] == [(e["created"], e["id"]) for e in paid[1]]
