"""Causes: which writes a read had behind it. Its stamp is the set of them, whatever order they came in.

A write touches the ids in its request and in its answer, what these are known to belong to or to be part of, and the
collections that it and they stand in. A read depends on the ids that it names, on what it shows besides, or on the
collection that it lists. So writes elsewhere disturb nothing, and the steps of independent tests may interleave.

Where recorded answers tell otherwise than the rules, they win. Only what changed while writes went by is evidence; what
changes while nobody writes is polled for, and has no cause.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Protocol

from replayer.core.matching.calls import family, only_asks
from replayer.core.matching.canonical import Canonical, ids_in
from replayer.core.matching.relations import ALWAYS, Relations
from replayer.core.message import Response
from replayer.core.rules import Rules

READS = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110 9.2.1: these ask for nothing to change
SHORT_ID = re.compile(r'"id"\s*:\s*"?([^",{}\[\]\s\\]+)')  # 17 is one, too
OTHERS = re.compile(r"(?:^|[\s(])(?:-|NOT\s)|\sOR\s", re.IGNORECASE)  # a search for what does not have these ids, too
EVERYTHING = ""  # the resource that each write touches
ITSELF = " itself"  # behind an id: the resource that is only the object's own text
STAMP_BITS = 64
DEEPEST = 64  # segments of a path; nothing stands below that, or each would be one with all above it
SHORTEST = 16  # letters; no id is shorter than two letters, a line and fourteen more
Stamp = tuple[int, ...]
"""One number for each resource of a read, in the order of their names: the sum of the writes that touched it."""
GONE = " gone"
NOTHING: Mapping[int, frozenset[str]] = {}
Identity = tuple[str, int, int]
"""A request's digest, which of the equal ones it is, and which attempt at that one: counted from 0."""


class Answered(Protocol):
    """Anything that knows the status of an answer."""

    @property
    def status(self) -> int: ...


def is_read(method: str) -> bool:
    return method in READS


