"""Lists whose pages begin behind so many objects: by tokens, by numbers of pages, by offsets, and by links with these.
A list is one of a style where its requests and its answers agree with it; then any of its pages is known whose objects
and whose envelope are."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from replayer.core.lists.asking import SIZE, Spot
from replayer.core.lists.by_cursor import Item
from replayer.core.lists.compose import Composer
from replayer.core.lists.envelope import Leaf
from replayer.core.lists.habits import NONE, Habits, together
from replayer.core.lists.meanings import Meanings, Row, Taken
from replayer.core.lists.numbering import Numbering
from replayer.core.lists.positions import Placed, Positions
from replayer.core.lists.saying import Saying, plain
from replayer.core.lists.tellings import Back, Target, Value, Window
from replayer.core.lists.varying import sorted_out, varied
from replayer.core.matching.canonical import Canonical, describe
from replayer.core.matching.index import Entry
from replayer.core.matching.stamps import Stamp
from replayer.core.message.wire import Headers
from replayer.core.rules.ruleset import ByNumber, ByToken, Positional


class Written(NamedTuple):
    """A page that was not recorded: like which one, and how."""

    like: Entry
    headers: Headers
    text: str


class States:
    """One list in all of its states, in one style."""

    def __init__(self) -> None:
        self.lists: list[PlacedList] = []
        self._habits: dict[int, Habits] = {}

    def __repr__(self) -> str:
        return f"<States {len(self.lists)}>"

    @cached_property
    def is_one(self) -> bool:
        """Whether anything tells that the list has pages in this style."""
        return any(counted.is_one for one in self.lists for counted in one.alone.values())

    @cached_property
    def firsts(self) -> list[int]:
        """From where its pages may be counted: as in each state."""
        told = [{first for first, one in each.alone.items() if not one.conflict} for each in self.lists]
        every = self.lists[0].alone.keys()
        common = set(every).intersection(*filter(None, told))
        return sorted(common or every)

    def habits(self, first: int) -> Habits:
        """How it is told, if it is counted from there."""
        if first not in self._habits:
            found = (one.alone[first] for one in self.lists)
            self._habits[first] = together(one.habits for one in found if not one.conflict)
        return self._habits[first]


class PlacedList:
    """One list in one state, in one style. Other `states` of it tell how it is told."""

    def __init__(self, style: Positional, scope: Canonical, stamp: Stamp, states: States) -> None:
        self.style, self.scope, self._stamp, self._states = style, scope, stamp, states
        self.pages: list[Taken] = []
        states.lists.append(self)

    def __repr__(self) -> str:
        return f"<PlacedList {describe(self.scope)} {len(self.pages)} pages>"

    @cached_property
    def known(self) -> "Counted | str | None":
        """The list with its pages counted; in words, why they cannot be; None where nothing tells that it is one."""
        if not self._states.is_one:
            return None
        found = [self._with_habits(first) for first in self._states.firsts]
        agreed = [one for one in found if not one.conflict]
        if len(agreed) > 1:
            return "nothing recorded tells whether the pages of this list are counted from 0 or from 1"
        return agreed[0] if agreed else found[-1].conflict

    @cached_property
    def alone(self) -> dict[int, "Counted"]:
        """The list as far as this state tells it, by the number that its pages may be counted from."""
        firsts = (0, 1) if self.style.first is None else (self.style.first,)
        return {first: self._counted(first, NONE) for first in firsts}

    def _with_habits(self, first: int) -> "Counted":
        """The same with what other states tell, where that is not contradicted."""
        if len(self._states.lists) == 1:
            return self.alone[first]
        found = self._counted(first, self._states.habits(first))
        return self.alone[first] if found.conflict else found

    def _counted(self, first: int, habits: Habits) -> "Counted":
        return Counted(self.style, self.pages, first, f"{self.scope.digest}\0{self._stamp}", self.scope.path, habits)

    def answer(self, spot: Spot) -> Written | str | None:
        """The page that is asked for; in words, why it is not known; None where this is no list of its style."""
        known = self.known
        return known.answer(spot) if isinstance(known, Counted) else known


class Counted:
    """The pages of one list, counted from `first`, and told by these habits as far as they do not tell it themselves.
    `conflict` says in words where that cannot be."""

    def __init__(
        self, style: Positional, pages: Sequence[Taken], first: int, origin: str, path: str, habits: Habits
    ) -> None:
        self._style, self._known, self.conflict = style, habits, ""
        self._moving, self._dropped = map(frozenset.union, varied(pages, style), (habits.moving, habits.dropped))
        self._pages = tuple(sorted_out(taken, self._moving, self._dropped, style) for taken in pages)
        self._saying = Saying(self._pages, style)
        defaults = (style.default, self._saying.usual(), habits.default)
        self._default = next((one for one in defaults if one is not None), None)
        self._cut = {**habits.cuts, **self._saying.cuts(first)}
        self._numbering = Numbering(style, first, self._default, origin, self._cut)
        placed = self._placed()
        self._tell_backs(placed)
        self._positions = Positions((one for _, one in placed), short=style.short, boasts=habits.boasts)
        self._longest = max(habits.longest, *(len(one.items) for _, one in placed), 0)
        self._rows = [self._row(taken, one) for taken, one in placed if self._is_told(one)]
        self._meanings = Meanings(self._rows, style, path, habits)
        self._composer = Composer(self._rows, self._meanings, self._numbering, style, habits.members)
        self.conflict = self.conflict or self._positions.conflict or self._meanings.conflict

    @property
    def positions(self) -> Positions:
        """What stands where."""
        return self._positions

    @cached_property
    def _proven(self) -> set[str]:
        """The parameters that the recorded pages show to be heeded. Where the rules know of only one, it is."""
        names = set(self._known.heeded)
        names |= {names[0] for names in (self._style.where, self._style.size) if len(names) == 1}
        for row in self._rows:
            spots = [row.taken.spot] if row.page.start else []
            names |= {spot.name_of(self._style.where) or "" for spot in (*spots, *row.taken.links(self._style))}
            if row.page.more and row.page.size == row.page.count:
                names.add(row.taken.spot.name_of(self._style.size) or "")
        return names

    @property
    def habits(self) -> Habits:
        """What of it holds in any state of the list."""
        return Habits(
            default=self._default,
            cuts=self._cut,
            heeded=frozenset(self._proven),
            longest=self._longest,
            boasts=bool(self._positions.boasts),
            varied=self._meanings.varied,
            moving=self._moving,
            dropped=self._dropped,
            readings=self._meanings.readings,
            members=frozenset((frozenset(row.values), row.page.ends) for row in self._rows),
        )

    @property
    def is_one(self) -> bool:
        """Whether anything in this state tells that the list has pages in this style."""
        if isinstance(self._style, ByToken):
            return bool(self._numbering.tokens or self._style.marks)
        spots = (spot for taken in self._pages for spot in (taken.spot, *taken.links(self._style)))
        return any(spot.where is not None for spot in spots)

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

    def _tell_backs(self, placed: list[tuple[Taken, Placed]]) -> None:
        """Learn where the tokens of previous pages lead. They may be tokens like those of the next ones: then one of
        these shows it. Else they are of a kind of their own."""
        told: dict[tuple[str, ...], list[tuple[str, Back]]] = {}
        places = self._numbering.tokens
        for taken, one in placed if isinstance(self._style, ByToken) else ():
            for path, leaf in taken.envelope.leaves.items():
                token = self._saying.token(taken, leaf) if leaf.is_called(self._style.previous) else None
                if token is not None and one.size and one.start >= one.size:
                    told.setdefault(path, []).append((token, Back(one.start, one.size)))
        for found in told.values():
            known = {places[token] - to.end + to.size for token, to in found if token in places}
            if known == {0}:
                for token, to in found:
                    self._numbering.tell(token, to.end - to.size)
            elif not known and len(dict(found)) == len(set(found)):
                for token, to in found:
                    self._numbering.tell_back(token, to)

    def _place(self, taken: Taken, start: int, size: int | None) -> Placed:
        if taken.spot.size is not None and not SIZE.fullmatch(taken.spot.size):
            self.conflict = f"{taken.spot.size} tells no size"
        items = tuple(Item(_name(told.value), told.text) for told in taken.envelope.items)
        for token in self._saying.tokens(taken):
            if not self._numbering.tell(token, start + len(items)):
                self.conflict = f"{token} leads to two places of this list"
        more, total = self._saying.more(taken), self._saying.total(taken)
        return Placed(start, items, size, more, total, describe(taken.entry.asked))

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
            if leaf.is_called(self._style.next) or (leaf.is_called(self._style.previous) and place < one.start):
                return Target(place)
        elif isinstance(leaf.value, str) and leaf.is_called(self._style.previous):
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
