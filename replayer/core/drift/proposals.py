"""Learning: what two answers to one question, asked twice in a row, have different is volatile. What it is, is proposed
from how it looks; no value is ever told."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from replayer.core.drift.differences import MISSING, Difference, DifferenceKind, differences, type_of
from replayer.core.drift.drift import Compared
from replayer.core.message import instants, shapes
from replayer.core.rules import Rules
from replayer.core.secrets import masking

OPAQUE = re.compile(r"(?=.*[0-9])[0-9A-Za-z+/=_.~-]{8,}")  # a word of prose has no digit, a number no eight of them
RUN = re.compile(r"[^0-9A-Za-z_-]+")  # what stands between the tokens of a link
TOKEN = "(?P<token>[0-9A-Za-z_-]{8,})"  # noqa: S105 - a pattern, no secret
NEAR = 86_400  # seconds
LOOKS = {"boolean": "true or false", "null": "null", "list": "a list", "object": "an object"}
HEADERS = (DifferenceKind.HEADER, DifferenceKind.HEADER_GONE, DifferenceKind.HEADER_NEW)

# What clients act on: the next page, the next address, how to read the body and when to come again. Dropped as noise it
# would be missing from every recording.
MEANT = frozenset(
    {
        "link", "location", "content-location", "content-type", "content-encoding", "content-disposition",
        "content-range", "accept-ranges", "allow", "cache-control", "etag", "last-modified", "expires", "retry-after",
        "set-cookie", "vary", "www-authenticate",
    }
)  # fmt: skip


class Rule(Enum):
    """The key of a rule under `[tool.replayer.rules]`."""

    NOISE_HEADERS = "noise_headers"
    TIMES = "times"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One rule for the field or header `name`; `rule` is None where nothing can be proposed. `why` tells where it was
    seen and what it looks like."""

    rule: Rule | None
    name: str
    why: str
    pattern: str = ""


def proposals(pairs: Iterable[Compared], rules: Rules) -> list[Proposal]:
    """A proposal for each field and header in which the first answers, as `recorded`, and the second ones differ."""
    groups: dict[tuple[str, str], list[tuple[Compared, Difference]]] = {}
    for one in pairs:
        for difference in differences(one.asked, one.recorded, one.live, rules):
            groups.setdefault((difference.location.where, difference.location.field), []).append((one, difference))
    found = [_proposal(group, rules) for group in groups.values()]
    return list({(one.rule, one.name) if one.rule else (None, one.why): one for one in reversed(found)}.values())[::-1]


def _proposal(group: list[tuple[Compared, Difference]], rules: Rules) -> Proposal:
    (first, difference), seen = group[0], [difference for _, difference in group]
    location = difference.location
    answers = len({one.number for one, _ in group})
    looks = f"{look_of(difference.recorded)}, then {look_of(difference.live)}"
    count = f"{answers} answer{'' if answers == 1 else 's'}"
    why = f"{location.where} {location.field}: {looks}; in {count}, first in {masking.shown_text(str(first))}"
    rule, pattern = _classified(seen, rules)
    return Proposal(rule, location.key, why, pattern)


def _classified(seen: list[Difference], rules: Rules) -> tuple[Rule | None, str]:
    """The rule for a field that differed like this, each time, with the pattern of a token that is not all of it."""
    kinds, key = {one.kind for one in seen}, seen[0].location.key
    if kinds <= {*HEADERS}:
        is_noise = kinds == {DifferenceKind.HEADER} and key not in MEANT | rules.cursors
        return (Rule.NOISE_HEADERS if is_noise else None), ""  # one that comes and goes may tell something
    if not kinds <= {DifferenceKind.VALUE, DifferenceKind.TEXT, DifferenceKind.TIME}:
        return None, ""  # objects, types, lists: these are no values that a rule could name
    if all(_are_times(one.recorded, one.live) for one in seen):
        return (None if rules.is_time(key) else Rule.TIMES), ""  # a time already, and it moved all the same
    pairs = [(one.recorded, one.live) for one in seen]
    if all(_is_long_number(value) for pair in pairs for value in pair):
        return Rule.TOKENS, ""
    if not all(isinstance(value, str) for pair in pairs for value in pair):
        return None, ""
    if all(OPAQUE.fullmatch(value) for pair in pairs for value in pair):
        return Rule.TOKENS, ""
    patterns = {_pattern(*pair) for pair in pairs}
    pattern = patterns.pop() if len(patterns) == 1 else ""
    return (Rule.TOKENS if pattern else None), pattern


def _are_times(old: Any, new: Any) -> bool:
    """Whether both are times. Two answers in a row have such as are near: references have not."""
    if any(isinstance(value, bool) or not isinstance(value, str | int | float) for value in (old, new)):
        return False
    one, other = (instants.read_any(str(value), quoted=isinstance(value, str)) for value in (old, new))
    return one is not None and other is not None and abs(one.seconds - other.seconds) <= NEAR


def _is_long_number(value: Any) -> bool:
    """Whether a number may name something: none of fewer digits is looked for."""
    return type(value) is int and len(str(value)) >= shapes.MIN_WORD and value > 0


def _pattern(old: str, new: str) -> str:
    """The pattern for the one token in which two texts differ; empty where it is not the only thing, or not clear."""
    ours, theirs = RUN.split(old), RUN.split(new)
    if len(ours) != len(theirs) or RUN.findall(old) != RUN.findall(new):
        return ""
    differing = [index for index, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1]]
    if len(differing) != 1 or differing[0] == 0:
        return ""
    before = RUN.findall(old)[differing[0] - 1]
    for pattern in (f"{re.escape(before[-1])}{TOKEN}", f"{re.escape(before[-1])}{TOKEN}$"):
        found = [match and match.group("token") for match in (re.search(pattern, old), re.search(pattern, new))]
        if found == [ours[differing[0]], theirs[differing[0]]]:
            return pattern
    return ""


def look_of(value: Any) -> str:
    """What a value looks like, in words that do not tell it: `20 letters and digits`, `a whole number of 10 digits`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "nothing" if value is MISSING else LOOKS[type_of(value)]
    if isinstance(value, int):
        digits = len(str(abs(value)))
        return f"a whole number of {digits} digit{'' if digits == 1 else 's'}"
    if isinstance(value, float):
        return "a number with a fraction"
    return _look_of_text(value)


def _look_of_text(text: str) -> str:
    if instants.read_iso(text):
        return "an ISO 8601 time"
    if instants.read_http_date(text):
        return "an HTTP date"
    sorts = [
        ("letters", any(letter.isalpha() for letter in text)),
        ("digits", any(letter.isdigit() for letter in text)),
        ("spaces", any(letter.isspace() for letter in text)),
        ("other characters", any(not letter.isalnum() and not letter.isspace() for letter in text)),
    ]
    found = [name for name, there in sorts if there]
    if not found:
        return "an empty text"
    return f"{len(text)} {', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else f"{len(text)} {found[0]}"
