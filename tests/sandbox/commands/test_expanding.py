"""Expansion, and how what cannot be expanded is refused."""

import pytest

from tests.sandbox.shop import Shop, error, refusal


def test_a_customer_is_expanded_in_one_invoice_and_in_a_list(shop: Shop) -> None:
    made = shop.invoice()
    customer = shop.get(f"/v1/customers/{made['customer']}")
    one = shop.ask("GET", f"/v1/invoices/{made['id']}?expand[]=customer")
    assert one == {**made, "customer": customer}
    listed = shop.ask("GET", "/v1/invoices?expand[0]=data.customer")
    assert listed["data"][0]["customer"] == customer
    assert shop.ask("GET", "/v1/invoices?expand[]=data")["data"][0] == made


def test_an_expansion_goes_on_inside_what_it_expanded(shop: Shop) -> None:
    made = shop.invoice()
    path = "customer.invoice_settings.default_payment_method"
    shown = shop.ask("GET", f"/v1/invoices/{made['id']}?expand[]={path}&expand[]=customer")
    assert shown["customer"]["invoice_settings"]["default_payment_method"]["object"] == "payment_method"


def test_an_action_may_expand_its_answer(shop: Shop) -> None:
    paid = shop.post(f"/v1/invoices/{shop.invoice()['id']}/pay", "expand[]=customer")
    assert (paid["status"], paid["customer"]["object"]) == ("paid", "customer")


def test_a_deleted_customer_is_expanded_to_what_is_left(shop: Shop) -> None:
    made = shop.invoice()
    shop.delete(f"/v1/customers/{made['customer']}")
    shown = shop.ask("GET", f"/v1/invoices/{made['id']}?expand[]=customer.default_source")
    assert shown["customer"] == {"id": made["customer"], "object": "customer", "deleted": True}


def test_an_expanded_invoice_has_its_lines_and_urls(shop: Shop) -> None:
    made = shop.invoice("open")
    shown = shop.ask("GET", "/v1/invoiceitems?expand[]=data.invoice.customer")["data"][0]["invoice"]
    assert shown["lines"] == made["lines"]
    assert shown["hosted_invoice_url"]
    assert shown["customer"]["object"] == "customer"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/v1/invoices/{}?expand[]=foo", "This property cannot be expanded (foo)."),
        ("/v1/invoices/{}?expand[]=customer.email", "This property cannot be expanded (customer.email)."),
        (
            "/v1/invoices?expand[]=customer",
            "This property cannot be expanded (customer). You may want to try expanding 'data.customer' instead.",
        ),
        (
            "/v1/invoices?expand[]=total_count",
            "This property cannot be expanded (total_count). You may want to try expanding 'data.total_count' instead.",
        ),
        ("/v1/invoices?expand[]=data.foo", "This property cannot be expanded (data.foo)."),
    ],
)
def test_what_cannot_be_expanded_is_named(shop: Shop, target: str, message: str) -> None:
    assert error(shop.ask("GET", target.format(shop.invoice()["id"]))) == refusal(message)


def test_five_levels_are_too_deep(shop: Shop) -> None:
    answer = error(shop.ask("GET", "/v1/invoices?expand[]=data.customer.a.b.c"))
    assert answer["message"].startswith("You cannot expand more than 4 levels of a property")


def test_a_refused_expansion_does_nothing(shop: Shop) -> None:
    shop.post("/v1/customers", "expand[]=foo")
    assert shop.get("/v1/customers")["data"] == []
