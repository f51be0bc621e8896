"""Where lists end, whatever their last pages say; and pages that the API cuts."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from replayer.core.cassette import Interaction
from replayer.core.message import Response
from replayer.core.rules import registry, ruleset, table
from replayer.core.session import Session
from tests.core.build import JSON
from tests.core.lists.test_by_position import answered, asking, cassette, remedy, replay, why
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


@pytest.mark.parametrize("api", [offsets(10), offsets(10, total=True)])
def test_a_full_last_page_that_says_that_there_are_more_is_a_contradiction(api: Api) -> None:
    """What others say of their ends is not known then."""
    session = of(api, ["/t?limit=5", "/t?limit=5&offset=5", "/t?limit=5&offset=10"])
    assert "contradict each other: it has 10 objects or fewer, and GET /t" in why(session, "/t?limit=4")


def test_a_link_from_a_full_last_page_is_one_as_well() -> None:
    session = of(links(10), [f"/t?page={page}&per_page=5" for page in (1, 2, 3)])
    assert "contradict each other: it has 10 objects or fewer, and GET /t" in why(session, "/t?page=1&per_page=4")


def test_that_a_list_goes_on_is_taken_to_be_true_where_no_page_shows_that_it_is_not() -> None:
    session = of(offsets(12), ["/t?limit=5", "/t?limit=5&offset=5", "/t?limit=5&offset=10"])
    found = answered(session, "/t?limit=4&offset=8")
    assert found is not None
    assert json.loads(found[1])["has_more"] is False  # as the one page did that was the last


def test_an_empty_page_that_leads_on_shows_that_places_cannot_be_counted() -> None:
    pages = [{"items": things(0, 5), "next_cursor": "cursor-A005"}, {"items": [], "next_cursor": "cursor-B005"}]
    targets = ["/t?limit=5", "/t?limit=5&cursor=cursor-A005"]
    session = of(dict(zip(targets, pages, strict=True)).__getitem__, targets)
    assert why(session, "/t?limit=3").endswith("has fewer objects than were asked for, and is not the last page")


def test_an_empty_page_says_that_the_list_ends_before_it() -> None:
    def api(target: str) -> dict[str, Any]:
        return {"items": offsets(10)(target)["items"]}

    session = of(api, ["/t?limit=5", "/t?limit=5&offset=5", "/t?limit=5&offset=10"])
    assert agreed(session, api, "/t?limit=4", "/t?limit=4&offset=8")
    assert why(session, "/t?limit=4&offset=12") == (
        "the list ends at 10, and what is answered behind that was not recorded"
    )


# -- sizes that an API cuts -------------------------------------------------------------------------------------------

CUT = ["/t?page=1&per_page=50", "/t?page=2&per_page=50"]


def test_pages_that_are_cut_are_a_miss_that_gives_the_most_that_an_api_gives() -> None:
    api = cut(37)
    said = "GET /t?page=1&per_page=50 has fewer objects than were asked for, and is not the last page"
    session = of(api, CUT)
    assert why(session, "/t?page=1&per_page=5") == said
    line = remedy(session, "/t?page=1&per_page=5")
    assert line["paging"][0]["most"] == MOST
    told = of(api, CUT, rules=table.extended(registry.GENERIC_RULES, {"paging": [{**line["paging"][0], "first": 1}]}))
    assert agreed(told, api, "/t?page=1&per_page=5", "/t?page=2&per_page=20", "/t?page=4&per_page=9")
    assert agreed(told, api, "/t?page=1&per_page=60")


DECLARED = ruleset.ByNumber(
    where=("page",),
    size=("per_page",),
    default=10,
    least=1,
    most=MOST,
    first=1,
    total=frozenset({"total"}),
    sized=frozenset({"per_page"}),
)


def declared(api: Api, *targets: str) -> Session:
    return of(api, targets, rules=replace(registry.GENERIC_RULES, paging=(DECLARED,)))


def test_sizes_are_pulled_into_the_range_of_the_rules() -> None:
    api = cut(37)
    twenties = [f"/t?page={page}&per_page=20" for page in (1, 2)]
    for session in (declared(api, *twenties), declared(api, *CUT)):
        assert agreed(session, api, *(f"/t?page=1&per_page={size}" for size in (21, 1000, 0, -3, 5)))
        assert agreed(session, api, "/t?page=2&per_page=30")


@pytest.mark.parametrize("targets", [[f"/t?page={page}&per_page=20" for page in (1, 2)], CUT])
def test_a_size_that_is_pulled_is_known_only_as_it_was_recorded(targets: list[str]) -> None:
    """An API may repeat what it was asked for, or tell what it gives."""
    api = cut(45, echo=True)
    session = declared(api, *targets)
    assert agreed(session, api, "/t?page=1&per_page=7")
    if targets == CUT:
        assert agreed(session, api, "/t?page=1&per_page=60")
    else:
        assert why(session, "/t?page=1&per_page=50") == "what per_page tells of that page does not follow"


def test_links_of_a_page_whose_size_is_pulled_are_not_known() -> None:
    api = cut(37, linked=True)
    session = declared(api, *(f"/t?page={page}&per_page=20" for page in (1, 2)))
    assert agreed(session, api, "/t?page=1&per_page=7", "/t?page=2&per_page=7")
    assert why(session, "/t?page=1&per_page=60") == "what next tells of that page does not follow"
