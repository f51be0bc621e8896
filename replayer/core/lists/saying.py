"""What the pages of one list say of how it goes on, by the names of their members and headers."""

import re
from collections.abc import Iterator, Sequence

from replayer.core.lists.asking import COUNT
from replayer.core.lists.envelope import Leaf
from replayer.core.lists.meanings import Taken
from replayer.core.lists.numbering import Numbering, is_token
from replayer.core.lists.tellings import Value
from replayer.core.rules.ruleset import ByToken, Positional

ADDRESS = re.compile(r"^\w+://|[?]")  # a link, but to no page of the list, is no token

TRUTHS = {"true": True, "false": False}


class Saying:
    """The pages of one list, as they were recorded in that style."""

    def __init__(self, pages: Sequence[Taken], style: Positional) -> None:
        self._pages, self._style = pages, style
        self._goes = any(map(self._has_next, pages))

    def _nexts(self, taken: Taken) -> list[Leaf]:
        leaves = taken.envelope.leaves.values()
        return [leaf for leaf in leaves if leaf.is_called(self._style.next) and not isinstance(plain(leaf), bool)]

    def _has_next(self, taken: Taken) -> bool:
        return any(leaf.value for leaf in self._nexts(taken))

    def more(self, taken: Taken) -> bool | None:
        """Whether the answer says that the list goes on. Where others lead on, one that does not is the last."""
        said = {
            plain(leaf) is leaf.is_called(self._style.more)
            for leaf in taken.envelope.leaves.values()
            if isinstance(plain(leaf), bool) and leaf.is_called(self._style.more | self._style.last)
        }
        if self._goes or self._nexts(taken):
            said.add(self._has_next(taken))
        return said.pop() if len(said) == 1 else None

    def total(self, taken: Taken) -> int | None:
        leaves = (leaf for leaf in taken.envelope.leaves.values() if leaf.is_called(self._style.total))
        found = (plain(leaf) for leaf in leaves)
        return next((value for value in found if isinstance(value, int) and not isinstance(value, bool)), None)

    def usual(self) -> int | None:
        """How many objects a page has where nothing is said: as many as one that was followed by others."""
        full = {
            len(taken.envelope.items)
            for taken in self._pages
            if taken.spot.size is None
            and self.more(taken)
            and (taken.spot.where is None or not isinstance(self._style, ByToken))  # a token may say it
        }
        return full.pop() if len(full) == 1 else None

    def cuts(self, first: int) -> dict[int, int]:
        """The sizes that were asked for, and how many objects the API gives instead: as many as on its longest pages.
        A single page does not tell that: it may be shorter for another reason."""
        counts = {taken.entry.asked.digest: len(taken.envelope.items) for taken in self._pages}
        numbering = Numbering(self._style, first, None, "")
        cut = {
            size: len(taken.envelope.items)
            for taken in self._pages
            if len(taken.envelope.items) < (size := numbering.size(taken.spot) or 0)
            and self._goes_on(taken, numbering.start(taken.spot, None))
        }
        is_single = len([count for count in counts.values() if count]) < 2
        is_longest = {*cut.values()} == {max(counts.values(), default=0)}
        return cut if is_longest and not is_single else {}

    def _goes_on(self, taken: Taken, start: int | None) -> bool:
        """Whether a page is known not to be the last before it is known how long pages are."""
        total = self.total(taken)
        if self.more(taken) or start is None or total is None:
            return bool(self.more(taken))
        return start + len(taken.envelope.items) < total

    def tokens(self, taken: Taken) -> Iterator[str]:
        """The tokens of the next page, by themselves and in links."""
        for leaf in self._nexts(taken) if isinstance(self._style, ByToken) else ():
            token = self.token(taken, leaf)
            if token is not None:
                yield token

    def token(self, taken: Taken, leaf: Leaf) -> str | None:
        link = taken.link(leaf, self._style)
        token = link.where if link else leaf.value
        known = isinstance(token, str) and is_token(token) and (link or not ADDRESS.search(token))
        return token if known else None


def plain(leaf: Leaf) -> Value:
    """What a leaf shows, if it leads nowhere. A text of digits is a number, one without characters nothing, and
    true or false in a header is no text."""
    value = leaf.value
    if leaf.is_bare and value.lower() in TRUTHS:  # True, where Python wrote it
        return TRUTHS[value.lower()]
    if value in (None, ""):
        return None
    if isinstance(value, str):
        return int(value) if COUNT.fullmatch(value) and str(int(value)) == value else value
    return value if isinstance(value, bool | int) else leaf.text
