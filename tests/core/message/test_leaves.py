"""Where values stand in a message; and that editing some of them touches nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message.bodies import Body, BodyKind, read
from replayer.core.message.leaves import (
    Leaf,
    edited,
    edited_text,
    form_leaves,
    header_leaves,
    json_leaves,
    leaves,
    quote,
    unquote,
)
from tests.core.build import as_form, as_json, json_texts, strings, values_in


def leaf_at(body: Body, place: str) -> Leaf:
    return next(leaf for leaf in leaves(body) if leaf.place == place)


def change(body: Body, place: str, value: str) -> str:
    return edited(body, [(leaf_at(body, place), value)])


@given(json_texts())
def test_a_text_in_which_nothing_is_edited_is_the_text(text: str) -> None:
    body = as_json(text)
    assert edited(body, []) == text


@given(json_texts())
def test_the_leaves_of_json_are_its_strings_and_numbers_in_order(text: str) -> None:
    found = json_leaves(text)
    expected = list(values_in(json.loads(text)))
    assert [leaf.place for leaf in found] == [place for place, _ in expected]
    assert [leaf.value if leaf.quoted else json.loads(leaf.value) for leaf in found] == [value for _, value in expected]


@given(json_texts())
def test_the_span_of_every_leaf_decodes_to_its_value(text: str) -> None:
    for leaf in json_leaves(text):
        token = text[leaf.start : leaf.end]
        assert (unquote(token) == json.loads(token) == leaf.value) if leaf.quoted else token == leaf.value


@given(json_texts())
def test_writing_every_value_anew_changes_no_value(text: str) -> None:
    body = as_json(text)
    again = edited(body, [(leaf, leaf.value) for leaf in leaves(body)])
    assert json.loads(again) == json.loads(text)
    assert body.encode(again)


@given(json_texts(), strings, st.integers(0, 99))
def test_editing_one_leaf_leaves_every_other_byte(text: str, value: str, which: int) -> None:
    found = [leaf for leaf in json_leaves(text) if leaf.quoted]
    if not found:
        return
    leaf = found[which % len(found)]
    after = edited_text(text, [(leaf, value)], BodyKind.JSON)
    assert after.startswith(text[: leaf.start])
    assert after.endswith(text[leaf.end :])
    assert json.loads(after[leaf.start : len(after) - len(text) + leaf.end]) == value


@given(strings, strings)
def test_a_string_comes_back_however_the_one_before_it_was_escaped(value: str, like: str) -> None:
    for token in (json.dumps(like), json.dumps(like).replace("/", "\\/")):
        assert json.loads(quote(value, token)) == value


PRICES = '{ "amount" :10.00,"big":1000000000000000000000000000000 , "e":1E+2,"n":null,"t":[true,false], "id":"a" }'


def test_numbers_spaces_and_key_order_stay_as_they_were() -> None:
    assert change(as_json(PRICES), "id", "b") == PRICES.replace('"a"', '"b"')
    assert [leaf.value for leaf in json_leaves(PRICES)] == ["10.00", "1" + "0" * 30, "1E+2", "a"]


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ('{"a": "x"}', "ü", '{"a": "ü"}'),
        ('{"a": "\\u00fc x"}', "ü y", '{"a": "\\u00fc y"}'),
        ('{"a": "ü\\n"}', "ü\t", '{"a": "ü\\t"}'),
        ('{"a": "x"}', 'say "b\\c"', '{"a": "say \\"b\\\\c\\""}'),
        ('{"a": "http:\\/\\/x"}', "http://y/", '{"a": "http:\\/\\/y\\/"}'),
        ('{"a": "\\ud83d\\ude00"}', "\U0001f600!", '{"a": "\\ud83d\\ude00!"}'),
        ('{"a": "\\ud800ü"}', "\ud800ü!", '{"a": "\\ud800\\u00fc!"}'),
        ('{"a": 12.50}', "13", '{"a": 13}'),
    ],
)
def test_a_value_is_escaped_as_the_one_that_it_replaces(before: str, value: str, after: str) -> None:
    body = as_json(before)
    text = change(body, "a", value)
    assert text == after
    assert body.encode(text)


def test_every_leaf_under_a_repeated_key_is_found_and_the_last_one_counts() -> None:
    (first, second) = json_leaves('{"id": "a", "id": "b"}')
    assert (first.value, second.value) == ("a", "b")
    assert second.node is not None
    assert second.node.string("id") == "b"


def test_brackets_and_quotes_inside_strings_are_no_structure() -> None:
    text = '{"a": "}]\\"{[,:", "b": ["\\\\", "c"]}'
    assert [(leaf.place, leaf.value) for leaf in json_leaves(text)] == [("a", '}]"{[,:'), ("b[0]", "\\"), ("b[1]", "c")]


def test_deep_nesting_needs_no_recursion() -> None:
    deep = '{"a":' * 5_000 + '"x"' + "}" * 5_000
    (leaf,) = json_leaves(deep)
    assert leaf.place == ".".join("a" * 5_000)


def test_a_leaf_knows_its_place_its_key_and_its_owner() -> None:
    lines: dict[str, Any] = {"data": [{"id": "il_1", "period": {"start": 1}, "tags": ["x"]}]}
    body = as_json(json.dumps({"id": "in_1", "lines": lines, "nested": {"object": "none", "deep": {"x": "y"}}}))
    start = leaf_at(body, "lines.data[0].period.start")
    assert (start.key, start.within_owner, start.quoted) == ("start", "period.start", False)
    assert start.node is not None
    assert start.node.owner.string("id") == "il_1"
    tag = leaf_at(body, "lines.data[0].tags[0]")
    assert (tag.key, tag.within_owner) == ("tags", "tags[0]")
    inner = leaf_at(body, "nested.deep.x")
    assert inner.node is not None
    assert inner.node.owner.string("id") == "in_1"
    assert inner.within_owner == "nested.deep.x"


def test_an_expanded_reference_reads_like_its_id() -> None:
    bare = leaf_at(as_json('{"customer": "cus_1", "n": 1}'), "n")
    expanded = leaf_at(as_json('{"customer": {"id": "cus_1", "n": 2}, "n": 1}'), "n")
    for leaf in (bare, expanded):
        assert leaf.node is not None
        assert leaf.node.string("customer") == "cus_1"
        assert leaf.node.at("customer") == "cus_1"
        assert leaf.node.string("n") is None
        assert leaf.node.at("nobody.home") is None
    assert expanded.node is not None
    assert expanded.node.at("customer.id") == "cus_1"


def test_objects_in_a_list_do_not_stand_for_the_list() -> None:
    leaf = leaf_at(as_json('{"data": [{"id": "a"}], "x": "y"}'), "x")
    assert leaf.node is not None
    assert leaf.node.string("data") is None
    assert leaf.node.at("data.id") is None


@pytest.mark.parametrize("text", ["null", "true", "{}", "[]", "[[], {}]", '{"a": null}'])
def test_json_without_strings_and_numbers_has_no_leaves(text: str) -> None:
    assert json_leaves(text) == []


@pytest.mark.parametrize(("text", "value"), [('"alone"', "alone"), ("12", "12"), (" -0.0e1 ", "-0.0e1")])
def test_json_can_be_one_value(text: str, value: str) -> None:
    assert [(leaf.place, leaf.value) for leaf in json_leaves(text)] == [("", value)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("created[gte]=1", "created"),
        ("created%5Blt%5D=1", "created"),
        ("lines[0][amount]=5", "amount"),
        ("expand[]=a", "expand"),
        ("gte=1", "gte"),
        ("metadata[a[b]]=x", "a[b]"),
        ("0=x", "0"),
        ("=x", ""),
    ],
)
def test_a_form_value_stands_under_the_name_that_says_what_it_is(text: str, expected: str) -> None:
    (leaf,) = form_leaves(text)
    assert leaf.key == expected


def test_a_form_is_edited_in_the_spelling_of_its_client() -> None:
    body = as_form("a[b]=x%2Fy+z&c=cus_1&d=&e")
    assert change(body, "c", "a/b c") == "a[b]=x%2Fy+z&c=a%2Fb+c&d=&e"
    assert change(body, "a[b]", "/ ") == "a[b]=%2F+&c=cus_1&d=&e"
    assert change(body, "d", "new") == "a[b]=x%2Fy+z&c=cus_1&d=new&e"


def test_a_form_name_without_a_value_is_left_alone() -> None:
    body = as_form("a&b=1")
    assert change(body, "b", "2") == "a&b=2"


def test_plain_text_is_one_leaf_and_binaries_have_none() -> None:
    text = read((("Content-Type", "text/plain"),), b"hello")
    assert [leaf.value for leaf in leaves(text)] == ["hello"]
    assert change(text, "", 'say "x"') == 'say "x"'
    assert leaves(read((("Content-Type", "image/png"),), b"\0hello")) == []
    assert leaves(read((), b"")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a.b": 1}', '{"a": {"b": 1}}'),
        ('{"a[0]": 1}', '{"a": [1]}'),
        ('{"a\\\\": {"b": 1}}', '{"a\\\\.b": 1}'),
        ('{"": {"b": 1}}', '{"b": 1}'),
    ],
)
def test_no_two_places_are_one(one: str, other: str) -> None:
    assert json_leaves(one)[0].place != json_leaves(other)[0].place


def test_a_second_header_of_one_name_is_another_place() -> None:
    found = header_leaves((("Link", "a"), ("X", "b"), ("link", "c"), ("Link", "d")))
    assert [leaf.place for leaf in found] == ["header link", "header x", "header link[1]", "header link[2]"]
    assert {leaf.key for leaf in found} == {"link", "x"}


KEYS = st.sampled_from(("a", "name_of_it", "in_1UI6qsHIBYZYyePrZqHAeqdY", "field_1", ""))


@given(st.lists(st.tuples(KEYS, st.sampled_from(("null", "true", "false", "7")))))
def test_members_that_hold_nothing_hide_no_other(members: list[tuple[str, str]]) -> None:
    text = "{" + ", ".join(f'"{key}": {value}' for key, value in members) + "}"
    expected = [what for key, value in members for what in (key, value) if what.startswith("in_") or what == "7"]
    assert [leaf.value for leaf in json_leaves(text)] == expected
