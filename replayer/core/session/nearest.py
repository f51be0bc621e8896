"""The words of a miss: what was asked, where it was looked for, what comes closest, and the remedies that apply.

Only fields that look as if a program made them up may be proposed as volatile: a proposal that is followed hides the
difference for good. So what says which part of a list is wanted, or which times, is none, whatever it looks like.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from replayer.core.matching import Canonical, canonical
from replayer.core.modes import Mode
from replayer.core.secrets import guesses

SHOWN = 5  # differing fields named; with more of them the closest request is not close
ROWS = 20  # of them side by side
MISSING = "-"  # a field that only the other one has
MADE_UP = 3  # fields that are proposed to be declared; more of them make another request
TAKEN = "the values that it holds stand for others in this run"
EARLIER = "serve the nearest earlier answer with the setting lenient"
LATER = (
    "serve the nearest answer with the setting lenient, which shows what has not happened yet"  # where none is earlier
)
REGARDLESS = "answer it all the same with the setting lenient"  # a write: nothing that it shows lies ahead
SEARCHED = 20_000  # recorded requests that are compared; a miss must not hang a run
COMPARED = 300_000  # fields of theirs that are
DEEPEST = 64  # segments of a path that are


@dataclass(frozen=True, slots=True)
class Where:
    """The cassette that was asked, as its user knows it."""

    cassette: str
    mode: Mode
    recorded: int
    played: int
    remedy: str

    def __str__(self) -> str:
        return f"{self.cassette} (mode {self.mode.value}; {self.recorded} recorded, {self.played} played)"


@dataclass(frozen=True, slots=True)
class Following:
    """Whether an answer follows from others: `lack` is what is missing for that, `rule` by which one follows that is
    kept back, because `strict` is set."""

    lack: str = ""
    rule: str = ""

    @property
    def lines(self) -> list[str]:
        if self.rule:
            return [
                f"From other answers it follows ({self.rule}), but strict is set: only what was recorded is answered."
            ]
        return [f"From other answers it does not follow: {canonical.shortened(self.lack)}."] if self.lack else []

    @property
    def remedies(self) -> list[str]:
        return ["leave strict out"] if self.rule else []


NOTHING = Following()


@dataclass(frozen=True, slots=True)
class Comparison:
    """How values are compared: `alike` tells which two need not be equal, `live` what stands for a recorded one now,
    `meant` what two times mean, in words."""

    alike: Callable[[str, str], bool] = lambda ours, theirs: False  # noqa: ARG005 - a plain reader knows of none
    live: Callable[[str], str | None] = lambda _: None
    meant: Callable[[str, str], tuple[str, str] | None] = lambda ours, theirs: None  # noqa: ARG005 - nor of times


PLAIN = Comparison()


def differences(
    asked: Canonical,
    recorded: Canonical,
    reading: Comparison = PLAIN,
    fields: "Iterable[_FieldDifference] | None" = None,
) -> list[str]:
    """Where two requests differ, part by part, in words. `fields` are those that differ, where somebody knows them."""
    found = []
    if asked.method != recorded.method:
        found.append(f"method {asked.method}, recorded {recorded.method}")
    if not _same_path(asked.path, recorded.path, reading):
        found.append(f"path {canonical.shortened(asked.path)}, recorded {canonical.shortened(recorded.path)}")
    found += [difference.words for difference in (_fields(asked, recorded, reading) if fields is None else fields)]
    if not found and asked.key != recorded.key and reading is PLAIN:
        found.append("the same fields, but not of the same kind: form or JSON, text or number, empty or missing")
    return found


def _same_path(ours: str, theirs: str, reading: Comparison) -> bool:
    one, other = ours.split("/", DEEPEST), theirs.split("/", DEEPEST)
    return len(one) == len(other) and all(a == b or reading.alike(a, b) for a, b in zip(one, other, strict=True))


@dataclass(frozen=True, slots=True)
class _FieldDifference:
    part: str
    name: str
    ours: str | None
    theirs: str | None
    stands_for: str | None = None
    meant: tuple[str, str] | None = None

    @property
    def field(self) -> str:
        return f"{self.part} {self.name or 'text'}"

    @property
    def words(self) -> str:
        if self.meant:
            return f"{self.field} {self.meant[0]}, recorded {self.meant[1]}"
        if self.theirs is None:
            return f"{self.field} {canonical.shortened(self.ours or '')!r}, not in the recorded one"
        if self.ours is None:
            return f"{self.field} missing, recorded {canonical.shortened(self.theirs)!r}"
        bound = f", which stands for {canonical.shortened(self.stands_for)!r} in this run" if self.stands_for else ""
        return f"{self.field} {canonical.shortened(self.ours)!r}, recorded {canonical.shortened(self.theirs)!r}{bound}"

    @property
    def cells(self) -> tuple[str, str, str]:
        """The field, what was asked, what is recorded."""
        if self.meant:
            return self.field, *self.meant
        return self.field, _shown(self.ours), _shown(self.theirs)


def _shown(value: str | None) -> str:
    return MISSING if value is None else repr(canonical.shortened(value))


def side_by_side(asked: Canonical, recorded: Canonical, reading: Comparison) -> tuple[tuple[str, str, str], ...]:
    """Where two requests differ: each time the field, what was asked and what is recorded."""
    whole = (("method", asked.method, recorded.method), ("path", asked.path, recorded.path))
    rows = [(name, canonical.shortened(a), canonical.shortened(b)) for name, a, b in whole if a != b]
    return (*rows, *(each.cells for each in islice(_fields(asked, recorded, reading), ROWS)))


def is_close(asked: Canonical, closest: Canonical, deleted: str) -> bool:
    """Whether the nearest recorded request is told at all; see `no_match`."""
    return not deleted or _same_place(asked, closest)


def _fields(asked: Canonical, recorded: Canonical, reading: Comparison) -> Iterator[_FieldDifference]:
    parts = (
        ("query", asked.query, recorded.query),
        ("body", asked.body, recorded.body),
        ("header", asked.headers | asked.chosen, recorded.headers | recorded.chosen),
    )
    for part, one, other in parts:
        ours, theirs = canonical.fields_of(one), canonical.fields_of(other)
        for name in dict.fromkeys([*ours, *theirs]):
            a, b = ours.get(name), theirs.get(name)
            if a != b and not (a is not None and b is not None and reading.alike(a, b)):
                live = reading.live(b) if b is not None else None
                meant = reading.meant(a, b) if a is not None and b is not None else None
                yield _FieldDifference(part, name, a, b, live, meant)


def _generated(
    asked: Canonical, recorded: Canonical, reading: Comparison, never: frozenset[str], found: list[_FieldDifference]
) -> list[str]:
    """The fields by which alone two requests differ, where each of them looks as if programs made it up; else none.
    `never` are fields that say where in a list, not what was made up."""
    plain = asked.method == recorded.method and _same_path(asked.path, recorded.path, reading)
    if not plain or len(found) > MADE_UP or not all(_made_up(each, never) for each in found):
        return []
    return sorted({re.sub(r"\[\d+\]", "[]", each.name) for each in found})


def _headers_alone(
    asked: Canonical, recorded: Canonical, reading: Comparison, found: list[_FieldDifference]
) -> list[_FieldDifference]:
    """The headers by which two requests differ, where all else is equal, as under another version of an SDK."""
    choosing = asked.chosen | recorded.chosen
    plain = asked.method == recorded.method and _same_path(asked.path, recorded.path, reading)
    return found if plain and all(each.part == "header" and each.name not in choosing for each in found) else []


def _made_up(found: _FieldDifference, never: frozenset[str]) -> bool:
    values, in_query = (found.ours, found.theirs), found.part == "query"
    return found.part != "header" and guesses.looks_minted(found.name, values, never, in_query=in_query)


def nearest(asked: Canonical, recorded: Iterable[Canonical], reading: Comparison = PLAIN) -> Canonical | None:
    """The recorded request that differs least: the same method and path first, then the fewest fields. Fields are
    compared only of those that are nearest by method and path, and of so many as nobody has to wait for."""
    unlike = {one.key: one for one, _ in zip(recorded, range(SEARCHED), strict=False)}
    near: dict[tuple[bool, int], list[Canonical]] = {}
    path = asked.path.split("/", DEEPEST)
    for one in unlike.values():
        near.setdefault((asked.method != one.method, _apart(path, one.path.split("/", DEEPEST))), []).append(one)
    closest, least, left = None, -1, COMPARED
    ours = _parts(asked)
    for one in near[min(near)] if near else ():
        theirs = _parts(one)
        distance = _distance(ours, theirs, reading) + (not _same_path(asked.path, one.path, reading))
        if closest is None or distance < least:
            closest, least = one, distance
        left -= sum(map(len, ours)) + sum(map(len, theirs))
        if left < 0:
            break
    return closest


def _apart(ours: list[str], theirs: list[str]) -> int:
    return abs(len(ours) - len(theirs)) + sum(a != b for a, b in zip(ours, theirs, strict=False))


def _parts(asked: Canonical) -> tuple[dict[str, str], ...]:
    return tuple(map(canonical.fields_of, (asked.query, asked.body, asked.headers)))


def _distance(ours: tuple[dict[str, str], ...], theirs: tuple[dict[str, str], ...], reading: Comparison) -> int:
    """The fields that differ; of those of query and body that only one of them has each counts twice: another value for
    the same field is nearer than no such field at all."""
    found = 0
    for part, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        apart = {name for name, _ in one.items() ^ other.items()}
        strange = len(one.keys() ^ other.keys())
        found += strange * (1 if part == len(ours) - 1 else 2)
        found += sum(name in one and name in other and not reading.alike(one[name], other[name]) for name in apart)
    return found


def no_match(
    asked: Canonical,
    closest: Canonical | None,
    where: Where,
    reading: Comparison = PLAIN,
    never: frozenset[str] = frozenset(),
    following: Following = NOTHING,
    deleted: str = "",
    played: int = 0,
) -> str:
    """`deleted` is the path of what it asks for, where that was deleted: then only what was asked there is close.
    `played` tells as which answer of this run the closest one was played, where it was and none like it is left."""
    lines = [f"No recorded interaction matches {canonical.describe(asked)}.", f"Cassette: {where}", *_deleted(deleted)]
    remedies = [_to_fix(where, *following.remedies)]
    if closest is not None and is_close(asked, closest, deleted):
        differing = list(_fields(asked, closest, reading))
        found = differences(asked, closest, reading, differing)
        if headers := _headers_alone(asked, closest, reading, differing):
            lines += [
                f"All that differs is {_listed([each.words for each in headers])}: so may each request of this run."
            ]
            names = ", ".join(f'"{each.name}"' for each in headers)
            remedies.append(
                f"Or, if answers do not depend on it, say so under [tool.replayer]: ignore_headers = [{names}]"
            )
        when = f" (already played, as answer {played} of this run)" if played else ""
        lines.append(f"Closest: {canonical.describe(closest)} - {_listed(found) or TAKEN}{when}")
        if fields := _generated(asked, closest, reading, never, differing):
            listed = ", ".join(f'"{name}"' for name in fields)
            remedies.append(f"Or, if that is new in every run, say so under [tool.replayer]: volatile = [{listed}]")
    elif not where.recorded:
        lines.append("The cassette is empty.")
    return "\n".join([*lines, *following.lines, *remedies])


def _same_place(asked: Canonical, recorded: Canonical) -> bool:
    return (asked.method, asked.path) == (recorded.method, recorded.path)


def _deleted(path: str) -> list[str]:
    return (
        [f"{canonical.shortened(path)} was deleted meanwhile, and no such request was recorded after that."]
        if path
        else []
    )


def _to_fix(where: Where, *others: str) -> str:
    return "To fix: " + "; or ".join(each for each in (where.remedy, *others) if each)


def _listed(found: list[str], between: str = "; ") -> str:
    more = f"{between}and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return between.join(found[:SHOWN]) + more


def used_up(asked: Canonical, times: int, where: Where) -> str:
    played = "once" if times == 1 else f"{times} times"
    return (
        f"{canonical.describe(asked)} was recorded {played}, and all of that is played.\n"
        f"Cassette: {where}\n"
        "A write is answered as often as it was recorded; tried again under its Idempotency-Key, again.\n"
        f"To fix: {where.remedy}"
    )


def unknown_state(
    asked: Canonical,
    ahead: list[str],
    behind: list[str],
    where: Where,
    following: Following = NOTHING,
    lenient: str = EARLIER,
    deleted: str = "",
) -> str:
    """`ahead` are the writes that were played and not recorded before it, `behind` those of which it is the other way
    round; of the recorded state that is nearest. `lenient` is what would be served with that, if it would; `deleted` is
    as in `no_match`."""
    apart = [f"recorded before {_listed(ahead, ', ')}, which you have played"] if ahead else []
    apart += [f"recorded after {_listed(behind, ', ')}, which you have not played"] if behind else []
    return "\n".join(
        (
            f"{canonical.describe(asked)} was recorded, but not in this state.",
            f"Cassette: {where}",
            *_deleted(deleted),
            f"Nearest: {'; '.join(apart)}",
            *following.lines,
            _to_fix(where, *following.remedies, lenient),
        )
    )


def continued(asked: Canonical, where: Where) -> str:
    request = canonical.describe(asked)
    return (
        f"{request} was recorded, but the sandbox has changed what it names, and cannot answer it either.\n"
        f"Cassette: {where}\n"
        f"To fix: {where.remedy}"
    )


def stale_alias(asked: Canonical, names: Iterable[str], where: Where) -> str:
    return (
        f"{canonical.describe(asked)} names {_listed(sorted(set(names)), ', ')}, which an earlier recording gave out: "
        "the upstream does not know it, so nothing was sent.\n"
        f"Cassette: {where}\n"
        f"To fix: {where.remedy}; or work where it was recorded last, where .replayer/ knows what its names stand for"
    )


def live_key(asked: Canonical, where: Where) -> str:
    return (
        f"{canonical.describe(asked)} carries a live key, which can move real money: nothing was sent.\n"
        f"Cassette: {where}\n"
        "To fix: use a test key (sk_test_...), or set allow_live if you mean it (REPLAYER_ALLOW_LIVE=1)"
    )


def unmatched(asked: Canonical, where: Where, words: str, *, equal: bool) -> str:
    """`words` are the settings of the user's that decide; `equal` tells that the very same was recorded."""
    why = "Each recorded answer is given once: allow_playback_repeats gives it again." if equal else ""
    return "\n".join(
        filter(
            None,
            (
                f"No recorded request that is left is {canonical.describe(asked)} by {words}.",
                f"Cassette: {where}",
                why,
                _to_fix(where, f"leave {words} out, which compares all of it and answers by state"),
            ),
        )
    )


def left_out(asked: Canonical, where: Where, words: str) -> str:
    return (
        f"{canonical.describe(asked)} is left out of the cassette by {words}, and a replay sends nothing on.\n"
        f"Cassette: {where}\n"
        "To fix: give the program another address than the proxy's for that request, or record it"
    )
