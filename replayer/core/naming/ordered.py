"""Ids that hold the time at which they were minted keep their order: who pages by the greatest id gets on.

A ULID, a UUID of version 7, either behind a prefix. Its stand-in holds the virtual time of the answer that first told
of it, and its rank among those that this told of; what is older than the session keeps its time.

01KB2M5XQ8...   01KB2M5XQ9...       upstream, minted by two writes
01KAP8E5H8...   01KAP8E6GG...       cassette, of the virtual seconds of these
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

from replayer.core.message import instants, shapes
from replayer.core.naming import aliases
from replayer.core.naming.aliases import STEP, Key

MILLISECONDS = instants.MILLISECONDS


def key_of(piece: shapes.Piece) -> Key | None:
    """When an id says that it was minted; None where it holds no time, or one that cannot be true."""
    key = aliases.key_of(piece.shape, piece.text)
    return key if key is not None and key // STEP in MILLISECONDS else None


def ranks(found: Iterable[shapes.Piece]) -> dict[str, int]:
    """Of some ids those that hold a time, each with its rank."""
    timed = sorted({piece.text for piece in found if key_of(piece) is not None})
    return {text: rank for rank, text in enumerate(timed)}


class Order:
    """The ids of one session that hold a time, in the upstream's order, by what they have before it."""

    def __init__(self) -> None:
        self._named: dict[str, list[tuple[str, Key]]] = {}

    def __repr__(self) -> str:
        return f"<Order of {sum(map(len, self._named.values()))}>"

    def between(self, piece: shapes.Piece, wanted: Key) -> Key:
        """That key, or one near it that keeps the order with all that has been named."""
        named = self._named.get(_family(piece), [])
        at = bisect_left(named, (piece.text, 0))
        before = named[at - 1][1] if at else None
        after = named[at][1] if at < len(named) else None
        if before is not None and wanted <= before:
            wanted = before + STEP
        if after is not None and wanted >= after:
            wanted = after - STEP if before is None else (before + after) // 2
        return wanted

    def enter(self, piece: shapes.Piece, name: str) -> None:
        """That id has that name from now on."""
        key = aliases.key_of(piece.shape, name)
        if key is not None:
            insort(self._named.setdefault(_family(piece), []), (piece.text, key))


def _family(piece: shapes.Piece) -> str:
    return f"{piece.shape} {shapes.prefix_of(piece)}"
