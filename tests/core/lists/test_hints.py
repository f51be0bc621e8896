"""What members tell by their names: sizes that were asked for, and numbers that are called like these."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from replayer.core.cassette import Interaction
from replayer.core.rules import registry, table
from replayer.core.session import Session
from tests.core.lists.test_by_position import answered, cassette, remedy, replay, why
from tests.core.lists.test_ends_of_lists import Api, agreed, of
from tests.core.lists.test_leading_back import body_of, page, things

COUNT = 12
UNKNOWN = "what {} tells of that page does not follow"
Tells = Callable[[int, int], dict[str, Any]]


def telling(tells: Tells, where: str = "offset", size: str = "count", first: int = 0) -> Api:
    """An API whose pages tell what that gives for their start and their size."""

    def answer(target: str) -> dict[str, Any]:
        asked = dict(parse_qsl(urlsplit(target).query))
        length, begin = int(asked[size]), int(asked.get(where, first)) - first
        start = begin * length if where == "page" else begin
        return {"items": things(start, length, COUNT), **tells(start, length)}

    return answer


def left(start: int, size: int) -> int:
    """How many objects such a page has."""
    return max(min(size, COUNT - start), 0)


@pytest.mark.parametrize(
    ("where", "name", "first", "recorded", "full", "short"),
    [
        ("offset", "count", 0, (0, 4, 8), 2, 10),
        ("offset", "limit", 0, (0, 4, 8), 2, 10),
        ("offset", "pageSize", 0, (0, 4, 8), 2, 10),
        ("startIndex", "count", 1, (1, 5, 9), 3, 11),
    ],
)
def test_a_size_is_told_from_how_many_objects_a_page_has_by_one_that_is_shorter(
    where: str, name: str, first: int, recorded: tuple[int, ...], full: int, short: int
) -> None:
    def target(at: int, size: int) -> str:
        return f"/t?{where}={at}&{name}={size}"

    echo = telling(lambda _, size: {name: size, "total": COUNT}, where, name, first)
    count = telling(lambda start, size: {name: left(start, size), "total": COUNT}, where, name, first)
    for api in (echo, count):
        pages = [target(at, 4) for at in recorded]
        assert agreed(of(api, pages), api, target(full, 3))
        assert why(of(api, pages), target(short, 3)) == UNKNOWN.format(name)
        assert agreed(of(api, [*pages, target(short, 4)]), api, target(full, 3), target(short, 3))


def test_a_number_by_the_name_of_the_size_may_be_how_many_objects_the_list_has() -> None:
    whole = page("/t?offset=0&count=6", {"items": things(0, 6), "count": 6, "total": 6})
    assert answered(replay(cassette([whole])), "/t?offset=1&count=3") is None
    linked = [
        page(f"/t?offset={start}&count=2", {"items": things(start, 2), "count": 2, "next": following})
        for start, following in (
            (0, "/t?offset=2&count=2"),
            (2, "/t?offset=4&count=2"),
            (4, "/t?offset=6&count=2"),
            (6, None),
        )
    ]
    assert body_of(replay(cassette(linked)), "/t?offset=3&count=1")["count"] == 1  # the list has more than 2


# -- while nobody knows where the list ends ----------------------------------------------------------------------------


def open_ended(**more: Any) -> Api:
    return telling(lambda start, size: {"has_more": start + size < COUNT, **more}, size="limit")


@pytest.mark.parametrize(
    "same",
    [{"object": "list"}, {"error": None}, {"version": 1}, {"meta": {}}, {"ok": True}, {"names": ["a"]}, {"v": 1.5}],
)
def test_what_is_always_the_same_stays_where_the_end_of_the_list_is_not_known(same: dict[str, Any]) -> None:
    api = open_ended(**same)
    session = of(api, ["/t?offset=0&limit=4", "/t?offset=4&limit=4"])
    assert agreed(session, api, "/t?offset=2&limit=3", "/t?offset=0&limit=2")


@pytest.mark.parametrize("name", ["pages", "lastpage", "remaining", "of", "nbHits", "last_offset"])
def test_a_number_that_may_speak_of_the_end_is_not_taken_for_constant(name: str) -> None:
    session = of(open_ended(**{name: 3}), ["/t?offset=0&limit=4", "/t?offset=4&limit=4"])
    assert why(session, "/t?offset=2&limit=3") == UNKNOWN.format(name)


def test_a_number_that_a_page_decides_to_be_another_is_not_taken_for_constant() -> None:
    session = of(open_ended(version=4), ["/t?offset=0&limit=4", "/t?offset=4&limit=4"])
    assert why(session, "/t?offset=2&limit=3") == UNKNOWN.format("version")  # or how many objects the page has


def test_a_null_may_be_the_page_before_the_first() -> None:
    session = of(open_ended(earlier=None), ["/t?offset=0&limit=4"])
    assert why(session, "/t?offset=2&limit=2") != ""


# -- true and false ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("true", "false"), [("true", "false"), ("True", "False"), ("TRUE", "FALSE")])
@pytest.mark.parametrize("body", [{}, {"total": COUNT}])
def test_a_header_that_says_whether_there_are_more_is_told_in_its_own_form(
    true: str, false: str, body: dict[str, Any]
) -> None:
    def recorded(start: int) -> Interaction:
        more = (("X-Has-More", true if start + 4 < COUNT else false),)
        one = page(f"/t?offset={start}&limit=4", {"items": things(start, 4), **body})
        return replace(one, response=replace(one.response, headers=(*one.response.headers, *more)))

    def told(session: Session, target: str) -> str:
        found = answered(session, target)
        assert found is not None, target
        return found[0]["X-Has-More"]

    session = replay(cassette(map(recorded, (0, 4, 8))))
    assert [told(session, f"/t?offset={start}&limit=3") for start in (2, 8, 9)] == [true, true, false]
    first_two = replay(cassette(map(recorded, (0, 4))))
    assert told(first_two, "/t?offset=2&limit=3") == true


ENDS = [("truncated", "more"), ("IsTruncated", "more"), ("moreResults", "more"), ("end", "last"), ("done", "last")]


@pytest.mark.parametrize(("name", "key"), ENDS)
def test_a_truth_that_no_rule_names_is_a_miss_that_gives_the_line_which_does(name: str, key: str) -> None:
    def tells(start: int, size: int) -> dict[str, Any]:
        return {"total": COUNT, name: (start + size < COUNT) is (key == "more")}

    api = telling(tells, size="limit")
    targets = ["/t?offset=0&limit=8", "/t?offset=8&limit=8"]
    assert why(of(api, targets), "/t?offset=0&limit=3") == UNKNOWN.format(name)
    line = remedy(of(api, targets), "/t?offset=0&limit=3")
    assert line["paging"][0][key] == name
    session = of(api, targets, rules=table.extended(registry.GENERIC_RULES, line))
    assert agreed(session, api, *(f"/t?offset={start}&limit=3" for start in (0, 3, 8, 9)))


@pytest.mark.parametrize(
    ("name", "is_first"),
    [("has_previous", False), ("hasPreviousPage", False), ("hasPrev", False), ("first", True), ("isFirst", True)],
)
def test_a_truth_that_is_called_like_a_page_is_whether_there_is_one(name: str, is_first: bool) -> None:
    api = telling(lambda start, _: {"total": COUNT, name: (start == 0) is is_first}, size="limit")
    session = of(api, ["/t?offset=0&limit=8", "/t?offset=8&limit=8"])
    assert agreed(session, api, *(f"/t?offset={start}&limit=3" for start in (0, 3, 8, 9)))


@pytest.mark.parametrize("name", ["truncated", "done", "has_previous", "hasPrevious", "first", "is_first", "anything"])
@pytest.mark.parametrize("value", [True, False])
def test_a_truth_that_is_always_the_same_though_pages_differ_is_another_thing(name: str, value: bool) -> None:
    api = telling(lambda *_: {"total": COUNT, name: value}, size="limit")
    session = of(api, [f"/t?offset={start}&limit=4" for start in (0, 4, 8)])
    assert agreed(session, api, *(f"/t?offset={start}&limit=3" for start in (0, 3, 8, 9)))


@pytest.mark.parametrize("name", ["done", "truncated", "first", "is_truncated"])
def test_a_truth_that_pages_contradict_is_not_told(name: str) -> None:
    def tells(start: int, _: int) -> dict[str, Any]:
        return {"total": COUNT, name: start == 4}

    session = of(telling(tells, size="limit"), [f"/t?offset={start}&limit=4" for start in (0, 4, 8)])
    assert why(session, "/t?offset=2&limit=3") == UNKNOWN.format(name)


# -- what is another number for another size ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pages", "num_pages", "nb_pages", "nbPages", "totalPages", "Pages"])
def test_how_many_pages_there_are_depends_on_their_size(name: str) -> None:
    api = telling(lambda _, size: {name: -(-COUNT // size), "total": COUNT}, "page", "per_page", 1)
    session = of(api, [f"/t?page={number}&per_page=5" for number in (1, 2, 3)])
    assert agreed(session, api, "/t?page=1&per_page=3", "/t?page=2&per_page=4", "/t?page=4&per_page=3")


@pytest.mark.parametrize("name", ["itemsPerPage", "hitsPerPage", "results_per_page"])
def test_how_long_pages_are_is_the_size_that_was_asked_for(name: str) -> None:
    api = telling(lambda _, size: {name: size, "total": COUNT}, "page", "per_page", 1)
    session = of(api, [f"/t?page={number}&per_page=5" for number in (1, 2, 3)])
    assert agreed(session, api, "/t?page=1&per_page=3", "/t?page=2&per_page=4", "/t?page=4&per_page=3")


@pytest.mark.parametrize("name", ["pages", "total_pages", "pageCount"])
@pytest.mark.parametrize("numbers", [(1, 2), (1, 2, 3)])
def test_a_number_of_pages_that_cannot_be_so_is_not_told(name: str, numbers: tuple[int, ...]) -> None:
    api = telling(lambda *_: {name: 4, "total": COUNT}, "page", "per_page", 1)
    session = of(api, [f"/t?page={number}&per_page=5" for number in numbers])
    assert why(session, "/t?page=2&per_page=3") == UNKNOWN.format(name)
