"""A webhook is put behind the write that it came of, whenever it comes, under the names of what it tells."""

import itertools
import json
from typing import Any

import pytest

from replayer.core.audit import audit
from replayer.core.cassette import Cassette, Delivery
from replayer.core.deliveries import Announced, Due
from replayer.core.message import Request
from replayer.core.modes import Mode
from replayer.core.rules import registry
from replayer.core.session import Session, verdicts
from tests.core.build import CUSTOMER, INVOICE, NOW, OTHER, answer, req, session, tell

PAYMENT = "pi_3UI6qsHIBYZYyePr1ZqHAeqd"
KEY = "4f1c1bd2-0a6f-4f39-9a58-b6d5c3a1e0aa"


def event(number: int, kind: str, about: dict[str, Any], request: str | None, **more: Any) -> Request:
    """An event as the API sends it; `more` are its members, or those of what it is about."""
    body = {
        "id": f"evt_1UI6qtHIBYZYyePrAbCdEf{number:02}", "object": "event", "created": more.pop("created", int(NOW) + 1),
        "data": {"object": about, **more.pop("data", {})}, "pending_webhooks": number + 1,
        "request": {"id": request, "idempotency_key": more.pop("key", None)}, "type": kind, **more,
    }  # fmt: skip
    headers = (("Content-Type", "application/json; charset=utf-8"), ("Stripe-Signature", "t=1,v1=ab"))
    return Request("POST", "/anywhere", headers, json.dumps(body, indent=2).encode())


def invoice(name: str = INVOICE, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "invoice", "created": int(NOW), "customer": CUSTOMER, **more}


def write(to: Session, line: str, number: int, about: dict[str, Any], key: str = "", at: float = NOW) -> None:
    headers = (("Idempotency-Key", key),) if key else ()
    tell(to, req(line, "a=b", *headers), answer(about, ("Request-Id", f"req_{number:014}")), at)


def hear(to: Session, webhook: Request) -> tuple[Delivery, Due] | None:
    """Have it taken in; None where nothing in the session has caused it."""
    came = to.receiving.came(webhook)
    if came.write is None:
        return None
    found = to.take_in_webhook(came, came.write, frozenset())
    to.receiving.keep(found[0], came.write)
    return found


def saved(of: Session) -> Cassette:
    cassette = of.cassette()
    assert cassette is not None
    assert not of.upstream.names.collisions
    return cassette


def lived(order: tuple[int, ...], over: Cassette | None = None, run: int = 0) -> Cassette:
    """Two invoices with what comes of them, in that order, and an upstream that mints other ids in each run."""
    to = session(over)
    one, other = f"in_1UI6qsHIBYZYyePrZqHAeqd{run}", f"in_1UI6qtHIBYZYyePrAbCdEfG{run}"
    at = NOW + 1000 * run
    write(to, "POST /v1/invoices", run * 10 + 1, invoice(one, created=int(at)), at=at)
    write(
        to,
        f"POST /v1/invoices/{to.upstream.names.known_as(one)}/pay",
        run * 10 + 2,
        invoice(one, created=int(at)),
        at=at + 3,
    )
    write(to, "POST /v1/invoices", run * 10 + 3, invoice(other, created=int(at) + 5), at=at + 5)
    first, paid, last = (f"req_{run * 10 + number:014}" for number in (1, 2, 3))
    second, charge = int(at), {"id": f"ch_3UI6qsHIBYZYyePr1ZqHAeq{run}", "object": "charge", "created": int(at) + 3}
    was, is_now = invoice(one, created=second), invoice(one, created=second, paid_at=second + 3)
    events = [
        event(run * 10 + 1, "invoice.created", was, first, created=second),
        event(run * 10 + 2, "invoice.paid", is_now, paid, created=second + 3),
        event(run * 10 + 3, "charge.succeeded", charge, paid, created=second + 3 + run),  # some seconds later
        event(run * 10 + 4, "invoice.created", invoice(other, created=second + 5), last, created=second + 5),
        event(run * 10 + 5, "invoice.updated", was, None, created=second + 4),
    ]
    for number in order:
        assert hear(to, events[number])
    return saved(to)


def test_it_has_the_names_that_the_answers_gave_and_the_second_of_its_write() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice(due_date=int(NOW) + 86_400), KEY)
    taken = hear(to, event(7, "invoice.created", invoice(due_date=int(NOW) + 86_400), "req_00000000000001", key=KEY))
    assert taken is not None
    delivery, due = taken
    (made,) = saved(to).interactions
    recorded, shown = delivery.request.json, due.request.json
    assert recorded["data"]["object"]["id"] == made.response.json["id"] != INVOICE
    assert recorded["data"]["object"]["due_date"] == made.response.json["due_date"]
    assert recorded["created"] == made.response.json["created"] == made.response.date
    assert recorded["request"]["id"] == made.response.header("request-id")
    assert recorded["request"]["idempotency_key"] == made.request.header("idempotency-key") != KEY
    assert shown["request"]["idempotency_key"] == KEY
    assert recorded["pending_webhooks"] == 1
    assert recorded["id"] != "evt_1UI6qtHIBYZYyePrAbCdEf07"
    assert delivery.request.header("stripe-signature") is None
    assert delivery.cause.uri == "https://api.stripe.com/v1/invoices"


def test_in_whatever_order_they_come_they_are_one_file() -> None:
    first = lived((0, 1, 2, 3, 4))
    assert [Announced.of(one.request, registry.INVOICE_RULES).type for one in first.deliveries] == [
        "invoice.created", "invoice.paid", "charge.succeeded", "invoice.updated", "invoice.created",
    ]  # fmt: skip
    for run, order in enumerate(itertools.islice(itertools.permutations(range(5)), 0, 120, 14), start=1):
        assert {one.request for one in lived(order, run=run).deliveries} == {one.request for one in first.deliveries}
        assert lived(order, over=first, run=run) == first


