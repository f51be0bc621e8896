"""Aliases: the shape of what they stand for, a pure function of their origin, and known for what they are."""

import random
import re
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message import shapes
from replayer.core.naming.aliases import BASE62, CROCKFORD, alias, is_alias, plain_alias, standing_token

SAMPLES = 20_000
UPPER, LOWER = "0123456789ABCDEF", "0123456789abcdef"
origins = st.text(max_size=40)


@st.composite
def shaped(draw: st.DrawFn) -> tuple[str, str]:
    """An id with its shape."""
    shape = draw(st.sampled_from(("prefixed", "uuid", "ulid", "hex")))
    match shape:
        case "prefixed":
            prefix = draw(st.sampled_from(("in_", "cus_", "acct_", "cs_test_", "inpay_", "_secret_", "aa_bb_cc_")))
            return shape, prefix + draw(st.text(BASE62, min_size=13, max_size=70)) + "7"
        case "uuid":
            text = str(draw(st.uuids()))
            return shape, draw(st.sampled_from((text, text.upper())))
        case "ulid":
            return shape, draw(st.sampled_from("01234567")) + draw(st.text(CROCKFORD, min_size=25, max_size=25))
        case _:
            body = draw(st.text(draw(st.sampled_from((UPPER, LOWER))), min_size=31, max_size=127))
            return shape, body + "0"


@given(shaped(), origins)
def test_an_alias_is_always_known_as_one(thing: tuple[str, str], origin: str) -> None:
    shape, like = thing
    assert is_alias(shape, alias(shape, like, origin))


@given(shaped(), origins)
def test_an_alias_of_an_alias_at_the_same_origin_is_the_alias(thing: tuple[str, str], origin: str) -> None:
    shape, like = thing
    made = alias(shape, like, origin)
    assert alias(shape, made, origin) == made


@given(shaped(), origins)
def test_an_alias_has_the_length_and_the_alphabet_of_its_id(thing: tuple[str, str], origin: str) -> None:
    shape, like = thing
    made = alias(shape, like, origin)
    assert len(made) == len(like)
    assert [mark for mark in made if mark in "-_"] == [mark for mark in like if mark in "-_"]
    if shape in ("uuid", "hex"):
        assert made == (made.upper() if re.search("[A-F]", like) else made.lower())


@given(shaped().filter(lambda thing: thing[0] == "prefixed"), origins)
def test_an_alias_has_the_prefix_of_its_id(thing: tuple[str, str], origin: str) -> None:
    _, like = thing
    made = alias("prefixed", like, origin)
    assert made.rpartition("_")[0] == like.rpartition("_")[0]
    assert re.fullmatch(r"[0-9A-Za-z]+", made.rpartition("_")[2])


@given(st.uuids(), st.sampled_from((1, 3, 4, 5)), origins)
def test_an_alias_of_a_uuid_is_a_uuid_of_the_same_version(value: uuid.UUID, version: int, origin: str) -> None:
    like = uuid.UUID(int=value.int, version=version)
    made = uuid.UUID(alias("uuid", str(like), origin))
    assert made.version == version
    assert made.variant == uuid.RFC_4122


def test_random_digits_in_the_shape_of_a_uuid_become_version_4_whatever_they_look_like() -> None:
    bare = "244b8027-4a3b-c995-660f-26d169fa763b"  # version nibble c
    assert alias("uuid", bare, "x") == alias("uuid", "e7aca6d7-13e6-f914-caac-46ce7c72ece1", "x")
    assert uuid.UUID(alias("uuid", bare, "x")).version == 4


def test_an_alias_of_a_ulid_is_a_ulid() -> None:
    made = alias("ulid", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "x")
    assert re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", made)
    assert [piece.shape for piece in shapes.ids(made)] == ["ulid"]


@given(shaped(), shaped(), origins)
def test_an_alias_looks_at_nothing_of_its_id_but_the_shape(
    one: tuple[str, str], other: tuple[str, str], origin: str
) -> None:
    like = "cus_AAAAAAAAAAAAA1"
    assert alias("prefixed", like, origin) == alias("prefixed", "cus_zzzzzzzzzzzzz9", origin)
    if one[0] == other[0] == "hex" and len(one[1]) == len(other[1]) and one[1].isupper() == other[1].isupper():
        assert alias(*one, origin) == alias(*other, origin)


@given(st.lists(origins, unique=True, min_size=2, max_size=20))
def test_different_origins_have_different_aliases(different: list[str]) -> None:
    assert len({alias("prefixed", "cus_VIiHj0TY6gyFLY", origin) for origin in different}) == len(different)


def test_different_prefixes_and_lengths_have_different_aliases_at_one_origin() -> None:
    likes = ["cus_VIiHj0TY6gyFLY", "sub_VIiHj0TY6gyFLY", "cus_VIiHj0TY6gyFLYa"]
    assert len({alias("prefixed", like, "x").rpartition("_")[2] for like in likes}) == 3


