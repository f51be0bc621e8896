"""Where lists end, whatever their last pages say; and pages that the API cuts."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from replayer.core.cassette import Interaction
from replayer.core.message.message import Response
from replayer.core.rules.registry import GENERIC_RULES
from replayer.core.rules.ruleset import ByNumber
from replayer.core.session.session import Session
from tests.core.build import JSON
from tests.core.lists.test_by_position import answered, asking, cassette, replay, why
from tests.core.lists.test_leading_back import things

MOST = 20
Api = Callable[[str], dict[str, Any]]


def offsets(count: int, *, total: bool = False) -> Api:
    """An API that takes a full page for one that is followed by others."""

    def answer(target: str) -> dict[str, Any]:
        asked = dict(parse_qsl(urlsplit(target).query))
        size, start = int(asked["limit"]), int(asked.get("offset", 0))
        rows = things(start, size, count)
        return {"items": rows, "has_more": len(rows) == size} | ({"total": count} if total else {})

    return answer


def links(count: int) -> Api:
    """The same with links."""

    def answer(target: str) -> dict[str, Any]:
        asked = dict(parse_qsl(urlsplit(target).query))
        size, page = int(asked["per_page"]), int(asked.get("page", 1))
        rows = things(page * size - size, size, count)
        return {
            "items": rows,
            "total": count,
            "next": f"?page={page + 1}&per_page={size}" if len(rows) == size else None,
        }

    return answer


def cut(count: int, *, echo: bool = False, linked: bool = False) -> Api:
    """An API that gives no more than it likes, and says so or not."""

    def answer(target: str) -> dict[str, Any]:
        asked = dict(parse_qsl(urlsplit(target).query))
        size, page = min(max(int(asked["per_page"]), 1), MOST), int(asked.get("page", 1))
        rows = things(page * size - size, size, count)
        told: dict[str, Any] = {"items": rows, "total": count} | ({"per_page": size} if echo else {})
        if linked:
            told["next"] = f"?page={page + 1}&per_page={asked['per_page']}" if page * size < count else None
        return told

    return answer


def of(api: Api, targets: Iterable[str], **more: Any) -> Session:
    return replay(
        cassette(
            Interaction(asking(target), Response(200, "OK", JSON, json.dumps(api(target)).encode()))
            for target in targets
        ),
        **more,
    )


def agreed(session: Session, api: Api, *targets: str) -> bool:
    """Whether pages are answered, each as by the API."""
    found = [(answered(session, target), target) for target in targets]
    assert all(told is None or json.loads(told[1]) == api(target) for told, target in found)
    return all(told is not None for told, _ in found)


@pytest.mark.parametrize("total", [True, False])
def test_where_a_full_last_page_told_that_there_are_more_others_do_too(total: bool) -> None:
    api = offsets(10, total=total)
    session = of(api, ["/t?limit=5", "/t?limit=5&offset=5", "/t?limit=5&offset=10"])
    assert agreed(session, api, "/t?limit=4", "/t?limit=4&offset=4", "/t?limit=4&offset=8")
    assert agreed(session, api, "/t?limit=2&offset=6", "/t?limit=2&offset=8", "/t?limit=2&offset=10")


def test_a_link_from_a_full_last_page_is_led_on_as_well() -> None:
    api = links(10)
    session = of(api, [f"/t?page={page}&per_page=5" for page in (1, 2, 3)])
    assert agreed(session, api, *(f"/t?page={page}&per_page=2" for page in (2, 4, 5, 6)))
    assert agreed(session, api, "/t?page=3&per_page=4")
    assert why(session, "/t?page=7&per_page=2") == (
        "the list ends at 10, and what is answered behind that was not recorded"
    )


def test_that_a_list_goes_on_is_taken_to_be_true_where_no_page_shows_that_it_is_not() -> None:
    session = of(offsets(12), ["/t?limit=5", "/t?limit=5&offset=5", "/t?limit=5&offset=10"])
    found = answered(session, "/t?limit=4&offset=8")
    assert found is not None
    assert json.loads(found[1])["has_more"] is False  # as the one page did that was the last


def test_where_full_last_pages_tell_both_none_is_told() -> None:
    def api(target: str) -> dict[str, Any]:
        return offsets(10, total=True)(target) | ({"has_more": False} if "limit=1&" in target else {})

    targets = ["/t?limit=5", "/t?limit=5&offset=5", "/t?limit=1&offset=9"]
    session = of(api, targets)
    assert agreed(session, api, "/t?limit=2", "/t?limit=4&offset=4")
    assert why(session, "/t?limit=2&offset=8") == (
        "of the full last pages some tell that there are more, and others do not"
    )


def test_an_empty_page_that_leads_on_is_not_the_end() -> None:
    pages = [{"items": things(0, 5), "next_cursor": "cursor-A005"}, {"items": [], "next_cursor": "cursor-B005"}]
    targets = ["/t?limit=5", "/t?limit=5&cursor=cursor-A005"]
    session = of(dict(zip(targets, pages, strict=True)).__getitem__, targets)
    found = answered(session, "/t?limit=3")
    assert found is not None
    assert json.loads(found[1])["next_cursor"]
    assert answered(session, "/t?limit=5&cursor=cursor-B005") is None


CUT = ["/t?page=1&per_page=50", "/t?page=2&per_page=50"]


@pytest.mark.parametrize("echo", [True, False])
def test_pages_that_are_cut_alike_tell_how_long_pages_are(echo: bool) -> None:
    api = cut(37, echo=echo)
    targets = [*CUT, *(f"/t?page={page}&per_page=10" for page in (1, 2, 3, 4))]
    for session in (of(api, CUT), of(api, targets), of(api, targets[::-1])):
        assert agreed(session, api, "/t?page=1&per_page=5", "/t?page=2&per_page=20", "/t?page=4&per_page=9")
        assert why(session, "/t?page=1&per_page=60") == "nothing recorded tells whether the API gives pages of 60"


def test_a_short_page_alone_may_be_short_for_another_reason() -> None:
    said = why(of(cut(37), CUT[:1]), "/t?page=1&per_page=5")
    assert said == "GET /t?page=1&per_page=50 has fewer objects than were asked for, and is not the last page"


def test_pages_of_various_lengths_are_not_cut() -> None:
    def api(target: str) -> dict[str, Any]:
        return {"items": things(0, 3) if "page=1&" in target else things(5, 4), "has_more": True}

    said = why(of(api, ["/t?page=1&per_page=5", "/t?page=2&per_page=5"]), "/t?page=1&per_page=2")
    assert said == "GET /t?page=1&per_page=5 has fewer objects than were asked for, and is not the last page"


DECLARED = ByNumber(
    where=("page",), size=("per_page",), default=10, least=1, most=MOST, first=1, total=frozenset({"total"})
)


def declared(api: Api, *targets: str) -> Session:
    return of(api, targets, rules=replace(GENERIC_RULES, paging=(DECLARED,)))


def test_sizes_are_pulled_into_the_range_of_the_rules() -> None:
    api = cut(37)
    twenties = [f"/t?page={page}&per_page=20" for page in (1, 2)]
    for session in (declared(api, *twenties), declared(api, *CUT)):
        assert agreed(session, api, *(f"/t?page=1&per_page={size}" for size in (21, 1000, 0, -3, 5)))
        assert agreed(session, api, "/t?page=2&per_page=30")


def test_a_size_that_is_pulled_is_told_only_as_it_was_recorded() -> None:
    """An API may repeat what it was asked for, or tell what it gives."""
    api = cut(37, echo=True)
    twenties = [f"/t?page={page}&per_page=20" for page in (1, 2)]
    unsure = declared(api, *twenties)
    assert agreed(unsure, api, "/t?page=1&per_page=7")
    assert why(unsure, "/t?page=1&per_page=50") == (
        "what per_page tells of that page does not follow from the recorded ones"
    )
    assert agreed(declared(api, *CUT), api, "/t?page=1&per_page=60", "/t?page=1&per_page=7")


def test_links_of_a_page_whose_size_is_pulled_are_not_known() -> None:
    api = cut(37, linked=True)
    session = declared(api, *CUT)
    assert agreed(session, api, "/t?page=1&per_page=7", "/t?page=3&per_page=7")
    assert why(session, "/t?page=1&per_page=60") == (
        "what next tells of that page does not follow from the recorded ones"
    )
