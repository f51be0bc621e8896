"""Times in the text of a search."""

from typing import Any
from urllib.parse import quote

import pytest

from replayer.core.clock.fields import searched
from replayer.core.modes import Mode
from replayer.core.rules import registry
from tests.core.build import EPOCH, INVOICE, NOW, answer, forwarded, played, req, session, tell, value_of

RULES = registry.INVOICE_RULES


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("created>1795341600", [(1795341600, "gt")]),
        ("status:'open' AND created >= 1795341600 AND due_date<1795341601", [(1795341600, "gte"), (1795341601, "lt")]),
        ("created:1795341600 OR -created<=1795341600", [(1795341600, ""), (1795341600, "lte")]),
        ("total>1795341600 AND recreated>1795341600 AND metadata['created']:'1795341600'", []),
        ("created>17953416 AND created>1795341600.5 AND created>1795341600th", []),
    ],
)
def test_the_fields_that_are_times_are_found_with_how_they_are_compared(
    text: str, found: list[tuple[int, str]]
) -> None:
    seen: list[tuple[int, str]] = []

    def changed(seconds: int, comparison: str) -> int:
        seen.append((seconds, comparison))
        return seconds + 1

    told = searched(text, RULES, changed)
    assert seen == found
    assert searched(told, RULES, lambda seconds, _: seconds - 1) == text


@pytest.mark.parametrize("more", [{}, {"shifted_to": EPOCH + 400 * 86_400}])
def test_a_search_by_a_time_that_was_told_asks_the_upstream_by_the_real_one(more: dict[str, Any]) -> None:
    def search(seconds: int) -> str:
        return f"GET /v1/invoices/search?query={quote(f'created>{seconds}')}"

    make = req("POST /v1/invoices")
    to = session()
    created = value_of(tell(to, make, answer({"id": INVOICE, "created": int(NOW)}), NOW))["created"]
    assert forwarded(to, req(search(created))).request.target == search(int(NOW)).removeprefix("GET ")
    tell(to, req(search(created)), answer({"data": []}))
    of = session(to.cassette(), Mode.NONE, **more)
    shown = value_of(played(of, make))["created"]
    assert (shown == created) is not bool(more)
    assert value_of(played(of, req(search(shown)))) == {"data": []}
