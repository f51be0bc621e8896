"""Invoice items and the lines they make."""

from typing import Any

import pytest

from tests.sandbox.shop import MONDAY, Shop, error, refusal

DELETED = "This invoice item has been deleted."
ATTACHED = "Can't delete an invoice item that is attached to an invoice that is no longer editable"
NO_LONGER = "Invalid invoice: This invoice is no longer editable"


def amounts(invoice: Any) -> list[int]:
    return [line["amount"] for line in invoice["lines"]["data"]]


def test_a_new_invoice_takes_up_pending_items_only_when_asked(shop: Shop) -> None:
    customer = shop.customer()
    for amount in (2000, 1500):
        shop.post("/v1/invoiceitems", customer=customer, amount=amount)
    assert amounts(shop.invoice(customer=customer, amount=0)) == []
    made = shop.invoice(customer=customer, amount=0, pending_invoice_items_behavior="include")
    assert amounts(made) == [1500, 2000]
    sums = ("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax", "amount_due", "amount_remaining")
    assert {made[name] for name in sums} == {3500}
    assert shop.get("/v1/invoiceitems", customer=customer, pending="true")["data"] == []


def test_items_in_another_currency_stay_pending(shop: Shop) -> None:
    customer = shop.customer()
    shop.post("/v1/invoiceitems", customer=customer, amount=1, currency="usd")
    other = shop.post("/v1/invoiceitems", customer=customer, amount=2, currency="eur")["id"]
    made = shop.invoice(customer=customer, amount=0, pending_invoice_items_behavior="include")
    assert amounts(made) == [1]
    pending = shop.get("/v1/invoiceitems", customer=customer, pending="true")["data"]
    assert [item["id"] for item in pending] == [other]


def test_the_items_of_a_deleted_draft_are_lost_with_it(shop: Shop) -> None:
    made = shop.invoice()
    item = shop.get("/v1/invoiceitems", invoice=made["id"])["data"][0]["id"]
    shop.delete(f"/v1/invoices/{made['id']}")
    assert shop.get("/v1/invoiceitems", pending="true")["data"] == []
    assert error(shop.delete(f"/v1/invoiceitems/{item}")) == refusal(ATTACHED)
    assert error(shop.post(f"/v1/invoiceitems/{item}", amount=1)) == refusal(DELETED)


def test_the_items_of_a_finalized_invoice_cannot_be_changed(shop: Shop) -> None:
    made = shop.invoice("open")
    item = shop.get("/v1/invoiceitems", invoice=made["id"])["data"][0]["id"]
    assert error(shop.delete(f"/v1/invoiceitems/{item}")) == refusal(ATTACHED)
    shop.post(f"/v1/invoiceitems/{item}", amount=1)
    assert shop.last.status == 400


def test_an_item_on_a_draft_is_changed_and_deleted_with_its_line(shop: Shop) -> None:
    made = shop.invoice(amount=2000)
    item = shop.get("/v1/invoiceitems", invoice=made["id"])["data"][0]["id"]
    shop.post(f"/v1/invoiceitems/{item}", amount=300, description="less")
    after = shop.get(f"/v1/invoices/{made['id']}")
    assert (amounts(after), after["total"]) == ([300], 300)
    assert after["lines"]["data"][0]["id"] == made["lines"]["data"][0]["id"]
    shop.delete(f"/v1/invoiceitems/{item}")
    assert shop.get(f"/v1/invoices/{made['id']}")["total"] == 0


@pytest.mark.parametrize(
    ("form", "amount", "quantity", "unit"),
    [
        ("amount=2000", 2000, 1, "2000"),
        ("amount=-5", -5, 1, "-5"),
        ("quantity=3&unit_amount_decimal=10.5", 32, 3, "10.5"),
        (
            "quantity_decimal=1.5&price_data[currency]=usd&price_data[product]=prod_1&price_data[unit_amount]=10",
            15,
            2,
            "10",
        ),
        ("unit_amount_decimal=20.00", 20, 1, "20"),
        ("quantity=9999999999999999999&unit_amount_decimal=9", None, None, None),
        ("quantity=999999999999999999&unit_amount_decimal=9999999999999.5", 9999999999999499990000000000001, None, ""),
    ],
)
def test_an_amount_is_given_or_multiplied(
    shop: Shop, form: str, amount: int | None, quantity: int | None, unit: str | None
) -> None:
    item = shop.post("/v1/invoiceitems", form, customer=shop.customer())
    if amount is None:
        assert shop.last.status == 400
        return
    assert shop.last.status == 200
    if unit:
        assert (item["amount"], item["quantity"], item["pricing"]["unit_amount_decimal"]) == (amount, quantity, unit)


def test_an_amount_and_a_quantity_exclude_each_other(shop: Shop) -> None:
    answer = error(shop.post("/v1/invoiceitems", customer=shop.customer(), amount=1, quantity=2))
    assert answer == refusal("You may only specify one of these parameters: amount, quantity.", param="amount")


