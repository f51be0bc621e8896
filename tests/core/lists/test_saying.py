"""What pages say of how their list goes on, by the names of their members."""

from typing import Any

import pytest

from replayer.core.cassette import Cassette, Interaction
from replayer.core.lists.asking import spot_of
from replayer.core.lists.envelope import envelope
from replayer.core.lists.meanings import Taken
from replayer.core.lists.saying import Saying
from replayer.core.matching.index import Index
from replayer.core.rules.registry import INVOICE_RULES
from replayer.core.rules.ruleset import ByNumber, ByToken, Positional
from tests.core.build import answer, req

NAMES: dict[str, Any] = {
    "more": frozenset({"more"}), "last": frozenset({"last"}), "next": frozenset({"next", "metadata.continue"}),
    "total": frozenset({"total", "meta.all"}),
}  # fmt: skip
NUMBER = ByNumber(where=("page",), size=("size",), **NAMES)
TOKEN = ByToken(where=("cursor",), size=("size",), **NAMES)


def taken(query: str, count: int, style: Positional = NUMBER, **told: Any) -> Taken:
    """A page of so many objects that tells this besides."""
    response = answer({"rows": [{"id": number} for number in range(count)], **told})
    index = Index(Cassette((Interaction(req(f"GET /t?{query}"), response),)), INVOICE_RULES)
    found, spot = envelope(response, response.body.decode(), style), spot_of(index.entries[0].asked, style)
    assert found is not None
    assert spot is not None
    return Taken(index.entries[0], found, spot[1])


def saying(*pages: Taken, style: Positional = NUMBER) -> Saying:
    return Saying(pages, style)


@pytest.mark.parametrize(
    ("told", "more"),
    [
        ({"more": True}, True),
        ({"last": True}, False),
        ({"next": "/t?page=2"}, True),
        ({"next": None}, False),
        ({"metadata": {"continue": "abcdefgh"}}, True),
        ({"continue": "abcdefgh"}, None),
        ({}, None),
        ({"more": True, "next": None}, None),
    ],
)
def test_a_page_says_whether_there_are_more(told: dict[str, Any], more: bool | None) -> None:
    page = taken("page=1", 2, **told)
    assert saying(page).more(page) is more


def test_where_others_lead_on_one_that_does_not_is_the_last() -> None:
    page = taken("page=2", 2)
    assert saying(taken("page=1", 2, next="/t?page=2"), page).more(page) is False


def test_the_total_is_known_by_its_name_or_by_its_place() -> None:
    assert [saying(one).total(one) for one in (taken("", 2, total=7), taken("", 2, meta={"all": 8}))] == [7, 8]
    assert saying(taken("", 2)).total(taken("", 2, all=8)) is None


def test_a_page_is_as_long_as_those_without_a_size_that_were_followed() -> None:
    assert saying(taken("page=1", 3, more=True), taken("page=2", 2, more=False)).usual() == 3
    assert saying(taken("page=1", 3, more=True), taken("page=2", 2, more=True)).usual() is None
    assert saying(taken("page=1&size=3", 3, more=True)).usual() is None


def test_sizes_are_cut_where_all_pages_that_go_on_are_as_long_as_the_longest() -> None:
    first, second = taken("page=1&size=50", 4, more=True), taken("page=2&size=60", 4, more=True)
    assert saying(first, second).cuts(1) == {50: 4, 60: 4}
    assert saying(first, taken("page=2&size=50", 1, more=False)).cuts(1) == {50: 4}
    assert saying(first, taken("page=2&size=50", 3, more=True)).cuts(1) == {}
    assert saying(first, taken("page=1&size=5", 5, more=True)).cuts(1) == {}
    assert saying(first).cuts(1) == {}


def test_tokens_stand_by_themselves_or_in_links_and_numbers_and_other_addresses_are_none() -> None:
    for following, tokens in (
        ("aaaaBBBB1", ["aaaaBBBB1"]), ("/t?cursor=aaaaBBBB1", ["aaaaBBBB1"]), ("12345678", []), ("/other?x=1", []),
    ):  # fmt: skip
        page = taken("", 2, TOKEN, next=following)
        assert list(saying(page, style=TOKEN).tokens(page)) == tokens
    page = taken("", 2, next="aaaaBBBB1")
    assert list(saying(page).tokens(page)) == []
