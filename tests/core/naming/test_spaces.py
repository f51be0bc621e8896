"""What both directions share."""

from replayer.core.clock.facts import Clock
from replayer.core.message.wire import Links
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.table import Names
from replayer.core.rules.registry import INVOICE_RULES


def test_token_rules_are_found_by_the_name_of_their_field() -> None:
    spaces = Spaces(INVOICE_RULES, Links("", "", ""), Names(), Clock())
    assert [rule.name for rule in spaces.token_rules["number"]] == ["invoice_prefix"]
    assert sum(map(len, spaces.token_rules.values())) == len(INVOICE_RULES.tokens)
    assert "amount_due" not in spaces.token_rules
