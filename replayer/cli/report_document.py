"""What is reported of a suite, as values: its sums, what is wrong, and which gates that fails."""

from dataclasses import dataclass
from typing import Any, Self

from replayer.core.suite import Suite, SuiteFinding, findings

SLOWEST, OLDEST = 10, 10  # tests and cassettes that are listed
SECOND = 1000  # milliseconds


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """A suite, and what was found in it; `fail_on` are the gates that count."""

    suite: Suite
    findings: tuple[SuiteFinding, ...]
    fail_on: tuple[str, ...]

    @classmethod
    def of(cls, suite: Suite, fail_on: tuple[str, ...], max_age: int | None = None) -> Self:
        return cls(suite, tuple(findings(suite, max_age)), fail_on)

    @property
    def failed(self) -> tuple[str, ...]:
        """The gates that were failed."""
        found = {each.gate for each in self.findings}
        return tuple(gate for gate in self.fail_on if gate in found)

    @property
    def totals(self) -> dict[str, int]:
        """The sums over all cassettes, by their names."""
        suite = list(self.suite)
        return {
            "cassettes": len(suite),
            "sessions": sum(each.sessions for each in suite),
            "tests": len(self.suite.tests),
            "recorded": sum(each.recorded for each in suite),
            "played": sum(each.played for each in suite),
            "synthesized": sum(each.synthesized for each in suite),
            "missed": sum(each.missed for each in suite),
            "unused": sum(each.left for each in suite),
            "orphans": len(self.suite.orphans),
        }

    @property
    def slowest(self) -> list[tuple[str, float]]:
        """The slowest tests, and their seconds."""
        return [(test, took / SECOND) for test, took in self.suite.tests[:SLOWEST]]

    @property
    def oldest(self) -> list[tuple[str, int]]:
        """The oldest cassettes, and their ages in seconds."""
        return [(each.cassette, each.age or 0) for each in self.suite.oldest[:OLDEST]]

    @property
    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "failed": list(self.failed),
            "totals": self.totals,
            "cassettes": [
                {
                    "cassette": each.cassette,
                    "modes": sorted(each.modes),
                    "sessions": each.sessions,
                    "recorded": each.recorded,
                    "played": each.played,
                    "synthesized": each.synthesized,
                    "missed": each.missed,
                    "unused": each.left,
                    "seconds": each.milliseconds / SECOND,
                    "age": each.age,
                    "tests": sorted(each.tests),
                    "commands": [list(words) for words in sorted(each.commands)],
                }
                for each in self.suite
            ],
            "findings": [
                {"gate": each.gate, "cassette": each.cassette, "lines": list(each.lines)} for each in self.findings
            ],
            "slowest": [{"test": test, "seconds": seconds} for test, seconds in self.slowest],
            "oldest": [{"cassette": cassette, "age": age} for cassette, age in self.oldest],
        }