def test_what_nothing_here_has_caused_is_no_part_of_the_session() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice())
    assert hear(to, event(1, "invoice.created", invoice(OTHER), "req_00000000000009")) is None
    assert hear(to, event(2, "invoice.voided", invoice(), None)) is not None


def test_of_what_names_no_request_the_latest_write_that_had_begun_is_the_cause() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice())
    write(to, f"POST /v1/invoices/{to.upstream.names.known_as(INVOICE)}/pay", 2, invoice(), at=NOW + 100)
    early, late = (
        hear(to, event(number, "invoice.updated", invoice(), None, created=int(NOW) + second))
        for number, second in ((1, 3), (2, 103))
    )
    assert early
    assert late
    assert early[0].cause.uri.endswith("/v1/invoices")
    assert late[0].cause.uri.endswith("/pay")


def test_it_waits_for_a_request_under_way_unless_it_names_another() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice())
    to.decide(req("POST /v1/customers", "name=x"), NOW + 1)
    named = to.receiving.came(event(1, "invoice.created", invoice(), "req_00000000000001"))
    assert not to.receiving.may_wait(named)
    assert to.receiving.may_wait(
        to.receiving.came(event(2, "customer.created", {"id": CUSTOMER}, "req_00000000000002"))
    )


def test_the_same_event_is_known_again_with_the_answers_of_the_program() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice())
    webhook = event(1, "invoice.created", invoice(), "req_00000000000001")
    assert to.receiving.known(to.receiving.came(webhook)) is None
    taken = hear(to, webhook)
    assert taken
    to.receiving.answered(taken[0], 500)
    known = to.receiving.known(to.receiving.came(webhook))
    assert known is not None
    assert known.answers == (500,)
    assert to.receiving.answered(known, 200).answers == (500, 200)
    assert [one.answers for one in saved(to).deliveries] == [(500, 200)]


@pytest.mark.parametrize("first", ["read", "delivered"])
def test_an_event_that_is_read_has_the_name_under_which_it_is_delivered(first: str) -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice())
    webhook = event(1, "invoice.paid", invoice(payment_intent=PAYMENT), "req_00000000000001")

    def read() -> None:
        value = {"object": "list", "data": [webhook.json], "has_more": False, "url": "/v1/events"}
        tell(to, req("GET /v1/events"), answer(value), NOW + 5)

    if first == "read":
        read()
    taken = hear(to, webhook)
    if first == "delivered":
        read()
    assert taken is not None
    listed = saved(to).interactions[-1].response.json["data"][0]
    delivered = taken[0].request.json
    assert listed["id"] == delivered["id"] == "evt_" + delivered["id"].removeprefix("evt_")
    assert listed["data"] == delivered["data"]
    assert (delivered["id"], delivered["data"]["object"]["payment_intent"]) == NAMES.setdefault(
        "", (delivered["id"], delivered["data"]["object"]["payment_intent"])
    )


NAMES: dict[str, tuple[str, str]] = {}  # those of the first of both ways


def test_replayed_behind_its_write_once_and_in_the_words_of_its_program() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice(), KEY)
    hear(to, event(1, "invoice.created", invoice(), "req_00000000000001", key=KEY))
    of, live = session(saved(to), Mode.NONE), "00000000-1111-4222-8333-444444444444"
    for times in (1, 0):
        verdict = of.decide(req("POST /v1/invoices", "a=b", ("Idempotency-Key", live)), NOW)
        assert isinstance(verdict, verdicts.Replay)
        assert len(verdict.due) == times
        for due in verdict.due:
            assert due.request.json["request"]["idempotency_key"] == live
            assert due.request.json["data"]["object"]["id"] == verdict.response.json["id"]
            assert due.announced.type == "invoice.created"


def test_what_was_before_is_called_as_it_was_called() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice(due_date=int(NOW) + 86_400))
    name = to.upstream.names.known_as(INVOICE)
    write(to, f"POST /v1/invoices/{name}", 2, invoice(due_date=int(NOW) + 4 * 86_400), at=NOW + 7)
    before = {"previous_attributes": {"due_date": int(NOW) + 86_400}}
    taken = hear(
        to,
        event(1, "invoice.updated", invoice(due_date=int(NOW) + 4 * 86_400), "req_00000000000002", data=before,
              created=int(NOW) + 7),
    )  # fmt: skip
    assert taken is not None
    first, second = (each.response.json["due_date"] for each in saved(to).interactions)
    data = taken[0].request.json["data"]
    assert data["previous_attributes"]["due_date"] == first
    assert data["object"]["due_date"] == second


def test_a_late_snapshot_of_an_earlier_state_moves_no_time() -> None:
    to = session()
    write(to, "POST /v1/invoices", 1, invoice(paid_at=None))
    name = to.upstream.names.known_as(INVOICE)
    write(to, f"POST /v1/invoices/{name}/pay", 2, invoice(paid_at=int(NOW) + 60), at=NOW + 60)
    hear(to, event(1, "invoice.updated", invoice(paid_at=int(NOW)), "req_00000000000001", created=int(NOW)))
    tell(to, req(f"GET /v1/invoices/{name}"), answer(invoice(paid_at=int(NOW) + 60)), NOW + 70)
    paid, read = (each.response.json["paid_at"] for each in saved(to).interactions[1:])
    assert paid == read
    assert audit(saved(to), "") == []
