"""Links and tokens of previous pages: to the first page, which many APIs do not number, and by tokens of their own."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from replayer.core.cassette import Interaction
from replayer.core.message import Response
from replayer.core.session import Session
from tests.core.build import JSON
from tests.core.lists.test_by_position import (
    agree,
    answered,
    api_of,
    asking,
    cassette,
    page_of,
    recorded,
    replay,
    walk,
    why,
)


def page(target: str, body: Any) -> Interaction:
    return Interaction(asking(target), Response(200, "OK", JSON, json.dumps(body).encode()))


def body_of(session: Session, target: str) -> Any:
    found = answered(session, target)
    assert found is not None, target
    return json.loads(found[1])


def things(start: int, size: int, count: int = 12) -> list[Any]:
    return [{"id": number} for number in range(start, min(start + size, count))]


def test_a_link_to_the_first_page_may_leave_its_number_out_and_others_not() -> None:
    api = api_of("drf", 37)
    session = replay(walk(api, 9))
    assert answered(session, page_of(api, 4, 0)) is not None
    assert answered(session, "/things?page=3&page_size=4") is None  # what was recorded was asked in another order
    followed = page_of(api, 4, None)
    for start in range(0, 37, 4):
        assert body_of(session, followed)["results"][0]["id"] == start + 1
        assert answered(session, followed) == ({}, api.answer(followed)[2])
        followed = page_of(api, 4, start + 4)


def test_how_a_link_to_a_page_behind_the_first_is_written_is_known_where_one_was_recorded() -> None:
    api = api_of("drf", 15)
    session = replay(cassette(recorded(api, f"/things?{page}page_size=10") for page in ("", "page=2&")))
    assert answered(session, "/things?page_size=5") == ({}, api.answer("/things?page_size=5")[2])
    assert why(session, "/things?page=3&page_size=5") == "what previous tells of that page does not follow"


def test_how_the_first_page_is_linked_is_not_known_from_links_to_others() -> None:
    api = api_of("drf", 37)
    targets = ["/things?page=1&page_size=20", *(f"/things?page={number}&page_size=4" for number in range(3, 11))]
    session = replay(cassette(recorded(api, target) for target in targets))
    assert answered(session, "/things?page=7&page_size=3") is not None
    assert why(session, "/things?page=2&page_size=4") == ("what previous tells of that page does not follow")


def test_the_first_page_is_the_one_that_has_no_previous_page() -> None:
    """Else it could be counted from 0 or from 1."""

    def told(number: int) -> Interaction:
        before = f"/t?page={number - 1}&per_page=5" if number > 1 else None
        following = f"/t?page={number + 1}&per_page=5" if number < 3 else None
        listed = {"users": things(number * 5 - 5, 5), "next_page": following, "previous_page": before}
        return page(f"/t?page={number}&per_page=5", listed)

    assert body_of(replay(cassette(map(told, (1, 2, 3)))), "/t?page=2&per_page=4") == {
        "users": things(4, 4), "next_page": "/t?page=3&per_page=4", "previous_page": "/t?page=1&per_page=4",
    }  # fmt: skip


def shop(start: int, back: str, where: str | None = None) -> Interaction:
    """A page of five, with tokens of the pages before and behind it."""
    links = {"next": f"/t?limit=5&page_info=next-A{start + 5:03}"} if start < 10 else {}
    links |= {"previous": f"/t?limit=5&page_info={back}"} if start else {}
    target = "/t?limit=5" + (f"&page_info={where}" if where else "")
    return page(target, {"products": things(start, 5), "links": links})


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["page_info"][0]


@pytest.mark.parametrize("back", ["prev-B", "next-A"])  # of a kind of their own, or those of the places
def test_tokens_lead_on_and_back_in_pages_of_other_sizes(back: str) -> None:
    recording = [shop(0, ""), shop(5, f"{back}000", "next-A005"), shop(10, f"{back}005", "next-A010")]
    session = replay(cassette(recording))
    link, links = "/t?limit=3", {}
    for start in (0, 3, 6, 9):
        body = body_of(session, link)
        links, link = body["links"], body["links"].get("next")
        assert body["products"] == things(start, 3)
        assert ("previous" in links, "next" in links) == (start > 0, start < 9)
    for start in (6, 3):
        body = body_of(session, links["previous"])
        assert body["products"] == things(start, 3)
        links = body["links"]
    assert why(session, links["previous"]) == "how the API writes such a page was not recorded"  # the first, by a token
    assert (answered(session, f"/t?limit=2&page_info={back}005") is not None) == (back == "next-A")


def test_a_token_that_leads_back_is_understood_in_pages_as_long_as_the_one_before_which_it_leads() -> None:
    """It may stand for where its page ends, and then begins elsewhere with another size."""
    session = replay(cassette([shop(0, ""), shop(5, "prev-B000", "next-A005"), shop(10, "prev-B005", "next-A010")]))
    link = body_of(session, "/t?limit=3&page_info=next-A010")["links"]["previous"]
    token = token_of(link)
    assert re.fullmatch(r"\w{9}", token)
    assert body_of(session, f"/t?limit=3&page_info={token}")["products"] == things(7, 3)
    assert "leads to no place" in why(session, f"/t?limit=2&page_info={token}")
    assert answered(session, "/t?limit=5&page_info=prev-B000") is None  # the first page, asked for in other words


def test_walks_by_links_both_ways_are_what_the_api_would_have_told() -> None:
    api = api_of("both ways")
    session = replay(walk(api, 7))
    assert agree(session, api, 3, None) is not None


def test_tokens_that_lead_back_to_no_place_of_their_own_are_not_understood() -> None:
    session = replay(cassette([shop(0, ""), shop(5, "same-B000", "next-A005"), shop(10, "same-B000", "next-A010")]))
    assert body_of(session, "/t?limit=3")["products"] == things(0, 3)
    assert why(session, "/t?limit=3&page_info=next-A005").startswith("what links.previous tells")


def test_a_link_to_the_whole_list_is_written_as_it_is() -> None:
    def told(number: int) -> Interaction:
        body = {"users": things(number * 5 - 5, 5), "total": 12, "list": "/t?kind=a"}
        return page(f"/t?kind=a&page={number}&per_page=5", body)

    session = replay(cassette(map(told, (1, 2, 3))))
    assert body_of(session, "/t?kind=a&page=2&per_page=4") == {
        "users": things(4, 4), "total": 12, "list": "/t?kind=a",
    }  # fmt: skip
