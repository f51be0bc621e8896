"""What both directions share."""

from replayer.core.clock import Clock
from replayer.core.links import Links
from replayer.core.names import Names
from replayer.core.rules import INVOICE_RULES
from replayer.core.spaces import Spaces


def test_token_rules_are_found_by_the_name_of_their_field() -> None:
    spaces = Spaces(INVOICE_RULES, Links("", "", ""), Names(), Clock())
    assert [rule.name for rule in spaces.token_rules["number"]] == ["invoice_prefix"]
    assert sum(map(len, spaces.token_rules.values())) == len(INVOICE_RULES.tokens)
    assert "amount_due" not in spaces.token_rules
