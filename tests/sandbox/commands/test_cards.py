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
