"""A response on its way in: secrets go, links lead to the cassette's origin, ids, tokens and times get their names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from replayer.core.clock import facts, fields
from replayer.core.lazily import cached_property
from replayer.core.message import edit, instants, leaves, shapes, wire
from replayer.core.naming import aliases, openings, ordered, personal
from replayer.core.naming.births import Births
from replayer.core.naming.dated import TimeForm
from replayer.core.naming.origin import Origin
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.tokens import Held, field_token, held
from replayer.core.naming.told import EventNames
from replayer.core.naming.words import may_be_within, words
from replayer.core.rules import Token, ruleset
from replayer.core.secrets import by_name, guesses, scrub

LONG_NAME = 17  # characters: no id is shorter, and hardly a header's name as long
DATED_HEADERS = frozenset({"expires", "last-modified"})
DIGITS = "0123456789"
STAMP = re.compile(shapes.STAMP)


@dataclass
class Naming:
    """One response."""

    spaces: Spaces
    origin: Origin
    moment: facts.Moment
    credentials: frozenset[str]
    whole: str = "\\"  # all of the message: what is nowhere in it is looked for in no leaf
    scrubbed: int = 0  # values that lost something

    @cached_property
    def _births(self) -> Births:
        return Births(self.spaces, self.origin, self.moment, self._events)

    @cached_property
    def _events(self) -> EventNames | None:
        """The names of the events in it; None where there can be none."""
        names = EventNames(self.spaces)
        return names if names.may_stand_in(self.whole) else None

    @cached_property
    def _written(self) -> dict[int, int]:
        """The times that the client has sent, as it has written them."""
        return {real: written for (_, real), written in self.moment.sent.items()}

    @cached_property
    def _secrets(self) -> guesses.Suspicion:
        return guesses.Suspicion.of(self.whole, self.spaces.rules, self.credentials)

    @cached_property
    def _may_hold_credentials(self) -> bool:
        return by_name.may_stand_in(self.whole, self.spaces.rules.secret_fields)

    def _may_hold(self, leaf: leaves.Leaf) -> bool:
        return self._may_hold_credentials and by_name.may_hold(leaf, self.spaces.rules.secret_fields)

    @cached_property
    def _may_hold_links(self) -> bool:
        return "\\" in self.whole or "%" in self.whole or self.spaces.links.names_upstream(self.whole)

    def _scrubbed(self, text: str) -> str:
        scrubbed = scrub(text, self.spaces.rules, self.credentials) if self._secrets.falls_on(text) else text
        self.scrubbed += scrubbed != text
        return scrubbed

    def identities(self, found: Sequence[leaves.Leaf]) -> None:
        """Name the objects themselves first: an object's own place, not a mention of it, is its origin; and times
        count from the birth of their object."""
        self._births.enter(found)
        for leaf in found:
            if leaf.key == "id" and leaf.quoted:
                self.spaces.names.calls_object(leaf.value)
                self.text(leaf.value, leaf)
            elif leaf.key == "id":
                self._number(leaf)
        self._births.name_births(found)

    def headers(self, headers: wire.Headers) -> wire.Headers:
        """The headers named, in the order of their names and not of their arrival, which differs between servers."""
        found = leaves.header_leaves(headers)
        named = {index: self._header(found[index]) for index in sorted(range(len(found)), key=lambda i: found[i].key)}
        return tuple((self._name_of_header(name), named[index]) for index, (name, _) in enumerate(headers))

    def _name_of_header(self, name: str) -> str:
        """Somebody may well call a header by an id."""
        if len(name) < LONG_NAME:
            return name
        return self.text(name, leaves.Leaf("a header's name", "", name, 0, len(name)))

    def reason(self, text: str) -> str:
        """The words behind the status."""
        return self.text(text, leaves.Leaf("reason", "", text, 0, len(text))) if len(text) >= shapes.MIN_WORD else text

    def _header(self, leaf: leaves.Leaf) -> str:
        if leaf.key == "date":
            return instants.http_date(self.moment.virtual)
        if leaf.key in DATED_HEADERS and (instant := instants.read_any(leaf.value, quoted=True)):
            return instants.http_date(self._births.virtual(leaf, instant))
        if self._stays(leaf):
            return leaf.value
        number = instants.read_any(leaf.value, quoted=False) if self.spaces.rules.is_time(leaf.key) else None
        if (instant := number or self._instant(leaf)) is not None:
            virtual = self._births.virtual(leaf, instant)
            return leaf.value if virtual == instant.seconds else instant.write(virtual)
        return self.text(leaf.value, leaf)

    def changes(self, found: Sequence[leaves.Leaf]) -> list[tuple[leaves.Leaf, str]]:
        """The leaves whose values are others in cassette space, with these."""
        return [(leaf, value) for leaf in found if not self._stays(leaf) and (value := self.leaf(leaf)) != leaf.value]

    def leaf(self, leaf: leaves.Leaf) -> str:
        """The value of a leaf in cassette space."""
        if self.spaces.rules.is_personal(leaf.place):
            return self._personal(leaf)
        fields = self.spaces.rules.secret_fields
        if not leaf.quoted and fields and by_name.leaf_spans(leaf, fields):
            self.scrubbed += 1
            return by_name.ZERO
        if leaf.quoted and (stamp := self._stamp(leaf)):
            return stamp
        instant = self._instant(leaf)
        if instant is not None and not field_token(leaf.value, leaf.key, self.spaces.token_rules):
            virtual = self._births.virtual(leaf, instant)
            return leaf.value if virtual == instant.seconds else instant.write(virtual)
        return self.text(leaf.value, leaf) if leaf.quoted else self._number(leaf)

    def _personal(self, leaf: leaves.Leaf) -> str:
        """What is somebody's, as what stands for it. It is called by its object and its place there: so it keeps its
        name when others are seen before it."""
        names, value = self.spaces.names, leaf.value
        known = names.alias_of(value)
        if known is not None or names.real_of(value) is not None:
            return known or value
        owner = leaf.node.owner.string("id") if leaf.node else None
        origin = f"owned\0{names.known_as(owner)}\0{leaf.within_owner}" if owner else self.origin.at(leaf.place)
        name = personal.stand_in(value, origin)
        if name == value or not leaf.quoted or not personal.is_known_by(value):
            return name
        name = names.name_person(value, name, origin, self.origin.seen(leaf.place))
        self.spaces.people.add(value, name)
        self.spaces.for_people.add(name, value)
        return name

    def _number(self, leaf: leaves.Leaf) -> str:
        """A number that a rule calls a token, or that is known for one by now; any other one stays as it is."""
        names, number = self.spaces.names, leaf.value
        if len(number) < shapes.MIN_WORD or not number.isdecimal():
            return number
        known = names.alias_of(number)
        if known is not None:
            return known if known.isdecimal() else number
        rule = next((one for one in self.spaces.token_rules.get(leaf.key, ()) if one.numbers), None)
        if rule is None or not rule.pattern.search(number):
            return number
        owner = leaf.node.owner.at(rule.owner) if leaf.node and rule.owner else None
        origin = f"owned\0{names.known_as(owner)}\0{rule.name}" if owner else self.origin.at(leaf.place)
        if self._births.is_standing(leaf.node):
            origin = aliases.standing_origin(number)
        return names.name_number(number, origin, self.origin.seen(leaf.place), self._earlier_number(leaf))

    def _earlier_number(self, leaf: leaves.Leaf) -> str | None:
        text = self.origin.earlier.text_at(leaf) or ""
        return text if text.isdecimal() and text[0] != "0" else None

    def _stamp(self, leaf: leaves.Leaf) -> str:
        """The name of what is called by the second in which it was said, and six more digits: it holds its virtual
        second, so that it can be read and sorted. Empty where that is no such thing, or older than the session."""
        names = self.spaces.names
        if not STAMP.fullmatch(leaf.value) or not self.spaces.rules.is_time(leaf.key) or names.is_constant(leaf.value):
            return ""
        seconds = int(leaf.value.partition(".")[0])
        if names.alias_of(leaf.value) or not self._births.is_in_session(seconds):
            return names.alias_of(leaf.value) or ""
        virtual = self._births.virtual(leaf, instants.Instant(seconds, str))
        piece = shapes.Piece("word", leaf.value, 0, len(leaf.value))
        return names.name_stamp(piece, virtual, self.origin.at(leaf.place), self.origin.seen(leaf.place))

    def _instant(self, leaf: leaves.Leaf) -> instants.Instant | None:
        if self.spaces.rules.is_time(leaf.key):
            return instants.read_any(leaf.value, quoted=leaf.quoted)
        if leaf.quoted and instants.is_spelled(leaf.value) and not self.spaces.names.is_constant(leaf.value):
            return instants.read_spelled(leaf.value)
        return self._of_session(leaf)

    def _of_session(self, leaf: leaves.Leaf) -> instants.Instant | None:
        """A number that lies within the session is a time, whatever its field is called; but no id."""
        if not may_be_within(leaf.value) or fields.ID_NAME.search(leaf.key):
            return None
        instant = instants.read_any(leaf.value, quoted=leaf.quoted)
        if (
            instant is None
            or not self._births.is_in_session(instant.seconds)
            or self.spaces.names.is_constant(leaf.value)
        ):
            return None
        self.spaces.timed.add(leaf.key)
        return instant

    def text(self, text: str, leaf: leaves.Leaf) -> str:
        """A text scrubbed, its links, its ids and its tokens named. A token that a rule knows gets a name that works,
        whatever it looks like; a secret anywhere else is scrubbed."""
        if self.spaces.people:
            text = self.spaces.people.replaced(text)
        if self._is_plain(text, leaf):
            return self._ids(text, leaf, 0) if len(text) >= shapes.MIN_WORD else text
        if self._may_hold_credentials and len(text) > shapes.MIN_BODY:
            for value in by_name.in_credentials(by_name.called(leaf), text):
                for piece in shapes.ids(value):
                    self.spaces.names.hide(piece.text)
        if self._secrets.everywhere and guesses.holds(text, self.credentials):
            text = self._scrubbed(text)
        if self._may_hold_links:
            text = self.spaces.links.from_upstream(text)
        text = fields.in_links(text, self.spaces.rules, lambda found, count: self._inner_time(found, count, leaf))
        for shown in openings.ids_that_open(text):
            self.spaces.names.hide(shown)
        text = fields.in_text(text, self.spaces.rules, lambda found, count: self._inner_time(found, count, leaf))
        tokens = openings.beside(
            held(text, leaf.key, self.spaces.token_rules, self.spaces.odd, leaf.place),
            openings.found(text, leaf, self.spaces, by_name=self._may_hold_credentials),
        )
        if not tokens:
            return self._ids(text, leaf, 0)
        named, position = "", 0
        for token in tokens:
            named += self._ids(text[position : token.start], leaf, len(named))
            named += self._token(token, leaf, named, text[token.start : token.end])
            position = token.end
        return named + self._ids(text[position:], leaf, len(named))

    def _is_plain(self, text: str, leaf: leaves.Leaf) -> bool:
        """Whether nothing but ids and known words can stand in a text: so are most, and they are known at a glance. A
        longer one takes more than a glance."""
        seen = words(text)
        return (
            seen is not None
            and not self._may_hold_credentials
            and not self._secrets.falls_on(text)
            and (not self.spaces.names_token(leaf.key) or shapes.is_id(text))
            and self.spaces.odd.isdisjoint(seen.tokens)
        )

    def _stays(self, leaf: leaves.Leaf) -> bool:
        """Whether a leaf is nothing but words without names, under a name that tells nothing."""
        if self.spaces.tells(leaf.key) or self.spaces.people or self.spaces.rules.is_personal(leaf.place):
            return False
        if not leaf.quoted:
            names_it = self.spaces.names.alias_of(leaf.value)
            return not names_it and not self.spaces.rules.secret_fields and not may_be_within(leaf.value)
        seen = words(leaf.value)
        return (
            seen is not None
            and seen.still
            and not self._may_hold(leaf)
            and not self._secrets.falls_on(leaf.value)
            and self.spaces.odd.isdisjoint(seen.tokens)
            and not any(map(self.spaces.names.alias_of, seen.pieces))
        )

    def _inner_time(self, found: fields.InnerTime, count: int, leaf: leaves.Leaf) -> int:
        seconds = found.instant.seconds
        if not found.certain and not self._births.is_in_session(seconds):
            return seconds
        written = self._written.get(seconds)
        if written is not None and not found.encoded:
            return written  # what its client wrote is told in other words
        self.spaces.timed.add(found.name)
        return self._births.virtual(found.at(leaf, count), found.instant)

    def _token(self, held: Held, leaf: leaves.Leaf, before: str, spelled: str) -> str:
        """The name of a token; as it is spelled where that is its name already. `before` is the text before it."""
        rule, names = held.rule, self.spaces.names
        if rule is None:
            name = names.known_as(held.token)
        else:
            owner = leaf.node.owner.at(rule.owner) if leaf.node and rule.owner else None
            place = leaf.place + (held.where or before)
            origin = f"owned\0{self.spaces.names.known_as(owner)}\0{rule.name}" if owner else self.origin.at(place)
            if rule.key == ruleset.IDENTITY and self._births.is_standing(leaf.node):
                origin = aliases.standing_origin(held.token)
            if len(held.token) < shapes.MIN_WORD and not rule.length:  # too short for a name: it only stays the same
                return aliases.plain_alias(held.token, origin, rule.alphabet)
            earlier = None if owner else self._earlier_token(held, leaf)
            seen = self.origin.seen(leaf.place)
            name = names.name_token(
                held.token,
                origin,
                seen,
                _alphabet(rule, held.token),
                rule.length,
                certified=rule.certified,
                identity=rule.key == ruleset.IDENTITY,
                made=held.token in self.spaces.made,
                head="" if owner else self._head_without_shape(held.token, rule),
                earlier=earlier,
            )
        if name == held.token:
            return spelled
        if held.is_odd:
            self.spaces.odd.add(held.token)
        # A cookie that is set again must work again: its client sends whatever was set last.
        return name if leaf.key == "set-cookie" else self._shown(name)

    def _earlier_token(self, now: Held, leaf: leaves.Leaf) -> str | None:
        """What an earlier recording has in its place: requests that race may share a token, and either may be first."""
        text = self.origin.earlier.text_at(leaf)
        found = held(text, leaf.key, self.spaces.token_rules, place=leaf.place) if text else ()
        return next((token.token for token in found if token.where == now.where), None)

    def _shown(self, name: str) -> str:
        """The name, unless it is the client's credential: so it is where the client got that from a log-in."""
        return "*" * len(name) if name in self.credentials else name

    def bytes_named(self, raw: bytes, *, parts: bool = False) -> bytes:
        """Bytes that are no text with their ids named in place, for an alias has the length of what it stands for. In
        an answer in `parts` times are named, too, where another one is as long."""
        names, leaf = self.spaces.names, leaves.Leaf("", "", "", 0, 0)
        if parts:
            text = raw.decode("latin-1")
            timed = fields.in_text(text, self.spaces.rules, lambda found, count: self._inner_time(found, count, leaf))
            raw = timed.encode("latin-1") if len(timed) == len(text) else raw

        def named(piece: shapes.Piece) -> str:
            known = names.alias_of(piece.text)
            if known or piece.shape == "word" or guesses.has_form(piece.text, self.spaces.rules):
                return known or piece.text  # a secret is no id, nor remembered as one: what holds it is set aside
            return self._new(piece, leaf, 0)

        return edit.pieced_bytes(raw, named)

    def _ids(self, text: str, leaf: leaves.Leaf, at: int) -> str:
        """A text scrubbed, and its ids named. It stands at that offset of its leaf, in cassette space: what stands
        before it may be of another length next time."""
        names = self.spaces.names
        whole = shapes.named_id(leaf.key, text)

        def named(piece: shapes.Piece) -> str:
            if whole is not None:
                piece = whole
            if piece.shape == "word":
                return self._shown(names.known_as(piece.text))
            return names.alias_of(piece.text) or self._new(piece, leaf, at)

        return edit.pieced(self._scrubbed(text), named)

    def _new(self, piece: shapes.Piece, leaf: leaves.Leaf, at: int) -> str:
        names = self.spaces.names
        fixed, seen = self._fixed_origin(piece, leaf), self.origin.seen(leaf.place)
        piece = piece._replace(start=at + piece.start)
        event = self._events.around(leaf.node) if self._events and not fixed else None
        if self._events and event:
            return names.name(piece, self._events.origin(event, leaf, piece), seen, head=self._head(piece))
        origin = fixed or self.origin.at(f"{leaf.place}#{piece.start}")
        earlier = None if fixed else self.origin.earlier.name_at(leaf, piece)
        head, made = self._head(piece, standing=bool(fixed)), piece.text in self.spaces.made
        return names.name(piece, origin, seen, earlier=earlier, head=head, made=made)

    def _head(self, piece: shapes.Piece, *, standing: bool = False) -> str:
        """What the alias of an id that holds a time begins with: the virtual second of what made it, or its own time
        where it is older."""
        if standing:
            return aliases.own_head(piece.shape, piece.text)
        rank = self._rank(piece)
        return "" if rank is None else aliases.head(piece.shape, piece.text, rank.second, rank.number)

    def _head_without_shape(self, token: str, rule: Token) -> str:
        """The same of what an object is called by that has no shape."""
        form = self._forms.get(token) if rule.key == ruleset.IDENTITY else None
        if form is None or token not in self._ranks:
            return ""
        rank = self._rank(shapes.Piece(form.name, token, 0, len(token)))
        return "" if rank is None else form.begins(rank.second, rank.number)

    def _rank(self, piece: shapes.Piece) -> ordered.Rank | None:
        """Where the stand-in of an id that was minted in this session belongs; what comes next is behind it."""
        rank, newest, family = self._ranks.get(piece.text), self.spaces.newest, ordered.family(piece)
        if rank is None:
            return None
        if family not in newest or (rank.second, rank.number) > (newest[family].second, newest[family].number):
            newest[family] = rank
        return rank

    @cached_property
    def _ranks(self) -> dict[str, ordered.Rank]:
        """The ids in this answer that were minted in this session, and hold the time, with their ranks."""
        clock, alias_of = self.spaces.clock, self.spaces.names.alias_of
        found = [
            (one, clock.minted(one.at // 1000, self.moment), alias_of(one.piece.text) is not None)
            for one in (*ordered.timed(shapes.ids(self.whole)), *self._timed_without_shape)
            if self._births.is_in_session(one.at // 1000)
        ]
        return ordered.ranks(found, self.spaces.newest if self.moment.alone else {})

    @cached_property
    def _timed_without_shape(self) -> list[ordered.Timed]:
        """What of this answer may have been minted in this session and hold the time, though it has no shape."""
        if ruleset.IDENTITY not in self.spaces.token_rules:
            return []
        found = ordered.timed_without_shape(self.whole)
        return [one for one in found if self._births.is_in_session(one.at // 1000)]

    @cached_property
    def _forms(self) -> dict[str, TimeForm]:
        """Of these the forms by which they hold it."""
        return {one.piece.text: one.form for one in self._timed_without_shape if one.form}

    def _fixed_origin(self, piece: shapes.Piece, leaf: leaves.Leaf) -> str:
        """The origin of an id that is not named by where it is first seen; empty for all others."""
        rules = self.spaces.rules
        if leaf.key in rules.account_fields and piece.text.startswith(rules.account_prefix):
            origin = f"account\0{self.origin.caller}"
            other = self.spaces.names.real_of(aliases.alias(piece.shape, piece.text, origin))
            # One caller has one account, but for those that it is told of: these are named by themselves.
            return origin if other in (None, piece.text) else aliases.standing_origin(piece.text)
        if self._births.is_standing(leaf.node) or self._is_old(piece):
            return aliases.standing_origin(piece.text)
        return ""

    def _is_old(self, piece: shapes.Piece) -> bool:
        """Whether an id says itself that it is older than the session. Only a UUID says that for certain."""
        at = aliases.minted_at(piece.shape, piece.text) if piece.shape == "uuid" else None
        return at is not None and self.spaces.clock.is_old(at // 1000)


def _alphabet(rule: Token, token: str) -> str:
    """What a stand-in is spelled in: one for digits only is of digits, as its client may count on."""
    return DIGITS if rule is ruleset.REFERENCE and token.isdecimal() else rule.alphabet
