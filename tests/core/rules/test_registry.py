"""The sets of rules: by name, by host, and what holds for each of them."""

import pytest

from replayer.core.rules.registry import GENERIC_RULES, INVOICE_RULES, RULES, Rules, rules_of_host
from replayer.core.secrets import scrub

EACH = pytest.mark.parametrize("rules", RULES.values(), ids=lambda rules: rules.name)


def test_rules_are_found_by_their_name() -> None:
    assert RULES == {"invoice": INVOICE_RULES, "generic": GENERIC_RULES}


@pytest.mark.parametrize(
    ("host", "rules"),
    [
        ("api.stripe.com", INVOICE_RULES),
        ("API.Stripe.com", INVOICE_RULES),
        ("127.0.0.1", INVOICE_RULES),
        ("localhost", INVOICE_RULES),
        ("::1", INVOICE_RULES),
        ("", INVOICE_RULES),
        ("stripe.com.evil.test", GENERIC_RULES),
        ("api.github.com", GENERIC_RULES),
    ],
)
def test_an_api_has_the_rules_of_its_host(host: str, rules: Rules) -> None:
    assert rules_of_host(host) is rules


@EACH
def test_what_tells_when_an_object_was_born_is_a_time(rules: Rules) -> None:
    assert set(rules.born) <= rules.times


@EACH
def test_headers_are_named_in_lower_case(rules: Rules) -> None:
    named = [*rules.matched_headers, *rules.kept_headers, *rules.noise_headers]
    assert [name for name in named if name != name.lower()] == []


@EACH
def test_every_secret_keeps_a_prefix_and_every_token_has_its_group(rules: Rules) -> None:
    assert all("keep" in secret.pattern.groupindex for secret in rules.secrets)
    assert all("token" in token.pattern.groupindex for token in rules.tokens)


@EACH
def test_no_pattern_finds_anything_in_nothing_or_in_asterisks(rules: Rules) -> None:
    for text in ("", "*" * 64, "Bearer " + "*" * 64):
        assert scrub(text, rules, frozenset()) == text