def test_equal_amounts_share_their_price_and_it_can_be_named(shop: Shop) -> None:
    customer = shop.customer()
    one, other, third = (
        shop.post("/v1/invoiceitems", customer=customer, amount=amount)["pricing"] for amount in (5, 5, 6)
    )
    assert one == other != third
    named = shop.post(
        "/v1/invoiceitems", f"pricing[price]={one['price_details']['price']}&quantity=2", customer=customer
    )
    assert (named["amount"], named["pricing"]) == (10, one)
    answer = error(shop.post("/v1/invoiceitems", "pricing[price]=price_x", customer=customer))
    assert answer == refusal("No such price: 'price_x'", code="resource_missing", param="pricing[price]")


def test_an_item_without_a_price_is_refused(shop: Shop) -> None:
    answer = error(shop.post("/v1/invoiceitems", customer=shop.customer()))
    assert answer == refusal("Missing required param: amount.", code="parameter_missing", param="amount")


def test_items_are_listed_by_the_day_of_their_making(shop: Shop) -> None:
    customer = shop.customer()
    shop.post("/v1/invoiceitems", customer=customer, amount=1)
    shop.at += 5
    later = shop.post("/v1/invoiceitems", customer=customer, amount=2)["id"]
    page = shop.ask("GET", f"/v1/invoiceitems?created[gt]={MONDAY}")
    assert [item["id"] for item in page["data"]] == [later]


def test_the_first_thing_billed_fixes_the_currency_of_a_customer(shop: Shop) -> None:
    customer = shop.customer()
    assert shop.get(f"/v1/customers/{customer}")["currency"] is None
    shop.post("/v1/invoiceitems", customer=customer, amount=1, currency="eur")
    assert shop.invoice(customer=customer, amount=0)["currency"] == "eur"


def test_lines_of_a_draft_are_added_changed_and_removed(shop: Shop) -> None:
    customer = shop.customer()
    pending = shop.post("/v1/invoiceitems", customer=customer, amount=7)["id"]
    path = f"/v1/invoices/{shop.invoice(customer=customer, amount=0)['id']}"
    form = f"lines[0][amount]=1&lines[0][description]=one&lines[1][invoice_item]={pending}&invoice_metadata[a]=1"
    added = shop.post(f"{path}/add_lines", form)
    assert (amounts(added), added["total"], added["metadata"]) == ([1, 7], 8, {"a": "1"})
    one, seven = (line["id"] for line in added["lines"]["data"])
    product = added["lines"]["data"][0]["pricing"]["price_details"]
    changed = shop.post(f"{path}/update_lines", f"lines[0][id]={one}&lines[0][amount]=5")
    assert (amounts(changed), changed["total"]) == ([5, 7], 12)
    renewed = changed["lines"]["data"][0]["pricing"]["price_details"]
    assert renewed["product"] == product["product"]
    assert renewed["price"] != product["price"]
    line = shop.post(f"{path}/lines/{one}", "description=five")
    assert (line["id"], line["description"], line["amount"]) == (one, "five", 5)
    form = f"lines[0][id]={one}&lines[0][behavior]=delete&lines[1][id]={seven}&lines[1][behavior]=unassign"
    assert amounts(shop.post(f"{path}/remove_lines", form)) == []
    assert [item["id"] for item in shop.get("/v1/invoiceitems", pending="true")["data"]] == [pending]


@pytest.mark.parametrize("action", ["add_lines", "update_lines", "remove_lines"])
def test_the_lines_of_a_finalized_invoice_stay(shop: Shop, action: str) -> None:
    made = shop.invoice("open")
    line = made["lines"]["data"][0]["id"]
    form = {
        "add_lines": "lines[0][amount]=1",
        "update_lines": f"lines[0][id]={line}&lines[0][amount]=1",
        "remove_lines": f"lines[0][id]={line}&lines[0][behavior]=delete",
    }[action]
    answer = error(shop.post(f"/v1/invoices/{made['id']}/{action}", form))
    assert answer == refusal(NO_LONGER, code="invoice_not_editable")


def test_lines_are_added_all_or_none(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice(amount=0)['id']}"
    answer = error(shop.post(f"{path}/add_lines", "lines[0][amount]=1&lines[1][description]=x"))
    assert answer["param"] == "lines[1][amount]"
    assert shop.get(path)["lines"]["total_count"] == 0
    assert shop.get("/v1/invoiceitems")["data"] == []


def test_no_item_joins_a_finalized_invoice(shop: Shop) -> None:
    made = shop.invoice("open")
    answer = error(shop.post("/v1/invoiceitems", customer=made["customer"], invoice=made["id"], amount=1))
    assert answer == refusal(NO_LONGER, code="invoice_not_editable")
