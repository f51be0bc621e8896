"""Tokens in a text: in a field, in a link, repeated elsewhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.naming.tokens import field_token, held
from replayer.core.rules import Token

CURSOR = Token("cursor", re.compile(r"^(?P<token>[^ ]{8,})$"), "cursor", owner="")
PART = Token("number", re.compile(r"^(?P<token>[A-Z]{8})-"), "number")
RULEBOOK = {"cursor": [CURSOR], "page[after]": [CURSOR], "number": [PART]}
UUID = "9b2f0d64-6d6a-4e1a-9c5b-0d6ef1a6c111"


def tokens(text: str, key: str = "", known: set[str] | None = None) -> list[tuple[str, str]]:
    """Each token with what stands for it in the text."""
    return [(one.token, text[one.start : one.end]) for one in held(text, key, RULEBOOK, known or set())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://a.test/items?cursor=abcdefgh", [("abcdefgh", "abcdefgh")]),
        ("https://a.test/items?limit=2&cursor=abc%2Bdef%3D%3D&x=1", [("abc+def==", "abc%2Bdef%3D%3D")]),
        ("/items?cursor=abc+def==#top", [("abc+def==", "abc+def==")]),
        ("?cursor=abcdefgh", [("abcdefgh", "abcdefgh")]),
        ("/items?page%5Bafter%5D=abcdefgh", [("abcdefgh", "abcdefgh")]),
        ('<a href="/items?x=1&amp;cursor=abcdefgh">', [("abcdefgh", "abcdefgh")]),
        (
            '</i?cursor=abcdefgh>; rel="next", </i?cursor=12345678>; rel="prev"',
            [("abcdefgh", "abcdefgh"), ("12345678", "12345678")],
        ),
        ("/items?number=ABCDEFGH-0001", [("ABCDEFGH", "ABCDEFGH")]),
        ("/items?number=ABCDEFGH%2D0001", [("ABCDEFGH-0001", "ABCDEFGH%2D0001")]),
        (f"/items?cursor={UUID}", []),  # an id, and named as one
        ("/items?cursor=short", []),
        ("/items?precursor=abcdefgh", []),
        ("cursor=abcdefgh", []),
        ("no link at all", []),
    ],
)
def test_a_parameter_of_a_link_is_read_as_the_field_of_its_name(text: str, found: list[tuple[str, str]]) -> None:
    assert tokens(text) == found


def test_two_tokens_of_one_text_are_two_places() -> None:
    places = [one.where for one in held("/i?cursor=abcdefgh /i?cursor=12345678", "", RULEBOOK)]
    assert places == ["?cursor[0]", "?cursor[1]"]


def test_a_field_holds_one_token_and_an_id_is_none() -> None:
    assert tokens("abc def", "cursor") == []
    assert tokens("abcdefgh", "cursor") == [("abcdefgh", "abcdefgh")]
    assert tokens("abcdefgh", "other") == []
    assert field_token(UUID, "cursor", RULEBOOK) is None
    found = field_token("ABCDEFGH-0001", "number", RULEBOOK)
    assert found is not None
    assert (found.token, found.where, found.rule) == ("ABCDEFGH", "", PART)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("There is no cursor 'ab+cd/ef=='.", ["ab+cd/ef=="]),
        ("There is no cursor ab+cd/ef==", ["ab+cd/ef=="]),
        ("See /x?pointer=ab%2Bcd%2Fef%3D%3D.", ["ab%2Bcd%2Fef%3D%3D"]),
        ("https://a.test/x?next_pointer=ab+cd/ef==&y=1", ["ab+cd/ef=="]),
        ("https://a.test/pages/ab+cd/ef==", ["ab+cd/ef=="]),
        ("/pages/ab%2Bcd%2Fef%3D%3D/items", ["ab%2Bcd%2Fef%3D%3D"]),
        ("cursor:ab+cd/ef==", ["ab+cd/ef=="]),
        ("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/ab+cd/ef==", ["ab+cd/ef=="]),
        ("xab+cd/ef==", []),
        ("ab+cd/ef", []),
    ],
)
def test_a_token_that_is_known_is_found_wherever_it_is_repeated(text: str, found: list[str]) -> None:
    assert [spelling for _, spelling in tokens(text, known={"ab+cd/ef=="})] == found
    assert tokens(text) == []


def test_a_known_token_at_a_parameter_is_found_once() -> None:
    text = "/i?cursor=ab%2Bcd%2Fef%3D%3D"
    assert tokens(text, known={"ab+cd/ef=="}) == [("ab+cd/ef==", "ab%2Bcd%2Fef%3D%3D")]


@pytest.mark.parametrize(("token", "odd"), [("abcDEF12", False), ("abcdefg=", True), ("abcd-efg", True)])
def test_only_a_token_of_letters_and_digits_is_one_piece(token: str, odd: bool) -> None:
    assert [one.is_odd for one in held(token, "cursor", RULEBOOK)] == [odd]


@given(st.text(max_size=40))
def test_tokens_do_not_overlap_and_stand_in_their_order(text: str) -> None:
    position = 0
    for one in held(f"?cursor={text}&cursor=abcdefgh {text}", "", RULEBOOK, {"ab+cd/ef=="}):
        assert position <= one.start < one.end
        position = one.end
