"""The rules of the invoice API: what the invoice API's ids, times, tokens and secrets look like."""

import pytest

from replayer.core.naming import aliases
from replayer.core.rules.stripe import INVOICE_RULES

ACCOUNT = "acct_1HIBYZYyePrZqHAe"
LINK = "YWNjdF8xSElCWVpZeWVQclpxSEFlLF9WSWlIajBUWTZneUZMWQ0200abcdefgh"


def token_in(key: str, text: str) -> str | None:
    """What the rules take for a token in that field."""
    for rule in INVOICE_RULES.tokens:
        if rule.key == key and (match := rule.pattern.search(text)):
            return match.group("token")
    return None


FIELDS = [
    ("hosted_invoice_url", f"https://invoice.stripe.com/i/{ACCOUNT}/test_{LINK}?s=ap", LINK),
    ("hosted_invoice_url", f"https://invoice.stripe.com/i/{ACCOUNT}/live_{LINK}?s=ap", LINK),
    ("invoice_pdf", f"https://pay.stripe.com/invoice/{ACCOUNT}/test_{LINK}/pdf?s=ap", LINK),
    ("invoice_prefix", "A1B2C3D4", "A1B2C3D4"),
    ("invoice_prefix", "ACME", None),
    ("number", "A1B2C3D4-0001", "A1B2C3D4"),
    ("number", "A1B2C3D4-DRAFT", None),
    ("number", "2026-0001", None),
    ("fingerprint", "Xt5EWLLDS7FJjR1c", "Xt5EWLLDS7FJjR1c"),
    ("next_page", "WzEyMF0=", "WzEyMF0="),
    ("description", LINK, None),
]


@pytest.mark.parametrize(("key", "text", "token"), FIELDS)
def test_a_token_is_found_in_the_field_that_is_known_to_hold_it(key: str, text: str, token: str | None) -> None:
    assert token_in(key, text) == token


@pytest.mark.parametrize(("key", "text", "token"), [field for field in FIELDS if field[2]])
def test_the_stand_in_of_a_token_is_found_as_a_token_again(key: str, text: str, token: str) -> None:
    rule = next(rule for rule in INVOICE_RULES.tokens if rule.key == key)
    stand_in = aliases.plain_alias(token, "origin", rule.alphabet)
    assert token_in(key, text.replace(token, stand_in)) == stand_in


@pytest.mark.parametrize(
    ("key", "live"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("pk_live_1", False), ("x_sk_live_1", False)],
)
def test_live_keys_are_those_that_can_move_real_money(key: str, live: bool) -> None:
    assert bool(INVOICE_RULES.live_keys.match(key)) is live
