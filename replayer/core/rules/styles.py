"""A style of pages that a user tells of: a table in, one style out.

{style = "page-number", where = "p", size = "n", first = 1, more = ["has_next"]}
"""

from collections.abc import Mapping
from typing import Any

from replayer.core.rules.generic import SAID
from replayer.core.rules.ruleset import ByNumber, ByOffset, ByToken, Positional
from replayer.errors import UsageError, unknown

STYLES: dict[str, type[Positional]] = {"token": ByToken, "page-number": ByNumber, "offset": ByOffset}
NUMBERS, TRUTHS, PARAMETERS = ("first", "default", "least", "most"), ("even", "short"), ("where", "size")
KEYS = ["style", *PARAMETERS, "items", *NUMBERS, *TRUTHS, *SAID]


def style_of(place: str, table: Mapping[str, Any]) -> Positional:
    """The style of that table, which stands at `place`. UsageError names the key that is wrong."""
    for key in table:
        if key not in KEYS:
            raise unknown(str(key), f"key of rules.{place}", KEYS)
    style = table.get("style")
    if not isinstance(style, str) or style not in STYLES:
        raise unknown(str(style), f"style of rules.{place}", list(STYLES))
    if "where" not in table:
        raise UsageError(f"rules.{place}.where must be the parameter that tells where a page begins.")
    given = {key: _value(f"{place}.{key}", key, value) for key, value in table.items() if key != "style"}
    said = {key: names | given.pop(key, frozenset()) for key, names in SAID.items()}
    return STYLES[style](**{"size": (), **given, **said})


def _value(place: str, key: str, value: Any) -> Any:
    if key in NUMBERS:
        wanted, fits = "a whole number", type(value) is int and value >= 0
    elif key in TRUTHS:
        wanted, fits = "true or false", isinstance(value, bool)
    elif key == "items":
        wanted, fits = "a text", isinstance(value, str)
    else:
        wanted, fits = "a name or a list of names", _are_names(value)
    if not fits:
        raise UsageError(f"rules.{place} must be {wanted}, not {value!r}.")
    return tuple(_named(value)) if key in PARAMETERS else frozenset(_named(value)) if key in SAID else value


def _named(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _are_names(value: Any) -> bool:
    return isinstance(value, str | list | tuple) and all(isinstance(one, str) and one for one in _named(value))
