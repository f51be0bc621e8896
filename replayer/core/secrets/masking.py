"""Masking: a value as it may be shown where it was never scrubbed. What looks like a credential is cut to its ends.

An answer that is only compared is written nowhere; but what is said of it ends up in logs, and it may hold tokens that
no rule of its API knows. So the names and the forms that credentials have anywhere count here, whatever the rules are.
"""

from typing import Any

from replayer.core.rules import registry
from replayer.core.secrets.by_name import spans
from replayer.core.secrets.scrub import scrub


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
    for start, stop in sorted(spans(key, text)):
        if start >= end:
            plain += text[end:start] + masked(text[start:stop])
            end = stop
    return scrub(plain + text[end:], registry.GENERIC_RULES, frozenset())


def masked(text: str, prefix: str = "") -> str:
    """A value that may be real, so that its owner knows it again and nobody else: after its prefix the first two and
    the last two characters, never more than a third of it."""
    random = text.removeprefix(prefix)
    shown = min(4, len(random) // 3)
    first, last = shown - shown // 2, shown // 2
    return f"{prefix}{random[:first]}...{random[len(random) - last :]}"
