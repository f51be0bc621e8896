"""Where times stand: at fields that the rules know for times, in the text of a search, in the parameters of a link, and
within any text.

created>=1795341600 AND status:'open'          .../logs/req_1?t=1795341600
made at 2026-11-22T10:00:00Z                   {"id": 7, "created": 1795341600}
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from replayer.core.message import Response, bodies, instants, leaves
from replayer.core.rules import Rules

COMPARED = re.compile(
    r"(?P<before>(?<![\w.\]\"'])(?P<name>\w{1,64})\s{0,9}(?P<how>[<>]=?|[:=])\s{0,9})(?P<seconds>[0-9]{9,11})(?![\w.])"
)
LINK_TIMES = frozenset({"t", "ts", "e", "exp", "iat", "nbf", "se", "st", "now", "expiry", "expires", "from", "to", "_"})
# A parameter of a link that is a parameter's value itself: `?to=https%3A%2F%2Fx.io%2Fa%3Fts%3D1795341600`.
NESTED = re.compile(
    r"(?:%3F|%26)(?P<name>[\w.-]{1,64})%3D(?P<value>1\d{9}(?:\d{3})?)(?![\w.-])", re.ASCII | re.IGNORECASE
)
# Any text may tell a time: by its clock, or in so many digits. A name before them tells what they are.
_TOLD = re.compile(r"\d\d:\d\d|\d{8}[Tt]\d|(?:(?<![\w.])|(?<=/[vpt]))1\d{9}")
_TWO_DIGITS = re.compile(r"\d\d")  # each of these begins so, and most texts have none
NUMBERED = re.compile(
    r"""(?:(?<![\w.-])(?P<name>[A-Za-z_][\w.-]{0,63})(?P<mark>(?:\\{0,7}["'])?\s{0,9}[:=]\s{0,9}(?:\\{0,7}["'])?|>))?"""
    r"(?:(?<![\w.-])|(?<=/[vpt]))(?P<number>1\d{9}(?:\d{3}){0,3})(?![\w.-])",
    re.ASCII,
)
ID_NAME = re.compile(r"(?i:(?:^|[_.-])id)$|(?<=[a-z0-9])I[dD]$")  # a number there is one, whenever it lies
PARAMETER_TIME = re.compile(r"(?:=|%3[Dd])[^&#\s]{0,9}[0-9]{4}")  # most links have none
HOW: Mapping[str, str] = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", ":": "", "=": ""}


def searched(text: str, rules: Rules, change: Callable[[int, str], int]) -> str:
    """The text with each time that such a field is compared with changed; `change` is told the seconds since 1970 and
    the comparison (gt, gte, lt, lte or nothing)."""

    def changed(match: re.Match[str]) -> str:
        if not rules.is_time(match["name"]):
            return match.group()
        return match["before"] + str(change(int(match["seconds"]), HOW[match["how"]]))

    return COMPARED.sub(changed, text)


@dataclass(frozen=True, slots=True)
class InnerTime:
    """A time in a parameter of a link, or within any text: where it stands there and the instant. `certain`: its name
    or its form shows it; any other number may be anything, and is a time only where it lies in the session."""

    name: str
    start: int
    end: int
    like: str
    instant: instants.Instant
    certain: bool
    encoded: bool = True

    def at(self, leaf: leaves.Leaf, count: int) -> leaves.Leaf:
        """The parameter as a value of its own, beside the leaf whose text has the link."""
        mark = "?" if self.encoded else "~"
        return leaf.holding(leaf.value, place=f"{leaf.place}{mark}{self.name}[{count}]", key=self.name)

    def written(self, seconds: int) -> str:
        written = self.instant.write(seconds)
        return bodies.form_encoded(written, self.like) if self.encoded else written


def link_times(text: str, rules: Rules) -> Iterator[InnerTime]:
    """The times in the parameters of the links of a text."""
    if "=" not in text or not PARAMETER_TIME.search(text):
        return
    for match in leaves.PARAMETER.finditer(text):
        name, like = unquote(match["name"]), match["value"]
        value = unquote(like, errors="surrogateescape")
        instant = instants.read_any(value, quoted=True)
        if instant is not None:
            certain = not value.isdigit() or name.lower() in LINK_TIMES or rules.is_time(name)
            yield InnerTime(name, match.start("value"), match.end("value"), like, instant, certain)
        elif "%3" in like:
            yield from _nested(match, rules)


def _nested(parameter: re.Match[str], rules: Rules) -> Iterator[InnerTime]:
    for match in NESTED.finditer(parameter.string, *parameter.span("value")):
        instant, name = instants.read_number(match["value"]), match["name"]
        if instant is not None:
            certain = name.lower() in LINK_TIMES or rules.is_time(name)
            yield InnerTime(name, *match.span("value"), match["value"], instant, certain)


def in_links(text: str, rules: Rules, change: Callable[[InnerTime, int], int]) -> str:
    """The text with the times in its links changed, in seconds since 1970; `change` is told which of them it is."""
    return _changed(text, link_times(text, rules), change)


def may_tell(text: str) -> bool:
    """Whether a text may have a time within it."""
    first = _TWO_DIGITS.search(text)
    return first is not None and _TOLD.search(text, first.start()) is not None


def in_text(text: str, rules: Rules, change: Callable[[InnerTime, int], int]) -> str:
    """The text with the times that stand anywhere in it changed likewise; `name` is what stands before a number."""
    return _changed(text, text_times(text, rules), change) if may_tell(text) else text


def text_times(text: str, rules: Rules) -> Iterator[InnerTime]:
    """The times within a text: in words, or numbers; those in links are not among them."""
    found = [InnerTime("", start, end, "", instant, True, False) for start, end, instant in instants.within(text)]
    for match in NUMBERED.finditer(text):
        instant, name = instants.read_number(match["number"]), match["name"] or ""
        if instant is not None and not ID_NAME.search(name):
            certain = bool(name) and rules.is_time(name)
            found.append(InnerTime(name, match.start("number"), match.end("number"), "", instant, certain, False))
    end = 0
    for one in sorted((*link_times(text, rules), *found), key=lambda one: (one.start, not one.encoded)):
        if one.start >= end:
            end = one.end
            if not one.encoded:
                yield one


def _changed(text: str, times: Iterator[InnerTime], change: Callable[[InnerTime, int], int]) -> str:
    parts, position = [], 0
    for count, found in enumerate(times):
        changed = change(found, count)
        if changed != found.instant.seconds:
            parts += [text[position : found.start], found.written(changed)]
            position = found.end
    return "".join((*parts, text[position:])) if parts else text


def retimed(response: Response, rules: Rules, change: Callable[[leaves.Leaf, int], int]) -> Response:
    """The response with the times in its body changed, in seconds since 1970."""
    changes = [
        (leaf, instant.write(changed))
        for leaf in response.leaves
        if (instant := instant_at(leaf, rules)) and (changed := change(leaf, instant.seconds)) != instant.seconds
    ]
    changes += [
        (leaf, text)
        for leaf in response.leaves
        if leaf.quoted
        and may_tell(leaf.value)
        and instant_at(leaf, rules) is None
        and (text := _relinked(leaf, rules, change)) != leaf.value
    ]
    return response.with_text(leaves.edited(response.content, changes)) if changes else response


def _relinked(leaf: leaves.Leaf, rules: Rules, change: Callable[[leaves.Leaf, int], int]) -> str:
    def changed(found: InnerTime, count: int) -> int:
        seconds = found.instant.seconds
        return change(found.at(leaf, count), seconds) if found.certain else seconds

    return in_text(in_links(leaf.value, rules, changed), rules, changed)


def instant_at(leaf: leaves.Leaf, rules: Rules) -> instants.Instant | None:
    """The time at a place that is known to hold times, or that can only be one."""
    if rules.is_time(leaf.key):
        return instants.read_any(leaf.value, quoted=leaf.quoted) or instants.read_day(leaf.value)
    return instants.read_spelled(leaf.value) if leaf.quoted else None
