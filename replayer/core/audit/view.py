"""A finished cassette as an audit sees it: each interaction read once, and the lines of the file where it stands.

Binary scalars are taken apart first: YAML wraps base64 into lines, which cut in two what is in it.

    string: !!binary |
      c2tfdGVzdF80ZUMzOUhx...
"""

import base64
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from urllib.parse import unquote_plus

from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response, bodies, leaves, shapes
from replayer.core.naming import aliases, tokens
from replayer.core.rules import Rules

ENTRY = re.compile(r"\s*- request:")
WEBHOOK = re.compile(r"\s*- after:")
ANSWER = re.compile(r"\s+response:\s*$")
MARK = re.compile(r"(?P<indent> *)(?:(?! )[^#\n]*[:?-] )?!!binary [|>][-+0-9]{0,2} *")
LINE = re.compile(r"(?P<indent> +)(?P<run>[0-9A-Za-z+/]+={0,2}) *")


class Places:
    """Where in the file a value of an interaction stands; webhooks count on behind them, though they stand above."""

    def __init__(self, text: str, interactions: int, webhooks: int = 0) -> None:
        self._lines = text.split("\n")
        starts = [number for number, line in enumerate(self._lines) if ENTRY.match(line)]
        # A file that was edited into another shape still has its lines, only their owners are not known.
        self._starts = [*starts, len(self._lines)] if len(starts) == interactions else []
        hooks = [number for number, line in enumerate(self._lines) if WEBHOOK.match(line)] if webhooks else []
        self._webhooks = [*hooks, self._starts[0]] if self._starts and len(hooks) == webhooks > 0 else []

    def line(self, index: int, *values: str, answered: bool = False) -> int:
        """The line, counted from 1, where the first of the values stands that is found in that interaction, or in its
        answer; where none is, its first."""
        first, end = self._bounds(index)
        begin = self._answer(first, end) if answered else first
        found = (self._standing(value, begin, end) for value in values)
        return next((number for number in found if number >= 0), first) + 1

    def _bounds(self, index: int) -> tuple[int, int]:
        interactions = len(self._starts) - 1
        starts, place = (self._starts, index) if index < interactions else (self._webhooks, index - interactions)
        found = starts[place : place + 2]
        return (found[0], found[1]) if len(found) == 2 else (0, len(self._lines))

    def _answer(self, first: int, end: int) -> int:
        """Where in the lines of an interaction its answer begins; where that does not show, at their first."""
        return next((number for number in range(first, end) if ANSWER.match(self._lines[number])), first)

    def head(self, key: str) -> int:
        """The line of a key above the interactions; the first where it stands nowhere there."""
        found = (number for number, line in enumerate(self._lines, start=1) if line.lstrip().startswith(key))
        return next(found, 1)

    def stands(self, line: int, value: str) -> bool:
        """Whether a value stands in that line."""
        return value in self._lines[line - 1]

    def _standing(self, value: str, first: int, end: int) -> int:
        inside = -1  # behind an escape, as `\ncus_...`, no name is whole
        for number in range(first, end):
            if value in self._lines[number]:
                if _as_a_whole(value, self._lines[number]):
                    return number
                inside = number if inside < 0 else inside
        return inside

    def message(self, cassette: Cassette, line: int) -> Request | Response | None:
        """The message that a line belongs to; None where that does not show."""
        index = bisect_left(self._starts, line) - 1  # the line that begins the entry is its own
        if not 0 <= index < len(cassette.interactions):
            return None
        interaction = cassette.interactions[index]
        first = self._starts[index]
        return interaction.response if self._answer(first, line - 1) > first else interaction.request


def with_webhooks(cassette: Cassette) -> Cassette:
    """The same with its webhooks as further answers: what is in them came from the upstream, too."""
    if not cassette.deliveries:
        return cassette
    said = (
        Interaction(Request("POST", "/"), Response(200, "", one.request.headers, one.request.body))
        for one in cassette.deliveries
    )
    return replace(cassette, interactions=(*cassette.interactions, *said))


def _as_a_whole(value: str, line: str) -> bool:
    """Whether a value stands in a line and not only inside a longer one, as `cus_AB` in `cus_ABC`."""
    start = line.find(value)
    while start >= 0:
        end = start + len(value)
        if not (_joins(line[start - 1 : start], value[:1]) or _joins(value[-1:], line[end : end + 1])):
            return True
        start = line.find(value, start + 1)
    return False


def _joins(before: str, behind: str) -> bool:
    """Whether two neighbours are of one name: an underline joins what is behind it, and ends what is before it."""
    return (before.isalnum() or before == "_") and behind.isalnum()


@dataclass(slots=True)
class FieldToken:
    """A token at a field that a rule names. `certain`: its stand-in is not like a real one."""

    value: str
    key: str
    within: list[str]
    certain: bool
    stands_in: bool


