"""What a hint says of a page: what all hypotheses agree on that fit every recorded one."""

from typing import Any

import pytest

from replayer.core.cassette import Cassette, Interaction
from replayer.core.lists.envelope import envelope
from replayer.core.lists.hypotheses import LINKS, NUMBERS, Hypotheses
from replayer.core.lists.page import UNSURE, Bounds, CountedPage, RecordedPage, Span, Target, Value, plain, same
from replayer.core.lists.page_request import page_request
from replayer.core.matching import Index
from replayer.core.rules import registry, ruleset
from tests.core.build import answer, req

STYLE = ruleset.ByOffset(
    where=("offset",), size=("limit",), more=frozenset({"more"}), last=frozenset({"last"}), next=frozenset({"next"}),
    previous=frozenset({"previous", "prev"}), total=frozenset({"total"}), sized=frozenset({"pages"}),
)  # fmt: skip
TWENTY = Bounds(20, 20)
OPEN = Bounds(15, None)


def span(start: int, count: int, size: int | None = None, wanted: int | None = None) -> Span:
    length = count if size is None else size
    return Span(start, count, length, length if wanted is None else wanted)


WALK = [span(0, 7), span(7, 7), span(14, 6, 7)]
OTHER, LATEST = span(4, 4), span(16, 4)


def counted(page: Span, name: str, value: Any) -> CountedPage:
    """A page that says this under that name; a target stands for a link."""
    response = answer({"rows": [], name: None if isinstance(value, Target) else value})
    interaction = Interaction(req(f"GET /things?offset={page.start}&limit={page.size}"), response)
    entry = Index(Cassette((interaction,)), registry.INVOICE_RULES).entries[0]
    read, parts = envelope(response, response.body.decode(), STYLE), page_request(entry.asked, STYLE)
    assert read is not None
    assert parts is not None
    hints = read.hints.items()
    values = {path: value if isinstance(value, Target) else plain(hint) for path, hint in hints}
    return CountedPage(RecordedPage(entry, read, parts[1]), page, values)


def left(name: str, pages: list[Span], values: list[Any], bounds: Bounds) -> Hypotheses:
    shown = [counted(page, name, value) for page, value in zip(pages, values, strict=False)]
    return Hypotheses(shown, STYLE, "/things", bounds)


def said(name: str, values: list[Any], page: Span, bounds: Bounds = TWENTY, pages: list[Span] = WALK) -> Value:
    """What a hint of that name says of a page, that said these on the pages of a walk."""
    return left(name, pages, values, bounds).of((name,), page)


@pytest.mark.parametrize(
    ("shown", "other", "latest"),
    [
        ([1, 2, 3], 2, 5),  # the number of the page, from 1
        ([0, 1, 2], 1, 4),
        ([2, 3, None], 3, None),  # of the next one
        ([None, 1, 2], 1, 4),  # of the previous one
        ([7, 7, 6], 4, 4),  # how many objects there are
        ([0, 7, 14], 4, 16),
        ([1, 8, 15], 5, 17),
        ([7, 14, 20], 8, 20),
        ([7, 14, None], 8, None),
        ([13, 6, 0], 12, 0),  # how many are left
        ([Target(7), Target(14), None], Target(8), None),
        ([None, Target(0), Target(7)], Target(0), Target(12)),
        ([Target(14)] * 3, Target(16), Target(16)),
        ([9, 9, 9], 9, 9),
        (["a", "a", "a"], "a", "a"),
        ([None, None, None], None, None),
        ([True, True, True], True, True),
    ],
)
def test_a_hint_is_what_it_was_in_every_page(shown: list[Any], other: Value, latest: Value) -> None:
    assert said("x", shown, OTHER) == other
    assert said("x", shown, LATEST) == latest


@pytest.mark.parametrize(
    "shown", [[5, 9, 2], ["a", "b", "a"], [True, True, False], [False, True, True], [True, None, None], [1, "a", 1]]
)
def test_what_is_nothing_of_the_page_is_not_known(shown: list[Any]) -> None:
    """That a truth is of an end of the list, no page shows: there may be unread ones on all but the last."""
    assert said("x", shown, OTHER) is UNSURE
    assert left("unread", WALK, [True, True, False], TWENTY).of(("unread",), LATEST) is UNSURE


