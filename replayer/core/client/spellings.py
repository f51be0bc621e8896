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
        self.changes = 0  # of these, however often a name was shown as before

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
        texts = [request.target, request.text]
        texts += (value for name, value in request.headers if name.lower() in self._headers)
        if any("%" in text or "\\" in text for text in texts):
            return True
        return any(self._name_of(piece) for text in texts for piece in shapes.pieces(text))

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
        if piece.shape == "word" or aliases.is_alias(piece.shape, piece.text) or self._names.is_constant(piece.text):
            return None
        for name in dict.fromkeys(each(piece.shape, piece.text) for each in (aliases.standing, aliases.once_standing)):
            if self._names.real_of(name) or name in self._index.asked_ids:
                return name
        return None
