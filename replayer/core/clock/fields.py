"""Times in the text of a search, `created>=1795341600 AND status:'open'`: the fields that the rules know for times."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

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
