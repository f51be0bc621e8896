"""What the leaves of a list's envelope mean, by their names and by what recorded pages show."""

from typing import Any

from replayer.core.cassette import Cassette, Interaction
from replayer.core.lists.asking import spot_of
from replayer.core.lists.envelope import envelope
from replayer.core.lists.meanings import Meanings, Row, Taken
from replayer.core.lists.saying import plain
from replayer.core.lists.tellings import UNSURE, Value, Window
from replayer.core.matching.index import Index
from replayer.core.rules.registry import INVOICE_RULES
from replayer.core.rules.ruleset import ByOffset
from tests.core.build import answer, req

STYLE = ByOffset(
    where=("offset",), size=("limit",), more=frozenset({"more"}), total=frozenset({"total"}), sized=frozenset({"pages"})
)
LAST = Window(8, 2, 4, more=False, total=10)


def row(page: Window, **leaves: Any) -> Row:
    """A page that shows these, asked for by offset and limit."""
    response = answer({"rows": [], **leaves})
    interaction = Interaction(req(f"GET /things?offset={page.start}&limit={page.size}"), response)
    entry = Index(Cassette((interaction,)), INVOICE_RULES).entries[0]
    found, spot = envelope(response, response.body.decode(), STYLE), spot_of(entry.asked, STYLE)
    assert found is not None
    assert spot is not None
    return Row(Taken(entry, found, spot[1]), page, {path: plain(leaf) for path, leaf in found.leaves.items()})


def first(**leaves: Any) -> Row:
    return row(Window(0, 4, 4, more=True, total=10), **leaves)


def second(**leaves: Any) -> Row:
    return row(Window(4, 4, 4, more=True, total=10), **leaves)


def told(name: str, page: Window, *rows: Row) -> Value | object:
    meanings = Meanings(rows, STYLE, "/things")
    assert meanings.conflict == ""
    return meanings.of((name,), page)


def test_a_name_tells_a_meaning_that_one_page_could_not() -> None:
    assert told("more", LAST, first(more=True)) is False
    assert told("other", LAST, first(other=True)) is UNSURE


def test_a_name_that_is_not_kept_is_a_conflict() -> None:
    assert Meanings([first(more=False)], STYLE, "/things").conflict == (
        "what more tells in GET /things?offset=0&limit=4 is not so"
    )


def test_a_number_that_may_mean_several_things_is_told_where_they_agree() -> None:
    shorter = Window(4, 2, 2, more=True, total=10)
    assert told("n", shorter, first(n=4), second(n=4)) is UNSURE  # how many objects, the size, or always 4
    assert told("n", LAST, first(n=4), row(LAST, n=2)) == 2  # how many objects


def test_what_is_always_the_same_stays() -> None:
    assert told("kind", LAST, first(kind="things")) == "things"
    assert told("of", LAST, first(of=37), second(of=37)) == 37


def test_a_number_by_the_name_of_the_size_is_the_size() -> None:
    assert told("limit", LAST, first(limit=4), second(limit=4)) == 4
    assert told("limit", Window(4, 1, 3, more=None, total=None), first(limit=4)) == 3


def test_what_is_another_one_with_another_size_is_never_constant() -> None:
    smaller = Window(0, 2, 2, more=True, total=10)
    assert told("pages", smaller, first(pages=3), second(pages=3)) == 5
    assert told("n", smaller, first(n=3), second(n=3)) is UNSURE


def test_a_text_with_numbers_is_constant_only_where_two_pages_show_it() -> None:
    assert told("range", LAST, first(range="1-4")) is UNSURE
    assert told("range", LAST, first(range="v4"), second(range="v4")) == "v4"
    assert told("url", LAST, first(url="/v1/things")) == "/v1/things"


def test_a_text_that_changes_is_not_known() -> None:
    assert told("id", LAST, first(id="a"), second(id="b")) is UNSURE


def test_a_truth_is_one_of_the_ends_only_if_its_name_may_say_so() -> None:
    """It is true on all pages but the last, as if there were unread ones on each that is followed by another."""
    for name, value in (("isFinal", False), ("has-next", True), ("nextExists", True), ("IsLastPage", False)):
        assert told(name, LAST, first(**{name: value}), row(LAST, **{name: not value})) is (not value)
    for name in ("has_unread", "nextcloud", "unread", "friends"):
        assert told(name, first().page, first(**{name: True}), row(LAST, **{name: False})) is UNSURE
        assert told(name, LAST, first(**{name: True}), row(LAST, **{name: True})) is True


def test_one_page_tells_what_a_truth_is_only_by_a_name_that_can_be_nothing_else() -> None:
    assert told("IsTruncated", LAST, first(IsTruncated=True)) is False
    assert told("is_first", LAST, first(is_first=True)) is False
    assert told("done", LAST, first(done=False)) is UNSURE
    assert told("truncated", LAST, first(truncated=True)) is UNSURE


def test_a_truth_that_is_sometimes_missing_is_none_of_the_ends() -> None:
    assert told("unread", LAST, first(unread=True), row(LAST, unread=None)) is UNSURE


def test_an_array_beside_the_list_is_constant_only_where_two_pages_show_it() -> None:
    assert told("names", LAST, first(names=["a", "b"])) is UNSURE
    assert told("names", LAST, first(names=["a", "b"]), second(names=["a", "b"])) == '["a", "b"]'
    assert told("warnings", LAST, first(warnings={})) == "{}"
