"""The one table of names: which upstream value has which alias. A bijection, or it says where it broke.

Three spaces: the upstream's (what it minted), the cassette's (aliases), the client's (the cassette's, but for what the
client mints itself). The table holds the first two; a client only ever sees aliases.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from replayer.core.message import shapes
from replayer.core.naming import dated
from replayer.core.naming.aliases import (
    alias,
    certified_alias,
    certifies,
    is_alias,
    is_own,
    own_token,
    plain_alias,
    standing_origin,
    standing_token,
)
from replayer.core.secrets import masking

WORDS = re.compile(r"[0-9A-Za-z+/_-]{8,}={0,2}")


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """An upstream's value, masked, and where it was seen first: its owner knows it by that, and nobody else."""

    masked: str
    place: str

    def __str__(self) -> str:
        return f"{self.masked} (at {self.place})"


@dataclass(frozen=True, slots=True)
class Collision:
    """Two identities that would share an alias: why a save was refused. The real names are told only masked."""

    name: str
    first: FirstSeen
    second: FirstSeen

    def __str__(self) -> str:
        return f"two values of the upstream, {self.first} and {self.second}, would both be {self.name}"


@dataclass(slots=True)
class Names:
    """The names of one session."""

    _alias_of: dict[str, str] = field(default_factory=dict)
    _real_of: dict[str, str] = field(default_factory=dict)
    _constants: set[str] = field(default_factory=set)
    _minted_by_client: set[str] = field(default_factory=set)
    _objects: set[str] = field(default_factory=set)  # values by which the upstream calls an object: its `id`
    _private: set[str] = field(default_factory=set)  # values that open something: this session alone knows them
    _opening: set[str] = field(default_factory=set)  # what a client has shown itself with, in hexadecimal
    _tokens: dict[str, str] = field(default_factory=dict)  # of a token's alias the origin: only its real value changes
    _identities: set[str] = field(default_factory=set)  # of these, what stands for an object's id without a shape
    _fresh: set[str] = field(default_factory=set)  # aliases of this session alone, that no earlier recording has
    settled: dict[str, str] = field(default_factory=dict)  # aliases by their names from now on: see `settle`
    _seen: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # of an alias the first value, prefix, place
    _latest: list[tuple[str, str, str | None]] = field(default_factory=list)  # of one answer: see `begin`
    _collided: int = 0  # how many collisions there were before it
    collisions: list[Collision] = field(default_factory=list)
    given_out: frozenset[str] = frozenset()  # tokens of an earlier recording: these do not certify themselves

    def __len__(self) -> int:
        return len(self._alias_of)

    def __repr__(self) -> str:
        return f"<Names {len(self._alias_of)} aliases, {len(self._constants)} constants>"

    @property
    def tokens_named(self) -> int:
        """How many tokens have names."""
        return len(self._tokens)

    def tokens_since(self, number: int) -> Iterator[str]:
        """The upstream's values of the tokens that were named behind the first so many."""
        return (self._real_of[name] for name in islice(self._tokens, number, None))

    def begin(self) -> None:
        """What is named from here on belongs to one answer."""
        self._latest, self._collided = [], len(self.collisions)

    def withdraw(self) -> None:
        """That answer is kept nowhere and nobody was told it: what it alone has named was never there."""
        for real, minted, before in reversed(self._latest):
            self._alias_of.pop(real, None)
            if before is not None:
                self._real_of[minted] = before
                continue
            self._real_of.pop(minted, None)
            self._tokens.pop(minted, None)
            self._seen.pop(minted, None)
            self._fresh.discard(minted)
        del self.collisions[self._collided :]
        self._latest = []

    def alias_of(self, real: str) -> str | None:
        """The alias of an upstream value that has one."""
        return self._alias_of.get(real)

    def known_as(self, real: str) -> str:
        """The alias of an upstream value, or the value itself where it has none."""
        return self._alias_of.get(real, real)

    def spelled(self, real: str) -> str | None:
        """The name of an id of the upstream's that has another one, if the client did not make it."""
        name = self._alias_of.get(real)
        if name is None or name == real or real in self._minted_by_client:
            return None
        return None if name in self._tokens and name not in self._identities else name

    def settle(self, real: str, name: str) -> str:
        """The client knows that value from elsewhere, though it was only told its alias: it was there before the
        session. From now on its name follows from it alone, unless an earlier recording has the alias. Gives the alias
        that went; empty where it stays."""
        old = self._alias_of.get(real, "")
        if old not in self._fresh or old == name or name in self._real_of:
            return ""
        self._alias_of[real], self._real_of[name] = name, real
        self.settled[old] = name
        return old

    def real_of(self, name: str) -> str | None:
        """The upstream's value behind an alias of this session."""
        return self._real_of.get(name)

    def is_name(self, text: str) -> bool:
        """Whether a text stands for a value of the upstream's, this one or the one that a replay was recorded from."""
        return text in self._real_of or text in self.given_out or certifies(text)

    def is_constant(self, text: str) -> bool:
        """Whether the client wrote this itself before any response held it."""
        return text in self._constants

    def wrote(self, text: str) -> None:
        """The client wrote this: unless it is a name already, it is a constant of the test and stays as written."""
        if text not in self._real_of and text not in self._alias_of:
            self._constants.add(text)

    def is_stale(self, piece: shapes.Piece) -> bool:
        """Whether a piece is a name that this session cannot translate: it was given out by another one."""
        if piece.text in self._real_of:
            return False
        return piece.text in self.given_out if piece.shape == "word" else is_alias(piece.shape, piece.text)

    def name(
        self,
        piece: shapes.Piece,
        origin: str,
        place: str,
        *,
        earlier: str | None = None,
        head: str = "",
        made: bool = False,
    ) -> str:
        """The alias of an upstream id, from the table or minted at that origin. An alias is its own alias.

        `head` is what it begins with where it is to be sorted, `earlier` what an earlier recording has at this place:
        the name to take again, if it is free. `made` tells that a write of this session has made what is called so.
        """
        known = self._alias_of.get(piece.text)
        if known is not None:
            return known
        if piece.text in self._constants:
            return piece.text
        if is_alias(piece.shape, piece.text) and piece.text in self._real_of:
            return piece.text  # what stands for a value of the client's was put there already
        if is_alias(piece.shape, piece.text):
            return self._pair(piece, piece.text, place)
        minted = alias(piece.shape, piece.text, origin, head)
        if earlier and earlier not in self._real_of and _alike(piece, minted, earlier):
            minted = earlier
        elif not made:
            self._fresh.add(minted)
        return self._pair(piece, minted, place)

    def name_token(
        self,
        real: str,
        origin: str,
        place: str,
        alphabet: str,
        length: int = 0,
        *,
        certified: bool = False,
        identity: bool = False,
        made: bool = False,
        head: str = "",
        earlier: str | None = None,
    ) -> str:
        """The alias of a token, whose value may be another one on every read of the same owner and field. It is that
        long, or as long as the token; or one that is `certified`. An `identity` is what an object is called by itself.
        `made`, `head` and `earlier` are as for an id."""
        known = self._alias_of.get(real)
        if known is not None:
            return known
        if certified:  # what opens something is no constant of the test, though its client wrote it first
            minted = real if certifies(real) else certified_alias(origin)
        elif real in self._constants:
            return real
        elif origin == standing_origin(real):
            minted = standing_token(real, alphabet, dated.own_head(real) if identity else "")
        elif head or (identity and is_own(real, alphabet)):
            minted = own_token(real, origin, alphabet, head)
        else:
            minted = plain_alias("-" * length or real, origin, alphabet)
        if earlier and len(earlier) == len(minted) and earlier not in self._real_of:
            minted = earlier
        elif identity and not made:
            self._fresh.add(minted)
        if identity:
            self._identities.add(minted)
        if self._tokens.setdefault(minted, origin) != origin:
            self._collide(minted, real, "", place)  # short ones, an invoice's prefix, can meet by chance
        self._seen.setdefault(minted, (real, "", place))
        return self._enter(real, minted)  # of one token's values the newest is the one that works

    def name_person(self, real: str, minted: str, origin: str, place: str) -> str:
        """The name of what is somebody's, as it was made for it at that origin. No later session is told whose it is;
        of one place's values the newest is what its name stands for."""
        self._private.add(real)
        if self._tokens.setdefault(minted, origin) != origin:
            self._collide(minted, real, "", place)
        self._seen.setdefault(minted, (real, "", place))
        return self._enter(real, minted)

    def name_number(self, real: str, origin: str, place: str, earlier: str | None) -> str:
        """The alias of a number: another one of as many digits."""
        if real in self._constants:
            return real
        name = plain_alias(real, origin, "123456789")
        if earlier and len(earlier) == len(name) and earlier not in self._real_of:
            name = earlier
        return self._pair(shapes.Piece("word", real, 0, len(real)), name, place)

    def name_stamp(self, piece: shapes.Piece, virtual: int, origin: str, place: str) -> str:
        """The alias of what is called by a second: the virtual one, and six digits of its origin."""
        return self._pair(piece, f"{virtual}.{plain_alias('-' * 6, origin, '0123456789')}", place)

    def _pair(self, piece: shapes.Piece, minted: str, place: str) -> str:
        real, prefix = piece.text, shapes.prefix_of(piece)
        if self._real_of.get(minted, real) != real:
            self._collide(minted, real, prefix, place)
        self._seen.setdefault(minted, (real, prefix, place))
        return self._enter(real, minted)

    def _enter(self, real: str, minted: str) -> str:
        self._latest.append((real, minted, self._real_of.get(minted)))
        self._alias_of[real] = minted
        self._real_of[minted] = real
        return minted

    def _collide(self, minted: str, real: str, prefix: str, place: str) -> None:
        first, first_prefix, first_place = self._seen.get(minted, (minted, "", "an earlier recording"))
        one = FirstSeen(masking.masked(first, first_prefix), first_place)
        self.collisions.append(Collision(minted, one, FirstSeen(masking.masked(real, prefix), place)))

    def bind(self, live: str, recorded: str) -> None:
        """The client minted that value, and the cassette calls it so: it is no secret, but it is no constant either."""
        self._minted_by_client.add(live)
        self._alias_of[live] = recorded
        self._real_of.setdefault(recorded, live)  # one that is remembered is the one that the upstream knows

    def call(self, real: str, name: str) -> None:
        """What follows from the text of a message is called by what follows from its text in the cassette: each word
        of a checksum."""
        for old, new in zip(WORDS.findall(real), WORDS.findall(name), strict=False):
            if old not in self._alias_of:
                self._alias_of[old] = new
                self._real_of[new] = old

    def release(self, live: str, recorded: str) -> None:
        """That value of the client's was never heard of: whatever it comes to mean, it is not called so any more."""
        if self._alias_of.get(live) == recorded:
            del self._alias_of[live]
            self._minted_by_client.discard(live)
        if self._real_of.get(recorded) == live:
            del self._real_of[recorded]

    def rename(self, old: str, new: str) -> None:
        """What followed from one text follows from another one now."""
        for one, other in zip(WORDS.findall(old), WORDS.findall(new), strict=False):
            real = self._real_of.get(one)
            if real is not None and one != other:
                del self._real_of[one]
                self._alias_of[real] = other
                self._real_of[other] = real

    def outward(self, text: str) -> str | None:
        """What the upstream knows that as: the id behind an alias; for a value that the client minted, the one that
        stood there when it was recorded."""
        real = self._real_of.get(text)
        if real is None and text in self._minted_by_client:
            real = self._real_of.get(self._alias_of[text])
        return real

    def calls_object(self, real: str) -> None:
        """That is the `id` of an object, whatever else it stands under."""
        self._objects.add(real)

    def hide(self, real: str, *, certain: bool = False) -> None:
        """That stands where a credential does: no later session is told it. What is an object's id is none, unless
        it is `certain`: then a client has shown itself with it."""
        if certain or real not in self._objects:
            self._private.add(real)
        if certain:
            self._opening.add(real.encode("utf-8", "surrogateescape").hex())

    def remembered(self) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
        """The names with the ids that they stand for, and which of these the client minted. No tokens and nothing
        private: they may open something."""
        pairs = {
            name: real
            for name, real in self._real_of.items()
            if name not in self._tokens and name != real and not self._is_private(real)
        }
        return tuple(pairs.items()), tuple(self._minted_by_client & set(pairs.values()))

    def _is_private(self, real: str) -> bool:
        """Whether that opens something: as it is, or in hexadecimal of either case."""
        if real in self._private or real.lower() in self._private:
            return True
        plain = real.replace("-", "").lower()
        return any(spelled in plain for spelled in self._opening)

    def recall(self, names: Iterable[tuple[str, str]], minted: Iterable[str]) -> None:
        """Know again what an earlier recording knew."""
        for name, real in names:
            self._alias_of[real] = name
            self._real_of[name] = real
        self._minted_by_client.update(minted)

    def is_real(self, text: str) -> bool:
        """Whether this is a value of the upstream that must never be seen on disk."""
        name = self._alias_of.get(text)
        return name is not None and name != text and len(text) >= shapes.MIN_WORD and text not in self._minted_by_client


def _alike(piece: shapes.Piece, minted: str, earlier: str) -> bool:
    """Whether an earlier name has the shape that a new one would have."""
    prefix = minted.rpartition("_")[0]
    return len(earlier) == len(minted) and earlier.startswith(prefix) and is_alias(piece.shape, earlier)
