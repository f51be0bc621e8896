"""The sets of rules that there are, by name, and which of them an API has by its host."""

import re

from replayer.core.rules.generic import GENERIC_RULES
from replayer.core.rules.ruleset import Copied, Rules, Secret, Token, Unmoved
from replayer.core.rules.stripe import INVOICE_RULES

__all__ = ["GENERIC_RULES", "INVOICE_RULES", "RULES", "Copied", "Rules", "Secret", "Token", "Unmoved", "rules_of_host"]

RULES = {rules.name: rules for rules in (INVOICE_RULES, GENERIC_RULES)}

# What stands on loopback, or nowhere yet, is mostly a stand-in for the API that all this is made for.
INVOICE_KEY = re.compile(r"\b[sr]k_(?:test|live|org)_")  # who shows such a key means the invoice API
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def rules_of_host(host: str) -> Rules:
    """The rules of the API at that host: its own where it has some, else those for any JSON API."""
    if host.lower() in ("", *LOOPBACK):
        return INVOICE_RULES
    return next((rules for rules in RULES.values() if host.lower() in rules.hosts), GENERIC_RULES)
