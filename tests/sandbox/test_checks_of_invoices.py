"""Of the twenty facts that are easiest to get wrong, those of an invoice's life, seen from outside."""

import re
from typing import Any

import pytest

from tests.sandbox.ledger.test_states import FINALIZES, URLS, moved
from tests.sandbox.shop import MONDAY, Shop, error, refusal

from .checks import EMPTY_DRAFT, ids


def test_01_an_empty_draft_has_its_74_fields_and_their_defaults(shop: Shop) -> None:
    customer = shop.customer(email="a@b.example", name="N")
    made = shop.post("/v1/invoices", customer=customer)
    name = made["id"]
    lines = {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/invoices/{name}/lines"}
    assert len(made) == 74
    assert made == EMPTY_DRAFT | {"id": name, "customer": customer, "lines": lines}
    assert re.fullmatch(r"in_1[0-9A-Za-z]{23}", name)
    assert list(made) == ["id", "object", *sorted(set(made) - {"id", "object"})]


def test_02_pending_items_become_lines_newest_first(shop: Shop) -> None:
    customer = shop.customer()
    items = [shop.post("/v1/invoiceitems", customer=customer, amount=amount)["id"] for amount in (2000, 1500)]
    made = shop.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include")
    assert (made["total"], made["lines"]["total_count"], made["lines"]["has_more"]) == (3500, 2, False)
    assert [line["amount"] for line in made["lines"]["data"]] == [1500, 2000]
    details = [line["parent"]["invoice_item_details"]["invoice_item"] for line in made["lines"]["data"]]
    assert details == items[::-1]


def test_03_paying_a_draft_changes_its_twelve_fields_and_nothing_else(shop: Shop) -> None:
    before = shop.invoice()
    found = moved(shop, before, "pay")
    prefix = shop.get(f"/v1/customers/{before['customer']}")["invoice_prefix"]
    assert {name: value for name, value in found.items() if name not in URLS} == {
        "amount_paid": 2000,
        "amount_remaining": 0,
        "attempt_count": 1,
        "attempted": True,
        "effective_at": MONDAY + 10,
        "ending_balance": 0,
        "number": f"{prefix}-0001",
        "rendering.pdf.page_size": "letter",
        "status": "paid",
        "status_transitions.finalized_at": MONDAY + 10,
        "status_transitions.paid_at": MONDAY + 10,
    }
    assert set(found) >= URLS


@pytest.mark.parametrize("status", ["draft", "open", "paid", "uncollectible", "void"])
def test_04_reading_is_possible_in_every_status(shop: Shop, status: str) -> None:
    # what every other action leads to in every status: see test_states
    made = shop.invoice(status)
    assert shop.get(f"/v1/invoices/{made['id']}") == made
    assert (shop.last.status, made["status"]) == (200, status)


def test_05_an_invoice_of_nothing_is_paid_by_its_finalization_and_uses_a_number(shop: Shop) -> None:
    customer = shop.customer()
    found = moved(shop, shop.invoice(amount=0, customer=customer), "finalize")
    assert set(found) == {"status", "attempted", "status_transitions.paid_at"} | FINALIZES | URLS
    assert (found["status"], found["attempted"], found["number"][-5:]) == ("paid", True, "-0001")
    assert shop.invoice("open", customer=customer)["number"].endswith("-0002")


def test_06_a_payment_out_of_band_attempts_nothing_and_ends_auto_advance(shop: Shop) -> None:
    draft = shop.invoice(auto_advance="true")
    shop.post(f"/v1/invoices/{draft['id']}/finalize")
    paid = shop.post(f"/v1/invoices/{draft['id']}/pay", paid_out_of_band="true")
    shown = {name: paid[name] for name in ("status", "attempted", "attempt_count", "auto_advance", "amount_paid")}
    assert shown == {
        "status": "paid",
        "attempted": False,
        "attempt_count": 0,
        "auto_advance": False,
        "amount_paid": 2000,
    }


@pytest.mark.parametrize(
    ("terms", "next_attempt"),
    [({}, MONDAY + 3600), ({"collection_method": "send_invoice", "days_until_due": 1}, None)],
)
def test_07_auto_advance_restores_the_same_times(shop: Shop, terms: dict[str, Any], next_attempt: int | None) -> None:
    made = shop.invoice(auto_advance="true", **terms)
    path, seen = f"/v1/invoices/{made['id']}", [made]
    for switched in ("false", "true"):
        shop.at += 100
        seen.append(shop.post(path, auto_advance=switched))
    seen.append(shop.post(path, description="still the same"))
    times = [(one["automatically_finalizes_at"], one["next_payment_attempt"]) for one in seen]
    on = (MONDAY + 3601, next_attempt)
    assert times == [on, (None, None), on, on]


def test_08_days_until_due_are_days_of_86400_seconds_after_creation(shop: Shop) -> None:
    made = shop.invoice(collection_method="send_invoice", days_until_due=7)
    assert made["due_date"] == made["created"] + 7 * 86_400


def test_17_the_urls_of_an_invoice_differ_between_two_seconds_and_in_nothing_else(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice('open')['id']}"
    first = shop.get(path)
    shop.at += 1
    later = shop.get(path)
    assert {name for name in first if first[name] != later[name]} == URLS
    plain = re.compile(r"test_[0-9A-Za-z_-]+")
    assert [plain.sub("", first[name]) for name in URLS] == [plain.sub("", later[name]) for name in URLS]


def test_18_a_deleted_draft_does_not_release_its_items(shop: Shop) -> None:
    made = shop.invoice()
    item = ids(shop.get("/v1/invoiceitems", invoice=made["id"]))[0]
    shop.delete(f"/v1/invoices/{made['id']}")
    assert ids(shop.get("/v1/invoiceitems", customer=made["customer"], pending="true")) == []
    attached = "Can't delete an invoice item that is attached to an invoice that is no longer editable"
    assert (error(shop.delete(f"/v1/invoiceitems/{item}")), shop.last.status) == (refusal(attached), 400)
    gone = refusal("This invoice item has been deleted.")
    assert (error(shop.post(f"/v1/invoiceitems/{item}", amount=1)), shop.last.status) == (gone, 400)
