"""Bodies: which keys, in which order, and in which form on the wire."""

from typing import Any

import pytest

from tests.sandbox.shop import MONDAY, Shop


def words(names: str) -> list[str]:
    return names.split()


# The invoice as it is recorded of the real API: 74 fields, in the order of the wire.
INVOICE = words(
    """id object account_country account_name account_tax_ids amount_due amount_overpaid amount_paid
amount_remaining amount_shipping application attempt_count attempted auto_advance automatic_tax
automatically_finalizes_at billing_reason collection_method created currency custom_fields customer customer_account
customer_address customer_email customer_name customer_phone customer_shipping customer_tax_exempt customer_tax_ids
default_payment_method default_source default_tax_rates description discounts due_date effective_at ending_balance
footer from_invoice hosted_invoice_url invoice_pdf issuer last_finalization_error latest_revision lines livemode
metadata next_payment_attempt number on_behalf_of parent payment_settings period_end period_start
post_payment_credit_notes_amount pre_payment_credit_notes_amount receipt_number rendering shipping_cost
shipping_details starting_balance statement_descriptor status status_transitions subtotal subtotal_excluding_tax
test_clock total total_discount_amounts total_excluding_tax total_pretax_credit_amounts total_taxes
webhooks_delivered_at"""
)

ITEM = words(
    """id object amount currency customer customer_account date description discountable discounts frozen_fields
invoice invoicing_rules livemode metadata parent period pricing proration quantity quantity_decimal tax_rates
test_clock"""
)

LINE = words(
    """id object amount currency description discount_amounts discountable discounts invoice livemode metadata
parent period pretax_credit_amounts pricing quantity quantity_decimal subtotal taxes"""
)

CUSTOMER = words(
    """id object address balance created currency customer_account default_source delinquent description
discount email invoice_prefix invoice_settings livemode metadata name next_invoice_sequence phone preferred_locales
shipping tax_exempt test_clock"""
)


def ordered(value: Any) -> bool:
    """`id` and `object` first, then alphabetical, all the way down."""
    if isinstance(value, list):
        return all(ordered(one) for one in value)
    if not isinstance(value, dict):
        return True
    keys = list(value)
    wanted = sorted(keys, key=lambda key: (key != "id", key != "object", key))
    return keys == wanted and all(ordered(one) for one in value.values())


def everything(shop: Shop) -> list[Any]:
    """An answer of every kind."""
    customer = str(
        shop.post(
            "/v1/customers",
            "shipping[name]=N&shipping[address][line1]=A&shipping[address][city]=B&metadata[b]=1&metadata[a]=2"
            "&address[country]=US&invoice_settings[footer]=F&invoice_settings[default_payment_method]=pm_card_amex"
            "&invoice_settings[custom_fields][0][value]=v&invoice_settings[custom_fields][0][name]=n",
        )["id"]
    )
    item = shop.post("/v1/invoiceitems", "period[start]=1&period[end]=2", customer=customer, amount=5)
    form = "rendering[template]=t&rendering[pdf][page_size]=a4&issuer[type]=self&subscription=sub_1"
    made = shop.post("/v1/invoices", form, customer=customer, pending_invoice_items_behavior="include", description="ü")
    paid = shop.post(f"/v1/invoices/{made['id']}/pay", "expand[]=customer&expand[]=lines.data.discounts")
    lists = [shop.get(f"/v1/{name}") for name in ("customers", "invoices", "invoiceitems", "payment_methods")]
    return [item, made, paid, *lists, shop.get(f"/v1/invoices/{made['id']}/lines")]


def test_every_object_stands_in_the_key_order_of_the_wire(shop: Shop) -> None:
    for answer in everything(shop):
        assert ordered(answer), answer


def test_every_kind_has_its_recorded_keys(shop: Shop) -> None:
    item, made, *_ = everything(shop)
    assert len(INVOICE) == 74
    assert list(made) == INVOICE
    assert list(item) == ITEM
    assert list(made["lines"]["data"][0]) == LINE
    assert list(shop.get(f"/v1/customers/{made['customer']}")) == CUSTOMER


def test_an_empty_draft_has_the_recorded_defaults(shop: Shop) -> None:
    made = shop.invoice(amount=0, customer=shop.customer(email="a@b.example", name="N"))
    assert (made["status"], made["billing_reason"], made["collection_method"]) == (
        "draft",
        "manual",
        "charge_automatically",
    )
    assert {made[name] for name in ("created", "period_start", "period_end", "webhooks_delivered_at")} == {MONDAY}
    assert (made["customer_email"], made["customer_name"], made["customer_tax_exempt"]) == ("a@b.example", "N", "none")
    assert made["rendering"]["pdf"] == {"page_size": "auto"}
    assert made["issuer"] == {"type": "self"}
    nothing = ("number", "ending_balance", "effective_at", "hosted_invoice_url", "invoice_pdf", "parent", "due_date")
    assert [made[name] for name in nothing] == [None] * len(nothing)
    assert made["attempted"] is made["auto_advance"] is made["livemode"] is False
    assert set(made["status_transitions"].values()) == {None}


def test_a_body_is_indented_utf8_without_a_last_newline(shop: Shop) -> None:
    shop.post("/v1/customers", name="Jürgen 💶")
    body = shop.last.body
    assert body.startswith(b'{\n  "id": "cus_')
    assert "Jürgen 💶".encode() in body
    assert b'"metadata": {},' in body
    assert b'"preferred_locales": [],' in body
    assert body.endswith(b"null\n}")


@pytest.mark.parametrize("kind", ["customers", "invoiceitems", "invoices"])
def test_a_deleted_object_answers_with_three_keys(shop: Shop, kind: str) -> None:
    customer = shop.customer()
    item = shop.post("/v1/invoiceitems", customer=customer, amount=1)["id"]
    name = {"customers": customer, "invoiceitems": item, "invoices": shop.invoice()["id"]}[kind]
    assert list(shop.delete(f"/v1/{kind}/{name}").items()) == [
        ("id", name),
        ("object", kind.removesuffix("s")),
        ("deleted", True),
    ]
    answer = shop.get(f"/v1/{kind}/{name}")
    assert shop.last.status == (200 if kind == "customers" else 404)
    assert kind != "customers" or answer["deleted"] is True


def test_a_customer_is_changed_by_a_post(shop: Shop) -> None:
    path = f"/v1/customers/{shop.customer(email='a@b.example')}"
    form = "email=&phone=1&preferred_locales[0]=de&tax_exempt=exempt&balance=-5&address[city]=X"
    changed = shop.post(path, form)
    assert shop.get(path) == changed
    assert [changed[name] for name in ("email", "phone", "preferred_locales", "tax_exempt", "balance")] == [
        None,
        "1",
        ["de"],
        "exempt",
        -5,
    ]
    assert changed["address"]["city"] == "X"


def test_customers_are_found_by_their_exact_email(shop: Shop) -> None:
    wanted = shop.customer(email="a@b.example")
    shop.customer(email="aa@b.example")
    assert [row["id"] for row in shop.get("/v1/customers", email="a@b.example")["data"]] == [wanted]
