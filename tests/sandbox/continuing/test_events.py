"""What a session that goes on tells: the events of what it answers itself, and none of what was recorded."""

import json
from typing import Any

from tests.sandbox.shop import Shop

from .test_takeover import Seen


def taken(seen: Seen) -> list[Any]:
    return [json.loads(body) for body in seen.api.take_events()]


def types(seen: Seen) -> list[str]:
    return [event["type"] for event in taken(seen)]


def an_open_invoice(**params: Any) -> tuple[Seen, str]:
    """A session in which a customer and an invoice of theirs were recorded."""
    shop, seen = Shop(), Seen()
    customer = shop.customer()
    made = shop.invoice("open", customer=customer, **params)
    seen.show(f"GET /v1/customers/{customer}", shop.get(f"/v1/customers/{customer}"))
    seen.show(f"GET /v1/invoices/{made['id']}", made)
    return seen, f"/v1/invoices/{made['id']}"


def test_what_it_answers_is_told_once_and_what_was_recorded_is_not() -> None:
    seen, path = an_open_invoice()
    seen.show("POST /v1/customers", Shop(2).post("/v1/customers", name="N"), "name=N")
    assert taken(seen) == []
    paid = seen.ask(f"POST {path}/pay")
    found = taken(seen)
    assert [event["type"] for event in found] == ["invoice.updated", "invoice.paid", "invoice.payment_succeeded"]
    assert all(event["data"]["object"] == paid and event["pending_webhooks"] == 1 for event in found)
    before = found[0]["data"]["previous_attributes"]
    assert (before["status"], before["status_transitions"]) == ("open", {"paid_at": None})
    assert "lines" not in before
    assert "/v1/events" in seen.touched
    assert taken(seen) == []


def test_what_stays_as_somebody_else_wrote_it_is_told_to_be_sent_and_no_more() -> None:
    seen, path = an_open_invoice(collection_method="send_invoice", days_until_due=3)
    seen.ask(f"POST {path}/send")
    assert types(seen) == ["invoice.sent"]


def test_an_event_of_its_own_is_read_and_the_list_of_all_is_a_miss() -> None:
    seen, path = an_open_invoice()
    seen.ask(f"POST {path}/void")
    event = taken(seen)[-1]
    assert seen.ask(f"GET /v1/events/{event['id']}") == {**event, "pending_webhooks": 0}
    assert seen.ask("GET /v1/events") is None


def test_its_events_have_the_same_ids_in_every_run() -> None:
    runs = []
    for _ in range(2):
        seen, path = an_open_invoice()
        seen.ask(f"POST {path}/void")
        runs.append([event["id"] for event in taken(seen)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 2
