"""What is seen at a glance is what a close look would see: a law over texts, names and what a session knows."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from replayer.core.message import leaves, shapes
from replayer.core.naming import Names
from replayer.core.naming.words import words
from tests.core.naming.test_response import naming

KEYS = st.sampled_from(
    ["id", "Request-Id", "status", "created", "updated_at", "number", "password", "access_token", "next", "url"]
)
PARTS = st.sampled_from(
    [
        "usd", "customer", "charge_automatically", "send_invoice_immediatelyx", "in_1NeZwdNtLEOXuvBabcdefghi",
        "1795350000", "1795350000000", "2026-11-22T10:00:00Z", "Sun, 22 Nov 2026 00:00:00 GMT", "0.25", "7",
        "a+b", "%2Fv1", "/v1/a", "https://x.test/1", "a=b", "tok-value.more", "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "YWNjdF8xSElCWVpZeWVQclpxSEFlLA", "deadbeefdeadbeefdeadbeefdeadbeef", "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    ]
)  # fmt: skip
TEXTS = st.lists(PARTS | st.text(max_size=12), max_size=3).map(" ".join) | st.lists(PARTS, max_size=2).map("".join)


@given(text=TEXTS, key=KEYS, quoted=st.booleans(), known=st.lists(PARTS, max_size=2), odd=st.lists(PARTS, max_size=1))
@example(text="cus_abcdefghijklmnop", key="Request-Id", quoted=True, known=[], odd=[])
@example(text="tok-value.more", key="status", quoted=True, known=[], odd=["tok-value.more"])
@example(text="customer", key="status", quoted=True, known=["customer"], odd=[])
def test_a_leaf_that_is_passed_over_at_a_glance_is_one_that_a_close_look_leaves_as_it_is(
    text: str, key: str, quoted: bool, known: list[str], odd: list[str]
) -> None:
    def changed(*, at_a_glance: bool) -> list[str]:
        names = Names()
        for number, real in enumerate(known):
            names.bind(real, f"name{number:08d}")
        for token in odd:
            names.name_token(token, f"origin of {token}", "", "abc", 20)
        one = naming(names=names, whole=json.dumps({key: text}))
        one.spaces.odd.update(token for token in odd if not token.isalnum())
        leaf = leaves.Leaf(key, key, text, 0, len(text), quoted)
        return [value for _, value in one.changes([leaf])] if at_a_glance else [one.leaf(leaf)]

    close = changed(at_a_glance=False)
    assert changed(at_a_glance=True) == ([] if close == [text] else close)


@given(TEXTS)
def test_the_words_of_a_text_are_its_pieces(text: str) -> None:
    seen = words(text)
    if seen is not None:
        assert seen.pieces == tuple(piece.text for piece in shapes.pieces(text))
        assert not seen.still or not any(shapes.ids(text))