class Causes:
    """What has been touched by which writes, so far."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._apart = tuple(each.prefix for each in rules.unmoved)
        self._marks: dict[str, int] = {}
        self._done: set[int] = set()  # the numbers of the writes that have come
        self._waiting: dict[int, list[tuple[frozenset[str], int]]] = {}  # by the number of the write that they wait for
        self._home: dict[str, str] = {}  # the collection that an object stands in
        self._relations = Relations()
        self._shown: dict[str, set[str]] = {}  # by digest: the objects in the answers to reads that may show others
        self._resources: dict[str, tuple[str, ...]] = {}  # by digest: a question depends on the same things each time

    def stamp(self, asked: Canonical) -> Stamp:
        """The writes that this read has behind it now."""
        return self.marks(self.resources(asked))

    def marks(self, resources: Iterable[str]) -> Stamp:
        """The writes that touched these resources, one by one."""
        return tuple(self._marks.get(resource, 0) for resource in resources)

    def resources(self, asked: Canonical) -> tuple[str, ...]:
        """What a read depends on."""
        known = self._resources.get(asked.digest)
        if known is None:
            found = {*self._asked_for(asked), *self._besides(asked), *map(gone, self._cursors_of(asked))}
            known = self._resources[asked.digest] = tuple(sorted(found))
        return known

    def _asked_for(self, asked: Canonical) -> Iterable[str]:
        scope = {key: value for key, value in asked.query.items() if key not in self._rules.cursors}
        named = {*asked.path_ids, *ids_in(scope)}
        parent, _, last = asked.path.rpartition("/")
        if last in self._rules.views and any(OTHERS.search(str(value)) for value in scope.values()):
            return (parent,)
        if named == {last}:
            return (self.text_of(last),)
        return named or (self._collection(asked.path),)

    def _cursors_of(self, asked: Canonical) -> Iterator[str]:
        """The objects behind which it asks for a page: how they are does not matter, but whether they are there."""
        for key in self._rules.cursors & asked.query.keys():
            yield from ids_in(asked.query[key])

    def _besides(self, asked: Canonical) -> Iterator[str]:
        """The texts of others that it shows: not of those that stand in what it lists, nor below what it names."""
        listed = (asked.path, self._collection(asked.path), asked.path.rpartition("/")[0])
        for name in self._shown.get(asked.digest, ()):
            if self._home.get(name) not in listed:
                yield self.text_of(name)

    def _collection(self, path: str) -> str:
        parent, _, last = path.rpartition("/")
        return parent if last in self._rules.views else path

    def text_of(self, name: str) -> str:
        """The resource that is an object's own text, where the rules tell that from all that belongs to it."""
        return name + ITSELF if name.startswith(self._apart) else name

    def touched(self, asked: Canonical, response: Response) -> frozenset[str]:
        """What that write, with that answer, touches; learns what belongs together on the way."""
        self.learn(asked, response)
        return self.reached(asked, response, response.ids)

    def reached(self, asked: Canonical, response: Response, answered: Iterable[str]) -> frozenset[str]:
        """The same of what has been learned already, with the ids that the answer names."""
        made = SHORT_ID.search(response.text)  # an object whose id has not the looks of one is known by its path
        named = {f"{asked.path}/{made[1]}"} if made else set()
        return self._with_unnamed(self.touches(asked, answered) | named, response)

    def _with_unnamed(self, touched: frozenset[str], response: Response) -> frozenset[str]:
        """With what the answer leaves out, where it shows only the first of a list."""
        paging = self._rules.by_id
        if paging and re.search(rb'"%s"\s*:\s*true' % re.escape(paging.more.encode()), response.body):
            return touched | {unnamed(path) for path in touched if path.startswith("/")}
        return touched

    def touches(self, asked: Canonical, answered: Iterable[str]) -> frozenset[str]:
        """What a write touches whose answer names these ids."""
        around = (other for name in asked.path_ids for other, _ in self._relations.around(name))
        named = {*asked.ids, *answered, *around}
        ends = {*map(gone, ids_in(asked.path.rpartition("/")[2]))} if asked.method == "DELETE" else set()
        return frozenset({*self._with_homes(named), *ends, family(asked), *ancestors(asked.path)})

    def _with_homes(self, named: Iterable[str]) -> Iterator[str]:
        """These objects, their own texts, and the collections that they stand in."""
        for name in named:
            yield name
            yield self.text_of(name)
            if home := self._home_of(name):
                yield home

    def later(self, asked: Canonical, answered: Iterable[str], at: int) -> dict[int, frozenset[str]]:
        """What a write at that place of the file touches only through what later writes tell first, by their places:
        what did not belong to its object yet was not moved by it."""
        found: dict[int, set[str]] = {}
        for other, since in (each for name in asked.path_ids for each in self._relations.around(name)):
            if since > at:
                found.setdefault(since, set()).add(other)
        if not found:
            return {}
        before = (each for name in asked.path_ids for each, since in self._relations.around(name) if since <= at)
        now = {*self._with_homes({*asked.ids, *answered, *before}), *ancestors(asked.path)}
        return {since: frozenset(self._with_homes(names)) - now for since, names in found.items()}

    def _home_of(self, name: str) -> str | None:
        """The collection that an object stands in: as it was seen, or by its prefix."""
        by_prefix = (home for prefix, home in self._rules.homes if name.startswith(prefix))
        return self._home.get(name) or next(by_prefix, None)

    def changes(self, asked: Canonical, response: Answered, touched: frozenset[str]) -> frozenset[str]:
        """What of that a read may show otherwise afterwards: nothing where it was refused, or only asks; and the rules
        know of things that are only named."""
        if self.refused(asked, response) or only_asks(asked):
            return frozenset()
        line = f"{asked.method} {asked.path}"
        left = tuple(each.prefix for each in self._rules.unmoved if each.by.match(line))
        stays = {name for name in touched if name.endswith(ITSELF) and name.startswith(left)} if left else set()
        return frozenset({EVERYTHING, *touched} - stays)

    def all_of(self, names: Iterable[str]) -> frozenset[str]:
        """All that may be shown otherwise when these ids and collections changed, nobody knows how."""
        touched = frozenset(names)
        return frozenset({EVERYTHING, *touched, *map(self.text_of, touched)})

    def refused(self, asked: Canonical, response: Answered) -> bool:
        """Whether that is a write that was not carried out."""
        return not is_read(asked.method) and response.status in self._rules.refusals

    def learn(self, asked: Canonical, response: Response, since: int = ALWAYS) -> None:
        """Take note of where the objects of an answer stand and what they name, `since` the write at that place."""
        for parent, segment in _steps(asked.path):
            if any(ids_in(segment)):
                self._home[segment] = parent
        if response.refused:
            return
        own = response.objects
        reads = is_read(asked.method)
        for name in own if reads else own[:1]:
            self._home.setdefault(name, self._collection(asked.path))
        if reads and not self._rules.embedding.isdisjoint(asked.query):
            self._shown.setdefault(asked.digest, set()).update(own)
            self._resources.pop(asked.digest, None)
        if own and (not reads or len(own) == 1 or own[0] in asked.path):
            self._relations.add(own[0], response.ids, since)
        elif own:
            for name, told in _members(response):
                self._relations.add(name, told, since)

    def rewind(self) -> None:
        """No write has come yet. What has been learned stays."""
        self._marks.clear()
        self._done.clear()
        self._waiting.clear()

    def wrote(self, touched: Iterable[str], number: int, later: Mapping[int, frozenset[str]] = NOTHING) -> None:
        """A write, told apart from others by its number, touched these; and what stands in `later` from the write of
        that number on, whichever of the two comes first."""
        self._mark(touched, number)
        self._done.add(number)
        for resources, other in self._waiting.pop(number, ()):
            self._mark(resources, other)
        for trigger, resources in later.items():
            if trigger in self._done:
                self._mark(resources, number)
            else:
                self._waiting.setdefault(trigger, []).append((resources, number))

    def _mark(self, touched: Iterable[str], number: int) -> None:
        for resource in touched:
            self._marks[resource] = (self._marks.get(resource, 0) + number) % (1 << STAMP_BITS)


