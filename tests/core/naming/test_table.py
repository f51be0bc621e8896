"""The table of names: a bijection, or it says where it broke."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message import shapes
from replayer.core.naming.aliases import BASE62, alias, is_alias, key_alias
from replayer.core.naming.table import Collision, FirstSeen, Names
from tests.core.build import CUSTOMER, INVOICE, OTHER

real_ids = st.text(BASE62, min_size=23, max_size=23).map(lambda body: f"in_1{body}")


def piece(text: str) -> shapes.Piece:
    (found,) = shapes.ids(text)
    return found


def named(names: Names, real: str, origin: str = "origin", place: str = "id") -> str:
    return names.name(piece(real), origin, place)


@given(st.lists(st.tuples(real_ids, st.text(max_size=9)), max_size=12, unique_by=lambda pair: pair[1]))
def test_names_lead_back_to_what_they_name(things: list[tuple[str, str]]) -> None:
    names = Names()
    told = {real: named(names, real, origin) for real, origin in things}
    assert not names.collisions
    assert {real: names.alias_of(real) for real in told} == told
    assert {names.real_of(name): name for name in told.values()} == told
    assert len(names) == len(told)


def test_an_identity_has_the_name_of_its_first_origin() -> None:
    names = Names()
    first = named(names, INVOICE, "here")
    assert named(names, INVOICE, "there") == first
    assert is_alias("prefixed", first)


def test_two_identities_at_one_origin_are_a_collision_that_tells_both_masked() -> None:
    names = Names()
    name = named(names, INVOICE, "here", "data[0].id")
    assert named(names, OTHER, "here", "data[1].id") == name
    one, other = FirstSeen("in_1U...dY", "data[0].id"), FirstSeen("in_1U...Gh", "data[1].id")
    assert names.collisions == [Collision(name, one, other)]
    assert str(names.collisions[0]) == (
        f"two values of the upstream, in_1U...dY (at data[0].id) and in_1U...Gh (at data[1].id), would both be {name}"
    )
    assert INVOICE not in str(names.collisions)
    assert OTHER not in str(names.collisions)


def test_an_alias_is_its_own_alias() -> None:
    name = alias("prefixed", INVOICE, "an earlier session")
    assert named(Names(), name, "here") == name


def test_what_the_client_wrote_first_stays_as_written() -> None:
    names = Names()
    names.wrote(CUSTOMER)
    assert names.is_constant(CUSTOMER)
    assert named(names, CUSTOMER) == CUSTOMER
    assert names.alias_of(CUSTOMER) is None
    assert not names.is_real(CUSTOMER)


def test_what_the_client_was_told_is_no_constant_when_it_writes_it() -> None:
    names = Names()
    name = named(names, CUSTOMER)
    names.wrote(name)
    names.wrote(CUSTOMER)
    assert not names.is_constant(name)
    assert not names.is_constant(CUSTOMER)


def test_an_alias_that_this_session_never_gave_out_is_stale() -> None:
    names = Names()
    old = alias("prefixed", INVOICE, "an earlier session")
    assert names.is_stale(piece(old))
    assert not names.is_stale(piece(named(names, INVOICE)))
    assert not names.is_stale(piece(OTHER))
    assert not names.is_stale(shapes.Piece("word", "A1B2C3D4", 0, 8))


def test_a_token_that_changes_on_every_read_has_one_name_and_the_newest_value() -> None:
    names = Names()
    first = names.name_token("YWNjdF8xLDE=", "owned by in_a", "url", BASE62)
    assert names.name_token("YWNjdF8xLDI=", "owned by in_a", "url", BASE62) == first
    assert names.real_of(first) == "YWNjdF8xLDI="
    assert names.alias_of("YWNjdF8xLDE=") == names.alias_of("YWNjdF8xLDI=") == first
    assert not names.collisions


def test_tokens_of_two_owners_have_two_names() -> None:
    names = Names()
    assert names.name_token("A1B2C3D4", "one", "x", BASE62) != names.name_token("B1B2C3D4", "other", "x", BASE62)


def test_a_token_that_the_client_wrote_stays() -> None:
    names = Names()
    names.wrote("A1B2C3D4")
    assert names.name_token("A1B2C3D4", "one", "x", BASE62) == "A1B2C3D4"


def test_only_what_has_another_name_and_is_no_short_word_is_real() -> None:
    names = Names()
    name = named(names, INVOICE)
    token = names.name_token("usd", "one", "x", BASE62)
    assert names.is_real(INVOICE)
    assert not names.is_real(name)
    assert not names.is_real(OTHER)
    assert names.alias_of("usd") == token
    assert not names.is_real("usd")


def test_an_alias_that_is_its_own_is_not_real() -> None:
    names = Names()
    name = alias("prefixed", INVOICE, "an earlier session")
    named(names, name)
    assert not names.is_real(name)


@given(st.text(min_size=8, max_size=40), st.text(max_size=20))
def test_the_stand_in_of_a_key_is_a_uuid_whatever_the_key_is(key: str, origin: str) -> None:
    stand_in = key_alias(key, origin)
    assert str(uuid.UUID(stand_in)) == stand_in
    assert stand_in == key_alias("another-key-that-is-long", origin)


def test_a_key_that_is_too_short_to_be_chance_stays() -> None:
    assert key_alias("order-1", "origin") == "order-1"


def test_a_table_tells_its_size() -> None:
    names = Names()
    named(names, INVOICE)
    names.wrote("active")
    assert repr(names) == "<Names 1 aliases, 1 constants>"


def test_two_tokens_that_meet_in_one_alias_are_told_and_never_merged() -> None:
    names = Names()
    assert names.name_token("A", "one", "a", "0") == names.name_token("B", "other", "b", "0") == "0"
    assert [str(collision) for collision in names.collisions] == [
        "two values of the upstream, ... (at a) and ... (at b), would both be 0"
    ]


def test_a_token_that_is_another_one_on_every_read_has_one_alias_and_no_collision() -> None:
    names = Names()
    assert names.name_token("first", "one", "a", "0123456789") == names.name_token("later", "one", "a", "0123456789")
    assert names.real_of(names.name_token("later", "one", "a", "0123456789")) == "later"
    assert names.collisions == []


def test_a_third_value_is_told_beside_the_first() -> None:
    names = Names()
    for token, owner, place in (("AAAA1111", "one", "a"), ("BBBB2222", "two", "b"), ("CCCC3333", "three", "c")):
        names.name_token(token, owner, place, "0")
    assert [(str(each.first), str(each.second)) for each in names.collisions] == [
        ("A...1 (at a)", "B...2 (at b)"),
        ("A...1 (at a)", "C...3 (at c)"),
    ]


def test_a_token_has_the_length_that_its_rule_says_or_its_own() -> None:
    names = Names()
    assert len(names.name_token("0123456789", "one", "a", BASE62)) == 10
    assert len(names.name_token("0123456789-", "other", "a", BASE62, 24)) == 24
