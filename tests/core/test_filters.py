"""How a parameter of a list reads an object."""

from typing import Any

import pytest

from replayer.core.filters import passes, wrong
from replayer.core.ruleset import Filter

STATUS = Filter("status", "status", values=frozenset({"open", "paid"}))
CUSTOMER = Filter("customer", "customer", names="/v1/customers")
CREATED = Filter("created", "created", ranged=True)
PENDING = Filter("pending", "invoice", absent=True)
DEEP = Filter("subscription", "parent.details.subscription")


@pytest.mark.parametrize(
    ("one", "value", "told", "expected"),
    [
        (STATUS, "open", {"status": "open"}, True),
        (STATUS, "open", {"status": "paid"}, False),
        (STATUS, "open", {}, False),
        (CUSTOMER, "cus_a", {"customer": "cus_a"}, True),
        (CUSTOMER, "cus_a", {"customer": {"id": "cus_a", "name": "cus_b"}}, True),  # expanded
        (CUSTOMER, "cus_a", {"customer": {"id": "cus_b"}}, False),
        (CUSTOMER, "cus_a", {"customer": None}, False),
        (CREATED, "5", {"created": 5}, True),
        (CREATED, "5", {"created": 6}, False),
        (CREATED, {"gt": "5"}, {"created": 5}, False),
        (CREATED, {"gte": "5"}, {"created": 5}, True),
        (CREATED, {"lt": "5"}, {"created": 5}, False),
        (CREATED, {"lte": "5"}, {"created": 5}, True),
        (CREATED, {"gt": "3", "lt": "5"}, {"created": 4}, True),
        (CREATED, {"gt": "3", "lt": "5"}, {"created": 5}, False),
        (CREATED, {"gte": "0"}, {"created": None}, False),
        (PENDING, "true", {"invoice": None}, True),
        (PENDING, "true", {"invoice": "in_a"}, False),
        (PENDING, "false", {"invoice": "in_a"}, True),
        (PENDING, "false", {}, False),
        (DEEP, "sub_a", {"parent": {"details": {"subscription": "sub_a"}}}, True),
        (DEEP, "sub_a", {"parent": {"details": None}}, False),
        (DEEP, "sub_a", {"parent": "sub_a"}, False),
    ],
)
def test_an_object_passes_by_what_stands_in_it(one: Filter, value: Any, told: dict[str, Any], expected: bool) -> None:
    assert wrong(one, value) == ""
    assert passes(one, value, told) is expected


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (STATUS, "opened"),
        (STATUS, ""),
        (STATUS, ["open"]),
        (CUSTOMER, ""),
        (CUSTOMER, {"id": "cus_a"}),
        (CREATED, ""),
        (CREATED, "yesterday"),
        (CREATED, {"gte": "1.5"}),
        (CREATED, {"since": "1"}),
        (CREATED, {"gte": ["1"]}),
        (CREATED, ["1"]),
        (PENDING, "yes"),
    ],
)
def test_what_the_api_is_not_known_to_understand_is_said(one: Filter, value: Any) -> None:
    assert wrong(one, value) == f"{one.key} {value!r} is nothing that the API is known to understand"
