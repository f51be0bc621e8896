"""Which values look as if a program made them up, anew in every run: only such fields may be proposed as volatile.

A proposal that is followed hides the difference for good. So what says which part of a list is wanted, or which times,
is none, whatever its value looks like: the answer would be another page.
"""

import re
from collections.abc import Iterable

LONG = 8  # digits of a number that is minted: 4 is a page, 150000 an amount
# Words of names that say where to begin, where to end and how much of it: `after_id`, `created[gte]`, `minDate`.
PARTS = frozenset(
    {
        "after", "before", "since", "until", "from", "to", "start", "end", "begin", "min", "max", "gt", "gte", "ge",
        "lt", "lte", "le", "page", "pages", "offset", "skip", "limit", "cursor", "size",
    }
)  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
COMPARED = re.compile(r"[<>]|\b[gl](?:te?|e)\b")  # in a search: `created>1764288000`, `total gt 1000`
MIXED = re.compile(r"(?s)(?=.*[0-9]).*[A-Za-z]")
NUMBER = re.compile(rf"[0-9]{{{LONG}}}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def looks_minted(name: str, values: Iterable[str | None], never: frozenset[str], *, in_query: bool = False) -> bool:
    """Whether a field of that name is worth to be declared, which held these values. `never` are names that say where
    in a list; a query chooses by the times that it holds, a body may be told the moment."""
    says_which = _says_which(name, never)

    def made_up(value: str) -> bool:
        return "@" in value or (not says_which and _made_up(value, in_query=in_query))  # mail goes `to` an address

    return all(value and made_up(value) for value in values)


def _says_which(name: str, never: frozenset[str]) -> bool:
    return name in never or any(word.lower() in PARTS for word in WORD.findall(name))


def _made_up(value: str, *, in_query: bool) -> bool:
    if in_query and (DAY.match(value) or COMPARED.search(value)):
        return False
    return bool(MIXED.match(value) or NUMBER.search(value))
