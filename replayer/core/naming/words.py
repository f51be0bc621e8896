"""Texts in which nothing can stand but ids and words. Most are such, and most of these were met before: what there is
to see in one depends on no session, and is seen once."""

import re
from functools import lru_cache
from typing import NamedTuple

from replayer.core.clock import fields
from replayer.core.message import instants, shapes
from replayer.core.naming.tokens import candidates, packed

# A text without any of these holds no link, no parameter, no member of anything and no escape.
MARK = re.compile(r"""["=<%:\\]|//""")
REMEMBERED = 16_384
LEAST_DIGITS = 10  # of a number that lies within a session


class WordsOnly(NamedTuple):
    """What there is in such a text: its pieces by themselves, and what may be a token that is more than one piece.
    `still` is one that holds no id, whatever its field is called, and no time: it stays as it is unless one of its
    words has a name.
    """

    pieces: tuple[str, ...]
    tokens: frozenset[str]
    still: bool


def words(text: str) -> WordsOnly | None:
    """The words of a text; None where more may stand in it, and where it is too long to be seen at a glance."""
    return _words(text) if len(text) <= shapes.SHORT else None


def may_be_within(text: str) -> bool:
    """Whether a text may be a number that lies within a session, in some unit."""
    return len(text) >= LEAST_DIGITS and text[0].isdigit()


@lru_cache(REMEMBERED)
def _words(text: str) -> WordsOnly | None:
    if MARK.search(text) or fields.may_tell(text) or text[:1] == "/":
        return None
    if packed(text) and not shapes.is_id(text):
        return None
    found = tuple(shapes.pieces(text))
    has_id = any(piece.shape != "word" for piece in found) or shapes.ID.fullmatch(text) is not None
    is_time = may_be_within(text) or instants.is_spelled(text)
    return WordsOnly(
        tuple(piece.text for piece in found), candidates(text), not has_id and not is_time and "+" not in text
    )
