"""How a parameter of a list reads an object."""

from typing import Any

import pytest

from replayer.core.lists.filters import passes, wrong
from replayer.core.rules import registry, ruleset

INVOICE = {
    "id": "in_1",
    "customer": "cus_1",
    "status": "open",
    "created": 100,
    "due_date": None,
    "parent": {"subscription_details": {"subscription": {"id": "sub_1", "object": "subscription"}}},
}


def filter_of(key: str, path: str = "/v1/invoices") -> ruleset.Filter:
    return next(one for one in dict(registry.INVOICE_RULES.filters)[path] if one.key == key)


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("customer", "cus_1", True),
        ("customer", "cus_2", False),
        ("status", "open", True),
        ("status", "draft", False),
        ("subscription", "sub_1", True),  # expanded
        ("subscription", "sub_2", False),
        ("collection_method", "send_invoice", False),  # it is not there at all
        ("created", "100", True),
        ("created", "99", False),
        ("created", {"gte": "100", "lte": "100"}, True),
        ("created", {"gt": "99", "lt": "101"}, True),
        ("created", {"gt": "100"}, False),
        ("created", {"lt": "100"}, False),
        ("created", {"gte": "90", "lt": "100"}, False),
        ("due_date", {"gte": "0"}, False),  # what has none is in no range
    ],
)
def test_a_filter_reads_an_object(key: str, value: Any, found: bool) -> None:
    assert wrong(filter_of(key), value) == ""
    assert passes(filter_of(key), value, INVOICE) is found


@pytest.mark.parametrize(("invoice", "pending"), [(None, True), ("in_1", False)])
def test_what_is_on_no_invoice_is_pending(invoice: str | None, pending: bool) -> None:
    one = filter_of("pending", "/v1/invoiceitems")
    assert passes(one, "true", {"invoice": invoice}) is pending
    assert passes(one, "false", {"invoice": invoice}) is not pending


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "opened"),
        ("status", ""),
        ("customer", ["cus_1"]),
        ("created", "now"),
        ("created", {"after": "1"}),
        ("created", {"gte": "1.5"}),
        ("created", {"gte": {"x": "1"}}),
    ],
)
def test_what_nobody_knows_to_read_is_told(key: str, value: Any) -> None:
    assert wrong(filter_of(key), value) == f"{key} {value!r} is nothing that the API is known to understand"


def test_a_flag_is_true_or_false() -> None:
    assert wrong(filter_of("pending", "/v1/invoiceitems"), "yes")
