"""A recorded request as its client would send it again: with values of another run for those that it mints. What stands
for them in the cassette is no id that an upstream could know."""

import re
from collections.abc import Callable
from dataclasses import replace

from replayer.core.matching import Entry
from replayer.core.message import Request, edit, shapes, wire

CREDENTIALS = ("authorization", "proxy-authorization", "cookie")
KEY = "idempotency-key"
LETTERS = re.compile("[G-Z]")
UUID = "00000000-0000-4000-8000-000000000000"


class Minted:
    """What stands for minted values in another run, each value once. `choose` takes one of some characters: it is the
    chance by which they are made."""

    def __init__(self, choose: Callable[[str], str]) -> None:
        self._choose, self._values = choose, dict[str, str]()

    def __repr__(self) -> str:
        return f"<Minted {len(self._values)} values>"

    def again(self, entry: Entry, names: frozenset[str]) -> Request:
        """The request without its credential, its key and the values that have those names being others now."""
        request = entry.interaction.request
        headers = wire.without(request.headers, CREDENTIALS)
        if entry.key is not None:
            key = self._values.setdefault(entry.key, like(UUID, self._choose))
            headers = tuple((name, key if name.lower() == KEY else value) for name, value in headers)

        def anew(piece: shapes.Piece) -> str:
            if piece.text not in names:
                return piece.text
            return self._values.setdefault(piece.text, like(piece.text, self._choose))

        headers = tuple((name, edit.pieced(value, anew)) for name, value in headers)
        request = replace(request, headers=headers)
        body = edit.rewritten(request, lambda _, leaf: edit.pieced(leaf.value, anew) if leaf.quoted else leaf.value)
        return replace(body, headers=headers)


def like(name: str, choose: Callable[[str], str]) -> str:
    """Another value of that form: of a UUID its dashes, its version and its case stay."""
    kept = (14, 19) if "-" in name else (0,)  # the version and the variant of a UUID; a ULID's first digit is small
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if LETTERS.search(name) else "0123456789abcdef"
    digits = digits if name == name.lower() or LETTERS.search(name) else digits.upper()
    return "".join(c if c == "-" or at in kept else choose(digits) for at, c in enumerate(name))
