"""The client's own spellings of objects that it knows from elsewhere, as from its environment. The cassette has another
name for such an object as soon as an answer has told of it; where that follows from the object's own id, it is
understood again.

    GET /v1/invoices               tells of cus_ML77..., which is cus_NffrFeUfNV2Hib
    GET /v1/customers/cus_Nffr...  asks for cus_ML77..., and from here on the client is shown cus_Nffr...
"""

from collections.abc import Iterator
from dataclasses import replace

from replayer.core.clock import SessionClock
from replayer.core.matching import Index
from replayer.core.message import Request, edit, leaves, shapes
from replayer.core.naming import Names, aliases, tokens
from replayer.core.rules import Rules, ruleset

LONGEST_IDENTITY = 64  # characters


class Spellings:
    """Of one client, over one cassette; `names` are those of the session."""

    def __init__(self, index: Index, names: Names, rules: Rules, clock: SessionClock) -> None:
        self._index, self._names, self._clock = index, names, clock
        self._headers = frozenset(rules.matched_headers)
        self._names_identities = any(rule.key == ruleset.IDENTITY for rule in rules.tokens)
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
        named = edit.rewritten(request, lambda _, leaf: self._in_text(leaf.value) if leaf.quoted else leaf.value)
        if request.body and request.content.text is None and request.plain == request.body:
            named = self._in_bytes(named)
        headers = tuple(
            (name, self._in_text(value) if name.lower() in self._headers else value) for name, value in named.headers
        )
        return named if headers == named.headers else replace(named, headers=headers)

    def _in_bytes(self, request: Request) -> Request:
        """A request whose body is no text, or several in one, in the names of the cassette. Of what was recorded only a
        digest is known: whether one with these names was asked."""
        named = replace(request, body=edit.pieced_bytes(request.body, self._named))
        if named.body != request.body:
            return named
        standing: dict[str, str] = {}

        def stand(piece: shapes.Piece) -> str:
            names = () if self._names.is_constant(piece.text) else _standing_names(piece)
            return standing.setdefault(piece.text, names[0]) if names else piece.text

        named = replace(request, body=edit.pieced_bytes(request.body, stand))
        if not standing or not self._index.equal(self._index.understood(named).digest):
            return request
        for spelled, name in standing.items():
            self._shown_as(name, spelled)
        return named

    def _may_be_named(self, request: Request) -> bool:
        """Whether a look at its values is worth while: of most requests the whole shows that it is not."""
        texts = self._texts(request)
        if (request.body and request.content.text is None) or any("%" in text or "\\" in text for text in texts):
            return True
        if self._names_identities and any(map(self._identity, self._values(request))):
            return True
        ahead: dict[str, tuple[str, ...]] | None = request.kept(self._ahead)
        if ahead is not None:
            return any(self._names.spelled(text) or self._known(text, names) for text, names in ahead.items())
        return any(self._name_of(piece) for text in texts for piece in shapes.pieces(text))

    def _texts(self, request: Request) -> list[str]:
        return [
            request.target,
            request.content.text if request.content.text is not None else request.body.decode("latin-1"),
            *(value for name, value in request.headers if name.lower() in self._headers),
        ]

    @staticmethod
    def _values(request: Request) -> Iterator[str]:
        """The values that a request asks with, as they are whole."""
        yield from request.path.split("/")
        yield from (leaf.value for leaf in (*leaves.form_leaves(request.query), *request.leaves) if leaf.quoted)

    def _in_text(self, text: str) -> str:
        whole = self._identity(text) if self._names_identities else None
        return self._shown_as(whole, text) if whole else edit.pieced(text, self._named)

    def _named(self, piece: shapes.Piece) -> str:
        name = self._name_of(piece)
        return self._shown_as(name, piece.text) if name else piece.text

    def _shown_as(self, name: str, spelled: str) -> str:
        """That name, by which the client is shown what it has spelled itself."""
        if self.shown.get(name) != spelled:
            self.shown[name] = spelled
            self.changes += 1
        return name

    def _name_of(self, piece: shapes.Piece) -> str | None:
        name = self._names.settled.get(piece.text)
        name = name or next(filter(None, map(self._names.spelled, _in_any_case(piece))), None)
        if name is None:
            return self._standing(piece)
        return self._settled(piece.text, name, _standing_names(piece))

    def _settled(self, text: str, name: str, standing: tuple[str, ...]) -> str:
        """The name of what the client knows, though no answer has told it: what follows from its value alone, so that
        it is understood again."""
        if not standing or name in standing:
            return name
        gone = self._names.settle(text, standing[0])
        if not gone:
            return name
        self._clock.facts.rename(gone, standing[0])
        return standing[0]

    def _identity(self, text: str) -> str | None:
        """The name of what an object is called by without the shape of an id, if anybody has told of it."""
        if len(text) > LONGEST_IDENTITY or self._names.is_constant(text) or shapes.is_id(text):
            return None
        standing = tokens.standing_identity(text)
        if not standing or standing == text:
            return None
        name = self._names.spelled(text)
        if name is not None:
            return self._settled(text, name, (standing,))
        return standing if standing in self._index.asked_identities else None

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
    ways = (aliases.standing, aliases.once_standing)
    return tuple(dict.fromkeys(each(piece.shape, text) for text in _in_any_case(piece) for each in ways))


def _in_any_case(piece: shapes.Piece) -> tuple[str, ...]:
    """An id as it is, and as others may write the same: of a UUID the case of its letters means nothing (RFC 9562)."""
    return tuple(dict.fromkeys((piece.text, piece.text.lower()))) if piece.shape == "uuid" else (piece.text,)
