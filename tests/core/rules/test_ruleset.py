"""What a set of rules is made of."""

from dataclasses import FrozenInstanceError

import pytest

from replayer.core.naming import aliases
from replayer.core.rules.ruleset import Token
from replayer.core.rules.stripe import INVOICE_RULES


def test_a_token_is_as_long_as_it_was_and_spelled_in_letters_and_digits_unless_its_rule_says_otherwise() -> None:
    rule = Token("key", INVOICE_RULES.tokens[0].pattern, "name")
    assert (rule.length, rule.owner) == (0, "id")
    assert sorted(rule.alphabet) == sorted(aliases.BASE62)


def test_rules_are_values() -> None:
    with pytest.raises(FrozenInstanceError):
        INVOICE_RULES.name = "other"  # type: ignore[misc]  # that is what is refused
