"""Recorded answers as rows of a ledger: whatever order they come in, what they tell is what is there."""

import json
from typing import Any

import pytest

from replayer.core.message import Request, Response, shapes, wire
from replayer.core.naming import aliases
from replayer.sandbox.continuing.continued import Continued
from tests.sandbox.shop import MONDAY, Shop

FORM: wire.Headers = (("Content-Type", "application/x-www-form-urlencoded"),)


def answer(value: Any, status: int = 200) -> Response:
    text = value if isinstance(value, str) else json.dumps(value, indent=2)
    return Response(status, "OK", (("Content-Type", "application/json"),), text.encode())


class Seen:
    """A sandbox that goes on after what it was shown. Methods answer the parsed body, or None where a miss stands."""

    def __init__(self) -> None:
        self.api, self.at, self.touched = Continued(None, MONDAY), MONDAY + 1000, frozenset[str]()

    def show(self, line: str, value: Any, form: str = "", status: int = 200) -> None:
        method, _, target = line.partition(" ")
        self.at += 1
        request = Request(method, target, FORM, form.encode())
        self.api.follow(request, answer(value, status), self.at, f"{line} {self.at}")

    def ask(self, line: str, form: str = "") -> Any:
        method, _, target = line.partition(" ")
        self.at += 1
        request = Request(method, target, FORM if form else (), form.encode())
        found = self.api.go_on(request, self.at, f"{line} {self.at}")
        if found is None:
            return None
        response, self.touched = found
        return json.loads(response.body)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def seen() -> Seen:
    return Seen()


def page(*rows: Any, has_more: bool = False) -> Any:
    return {"object": "list", "data": list(rows), "has_more": has_more, "url": "/v1/x"}


def names(listed: Any) -> list[str]:
    return [row["id"] for row in listed["data"]]


def test_an_object_is_as_it_was_told_last(shop: Shop, seen: Seen) -> None:
    customer = shop.customer()
    one, other = [shop.post(f"/v1/customers/{customer}", name=name) for name in ("Ada", "Grace")]
    seen.show(f"GET /v1/customers/{customer}", one)
    seen.show("GET /v1/customers", page(other))
    assert seen.ask(f"GET /v1/customers/{customer}") == other


def test_pages_of_one_second_keep_their_order(shop: Shop, seen: Seen) -> None:
    made = [shop.post("/v1/customers", name=f"C{number}") for number in range(6)][::-1]
    seen.show("GET /v1/customers?limit=2", page(*made[:2], has_more=True))
    seen.show(f"GET /v1/customers?limit=2&starting_after={made[1]['id']}", page(*made[2:4], has_more=True))
    seen.show(f"GET /v1/customers?limit=2&starting_after={made[3]['id']}", page(*made[4:]))
    listed = seen.ask("GET /v1/customers?limit=4&created[gte]=1")
    assert (listed["data"], listed["has_more"]) == (made[:4], True)


def test_what_was_deleted_is_gone(shop: Shop, seen: Seen) -> None:
    invoice = shop.invoice()
    seen.show(f"GET /v1/customers/{invoice['customer']}", shop.get(f"/v1/customers/{invoice['customer']}"))
    seen.show(f"GET /v1/invoices/{invoice['id']}", invoice)
    for path in (f"/v1/invoices/{invoice['id']}", f"/v1/customers/{invoice['customer']}"):
        seen.show(f"DELETE {path}", shop.delete(path))
    assert seen.ask(f"GET /v1/invoices/{invoice['id']}")["error"]["code"] == "resource_missing"
    assert seen.ask(f"GET /v1/customers/{invoice['customer']}")["deleted"] is True
    assert seen.ask("GET /v1/invoices")["data"] == []


def test_an_expanded_customer_is_one_that_was_told(shop: Shop, seen: Seen) -> None:
    invoice = shop.invoice("open")
    whole = shop.get(f"/v1/invoices/{invoice['id']}?expand[]=customer")
    seen.show(f"GET /v1/invoices/{invoice['id']}?expand[]=customer", whole)
    assert seen.ask(f"GET /v1/customers/{invoice['customer']}") == whole["customer"]
    assert seen.ask(f"GET /v1/invoices/{invoice['id']}")["customer"] == invoice["customer"]


