"""What an earlier recording called the ids at each place of the same answer. Where an id is shared by requests that
race, its name is the one that it had, whichever of them comes first this time."""

from functools import cached_property

from replayer.core.bodies import read
from replayer.core.interaction import Response
from replayer.core.places import Leaf, header_leaves, leaves
from replayer.core.recognisers import Piece, ids


class Earlier:
    """The names in one recorded answer; None where there was none. It is read only when it is asked."""

    def __init__(self, response: Response | None = None) -> None:
        self._response = response

    def at(self, place: str) -> str | None:
        """The name that stands at that place (see `spot`)."""
        return self._names.get(place)

    @cached_property
    def _names(self) -> dict[str, str]:
        if self._response is None:
            return {}
        found = [*header_leaves(self._response.headers), *leaves(read(self._response.headers, self._response.body))]
        return {spot(leaf, piece): piece.text for leaf in found for piece in ids(leaf.value)}


def spot(leaf: Leaf, piece: Piece) -> str:
    """The place of a piece within its answer."""
    return f"{leaf.place}#{piece.start}"
