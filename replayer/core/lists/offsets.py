"""At which offset of its list a page begins, and how one is asked for that begins there: by its own number, by that of
its first object, or by a token. Two answers are joined by nothing else."""

from replayer.core.lists.page import Target
from replayer.core.lists.page_request import NUMBER, SIZE, PageRequest
from replayer.core.message import shapes
from replayer.core.naming import aliases
from replayer.core.rules import Positional, ruleset

SHORTEST = 8  # characters of a token that others can be made like, and will not be taken for one of them


class Offsets:
    """The pages of one list, counted from `first`. `origin` names the list in its state: tokens are minted from it."""

    def __init__(self, style: Positional, first: int, origin: str) -> None:
        self._style, self._first, self._origin = style, first, origin
        self._targets: dict[str, Target] = {}  # of the recorded tokens
        self._tokens: dict[Target, str] = {}  # of several the first
        self._minted: dict[int | None, dict[str | None, int]] = {}  # the offsets of tokens, by the size that these need

    def size(self, request: PageRequest) -> int | None:
        """How many objects a page can have, as far as it is known."""
        size = self.wanted(request)
        if size is not None and self._style.most is not None:
            return min(max(size, self._style.least), self._style.most)
        return size if size is not None and size > 0 else None

    def wanted(self, request: PageRequest) -> int | None:
        """The size that is asked for, in the range or not."""
        if request.size is None:
            return self._style.default
        return int(request.size) if SIZE.fullmatch(request.size) else None

    def of(self, request: PageRequest, size: int | None) -> int | None:
        """Where a recorded page begins, as far as it is known."""
        if request.where is None:
            return 0
        if isinstance(self._style, ruleset.ByToken):
            target = self._targets.get(request.where)
            return target.start if target and target.size in (None, size) else None
        if not NUMBER.fullmatch(request.where):
            return None
        number = int(request.where) - self._first
        if isinstance(self._style, ruleset.ByNumber):  # where pages are counted from 1, many APIs take 0 for 1
            return 0 if number <= 0 else number * size if size else None
        return number if number >= 0 else None

    def requested(self, request: PageRequest, size: int, count: int) -> int | None:
        """The same of a page that is asked for: none before the first, and by a minted token, too, in a list of so many
        objects."""
        where = request.where
        if where is None or where in self._targets or not isinstance(self._style, ruleset.ByToken):
            is_early = where is not None and where.isdecimal() and int(where) < self._first
            return None if is_early else self.of(request, size)
        return next((known[where] for known in self._minted_for(size, count) if where in known), None)

    def _minted_for(self, size: int, count: int) -> list[dict[str | None, int]]:
        for key in (None, size):
            if key not in self._minted:
                self._minted[key] = {self.written(Target(start, key), size): start for start in range(count + 1)}
        return [self._minted[None], self._minted[size]]

    # -- tokens -------------------------------------------------------------------------------------------------

    def target(self, token: str) -> Target | None:
        """Where a recorded token leads to."""
        return self._targets.get(token)

    def learn(self, token: str, target: Target) -> bool:
        """An answer leads there by that token. False where it leads elsewhere in another one."""
        known = self._targets.setdefault(token, target)
        if target.size is None and known.start == target.start:
            self._targets[token] = target
        self._tokens.setdefault(target, token)
        return known.start == target.start

    # -- writing ------------------------------------------------------------------------------------------------

    def written(self, target: Target, size: int | None) -> str | None:
        """How a page is asked for that begins there; None where it cannot be."""
        start = target.start
        if isinstance(self._style, ruleset.ByToken):
            return self._token(target) if start or target.size else self._tokens.get(target)
        if not isinstance(self._style, ruleset.ByNumber):
            return str(start + self._first)
        return str(start // size + self._first) if size and start % size == 0 else None

    def _token(self, target: Target) -> str | None:
        """The token that leads there: a recorded one, else one that looks like those that lead in the same way."""
        kind = (token for to, token in self._tokens.items() if (to.size is None) == (target.size is None))
        like = self._tokens.get(target) or next(kind, None)
        if like is None or target in self._tokens:
            return like
        origin = f"page\0{self._origin}\0{target.start}" + (f"\0{target.size}" if target.size else "")
        piece = next((one for one in shapes.ids(like) if one.text == like), None)
        return aliases.alias(piece.shape, like, origin) if piece else aliases.plain_alias(like, origin)


def is_token(text: str) -> bool:
    """Whether that can stand for an offset: the number of a page does not."""
    return len(text) >= SHORTEST and not text.isdigit()