def test_a_payment_is_called_what_it_was_called(shop: Shop, seen: Seen) -> None:
    invoice = shop.invoice("paid")
    path = f"/v1/invoices/{invoice['id']}"
    emitted = shop.get(path + "?expand[]=payments&expand[]=confirmation_secret")
    seen.show(f"GET {path}", invoice)
    seen.show(f"GET {path}?expand[]=payments&expand[]=confirmation_secret", emitted)
    assert seen.ask(f"GET {path}?expand[]=payments")["payments"] == emitted["payments"]
    assert seen.ask(f"GET {path}").keys() == invoice.keys()


def test_what_confirms_an_open_invoice_is_an_alias_and_stays_the_same(shop: Shop, seen: Seen) -> None:
    path = f"/v1/invoices/{(invoice := shop.invoice('open'))['id']}"
    seen.show(f"GET {path}", invoice)
    one, other = [seen.ask(f"GET {path}?expand[]=confirmation_secret") for _ in range(2)]
    assert one["confirmation_secret"] == other["confirmation_secret"]
    secret = one["confirmation_secret"]["client_secret"]
    assert [aliases.is_alias(piece.shape, piece.text) for piece in shapes.ids(secret)] == [True, True]


def test_lines_beyond_the_first_ten_come_from_their_own_list(shop: Shop, seen: Seen) -> None:
    customer = shop.customer()
    draft = shop.post("/v1/invoices", customer=customer)["id"]
    for amount in range(1, 13):
        shop.post("/v1/invoiceitems", customer=customer, invoice=draft, amount=amount)
    seen.show(f"GET /v1/customers/{customer}", shop.get(f"/v1/customers/{customer}"))
    seen.show(f"GET /v1/invoices/{draft}", shop.get(f"/v1/invoices/{draft}"))
    lines = shop.get(f"/v1/invoices/{draft}/lines", limit=100)
    seen.show(f"GET /v1/invoices/{draft}/lines?limit=100", lines)
    assert seen.ask(f"GET /v1/invoices/{draft}/lines?limit=50")["data"] == lines["data"]
    form = f"lines[0][id]={lines['data'][-1]['id']}&lines[0][behavior]=delete"
    assert seen.ask(f"POST /v1/invoices/{draft}/remove_lines", form)["total"] == sum(range(2, 13))


def test_an_item_that_only_its_line_told_of_can_be_edited_and_not_be_shown(shop: Shop, seen: Seen) -> None:
    invoice = shop.invoice()
    seen.show(f"GET /v1/customers/{invoice['customer']}", shop.get(f"/v1/customers/{invoice['customer']}"))
    seen.show(f"GET /v1/invoices/{invoice['id']}", invoice)
    line = invoice["lines"]["data"][0]
    item = line["parent"]["invoice_item_details"]["invoice_item"]
    assert seen.ask(f"GET /v1/invoiceitems/{item}") is None
    assert seen.ask("GET /v1/invoiceitems") is None
    edited = seen.ask(f"POST /v1/invoices/{invoice['id']}/lines/{line['id']}", "amount=77")
    assert (edited["id"], edited["amount"]) == (line["id"], 77)
    assert seen.ask(f"GET /v1/invoices/{invoice['id']}")["total"] == 77


@pytest.mark.parametrize(("way", "reads"), [("pay", "E3"), ("pay?paid_out_of_band=true", "E2")])
def test_what_paid_an_invoice_is_read_from_it(shop: Shop, seen: Seen, way: str, reads: str) -> None:
    invoice = shop.invoice("open")
    paid = shop.post(f"/v1/invoices/{invoice['id']}/{way}")
    seen.show(f"GET /v1/invoices/{invoice['id']}", paid)
    shop.post(f"/v1/invoices/{invoice['id']}/void")
    refused, expected = (
        seen.ask(f"POST /v1/invoices/{invoice['id']}/void")["error"],
        json.loads(shop.last.body)["error"],
    )
    assert refused["message"] == expected["message"]
    assert ("`paid`" in refused["message"]) == (reads == "E3")


