"""Drift: what an API answers differently now. Differences in many answers that are one change are one finding.

Times that a cassette holds as they really were, because the rule that names them came after it was recorded, are no
change of the API. A real time differs from the virtual one by as much as the two clocks did, so there is nothing to
compare; what is as far off in the same answer goes with it.

recorded   synced 12:48:35   due 12:48:35 + 30 days     both 12:48:34 ahead of the virtual clock
live       synced 00:00:01   due 00:00:01 + 30 days
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from replayer.core.drift.differences import Difference, DifferenceKind, blank, differences, fields
from replayer.core.drift.renaming import later_times
from replayer.core.matching import Canonical, canonical
from replayer.core.message import Response, instants
from replayer.core.rules import Rules
from replayer.core.secrets import masking

SIMILAR = 0.6  # how alike two names are, where nothing but null or false stands under both
TELLING, PLAIN, FAINT = 3, 2, 1  # how much it tells that two values are equal
Place = tuple[int, str]
"""The number of an answer, and an object in it."""
Fields = dict[str, dict[Place, Any]]
"""Of fields that are gone, or new, in objects of one kind: by name, the value in each of the objects."""
ROUNDING = 1  # seconds by which two readings of one clock can be apart


@dataclass(frozen=True, slots=True)
class Compared:
    """One question with its recorded answer and the live one, both in cassette space. `number` counts from 1, as the
    cassette does."""

    number: int
    asked: Canonical
    recorded: Response
    live: Response

    def __str__(self) -> str:
        return f"#{self.number} {canonical.describe(self.asked)}"


@dataclass(frozen=True, slots=True)
class ShownAt:
    """One place at which a change shows: the number of the interaction, what it asks, where in its answer, and the two
    values there, as those of a Change are."""

    number: int
    request: str
    place: str
    recorded: Any
    live: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an API, and in how many answers it shows. `recorded` and `live` are JSON values, MISSING where
    there is none; of a renamed field they are its names. `example` is the first request whose answer shows it, and
    `places` are all of them. What may be a credential is masked."""

    kind: DifferenceKind
    where: str
    field: str
    recorded: Any
    live: Any
    count: int
    example: str
    places: tuple[ShownAt, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A difference and the answer that it was seen in."""

    of: Compared
    difference: Difference


def drift(compared: Iterable[Compared], rules: Rules) -> list[Change]:
    """All that differs between the recorded answers and the live ones, in the order in which it shows first."""
    answers = list(compared)
    later, shown_then = later_times(rules), shown_by_clock(one.recorded for one in answers)
    seen = [
        Sighting(one, difference)
        for one in answers
        for difference in kept_apart([*differences(one.asked, one.recorded, one.live, rules)], later, shown_then)
    ]
    return _found(_renamed(seen, answers))


def _found(seen: list[Sighting]) -> list[Change]:
    groups: dict[tuple[object, ...], list[Sighting]] = {}
    for one in seen:
        groups.setdefault(_key(one.difference), []).append(one)
    return [_finding(group) for group in groups.values()]


def _key(difference: Difference) -> tuple[object, ...]:
    """What differences have in common that are one finding. Each pair of statuses is a change of its own."""
    kind, location = difference.kind, difference.location
    shown = (difference.recorded, difference.live) if kind is DifferenceKind.STATUS else ()
    return (kind, location.where, location.field, *shown)


def _finding(group: list[Sighting]) -> Change:
    first, location = group[0].difference, group[0].difference.location
    places = tuple(map(_shown, group))
    count, example = len({one.number for one in places}), masking.shown_text(str(group[0].of))
    recorded, live = places[0].recorded, places[0].live
    return Change(first.kind, location.where, location.field, recorded, live, count, example, places)


def _shown(one: Sighting) -> ShownAt:
    difference, asked = one.difference, masking.shown_text(canonical.describe(one.of.asked))
    key = "" if difference.kind is DifferenceKind.RENAMED else difference.location.key
    sides = masking.shown(difference.recorded, key), masking.shown(difference.live, key)
    return ShownAt(one.of.number, asked, difference.location.place, *sides)


def _renamed(seen: list[Sighting], answers: list[Compared]) -> list[Sighting]:
    """Instead of a field that is gone and one that is new with its value, wherever either is: one that is renamed."""
    gone, new = _by_parent(seen, DifferenceKind.GONE), _by_parent(seen, DifferenceKind.NEW)
    if not gone.keys() & new.keys():
        return seen
    _leave_out(gone, {field for one in answers for field in fields(one.asked, one.live)})
    _leave_out(new, {field for one in answers for field in fields(one.asked, one.recorded)})
    names = {parent: _pairs(fields, new[parent]) for parent, fields in gone.items() if parent in new}
    aliases = {
        (value, new[parent][name][place])
        for parent, pairs in names.items()
        for old, name in pairs.items()
        for place, value in gone[parent][old].items()
        if isinstance(value, str) and isinstance(new[parent][name][place], str)
    }
    found = [_told(one, names.get(_parent(one.difference), {})) for one in seen]
    return [one for one in found if one is not None and not _is_alias(one.difference, aliases)]


def _leave_out(found: dict[tuple[str, str], Fields], still: set[tuple[str, str]]) -> None:
    """What some objects of its kind have on the other side all the same is not renamed."""
    for (where, parent), names in found.items():
        for name in [name for name in names if (where, parent + name) in still]:
            del names[name]


def _told(one: Sighting, names: dict[str, str]) -> Sighting | None:
    """A difference as it is told where these fields are renamed; None for the one that repeats it."""
    difference, key = one.difference, one.difference.location.key
    if difference.kind is DifferenceKind.GONE and key in names:
        return Sighting(one.of, Difference(DifferenceKind.RENAMED, difference.location, key, names[key]))
    return None if difference.kind is DifferenceKind.NEW and key in names.values() else one


def _is_alias(difference: Difference, aliases: set[tuple[str, str]]) -> bool:
    """Whether an object has another name only because it stands first in a field that was renamed."""
    return difference.kind is DifferenceKind.OBJECT and (difference.recorded, difference.live) in aliases


def _parent(difference: Difference) -> tuple[str, str]:
    """The kind of object that a field belongs to."""
    location = difference.location
    return location.where, location.field.removesuffix(location.key)


def _by_parent(seen: list[Sighting], kind: DifferenceKind) -> dict[tuple[str, str], Fields]:
    found: dict[tuple[str, str], Fields] = {}
    for one in seen:
        difference = one.difference
        if difference.kind is kind:
            location, value = (
                difference.location,
                difference.live if kind is DifferenceKind.NEW else difference.recorded,
            )
            place = (one.of.number, location.place.removesuffix(location.key))
            found.setdefault(_parent(difference), {}).setdefault(location.key, {})[place] = value
    return found


def _pairs(gone: Fields, new: Fields) -> dict[str, str]:
    """Which field became which: first by the names that are alike, then by the values alone. Where two could be it,
    none is."""
    alone = len(gone) == len(new) == 1
    likeness = {(old, name): _likeness_everywhere(gone[old], new[name]) for old in gone for name in new}
    similar = [pair for pair, rating in likeness.items() if rating and _similar(*pair)]
    surely = [pair for pair, rating in likeness.items() if rating >= (PLAIN if alone else TELLING)]
    found: dict[str, str] = {}
    for pool in (similar, [*similar, *surely]):
        free = {pair for pair in pool if pair[0] not in found and pair[1] not in found.values()}
        olds, names = Counter(old for old, _ in free), Counter(name for _, name in free)
        found |= {old: name for old, name in free if olds[old] == names[name] == 1}
    return found


def _similar(old: str, new: str) -> bool:
    return old in new or new in old or SequenceMatcher(None, old, new).ratio() >= SIMILAR


def _likeness_everywhere(gone: dict[Place, Any], added: dict[Place, Any]) -> int:
    """How alike their values are in all objects that show either; 0 where any are not."""
    if gone.keys() != added.keys():
        return 0
    likeness = [_likeness(value, added[place]) for place, value in gone.items()]
    return 0 if 0 in likeness else max(likeness)


def _likeness(old: Any, new: Any) -> int:
    """Whether two values are one: false and 1 tell little, null and nothing less; ids and times have other names
    elsewhere."""
    if type(old) is type(new) and old == new:
        if old is None or old in ([], {}):
            return FAINT
        return PLAIN if old in (False, True, 0, 1, "") else TELLING
    if isinstance(old, str) and isinstance(new, str) and blank(old) == blank(new):
        return FAINT
    times = [instants.read_any(str(value), quoted=isinstance(value, str)) for value in (old, new)]
    return FAINT if type(old) is type(new) and all(times) else 0


def shown_by_clock(recorded: Iterable[Response]) -> range:
    """The seconds that the virtual clock of some recorded answers showed; empty where they have no dates."""
    dates = [date.seconds for one in recorded if (date := instants.read_http_date(one.header("date") or ""))]
    return range(min(dates), max(dates) + 1) if dates else range(0)


def kept_apart(found: list[Difference], later: frozenset[str], shown: range) -> list[Difference]:
    """The differences of one answer, those of them told apart that only come from a rule that the recording had not."""
    moved = {id(one): _moved(one) for one in found if one.kind is DifferenceKind.TIME and one.location.key in later}
    clocks = [recorded - live for recorded, live in moved.values() if live in shown and recorded not in shown]
    return [
        replace(one, kind=DifferenceKind.UNNAMED)
        if id(one) in moved and any(abs(moved[id(one)][0] - moved[id(one)][1] - clock) <= ROUNDING for clock in clocks)
        else one
        for one in found
    ]


def _moved(difference: Difference) -> tuple[int, int]:
    """The two times, in seconds since 1970."""
    recorded, live = (
        instants.read_any(str(value), quoted=isinstance(value, str)) for value in (difference.recorded, difference.live)
    )
    return (recorded.seconds if recorded else 0), (live.seconds if live else 0)
