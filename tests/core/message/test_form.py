"""Forms: pairs that know where they stand, and the tree that they mean."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message.bodies import form_decoded, form_encoded, pairs, segments, tree

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def quoted(text: str, *, plus: bool, safe: str) -> str:
    return quote(text, safe=safe).replace("%20", "+" if plus else "%20")


@st.composite
def forms(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Pairs as some client would spell them: undecoded keys and values."""
    plus, safe = draw(st.booleans()), draw(st.sampled_from(("", "[]", "[]/:,@")))
    given_pairs = draw(st.lists(st.tuples(words.filter(bool), words), max_size=5))
    return [(quoted(key, plus=plus, safe=safe), quoted(value, plus=plus, safe=safe)) for key, value in given_pairs]


def joined(spelled: list[tuple[str, str]]) -> str:
    return "&".join(f"{key}={value}" for key, value in spelled)


@given(forms())
def test_pairs_are_what_was_written_and_know_where_it_stands(spelled: list[tuple[str, str]]) -> None:
    text = joined(spelled)
    found = list(pairs(text))
    assert [(pair.key, pair.value) for pair in found] == [
        (form_decoded(key), form_decoded(value)) for key, value in spelled
    ]
    assert [text[pair.start : pair.end] for pair in found] == [value for _, value in spelled]


@given(forms().filter(bool), words, st.integers(0, 9))
def test_editing_one_value_leaves_every_other_byte(spelled: list[tuple[str, str]], value: str, which: int) -> None:
    text = joined(spelled)
    pair = list(pairs(text))[which % len(spelled)]
    old = text[pair.start : pair.end]
    edited = text[: pair.start] + form_encoded(value, old) + text[pair.end :]
    after = list(pairs(edited))
    assert after[which % len(spelled)].value == value
    assert edited.startswith(text[: pair.start])
    assert edited.endswith(text[pair.end :])
    assert [one.value for one in after if one.start != pair.start] == [
        one.value for one in pairs(text) if one.start != pair.start
    ]


@given(words, st.text("+%20[]/:,@!*'()$;&=a", max_size=6))
def test_a_value_comes_back_however_it_is_spelled(value: str, like: str) -> None:
    assert form_decoded(form_encoded(value, like)) == value


@given(st.binary(max_size=8))
def test_bytes_that_are_no_text_come_back_too(raw: bytes) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in raw)
    assert form_decoded(form_encoded(form_decoded(escaped), "")) == form_decoded(escaped)


@pytest.mark.parametrize(
    ("value", "like", "expected"),
    [
        ("a b", "x+y", "a+b"),
        ("a b", "x%20y", "a%20b"),
        ("a b", "x", "a+b"),
        ("a/b[c]", "x/y", "a/b%5Bc%5D"),
        ("a/b[c]", "x[y]", "a%2Fb[c]"),
        ("ü&=", "%C3%BC", "%C3%BC%26%3D"),
    ],
)
def test_a_value_is_spelled_as_the_one_that_it_replaces(value: str, like: str, expected: str) -> None:
    assert form_encoded(value, like) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("&&", []),
        ("a", [("a", "")]),
        ("a=", [("a", "")]),
        ("=a", [("", "a")]),
        ("a=b=c", [("a", "b=c")]),
        ("description=&discounts=", [("description", ""), ("discounts", "")]),
        ("a=1&&a=2", [("a", "1"), ("a", "2")]),
        ("a=%zz&b=%", [("a", "%zz"), ("b", "%")]),
    ],
)
def test_odd_forms_have_these_pairs(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(pair.key, pair.value) for pair in pairs(text)] == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a", ["a"]),
        ("a[b]", ["a", "b"]),
        ("a[]", ["a", ""]),
        ("a[0][b]", ["a", "0", "b"]),
        ("metadata[a[b]]", ["metadata", "a[b]"]),
        ("metadata[order id]", ["metadata", "order id"]),
        ("metadata[]", ["metadata", ""]),
        ("a[b", ["a[b"]),
        ("a]b", ["a]b"]),
        ("[a]", ["[a]"]),
        ("a[b]c", ["a[b]c"]),
        ("", [""]),
    ],
)
def test_a_key_is_cut_at_its_brackets_if_they_balance(key: str, expected: list[str]) -> None:
    assert segments(key) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a[]=x&a[]=y", {"a": ["x", "y"]}),
        ("a[0]=x&a[1]=y", {"a": ["x", "y"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[2]=x&a[10]=y", {"a": ["x", "y"]}),
        ("a[1]=x&a[]=y", {"a": ["x", "y"]}),
        ("a[0]=x&a[]=y&a[]=z", {"a": ["x", "y", "z"]}),
        ("lines[0][amount]=5&lines[0][currency]=usd", {"lines": [{"amount": "5", "currency": "usd"}]}),
        ("created[gte]=1&created[lt]=2", {"created": {"gte": "1", "lt": "2"}}),
        ("a=1&a=2", {"a": {"&": ["1", "2"]}}),
        ("a=2&b=3&a=1&a=2", {"a": {"&": ["2", "1", "2"]}, "b": "3"}),
        ("a=1&a[b]=2", {"a": {"&": ["1"], "b": "2"}}),
        ("a[b]=2&a=1", {"a": {"&": ["1"], "b": "2"}}),
        ("a[b]=1&a[b]=2", {"a": {"b": {"&": ["1", "2"]}}}),
        ("metadata[a[b]]=x%26y%3D%C3%BC", {"metadata": {"a[b]": "x&y=ü"}}),
        ("a[0]=x&a[b]=y", {"a": {"0": "x", "b": "y"}}),
        ("a[-1]=x", {"a": {"-1": "x"}}),
        ("a=", {"a": ""}),
        ("a[b=1", {"a[b": "1"}),
        ("%61%5B%5D=1", {"a": ["1"]}),
    ],
)
def test_a_form_means_this_tree(text: str, expected: dict[str, Any]) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1&a=2", {"a": "2"}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a=1", {"a": "1"}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
    ],
)
def test_of_a_repeated_key_the_invoice_api_reads_the_last(text: str, expected: dict[str, Any]) -> None:
    assert tree(text, last_counts=True) == expected


Given = list[tuple[str, str]]
several = st.lists(st.tuples(st.sampled_from(("a", "b", "a[b]", "a[c]", "a[b][d]")), st.sampled_from("xy")), max_size=6)


@given(several, several)
def test_forms_that_say_different_things_are_different_trees(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    def said(form: list[tuple[str, str]]) -> dict[str, list[str]]:
        return {key: [value for name, value in form if name == key] for key, _ in form}

    same = tree(urlencode(one)) == tree(urlencode(other))
    assert same == (said(one) == said(other))


def test_a_key_of_a_thousand_brackets_is_one_key() -> None:
    deep = "a" + "[b]" * 1_000
    assert tree(f"{deep}=1") == {deep: "1"}


def test_an_index_of_five_thousand_digits_is_a_name() -> None:
    name = "9" * 5_000
    assert tree(f"a[{name}]=1") == {"a": {name: "1"}}


def test_a_list_of_ten_thousand_items_keeps_their_order() -> None:
    assert tree("&".join(f"a[]={number}" for number in range(10_000))) == {"a": [str(n) for n in range(10_000)]}
