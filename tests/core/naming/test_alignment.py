"""Two versions of one value, place by place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.naming.earlier import aligned, looks
from tests.core.build import INVOICE, OTHER, values, values_in


def row(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, **more}


@pytest.mark.parametrize(
    ("old", "new", "place", "before"),
    [
        ([row("a"), row("b")], [row("new"), row("a"), row("b")], "[1].kind", "[0].kind"),
        ([row("a"), row("b")], [row("new"), row("a"), row("b")], "[0].kind", None),
        ([row("a"), row("b"), row("c")], [row("a"), row("c")], "[1].kind", "[2].kind"),
        ([row("a"), row("b")], [row("a"), row("changed")], "[1].kind", "[1].kind"),
        ({"x": [row("a", in_=[1, 2])]}, {"x": [row("new"), row("a", in_=[0, 1, 2])]}, "x[1].in_[2]", "x[0].in_[1]"),
        ({"x.y": [row("a")]}, {"x.y": [row("b"), row("a")]}, "x\\.y[1].kind", "x\\.y[0].kind"),
        ({"a": 1}, {"a": [1]}, "a[0]", "a[0]"),
    ],
)
def test_items_keep_their_place_whatever_stands_before_them(old: Any, new: Any, place: str, before: str | None) -> None:
    assert aligned(old, new)(place) == before


def test_ids_and_times_make_no_difference() -> None:
    assert looks({"id": INVOICE, "at": 1795305601, "n": 1}) == looks({"n": 1, "at": 1795350000, "id": OTHER})
    assert looks({"id": INVOICE, "n": 1}) != looks({"id": INVOICE, "n": 2})
    assert looks("2026-11-22T00:00:01Z") == looks("Sun, 22 Nov 2026 00:00:01 GMT")


@given(values)
def test_a_value_is_aligned_with_itself_place_by_place(value: Any) -> None:
    place = aligned(value, value)
    assert all(place(here) == here for here, _ in values_in(value))


@given(st.lists(st.integers(0, 9), max_size=8), st.lists(st.integers(0, 9), max_size=8))
def test_no_two_items_are_taken_for_one(old: list[int], new: list[int]) -> None:
    found = [before for index in range(len(new)) if (before := aligned(old, new)(f"[{index}]")) is not None]
    assert len(found) == len(set(found))
