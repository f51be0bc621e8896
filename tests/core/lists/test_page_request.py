"""Which page of which list a request asks for, and which one a link leads to."""

import pytest

from replayer.core.lists.page_request import PageRequest, led, linked, page_request
from replayer.core.rules import ruleset
from tests.core.build import ORIGIN, asked

STYLE = ruleset.ByNumber(where=("page", "page[number]"), size=("limit", "page[size]"))


@pytest.mark.parametrize(
    ("query", "request_"),
    [
        ("", PageRequest(None, None)),
        ("page=2&limit=3", PageRequest("2", "3", ("page", "limit"))),
        ("limit=3", PageRequest(None, "3", ("limit",))),
        ("page[number]=2&page[size]=3", PageRequest("2", "3", ("page[number]", "page[size]"))),
    ],
)
def test_a_request_is_for_a_list_and_a_place_in_it(query: str, request_: PageRequest) -> None:
    found = page_request(asked(f"GET /things?{query}"), STYLE)
    assert found is not None
    assert found[0].digest == asked("GET /things").digest
    assert found[1] == request_


def test_filters_belong_to_the_list() -> None:
    found = page_request(asked("GET /things?page[number]=2&kind=a&page[kind]=b"), STYLE)
    assert found is not None
    assert found[0].query == {"kind": "a", "page": {"kind": "b"}}


@pytest.mark.parametrize("query", ["limit=3&page[size]=3", "limit[]=3"])
def test_what_says_it_in_two_ways_is_not_understood(query: str) -> None:
    assert page_request(asked(f"GET /things?{query}"), STYLE) is None


@pytest.mark.parametrize(
    "link", [f"{ORIGIN}/things?kind=a&page=3", "/things?page=3&kind=a", "?kind=a&page=3", "things?kind=a&page=3"]
)
def test_a_link_leads_to_another_page_of_the_same_list(link: str) -> None:
    found = linked(link, asked("GET /things?kind=a&page=2&limit=9"), ORIGIN, STYLE)
    assert found is not None
    assert (found.where, found.size) == ("3", None)


@pytest.mark.parametrize(
    "link", ["https://other.test/things?kind=a&page=3", "/others?kind=a&page=3", "/things?page=3", "http://[?page=3"]
)
def test_a_link_to_another_list_is_none(link: str) -> None:
    assert linked(link, asked("GET /things?kind=a&page=2"), ORIGIN, STYLE) is None


def test_a_link_is_led_elsewhere_and_else_stays_as_it_is() -> None:
    link = "https://api.test/things?q=a%20b+c&limit=3&page=2&x#top"
    assert led(link, PageRequest("11", "5"), STYLE) == "https://api.test/things?q=a%20b+c&limit=5&page=11&x#top"
    assert led("/things?page[number]=2", PageRequest("a/b=", None), STYLE) == "/things?page[number]=a%2Fb%3D"


@pytest.mark.parametrize("request_", [PageRequest("2", "5"), PageRequest(None, None), PageRequest(None, "5")])
def test_a_link_that_does_not_say_so_cannot_be_led_there(request_: PageRequest) -> None:
    assert led("/things?page=2", request_, STYLE) is None
