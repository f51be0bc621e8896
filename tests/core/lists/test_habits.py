"""How an API tells a list is the same after a write; what is in it need not be."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from replayer.core.cassette import Interaction
from replayer.core.lists.habits import NONE, Habits, together
from replayer.core.lists.tellings import more, next_page
from replayer.core.message.message import Response
from replayer.core.session.session import Session
from replayer.core.session.verdicts import Replay
from tests.core.build import JSON, NOW, req
from tests.core.lists.test_by_position import answered, asking, cassette, replay, why
from tests.core.lists.test_ends_of_lists import Api, agreed, cut, offsets
from tests.core.lists.test_leading_back import things

WRITE = req("POST /t", "name=x")


def pages(api: Api, targets: Iterable[str]) -> list[Interaction]:
    return [
        Interaction(asking(target), Response(200, "OK", JSON, json.dumps(api(target)).encode())) for target in targets
    ]


def written(before: list[Interaction], after: list[Interaction]) -> Session:
    """A replay in which the write between the two was just made."""
    write = Interaction(WRITE, Response(201, "OK", JSON, b'{"id": 50}'))
    session = replay(cassette([*before, write, *after]))
    assert isinstance(session.decide(WRITE, NOW), Replay)
    return session


def numbers(count: int) -> Api:
    def answer(target: str) -> dict[str, Any]:
        asked = dict(pair.split("=") for pair in target.partition("?")[2].split("&"))
        size, page = int(asked["per_page"]), int(asked.get("page", 1))
        return {"items": things(page * size - size, size, count), "total": count, "page": page}

    return answer


FIVES = ["/t?page=1&per_page=5", "/t?page=2&per_page=5", "/t?page=3&per_page=5"]


def test_from_where_pages_are_counted_and_what_a_number_means_is_known_after_a_write() -> None:
    session = written(pages(numbers(12), FIVES), pages(numbers(13), FIVES[:1]))
    assert agreed(session, numbers(13), "/t?page=1&per_page=4", "/t?page=2&per_page=2")
    assert why(session, "/t?page=2&per_page=4") == "the object behind the first 5 of this list was not recorded"


def test_it_is_known_before_a_write_from_what_was_recorded_after_it() -> None:
    write = Interaction(WRITE, Response(201, "OK", JSON, b'{"id": 50}'))
    session = replay(cassette([*pages(numbers(13), FIVES[:1]), write, *pages(numbers(12), FIVES)]))
    assert agreed(session, numbers(13), "/t?page=1&per_page=4", "/t?page=2&per_page=2")


def test_where_the_first_page_after_a_write_is_asked_for_without_a_number_the_list_is_the_same_one() -> None:
    session = written(pages(numbers(12), FIVES), pages(numbers(13), ["/t?per_page=5"]))
    assert agreed(session, numbers(13), "/t?per_page=3", "/t?page=2&per_page=2")


def test_sizes_that_the_api_cuts_are_cut_after_a_write() -> None:
    before = pages(cut(37), ["/t?page=1&per_page=50", "/t?page=2&per_page=50"])
    session = written(before, pages(cut(38), ["/t?page=1&per_page=50"]))
    assert agreed(session, cut(38), "/t?page=1&per_page=5", "/t?page=1&per_page=20")


def test_full_last_pages_tell_of_more_after_a_write() -> None:
    before = pages(offsets(10, total=True), ["/t?limit=5", "/t?limit=5&offset=5"])
    session = written(before, pages(offsets(8, total=True), ["/t?limit=5", "/t?limit=5&offset=5"]))
    assert agreed(session, offsets(8, total=True), "/t?limit=4&offset=4", "/t?limit=3&offset=6")


def test_what_varied_before_a_write_is_not_always_the_same_after_it() -> None:
    def told(api: Api, targets: list[str], first: int) -> list[Interaction]:
        found = []
        for number, target in enumerate(targets):
            header = ("X-First-Id", str(first + number * 5))
            found.append(
                Interaction(asking(target), Response(200, "OK", (*JSON, header), json.dumps(api(target)).encode()))
            )
        return found

    session = written(told(numbers(12), FIVES, 100), told(numbers(13), FIVES[:1], 99))
    assert why(session, "/t?page=2&per_page=2") == (
        "what x-first-id tells of that page does not follow from the recorded ones"
    )


def test_what_contradicts_this_state_does_not_hold_in_it() -> None:
    """As if the API had been given another limit meanwhile."""
    before = pages(cut(37), ["/t?page=1&per_page=30", "/t?page=2&per_page=30"])
    session = written(before, pages(numbers(38), ["/t?page=1&per_page=30", "/t?page=2&per_page=30"]))
    found = answered(session, "/t?page=4&per_page=10")
    assert found is not None
    assert [one["id"] for one in json.loads(found[1])["items"]] == list(range(30, 38))


def test_another_list_has_habits_of_its_own() -> None:
    other = [one.replace("?", "?kind=a&") for one in FIVES]
    session = replay(cassette([*pages(numbers(12), FIVES), *pages(numbers(13), other[:1])]))
    assert why(session, "/t?kind=a&page=1&per_page=4") == (
        "nothing recorded tells whether the pages of this list are counted from 0 or from 1"
    )


@pytest.mark.parametrize("found", [[], [NONE, NONE]])
def test_of_nothing_nothing_is_known(found: list[Habits]) -> None:
    assert together(found) == NONE


def test_what_two_states_tell_is_put_together() -> None:
    a, b = ("a",), ("b",)
    one = Habits(5, {50: 20, 60: 20}, frozenset({"page"}), 20, readings={a: frozenset({more, next_page})})
    other = Habits(
        None, {50: 10, 70: 10}, frozenset({"size"}), 7, boasts=True, readings={a: frozenset({more}), b: frozenset()}
    )
    assert together([one, other]) == Habits(
        5, {60: 20, 70: 10}, frozenset({"page", "size"}), 20, boasts=True,
        readings={a: frozenset({more}), b: frozenset()},
    )  # fmt: skip
