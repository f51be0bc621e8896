"""Lists in the text of an answer: taken out, put back, and put elsewhere without a changed letter."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from replayer.core.lists.listing import Listing, ObjectText, listing, nested
from replayer.core.rules import registry
from tests.core.build import strings, values

PAGING = registry.INVOICE_RULES.by_id
assert PAGING is not None

# What looks like the form of a text, inside of strings that must stay as they are.
awkward = strings | st.sampled_from(
    [
        "[",
        "]",
        "}, {",
        '"data": [',
        "\\",
        '\\"',
        "\n",
        "\r\n  ",
        "\t",
        "\u2028",
        '\n    "id": 1',
        ",\n      {",
        "\ud800",
    ]
)
things = st.dictionaries(strings, values | awkward | st.lists(awkward, max_size=3), max_size=4)


@dataclass(frozen=True)
class Style:
    """How some server prints JSON."""

    indent: int | str | None = None
    separators: tuple[str, str] | None = None
    ascii: bool = True
    line_end: str = "\n"

    def print(self, value: Any) -> str:
        text = json.dumps(value, indent=self.indent, separators=self.separators, ensure_ascii=self.ascii)
        return text.replace("\n", self.line_end)


STYLES = (
    Style(),
    Style(separators=(",", ":")),
    Style(separators=(" , ", " : ")),
    Style(2),
    Style(4, (",", ":")),
    Style("\t"),
    Style(0),
    Style(2, line_end="\r\n"),
    Style("\t", line_end="\r\n"),
)


@st.composite
def styles(draw: st.DrawFn) -> Style:
    style = draw(st.sampled_from(STYLES))
    return Style(style.indent, style.separators, draw(st.booleans()), style.line_end)


def a_list(items: list[Any], more: bool, order: tuple[str, ...] = ("object", "data", "has_more", "url")) -> Any:
    members = {"object": "list", "data": items, "has_more": more, "url": "/v1/things"}
    return {key: members[key] for key in order}


def found_in(text: str) -> Listing:
    assert PAGING is not None
    found = listing(text, PAGING)
    assert found is not None
    return found


orders = st.permutations(["object", "data", "has_more", "url"]).map(tuple)
lists = st.lists(things, max_size=4)


@given(styles(), orders, lists, st.booleans())
def test_a_page_around_its_own_objects_is_the_same_text(
    style: Style, order: tuple[str, ...], items: list[Any], more: bool
) -> None:
    text = style.print(a_list(items, more, order))
    found = found_in(text)
    assert [told.value for told in found.items] == items
    assert (found.goes_on, found.url) == (more, "/v1/things")
    assert found.around([told.text for told in found.items], more=more) == text


@given(styles(), orders, lists, lists, st.booleans(), st.booleans())
def test_a_page_around_the_objects_of_another_is_the_text_that_the_server_would_write(
    style: Style, order: tuple[str, ...], items: list[Any], others: list[Any], more: bool, other: bool
) -> None:
    one, another = (
        found_in(style.print(a_list(items, more, order))),
        found_in(style.print(a_list(others, other, order))),
    )
    written = one.around([told.text for told in another.items], more=other)
    assert written == style.print(a_list(others, other, order))


@given(styles(), st.lists(things, min_size=1, max_size=3))
def test_an_object_of_a_list_is_told_as_it_would_be_by_itself(style: Style, items: list[Any]) -> None:
    found = found_in(style.print(a_list(items, more=False)))
    assert [told.text for told in found.items] == [style.print(item) for item in items]


@given(styles(), st.data(), lists, st.lists(strings, unique=True, max_size=2))
def test_a_list_within_an_object_is_told_as_it_would_be_by_itself(
    style: Style, data: st.DataObject, items: list[Any], dropped: list[str]
) -> None:
    """Members that only stand there within an object may stand anywhere in it."""
    alone = a_list(items, more=True)
    assume(not set(dropped) & set(alone))
    names = data.draw(st.permutations([*alone, *dropped]))
    order = [name for name in names if name in alone]
    alone = {name: alone[name] for name in order}
    within = {name: alone.get(name, 7) for name in names}
    before, behind = data.draw(things), data.draw(things)
    assume("lines" not in {*before, *behind})
    value = {**before, "lines": within, **behind}
    assert nested(ObjectText.of(style.print(value), value), "lines", dropped) == style.print(alone)


@pytest.mark.parametrize("style", STYLES, ids=repr)
def test_objects_of_a_list_in_a_list_keep_their_place_at_every_depth(style: Style) -> None:
    deep: Any = {"id": "a", "lines": a_list([{"id": "b", "of": [{"c": ["[", {"d": {}}, []]}]}], more=False)}
    outer = found_in(style.print(a_list([deep, deep], more=True)))
    inner = nested(outer.items[1], "lines", ())
    assert inner == style.print(deep["lines"])
    assert inner is not None
    assert found_in(inner).items[0].text == style.print(deep["lines"]["data"][0])


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "7",
        '"list"',
        "{}",
        '{"object": "list"}',
        '{"object": "list", "data": {}, "has_more": true}',
        '{"object": "invoice", "data": [], "has_more": true}',
        '{"data": [], "has_more": true}',
        '{"object": ["list"], "data": []}',
    ],
)
def test_what_is_no_list_by_the_rule_is_none(text: str) -> None:
    assert PAGING is not None
    assert listing(text, PAGING) is None


def test_a_list_that_does_not_say_whether_it_goes_on_is_left_without_saying_it() -> None:
    text = '{"object": "list", "data": [{"id": "a"}, {"id": "b"}]}'
    assert found_in(text).goes_on is None
    assert found_in(text).around(['{"id": "c"}'], more=True) == '{"object": "list", "data": [{"id": "c"}]}'


@pytest.mark.parametrize("place", ["lines", "nothing", "text", "number"])
def test_what_is_no_object_has_no_list_within(place: str) -> None:
    value = {"lines": [], "text": "{}", "number": 1}
    assert nested(ObjectText.of(json.dumps(value), value), place, ()) is None


def test_white_space_around_the_whole_answer_stays() -> None:
    text = '\n {"object": "list", "data": [{"id": "a"}], "has_more": false}\n'
    assert found_in(text).around(['{"id": "b"}'], more=False) == text.replace('"a"', '"b"')


HUGGED = """{
  "object" : "list",
  "data" : [ {
    "id" : "a",
    "of" : [ 1, 2 ]
  }, {
    "id" : "b"
  } ],
  "has_more" : false
}"""


def test_objects_that_begin_on_the_line_of_their_bracket_have_its_margin() -> None:
    """As Jackson prints them."""
    found = found_in(HUGGED)
    texts = [told.text for told in found.items]
    assert texts == ['{\n  "id" : "a",\n  "of" : [ 1, 2 ]\n}', '{\n  "id" : "b"\n}']
    assert found.around(texts, more=False) == HUGGED
    assert found.around(texts[1:], more=False) == HUGGED.replace('"a",\n    "of" : [ 1, 2 ]\n  }, {\n    "id" : ', "")
