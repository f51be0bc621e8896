"""The objects of one answer and their times: which of them it has made, which were there before the session, and when
each time in them lies in the session's own.

A time counts from the birth of its object, a part's from that of its whole; what is older than the session stays.
"""

from collections.abc import Sequence

from replayer.core.clock import facts
from replayer.core.message import instants, leaves
from replayer.core.naming.origin import Origin
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.told import Around, EventNames


class Births:
    """Of one answer, which came at that moment. `events` are None where it tells of none."""

    def __init__(self, spaces: Spaces, origin: Origin, moment: facts.Moment, events: EventNames | None = None) -> None:
        self._spaces, self._origin, self._moment, self._events = spaces, origin, moment, events
        self._known: set[str] = set()  # the objects in it that had names before
        self._made: leaves.Node | None = None  # the object that this write has made
        self._births: dict[leaves.Node, tuple[leaves.Leaf, int] | None] = {}

    def __repr__(self) -> str:
        return f"<Births {len(self._births)} objects>"

    def enter(self, found: Sequence[leaves.Leaf]) -> None:
        """Those are the leaves of the answer, and nothing in it has been named yet."""
        own = [leaf for leaf in found if leaf.key == "id" and leaf.node and leaf.node.string("id") is not None]
        self._known = {leaf.value for leaf in own if self._spaces.names.alias_of(leaf.value)}
        if self._origin.creates:
            self._made = self._outermost(own)
            made = self._made.string("id") if self._made else None
            if made is not None:
                self._spaces.made.add(made)

    def name_births(self, found: Sequence[leaves.Leaf]) -> None:
        """Name the births themselves, before anything counts from them."""
        born = self._spaces.rules.born
        for leaf in found:
            if leaf.key in born and (instant := instants.read_any(leaf.value, quoted=leaf.quoted)):
                self.virtual(leaf, instant)

    def is_in_session(self, seconds: int) -> bool:
        """Whether that time, in seconds since 1970, lies between the session's beginning and this answer."""
        return not self._spaces.clock.is_old(seconds) and seconds <= self._moment.ended

    def virtual(self, leaf: leaves.Leaf, instant: instants.Instant) -> int:
        """The time at that leaf as the cassette has it, in seconds since 1970."""
        event = self._events.around(leaf.node) if self._events else None
        fact = self._before(event, leaf) or self._fact(leaf)
        born, seconds = self._born(leaf.node) or (None, 0)
        return self._spaces.clock.name(
            fact,
            self._second(instant, seconds),
            self._moment,
            base=self._base(born, seconds) if born is not None and born is not leaf else None,
            standing=self.is_standing(leaf.node) if born is leaf else None,
            source=self._source(leaf),
            key=leaf.key,
            moves=leaf.key in self._spaces.rules.moving and "." not in leaf.place,
            past=event is not None,
            earlier=self._origin.earlier.time_at("" if fact[0] == self._origin.digest else fact[0], leaf.within_owner),
        )

    def _second(self, instant: instants.Instant, born: int = 0) -> int:
        """The second that is told by one that is written without its seconds: that of the birth, or of this answer, or
        the last one that may be meant, so that what is of this session is not taken for older."""
        last = instant.seconds + instant.unit - 1
        for at in (born, self._moment.ended, last) if instant.unit > 1 else ():
            if instant.seconds <= at <= last and not self._spaces.clock.is_old(at):
                return at
        return instant.seconds

    def is_standing(self, node: leaves.Node | None) -> bool:
        """Whether the object around a leaf is older than the session: then its ids are named by their own values."""
        born, seconds = self._born(node) or (None, 0)
        if born is None or self._is_made(born.node):
            return False
        return self._spaces.clock.is_standing(self._fact(born), seconds, existed=self._existed(born.node))

    def _before(self, event: Around | None, leaf: leaves.Leaf) -> facts.Fact | None:
        """The field of its object that an event tells of as it was before; None where it tells none at that leaf."""
        place = event.before(leaf) if event else ""
        return (self._spaces.names.known_as(event.about), place) if event and place else None

    def _fact(self, leaf: leaves.Leaf) -> facts.Fact:
        own = leaf.node.owner.string("id") if leaf.node else None
        return (self._spaces.names.known_as(own) if own else self._origin.digest, leaf.within_owner)

    def _base(self, born: leaves.Leaf, seconds: int) -> facts.Birth | None:
        """The birth of the object that a time belongs to, by the leaf that tells it."""
        virtual = self._spaces.clock.known(self._fact(born), seconds)
        is_old = self._spaces.clock.is_old(seconds)
        if virtual is None or (is_old and self._is_made(born.node)):
            return None  # nothing counts from a constant
        return facts.Birth(seconds, virtual, is_old or self.is_standing(born.node))

    def _source(self, leaf: leaves.Leaf) -> facts.Fact | None:
        owner = leaf.node.owner if leaf.node else None
        kind = owner.string("object") if owner else None
        for copied in self._spaces.rules.copied:
            if owner and copied.kind == kind and leaf.within_owner.startswith(copied.place):
                source = owner.at(copied.source)
                return (self._spaces.names.known_as(source), leaf.within_owner) if source else None
        return None

    def _born(self, node: leaves.Node | None) -> tuple[leaves.Leaf, int] | None:
        """When the object around a leaf was made, in seconds, and the leaf that tells it; a part without a birth of its
        own was made with its whole."""
        unread, born = [], None
        while node is not None:
            if node in self._births:
                born = self._births[node]
                break
            unread.append(node)
            leaf = leaves.birth(node, self._spaces.rules.born)
            instant = instants.read_any(leaf.value, quoted=leaf.quoted) if leaf else None
            if leaf and instant:
                born = (leaf, self._second(instant))
                break
            node = node.parent
        self._births |= dict.fromkeys(unread, born)
        return born

    def _is_made(self, node: leaves.Node | None) -> bool:
        """Whether this write has made an object, whatever time that tells: it is what the write answers with, or a part
        that is as old, and nobody has known it before. Or an earlier one has, and sent its client on to read it."""
        whole = self._made
        if node is not None and node is not whole and node.string("id") in self._spaces.made:
            return True
        if whole is None or node is None:
            return False
        if node is whole or not self._is_new(node):
            return node is whole
        born = [leaves.birth(one, self._spaces.rules.born) for one in (whole, node)]
        times = [
            instant.seconds for leaf in born if leaf and (instant := instants.read_any(leaf.value, quoted=leaf.quoted))
        ]
        return len(times) == 2 and times[0] <= times[1]

    def _outermost(self, own: Sequence[leaves.Leaf]) -> leaves.Node | None:
        """The object that an answer is about, whatever it is wrapped in, if nobody has known it before."""
        nodes = [leaf.node for leaf in own if leaf.node and "[" not in leaf.node.place]
        top = min(nodes, key=lambda node: (bool(node.place), node.place.count(".")), default=None)
        return top if top is not None and self._is_new(top) else None

    def _is_new(self, node: leaves.Node) -> bool:
        """Whether nobody has known an object before this answer."""
        real = node.string("id")
        return real is not None and real not in self._known and not self._spaces.names.is_constant(real)

    def _existed(self, node: leaves.Node | None) -> bool:
        """Whether an object was there before it was asked for. A read may make one up, a log-in or a report, but it
        does not list what it makes, nor can its client have known the id."""
        if self._moment.write:
            return True  # what it did not make itself was there
        while node is not None:
            name = node.string("id")
            if "[" in node.place or (name is not None and self._spaces.names.known_as(name) in self._origin.asked):
                return True
            node = node.parent
        return False
