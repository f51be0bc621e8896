"""JSON that is written as it was told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.sandbox.wire import wire
from replayer.sandbox.wire.preserved_json import Told, complete, parse, plain
from replayer.sandbox.wire.values import merged

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.sampled_from([None, 1, 2, 4]), st.booleans())
def test_an_object_is_written_as_it_was_read(value: dict[str, object], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parse(text) == json.loads(text)
    assert wire.text(parse(text)) == text


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_it_is_moved_to_the_margin_of_where_it_is_put(value: dict[str, object]) -> None:
    alone = parse(json.dumps(value, indent=2, ensure_ascii=False))
    inside = parse(json.dumps({"a": [value]}, indent=2, ensure_ascii=False))
    assert wire.text({"a": [alone]}) == inside.text
    assert wire.text(inside["a"][0]) == alone.text


@pytest.mark.parametrize("number", ["10.00", "1e2", "-0", "1.0E+2", "0.10", "123456789012345678901234567890"])
def test_a_number_keeps_its_spelling_where_the_object_around_it_changes(number: str) -> None:
    told = parse(f'{{"a": {number}, "b": 1}}')
    changed = merged(told, {"b": 2})
    assert wire.text(changed) == f'{{\n  "a": {number},\n  "b": 2\n}}'
    assert told.text == f'{{"a": {number}, "b": 1}}'


def test_what_an_older_version_did_not_tell_is_there_to_be_changed_and_not_to_be_shown() -> None:
    told = parse('{"id": "x", "b": {"d": 1}}')
    row = complete({"id": "", "a": None, "b": {"c": 0, "d": 0}}, told)
    assert row == {"id": "x", "a": None, "b": {"c": 0, "d": 1}}
    assert wire.text(row) == told.text
    assert list(merged(row, {"a": 3})) == ["id", "a", "b"]


def test_an_expanded_object_is_an_id_again_and_the_text_is_not_its_text() -> None:
    told = parse('{"id": "x", "customer": {"id": "cus_1", "object": "customer"}, "card": {"brand": "visa"}}')
    assert plain(told) == {"id": "x", "customer": "cus_1", "card": {"brand": "visa"}}
    assert not isinstance(plain(told), Told)
    unexpanded = parse('{"id": "x"}')
    assert plain(unexpanded) is unexpanded
