"""What an earlier recording has at each place of the same answer. Where chance decides, as between requests that race
or seconds that a clock happened to cross, the name is the one that it had.

Two versions of one JSON value are compared place by place: items that were put into a list, or taken out of it, move no
other. They are the same when they look the same but for ids and times, which are new in every recording.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from replayer.core.lazily import cached_property
from replayer.core.message import Response, edit, instants, leaves, shapes

INDEX = re.compile(r"\[\d+\]")
LONGEST = 2000  # items; beyond it the comparison would take longer than anybody waits


@dataclass(frozen=True)
class Earlier:
    """The names in one recorded answer, None where there was none, seen from the answer that comes in its place now.

    It is read only when it is asked.
    """

    recorded: Response | None = None
    now: Response = field(default_factory=lambda: Response(0))

    def name_at(self, leaf: leaves.Leaf, piece: shapes.Piece) -> str | None:
        """The id that stood where that piece of an answer stands now."""
        if self.recorded is None:
            return None
        place = self._place(leaf.place)
        return None if place is None else self._names.get(f"{place}#{piece.start}")

    def text_at(self, leaf: leaves.Leaf) -> str | None:
        """The text that stood where that leaf of an answer stands now."""
        place = self._place(leaf.place) if self.recorded is not None else None
        return None if place is None else self._texts.get(place)

    def time_at(self, owner: str, within: str) -> int | None:
        """The time that stood in that field of the object of that name; `owner` is empty where there is no object."""
        return self._times.get((owner, within)) if self.recorded is not None else None

    @cached_property
    def _leaves(self) -> list[leaves.Leaf]:
        if self.recorded is None:
            return []
        return [*leaves.header_leaves(self.recorded.headers), *self.recorded.leaves]

    @cached_property
    def _names(self) -> dict[str, str]:
        return {f"{leaf.place}#{piece.start}": piece.text for leaf in self._leaves for piece in shapes.ids(leaf.value)}

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {leaf.place: leaf.value for leaf in self._leaves}

    @cached_property
    def _times(self) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for leaf in self._leaves:
            instant = instants.read_any(leaf.value, quoted=leaf.quoted) or instants.read_day(leaf.value)
            if instant is not None:
                owner = leaf.node.owner.string("id") if leaf.node else None
                found.setdefault((owner or "", leaf.within_owner), instant.seconds)
        return found

    @cached_property
    def _place(self) -> Callable[[str], str | None]:
        """From a place in the new answer to the same one in the recorded answer: lists may have grown or shrunk."""
        values = [response.json for response in (self.recorded, self.now) if response]
        return aligned(*values) if len(values) == 2 else str


def aligned(old: Any, new: Any) -> Callable[[str], str | None]:
    """From places of `new` to places of `old`: None for what stands in an item that `old` does not have."""
    moved = dict(_moved(old, new, "", ""))
    if not moved:
        return str

    def place(of: str) -> str | None:
        for end in reversed([match.end() for match in INDEX.finditer(of)]):
            if of[:end] in moved:
                before = moved[of[:end]]
                return None if before is None else before + of[end:]
        return of

    return place


def _moved(old: Any, new: Any, old_place: str, new_place: str) -> Iterator[tuple[str, str | None]]:
    """The list items of `new` that stand somewhere else in `old`, or nowhere; deepest last."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in new:
            if key in old:
                yield from _moved(old[key], new[key], leaves.below(old_place, key), leaves.below(new_place, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index, before in enumerate(_matched(old, new)):
            here = f"{new_place}[{index}]"
            if before is None:
                yield here, None
                continue
            there = f"{old_place}[{before}]"
            if there != here:
                yield here, there
            yield from _moved(old[before], new[index], there, here)


def _matched(old: list[Any], new: list[Any]) -> list[int | None]:
    """For each item of `new` the index of the item of `old` that it is."""
    if max(len(old), len(new)) > LONGEST:
        return [index if index < len(old) else None for index in range(len(new))]
    found: list[int | None] = [None] * len(new)
    for first, last, start, end in _changed(list(map(looks, old)), list(map(looks, new)), found, 0, 0):
        before, after = old[first:last], new[start:end]
        for low, high, left, right in _changed(
            list(map(_front, before)), list(map(_front, after)), found, first, start
        ):
            for index in range(left, min(right, left + high - low)):  # what was replaced is what it was, changed
                found[index] = low + index - left
    return found


def _changed(
    old: list[str], new: list[str], found: list[int | None], first: int, start: int
) -> list[tuple[int, int, int, int]]:
    """Take note of the items that are equal; the stretches that are not, in both lists, are the answer."""
    changed = []
    for kind, low, high, left, right in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            for step in range(high - low):
                found[start + left + step] = first + low + step
        else:
            changed.append((first + low, first + high, start + left, start + right))
    return changed


def _front(value: Any) -> str:
    """What an item looks like but for what it contains."""
    if isinstance(value, dict):
        return looks({key: child for key, child in value.items() if not isinstance(child, dict | list)})
    return looks(value)


def looks(value: Any) -> str:
    """What a value looks like but for ids and times."""
    return json.dumps(_blank(value), sort_keys=True)


def _blank(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _blank(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_blank(child) for child in value]
    if isinstance(value, str):
        if instants.read_any(value, quoted=True):
            return "a time"
        return (
            edit.pieced(value, lambda piece: "" if piece.shape != "word" else piece.text)
            if any(shapes.ids(value))
            else value
        )
    return (
        "a time"
        if isinstance(value, int) and not isinstance(value, bool) and instants.read_number(str(value))
        else value
    )
