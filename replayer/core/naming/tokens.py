"""Tokens in a text: the value of a field, a parameter of any link, or one that is known already and repeated elsewhere.

A token is no piece of a text as ids are: it may hold `+ / = - _ .`, and in a link it is percent-encoded.
"""

import base64
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from replayer.core.message import Response, leaves, shapes
from replayer.core.naming import aliases, dated
from replayer.core.rules import Token, ruleset
from replayer.core.secrets import guesses

RUN = re.compile(rf"[0-9A-Za-z+/_.~:%-]{{{shapes.MIN_WORD},}}={{0,2}}")
MARK = re.compile(r"[/:]")
LED_TO = ruleset.LED_TO
MOST = 12  # slashes and colons of one run: an address has fewer
WORD = re.compile(r"[0-9A-Za-z]*")
SHAPED = re.compile(r"[a-z]{1,10}[_-](?=[0-9a-fA-F]{8}-)")  # a UUID stands behind it
# What only its name shows to be a credential, in any API.
CREDENTIAL = Token("", re.compile("(?P<token>.+)"), "credential", owner="", length=aliases.CREDENTIAL, certified=True)
PREFIX = re.compile(r"(?:[a-z]{2,12}_+){1,4}")
RANDOM = re.compile(r"(?=[^ ]*[0-9])(?=[^ ]*[A-Za-z])[!-~]{16,}$")
SHORTEST = 20  # characters of base64: no id is shorter than 14
BASE64 = re.compile(rf"(?<![0-9A-Za-z+/_-])[0-9A-Za-z+/_-]{{{SHORTEST},}}={{0,2}}(?![0-9A-Za-z+/_=-])")
PATH_PART = re.compile(rf"[0-9A-Za-z+_-]{{{SHORTEST},}}={{0,2}}")
SPACES = str.maketrans("\r\n\t", "   ")  # as a text has them
PLAIN_ALPHABET = str.maketrans("-_", "+/")
STAND_IN = "0" * aliases.CREDENTIAL
# The names of links to a list's pages, and of where an answer sends its client on.
LEADS = re.compile(r"(?i)next|prev|page|cursor|more|continu|(?:^|[_. ])link|location|operation")
Rulebook = Mapping[str, Sequence[Token]]
"""The rules by the name of the field or the parameter; under `LED_TO` what is a token in any parameter of a link that
leads to a page."""


@dataclass(frozen=True, slots=True)
class Held:
    """A token and where a text holds it: undecoded, from `start` to `end`. `rule` is None where it is known already;
    `where` names the parameter of a link, and is empty for a field."""

    token: str
    start: int
    end: int
    rule: Token | None = None
    where: str = ""

    @property
    def is_odd(self) -> bool:
        """Whether it is more than one piece, so that a scan of pieces does not see it."""
        return WORD.fullmatch(self.token) is None

    def overlaps(self, other: "Held") -> bool:
        return self.start < other.end and other.start < self.end


def held(text: str, key: str, rulebook: Rulebook, known: Collection[str] = (), place: str = "") -> Sequence[Held]:
    """The tokens in a text that stands under that key, at that place, in their order; those of `known` wherever they
    stand."""
    field = field_token(text, key, rulebook)
    if field is not None:
        return (field,)
    if '"' not in text and "=" not in text and "<" not in text and not known:
        return ()
    found = list(_parameters(text, place or key, rulebook)) if "=" in text else []
    found += [member for member in _members(text, rulebook) if not any(member.overlaps(other) for other in found)]
    if known and len(text) >= shapes.MIN_WORD:
        found += [run for run in repeated(text, known) if not any(run.overlaps(other) for other in found)]
    found.sort(key=lambda one: one.start)
    return found


def field_token(text: str, key: str, rulebook: Rulebook) -> Held | None:
    """The token in a field that is known to hold one."""
    for rule in rulebook.get(key) or rulebook.get(ruleset.called(key), ()):
        match = rule.pattern.search(text)
        if match and match.group("token") and not _is_shaped(key, match.group("token")):
            if rule.random and not guesses.by_chance(match.group("token"), guesses.LEAST_FRAGMENT):
                continue
            start, end = match.span("token")
            return Held(text[start:end], start, end, rule)
    return None


def _is_shaped(key: str, token: str) -> bool:
    """Whether all of it is an id by its shape, or by that behind a prefix: then it is named as one."""
    if shapes.is_id(token) or shapes.named_id(key, token) is not None:
        return True
    before = SHAPED.match(token)
    return before is not None and shapes.is_id(token[before.end() :])


def _parameters(text: str, place: str, rulebook: Rulebook) -> Iterator[Held]:
    count = 0
    leads = LEADS.search(place) is not None
    for match in leaves.PARAMETER.finditer(text):
        name, value = unquote(match["name"]), match["value"]
        # Not unquote_plus: who writes base64 into a link as it is means its plus signs.
        plain = unquote(value, errors="surrogateescape")
        inner = field_token(plain, name, rulebook) or (field_token(plain, LED_TO, rulebook) if leads else None)
        if inner is None:
            continue
        if plain != value:  # which part of it the token would be is not known: all of it is
            inner = Held(plain, 0, len(value), inner.rule)
        first = match.start("value")
        yield Held(inner.token, first + inner.start, first + inner.end, inner.rule, f"?{name}[{count}]")
        count += 1


