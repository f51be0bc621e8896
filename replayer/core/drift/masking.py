"""Masking: a value as it may be shown where it was never scrubbed. What looks like a credential is cut to its ends.

An answer that is only compared is written nowhere; but what is told of it ends up in logs, and it may hold tokens that
no rule of its API knows. So the names and the forms that credentials have anywhere count here, whatever the rules are.
"""

from typing import Any

from replayer.core.naming.tokens import held
from replayer.core.rules.generic import CREDENTIALS, GENERIC_RULES
from replayer.core.secrets.findings import masked
from replayer.core.secrets.scrub import scrub

RULEBOOK = {
    key: [rule for rule in GENERIC_RULES.tokens if rule.key == key] for key in sorted(CREDENTIALS | {"set-cookie"})
}


def shown(value: Any, key: str = "") -> Any:
    """A JSON value that stands under that name, in an answer or a header, without what may be a credential in it."""
    if isinstance(value, dict):
        return {name: shown(child, name) for name, child in value.items()}
    if isinstance(value, list):
        return [shown(child, key) for child in value]
    return shown_text(value, key) if isinstance(value, str) else value


def shown_text(text: str, key: str = "") -> str:
    """The same for a text, with the parameters of the links in it."""
    plain, end = "", 0
    for one in held(text, key, RULEBOOK):
        plain += text[end : one.start] + masked(text[one.start : one.end])
        end = one.end
    return scrub(plain + text[end:], GENERIC_RULES, frozenset())
