"""The audit: laws 4 and 5 on a finished file. It trusts nothing that the recording says of itself.

An alias certifies itself, and the stand-in of a token follows from its owner. What is neither, and was written by no
request before, is an id of the upstream. Bodies that are no text are searched for secrets only: nothing in them is
ever named.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from replayer.core.aliases import is_alias, plain_alias
from replayer.core.bodies import read
from replayer.core.interaction import Cassette, Interaction, Request, Response
from replayer.core.places import Leaf, leaves
from replayer.core.recognisers import MIN_WORD, ids, pieces
from replayer.core.rules import INVOICE_RULES, RULES, Rules
from replayer.core.scrub import Finding, scan

ENTRY = re.compile(r"\s*- request:")


def audit(cassette: Cassette, text: str) -> list[Finding]:
    """What is wrong with a cassette whose file has that text, in the order of the lines, without any value.

    Secrets are looked for in every file; ids only in one that Replayer wrote, because others name none.
    """
    rules = RULES.get(cassette.facts.rules if cassette.facts else "", INVOICE_RULES)
    places = _Places(text, len(cassette.interactions))
    found = [*scan(text, rules, is_real=_none), *_in_binaries(cassette, rules, places)]
    if cassette.facts is not None:
        examined = [_Examined(interaction, rules) for interaction in cassette.interactions]
        found += _Unnamed(examined).findings(places)
        found += _shared(examined, places)
    return sorted(dict.fromkeys(found), key=lambda finding: finding.line)


def _none(_: str) -> bool:
    return False


class _Places:
    """Where in the file a value of an interaction stands."""

    def __init__(self, text: str, interactions: int) -> None:
        self._lines = text.split("\n")
        starts = [number for number, line in enumerate(self._lines) if ENTRY.match(line)]
        # A file that was edited into another shape still has its lines, only their owners are not known.
        self._starts = [*starts, len(self._lines)] if len(starts) == interactions else []

    def line(self, index: int, value: str = "") -> int:
        """The line, counted from 1, where a value of that interaction stands; where it cannot be found, its first."""
        first, end = self._starts[index : index + 2] or (0, len(self._lines))
        standing = (number for number in range(first, end) if value in self._lines[number])
        return next(standing, first) + 1


@dataclass(slots=True)
class _Token:
    """A token at a field that a rule names. `certain` tells whether its stand-in can be told from a real one."""

    value: str
    key: str
    within: list[str]
    certain: bool
    stands_in: bool


@dataclass(slots=True)
class _Examined:
    """One interaction, read once for all questions."""

    interaction: Interaction
    rules: Rules
    written: set[str] = field(init=False)
    leaves: list[Leaf] = field(init=False)
    tokens: list[_Token] = field(init=False)

    def __post_init__(self) -> None:
        self.written = set(_written(self.interaction.request))
        response = self.interaction.response
        self.leaves = leaves(read(response.headers, response.body))
        self.tokens = [token for leaf in self.leaves if leaf.quoted and (token := _token(leaf, self.rules))]

    def answered(self) -> Iterator[str]:
        """All the text of the response, as it stands and as it reads."""
        response = self.interaction.response
        yield from (value for _, value in response.headers)
        yield read(response.headers, response.body).text or ""
        yield from (leaf.value for leaf in self.leaves if leaf.quoted)


def _written(request: Request) -> Iterator[str]:
    """What the client wrote: whole values and the pieces in them."""
    body = read(request.headers, request.body)
    values = [leaf.value for leaf in leaves(body)]
    texts = [request.target, unquote_plus(request.target), body.text or "", *values]
    texts += [value for _, value in request.headers]
    yield from texts
    for text in texts:
        yield from (piece.text for piece in pieces(text))


def _token(leaf: Leaf, rules: Rules) -> _Token | None:
    for rule in rules.tokens:
        match = rule.pattern.search(leaf.value) if rule.key == leaf.key else None
        if match is None:
            continue
        token, (start, end) = match.group("token"), match.span("token")
        owner = leaf.node.owner.at(rule.owner) if leaf.node else None
        return _Token(
            value=token,
            key=rule.key,
            within=[piece.text for piece in ids(leaf.value) if piece.start < end and piece.end > start],
            certain=owner is not None and len(token) >= MIN_WORD,
            stands_in=token == plain_alias(token, f"owned\0{owner}\0{rule.name}", rule.alphabet),
        )
    return None


class _Unnamed:
    """Law 5: the ids and tokens of the upstream that were left as they were."""

    def __init__(self, examined: list[_Examined]) -> None:
        self._examined = examined
        self._tokens = {token.value for each in examined for token in each.tokens if token.stands_in}

    def findings(self, places: _Places) -> Iterator[Finding]:
        written: set[str] = set()
        for index, each in enumerate(self._examined):
            written |= each.written
            yield from self._tokens_in(each, written, index, places)
            tolerated = {piece for token in each.tokens for piece in token.within}
            for text in each.answered():
                for piece in ids(text):
                    if piece.text in written or piece.text in tolerated or is_alias(piece.shape, piece.text):
                        continue
                    if not _is_secret(piece.text, each.rules):  # that one is told as what it is
                        what = f"an id of the upstream ({_kind(piece.shape, piece.text)}_...)"
                        yield Finding(what, "raw", places.line(index, piece.text))

    def _tokens_in(self, each: _Examined, written: set[str], index: int, places: _Places) -> Iterator[Finding]:
        for token in each.tokens:
            if token.certain and token.value not in self._tokens and token.value not in written:
                yield Finding(f"a token of the upstream ({token.key})", "raw", places.line(index, token.value))


def _is_secret(text: str, rules: Rules) -> bool:
    return any(secret.pattern.search(text) for secret in rules.secrets)


def _kind(shape: str, piece: str) -> str:
    return piece.rpartition("_")[0] or shape


def _shared(examined: list[_Examined], places: _Places) -> Iterator[Finding]:
    """Law 4, as far as a file can show it: one alias for objects of two types."""
    kinds: dict[str, str] = {}
    for index, each in enumerate(examined):
        for leaf in each.leaves:
            kind = leaf.node.text("object") if leaf.node and leaf.key == "id" and leaf.quoted else None
            if kind is None or not any(is_alias(piece.shape, piece.text) for piece in ids(leaf.value)):
                continue
            first = kinds.setdefault(leaf.value, kind)
            if first != kind:
                yield Finding(f"one alias for two objects ({first}, {kind})", "raw", places.line(index, leaf.value))


def _in_binaries(cassette: Cassette, rules: Rules, places: _Places) -> Iterator[Finding]:
    """Secrets in bodies that stand in the file as base64 in lines, which cut them in two."""
    for index, interaction in enumerate(cassette.interactions):
        for message in (interaction.request, interaction.response):
            for finding in scan(_binary(message), rules, is_real=_none):
                yield Finding(finding.what, "base64", places.line(index))


def _binary(message: Request | Response) -> str:
    body = read(message.headers, message.body)
    return body.raw.decode("ascii", "replace") if body.text is None else ""  # not latin-1: \xfe would be a letter
