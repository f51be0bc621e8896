"""What is not known of the API: each switch has its default, and does what it says with every other value."""

from collections.abc import Callable
from typing import Any

import pytest

from replayer.core.message import Request
from replayer.errors import UsageError
from replayer.sandbox.ledger.switches import DEFAULTS, SWITCHES, chosen
from replayer.sandbox.serving.server import Sandbox
from replayer.sandbox.serving.tables import switches_table
from tests.sandbox.shop import KEY, MONDAY, Shop, error

Seen = Callable[[Shop], Any]


def pay_on_void(shop: Shop) -> Any:
    return error(shop.post(f"/v1/invoices/{shop.invoice('void')['id']}/pay"))["message"]


def pay_without_method(shop: Shop) -> Any:
    made = shop.invoice("open", customer=shop.customer(card=None))
    return error(shop.post(f"/v1/invoices/{made['id']}/pay")).get("code"), shop.last.status


def open_description(shop: Shop) -> Any:
    shop.post(f"/v1/invoices/{shop.invoice('open')['id']}", description="x")
    return shop.last.status


def _deleted(shop: Shop) -> str:
    customer = shop.customer()
    names = [shop.invoice(customer=customer)["id"] for _ in range(3)]
    shop.delete(f"/v1/invoices/{names[1]}")
    assert shop.get(f"/v1/invoices/{names[1]}")["error"]["code"] == "resource_missing"
    return str(names[1])


def deleted_cursor(shop: Shop) -> Any:
    page = shop.get("/v1/invoices", starting_after=_deleted(shop))
    return len(page["data"]) if shop.last.status == 200 else page["error"]["param"]


def next_invoice_sequence(shop: Shop) -> Any:
    customer = shop.customer()
    numbers = [shop.invoice("open", customer=customer)["number"][-4:] for _ in range(2)]
    assert numbers == ["0001", "0002"]
    return shop.get(f"/v1/customers/{customer}")["next_invoice_sequence"]


def strict_cursor_scope(shop: Shop) -> Any:
    made = shop.invoice("open")["id"]
    shop.get("/v1/invoices", status="draft", starting_after=made)
    shop_status = shop.last.status
    shop.get("/v1/invoices", status="open", starting_after=made)
    assert shop.last.status == 200
    return shop_status


def unknown_customer_list(shop: Shop) -> Any:
    shop.get("/v1/invoices", customer="cus_x")
    return shop.last.status


def void_without_payment(shop: Shop) -> Any:
    return error(shop.post(f"/v1/invoices/{shop.invoice('paid', amount=0)['id']}/void"))["message"][:12]


def key_in_use_type(shop: Shop) -> Any:

    headers = (("Authorization", f"Bearer {KEY}"), ("Idempotency-Key", "k"))
    body = shop.api.answer(Request("POST", "/v1/customers", headers), MONDAY, busy=True).body
    return b"idempotency_error" in body


def invalid_boolean_text(shop: Shop) -> Any:
    return error(shop.post("/v1/invoices", auto_advance="maybe"))["message"]


def search_page(shop: Shop) -> Any:
    customer = shop.customer()
    made = [shop.invoice(customer=customer, amount=0)["id"] for _ in range(3)]
    first = shop.get("/v1/invoices/search", query="status:'draft'", limit=2)
    second = shop.get("/v1/invoices/search", query="status:'draft'", limit=2, page=first["next_page"])
    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1]
    assert second["next_page"] is None
    return first["next_page"] == "WzJd"


def limit_out_of_range(shop: Shop) -> Any:
    shop.get("/v1/invoices", limit=101)
    return shop.last.status


def auto_advance_after_giving_up(shop: Shop) -> Any:
    return shop.invoice("void", auto_advance="true")["auto_advance"]


def next_payment_attempt(shop: Shop) -> Any:
    return shop.invoice("open", auto_advance="true")["next_payment_attempt"]


def payment_retries(shop: Shop) -> Any:
    made = shop.invoice(customer=shop.customer("pm_card_chargeDeclined"), auto_advance="true")
    shop.at += 3601
    return shop.get(f"/v1/invoices/{made['id']}")["next_payment_attempt"]


