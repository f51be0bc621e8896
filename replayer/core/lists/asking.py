"""Where in which list a request asks for a page, by the parameters of a style; and where a link leads to."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from replayer.core.matching.canonical import Canonical, flat
from replayer.core.message.body import pairs, tree
from replayer.core.message.edit import spliced
from replayer.core.rules.ruleset import Positional

COUNT = re.compile(r"0|[1-9][0-9]{0,14}")  # what else looks like a number, APIs read in many ways: 01, +1, 1.0
SIZE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Spot:
    """What the parameters say, as they stand; None is what is not said. `keys` are all names of the query, in their
    order: that is how links are written."""

    where: str | None
    size: str | None
    keys: tuple[str, ...] = ()

    def name_of(self, names: Collection[str]) -> str | None:
        """Which of those parameters is given."""
        return next((key for key in self.keys if key in names), None)


def spot_of(asked: Canonical, style: Positional) -> tuple[Canonical, Spot] | None:
    """The list that a request asks for a page of, and which page; None where it says that in two ways."""
    found = _split(asked.query, style)
    if found is None:
        return None
    spot, rest = found
    return replace(asked, query=rest), spot


def linked(link: str, asked: Canonical, origin: str, style: Positional) -> Spot | None:
    """Where a link leads to that stands in the answer to that request; None where that is another list."""
    try:
        target = urlsplit(urljoin(origin + quote(asked.path), link))
    except ValueError:
        return None
    home, own, there = urlsplit(origin), _split(asked.query, style), _split(tree(target.query), style)
    same = (target.scheme, target.netloc, target.path) == (home.scheme, home.netloc, quote(asked.path))
    return there[0] if same and own and there and own[1] == there[1] else None


def led(link: str, spot: Spot, style: Positional) -> str | None:
    """The same link leading there; None where it has no place to say so, or says more than that."""
    query = link.partition("#")[0].partition("?")[2]
    first = link.index("?") + 1 if query else 0
    changes = []
    for names, value in ((style.where, spot.where), (style.size, spot.size)):
        pair = next((pair for pair in pairs(query) if pair.key in names), None)
        if (pair is None) != (value is None):
            return None
        if pair is not None and value is not None:
            changes.append((first + pair.start, first + pair.end, quote(value, safe="")))
    return spliced(link, changes)


def _split(query: dict[str, Any], style: Positional) -> tuple[Spot, dict[str, Any]] | None:
    where, rest = _without(query, style.where)
    size, rest = _without(rest, style.size)
    if len(where) > 1 or len(size) > 1 or not all(isinstance(value, str) for value in (*where, *size)):
        return None
    keys = tuple(name for name, _ in flat(query))
    return Spot(next(iter(where), None), next(iter(size), None), keys), rest


def _without(query: dict[str, Any], names: Collection[str]) -> tuple[list[Any], dict[str, Any]]:
    """The values under those names, and the query without them. `page[size]` stands in `page`."""
    found: list[Any] = []
    rest: dict[str, Any] = {}
    for key, value in query.items():
        if key in names and not isinstance(value, dict):
            found.append(value)
        elif isinstance(value, dict) and any(f"{key}[{inner}]" in names for inner in value):
            found += [one for inner, one in value.items() if f"{key}[{inner}]" in names]
            left = {inner: one for inner, one in value.items() if f"{key}[{inner}]" not in names}
            rest |= {key: left} if left else {}
        else:
            rest[key] = value
    return found, rest
