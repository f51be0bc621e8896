"""The sum of receipts, cassette by cassette."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Self

from replayer.core.suite.ranges import Ranges, count, missing, united
from replayer.core.suite.receipt_file import ReceiptFile
from replayer.core.suite.session_receipt import Drifted, Missed, SessionReceipt


@dataclass(frozen=True, slots=True)
class CassetteVersion:
    """One content of a cassette, of which those numbers were used; `asked` is what others ask, as far as anybody said
    so."""

    interactions: int
    used: Ranges
    asked: Mapping[int, str] = field(default_factory=dict)

    @property
    def unused(self) -> Iterator[tuple[int, str]]:
        """What nobody used: numbers, and what they ask."""
        return ((number, self.asked.get(number, "")) for number in missing(self.used, self.interactions))

    @property
    def left(self) -> int:
        """How many nobody used."""
        return self.interactions - count(self.used)

    @classmethod
    def sum(cls, parts: "Iterable[CassetteVersion]") -> Self:
        every = list(parts)
        asked = dict[int, str]()
        for number, text in chain.from_iterable(each.asked.items() for each in every):
            asked[number] = max(asked.get(number, ""), text)
        most = max(each.interactions for each in every)
        used = united(chain.from_iterable(each.used for each in every))
        left = set(missing(used, most)) if asked else set[int]()
        return cls(most, used, {number: text for number, text in asked.items() if number in left})


@dataclass(frozen=True, slots=True)
class CassetteSum:
    """What became of one cassette in all sessions. `uses` are those of the `sessions` that used it; `tests` are the
    longest times of each test in milliseconds, `age` is the greatest, `max_age` the least."""

    cassette: str
    sessions: int
    uses: int
    modes: frozenset[str]
    recorded: int
    played: int
    synthesized: int
    missed: int
    misses: Mapping[Missed, int]
    versions: Mapping[str, CassetteVersion]
    tests: Mapping[str, int]
    milliseconds: int
    age: int | None
    max_age: int | None
    unsaved: frozenset[str]
    drift: frozenset[Drifted]
    commands: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, one: SessionReceipt) -> Self:
        """That of one session."""
        version = CassetteVersion.sum([CassetteVersion(one.interactions, one.used, dict(one.unused))])
        return cls(
            cassette=one.cassette,
            sessions=1,
            uses=int(one.is_use),
            modes=frozenset({one.mode}),
            recorded=one.recorded,
            played=one.played,
            synthesized=one.synthesized,
            missed=one.missed,
            misses=Counter(one.misses),
            versions={one.digest: version} if one.digest else {},
            tests=dict(one.tests),
            milliseconds=one.milliseconds,
            age=one.age,
            max_age=one.max_age,
            unsaved=frozenset(filter(None, [one.unsaved])),
            drift=frozenset(one.drift),
            commands=frozenset(filter(None, [one.command])),
        )

    @classmethod
    def sum(cls, parts: "Iterable[CassetteSum]") -> "CassetteSum":
        """That of all these, which are of one cassette."""
        every = list(parts)
        if len(every) == 1:
            return every[0]
        misses = Counter[Missed]()
        versions = dict[str, list[CassetteVersion]]()
        for each in every:
            misses.update(each.misses)
            for digest, version in each.versions.items():
                versions.setdefault(digest, []).append(version)
        return cls(
            cassette=every[0].cassette,
            sessions=sum(each.sessions for each in every),
            uses=sum(each.uses for each in every),
            modes=frozenset().union(*(each.modes for each in every)),
            recorded=sum(each.recorded for each in every),
            played=sum(each.played for each in every),
            synthesized=sum(each.synthesized for each in every),
            missed=sum(each.missed for each in every),
            misses=misses,
            versions={digest: CassetteVersion.sum(several) for digest, several in versions.items()},
            tests=_longest([each.tests for each in every]),
            milliseconds=sum(each.milliseconds for each in every),
            age=max((each.age for each in every if each.age is not None), default=None),
            max_age=min((each.max_age for each in every if each.max_age is not None), default=None),
            unsaved=frozenset().union(*(each.unsaved for each in every)),
            drift=frozenset().union(*(each.drift for each in every)),
            commands=frozenset().union(*(each.commands for each in every)),
        )

    @property
    def unused(self) -> list[tuple[int, str]]:
        """What nobody used: numbers, and what they ask."""
        return sorted({pair for version in self.versions.values() for pair in version.unused})

    @property
    def left(self) -> int:
        """How many interactions nobody used."""
        return sum(version.left for version in self.versions.values())

    def within(self, max_age: int | None) -> "CassetteSum":
        """The same, which may be no older than that either."""
        ages = [age for age in (self.max_age, max_age) if age is not None]
        return replace(self, max_age=min(ages, default=None))

    @property
    def is_too_old(self) -> bool:
        """Whether it is older than was allowed."""
        return self.age is not None and self.max_age is not None and self.age > self.max_age


def _longest(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found = dict[str, int]()
    for test, took in chain.from_iterable(each.items() for each in several):
        found[test] = max(found.get(test, 0), took)
    return found


@dataclass(frozen=True, slots=True)
class Suite:
    """All sessions of a suite by their cassettes, and the cassettes that there are."""

    cassettes: Mapping[str, CassetteSum] = field(default_factory=dict)
    present: frozenset[str] = frozenset()

    @classmethod
    def of(cls, files: Iterable[ReceiptFile]) -> Self:
        """The sum of these receipts."""
        sums, present = list[CassetteSum](), set[str]()
        for file in files:
            sums += map(CassetteSum.of, file.sessions)
            present.update(file.present)
        return cls(_by_cassette(sums), frozenset(present))

    def __add__(self, other: "Suite") -> "Suite":
        """What both are together."""
        together = _by_cassette([*self.cassettes.values(), *other.cassettes.values()])
        return Suite(together, self.present | other.present)

    def __iter__(self) -> Iterator[CassetteSum]:
        """Its cassettes in the order of their names."""
        return (self.cassettes[name] for name in sorted(self.cassettes))

    @property
    def orphans(self) -> list[str]:
        """The cassettes that there are and that no session used."""
        return sorted(name for name in self.present if name not in self.cassettes or not self.cassettes[name].uses)

    @property
    def tests(self) -> list[tuple[str, int]]:
        """The tests that used a cassette, and their times in milliseconds: the slowest first."""
        found = _longest(each.tests for each in self.cassettes.values())
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))

    @property
    def oldest(self) -> list[CassetteSum]:
        """The cassettes whose age is known, the oldest first."""
        known = [each for each in self.cassettes.values() if each.age is not None]
        return sorted(known, key=lambda each: (-(each.age or 0), each.cassette))


def _by_cassette(sums: Iterable[CassetteSum]) -> dict[str, CassetteSum]:
    grouped = dict[str, list[CassetteSum]]()
    for each in sums:
        grouped.setdefault(each.cassette, []).append(each)
    return {name: CassetteSum.sum(parts) for name, parts in grouped.items()}