@dataclass(slots=True)
class Examined:
    """One interaction, read once for all questions."""

    interaction: Interaction
    rules: Rules
    sent: list[leaves.Leaf] = field(init=False)  # the values of the query and of the body
    written: set[str] = field(init=False)
    received: list[leaves.Leaf] = field(init=False)  # the values of the answer's body
    tokens: list[FieldToken] = field(init=False)

    def __post_init__(self) -> None:
        request, response = self.interaction.request, self.interaction.response
        self.sent = [*leaves.form_leaves(request.query), *request.leaves]
        self.written = set(_written(request, request.content.text or "", self.sent))
        self.received = response.leaves
        self.tokens = [token for leaf in self.received if leaf.quoted and (token := _token_in(leaf, self.rules))]

    @property
    def refused(self) -> bool:
        """Whether the API says that the request was wrong. Tests ask for what there is not, on purpose: an id and one
        letter more."""
        return self.interaction.response.refused

    @property
    def date(self) -> int | None:
        """The virtual time of the answer."""
        return self.interaction.response.date

    @property
    def sums(self) -> Iterator[str]:
        """The checksums of its body that the answer's headers tell: these are nobody's ids."""
        response = self.interaction.response
        for name, value in response.headers if response.body else ():
            if response.summed_as(name, value, response.body) is not None:
                yield from (piece.text for piece in shapes.ids(value))

    def asked(self) -> Iterator[str]:
        """What the client wrote, decoded: a percent sign and its digits are no part of what stands behind them."""
        request = self.interaction.request
        yield unquote_plus(request.target)
        yield from (leaf.value for leaf in self.sent)
        yield from (value for _, value in request.headers)

    def answered(self) -> Iterator[str]:
        """All the text of the response as it reads; a body that is no JSON as it stands."""
        response = self.interaction.response
        yield from (value for _, value in response.headers)
        if response.content.kind is not bodies.BodyKind.JSON:
            yield response.content.text or ""
        yield from (leaf.value for leaf in self.received if leaf.quoted)


def _written(request: Request, body: str, sent: list[leaves.Leaf]) -> Iterator[str]:
    """What the client wrote: whole values and the pieces in them."""
    texts = [request.target, unquote_plus(request.target), body, *(leaf.value for leaf in sent)]
    texts += [value for _, value in request.headers]
    yield from texts
    for text in texts:
        yield from (piece.text for piece in shapes.pieces(text))
        yield from (text[start:end].rstrip("=") for start, end, _ in tokens.packed(text))


def _token_in(leaf: leaves.Leaf, rules: Rules) -> FieldToken | None:
    """The token in a field, by the same reading by which a recording finds it."""
    matching = [rule for rule in rules.tokens if rule.key == leaf.key]
    found = tokens.field_token(leaf.value, leaf.key, {leaf.key: matching}) if matching else None
    if found is None or found.rule is None:
        return None
    rule = found.rule
    owner = leaf.node.owner.at(rule.owner) if leaf.node and rule.owner else None
    return FieldToken(
        value=found.token,
        key=rule.key,
        within=[piece.text for piece in shapes.ids(leaf.value) if piece.start < found.end and piece.end > found.start],
        certain=owner is not None and len(found.token) >= shapes.MIN_WORD,
        stands_in=aliases.certifies(found.token)
        or (owner is not None and tokens.may_stand_in(found.token, rule, leaf)),
    )


@dataclass(frozen=True, slots=True)
class Binary:
    """One scalar: the line that marks it, counted from 1, its bytes, and how many of them each of its lines ends."""

    line: int
    raw: bytes
    ends: tuple[int, ...]

    def line_at(self, offset: int) -> int:
        """The line in which the byte at that offset begins."""
        return self.line + 1 + bisect_right(self.ends, offset)


def apart(text: str) -> tuple[str, list[Binary]]:
    """The text with those of its lines emptied that belong to binary scalars, and these."""
    if "!!binary" not in text:
        return text, []
    lines = text.split("\n")
    found = list(_binaries(lines))
    for binary in found:
        lines[binary.line : binary.line + len(binary.ends)] = [""] * len(binary.ends)
    return "\n".join(lines), found


def _binaries(lines: list[str]) -> Iterator[Binary]:
    for number, line in enumerate(lines, start=1):
        mark = MARK.fullmatch(line) if "!!binary" in line else None
        if mark is None:
            continue
        runs = list(_runs(lines, number, len(mark["indent"])))
        if runs and _is_wrapped(runs):
            ends = accumulate(3 * len(run) // 4 - run.count("=") for run in runs)
            yield Binary(number, base64.b64decode("".join(runs)), tuple(ends))


def _runs(lines: list[str], first: int, indent: int) -> Iterator[str]:
    for number in range(first, len(lines)):
        match = LINE.fullmatch(lines[number])
        if match is None or len(match["indent"]) <= indent:
            return
        yield match["run"]


def _is_wrapped(runs: list[str]) -> bool:
    """Whether lines are base64 as YAML writers wrap it, and no text that only begins like it: whole groups in each,
    all of one length but for the last."""
    return all(len(run) % 4 == 0 for run in runs) and len({len(run) for run in runs[:-1]}) < 2