def unnamed(collection: str) -> str:
    """What a write touches that may have changed objects of a collection without naming them: its answer shows only the
    first of a list. Who knows an object only by what was told of it before does not know it any more."""
    return f"{collection}/*"


def gone(name: str) -> str:
    """What the deletion of an object touches, and nothing else."""
    return name + GONE


def is_gone(resource: str) -> bool:
    return resource.endswith(GONE)


def _members(response: Response) -> Iterator[tuple[str, list[str]]]:
    """The objects of a list, and the ids that the text of each names."""
    value, seen = response.json, frozenset(response.ids)
    lists = value.values() if isinstance(value, dict) else [value]
    for each in (member for members in lists if isinstance(members, list) for member in members):
        if isinstance(each, dict) and isinstance(each.get("id"), str):
            yield each["id"], list(_named(each, seen))


def _named(value: Any, seen: frozenset[str]) -> Iterator[str]:
    """The ids in a value of an answer whose ids are all known: the few longer texts are looked into."""
    if isinstance(value, str):
        if value in seen:
            yield value
        elif len(value) > SHORTEST:
            yield from ids_in(value)
    elif isinstance(value, dict):
        for key, child in value.items():
            if key in seen:
                yield key
            yield from _named(child, seen)
    elif isinstance(value, list):
        for child in value:
            yield from _named(child, seen)


def _steps(path: str) -> Iterator[tuple[str, str]]:
    """Each segment of a path with the path before it, down to where nothing stands any more."""
    parts = path.split("/", DEEPEST)[:DEEPEST]
    for index in range(1, len(parts)):
        yield "/".join(parts[:index]), parts[index]


def ancestors(path: str) -> Iterator[str]:
    """The path and all that it lies below: a write to an object is one to its collection."""
    if path.count("/") > DEEPEST:
        yield path
        path = "/".join(path.split("/", DEEPEST)[:DEEPEST])
    while path:
        yield path
        path = path.rpartition("/")[0]


def write_number(identity: Identity) -> int:
    """A write as one number, the same in every session: what stamps are summed from."""
    text = "{} {}".format(*identity)  # whichever attempt
    number = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
    return number | 1  # hashed, not multiplied: else sums of some would be others