def _told(shop: Shop, **params: Any) -> list[str]:
    return [event["type"] for event in shop.get("/v1/events", **params)["data"]]


def invoiceitem_updated(shop: Shop) -> Any:
    item = shop.post("/v1/invoiceitems", customer=shop.customer(), amount=5)["id"]
    shop.post(f"/v1/invoiceitems/{item}", amount=6)
    return _told(shop, type="invoiceitem.*")


def event_order(shop: Shop) -> Any:
    shop.post("/v1/webhook_endpoints", "enabled_events[]=*", url="http://127.0.0.1:9/")
    shop.invoice("paid")
    order = [posting.event for posting in shop.api.due(shop.at)]
    assert sorted(order) == sorted(event["id"] for event in shop.get("/v1/events", limit=100)["data"])
    return order == [event["id"] for event in shop.get("/v1/events", limit=100)["data"]][::-1]


CASES: list[tuple[Seen, dict[str, Any]]] = [
    (
        pay_on_void,
        {"E2": "You can only pass in open invoices. This invoice isn't open.", "E1": "Invoice is already paid"},
    ),
    (pay_without_method, {"400": (None, 400), "400_code": ("resource_missing", 400), "402": (None, 402)}),
    (open_description, {"editable": 200, "frozen": 400}),
    (deleted_cursor, {"unknown": "starting_after", "positional": 1}),
    (next_invoice_sequence, {"counted": 3, "kept": 1}),
    (strict_cursor_scope, {"no": 200, "yes": 400}),
    (unknown_customer_list, {"refused": 400, "empty": 200}),
    (void_without_payment, {"E2": "You can only", "E3": "Invoices wit"}),
    (key_in_use_type, {"invalid_request_error": False, "idempotency_error": True}),
    (invalid_boolean_text, {"value": "Invalid boolean: maybe", "bare": "Invalid boolean"}),
    (search_page, {"cursor": False, "offset": True}),
    (
        invoiceitem_updated,
        {"silent": ["invoiceitem.created"], "told": ["invoiceitem.updated", "invoiceitem.created"]},
    ),
    (payment_retries, {"none": None, "days": MONDAY + 3601 + 3 * 86_400}),
    (event_order, {"made": True, "shuffled": False}),
    (limit_out_of_range, {"clamped": 200, "refused": 400}),
    (auto_advance_after_giving_up, {"off": False, "kept": True}),
    (next_payment_attempt, {"null": None, "kept": MONDAY + 3600}),
]


@pytest.mark.parametrize(("seen", "expected"), CASES, ids=[seen.__name__ for seen, _ in CASES])
def test_a_switch_does_what_its_values_say_and_its_first_is_the_default(seen: Seen, expected: dict[str, Any]) -> None:
    name = seen.__name__
    assert list(expected) == list(SWITCHES[name].answers)
    assert seen(Shop()) == next(iter(expected.values()))
    for value, wanted in expected.items():
        assert seen(Shop(switches=chosen([f"{name}={value}"]))) == wanted


def test_every_switch_is_tested_here() -> None:
    assert {seen.__name__ for seen, _ in CASES} == set(SWITCHES) == set(DEFAULTS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("deletd_cursor=unknown", "'deletd_cursor' is no switch of the sandbox. Did you mean 'deleted_cursor'?"),
        ("zzz", f"'zzz' is no switch of the sandbox. There are: {', '.join(SWITCHES)}."),
        ("deleted_cursor=positionl", "'positionl' is no value of deleted_cursor. Did you mean 'positional'?"),
        ("deleted_cursor", "'' is no value of deleted_cursor. There are: unknown, positional."),
    ],
)
def test_a_wrong_switch_is_told_what_was_probably_meant(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        chosen([text])
    assert str(refused.value) == message


def test_the_printed_table_names_every_switch_and_value() -> None:
    table = switches_table()
    for name, switch in SWITCHES.items():
        assert f"| `{name}` |" in table
        assert all(f"`{value}`" in table for value in switch.answers)


def test_a_sandbox_takes_switches() -> None:
    assert Sandbox(switches=chosen(["open_description=frozen"])).url == ""
