"""Rules extended by what a user knows of his API: a table of names and patterns in, one set of rules out.

base = "generic"                                the rules to start from, chosen elsewhere
times = ["seen"]                                names of fields, parameters or headers
tokens = [{field = "next", pattern = "..."}]
secrets = [{field = "password"}, {name = "our key", pattern = "..."}]
personal = ["email", "address.*"]
paging = [{style = "page-number", where = "p", size = "n"}]
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from replayer.core.rules.generic import LENGTH, SAID
from replayer.core.rules.ruleset import ByNumber, ByOffset, ByToken, Positional, Rules, Secret, Token, plain_name
from replayer.errors import UsageError, unknown

BASE, FIELD = "base", "field"
NAMES = (
    "times", "born", "moving", "cursors", "unordered", "noise_headers", "matched_headers", "kept_headers",
    "personal",
)  # fmt: skip
KEYS = [BASE, *NAMES, "tokens", "secrets", "paging"]
TOKEN_KEYS, SECRET_KEYS = ["field", "pattern", "owner"], ["name", "pattern", "field"]
ALL = r"(?s)^(?P<token>.+)$"  # of a token without a pattern: the whole of the field
FLAGS = re.compile(r"\(\?[aimsx]+\)")  # these stand first in a pattern, whatever is put around it
ASTERISKS = "*" * 64  # what is left of a secret; no pattern may take it for one
STYLES: dict[str, type[Positional]] = {"token": ByToken, "page-number": ByNumber, "offset": ByOffset}
NUMBERS, TRUTHS, PARAMETERS = ("first", "default", "least", "most"), ("even", "short"), ("where", "size")
MOST_TABLES = 64  # with the rules that they extend, in one process; more of them are forgotten
STYLE_KEYS = ["style", *PARAMETERS, "items", *NUMBERS, *TRUTHS, *SAID]

_made: dict[tuple[int, str], tuple[Rules, Rules]] = {}


def extended(rules: Rules, table: Mapping[str, Any]) -> Rules:
    """The rules with those of the table on top: they come first. UsageError names the key that is wrong.

    Sessions of equal tables share one value, for much of what is known of secrets is known by it."""
    wanted = id(rules), repr(table)
    known = _made.get(wanted)
    if known is None or known[0] is not rules:
        if len(_made) > MOST_TABLES:
            _made.clear()
        known = _made[wanted] = (rules, _extended(rules, table))
    return known[1]


def _extended(rules: Rules, table: Mapping[str, Any]) -> Rules:
    for key in table:
        if key not in KEYS:
            raise unknown(str(key), "key of rules", KEYS)
    if not table.keys() - {BASE}:
        return rules
    given = {key: _names(key, table.get(key, ())) for key in NAMES}
    secrets = _tables("secrets", table, SECRET_KEYS)
    declared = [_secret(*each) for each in secrets if FIELD not in each[1]]
    paging = tuple(style_of(*each) for each in _tables("paging", table, STYLE_KEYS))
    return replace(
        rules,
        times=rules.times | {*given["times"], *given["born"], *given["moving"]},
        born=(*given["born"], *rules.born),
        moving=rules.moving | {*given["moving"]},
        cursors=rules.cursors.union(given["cursors"], *((*style.where, *style.size) for style in paging)),
        unordered=rules.unordered | {*given["unordered"]},
        noise_headers=rules.noise_headers | _lower(given["noise_headers"]),
        matched_headers=_joined(given["matched_headers"], rules.matched_headers),
        kept_headers=_joined(given["kept_headers"], rules.kept_headers),
        tokens=(*(_token(*each) for each in _tables("tokens", table, TOKEN_KEYS)), *rules.tokens),
        paging=(*paging, *rules.paging),
        secrets=(*declared, *rules.secrets),
        wide_secrets=(*declared, *rules.wide_secrets),
        personal=(*given["personal"], *rules.personal),
        secret_fields=rules.secret_fields.union(_secret_field(*each) for each in secrets if FIELD in each[1]),
    )


def _names(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple | set | frozenset) or not all(isinstance(one, str) and one for one in value):
        raise _wrong(key, "a list of names", value)
    return tuple(value)


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _joined(given: Iterable[str], there: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*there, *(name.lower() for name in given)]))


def _tables(key: str, table: Mapping[str, Any], known: list[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """The tables in a list, each with its place."""
    value = table.get(key, ())
    example = ", ".join(f"{name} = ..." for name in known[:2])
    if not isinstance(value, list | tuple) or not all(isinstance(one, Mapping) for one in value):
        raise _wrong(key, f"a list of tables like {{{example}}}", value)
    for index, one in enumerate(value):
        for name in one:
            if name not in known:
                raise unknown(str(name), f"key of rules.{key}[{index}]", known)
    return [(f"{key}[{index}]", one) for index, one in enumerate(value)]


def _token(place: str, table: Mapping[str, Any]) -> Token:
    field, owner = _text(place, table, "field"), _text(place, table, "owner", default="")
    pattern = _pattern(place, table, "token", around="(?P<token>{})", default=ALL)
    return Token(field, pattern, field, owner=owner, length=LENGTH, numbers=True)


def _secret(place: str, table: Mapping[str, Any]) -> Secret:
    pattern = _pattern(place, table, "keep", around="(?P<keep>)(?:{})")
    if pattern.search(ASTERISKS):
        raise UsageError(f"rules.{place}.pattern must not match asterisks: a secret becomes these.")
    return Secret(_text(place, table, "name"), pattern.pattern, wide=True)


def _secret_field(place: str, table: Mapping[str, Any]) -> str:
    """The name of a field whose value is a secret, whatever it looks like."""
    if "pattern" in table:
        raise UsageError(
            f"rules.{place} has a field and a pattern: a field is a secret as a whole. Leave one of them out."
        )
    return plain_name(_text(place, table, FIELD))


def _text(place: str, table: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (not value and default is None):
        raise _wrong(f"{place}.{key}", "a text", value)
    return value


def _pattern(
    place: str, table: Mapping[str, Any], group: str, *, around: str, default: str | None = None
) -> re.Pattern[str]:
    """The regular expression with that group in it: where it has none, `around` puts it there."""
    text = _text(place, table, "pattern", default=default)
    try:
        pattern = re.compile(text)
        if group not in pattern.groupindex:
            flags = FLAGS.match(text)
            first = flags.group() if flags else ""
            pattern = re.compile(first + around.format(text[len(first) :]))
    except re.error as error:
        raise UsageError(f"rules.{place}.pattern must be a regular expression, not {text!r}: {error}.") from None
    if pattern.search(""):
        raise UsageError(f"rules.{place}.pattern must not match an empty text, as {text!r} does.")
    return pattern


def _wrong(key: str, wanted: str, value: Any) -> UsageError:
    return UsageError(f"rules.{key} must be {wanted}" + ("." if value is None else f", not {value!r}."))


def style_of(place: str, table: Mapping[str, Any]) -> Positional:
    """The style of that table, which stands at `place`. UsageError names the key that is wrong."""
    for key in table:
        if key not in STYLE_KEYS:
            raise unknown(str(key), f"key of rules.{place}", STYLE_KEYS)
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
