"""Causes: which writes a read had behind it. Its stamp is the set of them, whatever order they came in.

A write touches the ids in its request and in its answer, what these are known to belong to, and the collections that
it and they stand in. A read depends on the ids that it names, or on the collection that it lists. So writes elsewhere
disturb nothing, and the steps of independent tests may interleave.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from replayer.core.canonical import Canonical
from replayer.core.interaction import Response
from replayer.core.recognisers import ids
from replayer.core.rules import Rules

READS = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110 9.2.1: these ask for nothing to change
OBJECT_ID = re.compile(r'"id"\s*:\s*"([^"\\]+)"')
STAMP_BITS = 64

Stamp = tuple[int, ...]
"""One number for each resource of a read, in the order of their names: the sum of the writes that touched it."""


def is_read(method: str) -> bool:
    return method in READS


class Causes:
    """What has been touched by which writes, so far."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._marks: dict[str, int] = {}
        self._home: dict[str, str] = {}  # the collection that an object stands in
        self._kin: dict[str, frozenset[str]] = {}  # the ids that an object's own text names
        self._resources: dict[str, tuple[str, ...]] = {}  # by digest: a question depends on the same things each time

    def stamp(self, asked: Canonical, *besides: str) -> Stamp:
        """The writes that this read has behind it now, or that touched one of those resources besides."""
        return tuple(self._marks.get(resource, 0) for resource in (*self.resources(asked), *besides))

    def resources(self, asked: Canonical) -> tuple[str, ...]:
        """What a read depends on."""
        known = self._resources.get(asked.digest)
        if known is None:
            known = self._resources[asked.digest] = self._found(asked)
        return known

    def _found(self, asked: Canonical) -> tuple[str, ...]:
        scope = {key: value for key, value in asked.query.items() if key not in self._rules.cursors}
        named = {*ids_in(asked.path), *ids_in(scope)}
        parent, _, last = asked.path.rpartition("/")
        return tuple(sorted(named)) or (parent if last in self._rules.views else asked.path,)

    def touched(self, asked: Canonical, response: Response) -> frozenset[str]:
        """What that write, with that answer, touches; learns what belongs together on the way."""
        self.learn(asked, response)
        touched = self.touches(asked, ids_told(response))
        paging = self._rules.paging
        if paging and re.search(rb'"%s"\s*:\s*true' % re.escape(paging.more.encode()), response.body):
            return touched | {unnamed(path) for path in touched if path.startswith("/")}
        return touched

    def touches(self, asked: Canonical, answered: Iterable[str]) -> frozenset[str]:
        """What a write touches whose answer names these ids."""
        named = {*ids_asked(asked), *answered}
        for name in ids_in(asked.path):
            named |= self._kin.get(name, frozenset())
        homes = {self._home[name] for name in named if name in self._home}
        return frozenset(named | homes | set(_ancestors(asked.path)))

    def learn(self, asked: Canonical, response: Response) -> None:
        """Take note of where the objects of an answer stand and what they name."""
        for parent, segment in _steps(asked.path):
            if any(ids_in(segment)):
                self._home.setdefault(segment, parent)
        own = objects_told(response) if is_read(asked.method) else objects_told(response)[:1]
        for name in own:
            self._home.setdefault(name, asked.path)
        if own and own[0] not in self._kin and (len(own) == 1 or not is_read(asked.method)):
            self._kin[own[0]] = frozenset(ids_told(response)) - {own[0]}

    def wrote(self, touched: Iterable[str], number: int) -> None:
        """A write, told apart from others by its number, touched these."""
        for resource in touched:
            self._marks[resource] = (self._marks.get(resource, 0) + number) % (1 << STAMP_BITS)


def unnamed(collection: str) -> str:
    """What a write touches that may have changed objects of a collection without naming them: its answer shows only the
    first of a list. Who knows an object only by what was told of it before does not know it any more."""
    return f"{collection}/*"


def ids_asked(asked: Canonical) -> Iterator[str]:
    """The ids that a request names."""
    yield from ids_in(asked.path)
    yield from ids_in(asked.query)
    yield from ids_in(asked.body)


def ids_told(response: Response) -> tuple[str, ...]:
    """The ids in the body of an answer."""
    return _ids_of(response.body)


@lru_cache(maxsize=16)  # an answer that is recorded is asked for them by several
def _ids_of(body: bytes) -> tuple[str, ...]:
    return tuple(ids_in(body.decode("utf-8", "replace")))


def objects_told(response: Response) -> list[str]:
    """The ids of the objects in an answer, its own first; not those that these only mention."""
    return OBJECT_ID.findall(response.body.decode("utf-8", "replace"))


def ids_in(value: Any) -> Iterator[str]:
    """The ids in a text, or anywhere in a tree of them."""
    if isinstance(value, str):
        yield from (piece.text for piece in ids(value))
    elif isinstance(value, dict):
        for child in value.values():
            yield from ids_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from ids_in(child)


def _steps(path: str) -> Iterator[tuple[str, str]]:
    """Each segment of a path with the path before it."""
    parts = path.split("/")
    for index in range(1, len(parts)):
        yield "/".join(parts[:index]), parts[index]


def _ancestors(path: str) -> Iterator[str]:
    """The path and all that it lies below: a write to an object is one to its collection."""
    while path:
        yield path
        path = path.rpartition("/")[0]
