"""Which list a request asks for, and which window of it."""

import pytest

from replayer.core.lists.by_cursor import Window, scope_of, window_of
from replayer.core.rules import registry, ruleset
from tests.core.build import asked

assert registry.INVOICE_RULES.by_id is not None
PAGING: ruleset.Paging = registry.INVOICE_RULES.by_id


def test_the_list_is_what_is_asked_without_its_cursors() -> None:
    scopes = {
        scope_of(asked(f"GET /v1/invoices?status=open{cursor}"), PAGING).digest
        for cursor in ("", "&limit=3", "&starting_after=in_1", "&ending_before=in_1&limit=x")
    }
    assert scopes == {asked("GET /v1/invoices?status=open").digest}


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ("", Window(10)),
        ("limit=3", Window(3)),
        ("limit=0", Window(1)),
        ("limit=-1", Window(1)),
        ("limit=101", Window(100)),
        ("limit=1000000000", Window(100)),
        ("starting_after=in_1", Window(10, after="in_1")),
        ("ending_before=in_1&limit=2", Window(2, before="in_1")),
    ],
)
def test_a_limit_out_of_range_is_pulled_into_it(query: str, window: Window) -> None:
    assert window_of(asked(f"GET /v1/invoices?{query}"), PAGING) == window


@pytest.mark.parametrize(
    "query",
    [
        "limit=x",
        "limit=",
        "limit=1.0",
        "limit=%D9%A3",  # three in Arabic digits
        "limit=9999999999999999999",
        "limit[]=1",
        "starting_after=",
        "ending_before[a]=b",
    ],
)
def test_what_the_api_would_refuse_is_no_window(query: str) -> None:
    assert str(window_of(asked(f"GET /v1/invoices?{query}"), PAGING)).startswith("the API refuses the ")


def test_two_cursors_are_no_window() -> None:
    why = window_of(asked("GET /v1/invoices?starting_after=in_1&ending_before=in_2"), PAGING)
    assert why == "the API refuses starting_after and ending_before at once, and no such refusal was recorded"
