"""Rewriting: what is changed is changed once, what is not stays to the byte."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message.bodies import BodyKind
from replayer.core.message.edit import mapped, mapped_body, mapped_text, pieced, rewritten
from replayer.core.message.leaves import form_leaves
from replayer.core.message.message import Response
from tests.core.build import CUSTOMER, FORM, INVOICE, JSON, req


def test_two_ids_can_change_places_in_one_scan() -> None:
    swapped = {INVOICE: CUSTOMER, CUSTOMER: INVOICE}
    text = f"{INVOICE} is of {CUSTOMER}, not {INVOICE}x"
    assert pieced(text, lambda piece: swapped.get(piece.text, piece.text)) == (
        f"{CUSTOMER} is of {INVOICE}, not {INVOICE}x"
    )


@given(st.text())
def test_a_text_whose_pieces_stay_stays(text: str) -> None:
    assert pieced(text, lambda piece: piece.text) == text


def test_only_the_changed_value_of_a_form_is_written_anew() -> None:
    text = "a=1+2&b%5Bc%5D=x&d="
    changed = mapped(text, form_leaves(text), BodyKind.FORM, lambda leaf: "y" if leaf.key == "c" else leaf.value)
    assert changed == "a=1+2&b%5Bc%5D=y&d="


def test_a_body_that_is_not_changed_is_the_same_bytes() -> None:
    message = Response(200, "OK", JSON, b'{"a":  10.00, "b": "\\u00e9"}')
    assert mapped_body(message, lambda leaf: leaf.value) is message.body
    assert mapped_text(message, lambda leaf: leaf.value) is message


def test_a_request_is_changed_in_the_encoding_that_it_has() -> None:
    packed = req("POST /x", gzip.compress(b"a=1", mtime=0), ("Content-Encoding", "gzip"), *FORM)
    changed = rewritten(packed, lambda _, leaf: "2" if leaf.key == "a" else leaf.value)
    assert gzip.decompress(changed.body) == b"a=2"
    assert changed.content.text == "a=2"
