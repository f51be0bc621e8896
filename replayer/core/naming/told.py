"""Events: objects by which an API tells what was done. One is named by what it tells, not by where it is seen first: so
it does not matter whether it was delivered, or read before it was; nor in which order several came.

    evt_1Uab...   invoice.paid, about in_1..., by the request req_...   ->   a function of these three
"""

from dataclasses import dataclass

from replayer.core.message import leaves, shapes
from replayer.core.naming.spaces import Spaces
from replayer.core.rules import ruleset


@dataclass(frozen=True, slots=True)
class Around:
    """The event that something stands in."""

    node: leaves.Node
    kind: ruleset.EventKind

    @property
    def about(self) -> str:
        """The id of the object that it is about; empty where it names none."""
        return self.node.at(self.kind.about) or ""

    def place(self, leaf: leaves.Leaf) -> str:
        """Where a leaf stands in it."""
        return leaf.place.removeprefix(self.node.place).lstrip(".")

    def before(self, leaf: leaves.Leaf) -> str:
        """Which field of its object a leaf tells as it was before; empty where it tells none."""
        place, before = self.place(leaf), f"{self.kind.before}."
        return place.removeprefix(before) if place.startswith(before) else ""


class EventNames:
    """Of one session, by its rules."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._kinds = {kind.kind: kind for kind in spaces.rules.events}

    def may_stand_in(self, text: str) -> bool:
        """Whether a message may tell of an event."""
        return any(f'"{kind}"' in text for kind in self._kinds)

    def around(self, node: leaves.Node | None) -> Around | None:
        """The event that an object is, or is a part of."""
        while node is not None:
            kind = self._kinds.get(node.string("object") or "")
            if kind is not None and node.string("id") is not None:
                return Around(node, kind)
            node = node.parent
        return None

    def origin(self, event: Around, leaf: leaves.Leaf, piece: shapes.Piece) -> str:
        """The origin of an id in an event: of its own, or of what it alone has told."""
        real = event.node.string("id") or ""
        if leaf.key == "id" and leaf.node is event.node:
            return self._own(event, real)
        return f"told\0{self._spaces.names.known_as(real)}\0{event.place(leaf)}#{piece.start}"

    def _own(self, event: Around, real: str) -> str:
        """Of several that tell the same, as two updates by one request may, the first one seen is the first."""
        names, node, kind = self._spaces.names, event.node, event.kind
        request, key = node.at(kind.request), node.at(kind.key)
        cause = names.alias_of(request or "") or (names.known_as(key) if key else "")
        about = names.alias_of(event.about) or event.about.rpartition("_")[0]
        origin = "\0".join(("event", cause, node.at(kind.type) or "", about, ",".join(_changed(node, kind))))
        same = self._spaces.events.setdefault(origin, {})
        return f"{origin}\0{same.setdefault(real, len(same))}"


def _changed(node: leaves.Node, kind: ruleset.EventKind) -> list[str]:
    """The names of the fields that an event tells to have been others before."""
    for step in kind.before.split("."):
        child = node.values.get(step)
        if not isinstance(child, leaves.Node):
            return []
        node = child
    return sorted(node.values)
