"""Where two answers to one question differ, place by place. Compared only: nothing is counted or judged here.

Both answers are in cassette space, so ids and times that mean the same are the same already. What still differs is told
by its kind and its place: the field within the nearest object that says of what type it is, else within the endpoint.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from replayer.core.matching import Canonical
from replayer.core.message import Response, bodies, instants, shapes, wire
from replayer.core.rules import Rules
from replayer.core.streams import events

WORD = re.compile(r"[A-Za-z][0-9A-Za-z_.-]{0,39}")  # such a text chooses among a few; all others are prose
NUMBERED = re.compile(r"[0-9]+")  # a path segment that can only be an id
STREAMS = {kind: form for form, kind in bodies.STREAMS.items()}
FRAMING = frozenset({"date", "content-length"})  # a name of the session's clock, and what follows from the body
HEADERS = "headers"  # where a header stands: most of them belong to no endpoint


class DifferenceKind(Enum):
    """How two answers can differ; the value is what `--json` says."""

    STATUS = "status"
    REASON = "reason"
    GONE = "field-gone"
    NEW = "field-new"
    RENAMED = "field-renamed"
    TYPE = "type"
    NULL = "null"
    VALUE = "value"
    TEXT = "text"
    OBJECT = "another-object"
    TIME = "time"
    UNNAMED = "unnamed"
    ORDER = "order"
    MEMBER_GONE = "member-gone"
    MEMBER_NEW = "member-new"
    HEADER = "header"
    HEADER_GONE = "header-gone"
    HEADER_NEW = "header-new"
    BODY = "body"


class Missing(Enum):
    """No value at all, which is not null."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Location:
    """A place in an answer. `where` and `field` are the same for all places alike; `place` is only this one."""

    where: str
    field: str = ""
    place: str = ""
    key: str = ""

    def within(self, value: dict[str, Any]) -> "Location":
        """The place of an object's own fields: they count from it where it says of what type it is."""
        kind = value.get("object")
        is_page = isinstance(value.get("data"), list)
        return replace(self, where=kind, field="") if isinstance(kind, str) and not is_page else self

    def below(self, key: str) -> "Location":
        return Location(self.where, _dotted(self.field, key), _dotted(self.place, key), key)

    def member(self, index: int) -> "Location":
        return Location(self.where, f"{self.field}[]", f"{self.place}[{index}]", self.key)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference at one place. The values are JSON values, or texts that describe what cannot be shown."""

    kind: DifferenceKind
    location: Location
    recorded: Any = MISSING
    live: Any = MISSING


def endpoint(asked: Canonical) -> str:
    """`GET /v1/invoices/{id}`: what requests have in common that differ only in the objects they name."""
    segments = (
        "{id}" if NUMBERED.fullmatch(part) or any(shapes.ids(part)) else part  # a segment with an id in it is one
        for part in asked.path.split("/")
    )
    return f"{asked.method} {'/'.join(segments)}"


def differences(asked: Canonical, recorded: Response, live: Response, rules: Rules) -> Iterator[Difference]:
    """Where the live answer to a question differs from the recorded one.

    Where one succeeded and the other was refused there is nothing more to compare.
    """
    here = Location(endpoint(asked))
    if recorded.status != live.status:
        yield Difference(DifferenceKind.STATUS, here, recorded.status, live.status)
        if recorded.status // 100 != live.status // 100:
            return
    elif recorded.reason and live.reason and recorded.reason != live.reason:
        yield Difference(DifferenceKind.REASON, here, recorded.reason, live.reason)
    yield from _headers(recorded.headers, live.headers, rules)
    yield from _bodies(recorded.content, live.content, here, rules)


def fields(asked: Canonical, answer: Response) -> Iterator[tuple[str, str]]:
    """All fields that an answer has, each as the `where` and the `field` of its location."""
    for value in answer.content.json or ():
        yield from _fields(value, Location(endpoint(asked)))


def _fields(value: Any, location: Location) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        here = location.within(value)
        for key, child in value.items():
            below = here.below(key)
            yield below.where, below.field
            yield from _fields(child, below)
    elif isinstance(value, list):
        for child in value:
            yield from _fields(child, location.member(0))


def _headers(recorded: wire.Headers, live: wire.Headers, rules: Rules) -> Iterator[Difference]:
    ours, theirs = _by_name(recorded, rules), _by_name(live, rules)
    for name, old in ours.items():
        new = theirs.get(name)
        location = Location(HEADERS, name, name, name)
        if new is None:
            yield Difference(DifferenceKind.HEADER_GONE, location, old)
        elif blank(old) != blank(new) and not (instants.read_http_date(old) and instants.read_http_date(new)):
            yield Difference(DifferenceKind.HEADER, location, old, new)
    for name, new in theirs.items():
        if name not in ours:
            yield Difference(DifferenceKind.HEADER_NEW, Location(HEADERS, name, name, name), live=new)


def _by_name(headers: wire.Headers, rules: Rules) -> dict[str, str]:
    """The headers that matter: names in lower case, the values of repeated ones joined."""
    found: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in FRAMING and lower not in rules.noise_headers:
            found[lower] = f"{found[lower]}, {value}" if lower in found else value
    return found


def _bodies(recorded: bodies.Body, live: bodies.Body, location: Location, rules: Rules) -> Iterator[Difference]:
    if recorded.json and live.json:
        yield from Trees(rules).values(recorded.json[0], live.json[0], location)
    elif recorded.kind in STREAMS and recorded.kind is live.kind:
        yield from Trees(rules).values(list(_told(recorded)), list(_told(live)), location)
    elif recorded.kind is not live.kind:
        yield Difference(DifferenceKind.BODY, location, _described(recorded), _described(live))
    elif recorded.text is not None and live.text is not None:
        if blank(recorded.text) != blank(live.text):
            yield Difference(DifferenceKind.BODY, location, recorded.text, live.text)
    elif recorded.raw != live.raw:
        yield Difference(DifferenceKind.BODY, location, _described(recorded), _described(live))


def _told(body: bodies.Body) -> Iterator[Any]:
    """What a stream tells, event by event: values of JSON, or texts; with the names that events have."""
    for _, event in events(body.text or "", STREAMS[body.kind]):
        if not event.is_idle:
            value = bodies.parse_json(event.data) or (event.data,)
            names = [event.text[one.start : one.end] for one in event.values if one.name == "event"]
            yield {"event": names[-1], "data": value[0]} if names else value[0]


def _described(body: bodies.Body) -> str:
    return "nothing" if body.kind is bodies.BodyKind.EMPTY else f"{body.kind.value}, {len(body.raw)} bytes"


@dataclass(frozen=True, slots=True)
class Trees:
    """Compares JSON values by the rules of their API."""

    rules: Rules

    def values(self, old: Any, new: Any, location: Location) -> Iterator[Difference]:
        """Where two values differ that stand at the same place."""
        if type_of(old) != type_of(new):
            kind = DifferenceKind.NULL if old is None or new is None else DifferenceKind.TYPE
            yield Difference(kind, location, old, new)
        elif isinstance(old, dict):
            yield from self._objects(old, new, location.within(old))
        elif isinstance(old, list):
            yield from self._lists(old, new, location)
        elif old != new:
            yield Difference(self._leaf(old, new, location.key), location, old, new)

    def _objects(self, old: dict[str, Any], new: dict[str, Any], location: Location) -> Iterator[Difference]:
        for key, value in old.items():
            if key in new:
                yield from self.values(value, new[key], location.below(key))
            else:
                yield Difference(DifferenceKind.GONE, location.below(key), recorded=value)
        for key, value in new.items():
            if key not in old:
                yield Difference(DifferenceKind.NEW, location.below(key), live=value)

    def _leaf(self, old: Any, new: Any, key: str) -> DifferenceKind:
        if self._instant(old, key) and self._instant(new, key):
            return DifferenceKind.TIME
        if not isinstance(old, str):
            return DifferenceKind.VALUE
        if blank(old) == blank(new):
            return DifferenceKind.OBJECT
        return DifferenceKind.VALUE if WORD.fullmatch(old) and WORD.fullmatch(new) else DifferenceKind.TEXT

    def _instant(self, value: Any, key: str) -> bool:
        if isinstance(value, bool) or not isinstance(value, str | int):
            return False
        quoted = isinstance(value, str)
        known = self.rules.is_time(key) or (quoted and not str(value).isdigit())
        return known and instants.read_any(str(value), quoted=quoted) is not None

    # -- lists --------------------------------------------------------------------------------------------------

    def _lists(self, old: list[Any], new: list[Any], location: Location) -> Iterator[Difference]:
        ours, theirs = [self._look(one) for one in old], [self._look(one) for one in new]
        if ours != theirs and Counter(ours) == Counter(theirs):
            yield _other_order(ours, theirs, location)
        elif ours == theirs and _ids_of(old) is None:
            for index, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from self.values(one, other, location.member(index))
        elif (mine := _ids_of(old)) is not None and (live := _ids_of(new)) is not None:
            yield from self._by_id(dict(zip(mine, old, strict=True)), dict(zip(live, new, strict=True)), location)
        elif any(isinstance(one, dict | list) for one in [*old, *new]):
            yield from self._by_place(old, new, location)
        else:
            yield from _members(_without(old, new), _without(new, old), location)

    def _by_id(self, old: dict[str, Any], new: dict[str, Any], location: Location) -> Iterator[Difference]:
        ours, theirs = [one for one in old if one in new], [one for one in new if one in old]
        for index, one in enumerate(ours):
            yield from self.values(old[one], new[one], location.member(index))
        if ours != theirs:
            yield _other_order(ours, theirs, location)
        gone, added = [one for one in old if one not in new], [one for one in new if one not in old]
        if [self._look(old[one]) for one in gone] == [self._look(new[one]) for one in added]:
            for index, (one, other) in enumerate(zip(gone, added, strict=True)):
                yield from self.values(old[one], new[other], location.member(len(ours) + index))
        else:
            yield from _members(gone, added, location)

    def _by_place(self, old: list[Any], new: list[Any], location: Location) -> Iterator[Difference]:
        both = min(len(old), len(new))
        for index in range(both):
            yield from self.values(old[index], new[index], location.member(index))
        yield from _members(old[both:], new[both:], location)

    def _look(self, value: Any) -> str:
        """What a member looks like whatever its names and times are."""
        return json.dumps(self._blanked(value, ""), sort_keys=True)

    def _blanked(self, value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: self._blanked(child, name) for name, child in value.items()}
        if isinstance(value, list):
            return [self._blanked(child, key) for child in value]
        if self._instant(value, key):
            return "a time"
        return blank(value) if isinstance(value, str) else value


def _ids_of(members: list[Any]) -> list[str] | None:
    """The ids of the members, each its own; None where they have none."""
    found = [one.get("id") for one in members if isinstance(one, dict)]
    named = [one for one in found if isinstance(one, str)]
    return named if len(named) == len(members) == len(set(named)) else None


def _other_order(old: list[str], new: list[str], location: Location) -> Difference:
    """The same members in another order: told by the places that they had."""
    places: dict[str, list[int]] = {}
    for place, one in enumerate(old, start=1):
        places.setdefault(one, []).append(place)
    return Difference(DifferenceKind.ORDER, location, list(range(1, len(old) + 1)), [places[one].pop(0) for one in new])


def _members(gone: list[Any], added: list[Any], location: Location) -> Iterator[Difference]:
    below = replace(location, field=f"{location.field}[]")
    if gone:
        yield Difference(DifferenceKind.MEMBER_GONE, below, recorded=gone)
    if added:
        yield Difference(DifferenceKind.MEMBER_NEW, below, live=added)


def _without(these: list[Any], others: list[Any]) -> list[Any]:
    """What is in one list and not, or not as often, in the other."""
    left = Counter(map(json.dumps, others))
    found = []
    for one in these:
        text = json.dumps(one)
        if left[text]:
            left[text] -= 1
        else:
            found.append(one)
    return found


def type_of(value: Any) -> str:
    """The type of a JSON value, in JSON's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
        case _:
            return "object"


def blank(text: str) -> str:
    """The text with each id in it reduced to its shape: equal for texts that only name other objects."""
    written, end = "", 0
    for piece in shapes.ids(text):
        written += text[end : piece.start] + "{" + (piece.text.rpartition("_")[0] or piece.shape) + "}"
        end = piece.end
    return written + text[end:]


def _dotted(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
