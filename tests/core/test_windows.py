"""Which list, and which window of it, a request asks for."""

import pytest

from replayer.core.invoice_rules import INVOICE_RULES
from replayer.core.stretches import Window
from replayer.core.windows import scope_of, window_of
from tests.core.build import asked

PAGING = INVOICE_RULES.paging
assert PAGING is not None


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ("", Window(10)),
        ("limit=3", Window(3)),
        ("limit=0", Window(1)),
        ("limit=-1", Window(1)),
        ("limit=101", Window(100)),
        ("limit=1000000000", Window(100)),
        ("starting_after=in_a", Window(10, after="in_a")),
        ("ending_before=in_a&limit=2", Window(2, before="in_a")),
        ("status=open&limit=2", Window(2)),
    ],
)
def test_a_window_has_the_defaults_and_the_bounds_of_the_api(query: str, window: Window) -> None:
    assert PAGING is not None
    assert window_of(asked(f"GET /v1/invoices?{query}"), PAGING) == window


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("limit=x", "the API refuses the limit 'x'"),
        ("limit=", "the API refuses the limit ''"),
        ("limit=1.5", "the API refuses the limit '1.5'"),
        (f"limit={'9' * 19}", f"the API refuses the limit '{'9' * 19}'"),
        ("limit[]=1", "the API refuses the limit ['1']"),
        ("starting_after=", "the API refuses the starting_after ''"),
        ("ending_before[gt]=a", "the API refuses the ending_before {'gt': 'a'}"),
        ("starting_after=a&ending_before=b", "the API refuses starting_after and ending_before at once"),
    ],
)
def test_what_the_api_refuses_is_no_window(query: str, why: str) -> None:
    assert PAGING is not None
    assert window_of(asked(f"GET /v1/invoices?{query}"), PAGING) == f"{why}, and no such refusal was recorded"


def test_all_windows_of_a_list_are_of_one_scope() -> None:
    assert PAGING is not None
    whole = asked("GET /v1/invoices?status=open&created[gte]=1")
    for window in ("limit=3", "starting_after=in_a", "ending_before=in_b&limit=7"):
        assert scope_of(asked(f"GET /v1/invoices?{window}&created[gte]=1&status=open"), PAGING) == whole


@pytest.mark.parametrize("other", ["/v1/invoices?status=paid", "/v1/invoices", "/v1/customers?status=open"])
def test_another_list_has_another_scope(other: str) -> None:
    assert PAGING is not None
    one = scope_of(asked("GET /v1/invoices?status=open&limit=3"), PAGING)
    assert scope_of(asked(f"GET {other}"), PAGING).digest != one.digest
