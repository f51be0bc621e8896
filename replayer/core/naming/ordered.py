"""Ids that hold the time at which they were minted keep their order: who pages by the greatest id gets on.

A ULID, a UUID of version 7, either behind a prefix. Its stand-in holds the virtual time of the answer that first told
of it, and its rank among those that this told of; what is older than the session keeps its time.

01KB2M5XQ8...   01KB2M5XQ9...       upstream, minted by two writes
01KAP8E5H8...   01KAP8E6GG...       cassette, of the virtual seconds of these
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from replayer.core.message import instants, shapes
from replayer.core.naming import aliases
from replayer.core.naming.aliases import STEP, Key

EARLIEST = instants.MILLISECONDS.start
DAY = 86_400_000  # milliseconds: clocks do not differ by more


def ranks(found: Iterable[shapes.Piece], now: int) -> dict[str, int]:
    """Of the ids in an answer those that hold a time, each with its rank; `now` is when it came, in real seconds.

    Ids that are nothing but chance look like these, and one in 100 of them has a time that may be true. So one alone
    has to be of this day; several may be older, and all of them true.
    """
    families: dict[str, dict[str, int | None]] = {}
    for piece in found:
        families.setdefault(family(piece), {})[piece.text] = aliases.key_of(piece.shape, piece.text)
    timed = sorted(text for each in families.values() if _hold_times([*each.values()], now * 1000) for text in each)
    return {text: rank for rank, text in enumerate(timed)}


def _hold_times(keys: Sequence[Key | None], now: int) -> bool:
    times = [key // STEP for key in keys if key is not None]
    earliest = EARLIEST if len(times) > 1 else now - DAY
    return len(times) == len(keys) and all(earliest <= time <= now + DAY for time in times)


class Order:
    """The ids of one session that hold a time, in the upstream's order, by what they have before it."""

    def __init__(self) -> None:
        self._named: dict[str, list[tuple[str, Key]]] = {}

    def __repr__(self) -> str:
        return f"<Order of {sum(map(len, self._named.values()))}>"

    def knows(self, piece: shapes.Piece) -> bool:
        """Whether others of its kind hold a time."""
        return family(piece) in self._named

    def between(self, piece: shapes.Piece, wanted: Key) -> Key:
        """That key, or one near it that keeps the order with all that has been named."""
        named = self._named.get(family(piece), [])
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
            insort(self._named.setdefault(family(piece), []), (piece.text, key))


def family(piece: shapes.Piece) -> str:
    """What ids are compared with: those of the same shape and prefix."""
    return f"{piece.shape} {shapes.prefix_of(piece)}"
