"""How the pages of a list are asked for: which place a number, an offset or a token stands for."""

from dataclasses import replace

import pytest

from replayer.core.lists.offsets import Offsets, is_token
from replayer.core.lists.page import Target
from replayer.core.lists.page_request import PageRequest
from replayer.core.message import shapes
from replayer.core.rules import Positional, ruleset

TOKEN = ruleset.ByToken(where=("cursor",), size=("limit",))
NUMBER = ruleset.ByNumber(where=("page",), size=("limit",))
OFFSET = ruleset.ByOffset(where=("offset",), size=("limit",))
OPAQUE = "aGVsbG8gd29ybGQ"
UUID = "0b8e3c52-7c51-4f0e-9d7c-7b8f2f5f3a11"


def offsets(style: Positional, first: int = 0, default: int | None = 5, origin: str = "list") -> Offsets:
    return Offsets(replace(style, default=default), first, origin)


@pytest.mark.parametrize(
    ("style", "first", "where", "start"),
    [
        (NUMBER, 1, None, 0),
        (NUMBER, 1, "3", 20),
        (NUMBER, 0, "3", 30),
        (NUMBER, 1, "0", 0),
        (NUMBER, 1, "x", None),
        (OFFSET, 0, "7", 7),
        (OFFSET, 1, "7", 6),
        (OFFSET, 1, "0", None),
        (OFFSET, 0, "-1", None),
        (TOKEN, 0, "unknown0", None),
    ],
)
def test_a_page_begins_behind_so_many_objects(style: Positional, first: int, where: str | None, start: int) -> None:
    assert offsets(style, first).of(PageRequest(where, "10"), 10) == start


def test_what_is_asked_for_before_the_first_page_is_not_known() -> None:
    assert offsets(NUMBER, 1).requested(PageRequest("0", "5"), 5, 8) is None
    assert offsets(NUMBER, 0).requested(PageRequest("0", "5"), 5, 8) == 0


def test_where_a_page_begins_depends_on_its_size_only_if_pages_have_numbers() -> None:
    assert offsets(NUMBER, 1).of(PageRequest("3", None), None) is None
    assert offsets(NUMBER, 1).of(PageRequest("1", None), None) == 0
    assert offsets(OFFSET).of(PageRequest("3", None), None) == 3


@pytest.mark.parametrize(("style", "first", "text"), [(NUMBER, 1, "3"), (NUMBER, 0, "2"), (OFFSET, 0, "8")])
def test_a_place_is_asked_for_as_it_was_understood(style: Positional, first: int, text: str) -> None:
    to = offsets(style, first)
    assert to.written(Target(8), 4) == text
    assert to.of(PageRequest(text, "4"), 4) == 8


def test_between_two_pages_there_is_no_number() -> None:
    assert offsets(NUMBER, 1).written(Target(6), 4) is None
    assert offsets(NUMBER, 1).written(Target(6), None) is None


@pytest.mark.parametrize(("given", "size"), [(None, 5), ("3", 3), ("0", None), ("-1", None), ("x", None), ("99", 99)])
def test_a_size_is_what_was_asked_for(given: str | None, size: int | None) -> None:
    assert offsets(OFFSET).size(PageRequest(None, given)) == size


@pytest.mark.parametrize(("given", "size"), [("0", 1), ("-5", 1), ("3", 3), ("1000", 100), ("x", None), ("", None)])
def test_where_the_range_is_known_a_size_is_pulled_into_it(given: str, size: int | None) -> None:
    style = ruleset.ByOffset(where=("offset",), size=("limit",), least=1, most=100)
    assert offsets(style).size(PageRequest(None, given)) == size


@pytest.mark.parametrize("like", [OPAQUE, UUID, "in_1UI6qsHIBYZYyePrZqHAeqdY"])
def test_a_token_is_minted_in_the_shape_of_the_recorded_ones_and_understood(like: str) -> None:
    to = offsets(TOKEN)
    assert to.learn(like, Target(3))
    token = to.written(Target(5), 2)
    assert token is not None
    assert token != like
    assert (len(token), [one.shape for one in shapes.ids(token)]) == (
        len(like),
        [one.shape for one in shapes.ids(like)],
    )
    assert to.requested(PageRequest(token, "2"), 2, 8) == 5
    assert offsets(TOKEN).requested(PageRequest(token, "2"), 2, 8) is None


def test_tokens_of_two_lists_differ() -> None:
    one, other = offsets(TOKEN), offsets(TOKEN, origin="other")
    assert one.learn(OPAQUE, Target(3))
    assert other.learn(OPAQUE, Target(3))
    assert one.written(Target(5), 2) != other.written(Target(5), 2)


def test_a_recorded_token_is_used_and_of_several_the_first() -> None:
    to = offsets(TOKEN)
    assert to.learn(OPAQUE, Target(3))
    assert to.learn(OPAQUE[::-1], Target(3))
    assert to.written(Target(3), 2) == OPAQUE
    assert to.of(PageRequest(OPAQUE[::-1], "2"), 2) == 3


def test_a_token_leads_to_one_place_only() -> None:
    to = offsets(TOKEN)
    assert to.learn(OPAQUE, Target(3))
    assert not to.learn(OPAQUE, Target(4))


def test_without_a_recorded_token_nobody_knows_how_one_looks() -> None:
    assert offsets(TOKEN).written(Target(3), 2) is None


def test_the_number_of_a_page_is_no_token() -> None:
    assert not is_token("2")
    assert not is_token("1795350000")
    assert is_token(OPAQUE)


@pytest.mark.parametrize("where", ["01", "\u0661", "\uff11", "+1", "1.0", " 1", "1e0", "", "1_0"])
def test_what_only_looks_like_a_number_is_none(where: str) -> None:
    """APIs read that in various ways, or refuse it."""
    assert offsets(NUMBER, 1).of(PageRequest(where, "10"), 10) is None
    assert offsets(OFFSET).of(PageRequest(where, "10"), 10) is None
    assert offsets(OFFSET).size(PageRequest(None, where)) is None


def test_the_token_of_the_page_before_is_understood_in_pages_of_that_size() -> None:
    to = offsets(TOKEN)
    assert to.learn(OPAQUE, Target(5, 5))
    assert to.of(PageRequest(OPAQUE, "5"), 5) == 5
    assert to.of(PageRequest(OPAQUE, "3"), 3) is None
    token = to.written(Target(3, 3), 3)
    assert to.requested(PageRequest(token, "3"), 3, 8) == 3
    assert to.requested(PageRequest(token, "2"), 2, 8) is None


def test_one_token_may_lead_on_and_back_to_the_same_place() -> None:
    for targets in ((Target(5), Target(5, 5)), (Target(5, 5), Target(5))):
        to = offsets(TOKEN)
        assert [to.learn(OPAQUE, target) for target in targets] == [True, True]
        assert to.of(PageRequest(OPAQUE, "3"), 3) == 5
