"""Ids that hold the time at which they were minted keep their order: who pages by the greatest one gets on.

A ULID, a UUID of version 7, an id of 24 hexadecimal digits and what else `dated` knows. The stand-in of one that was
minted in this session begins with the virtual second of what made it, and with its rank among those that are told
beside it; that of an object that is older begins with its own time.

    01KB2M5XQ8...   01KB2M5XQ9...       upstream, minted by two writes
    01KAP8E5H8...   01KAP8E6GG...       cassette, of the virtual seconds of these

Only what lies within the session is believed to be a time: chance looks like that once in some million.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from replayer.core.message import shapes
from replayer.core.naming import aliases, dated

BEHIND_A_DASH = re.compile(rf"(?<![0-9A-Za-z_-])(?:[a-z]{{2,10}}-){{1,2}}[0-7][{aliases.SMALL}]{{25}}(?![0-9A-Za-z_-])")
APART = 100  # milliseconds: which of two was minted first in less is chance, and another one next time


@dataclass(frozen=True, slots=True)
class Timed:
    """An id and the millisecond at which it was minted; one without a shape with its form."""

    piece: shapes.Piece
    at: int
    form: dated.TimeForm | None = None

    @property
    def family(self) -> str:
        return family(self.piece)


def family(piece: shapes.Piece) -> str:
    """What an id is compared with: those of its shape and prefix."""
    return f"{piece.shape} {shapes.prefix_of(piece)}"


def timed(found: Iterable[shapes.Piece]) -> Iterable[Timed]:
    """Those that have the form of one that holds a time, each once, in their order."""
    seen = dict.fromkeys((piece.shape, piece.text) for piece in found)
    for shape, text in seen:
        at = aliases.minted_at(shape, text)
        if at is not None:
            yield Timed(shapes.Piece(shape, text, 0, len(text)), at)


def timed_without_shape(text: str) -> Iterable[Timed]:
    """What in a text has no shape and one of the forms that hold a time, once for each of these."""
    for word, form in dict.fromkeys(dated.in_text(text)):
        yield Timed(shapes.Piece(form.name, word, 0, len(word)), form.minted_at(word), form)
    # What its field's name alone shows to be an id has a shape all the same.
    yield from timed(shapes.Piece("prefixed", match.group(), *match.span()) for match in BEHIND_A_DASH.finditer(text))


@dataclass(frozen=True, slots=True)
class Rank:
    """Where the stand-in of an id belongs: in which virtual second, and as which of those in it. `at` is the real
    millisecond."""

    second: int
    number: int
    at: int


def ranks(found: Iterable[tuple[Timed, int, bool]], newest: Mapping[str, Rank]) -> dict[str, Rank]:
    """The ranks of ids in what tells them, each with its virtual second, and whether it has a name already: from the
    first one of its family on, or from the last where that is clearly older. What is clearly younger than the
    `newest` that has a name in this second comes behind that."""
    families: dict[str, list[tuple[Timed, int, bool]]] = {}
    for each in found:
        families.setdefault(each[0].family, []).append(each)
    ranked: dict[str, Rank] = {}
    for kind, told in families.items():
        oldest = _oldest_first(told)
        first = next((number for number, (_, _, named) in enumerate(oldest) if not named), 0)
        behind, (one, second, _) = newest.get(kind), oldest[first]
        after = 0
        if behind is not None and behind.second == second and one.at - behind.at > APART:
            after = max(0, behind.number + 1 - first)
        ranked |= {
            one.piece.text: Rank(second, number + after, one.at) for number, (one, second, _) in enumerate(oldest)
        }
    return ranked


def _oldest_first(told: Sequence[tuple[Timed, int, bool]]) -> Sequence[tuple[Timed, int, bool]]:
    return told[::-1] if told[0][0].at - told[-1][0].at > APART else told
