"""How the pages of one list are asked for: which place a number, an offset or a token stands for, and the other way."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from replayer.core.lists.asking import COUNT, SIZE, Spot
from replayer.core.lists.tellings import Back, Target
from replayer.core.message.shapes import ids
from replayer.core.naming.aliases import alias, plain_alias
from replayer.core.rules.ruleset import ByNumber, ByToken, Positional

SHORTEST = 8  # characters of a token that others can be made like, and will not be taken for one of them


class Numbering:
    """The pages of one list, counted from `first`. A page has `default` objects where nothing is said. `origin` names
    the list in its state: tokens are minted from that. Of a size that it `cuts` the API gives that much."""

    def __init__(
        self,
        style: Positional,
        first: int,
        default: int | None,
        origin: str,
        cuts: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self._style, self._first, self._default, self._origin, self._cuts = style, first, default, origin, cuts
        self._places: dict[str, int] = {}  # of the tokens
        self._tokens: dict[int, str] = {}  # by their places: of several the first
        self._minted: dict[str, int] = {}
        self._backs: dict[str, Back] = {}  # tokens that lead back
        self._back_tokens: dict[Back, str] = {}

    @property
    def tokens(self) -> Mapping[str, int]:
        """The recorded tokens, and how many objects come before the page that each leads to."""
        return self._places

    def tell(self, token: str, place: int) -> bool:
        """An answer told that token for the page that begins there. False where it led elsewhere before."""
        self._tokens.setdefault(place, token)
        return self._places.setdefault(token, place) == place

    def tell_back(self, token: str, to: Back) -> None:
        """An answer told that token for the page before it. Tokens of that kind may stand for where their page ends:
        they are understood only in pages as long as those that told them."""
        self._back_tokens.setdefault(to, token)
        self._backs.setdefault(token, to)

    def back(self, token: str) -> Back | None:
        """Where a recorded token leads back to."""
        return self._backs.get(token)

    def size(self, spot: Spot) -> int | None:
        """How many objects a page can have, as far as it is known."""
        if spot.size is None:
            return self._default
        if not SIZE.fullmatch(spot.size):
            return None
        size = int(spot.size)
        if self._style.most is not None:
            size = min(max(size, self._style.least), self._style.most)
        return self._cuts.get(size, size) if size > 0 else None

    def start(self, spot: Spot, size: int | None) -> int | None:
        """How many objects come before a recorded page, as far as it is known."""
        if spot.where is None:
            return 0
        if isinstance(self._style, ByToken):
            return self._places.get(spot.where, _start(self._backs.get(spot.where), size))
        if not COUNT.fullmatch(spot.where):
            return None
        number = int(spot.where) - self._first
        if isinstance(self._style, ByNumber):
            # Where pages are counted from 1, many APIs take 0 for 1.
            return 0 if number <= 0 else number * size if size else None
        return number if number >= 0 else None

    def asked(self, spot: Spot, size: int, places: Iterable[int]) -> int | None:
        """The same of a page that is asked for: not before the first one, and with a token that may be one for any of
        those places."""
        if isinstance(self._style, ByToken) and spot.where is not None and spot.where not in self._places:
            if not self._minted:
                self._minted = {token: place for place in places if (token := self.token(place))}
            if spot.where in self._minted:
                return self._minted[spot.where]
            return _start(self._backs.get(spot.where) or self._minted_back(spot.where, size, places), size)
        start = self.start(spot, size)
        is_early = not isinstance(self._style, ByToken) and start == 0 and int(spot.where or self._first) < self._first
        return None if is_early else start

    def _minted_back(self, token: str, size: int, places: Iterable[int]) -> Back | None:
        found = (Back(place, size) for place in places) if self._backs else ()
        return next((back for back in found if self.leading(back, size) == token), None)

    def leading(self, to: Target | Back, size: int | None) -> str | None:
        """How a page is asked for that a link or a token leads to; None where it cannot be."""
        if isinstance(to, Target):
            return self.where(to.start, size)
        if to in self._back_tokens or not self._backs:
            return self._back_tokens.get(to)
        return self._like(next(iter(self._backs)), f"back\0{self._origin}\0{to.end}\0{to.size}")

    def where(self, start: int, size: int | None) -> str | None:
        """How a page is asked for that begins there; None where it cannot be."""
        if isinstance(self._style, ByToken):
            return self.token(start) if start else self._tokens.get(0)
        if not isinstance(self._style, ByNumber):
            return str(start + self._first)
        return str(start // size + self._first) if size and start % size == 0 else None

    def token(self, place: int) -> str | None:
        """The token that leads there: a recorded one, else one that looks like them."""
        if place in self._tokens or not self._tokens:
            return self._tokens.get(place)
        return self._like(next(iter(self._tokens.values())), f"page\0{self._origin}\0{place}")

    def _like(self, like: str, origin: str) -> str:
        piece = next((one for one in ids(like) if one.text == like), None)
        return alias(piece.shape, like, origin) if piece else plain_alias(like, origin)


def _start(to: Back | None, size: int | None) -> int | None:
    return to.end - to.size if to and size == to.size and to.end >= to.size else None


def is_token(text: str) -> bool:
    """Whether that can stand for a place: the number of a page does not."""
    return len(text) >= SHORTEST and not text.isdigit()
