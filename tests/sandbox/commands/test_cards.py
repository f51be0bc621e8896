"""Payment methods: test cards by name, token and number."""

import pytest

from tests.sandbox.shop import Shop, error, refusal


@pytest.mark.parametrize(
    ("form", "brand", "last4"),
    [
        ("card[token]=tok_visa", "visa", "4242"),
        ("card[token]=tok_mastercard", "mastercard", "4444"),
        ("card[number]=4242+4242+4242+4242&card[exp_month]=1&card[exp_year]=2040&card[cvc]=123", "visa", "4242"),
    ],
)
def test_a_payment_method_is_made_of_a_test_card(shop: Shop, form: str, brand: str, last4: str) -> None:
    made = shop.post("/v1/payment_methods", f"type=card&billing_details[email]=a@b.example&{form}")
    assert (made["card"]["brand"], made["card"]["last4"], made["customer"]) == (brand, last4, None)
    assert shop.get(f"/v1/payment_methods/{made['id']}") == made


def test_an_attached_method_that_is_made_the_default_pays(shop: Shop) -> None:
    customer = shop.customer(card=None)
    method = shop.post("/v1/payment_methods", "type=card&card[token]=tok_visa")["id"]
    attached = shop.post(f"/v1/payment_methods/{method}/attach", customer=customer)
    assert (attached["customer"], attached["card"]["checks"]["cvc_check"]) == (customer, "pass")
    shop.post(f"/v1/customers/{customer}", f"invoice_settings[default_payment_method]={method}")
    assert shop.invoice("paid", customer=customer)["status"] == "paid"
    assert [row["id"] for row in shop.get("/v1/payment_methods", customer=customer)["data"]] == [method]


def test_a_declining_card_declines_under_its_new_id_too(shop: Shop) -> None:
    method = shop.post("/v1/payment_methods", "type=card&card[number]=4000000000009995")["id"]
    name = shop.invoice("open")["id"]
    answer = shop.post(f"/v1/invoices/{name}/pay", payment_method=method)
    assert (shop.last.status, answer["error"]["decline_code"]) == (402, "insufficient_funds")


@pytest.mark.parametrize(
    ("param", "name", "noun"), [("payment_method", "pm_x", "PaymentMethod"), ("source", "src_x", "source")]
)
def test_an_unknown_way_to_pay_is_refused(shop: Shop, param: str, name: str, noun: str) -> None:
    invoice = shop.invoice("open")["id"]
    answer = error(shop.post(f"/v1/invoices/{invoice}/pay", **{param: name}))
    assert answer == refusal(f"No such {noun}: '{name}'", code="resource_missing", param=param)


@pytest.mark.parametrize("form", ["type=card", "type=card&card[token]=tok_x", "type=card&card[number]=1", "type=sepa"])
def test_what_is_no_test_card_makes_no_payment_method(shop: Shop, form: str) -> None:
    shop.post("/v1/payment_methods", form)
    assert shop.last.status in (400, 402)
    assert len(shop.api.ledger.payment_methods) == 0


@pytest.mark.parametrize(("name", "last4"), [("pm_card_visa", "4242"), ("pm_card_mastercard", "4444")])
def test_a_test_card_is_attached_by_its_name_as_a_new_payment_method(shop: Shop, name: str, last4: str) -> None:
    customer = shop.customer(card=None)
    first = shop.post(f"/v1/payment_methods/{name}/attach", customer=customer)
    second = shop.post(f"/v1/payment_methods/{name}/attach", customer=customer)
    assert (first["customer"], first["card"]["last4"]) == (customer, last4)
    assert first["card"]["checks"]["cvc_check"] == "pass"
    assert first["id"] != second["id"]
    assert shop.get(f"/v1/payment_methods/{first['id']}") == first


def test_a_test_card_that_is_declined_is_attached_and_declines(shop: Shop) -> None:
    customer = shop.customer(card=None)
    method = shop.post("/v1/payment_methods/pm_card_chargeDeclined/attach", customer=customer)["id"]
    name = shop.invoice("open", customer=customer)["id"]
    shop.post(f"/v1/invoices/{name}/pay", payment_method=method)
    assert shop.last.status == 402


def test_a_test_card_for_a_customer_that_there_is_not_leaves_nothing_behind(shop: Shop) -> None:
    answer = error(shop.post("/v1/payment_methods/pm_card_visa/attach", customer="cus_x"))
    assert answer == refusal("No such customer: 'cus_x'", code="resource_missing", param="customer")
    assert len(shop.api.ledger.payment_methods) == 0


@pytest.mark.parametrize(
    ("form", "check"),
    [
        ("card[token]=tok_visa", "unchecked"),
        ("card[token]=tok_amex", "unchecked"),
        ("card[number]=4242424242424242&card[cvc]=123", "unchecked"),
        ("card[number]=4242424242424242", None),
    ],
)
def test_the_code_of_a_new_card_is_unchecked_where_it_has_one(shop: Shop, form: str, check: str | None) -> None:
    made = shop.post("/v1/payment_methods", f"type=card&{form}")
    assert made["card"]["checks"]["cvc_check"] == check
