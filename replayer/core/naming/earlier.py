"""What an earlier recording has at each place of the same answer. Where chance decides, as between requests that race
or seconds that a clock happened to cross, the name is the one that it had."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from replayer.core.message.body import Kind, parse_json, read
from replayer.core.message.instants import read_any, read_day
from replayer.core.message.interaction import Response
from replayer.core.message.leaves import Leaf, header_leaves, leaves
from replayer.core.message.shapes import Piece, ids
from replayer.core.naming.alignment import aligned


@dataclass(frozen=True)
class Earlier:
    """The names in one recorded answer, None where there was none, seen from the answer that comes in its place now.

    It is read only when it is asked.
    """

    recorded: Response | None = None
    now: Response = field(default_factory=lambda: Response(0))

    def name(self, leaf: Leaf, piece: Piece) -> str | None:
        """The id that stood where that piece of an answer stands now."""
        if self.recorded is None:
            return None
        place = self._place(leaf.place)
        return None if place is None else self._names.get(f"{place}#{piece.start}")

    def text(self, leaf: Leaf) -> str | None:
        """The text that stood where that leaf of an answer stands now."""
        place = self._place(leaf.place) if self.recorded is not None else None
        return None if place is None else self._texts.get(place)

    def seconds(self, owner: str, within: str) -> int | None:
        """The time that stood in that field of the object of that name; `owner` is empty where there is no object."""
        return self._times.get((owner, within)) if self.recorded is not None else None

    @cached_property
    def _leaves(self) -> list[Leaf]:
        if self.recorded is None:
            return []
        return [*header_leaves(self.recorded.headers), *leaves(read(self.recorded.headers, self.recorded.body))]

    @cached_property
    def _names(self) -> dict[str, str]:
        return {f"{leaf.place}#{piece.start}": piece.text for leaf in self._leaves for piece in ids(leaf.value)}

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {leaf.place: leaf.value for leaf in self._leaves}

    @cached_property
    def _times(self) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for leaf in self._leaves:
            instant = read_any(leaf.value, quoted=leaf.quoted) or read_day(leaf.value)
            if instant is not None:
                owner = leaf.node.owner.text("id") if leaf.node else None
                found.setdefault((owner or "", leaf.within_owner), instant.seconds)
        return found

    @cached_property
    def _place(self) -> Callable[[str], str | None]:
        """From a place in the new answer to the same one in the recorded answer: lists may have grown or shrunk."""
        values = [_value(response) for response in (self.recorded, self.now) if response]
        return aligned(*values) if len(values) == 2 else str


def _value(response: Response) -> object:
    body = read(response.headers, response.body)
    parsed = parse_json(body.text or "") if body.kind is Kind.JSON else None
    return parsed[0] if parsed else None
