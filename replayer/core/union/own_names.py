"""What a recording named itself: the aliases that follow from where it first saw a value. They get their names anew in
another recording. Those of what is older than the session follow from the value alone, and stay as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from replayer.core.cassette import Interaction
from replayer.core.matching import Entry
from replayer.core.message import Request, Response, edit, leaves, shapes
from replayer.core.naming import Origin, aliases

M = TypeVar("M", Request, Response)
TURNS = 16  # of equal requests that are tried: what is recorded anew may be the third now, and was the first
BROKEN = "0123456789"  # one of two of these is no checksum


@dataclass(slots=True)
class OwnNames:
    """The names of one recording, read in the order of its file. `_unnamed` has for each of its own an id that is none
    of anybody's names."""

    _told: set[str] = field(default_factory=set)
    _unnamed: dict[str, str] = field(default_factory=dict)

    def taken_off(self, entry: Entry) -> Interaction:
        """The next interaction as an upstream would have it that named things itself."""
        interaction = entry.interaction
        self._told.update(piece.text for piece in _ids_of_request(interaction.request))
        found = list(_ids_of_response(interaction.response))
        for leaf, piece in found:
            if piece.text not in self._told and piece.text not in self._unnamed and _is_own(entry, leaf, piece):
                self._unnamed[piece.text] = _unlike(piece)
        self._told.update(piece.text for _, piece in found)
        request, response = self._renamed(interaction.request), self._renamed(interaction.response)
        interaction.forget()
        return Interaction(
            replace(request, target=self._text(request.target)), replace(response, reason=self._text(response.reason))
        )

    def _renamed(self, message: M) -> M:
        headers = tuple((name, self._text(value)) for name, value in message.headers)
        if message.content.text is None:
            return replace(message, headers=headers, body=edit.pieced_bytes(message.body, self._name))
        changed = edit.mapped_text(message, lambda leaf: self._text(leaf.value) if leaf.quoted else leaf.value)
        return replace(changed, headers=headers)

    def _text(self, text: str) -> str:
        return edit.pieced(text, self._name)

    def _name(self, piece: shapes.Piece) -> str:
        return self._unnamed.get(piece.text, piece.text)


def _ids_of_request(request: Request) -> Iterator[shapes.Piece]:
    yield from shapes.ids("\n".join((request.target, request.text, *(value for _, value in request.headers))))


def _ids_of_response(response: Response) -> Iterator[tuple[leaves.Leaf, shapes.Piece]]:
    for leaf in (*leaves.header_leaves(response.headers), *response.leaves):
        whole = shapes.named_id(leaf.key, leaf.value)
        for piece in [whole] if whole else shapes.ids(leaf.value):
            yield leaf, piece


def _is_own(entry: Entry, leaf: leaves.Leaf, piece: shapes.Piece) -> bool:
    """Whether that alias is the one of that place of that answer, whichever of the equal requests it was."""
    if not aliases.is_alias(piece.shape, piece.text):
        return False
    digest, occurrence, attempt = entry.identity
    head, place = aliases.own_head(piece.shape, piece.text), f"{leaf.place}#{piece.start}"
    for turn in dict.fromkeys((occurrence, *range(TURNS))):
        origin = Origin(digest, turn, attempt=attempt).at(place)
        if piece.text in (aliases.alias(piece.shape, piece.text, origin, each) for each in {head, ""}):
            return True
    return False


def _unlike(piece: shapes.Piece) -> str:
    """An id of the same shape that is nobody's name."""
    head = aliases.own_head(piece.shape, piece.text)
    like = aliases.alias(piece.shape, piece.text, f"unnamed\0{piece.text}", head)
    return next(
        found for digit in BROKEN if (found := like[:-1] + digit) != like and not aliases.is_alias(piece.shape, found)
    )
