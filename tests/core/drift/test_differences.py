"""Where two answers differ: each change at its place and of its kind, and nothing where nothing differs."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.drift.differences import MISSING, blank, differences, endpoint, fields, type_of
from replayer.core.drift.differences import DifferenceKind as Kind
from replayer.core.message import Response, wire
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, JSON, OTHER, answer, asked, values

ASKED = asked("GET /v1/invoices?limit=3")
Told = tuple[Kind, str, str]


def told(old: Any, new: Any) -> list[Told]:
    """The kinds and places of what differs between two JSON answers."""
    return of(answer(json.dumps(old)), answer(json.dumps(new)))


def of(old: Response, new: Response) -> list[Told]:
    return [
        (one.kind, one.location.where, one.location.field)
        for one in differences(ASKED, old, new, registry.INVOICE_RULES)
    ]


HERE = "GET /v1/invoices"


@given(values)
def test_an_answer_does_not_differ_from_itself(value: Any) -> None:
    assert told(value, copy.deepcopy(value)) == []


@given(st.dictionaries(st.text("abc_", min_size=1, max_size=4), values, min_size=1, max_size=4), st.data())
def test_a_field_that_is_taken_away_is_gone_and_one_that_is_added_is_new(
    value: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(value)))
    without = {name: child for name, child in value.items() if name != key}
    field = (value["object"] if isinstance(value.get("object"), str) else HERE, key)
    assert told(value, without) == [(Kind.GONE, *field)]
    assert told(without, value) == [(Kind.NEW, *field)]


@given(values, values)
def test_what_differs_one_way_differs_the_other_way_too(old: Any, new: Any) -> None:
    assert bool(told(old, new)) == bool(told(new, old))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (1, "1", Kind.TYPE),
        (True, 1, Kind.TYPE),
        (None, {"a": 1}, Kind.NULL),
        ("x", None, Kind.NULL),
        (False, True, Kind.VALUE),
        (1, 2, Kind.VALUE),
        ("draft", "open", Kind.VALUE),
        ("You may not.", "You must not.", Kind.TEXT),
        (INVOICE, OTHER, Kind.OBJECT),
        (f"No such invoice: '{INVOICE}'", f"No such invoice: '{OTHER}'", Kind.OBJECT),
        (INVOICE, CUSTOMER, Kind.VALUE),
        ("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", Kind.TIME),
    ],
)
def test_a_value_that_differs_is_of_a_kind(old: Any, new: Any, kind: Kind) -> None:
    assert told({"a": {"b": old}}, {"a": {"b": new}}) == [(kind, HERE, "a.b")]


def test_a_number_is_a_time_only_where_the_rules_say_so() -> None:
    assert told({"created": 1_795_305_600}, {"created": 1_795_305_601}) == [(Kind.TIME, HERE, "created")]
    assert told({"amount": 1_795_305_600}, {"amount": 1_795_305_601}) == [(Kind.VALUE, HERE, "amount")]


def test_a_field_belongs_to_the_nearest_object_that_says_its_type_and_to_no_page() -> None:
    def page(name: str) -> dict[str, Any]:
        lines = {"object": "list", "data": [{"id": "il_1", "object": "line_item", "price": {"name": name}}]}
        return {"object": "list", "data": [{"id": "in_1", "object": "invoice", "lines": lines, "to": {"name": name}}]}

    assert told(page("a"), page("b")) == [
        (Kind.VALUE, "line_item", "price.name"),
        (Kind.VALUE, "invoice", "to.name"),
    ]


def test_the_endpoint_is_the_request_without_the_objects_it_names() -> None:
    assert endpoint(asked(f"POST /v1/invoices/{INVOICE}/pay")) == "POST /v1/invoices/{id}/pay"
    assert endpoint(asked("GET /orders/17/items?limit=3")) == "GET /orders/{id}/items"


# -- lists ------------------------------------------------------------------------------------------------------------


def thing(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "object": "thing", **more}


A, B, C = thing("a", n=1), thing("b", n=2), thing("c", n=3)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([A, B, C], [C, B, A], [(Kind.ORDER, HERE, "data")]),
        ([1, 2, 2], [2, 1, 2], [(Kind.ORDER, HERE, "data")]),
        ([{"n": 1}, {"n": 2}], [{"n": 2}, {"n": 1}], [(Kind.ORDER, HERE, "data")]),
        ([A, B], [A, B, C], [(Kind.MEMBER_NEW, HERE, "data[]")]),
        ([A, B, C], [B, C], [(Kind.MEMBER_GONE, HERE, "data[]")]),
        ([A, B], [thing("b", n=2, m=1), A], [(Kind.NEW, "thing", "m"), (Kind.ORDER, HERE, "data")]),
        ([1, 2], [2, 3], [(Kind.MEMBER_GONE, HERE, "data[]"), (Kind.MEMBER_NEW, HERE, "data[]")]),
        ([{"n": 1}], [{"n": 2}], [(Kind.VALUE, HERE, "data[].n")]),
        ([{"n": 1}], [], [(Kind.MEMBER_GONE, HERE, "data[]")]),
        (
            [thing(INVOICE, n=1)],
            [thing(OTHER, n=1)],
            [(Kind.OBJECT, "thing", "id")],
        ),
    ],
)
def test_lists_are_compared_by_their_members(old: list[Any], new: list[Any], expected: list[Told]) -> None:
    assert told({"data": old}, {"data": new}) == expected


def test_members_in_another_order_are_that_even_where_their_names_follow_from_their_places() -> None:
    old, new = [thing(INVOICE, n=1), thing(OTHER, n=2)], [thing(INVOICE, n=2), thing(OTHER, n=1)]
    (difference,) = differences(ASKED, answer({"data": old}), answer({"data": new}), registry.INVOICE_RULES)
    assert (difference.kind, difference.recorded, difference.live) == (Kind.ORDER, [1, 2], [2, 1])


# -- the rest of an answer --------------------------------------------------------------------------------------------


def test_another_status_of_success_leaves_the_rest_to_compare_and_a_refusal_does_not() -> None:
    old = answer({"a": 1})
    assert of(old, answer({"a": 2}, status=201)) == [
        (Kind.STATUS, HERE, ""),
        (Kind.VALUE, HERE, "a"),
    ]
    assert of(old, answer({"error": {}}, status=402)) == [(Kind.STATUS, HERE, "")]


def test_another_message_of_one_status_is_told() -> None:
    assert of(Response(200, "OK"), Response(200, "Fine")) == [(Kind.REASON, HERE, "")]
    assert of(Response(200, "OK"), Response(200, "")) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((("Server", "a"),), (("server", "a"),), []),
        ((("Server", "a"),), (("Server", "b"),), [(Kind.HEADER, "headers", "server")]),
        ((("Vary", "a"), ("Vary", "b")), (("Vary", "a, b"),), []),
        ((), (("Deprecation", "true"),), [(Kind.HEADER_NEW, "headers", "deprecation")]),
        ((("Vary", "a"),), (), [(Kind.HEADER_GONE, "headers", "vary")]),
        ((("Date", "x"),), (("Date", "y"),), []),
        ((("Request-Id", "req_WQzBGKp7KQVIEe"),), (("Request-Id", "req_0NN3KOmDVZV9oc"),), []),
        ((("CF-Ray", "1"),), (("CF-Ray", "2"),), []),
        (
            (("Last-Modified", "Sun, 22 Nov 2026 00:00:01 GMT"),),
            (("Last-Modified", "Sun, 22 Nov 2026 00:00:02 GMT"),),
            [],
        ),
    ],
)
def test_headers_are_compared_where_they_matter(old: wire.Headers, new: wire.Headers, expected: list[Told]) -> None:
    assert of(Response(200, "OK", (*JSON, *old), b"{}"), Response(200, "OK", (*JSON, *new), b"{}")) == expected


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        (b"one", b"one", False),
        (b"one", b"two", True),
        (f"see {INVOICE}".encode(), f"see {OTHER}".encode(), False),
        (b"", b"one", True),
        (b"\xff\x01", b"\xff\x02", True),
        (b"\xff\x01", b"\xff\x01", False),
        (b'{"a": 1}', b"not there", True),
    ],
)
def test_bodies_that_are_no_json_are_compared_as_a_whole(old: bytes, new: bytes, differs: bool) -> None:
    assert of(Response(200, "OK", (), old), Response(200, "OK", (), new)) == [(Kind.BODY, HERE, "")] * differs


def test_white_space_and_the_order_of_keys_say_nothing() -> None:
    assert of(answer('{"a": 1, "b": 2.0}'), answer('{"b":2,"a":1}')) == []


def test_a_value_that_is_not_there_is_not_null() -> None:
    (difference,) = differences(ASKED, answer({}), answer({"a": None}), registry.INVOICE_RULES)
    assert (difference.recorded, difference.live) == (MISSING, None)


def test_types_are_told_in_the_words_of_json() -> None:
    known: list[Any] = [None, True, 1, 1.5, "", [], {}]
    assert [type_of(value) for value in known] == ["null", "boolean", "number", "number", "string", "list", "object"]


def test_texts_are_equal_but_for_the_objects_they_name() -> None:
    assert blank(f"{INVOICE} of {CUSTOMER}") == "{in} of {cus}"


def test_the_fields_of_an_answer_are_told_as_differences_in_them_would_be() -> None:
    one = {"object": "list", "data": [{"object": "invoice", "id": INVOICE, "lines": [{"n": 1}, {"n": 2}]}]}
    assert set(fields(ASKED, answer(one))) == {
        (HERE, "object"),
        (HERE, "data"),
        ("invoice", "object"),
        ("invoice", "id"),
        ("invoice", "lines"),
        ("invoice", "lines[].n"),
    }
    assert list(fields(ASKED, answer("no JSON"))) == []
