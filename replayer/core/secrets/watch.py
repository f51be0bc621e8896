"""Many credentials looked for in one pass over a text: what a text costs does not depend on how many they are.

Each is known by a piece near its end, which is chance where its beginning is not: all tokens of one service begin
alike. Where that piece stands, what ends there is looked up as a whole.
"""

from collections.abc import Iterable, Iterator

FEW = 8  # so many are looked for one by one: that is faster, for the text is not taken apart
PIECE = 8  # characters; no credential is shorter (`by_name.SURE`), but a cookie's or a user's own words may be
STRIDE = 16  # a long credential is known by any of so many pieces, so that only each 16th of a text is looked at


class Watch:
    """Looks for those texts; of an empty one nothing is to be found."""

    def __init__(self, watched: Iterable[str]) -> None:
        self._watched = frozenset(filter(None, watched))
        self._short = [each for each in self._watched if len(each) < PIECE]
        # By the step at which a text is looked at: each piece, with how far behind its begin a credential ends, and how
        # long that is.
        self._pieces: dict[int, dict[str, set[tuple[int, int]]]] = {}
        if len(self._watched) > FEW:
            for each in self._watched:
                self._learn(each)

    def _learn(self, text: str) -> None:
        length = len(text)
        step = STRIDE if length >= PIECE + STRIDE - 1 else 1
        for end in range(PIECE, PIECE + step if length >= PIECE else PIECE):
            piece = text[length - end : length - end + PIECE]
            self._pieces.setdefault(step, {}).setdefault(piece, set()).add((end, length))

    def found_in(self, text: str) -> Iterator[str]:
        """Those that stand in a text, some of them more than once."""
        if not self._pieces:
            yield from (each for each in self._watched if each in text)
            return
        yield from (each for each in self._short if each in text)
        for step, pieces in self._pieces.items():
            for at in range(0, len(text) - PIECE + 1, step):
                for end, length in pieces.get(text[at : at + PIECE], ()):
                    whole = text[max(at + end - length, 0) : at + end]
                    if whole in self._watched:
                        yield whole