def test_a_recorded_write_is_done_again_for_what_its_answer_does_not_show(shop: Shop, seen: Seen) -> None:
    made = shop.post("/v1/customers", name="Ada", payment_method="pm_card_chargeDeclined")
    seen.show("POST /v1/customers", made, "name=Ada&payment_method=pm_card_chargeDeclined")
    item = shop.post("/v1/invoiceitems", customer=made["id"], amount=500)
    seen.show("POST /v1/invoiceitems", item, f"customer={made['id']}&amount=500")
    form = f"customer={made['id']}&pending_invoice_items_behavior=include"
    draft = shop.post("/v1/invoices", form)
    seen.show("POST /v1/invoices", draft, form)
    assert seen.ask(f"GET /v1/invoiceitems/{item['id']}")["invoice"] == draft["id"]
    assert seen.ask(f"GET /v1/customers/{made['id']}")["currency"] == "usd"
    (card,) = seen.ask(f"GET /v1/payment_methods?customer={made['id']}")["data"]
    declined = seen.ask(f"POST /v1/invoices/{draft['id']}/pay", f"payment_method={card['id']}")
    assert declined["error"]["code"] == "card_declined"


def test_a_card_that_was_named_in_passing_is_the_one_that_is_told_of_later(shop: Shop, seen: Seen) -> None:
    made = shop.post("/v1/customers", name="Ada", payment_method="pm_card_chargeDeclined")
    seen.show("POST /v1/customers", made, "name=Ada&payment_method=pm_card_chargeDeclined")
    cards = shop.get("/v1/payment_methods", customer=made["id"])
    seen.show(f"GET /v1/payment_methods?customer={made['id']}", cards)
    assert seen.ask(f"GET /v1/payment_methods?customer={made['id']}&limit=5")["data"] == cards["data"]
    draft = seen.ask("POST /v1/invoices", f"customer={made['id']}")["id"]
    seen.ask("POST /v1/invoiceitems", f"customer={made['id']}&invoice={draft}&amount=500")
    paid = seen.ask(f"POST /v1/invoices/{draft}/pay", f"payment_method={cards['data'][0]['id']}")
    assert paid["error"]["code"] == "card_declined"


def test_a_write_that_the_api_refused_is_not_done_again(shop: Shop, seen: Seen) -> None:
    customer = shop.get(f"/v1/customers/{shop.customer()}")
    seen.show(f"GET /v1/customers/{customer['id']}", customer)
    seen.show("POST /v1/invoices", {"error": {"type": "api_error"}}, f"customer={customer['id']}", 500)
    assert seen.ask("GET /v1/invoices")["data"] == []


def test_a_write_touches_all_that_its_customer_has(shop: Shop, seen: Seen) -> None:
    invoice, other = shop.invoice(), shop.invoice()
    for one in (invoice, other):
        seen.show(f"GET /v1/invoices/{one['id']}", one)
    seen.ask("POST /v1/invoices", f"customer={invoice['customer']}")
    assert {invoice["id"], invoice["customer"], "/v1/invoices"} <= seen.touched
    assert {other["id"], other["customer"], "/v1/payment_methods"}.isdisjoint(seen.touched)
    seen.ask(f"POST /v1/invoices/{invoice['id']}/void")  # a draft cannot be: nothing happened
    assert seen.touched == frozenset()


@pytest.mark.parametrize(
    "emitted",
    [
        "no JSON",
        '{"object": "invoice", "id": "in_1"}',
        '{"object": "invoice", "id": "in_1", "created": 1, "lines": []}',
        '{"object": "invoice", "id": "in_1", "created": null, "customer": 7, "lines": {"data": [null]}}',
        '{"object": "customer", "id": "cus_1", "created": "soon"}',
        '{"object": "payment_method", "id": "pm_1", "created": 1, "card": null, "customer": "cus_1"}',
        '{"object": "line_item", "id": "il_1", "invoice": null, "parent": null}',
        "[" * 100_000,
    ],
)
def test_what_cannot_be_understood_is_as_if_it_had_not_been_told(seen: Seen, emitted: str) -> None:
    seen.show("GET /v1/x", emitted)
    made = seen.ask("POST /v1/customers", "name=Ada")
    assert seen.ask("POST /v1/invoices", f"customer={made['id']}")["status"] == "draft"
