"""One object's life: what was done to it and where it was seen, and what had changed in it each time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from replayer.core.lazily import cached_property
from replayer.core.matching import Entry, Index, canonical
from replayer.core.message import shapes
from replayer.core.secrets import masking

MADE, CHANGED, TOUCHED, DELETED, REFUSED, SEEN = "made", "changed", "touched", "deleted", "refused", "seen"
FIELDS = 12  # that are told of one step; more of them are counted
DEEPEST = 64  # levels that are looked through for an object
Changes = tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class LaneStep:
    """One interaction in the life of an object: its number, what it was, and the fields that had another value than
    where the object was shown before, each with both values, None where it had none. `more` counts those left out."""

    number: int
    kind: str
    request: str
    status: int
    changes: Changes = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """The life of one object, in the order of the file."""

    name: str
    steps: tuple[LaneStep, ...]


class Lanes:
    """The objects of one cassette."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __repr__(self) -> str:
        return f"<Lanes of {self._index!r}>"

    @cached_property
    def objects(self) -> dict[str, int]:
        """The ids that requests and writes name, in the order in which they come first, each with how many do."""
        found: dict[str, int] = {}
        for entry in self._index.entries:
            touched = (name for name in sorted(entry.touched) if not name.startswith("/"))
            named = {piece.text: None for name in (*entry.asked.ids, *touched) for piece in shapes.ids(name)}
            for name in named:
                found[name] = found.get(name, 0) + 1
        return found

    def lane(self, name: str) -> Lane:
        """The life of that object; without a step where nothing tells of it. Costs a walk through the cassette."""
        before: dict[str, Any] | None = None
        steps = []
        for entry in self._index.entries:
            response = entry.interaction.response
            is_shown = name.encode() in response.body
            if not is_shown and name not in entry.asked.ids and name not in entry.touched:
                continue
            value = None if response.refused else next(_found(response.json, name), None)
            changes = _changes(before, value) if before is not None and value is not None else ()
            kind = self._kind(entry, name, value, is_new=before is None, is_other=bool(changes))
            told = canonical.describe(entry.asked)
            steps.append(
                LaneStep(entry.order + 1, kind, told, entry.status, changes[:FIELDS], max(0, len(changes) - FIELDS))
            )
            before = value if value is not None else before
        return Lane(name, tuple(steps))

    def _kind(self, entry: Entry, name: str, value: dict[str, Any] | None, *, is_new: bool, is_other: bool) -> str:
        if entry.reads:
            return SEEN
        changed = self._index.reach(entry)
        if not changed:
            return REFUSED
        if (value and value.get("deleted")) or (
            entry.asked.method == "DELETE" and name == entry.asked.path.rpartition("/")[2]
        ):
            return DELETED
        if value is not None and is_new and name not in entry.asked.path_ids:
            return MADE
        return CHANGED if is_other or name in entry.asked.path_ids else TOUCHED


def _found(value: Any, name: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects of that id in a JSON value, the outermost first."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        if value.get("id") == name:
            yield value
        for child in value.values():
            yield from _found(child, name, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from _found(child, name, depth + 1)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Changes:
    """The fields with another value, by their dotted names. What may be a credential is masked."""
    found = _differing(before, after, "")
    return tuple(
        (name, masking.shown(one, _last(name)), masking.shown(other, _last(name))) for name, one, other in found
    )


def _differing(before: dict[str, Any], after: dict[str, Any], within: str) -> Iterator[tuple[str, Any, Any]]:
    for name in {**before, **after}:
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        here = f"{within}{name}"
        if isinstance(one, dict) and isinstance(other, dict) and here.count(".") < DEEPEST:
            yield from _differing(one, other, f"{here}.")
        else:
            yield here, one, other


def _last(name: str) -> str:
    return name.rpartition(".")[2]
