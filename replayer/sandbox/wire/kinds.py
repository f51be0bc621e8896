"""Parameter kinds: how one value of a request is read, and with which words it is refused.

A kind is stored or refused, never ignored: what no table names is unknown, and what the API has and the sandbox
has not is refused by name (`UNSUPPORTED`).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeAlias

from replayer.sandbox.wire import refusals
from replayer.sandbox.wire.form import Tree, elements
from replayer.sandbox.wire.refusals import Refusal, Refused

Params: TypeAlias = dict[str, Any]
"""Checked parameters in request order: text, int, bool, list, map; None where an empty string unset one."""

ReadValue: TypeAlias = Callable[[Tree, str], Any]

MAX_TEXT: Final = 5000  # the API's bound for cursors, and for any text without a narrower one
MAX_INTEGER: Final = 2**63 - 1
MAX_KEYS, MAX_KEY, MAX_VALUE = 50, 40, 500  # metadata
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True)
class ParamKind:
    """How a value is read. `fields` are the names that may stand inside it, `each` the kind of its elements."""

    read: ReadValue
    fields: Mapping[str, "ParamKind"] = field(default_factory=dict)
    each: "ParamKind | None" = None


ParamTable: TypeAlias = Mapping[str, ParamKind]
"""The parameters of an operation, or the members of a map, by their names."""


def _scalar(tree: Tree, param: str, word: str) -> str:
    if isinstance(tree, str):
        return tree
    shown = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    raise refusals.invalid(f"Invalid {word}: {shown}", param)


def _filled(tree: Tree, param: str, word: str) -> str:
    text = _scalar(tree, param, word)
    if not text:
        raise refusals.invalid(
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty "
            "value.",
            param,
            "parameter_invalid_empty",
        )
    return text


def _integer(tree: Tree, param: str) -> int:
    text = _filled(tree, param, "integer")
    if not _INTEGER.fullmatch(text) or abs(int(text)) > MAX_INTEGER:
        raise refusals.invalid(f"Invalid integer: {text}", param, "parameter_invalid_integer")
    return int(text)


def _decimal(tree: Tree, param: str) -> Decimal:
    text = _filled(tree, param, "decimal")
    if not _DECIMAL.fullmatch(text):
        raise refusals.invalid(f"Invalid decimal: {text}", param, "parameter_invalid_decimal")
    return Decimal(text)


def _boolean(tree: Tree, param: str) -> bool:
    text = _filled(tree, param, "boolean")
    if text not in ("true", "false"):
        raise Refused(Refusal(f"Invalid boolean: {text}", param=param, question="invalid_boolean_text"))
    return text == "true"


def _currency(tree: Tree, param: str) -> str:
    text = _filled(tree, param, "string")
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise refusals.invalid(f"Invalid currency: {text}", param)
    return text.lower()


def text(limit: int = MAX_TEXT) -> ParamKind:
    """Text that cannot be unset. A number is text too: a form does not tell them apart."""

    def read(tree: Tree, param: str) -> str:
        return _bounded(_filled(tree, param, "string"), param, limit)

    return ParamKind(read)


def _bounded(value: str, param: str, limit: int) -> str:
    if len(value) > limit:
        raise refusals.invalid(
            f"Invalid string: {value[:10]}...{value[-10:]}; must be at most {limit} characters", param
        )
    return value


def integer(least: int | None = None) -> ParamKind:
    def read(tree: Tree, param: str) -> int:
        number = _integer(tree, param)
        if least is not None and number < least:
            message = f"This value must be greater than or equal to {least}."
            raise refusals.invalid(message, param, "parameter_invalid_integer")
        return number

    return ParamKind(read)


def only(kind: ParamKind, *supported: Any) -> ParamKind:
    """The same, but of its values only these: the others ask for what the sandbox does not have."""

    def read(tree: Tree, param: str) -> Any:
        value = kind.read(tree, param)
        return value if value in supported else _unsupported(tree, param)

    return ParamKind(read)


def enum(*values: str) -> ParamKind:
    """Two values are joined by "or", more by commas and "or": `one of a or b`, `one of a, b, or c`."""
    listed = " or ".join(values) if len(values) == 2 else ", ".join((*values[:-1], f"or {values[-1]}"))

    def read(tree: Tree, param: str) -> str:
        value = tree if isinstance(tree, str) else _scalar(tree, param, "string")
        if value not in values:
            raise refusals.invalid(f"Invalid {param}: must be one of {listed}", param)
        return value

    return ParamKind(read)


def hashed(fields: ParamTable, *required: str) -> ParamKind:
    """A map of which the names are a table."""

    def read(tree: Tree, param: str) -> Params:
        if not isinstance(tree, dict):
            raise refusals.invalid("Invalid object", param)
        present = sorted(name for name in tree if name in fields)  # stored and shown in the order of the wire
        found = {name: fields[name].read(tree[name], f"{param}[{name}]") for name in present}
        for name in required:
            if name not in found:
                raise refusals.missing(f"{param}[{name}]")
        return found

    return ParamKind(read, fields=fields)


def array(each: ParamKind, most: int | None = None) -> ParamKind:
    def read(tree: Tree, param: str) -> list[Any]:
        found = elements(tree)
        if found is None:
            raise refusals.invalid("Invalid array", param)
        if most is not None and len(found) > most:
            raise refusals.invalid(f"Invalid array: must have at most {most} elements", param)
        return [each.read(one, f"{param}[{place}]") for place, one in enumerate(found)]

    return ParamKind(read, each=each)


def unsettable(kind: ParamKind) -> ParamKind:
    """The same, but an empty string unsets it: read as None."""

    def read(tree: Tree, param: str) -> Any:
        return None if tree == "" else kind.read(tree, param)

    return ParamKind(read, kind.fields, kind.each)


def _metadata(tree: Tree, param: str) -> dict[str, str] | None:
    if tree == "":
        return None
    if not isinstance(tree, dict):
        raise refusals.invalid("Invalid object", param)
    for key, value in tree.items():
        place = f"{param}[{key}]"
        _scalar(value, place, "string")
        if not 0 < len(key) <= MAX_KEY:
            raise refusals.invalid(
                f"Metadata keys can have up to {MAX_KEY} characters, but you passed in a key that is {len(key)} "
                f"characters. Invalid key: {key}",
                place,
            )
        if len(value) > MAX_VALUE:
            raise refusals.invalid(
                f"Metadata values can have up to {MAX_VALUE} characters, but you passed in a value that is "
                f"{len(value)} characters. Invalid value: {value}",
                place,
            )
    return dict(tree)


def _unsupported(_: Tree, param: str) -> Any:
    raise refusals.invalid(f"The sandbox does not support the parameter '{param}'.", param)


def _range(tree: Tree, param: str) -> dict[str, int]:
    """A bare integer means equality; else any of the four bounds."""
    if isinstance(tree, dict):
        return {name: _integer(value, f"{param}[{name}]") for name, value in tree.items() if name in BOUNDS}
    return {"gte": (number := _integer(tree, param)), "lte": number}


NAME: Final = text()
TEXT: Final = unsettable(NAME)
INTEGER: Final = integer()
TIME: Final = INTEGER
DECIMAL: Final = ParamKind(_decimal)
BOOLEAN: Final = ParamKind(_boolean)
CURRENCY: Final = ParamKind(_currency)
METADATA: Final = ParamKind(_metadata)
UNSUPPORTED: Final = ParamKind(_unsupported)
BOUNDS: Final = dict.fromkeys(("gt", "gte", "lt", "lte"), INTEGER)
RANGE: Final = ParamKind(_range, fields=BOUNDS)


def checked(kinds: ParamTable, tree: Mapping[str, Tree], required: tuple[str, ...] = ()) -> Params:
    """The parameters in request order. Unknown names are refused before wrong values, and those before missing ones."""
    unknown = [name for key, value in tree.items() for name in _unknown(kinds, key, value, key)]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        raise refusals.invalid(
            f"Received unknown parameter{plural}: {', '.join(unknown)}", unknown[0], "parameter_unknown"
        )
    params = {name: kinds[name].read(value, name) for name, value in tree.items()}
    for name in required:
        if name not in params:
            raise refusals.missing(name)
    return params


def _unknown(kinds: ParamTable, key: str, tree: Tree, param: str) -> Iterator[str]:
    kind = kinds.get(key)
    if kind is None:
        yield param
        return
    if kind.each is not None:
        inside = {"": kind.each}
        for place, one in enumerate(elements(tree) or ()):
            yield from _unknown(inside, "", one, f"{param}[{place}]")
    elif kind.fields and isinstance(tree, dict):
        for name, value in tree.items():
            yield from _unknown(kind.fields, name, value, f"{param}[{name}]")
