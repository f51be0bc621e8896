"""Many credentials in one pass: the same are found as by looking for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.rules import registry
from replayer.core.secrets import scan
from replayer.core.secrets.watch import FEW, PIECE, STRIDE, Watch

texts = st.text("ab", max_size=120)
few_letters = st.text("ab", min_size=1, max_size=40)
many = st.sets(few_letters, min_size=FEW + 1, max_size=40)


@given(many, texts)
def test_the_same_are_found_as_by_looking_for_each(watched: set[str], text: str) -> None:
    assert set(Watch(watched).found_in(text)) == {each for each in watched if each in text}


@given(st.sets(few_letters, max_size=FEW), texts)
def test_a_few_are_looked_for_one_by_one(watched: set[str], text: str) -> None:
    assert set(Watch(watched).found_in(text)) == {each for each in watched if each in text}


@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + STRIDE - 2, PIECE + STRIDE - 1, 500])
@pytest.mark.parametrize("before", [0, 1, 7, 15, 16, 17])
def test_a_credential_of_any_length_is_found_wherever_it_begins(length: int, before: int) -> None:
    tokens = {f"{number:03}" + "x" * (length - 3) for number in range(50)}
    assert list(Watch(tokens).found_in("-" * before + "017" + "x" * (length - 3))) == ["017" + "x" * (length - 3)]
    assert list(Watch(tokens).found_in("-" * before + "017" + "x" * (length - 4))) == []


@pytest.mark.parametrize("count", [1, 40])
def test_a_scan_finds_a_credential_in_its_encodings_however_many_there_are(count: int) -> None:
    known = frozenset({"pa\u00dfword-of-one", *(f"credential-number-{number}" for number in range(count))})
    text = "a: credential-number-0\nb: cGHDn3dvcmQtb2Ytb25l\nc: credential%2Dnumber%2D0\nd: nothing"
    found = scan(text, registry.GENERIC_RULES, is_real=lambda _: False, credentials=known)
    assert [(one.line, one.encoding) for one in found] == [(1, "raw"), (2, "base64"), (3, "percent")]
