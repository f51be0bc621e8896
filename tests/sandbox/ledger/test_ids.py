"""Ids tell their time and their account; capability URLs change with every second."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.sandbox.ledger.ids import ALPHABET, EPOCH, SHORT, URL_EPOCH, base62, capability_urls, mint_account
from tests.sandbox.shop import MONDAY, Shop, chance

TIMES = st.integers(EPOCH, EPOCH + 62**5 - 1)


def created_at(name: str) -> int:
    """The second that a structured id tells; the first second of its minute for a short one."""
    prefix, _, rest = name.rpartition("_")
    number = 0
    for character in rest[:4] if prefix in SHORT else rest[1:6]:
        number = number * 62 + ALPHABET.index(character)
    return EPOCH + number * (60 if prefix in SHORT else 1)


def test_a_known_second_has_its_known_five_characters() -> None:
    assert base62(1789995706 - EPOCH, 5) == "UI6qs"
    assert base62((1789995704 - EPOCH) // 60, 4) == "VIiH"
    assert created_at("in_1UI6qsHIBYZYyePrZqHAeqdY") == 1789995706


@given(at=TIMES, prefix=st.sampled_from(["in", "ii", "il", "pi", "price", "pm"]))
def test_a_structured_id_tells_its_second_and_its_account(at: int, prefix: str) -> None:
    mint = mint_account(MONDAY, chance())
    name = mint.id(prefix, at)
    head, _, rest = name.rpartition("_")
    assert (head, len(rest), rest[0]) == (prefix, 24, "3" if prefix == "pi" else "1")
    assert created_at(name) == at
    assert rest[6:16] == mint.account[-10:]


@given(at=st.integers(EPOCH, EPOCH + 60 * 62**4 - 1))
def test_a_short_id_tells_its_minute(at: int) -> None:
    name = mint_account(MONDAY, chance()).id("cus", at)
    assert len(name) == len("cus_") + 14
    assert 0 <= at - created_at(name) < 60


@pytest.mark.parametrize("at", [0, -5, 2**40])
def test_a_strange_clock_still_makes_ids(at: int) -> None:
    assert len(mint_account(at, chance()).id("in", at)) == 27


def test_an_account_that_a_client_names_lends_its_fragment() -> None:
    assert mint_account(0, chance(), "acct_1UI6qsHIBYZYyePr").fragment == "HIBYZYyePr"
    assert len(mint_account(0, chance(), "acct_odd").fragment) == 10


def test_the_token_of_a_url_holds_account_secret_and_second() -> None:
    hosted, pdf = capability_urls("acct_1UI6qsHIBYZYyePr", "S" * 31, MONDAY)
    token = hosted.removeprefix("https://invoice.stripe.com/i/acct_1UI6qsHIBYZYyePr/test_").removesuffix("?s=ap")
    assert pdf == f"https://pay.stripe.com/invoice/acct_1UI6qsHIBYZYyePr/test_{token}/pdf?s=ap"
    plain, fixed, signature = token[:-12], token[-12:-8], token[-8:]
    decoded = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
    assert decoded == f"acct_1UI6qsHIBYZYyePr,_{'S' * 31},{MONDAY - URL_EPOCH}"
    assert fixed == "0200"
    assert signature.isalnum()


def test_two_reads_in_one_second_are_equal_and_a_second_later_only_the_urls_differ(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice('open')['id']}"
    first = shop.get(path)
    assert shop.get(path) == first
    shop.at += 1
    later = shop.get(path)
    assert {name for name in first if first[name] != later[name]} == {"hosted_invoice_url", "invoice_pdf"}


def test_one_seed_and_one_clock_make_the_same_answers() -> None:
    one, other, third = Shop(seed=7), Shop(seed=7), Shop(seed=8)
    assert one.invoice("paid") == other.invoice("paid") != third.invoice("paid")