def minted(shape: str, chance: random.Random) -> str:
    match shape:
        case "prefixed":
            return "in_" + "".join(chance.choices(BASE62, k=24))
        case "uuid":
            return str(uuid.UUID(int=chance.getrandbits(128), version=4))
        case "ulid":
            return "0" + "".join(chance.choices(CROCKFORD, k=25))
        case _:
            return "".join(chance.choices(LOWER, k=40))


@pytest.mark.parametrize("shape", ["prefixed", "uuid", "ulid", "hex"])
def test_what_a_random_generator_mints_is_never_taken_for_an_alias(shape: str) -> None:
    chance = random.Random(20_261_122)
    judge: Callable[[str, str], bool] = is_alias.__wrapped__  # do not fill the cache with them
    assert not any(judge(shape, minted(shape, chance)) for _ in range(SAMPLES))


@given(shaped(), origins, st.integers(0, 300))
def test_an_alias_with_one_character_changed_is_none(thing: tuple[str, str], origin: str, where: int) -> None:
    shape, like = thing
    made = alias(shape, like, origin)
    start = made.rpartition("_")[2]
    place = len(made) - len(start) + where % len(start)
    old = made[place]
    changed = made[:place] + ("3" if old != "3" else "5") + made[place + 1 :]
    if old != "-":
        assert not is_alias(shape, changed)


@pytest.mark.parametrize(
    ("shape", "text"),
    [("prefixed", ""), ("prefixed", "cus_"), ("prefixed", "in_1"), ("hex", ""), ("hex", "0a"), ("ulid", "0")],
)
def test_what_is_too_short_to_hold_a_checksum_is_no_alias(shape: str, text: str) -> None:
    assert not is_alias(shape, text)


def test_a_shape_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such shape: word"):
        alias("word", "abc", "x")


@pytest.mark.parametrize("alphabet", [BASE62, UPPER, "01"])
@given(length=st.integers(0, 300), origin=origins)
def test_a_plain_alias_has_the_length_and_the_alphabet_that_are_asked_for(
    alphabet: str, length: int, origin: str
) -> None:
    made = plain_alias("x" * length, origin, alphabet)
    assert len(made) == length
    assert set(made) <= set(alphabet)
    assert made == plain_alias("y" * length, origin, alphabet)


def test_an_origin_of_half_characters_has_an_alias_too() -> None:
    assert is_alias("prefixed", alias("prefixed", "cus_VIiHj0TY6gyFLY", "\udcff\ud800"))


# Cassettes hold these: a change of the recipe renames every id in every cassette of every user.
@pytest.mark.parametrize(
    ("shape", "like", "expected"),
    [
        ("prefixed", "cus_VIiHj0TY6gyFLY", "cus_A8vJXrj4Q3bZXa"),
        ("prefixed", "in_1UI6qsHIBYZYyePrZqHAeqdY", "in_Xo7A8MDDWO2NEdqG7anRTLib"),
        ("uuid", "63758ab1-32e5-44cb-9680-fdabe5cc8618", "0e55389e-6781-4755-8494-ae50fca07c7c"),
        ("ulid", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "0XRFQHGZS8FSZGEBSGVBGA35NQ"),
        ("hex", "d41d8cd98f00b204e9800998ecf8427e", "5792a044f4e846da06ecb47599ffdd8f"),
        ("object", "507f1f77bcf86cd799439011", "50565243a62437ac1cb1a8d9"),
        ("numbered", "SM1a12d5b74d99a2303e865d5ea9b6dff8", "SMcf596ceed5344c5a4ed37fd957cc8b8a"),
        ("prefixed", "chatcmpl-8qlFURem51pQl0RiEwt11XwNDQ1DR", "chatcmpl-QefStmrSZm4a1Mmn4i27xHN6Uxx9V"),
        ("prefixed", "PR_kwDOABPHjc8qlFURem51", "PR_mUIAw25gwaHLChI4LF9I"),
    ],
)
def test_the_recipe_of_aliases_never_changes(shape: str, like: str, expected: str) -> None:
    assert alias(shape, like, "origin") == expected


@pytest.mark.parametrize("alphabet", [BASE62, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
def test_a_token_of_what_is_older_follows_from_itself_and_its_stand_in_is_its_own(alphabet: str) -> None:
    """Else a recording from a replay would call it otherwise."""
    for real in ("5O1TZR6PTWAR7CZDX", "5O1TZR6PTWAR7CZDY", "KV95RBJV2W"):
        stand_in = standing_token(real, alphabet)
        assert stand_in != real
        assert len(stand_in) == len(real)
        assert standing_token(stand_in, alphabet) == stand_in
    assert len({standing_token(real, alphabet)[-5:] for real in ("A1B2C3D4E5F6", "A1B2C3D4E5F7")}) == 2
