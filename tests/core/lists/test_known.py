"""The lists and the objects of a cassette, each in the state that it was recorded in."""

from typing import Any

from replayer.core.cassette import Cassette, Interaction
from replayer.core.lists.known import Catalogue
from replayer.core.matching import Index
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, OTHER, answer, req

INVOICES = {"object": "list", "has_more": False, "url": "/v1/invoices"}


def invoice(name: str = INVOICE, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "invoice", "customer": CUSTOMER, **more}


def known(*pairs: tuple[str, Any]) -> Catalogue:
    recorded = (Interaction(req(line), answer(said)) for line, said in pairs)
    return Catalogue(Index(Cassette(tuple(recorded)), registry.INVOICE_RULES), registry.INVOICE_RULES)


def paths(found: Catalogue) -> list[str]:
    return [entries[0][0].asked.path + " " + entries[0][1].value["id"] for entries in found.objects.values()]


def test_pages_of_one_list_are_kept_together_and_those_of_another_are_not() -> None:
    page = {**INVOICES, "data": [invoice()]}
    found = known(
        ("GET /v1/invoices?limit=1", page),
        ("GET /v1/invoices?limit=2", page),
        ("GET /v1/invoices?status=open", page),
        ("GET /v1/customers", {**page, "data": []}),
    )
    assert sorted(len(one.pages) for one in found.lists.values()) == [1, 1, 2]
    assert [len(found.at(path)) for path in ("/v1/invoices", "/v1/customers")] == [2, 1]


def test_a_write_makes_another_list_of_it() -> None:
    page = {**INVOICES, "data": [invoice()]}
    found = known(("GET /v1/invoices", page), ("POST /v1/invoices", invoice(OTHER)), ("GET /v1/invoices", page))
    assert len(found.at("/v1/invoices")) == 2


def test_objects_are_known_from_lists_from_writes_and_from_themselves() -> None:
    found = known(
        ("POST /v1/customers", {"id": CUSTOMER, "object": "customer"}),
        (f"POST /v1/invoices/{INVOICE}/finalize", invoice()),
        ("GET /v1/invoices", {**INVOICES, "data": [invoice(OTHER)]}),
    )
    assert paths(found) == [
        f"/v1/customers {CUSTOMER}",
        f"/v1/invoices/{INVOICE}/finalize {INVOICE}",
        f"/v1/invoices {OTHER}",
    ]


def test_what_is_deleted_shaped_by_expand_refused_or_below_another_object_is_no_object_by_itself() -> None:
    found = known(
        (f"DELETE /v1/customers/{CUSTOMER}", {"id": CUSTOMER, "object": "customer", "deleted": True}),
        ("GET /v1/invoices?expand[]=data.customer", {**INVOICES, "data": [invoice()]}),
        (f"POST /v1/invoices/{INVOICE}/lines/il_1", {"id": "il_1UI6qsHIBYZYyePrZqHAeqdY", "object": "line_item"}),
        ("GET /v1/balance", {"object": "balance"}),
    )
    assert found.objects == {}


def test_a_list_with_a_member_that_nobody_knows_is_none_that_others_are_written_like() -> None:
    found = known(("GET /v1/invoices", {**INVOICES, "data": [], "next": "https://api.stripe.com/v1/invoices?page=2"}))
    assert found.lists == {}


def test_the_lines_of_an_invoice_are_a_list_of_their_own() -> None:
    lines = {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/invoices/{INVOICE}/lines"}
    found = known((f"GET /v1/invoices/{INVOICE}", invoice(lines=lines)))
    (inner,) = found.at(f"/v1/invoices/{INVOICE}/lines")
    assert [one.by_itself for one in inner.pages] == [False]
    assert inner.stretches.whole == ()


def test_a_list_at_another_address_than_its_object_is_not_taken_for_its_own() -> None:
    lines = {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/invoices/{OTHER}/lines"}
    assert known((f"GET /v1/invoices/{INVOICE}", invoice(lines=lines))).lists == {}
