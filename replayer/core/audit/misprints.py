"""Names that somebody broke: no alias, but all but like one of the file. The alias that it was is named with its
line. What is like none of them may be anything: nothing is guessed."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from replayer.core.audit.view import Examined, Places
from replayer.core.message import shapes
from replayer.core.naming import aliases
from replayer.core.secrets import masking

EDITS = 2  # by so many characters an edited name may differ from the one that it was
SHORTENED = re.compile(
    r"(?<![0-9A-Za-z_])(?:[a-z]{2,10}_){1,3}"
    rf"[0-9A-Za-z]{{{shapes.MIN_BODY - EDITS},{shapes.MIN_BODY - 1}}}(?![0-9A-Za-z])"
)
MAIMED = re.compile(r"(?:[A-Za-z]{2,10}_){1,3}(?=[0-9A-Za-z]*[0-9A-Z])[0-9A-Za-z]{6,}")  # "cus_test" is a word


def shortened(text: str) -> Iterator[shapes.Piece]:
    """What would be an id if it were a character or two longer."""
    return (shapes.Piece("prefixed", match.group(), match.start(), match.end()) for match in SHORTENED.finditer(text))


class Aliases:
    """The aliases of a file, and where each stands first. What is like one of them is found by a third of it: two edits
    leave one third as it was. So a look-up costs the same for ten aliases and for 100,000."""

    def __init__(self, examined: list[Examined]) -> None:
        self._first: dict[str, tuple[str, int]] = {}  # by alias, its shape and the interaction
        self._thirds: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        self._bodies: dict[str, str] = {}
        self._sorted: list[str] = []
        for index, each in enumerate(examined):
            for text in each.answered():
                for piece in shapes.ids(text):
                    if piece.text not in self._first and aliases.is_alias(piece.shape, piece.text):
                        self._add(piece, index)

    def _add(self, piece: shapes.Piece, index: int) -> None:
        self._first[piece.text] = (piece.shape, index)
        self._folded.setdefault(piece.text.lower(), []).append(piece.text)
        body = _body(piece.text)
        self._bodies.setdefault(body, piece.text)
        for start, end in _cuts(len(body)):
            self._thirds.setdefault(body[start:end], []).append(piece.text)

    def __contains__(self, text: str) -> bool:
        return text in self._first

    def _near(self, text: str) -> Iterator[str]:
        """The aliases that a text may be an edit of, each once."""
        body = _body(text)
        parts = {
            body[max(0, start + shift) : max(0, end + shift)]
            for length in range(len(body) - EDITS, len(body) + EDITS + 1)
            for start, end in _cuts(length)
            for shift in range(-EDITS, EDITS + 1)
        }
        near = [*self._folded.get(text.lower(), ()), *(name for part in parts for name in self._thirds.get(part, ()))]
        return iter(dict.fromkeys(sorted(near)))  # in an order that does not depend on a set's

    def broken(self, piece: shapes.Piece, places: Places) -> str:
        """What an id is that is no alias, but all but like one of the file; empty where it is like none."""
        prefix = shapes.prefix_of(piece)
        for name in self._near(piece.text):
            shape, _ = self._first[name]
            if shape != piece.shape or not name.lower().startswith(prefix.lower()):
                continue
            how = _edited(name, piece.text)
            if how:
                return self._words(piece.text, f"differs {how} from", name, places)
        other = self._bodies.get(_body(piece.text)) if piece.shape == "prefixed" else None
        return self._words(piece.text, "has another prefix than", other, places) if other else ""

    def maimed(self, text: str, places: Places) -> str:
        """What a whole value is that is shaped like no id, but like the beginning of an alias, or like one in capitals;
        empty where it is like none. Anybody may write such texts: it is for places where names stand."""
        if text in self or not MAIMED.fullmatch(text):
            return ""
        if folded := self._folded.get(text.lower()):
            return self._words(text, "differs in upper and lower case from", folded[0], places)
        self._sorted = self._sorted or sorted(self._first)
        at = bisect_right(self._sorted, text)
        if at < len(self._sorted) and self._sorted[at].startswith(text):
            return self._words(text, "is only the beginning of", self._sorted[at], places)
        return ""

    def _words(self, text: str, how: str, name: str, places: Places) -> str:
        _, index = self._first[name]
        prefix = text[: len(text) - len(_body(text))]
        return f"{masking.masked(text, prefix)} is no alias, and {how} {name} in line {places.line(index, name)}"


def _body(text: str) -> str:
    """What is behind the prefix, which too many have in common."""
    return text.rpartition("_")[2]


def _cuts(length: int) -> tuple[tuple[int, int], ...]:
    """Where a body of that length is cut in three."""
    return (0, length // 3), (length // 3, 2 * length // 3), (2 * length // 3, length)


def _edited(name: str, other: str) -> str:
    if name.lower() == other.lower():
        return "in upper and lower case"
    count = _distance(name, other)
    return f"in {count} character{'' if count == 1 else 's'}" if count <= EDITS else ""


def _distance(one: str, other: str) -> int:
    """How many edits make one text the other, counted as far as it matters."""
    if abs(len(one) - len(other)) > EDITS:
        return EDITS + 1
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, start=1):
        before, row = row, [number]
        for place, against in enumerate(other):
            row.append(min(before[place + 1] + 1, row[place] + 1, before[place] + (character != against)))
        if min(row) > EDITS:
            return EDITS + 1
    return row[-1]
