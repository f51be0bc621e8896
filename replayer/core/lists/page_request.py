"""Which page of which list a request asks for, by the parameters of a style; and which one a link leads to."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from replayer.core.matching import Canonical, canonical
from replayer.core.message import bodies, edit
from replayer.core.rules import Positional

NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")  # what else looks like a number, APIs read in many ways: 01, +1, 1.0
SIZE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the parameters say, as they stand; None is what is not said. `keys` are all names of the query, in their
    order: that is how links are written."""

    where: str | None
    size: str | None
    keys: tuple[str, ...] = ()

    def name_of(self, names: Collection[str]) -> str | None:
        """Which of those parameters the request has."""
        return next((key for key in self.keys if key in names), None)


def page_request(asked: Canonical, style: Positional) -> tuple[Canonical, PageRequest] | None:
    """The list that a request asks for a page of, and which page; None where it says that in two ways."""
    parts = _split(asked.query, style)
    return (replace(asked, query=parts[1]), parts[0]) if parts else None


def linked(link: str, asked: Canonical, origin: str, style: Positional) -> PageRequest | None:
    """The page that a link leads to which stands in the answer to that request; None where that is another list."""
    try:
        target = urlsplit(urljoin(origin + quote(asked.path), link))
    except ValueError:
        return None
    home, here, there = urlsplit(origin), _split(asked.query, style), _split(bodies.tree(target.query), style)
    same = (target.scheme, target.netloc, target.path) == (home.scheme, home.netloc, quote(asked.path))
    return there[0] if same and here and there and here[1] == there[1] else None


def led(link: str, to: PageRequest, style: Positional) -> str | None:
    """The same link leading there; None where it has no place to say so, or says more than that."""
    query = link.partition("#")[0].partition("?")[2]
    first = link.index("?") + 1 if query else 0
    changes = []
    for names, value in ((style.where, to.where), (style.size, to.size)):
        pair = next((pair for pair in bodies.pairs(query) if pair.key in names), None)
        if (pair is None) != (value is None):
            return None
        if pair is not None and value is not None:
            changes.append((first + pair.start, first + pair.end, quote(value, safe="")))
    return edit.spliced(link, changes)


def _split(query: dict[str, Any], style: Positional) -> tuple[PageRequest, dict[str, Any]] | None:
    where, rest = _without(query, style.where)
    size, rest = _without(rest, style.size)
    if len(where) > 1 or len(size) > 1 or not all(isinstance(value, str) for value in (*where, *size)):
        return None
    keys = tuple(name for name, _ in canonical.flat(query))
    return PageRequest(next(iter(where), None), next(iter(size), None), keys), rest


def _without(query: dict[str, Any], names: Collection[str]) -> tuple[list[Any], dict[str, Any]]:
    """The values under those names, and the query without them. `page[size]` stands in `page`."""
    values: list[Any] = []
    rest: dict[str, Any] = {}
    for key, value in query.items():
        if key in names and not isinstance(value, dict):
            values.append(value)
        elif isinstance(value, dict) and any(f"{key}[{inner}]" in names for inner in value):
            values += [one for inner, one in value.items() if f"{key}[{inner}]" in names]
            left = {inner: one for inner, one in value.items() if f"{key}[{inner}]" not in names}
            rest |= {key: left} if left else {}
        else:
            rest[key] = value
    return values, rest
