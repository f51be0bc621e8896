"""Filters: how a parameter of a list reads an object."""

from collections.abc import Callable, Iterable, Mapping
from operator import eq, ge, gt, le, lt
from typing import Any

from replayer.core.lists.by_cursor import INTEGER
from replayer.core.rules import ruleset

BOUNDS: Mapping[str, Callable[[int, int], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le, "": eq}
BOOLEANS = ("true", "false")


def wrong(one: ruleset.Filter, value: Any) -> str:
    """Why a filter cannot be read; empty where it can."""
    if one.ranged:
        good = all(name in BOUNDS and _is_number(bound) for name, bound in _bounds(value))
    else:
        values = BOOLEANS if one.absent else one.values
        good = isinstance(value, str) and value != "" and (not values or value in values)
    return "" if good else f"{one.key} {value!r} is nothing that the API is known to understand"


def passes(one: ruleset.Filter, value: Any, listed: dict[str, Any]) -> bool:
    """Whether an object passes a filter that can be read."""
    there: Any = listed
    for step in one.path.split("."):
        there = there.get(step) if isinstance(there, dict) else None
    if one.absent:
        return bool((there is None) == (value == "true"))
    if one.ranged:
        return isinstance(there, int) and all(BOUNDS[name](there, int(bound)) for name, bound in _bounds(value))
    return bool(value == (there.get("id") if isinstance(there, dict) else there))


def _bounds(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else [("", value)]


def _is_number(bound: Any) -> bool:
    return isinstance(bound, str) and INTEGER.fullmatch(bound) is not None