@pytest.mark.parametrize(
    ("name", "shown", "latest"),
    [
        ("more", [True, True, False], False),
        ("last", [False, False, True], True),
        ("total", [20, 20, 20], 20),
        ("has_prev", [False, True, True], True),
        ("hasPrevious", [False, True, True], True),
        ("isFirst", [True, False, False], False),
        ("next", [Target(7), Target(14), None], None),
        ("self", [Target(0), Target(7), Target(14)], Target(16)),
    ],
)
def test_some_names_are_known_by_the_rules(name: str, shown: list[Any], latest: Value) -> None:
    assert said(name, shown, LATEST) == latest
    assert left(name, WALK, shown, TWENTY).refuted() is None


@pytest.mark.parametrize(
    ("name", "shown"), [("more", [True, True, True]), ("total", [20, 19, 20]), ("next", [Target(7), Target(9), None])]
)
def test_what_is_not_what_its_name_says_is_refuted(name: str, shown: list[Any]) -> None:
    refuted = left(name, WALK, shown, TWENTY).refuted()
    assert refuted is not None
    assert refuted[0] == (name,)


def test_a_truth_that_is_called_like_a_page_may_always_be_so() -> None:
    assert said("has_prev", [False, False, False], LATEST) is False
    assert said("has_prev", [False], OTHER) is UNSURE
    assert said("has_prev", [False], span(0, 3)) is False


def test_numbers_that_fit_in_several_ways_are_known_where_they_agree() -> None:
    assert said("n", [7, 7], OTHER) is UNSURE  # the size, how many objects, or always 7
    assert said("n", [7, 7], span(7, 7)) == 7
    assert said("n", [7, 7, 7], span(0, 4)) is UNSURE  # always, or the size
    assert said("pages", [3, 3, 3], OTHER) == 5  # by the rules it is none that is always so
    assert said("pages", [3, 3, 3], span(0, 10)) == 2


def test_a_size_out_of_range_is_what_was_asked_for_or_what_came() -> None:
    pulled = span(0, 7, 7, 50)
    assert said("limit", [7, 7, 7], pulled) is UNSURE
    assert said("n", [7, 7, 6], pulled) == 7
    assert said("pages", [7, 7, 7], pulled) is UNSURE
    assert said("pages", [50], span(0, 7, 7, 60), pages=[pulled]) == 60


def test_a_text_with_numbers_and_an_array_are_constant_only_where_two_pages_show_it() -> None:
    assert said("x", ["1-7"], LATEST) is UNSURE
    assert said("x", ["v4", "v4"], LATEST) == "v4"
    assert said("x", ["/v1/things"], LATEST) == "/v1/things"
    assert said("x", [["a"]], LATEST) is UNSURE
    assert said("x", [["a"], ["a"]], LATEST) == '["a"]'
    assert said("x", [{}], LATEST) == "{}"


# -- while nobody knows where the list ends ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "other"),
    [
        ([1, 1], 1),  # always: the list has 15 at least, so it is neither a total nor a number of pages
        ([37, 37], UNSURE),  # always, or the total, or how many pages there are
        ([2, 2], UNSURE),  # always, or the last page, if they are counted from 0
        ([30, 23], UNSURE),  # how many are left, if there are 37, and then 29 are
        ([None, None], None),
        ([Target(14), Target(14)], UNSURE),  # the last page, of 15 to 21 objects
    ],
)
def test_a_hypothesis_is_left_with_each_end_that_it_fits(shown: list[Any], other: Value) -> None:
    expected = 29 if shown == [30, 23] else other
    assert said("x", shown, OTHER, OPEN) == expected


def test_what_differs_by_the_end_alone_is_known_where_that_is() -> None:
    for name, value in (("more", True), ("next", Target(7))):
        assert said(name, [value, Target(14) if name == "next" else value], span(11, 4), OPEN) is UNSURE
        assert said(name, [value, Target(14) if name == "next" else value], span(10, 4), OPEN) is not UNSURE


@pytest.mark.parametrize("one", [*NUMBERS, *(one for those in LINKS.values() for one in those)])
def test_what_depends_on_a_size_that_is_not_known_is_not_known(one: Any) -> None:
    known, other, unknown = Span(4, 4, 4, 4, 20), Span(4, 4, 2, 2, 20), Span(4, 4, None, None, 20)
    if not same(one(known), one(other)):
        assert one(unknown) is UNSURE


# -- remedies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "keys"),
    [([True, True, False], ["more"]), ([False, False, True], ["last"]), ([True, False, True], []), ([5, 9, 2], [])],
)
def test_the_keys_that_may_tell_what_a_hint_says_are_those_that_fit(shown: list[Any], keys: list[str]) -> None:
    assert list(left("x", WALK, shown, TWENTY).keys(("x",))) == keys


def test_true_is_no_one() -> None:
    assert not same(True, 1)
    assert same(UNSURE, UNSURE)
