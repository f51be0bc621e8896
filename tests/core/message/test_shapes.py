"""Which pieces of a text are shaped like ids, and which never are."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message.shapes import PIECE, ids, pieces, words
from replayer.core.naming import aliases
from replayer.core.naming.aliases import CROCKFORD

ALPHANUMERIC = set(aliases.BASE62)
base62 = st.text(aliases.BASE62, min_size=14, max_size=60).filter(lambda body: not body.isalpha() or not body.islower())
one_id = st.one_of(
    st.builds(lambda prefix, body: f"{prefix}_{body}", st.sampled_from(("in", "cus", "inpay", "cs_test")), base62),
    st.uuids().map(str),
    st.uuids().map(lambda value: str(value).upper()),
    st.text(CROCKFORD, min_size=25, max_size=25).map(lambda body: "0A" + body[1:]),
    st.text("0123456789abcdef", min_size=38, max_size=126).map(lambda body: "0a" + body),
)


def found(text: str) -> list[tuple[str, str]]:
    return [(piece.shape, piece.text) for piece in ids(text)]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("in_1UI6qsHIBYZYyePrZqHAeqdY", "prefixed"),
        ("cus_VIiHj0TY6gyFLY", "prefixed"),
        ("acct_1Hibyzyyeprzqhae", "prefixed"),
        ("cs_test_a1B2c3D4e5F6g7H8i9", "prefixed"),
        ("req_00000000000001", "prefixed"),
        ("244b8027-4a3b-c995-660f-26d169fa763b", "uuid"),
        ("E7ACA6D7-13E6-3914-3AAC-46CE7C72ECE1", "uuid"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "ulid"),
        ("d41d8cd98f00b204e9800998ecf8427e", "hex"),
        ("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "hex"),
        ("chatcmpl-8qlFURem51pQl0RiEwt11XwNDQ1DR", "prefixed"),
        ("file-CfQC6fIUKst1CKzmLDfpvL", "prefixed"),
        ("PR_kwDOABPHjc8qlFURem51", "prefixed"),
        ("SM1a12d5b74d99a2303e865d5ea9b6dff8", "numbered"),
        ("507f1f77bcf86cd799439011", "object"),
    ],
)
def test_ids_of_these_shapes_are_found(text: str, shape: str) -> None:
    assert found(text) == [(shape, text)]


@pytest.mark.parametrize(
    "text",
    [
        "active",
        "usd",
        "12",
        "1795350000",
        "in_1",
        "in_12",
        "charge_automatically",
        "collection_method",
        "payment_settings_paymentmethods",
        "invoice.payment_succeeded",
        "subscription_cycle",
        "sub_",
        "cus_VIiHj0TY6gyFL",  # 13 characters
        "2026-11-22T12:20:00.000Z",
        "12345678901234567890123456",
        "12345678901234567890123456789012",
        "abcdefabcdefabcdefabcdefabcdefab",
        "application-vndcompanyserviceversion1",  # behind a dash only letters of both cases and digits
        "my-component-AbstractSingletonFactoryBean",
        "TEST_ABSTRACTSINGLETON1",
        "gpt-4o-mini-2024-07-18",
        "123456789012345678901234",
        "d41d8cd98f00b204e9800998ecf8427E",  # both cases: no hex that anyone prints
        "x244b8027-4a3b-c995-660f-26d169fa763b",
        "244b8027-4a3b-c995-660f-26d169fa763bx",
        "00000000-0000-0000-0000-00000000000",
        "8ZZZZZZZZZZZZZZZZZZZZZZZZ1",  # a ULID begins with 0 to 7
        "01ARZ3NDEKTSV4RRFFQ69G5FAU",  # and has no U
    ],
)
def test_ordinary_words_and_numbers_are_never_ids(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No such invoice: 'in_1UI6qsHIBYZYyePrZqHAeqdY'", ["in_1UI6qsHIBYZYyePrZqHAeqdY"]),
        ("/v1/invoices/in_1UI6qsHIBYZYyePrZqHAeqdY/pay", ["in_1UI6qsHIBYZYyePrZqHAeqdY"]),
        ("stripe-node-retry-63758ab1-32e5-44cb-9680-fdabe5cc8618", ["63758ab1-32e5-44cb-9680-fdabe5cc8618"]),
        ("pi_3AAAAAAAAAAAAA_secret_BBBBBBBBBBBBBB", ["pi_3AAAAAAAAAAAAA", "_secret_BBBBBBBBBBBBBB"]),
        ("cus_VIiHj0TY6gyFLY,cus_VIiHj0TY6gyFLZ", ["cus_VIiHj0TY6gyFLY", "cus_VIiHj0TY6gyFLZ"]),
    ],
)
def test_ids_inside_longer_texts_are_found_whole(text: str, expected: list[str]) -> None:
    assert [text for _, text in found(text)] == expected


@given(st.text(max_size=20), one_id, st.text(max_size=20))
def test_an_id_between_marks_is_found_wherever_it_stands(before: str, identity: str, after: str) -> None:
    assert identity in [piece.text for piece in ids(f"{before}={identity}&{after}")]


@given(st.text(max_size=60) | st.text("abc_01AB-", max_size=80) | one_id)
def test_pieces_span_what_they_say_in_order_and_do_not_overlap(text: str) -> None:
    position = 0
    for piece in pieces(text):
        assert piece.start >= position
        assert text[piece.start : piece.end] == piece.text
        assert piece.end == len(text) or text[piece.end] not in ALPHANUMERIC
        position = piece.end


@given(one_id, st.sampled_from(aliases.BASE62))
def test_an_id_inside_a_longer_id_is_not_found(identity: str, more: str) -> None:
    assert identity not in [piece.text for piece in pieces(identity + more)]


def test_words_of_eight_characters_can_be_looked_up_and_shorter_ones_cannot() -> None:
    assert [(piece.shape, piece.text) for piece in pieces("A1B2C3D4-0001")] == [("word", "A1B2C3D4")]


def test_every_uuid_of_every_version_is_an_id() -> None:
    made = [uuid.uuid1(), uuid.uuid3(uuid.NAMESPACE_DNS, "a"), uuid.uuid4(), uuid.uuid5(uuid.NAMESPACE_DNS, "a")]
    assert [text for _, text in found(" ".join(map(str, made)))] == [str(one) for one in made]


texts = st.lists(
    st.one_of(one_id, st.text(aliases.BASE62 + "_-. ", max_size=20), st.sampled_from(("_secret_", "-", '"', "é")))
)


@given(texts.map("".join))
def test_looking_only_where_a_piece_can_be_finds_what_one_scan_of_the_whole_finds(text: str) -> None:
    whole = [(match.group(), *match.span()) for match in PIECE.finditer(text)]
    assert [(piece.text, piece.start, piece.end) for piece in pieces(text)] == whole
    assert words(text) == [text for text, *_ in whole]
    assert list(ids(text)) == [piece for piece in pieces(text) if piece.shape != "word"]