def _members(text: str, rulebook: Rulebook) -> Iterator[Held]:
    """Of named values in a text those that no object around them owns: nobody knows it by its id."""
    for count, (name, value, start) in enumerate(leaves.named_values(text)):
        inner = field_token(value, name, rulebook)
        if inner is not None and inner.rule is not None and not inner.rule.owner:
            yield Held(inner.token, start + inner.start, start + inner.end, inner.rule, f'"{name}[{count}]')


def repeated(text: str, known: Collection[str]) -> Iterator[Held]:
    """The tokens of `known` in a text, which are all odd."""
    for match in RUN.finditer(text):
        run, first = match.group(), match.start()
        if run.isalnum():
            continue
        for token, start, end in _parts(run):
            if token in known:
                yield Held(token, first + start, first + end)
                break


def candidates(text: str) -> frozenset[str]:
    """All of a text that may be an odd token, whichever are known."""
    runs = (match.group() for match in RUN.finditer(text))
    return frozenset(token for run in runs if not run.isalnum() for token, _, _ in _parts(run))


def _parts(run: str) -> Iterator[tuple[str, int, int]]:
    """What of a run may be a token, decoded, and where it stands; the longest first."""
    for start, end in _stretches(run.rstrip(".:")):
        part = run[start:end]
        yield unquote(part) if "%" in part else part, start, end


def _stretches(run: str) -> Iterator[tuple[int, int]]:
    """The parts of a run that can be a token: all of it, or what stands between two of its slashes and colons, which
    may be its own as well as those of a path. The longest first, and of a run of many only a few."""
    marks = [mark.start() for mark in MARK.finditer(run)][-MOST:] if "/" in run or ":" in run else []
    if not marks:
        yield 0, len(run)
        return
    starts, ends = [0, *(mark + 1 for mark in marks)], [*marks, len(run)]
    found = [(start, end) for start in starts for end in ends if end - start >= shapes.MIN_WORD]
    yield from sorted(found, key=lambda part: part[0] - part[1])


def prefix_length(value: str) -> int:
    """How much of a credential its vendor writes in front of each: it stays, because clients look at it."""
    match = PREFIX.match(value)
    return match.end() if match and RANDOM.match(value, match.end()) and not shapes.is_id(match[0] + STAND_IN) else 0


def packed(text: str) -> Sequence[tuple[int, int, shapes.Piece]]:
    """Where in a text a run of base64 begins and ends in which an id of the upstream stands, and that id."""
    if len(text) < SHORTEST:
        return ()
    return _packed_in_short(text) if len(text) <= shapes.SHORT else tuple(_packed(text))


@lru_cache(maxsize=4096)
def _packed_in_short(text: str) -> tuple[tuple[int, int, shapes.Piece], ...]:
    return tuple(_packed(text))


def _packed(text: str) -> Iterator[tuple[int, int, shapes.Piece]]:
    for match in BASE64.finditer(text):
        parts = [(match.start(), match[0])]
        if "/" in match[0]:
            parts += [(match.start() + part.start(), part[0]) for part in PATH_PART.finditer(match[0])]
        for start, run in parts:
            real = next((one for one in shapes.ids(_plain(run)) if not aliases.is_alias(one.shape, one.text)), None)
            if real is not None:
                yield start, start + len(run), real
                break


def _plain(run: str) -> str:
    """The text behind base64, either alphabet; empty where there is none."""
    plain = run.rstrip("=").translate(PLAIN_ALPHABET)
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("utf-8")
    except ValueError:
        return ""
    return text if text.translate(SPACES).isprintable() else ""


def standing_identity(text: str) -> str:
    """What an object's id without a shape is called where it is older than the session; empty for what is none."""
    for rule in ruleset.IDENTITIES:
        if rule.pattern.match(text) and (not rule.random or guesses.by_chance(text, guesses.LEAST_FRAGMENT)):
            return aliases.standing_token(text, rule.alphabet, dated.own_head(text))
    return ""


def stands_in(value: str) -> bool:
    """Whether a value is the stand-in of a credential, with or without what its vendor writes in front of each."""
    match = PREFIX.match(value)
    return aliases.certifies(value) or (match is not None and aliases.certifies(value[match.end() :]))


def may_stand_in(token: str, rule: Token, leaf: leaves.Leaf) -> bool:
    """Whether a token at that leaf has the form of the stand-in that its rule makes; of one with an owner, is that."""
    owner = leaf.node.owner.at(rule.owner) if leaf.node and rule.owner else None
    if owner is not None:
        return token == aliases.plain_alias(token, f"owned\0{owner}\0{rule.name}", rule.alphabet)
    return len(token) == (rule.length or len(token)) and set(rule.alphabet).issuperset(token)


def is_of_ids(value: str) -> bool:
    """Whether a value is nothing but ids, one behind the other, as `pi_..._secret_...` is: these are named each."""
    return bool(value) and "".join(piece.text for piece in shapes.ids(value)) == value


def tokens_told(responses: Iterable[Response], rulebook: Rulebook) -> Iterator[str]:
    """The tokens in recorded answers, in their fields and in links."""
    for response in responses:
        text = response.content.text
        if text is None:
            continue
        for leaf in response.leaves:
            if leaf.quoted:
                yield from (found.token for found in held(leaf.value, leaf.key, rulebook, place=leaf.place))
