"""What is said where pages were recorded that no rule knows; and lists that the generic rules know by themselves."""

import json
from typing import Any

import pytest

from replayer.core.cassette import Interaction
from replayer.core.lists.remedies import NO_NEXT
from replayer.core.message import Response
from replayer.core.rules import registry, table
from replayer.core.session import Session, verdicts
from tests.core.build import JSON, NOW, req
from tests.core.lists.test_by_position import answered, asking, cassette, remedied, replay, why
from tests.core.lists.test_ends_of_lists import agreed, of
from tests.core.lists.test_leading_back import body_of, page, things

STRINGS = {"names": ["a", "b"], "total": 4}
UNKNOWN = "no rule tells what {} means"
NO_OBJECTS = "{} in its answers holds no objects, and pages of other values are not understood"
BESIDE = "no rule tells what {} means beside {}"
TWO = {"users": things(0, 2), "groups": things(0, 2)}
GRAPH = {
    "data": {"things": {"edges": [{"node": {"id": 1}}], "pageInfo": {"hasNextPage": True, "endCursor": "aB3dEfGh"}}}
}


@pytest.mark.parametrize(
    ("recorded", "body", "asked", "said"),
    [
        ("limit=2", STRINGS, "limit=3", NO_OBJECTS.format("names")),
        ("limit=2", ["a"], "limit=3", NO_OBJECTS.format("the list")),
        (
            "page=1", TWO, "page=2",
            "its answers hold several lists (users, groups), and no rule tells by `items` which one has pages",
        ),
        ("limit=2", {"things": things(0, 2)}, "limit=2&after_id=1", UNKNOWN.format("after_id")),
        ("limit=2&last_id=4", {"things": things(0, 2)}, "limit=3&lastId=1", UNKNOWN.format("last_id and lastId")),
        ("first=2", GRAPH, "first=3&after=aB3dEfGh", NO_NEXT),
        ("page=1&count=2", {"things": things(0, 2)}, "page=1&count=3", BESIDE.format("count", "page")),
        ("skip=0&first=2", {"things": things(0, 2)}, "skip=2&first=3", BESIDE.format("first", "skip")),
        ("page=1&limit=2", {"things": things(0, 2)}, "page=1&offset=3", UNKNOWN.format("offset") + " beside page"),
    ],
)  # fmt: skip
def test_a_miss_says_why_recorded_pages_are_not_understood(recorded: str, body: Any, asked: str, said: str) -> None:
    assert why(replay(cassette([page(f"/t?{recorded}", body)])), f"/t?{asked}") == said


@pytest.mark.parametrize(
    ("recorded", "body", "asked"),
    [
        ("/t?limit=2", {"id": 1}, "/t?limit=3"),
        ("/t?kind=a", STRINGS, "/t?kind=b"),
        ("/t?start_date=2026-01-01", STRINGS, "/t?start_date=2026-01-02"),
        ("/t?limit=2", STRINGS, "/other?limit=2"),
        ("/t?limit=2&kind=a", STRINGS, "/t?limit=3&kind=b"),
        ("/t?page=2&limit=2&kind=a&kind=b", STRINGS, "/t?page=1&limit=2&kind=b"),
    ],
)
def test_of_what_is_no_page_of_the_same_list_nothing_is_said(recorded: str, body: Any, asked: str) -> None:
    assert why(replay(cassette([page(recorded, body)])), asked) == ""


def test_the_line_that_a_miss_gives_tells_what_was_not_understood() -> None:
    recording = cassette([page(f"/t?page={n}&count=5", {"t": things(n * 5 - 5, 5), "total": 10}) for n in (1, 2)])
    found = remedied(recording, "/t?page=1&count=3")
    assert found is not None
    assert json.loads(found[1]) == {"t": things(0, 3), "total": 10}


def test_pages_that_were_recorded_in_another_state_are_mentioned() -> None:
    write = Interaction(req("POST /t", "a=b"), Response(201, "OK", JSON, b'{"id": 9}'))
    session = replay(
        cassette([page(f"/t?page={n}&size=5", {"t": things(n * 5, 5), "total": 10}) for n in (0, 1)] + [write])
    )
    assert isinstance(session.decide(write.request, NOW), verdicts.Replay)
    assert why(session, "/t?page=1&size=2") == "its pages were recorded with other writes before them"


# -- lists of some kinds ----------------------------------------------------------------------------------------------


def pods(start: int, size: int) -> dict[str, Any]:
    """As Kubernetes tells them."""
    left = 12 - start - size
    metadata = {"resourceVersion": "7"} | (
        {"continue": f"eyJ2IjoibWV0YTAwM{start}", "remainingItemCount": left} if left > 0 else {}
    )
    return {
        "kind": "PodList",
        "metadata": metadata,
        "items": [{"metadata": {"name": f"pod-{n}"}} for n in range(start, min(start + size, 12))],
    }


def walk(key: str = "continue") -> list[Interaction]:
    found, target = [], "/pods?limit=5"
    for start in (0, 5, 10):
        body = pods(start, 5)
        if key != "continue" and "continue" in body["metadata"]:
            body["metadata"][key] = body["metadata"].pop("continue")
        found.append(page(target, body))
        target = f"/pods?limit=5&{key}={body['metadata'].get(key)}"
    return found


def names(session: Session, key: str) -> list[str]:
    """All objects of a walk in pages of four."""
    found, target = [], "/pods?limit=4"
    while target:
        body = body_of(session, target)
        found += [one["metadata"]["name"] for one in body["items"]]
        left = body["metadata"].get("remainingItemCount", 0)
        assert left == 12 - len(found)
        target = f"/pods?limit=4&{key}={body['metadata'][key]}" if left else ""
    return found


def test_a_token_that_is_called_continue_leads_on() -> None:
    assert names(replay(cassette(walk())), "continue") == [f"pod-{number}" for number in range(12)]


@pytest.mark.parametrize("called", ["onwards", "metadata.onwards"])
def test_what_leads_on_is_declared_by_its_name_or_by_its_place(called: str) -> None:
    assert answered(replay(cassette(walk("onwards"))), "/pods?limit=4") is None
    style = {"style": "token", "where": "onwards", "size": "limit", "next": called}
    rules = table.extended(registry.GENERIC_RULES, {"paging": [style]})
    assert names(replay(cassette(walk("onwards")), rules), "onwards") == [f"pod-{number}" for number in range(12)]
    elsewhere = table.extended(registry.GENERIC_RULES, {"paging": [style | {"next": "other.onwards"}]})
    assert answered(replay(cassette(walk("onwards")), elsewhere), "/pods?limit=4") is None


def users(target: str) -> dict[str, Any]:
    """As SCIM tells them: counted from 1."""
    asked = dict(pair.split("=") for pair in target.partition("?")[2].split("&"))
    start, count = int(asked.get("startIndex", 1)), int(asked["count"])
    rows = things(start - 1, count)
    return {
        "schemas": ["ListResponse"],
        "totalResults": 12,
        "startIndex": start,
        "itemsPerPage": len(rows),
        "Resources": rows,
    }


def test_objects_that_are_counted_from_1_are_found_by_their_numbers() -> None:
    session = of(users, ["/Users?count=5", "/Users?startIndex=6&count=5", "/Users?startIndex=11&count=5"])
    assert isinstance(session.decide(asking("/Users?startIndex=0&count=5"), NOW), verdicts.Refuse)
    assert agreed(session, users, *(f"/Users?startIndex={start}&count=4" for start in (2, 5, 9, 11)), "/Users?count=3")
