"""Drift: one change of an API is one finding, in however many answers it shows."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.drift.differences import MISSING
from replayer.core.drift.differences import DifferenceKind as Kind
from replayer.core.drift.drift import Change, Compared, ShownAt, drift
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, OTHER, answer, asked


def found(*pairs: tuple[Any, Any]) -> list[Change]:
    """The findings of answers to `GET /v1/things/1`, `/2` and so on: recorded and live."""
    compared = [
        Compared(number, asked(f"GET /v1/things/{number}"), answer(json.dumps(old)), answer(json.dumps(new)))
        for number, (old, new) in enumerate(pairs, start=1)
    ]
    return drift(compared, registry.INVOICE_RULES)


def told(*pairs: tuple[Any, Any]) -> list[tuple[Kind, str, Any, Any]]:
    return [(one.kind, one.field, one.recorded, one.live) for one in found(*pairs)]


def invoice(**fields: Any) -> dict[str, Any]:
    return {"object": "invoice", **fields}


def page(*things: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": list(things)}


def test_a_change_of_a_type_of_object_is_one_finding_wherever_it_stands() -> None:
    old, new = invoice(id="in_1"), invoice(id="in_1", tier="a")
    others = page(old, invoice(id="in_2")), page(new, invoice(id="in_2", tier="b"))
    places = (
        ShownAt(1, "GET /v1/things/1", "tier", MISSING, "a"),
        ShownAt(2, "GET /v1/things/2", "data[0].tier", MISSING, "a"),
        ShownAt(2, "GET /v1/things/2", "data[1].tier", MISSING, "b"),
    )
    assert found((old, new), others, (old, old)) == [
        Change(Kind.NEW, "invoice", "tier", MISSING, "a", 2, "#1 GET /v1/things/1", places)
    ]


def test_what_may_be_a_credential_is_masked_at_each_place() -> None:
    secrets = [{"password": f"hunter2hunter{number}"} for number in range(3)]
    (finding,) = found((secrets[0], secrets[1]), (secrets[0], secrets[2]))
    assert len(finding.places) == 2
    assert "hunter2hunter" not in str(finding)


def test_what_has_no_type_belongs_to_the_endpoint() -> None:
    (finding,) = found(({"a": 1}, {"a": 2}), ({"a": 1}, {"a": 3}))
    assert (finding.where, finding.field, finding.count) == ("GET /v1/things/{id}", "a", 2)


def test_each_status_that_becomes_another_one_is_a_change_of_its_own() -> None:
    statuses = [(200, 201), (200, 402), (200, 201)]
    compared = [
        Compared(number, asked("POST /v1/things"), answer({}, status=old), answer({}, status=new))
        for number, (old, new) in enumerate(statuses, start=1)
    ]
    assert [(one.recorded, one.live, one.count) for one in drift(compared, registry.INVOICE_RULES)] == [
        (200, 201, 2),
        (200, 402, 1),
    ]


# -- renamed fields ---------------------------------------------------------------------------------------------------

names = st.text("abcdefghij_", min_size=3, max_size=9)
rows = st.lists(st.tuples(st.text("xyz ", min_size=1, max_size=5), st.integers(2, 99)), min_size=1, max_size=5)


@given(st.lists(names, min_size=4, max_size=4, unique=True), rows)
def test_a_renamed_field_and_a_new_one_are_two_findings(keys: list[str], rows: list[tuple[str, int]]) -> None:
    old, new, other, added = keys
    pairs = [(invoice(**{old: text, other: n}), invoice(**{new: text, other: n, added: None})) for text, n in rows]
    assert sorted(told(*pairs), key=str) == sorted(
        [(Kind.RENAMED, old, old, new), (Kind.NEW, added, MISSING, None)], key=str
    )


def test_an_object_that_is_renamed_is_one_finding() -> None:
    tree = {"city": "Paris", "lines": [1, 2]}
    assert told((invoice(address=tree), invoice(place=tree))) == [(Kind.RENAMED, "address", "address", "place")]


def test_where_only_null_stands_the_names_must_be_alike() -> None:
    alike = (invoice(customer_name=None), invoice(customer_full_name=None))
    assert told(alike) == [(Kind.RENAMED, "customer_name", "customer_name", "customer_full_name")]
    unlike = (invoice(shipping=None), invoice(tier=None))
    assert [kind for kind, *_ in told(unlike)] == [Kind.GONE, Kind.NEW]


@pytest.mark.parametrize("value", [False, True, 0, 1, 7, "", "x"])
def test_where_one_field_is_gone_and_one_is_new_an_equal_plain_value_is_enough(value: Any) -> None:
    pairs = [(invoice(paid=value, id="in_1"), invoice(settled_at_all=value, id="in_1"))] * 2
    assert told(*pairs) == [(Kind.RENAMED, "paid", "paid", "settled_at_all")]


@pytest.mark.parametrize("value", [False, 0, ""])
def test_where_more_is_new_a_value_that_tells_little_is_not_enough(value: Any) -> None:
    pair = (invoice(paid=value), invoice(settled_at_all=value, tier="gold"))
    assert [kind for kind, *_ in told(pair)] == [Kind.GONE, Kind.NEW, Kind.NEW]


def test_where_two_new_fields_have_the_value_it_is_not_known_which_it_became() -> None:
    pair = (invoice(reason="manual"), invoice(cause="manual", origin="manual"))
    assert [kind for kind, *_ in told(pair)] == [Kind.GONE, Kind.NEW, Kind.NEW]


def test_where_two_fields_with_the_value_are_gone_it_is_not_known_which_is_left() -> None:
    pair = (invoice(cause="manual", origin="manual"), invoice(reason="manual"))
    assert [kind for kind, *_ in told(pair)] == [Kind.GONE, Kind.GONE, Kind.NEW]


def test_of_two_fields_with_the_value_the_one_with_the_like_name_is_renamed() -> None:
    pair = (invoice(reason="manual"), invoice(billing_reason="manual", origin="manual"))
    assert told(pair) == [
        (Kind.RENAMED, "reason", "reason", "billing_reason"),
        (Kind.NEW, "origin", MISSING, "manual"),
    ]


def test_a_field_that_other_objects_of_the_kind_still_have_is_not_renamed() -> None:
    pairs = [(invoice(a="x y"), invoice(b="x y")), (invoice(a="x y"), invoice(a="x y"))]
    assert [kind for kind, *_ in told(*pairs)] == [Kind.GONE, Kind.NEW]


def test_a_field_is_not_renamed_to_one_that_other_objects_of_the_kind_had_before() -> None:
    pairs = [(invoice(a="x y"), invoice(b="x y")), (invoice(b="z"), invoice(b="z"))]
    assert [kind for kind, *_ in told(*pairs)] == [Kind.GONE, Kind.NEW]


def test_a_value_that_differs_anywhere_makes_it_no_renaming() -> None:
    pairs = [(invoice(a="x y"), invoice(b="x y")), (invoice(a="x y"), invoice(b="z"))]
    assert [kind for kind, *_ in told(*pairs)] == [Kind.GONE, Kind.NEW]


def test_a_field_that_only_some_objects_lost_is_not_renamed_by_what_all_have() -> None:
    pairs = [(invoice(a="x y"), invoice(b="x y")), (invoice(a="x y"), invoice(a="x y", b="x y"))]
    assert [kind for kind, *_ in told(*pairs)] == [Kind.GONE, Kind.NEW]


def test_an_id_that_has_another_name_because_its_field_was_renamed_is_the_same_object() -> None:
    pairs = [
        (invoice(charge=INVOICE), invoice(latest_charge=OTHER)),
        ({"id": INVOICE, "of": CUSTOMER}, {"id": OTHER, "of": CUSTOMER}),
    ]
    assert told(*pairs) == [(Kind.RENAMED, "charge", "charge", "latest_charge")]


def test_a_field_is_renamed_in_its_own_object_only() -> None:
    old = {"a": {"name": "x y"}, "b": {}}
    new = {"a": {}, "b": {"name": "x y"}}
    assert [(kind, field) for kind, field, *_ in told((old, new))] == [
        (Kind.GONE, "a.name"),
        (Kind.NEW, "b.name"),
    ]
