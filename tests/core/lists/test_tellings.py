"""What an envelope tells of its page: read as what it was in every recorded page."""

import pytest

from replayer.core.lists.tellings import (
    LINKS,
    READINGS,
    UNSURE,
    Target,
    Unsure,
    Value,
    Window,
    more,
    next_page,
    no_more,
    pinned,
    read_as,
    same,
    total,
)
from replayer.core.rules.ruleset import ByNumber

STYLE = ByNumber(
    where=("page",), size=("limit",), more=frozenset({"more"}), last=frozenset({"last"}), next=frozenset({"next"}),
    total=frozenset({"total"}),
)  # fmt: skip
WALK = [Window(start, min(7, 20 - start), 7, start < 14, 20) for start in (0, 7, 14)]
OTHER = Window(4, 4, 4, more=True, total=20)
LATEST = Window(16, 4, 4, more=False, total=20)


@pytest.mark.parametrize(
    ("shown", "other", "latest"),
    [
        ([1, 2, 3], 2, 5),  # the number of the page, from 1
        ([0, 1, 2], 1, 4),
        ([2, 3, None], 3, None),  # of the next one
        ([None, 1, 2], 1, 4),  # of the previous one
        ([3, 3, 3], 5, 5),  # how many pages there are
        ([7, 7, 7], 4, 4),  # the size
        ([7, 7, 6], 4, 4),  # how many objects there are
        ([0, 7, 14], 4, 16),
        ([1, 8, 15], 5, 17),
        ([7, 14, 20], 8, 20),
        ([7, 14, None], 8, None),
        ([13, 6, 0], 12, 0),  # how many are left
        ([True, True, False], True, False),
        ([False, False, True], False, True),
        ([True, False, False], False, False),
        ([Target(7), Target(14), None], Target(8), None),
        ([None, Target(0), Target(7)], Target(0), Target(12)),
        ([Target(14)] * 3, Target(16), Target(16)),
    ],
)
def test_a_value_is_read_as_what_it_is_in_every_page(shown: list[Value], other: Value, latest: Value) -> None:
    alive = read_as(READINGS, list(zip(WALK, shown, strict=True)))
    assert alive
    assert all(same(reading(OTHER), other) for reading in alive)
    assert all(same(reading(LATEST), latest) for reading in alive)


def test_what_is_nothing_of_the_page_has_no_reading() -> None:
    assert read_as(READINGS, list(zip(WALK, (5, 9, 2), strict=True))) == ()


def test_one_page_leaves_several_readings_that_differ_elsewhere() -> None:
    alive = read_as(READINGS, [(WALK[0], 7)])
    assert {told for reading in alive if not isinstance(told := reading(LATEST), Unsure)} >= {4, 20}


def test_true_is_no_one() -> None:
    assert not same(True, 1)
    assert same(UNSURE, UNSURE)


@pytest.mark.parametrize(
    ("name", "value", "reading"),
    [
        ("more", True, more),
        ("last", False, no_more),
        ("total", 3, total),
        ("next", Target(3), next_page),
        ("self", Target(3), LINKS["self"]),
    ],
)
def test_some_names_tell_what_they_mean(name: str, value: Value, reading: object) -> None:
    assert pinned(name, value, STYLE) == (reading,)


@pytest.mark.parametrize(("name", "value"), [("more", 1), ("total", True), ("next", 3), ("last", 3), ("kind", True)])
def test_a_name_means_that_only_of_its_own_kind_of_value(name: str, value: Value) -> None:
    assert pinned(name, value, STYLE) == ()


@pytest.mark.parametrize("reading", READINGS)
def test_what_depends_on_a_size_that_is_not_known_is_not_known(reading: object) -> None:
    known = Window(4, 4, 4, more=True, total=20)
    unknown = Window(4, 4, None, more=True, total=20)
    assert callable(reading)
    other = Window(4, 4, 2, more=True, total=20)
    if not same(reading(known), reading(other)):
        assert reading(unknown) is UNSURE
