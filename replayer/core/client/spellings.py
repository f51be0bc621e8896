"""The client's own spellings of objects that it knows from elsewhere, as from its environment. The cassette has another
name for such an object as soon as an answer has told of it; where that follows from the object's own id, it is
understood again.

    GET /v1/invoices               tells of cus_ML77..., which is cus_NffrFeUfNV2Hib
    GET /v1/customers/cus_Nffr...  asks for cus_ML77..., and from here on the client is shown cus_Nffr...
"""

from dataclasses import replace

from replayer.core.matching import Index
from replayer.core.message import Request, edit, shapes
from replayer.core.naming import Names, aliases
from replayer.core.rules import Rules


class Spellings:
    """Of one client, over one cassette; `names` are those of the session."""

    def __init__(self, index: Index, names: Names, rules: Rules) -> None:
        self._index, self._names = index, names
        self._headers = frozenset(rules.matched_headers)
        self.shown: dict[str, str] = {}  # names of the cassette by which the client is shown its own
        self._ahead = object()  # what requests keep by that was found out before their turn
        self.changes = 0  # of these, however often a name was shown as before

    def read(self, request: Request) -> None:
        """Find out before its turn what the ids in a request would be called that were there before the session: it
        stays with the request, and nobody is asked who has a name."""
        found = (piece for text in self._texts(request) for piece in shapes.pieces(text))
        request.keep(self._ahead, {piece.text: _standing_names(piece) for piece in found})

    def translated(self, request: Request) -> Request:
        """The request in the names of the cassette."""
        if self._index.is_spelled(request) or not self._may_be_named(request):
            return request
        named = edit.rewritten(
            request, lambda _, leaf: edit.pieced(leaf.value, self._named) if leaf.quoted else leaf.value
        )
        headers = tuple(
            (name, edit.pieced(value, self._named) if name.lower() in self._headers else value)
            for name, value in named.headers
        )
        return named if headers == named.headers else replace(named, headers=headers)

    def _may_be_named(self, request: Request) -> bool:
        """Whether a look at its values is worth while: of most requests the whole shows that it is not."""
        texts = self._texts(request)
        if any("%" in text or "\\" in text for text in texts):
            return True
        ahead: dict[str, tuple[str, ...]] | None = request.kept(self._ahead)
        if ahead is not None:
            return any(self._names.spelled(text) or self._known(text, names) for text, names in ahead.items())
        return any(self._name_of(piece) for text in texts for piece in shapes.pieces(text))

    def _texts(self, request: Request) -> list[str]:
        return [
            request.target,
            request.text,
            *(value for name, value in request.headers if name.lower() in self._headers),
        ]

    def _named(self, piece: shapes.Piece) -> str:
        name = self._name_of(piece)
        if name and self.shown.get(name) != piece.text:
            self.shown[name] = piece.text
            self.changes += 1
        return name or piece.text

    def _name_of(self, piece: shapes.Piece) -> str | None:
        return self._names.spelled(piece.text) or self._standing(piece)

    def _standing(self, piece: shapes.Piece) -> str | None:
        """Its name as one of what was there before the session, if anybody has told of that."""
        return None if self._names.is_constant(piece.text) else self._known(piece.text, _standing_names(piece))

    def _known(self, text: str, names: tuple[str, ...]) -> str | None:
        """The first of these names that anybody has told of; None for what the client wrote first."""
        if not names or self._names.is_constant(text):
            return None
        return next((name for name in names if self._names.real_of(name) or name in self._index.asked_ids), None)


def _standing_names(piece: shapes.Piece) -> tuple[str, ...]:
    """What that would be called as one of what was there before the session; nothing for what is no such id."""
    if piece.shape == "word" or aliases.is_alias(piece.shape, piece.text):
        return ()
    made = (each(piece.shape, piece.text) for each in (aliases.standing, aliases.once_standing))
    return tuple(dict.fromkeys(made))
