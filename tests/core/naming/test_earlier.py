"""Earlier names: found by their place in the answer that was recorded before, and times by the object they are of."""

from typing import Any

from replayer.core.message import Response, bodies, leaves, shapes
from replayer.core.naming.earlier import Earlier
from tests.core.build import CUSTOMER, EPOCH, INVOICE, OTHER, answer

IDS = [f"evt_1UI6qsHIBYZYyePrZqHAeqd{letter}" for letter in "ABCDEFGH"]


def names(earlier: Earlier) -> list[str | None]:
    """What each id of the new answer was called before."""
    found = [
        *leaves.header_leaves(earlier.now.headers),
        *leaves.leaves(bodies.read(earlier.now.headers, earlier.now.body)),
    ]
    return [earlier.name_at(leaf, piece) for leaf in found for piece in shapes.ids(leaf.value)]


def test_a_name_is_found_where_it_stands_in_the_body_and_in_the_headers() -> None:
    old = answer({"data": [{"id": INVOICE, "url": f"/v1/{INVOICE}/of/{CUSTOMER}"}]}, ("Request-Id", IDS[0]))
    new = answer({"data": [{"id": OTHER, "url": f"/v1/{OTHER}/of/{CUSTOMER}", "x": OTHER}]}, ("Request-Id", IDS[1]))
    found = names(Earlier(old, new))
    assert [name for name in found if name] == [IDS[0], INVOICE, INVOICE, CUSTOMER]
    assert found[-1] is None


def events(*kinds: str, first: int = 0) -> Response:
    data: list[dict[str, Any]] = [{"id": IDS[first + at], "type": kind} for at, kind in enumerate(kinds)]
    return answer({"data": data})


def test_an_item_that_is_new_in_a_list_moves_no_other() -> None:
    earlier = Earlier(events("a", "b", "c"), events("new", "a", "b", "c", first=3))
    assert names(earlier) == [None, *IDS[:3]]
    assert names(Earlier(events("a", "b", "c"), events("c", first=3))) == [IDS[2]]


def test_times_are_found_by_the_object_that_they_are_of() -> None:
    old = answer({"data": [{"id": INVOICE, "created": EPOCH + 1}, {"id": OTHER, "created": EPOCH + 2}], "at": EPOCH})
    earlier = Earlier(old, answer({}))
    assert earlier.time_at(OTHER, "created") == EPOCH + 2
    assert earlier.time_at("", "at") == EPOCH
    assert earlier.time_at(CUSTOMER, "created") is None


def test_without_an_earlier_answer_there_are_no_names() -> None:
    assert names(Earlier(now=answer({"id": INVOICE}))) == [None]
    assert Earlier().time_at("", "at") is None
    assert names(Earlier(Response(204), answer({"id": INVOICE}))) == [None]
