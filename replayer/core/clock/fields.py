"""Times in the text of a search, `created>=1795341600 AND status:'open'`: the fields that the rules know for times."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from replayer.core.message import Response, instants, leaves
from replayer.core.rules import Rules

HOW: Mapping[str, str] = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", ":": "", "=": ""}


def searched(text: str, fields: frozenset[str], change: Callable[[int, str], int]) -> str:
    """The text with each time that such a field is compared with changed; `change` is told the seconds since 1970 and
    the comparison (gt, gte, lt, lte or nothing)."""

    def changed(match: re.Match[str]) -> str:
        return match["before"] + str(change(int(match["seconds"]), HOW[match["how"]]))

    return _compared(fields).sub(changed, text)


@lru_cache(8)
def _compared(fields: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(fields)))
    return re.compile(
        rf"(?P<before>(?<![\w.\]\"'])(?:{names})\s*(?P<how>[<>]=?|[:=])\s*)(?P<seconds>[0-9]{{9,11}})(?![\w.])"
    )


def retimed(response: Response, rules: Rules, change: Callable[[leaves.Leaf, int], int]) -> Response:
    """The response with the times in its body changed, in seconds since 1970."""
    changes = [
        (leaf, instant.write(changed))
        for leaf in response.leaves
        if (instant := instant_at(leaf, rules)) and (changed := change(leaf, instant.seconds)) != instant.seconds
    ]
    return response.with_text(leaves.edited(response.content, changes)) if changes else response


def instant_at(leaf: leaves.Leaf, rules: Rules) -> instants.Instant | None:
    """The time at a place that is known to hold times, or that can only be one."""
    if leaf.key in rules.times:
        return instants.read_any(leaf.value, quoted=leaf.quoted) or instants.read_day(leaf.value)
    if leaf.quoted and leaf.value[4:5] == "-":
        return instants.read_any(leaf.value, quoted=True)
    return None
