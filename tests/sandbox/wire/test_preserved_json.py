"""JSON that is written as it was read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.sandbox.ledger.objects import merged
from replayer.sandbox.wire import encode
from replayer.sandbox.wire.preserved_json import PreservedObject

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.sampled_from([None, 1, 2, 4]), st.booleans())
def test_an_object_is_written_as_it_was_read(value: dict[str, object], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert PreservedObject.parse(text) == json.loads(text)
    assert encode.text(PreservedObject.parse(text)) == text


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_it_is_moved_to_the_margin_of_where_it_is_put(value: dict[str, object]) -> None:
    alone = PreservedObject.parse(json.dumps(value, indent=2, ensure_ascii=False))
    inside = PreservedObject.parse(json.dumps({"a": [value]}, indent=2, ensure_ascii=False))
    assert encode.text({"a": [alone]}) == inside.text
    assert encode.text(inside["a"][0]) == alone.text


@pytest.mark.parametrize("number", ["10.00", "1e2", "-0", "1.0E+2", "0.10", "123456789012345678901234567890"])
def test_a_number_keeps_its_spelling_where_the_object_around_it_changes(number: str) -> None:
    whole = PreservedObject.parse(f'{{"a": {number}, "b": 1}}')
    changed = merged(whole, {"b": 2})
    assert encode.text(changed) == f'{{\n  "a": {number},\n  "b": 2\n}}'
    assert whole.text == f'{{"a": {number}, "b": 1}}'
