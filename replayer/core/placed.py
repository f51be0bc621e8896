"""Lists whose pages begin behind so many objects: by tokens, by numbers of pages, by offsets, and by links with these.
A list is one of a style where its requests and its answers agree with it; then any of its pages is known whose objects
and whose envelope are."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from replayer.core.asking import COUNT, SIZE, Spot
from replayer.core.canonical import Canonical
from replayer.core.causes import Stamp
from replayer.core.composing import Composer
from replayer.core.envelopes import Leaf
from replayer.core.index import Entry
from replayer.core.interaction import Headers
from replayer.core.meanings import Meanings, Row, Taken
from replayer.core.misses import describe
from replayer.core.numbering import Numbering, is_token
from replayer.core.positions import Placed, Positions
from replayer.core.ruleset import ByNumber, ByToken, Positional
from replayer.core.stretches import Item
from replayer.core.tellings import Back, Target, Value, Window
from replayer.core.varying import sorted_out

ADDRESS = re.compile(r"^\w+://|[?]")  # a link, but to no page of the list, is no token


class Written(NamedTuple):
    """A page that was not recorded: like which one, and how."""

    like: Entry
    headers: Headers
    text: str


class PlacedList:
    """One list in one state, in one style."""

    def __init__(self, style: Positional, scope: Canonical, stamp: Stamp) -> None:
        self.style, self.scope, self._stamp = style, scope, stamp
        self.pages: list[Taken] = []

    def __repr__(self) -> str:
        return f"<PlacedList {describe(self.scope)} {len(self.pages)} pages>"

    @cached_property
    def known(self) -> "Counted | str | None":
        """The list with its pages counted; in words, why they cannot be; None where nothing tells that it is one."""
        firsts = (0, 1) if self.style.first is None else (self.style.first,)
        origin = f"{self.scope.digest}\0{self._stamp}"
        pages = sorted_out(self.pages, self.style)
        found = [Counted(self.style, pages, first, origin, self.scope.path) for first in firsts]
        agreed = [one for one in found if not one.conflict]
        if not any(one.is_one for one in found):
            return None
        if len(agreed) > 1:
            return "nothing recorded tells whether the pages of this list are counted from 0 or from 1"
        return agreed[0] if agreed else found[-1].conflict

    def answer(self, spot: Spot) -> Written | str | None:
        """The page that is asked for; in words, why it is not known; None where this is no list of its style."""
        known = self.known
        return known.answer(spot) if isinstance(known, Counted) else known


class Counted:
    """The pages of one list, counted from `first`. `conflict` says in words where that cannot be."""

    def __init__(self, style: Positional, pages: Iterable[Taken], first: int, origin: str, path: str) -> None:
        self._style, self._pages, self.conflict = style, tuple(pages), ""
        self._goes = any(map(self._has_next, self._pages))
        default = style.default if style.default is not None else self._usual()
        self._numbering = Numbering(style, first, default, origin, self._cuts(first))
        placed = self._placed()
        self._tell_backs(placed)
        self._positions = Positions((one for _, one in placed), short=style.short)
        self._longest = max((len(one.items) for _, one in placed), default=0)
        self._rows = [self._row(taken, one) for taken, one in placed if self._is_told(one)]
        meanings = Meanings(self._rows, style, path)
        self._composer = Composer(self._rows, meanings, self._numbering, style)
        self.conflict = self.conflict or self._positions.conflict or meanings.conflict

    @property
    def positions(self) -> Positions:
        """What stands where."""
        return self._positions

    @cached_property
    def _proven(self) -> set[str]:
        """The parameters that the recorded pages show to be heeded. Where the rules know of only one, it is."""
        names = {names[0] for names in (self._style.where, self._style.size) if len(names) == 1}
        for row in self._rows:
            spots = [row.taken.spot] if row.page.start else []
            names |= {spot.name_of(self._style.where) or "" for spot in (*spots, *row.taken.links(self._style))}
            if row.page.more and row.page.size == row.page.count:
                names.add(row.taken.spot.name_of(self._style.size) or "")
        return names

    @property
    def is_one(self) -> bool:
        """Whether anything tells that the list has pages in this style."""
        if isinstance(self._style, ByToken):
            return bool(self._numbering.tokens)
        spots = (spot for taken in self._pages for spot in (taken.spot, *taken.links(self._style)))
        return any(spot.where is not None for spot in spots)

    # -- what an answer says ------------------------------------------------------------------------------------

    def _nexts(self, taken: Taken) -> list[Leaf]:
        leaves = taken.envelope.leaves.values()
        return [leaf for leaf in leaves if leaf.name in self._style.next and not isinstance(leaf.value, bool)]

    def _has_next(self, taken: Taken) -> bool:
        return any(leaf.value for leaf in self._nexts(taken))

    def _more(self, taken: Taken) -> bool | None:
        """Whether the answer says that the list goes on. Where others lead on, one that does not is the last."""
        said = {
            leaf.value is (leaf.name in self._style.more)
            for leaf in taken.envelope.leaves.values()
            if isinstance(leaf.value, bool) and leaf.name in self._style.more | self._style.last
        }
        if self._goes or self._nexts(taken):
            said.add(self._has_next(taken))
        return said.pop() if len(said) == 1 else None

    def _total(self, taken: Taken) -> int | None:
        leaves = (leaf for leaf in taken.envelope.leaves.values() if leaf.name in self._style.total)
        found = (plain(leaf) for leaf in leaves)
        return next((value for value in found if isinstance(value, int) and not isinstance(value, bool)), None)

    def _usual(self) -> int | None:
        """How many objects a page has where nothing is said: as many as one that was followed by others."""
        full = {
            len(taken.envelope.items)
            for taken in self._pages
            if taken.spot.size is None
            and self._more(taken)
            and (taken.spot.where is None or not isinstance(self._style, ByToken))  # a token may say it
        }
        return full.pop() if len(full) == 1 else None

    def _cuts(self, first: int) -> dict[int, int]:
        """The sizes that were asked for, and how many objects the API gives instead: as many as on its longest pages.
        A single page does not tell that: it may be shorter for another reason."""
        counts = {taken.entry.asked.digest: len(taken.envelope.items) for taken in self._pages}
        plain = Numbering(self._style, first, None, "")
        cut = {
            size: len(taken.envelope.items)
            for taken in self._pages
            if len(taken.envelope.items) < (size := plain.size(taken.spot) or 0)
            and self._goes_on(taken, plain.start(taken.spot, None))
        }
        is_single = len([count for count in counts.values() if count]) < 2
        is_longest = {*cut.values()} == {max(counts.values(), default=0)}
        return cut if is_longest and not is_single else {}

    def _goes_on(self, taken: Taken, start: int | None) -> bool:
        """Whether a page is known not to be the last before it is known how long pages are."""
        total = self._total(taken)
        if self._more(taken) or start is None or total is None:
            return bool(self._more(taken))
        return start + len(taken.envelope.items) < total

    def _tokens(self, taken: Taken) -> Iterator[str]:
        """The tokens of the next page, by themselves and in links."""
        for leaf in self._nexts(taken) if isinstance(self._style, ByToken) else ():
            token = self._token(taken, leaf)
            if token is not None:
                yield token

    def _token(self, taken: Taken, leaf: Leaf) -> str | None:
        link = taken.link(leaf, self._style)
        token = link.where if link else leaf.value
        known = isinstance(token, str) and is_token(token) and (link or not ADDRESS.search(token))
        return token if known else None

    def _tell_backs(self, placed: list[tuple[Taken, Placed]]) -> None:
        """Learn where the tokens of previous pages lead. They may be tokens like those of the next ones: then one of
        these shows it. Else they are of a kind of their own."""
        told: dict[tuple[str, ...], list[tuple[str, Back]]] = {}
        for taken, one in placed if isinstance(self._style, ByToken) else ():
            for path, leaf in taken.envelope.leaves.items():
                token = self._token(taken, leaf) if leaf.name in self._style.previous else None
                if token is not None and one.size and one.start >= one.size:
                    told.setdefault(path, []).append((token, Back(one.start, one.size)))
        for found in told.values():
            known = {self._numbering.tokens[token] - to.end + to.size for token, to in found if self._is_known(token)}
            for token, to in found if known <= {0} else ():
                if known:
                    self._numbering.tell(token, to.end - to.size)
                elif not self._numbering.tell_back(token, to):
                    self.conflict = f"{token} leads to two places of this list"

    def _is_known(self, token: str) -> bool:
        return token in self._numbering.tokens

    # -- where its pages stand ----------------------------------------------------------------------------------

    def _placed(self) -> list[tuple[Taken, Placed]]:
        """The pages with their places. A token must be told before it tells one, wherever that stands in the file."""
        found: list[tuple[Taken, Placed]] = []
        left = list(self._pages)
        while left:
            waiting = []
            for taken in left:
                size = self._numbering.size(taken.spot)
                start = self._numbering.start(taken.spot, size)
                if start is None:
                    waiting.append(taken)
                else:
                    found.append((taken, self._place(taken, start, size)))
            left = waiting if len(waiting) < len(left) else []
        return sorted(found, key=lambda one: one[0].entry.order)

    def _place(self, taken: Taken, start: int, size: int | None) -> Placed:
        if taken.spot.size is not None and not SIZE.fullmatch(taken.spot.size):
            self.conflict = f"{taken.spot.size} tells no size"
        items = tuple(Item(_name(told.value), told.text) for told in taken.envelope.items)
        for token in self._tokens(taken):
            if not self._numbering.tell(token, start + len(items)):
                self.conflict = f"{token} leads to two places of this list"
        return Placed(start, items, size, self._more(taken), self._total(taken), describe(taken.entry.asked))

    def _is_told(self, one: Placed) -> bool:
        """Whether a page can be told like that: what is answered behind the end tells nothing but that, unless the page
        before it told that there is more."""
        return bool(one.items or not one.start or (self._positions.boasts and one.start == self._positions.end))

    def _row(self, taken: Taken, one: Placed) -> Row:
        more = self._positions.more(one.end) if one.more is None else one.more
        page = Window(one.start, len(one.items), one.size, more, self._positions.end)
        leaves = taken.envelope.leaves
        return Row(taken, page, {path: self._value(taken, leaf, one) for path, leaf in leaves.items()})

    def _value(self, taken: Taken, leaf: Leaf, one: Placed) -> Value:
        link = taken.link(leaf, self._style)
        if link is not None:
            start = self._numbering.start(link, one.size)
            if start is not None and (link.size is None or self._numbering.size(link) == one.size):
                return self._numbering.back(link.where or "") or Target(start)
        elif isinstance(leaf.value, str) and leaf.value in self._numbering.tokens:
            place = self._numbering.tokens[leaf.value]
            if leaf.name in self._style.next or (leaf.name in self._style.previous and place < one.start):
                return Target(place)
        elif isinstance(leaf.value, str) and leaf.name in self._style.previous:
            return self._numbering.back(leaf.value) or plain(leaf)
        return plain(leaf)

    # -- asking -------------------------------------------------------------------------------------------------

    def answer(self, spot: Spot) -> Written | str:
        """The page that is asked for; where it is not known, what is missing, in words."""
        asked = self._asked(spot)
        if isinstance(asked, str):
            return asked
        start, size = asked
        found = self._positions.window(start, size)
        if isinstance(found, str):
            return found
        honoured = self._style.most is not None or size <= self._longest
        if not honoured and (len(found.items) > self._longest or (start and isinstance(self._style, ByNumber))):
            return f"nothing recorded tells whether the API gives pages of {size}"
        page = Window(start, len(found.items), size if honoured else None, found.more, self._positions.end)
        return self._written([item.text for item in found.items], page, spot)

    def _asked(self, spot: Spot) -> tuple[int, int] | str:
        """Where the page begins that is asked for, and how many objects it can have."""
        size = self._numbering.size(spot)
        embedded = isinstance(self._style, ByToken) and self._style.default is None  # a token may say it
        if size is None or (spot.where is not None and spot.size is None and embedded):
            return "nothing recorded tells how many objects such a page has"
        for names in (self._style.where, self._style.size):
            name = spot.name_of(names)
            if name is not None and name not in self._proven:
                return f"nothing recorded tells what the API makes of {name}"
        start = self._numbering.asked(spot, size, range(1, len(self._positions) + 1))
        if start is None:
            return f"{spot.where} leads to no place of this list that the recorded pages tell of"
        return start, size

    def _written(self, items: list[str], page: Window, spot: Spot) -> Written | str:
        like = self._composer.like(page, spot)
        if like is None:
            return "how the API writes such a page was not recorded"
        changes = self._composer.changes(like, page, spot)
        if isinstance(changes, Leaf):
            return f"what {'.'.join(changes.path)} tells of that page does not follow from the recorded ones"
        return Written(like.taken.entry, *like.taken.envelope.around(items, changes))


def _name(value: Any) -> str:
    name = value.get("id")
    return str(name) if isinstance(name, str | int) and not isinstance(name, bool) else ""


def plain(leaf: Leaf) -> Value:
    """What a leaf shows, if it leads nowhere. A text of digits is a number, one without characters nothing."""
    value = leaf.value
    if value in (None, ""):
        return None
    if isinstance(value, str):
        return int(value) if COUNT.fullmatch(value) and str(int(value)) == value else value
    return value if isinstance(value, bool | int) else leaf.text
