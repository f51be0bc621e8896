"""What the headers of a list's pages tell of another one: nothing that is not so."""

import json
from typing import Any

import pytest

from replayer.core.cassette import Interaction
from replayer.core.message import Response
from replayer.core.rules import Rules, registry, table
from replayer.core.session import Session
from tests.core.build import JSON
from tests.core.lists.test_by_position import answered, asking, cassette, remedy, replay, why
from tests.core.lists.test_leading_back import things

COUNT = 12
ORIGIN = "https://api.things.test"


def paged(number: int, size: int = 5) -> dict[str, Any]:
    """What many APIs for .NET tell in one header."""
    following = f"{ORIGIN}/t?page={number + 1}&per_page={size}" if number * size < COUNT else None
    pages = -(-COUNT // size)
    return {"CurrentPage": number, "PageSize": size, "TotalPages": pages, "NextPageLink": following}


def page(number: int, *headers: tuple[str, str]) -> Interaction:
    body = json.dumps({"items": things(number * 5 - 5, 5, COUNT), "total": COUNT}).encode()
    target = f"/t?page={number}&per_page=5"
    return Interaction(asking(target), Response(200, "OK", (*JSON, *headers), body))


def session(
    name: str, *values: Any, rest: tuple[Interaction, ...] = (), rules: Rules = registry.GENERIC_RULES
) -> Session:
    """Pages that tell that in a header of that name, where it is not None."""
    pages = [
        page(number, *([(name, str(value))] if value is not None else []))
        for number, value in enumerate(values or (None, None, None), 1)
    ]
    return replay(cassette([*pages, *rest]), rules)


def told(of: Session, number: int = 2, size: int = 3) -> dict[str, str]:
    found = answered(of, f"/t?page={number}&per_page={size}")
    assert found is not None
    return found[0]


def lack(of: Session, number: int = 2, size: int = 3) -> str:
    return why(of, f"/t?page={number}&per_page={size}")


@pytest.mark.parametrize("name", ["Server", "X-Api-Version", "X-RateLimit-Limit"])
def test_a_header_that_is_the_same_on_all_pages_is_told(name: str) -> None:
    assert told(session(name, "a/1.2", "a/1.2", "a/1.2")) == {name: "a/1.2"}


def test_json_in_a_header_is_read_as_the_body_is() -> None:
    of = session("X-Pagination", *(json.dumps(paged(number)) for number in (1, 2, 3)))
    assert [json.loads(told(of, number)["X-Pagination"]) for number in (1, 2, 4)] == [paged(n, 3) for n in (1, 2, 4)]


def test_of_json_in_a_header_what_does_not_follow_is_named() -> None:
    of = session("X-Pagination", '{"first": 100}', '{"first": 105}', '{"first": 110}')
    assert lack(of) == "what x-pagination.first tells of that page does not follow"


def test_a_number_that_follows_is_computed() -> None:
    of = session("X-Remaining", 7, 2, 0)
    assert [told(of, number) for number in (1, 4)] == [{"X-Remaining": "9"}, {"X-Remaining": "0"}]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("X-First-Id", (100, 105, 110)),
        ("Pagination", ("page=1;size=5", "page=2;size=5", "page=3;size=5")),
        ("X-Whatever", ("a", "b", "c")),
    ],
)
def test_what_varies_and_does_not_follow_is_a_miss_that_names_it(name: str, values: tuple[Any, ...]) -> None:
    assert lack(session(name, *values)) == (f"what {name.lower()} tells of that page does not follow")


@pytest.mark.parametrize("name", ["X-Request-Cost", "X-RateLimit-Remaining", "X-Response-Time", "X-Request-Id"])
def test_what_varies_with_the_answer_is_left_out(name: str) -> None:
    assert told(session(name, "12", "9", "11")) == {}
    assert told(session(name, None, "9", None)) == {}


def test_what_two_equal_requests_were_answered_otherwise_is_a_miss_until_the_rules_say_that_it_is_passing() -> None:
    again = page(2, ("X-Whatever", "z"))
    of = session("X-Whatever", "a", "b", "c", rest=(again,))
    assert lack(of) == "what x-whatever tells of that page does not follow"
    line = remedy(of, "/t?page=2&per_page=3")
    assert line["paging"][0]["passing"] == "whatever"
    of = session("X-Whatever", "a", "b", "c", rest=(again,), rules=table.extended(registry.GENERIC_RULES, line))
    assert told(of) == {}


def test_where_an_answer_stands_is_left_out() -> None:
    of = session("Content-Location", *(f"/t?page={number}&per_page=5" for number in (1, 2, 3)))
    assert told(of) == {}


def test_a_header_that_only_pages_at_one_end_have_is_told_there() -> None:
    of = session("X-Whatever", None, "b", "b")
    assert told(of) == {"X-Whatever": "b"}
    assert told(of, 1) == {}


def test_a_header_that_some_pages_have_is_not_known_of_another_one() -> None:
    pages = [page(1), page(2, ("X-Whatever", "a")), page(3)]
    longer = Response(200, "OK", JSON, json.dumps({"items": things(4, 4, COUNT), "total": COUNT}).encode())
    of = replay(cassette([*pages, Interaction(asking("/t?page=2&per_page=4"), longer)]))
    assert lack(of) == "what x-whatever tells of that page does not follow"


def test_a_header_that_repeats_is_told_as_often() -> None:
    of = replay(cassette([page(number, ("Vary", "a"), ("Vary", "b")) for number in (1, 2, 3)]))
    found = answered(of, "/t?page=2&per_page=3")
    assert found is not None
    of = replay(cassette([page(number, ("X-Of", "a"), ("X-Of", f"b{number}")) for number in (1, 2, 3)]))
    assert lack(of) == "what x-of.2 tells of that page does not follow"
