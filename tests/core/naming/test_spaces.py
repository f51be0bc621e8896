"""What both directions share."""

from replayer.core.clock import facts
from replayer.core.message import wire
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.table import Names
from replayer.core.rules import registry


def test_token_rules_are_found_by_the_name_of_their_field() -> None:
    spaces = Spaces(registry.INVOICE_RULES, wire.Links("", "", ""), Names(), facts.FactClock())
    assert [rule.name for rule in spaces.token_rules["number"]] == ["invoice_prefix"]
    assert sum(map(len, spaces.token_rules.values())) == len(registry.INVOICE_RULES.tokens)
    assert "amount_due" not in spaces.token_rules
