"""Headers that choose the answer: which of them count for a question, as the recording shows.

Those that name another operation or a part count wherever they stood in the recording. Those that name a form or a
language do in a file of ours, which keeps them only where they choose, and so does what is called like one that
chooses; in one of another tool's where they differ beside other answers. In any file a header counts by which equal
questions of one state were answered differently: while recording it is kept for that.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, groupby

from replayer.core.cassette import Outline
from replayer.core.matching.canonical import Canonical
from replayer.core.matching.evidence import said
from replayer.core.matching.stamps import is_read
from replayer.core.message import Request, shapes, wire
from replayer.core.rules import Rules, ruleset
from replayer.core.secrets import guesses

NEVER = frozenset(
    {
        "accept-encoding", "authorization", "connection", "content-length", "cookie", "date", "expect", "host",
        "idempotency-key", "if-modified-since", "if-none-match", "origin", "proxy-authorization", "referer",
        "user-agent",
    }
)  # fmt: skip
# What tells one request from the next, and not what is asked.
PASSING = re.compile(r"attempt|retry|trace|span|request-?id|correlation|invocation|telemetry|date|time|count(?!r)|sdk")
MOST = 50  # equal questions that are compared with each other


def value_of(request: Request, name: str) -> str:
    """What a header chooses; nothing where it is the everyday value."""
    value = request.header(name) or ""
    return value if wire.chooses(name, value) else ""


def counting(
    asked: Sequence[Canonical], interactions: Sequence[Outline], rules: Rules, *, ours: bool
) -> dict[str, set[str]]:
    """By the digest of a question the headers that count for it."""
    found: dict[str, set[str]] = {}
    passed = {*rules.matched_headers, *rules.kept_headers}
    held = {(name.lower(), value) for one in interactions for name, value in one.request.headers}
    names = {name for name, _ in held if name in rules.choosing or name in rules.preferring}
    names |= {name for name, value in held if ours and ruleset.chooses(name, value)}
    for name in sorted(names - passed):
        certain = ours or name in rules.choosing
        for digest, group in _groups(asked, interactions):
            values = [value_of(one.request, name) for one in group]
            if any(values) and (certain or _explains(group, values)):
                found.setdefault(digest, set()).add(name)
    return found


def _groups(asked: Sequence[Canonical], interactions: Sequence[Outline]) -> Iterator[tuple[str, list[Outline]]]:
    order = sorted(range(len(asked)), key=lambda number: (asked[number].digest, number))
    for digest, numbers in groupby(order, key=lambda number: asked[number].digest):
        yield digest, [interactions[number] for number in numbers]


def told_by_answers(
    asked: Iterable[tuple[str, str]], interactions: Sequence[Outline], rules: Rules
) -> dict[str, set[str]]:
    """The same by what those headers show that are there: by questions that were asked again before anything was
    written, and answered differently. `asked` are the digests of the questions and their methods."""
    found: dict[str, set[str]] = {}
    for digest, numbers in _unwritten(asked):
        group = [interactions[number] for number in numbers]
        if len(group) > 1 and (names := set(evident(group, rules))):
            found.setdefault(digest, set()).update(names)
    return found


def _unwritten(asked: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[int]]]:
    """Equal reads between two writes, by their places."""
    between: dict[str, list[int]] = {}
    for number, (digest, method) in enumerate(asked):
        if is_read(method):
            between.setdefault(digest, []).append(number)
        else:
            yield from between.items()
            between = {}
    yield from between.items()


def _explains(group: Sequence[Outline], values: Sequence[str]) -> bool:
    """Whether another value of a header came with another answer."""
    pairs = combinations(zip(group[:MOST], values, strict=False), 2)
    return any(a != b and said(one.response) != said(other.response) for (one, a), (other, b) in pairs)


def evident(group: Sequence[Outline], rules: Rules) -> Iterator[str]:
    """The headers by which equal questions of one state, answered differently, can be told apart: where one has equal
    values, the answers are equal."""
    group = group[:MOST]
    names = {name.lower() for one in group for name, _ in one.request.headers}
    for name in sorted(names.difference(NEVER, rules.matched_headers, rules.kept_headers)):
        values = [one.request.header(name) or "" for one in group]
        if len(set(values)) > 1 and all(_may_choose(name, value) for value in values) and _tells_apart(group, values):
            yield name


def that_may_choose(headers: wire.Headers, rules: Rules) -> wire.Headers:
    """The headers of a request by which its answer may have been chosen, for all that anybody knows before the next
    one."""
    passed = {*NEVER, *rules.matched_headers, *rules.kept_headers}
    return tuple(
        (name, value) for name, value in headers if name.lower() not in passed and _may_choose(name.lower(), value)
    )


@lru_cache(4096)
def _may_choose(name: str, value: str) -> bool:
    passing = PASSING.search(name) or guesses.names_credential(name)
    return not passing and not ruleset.CHANCE.search(value) and not any(shapes.ids(value))


def _tells_apart(group: Sequence[Outline], values: Sequence[str]) -> bool:
    answers: dict[str, set[tuple[int, str]]] = {}
    for one, value in zip(group, values, strict=True):
        answers.setdefault(value, set()).add(said(one.response))
    return all(len(each) == 1 for each in answers.values()) and len(set.union(*answers.values())) > 1
