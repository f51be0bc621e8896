"""All sessions of one run of tests: those of our fixtures, and those that tests begin themselves. Each miss of theirs
is told once, to the test that was running.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from replayer import Replayer
    from replayer.core.session import Receipt, verdicts
    from replayer.proxy.receipts import FiledReceipt
    from replayer.pytest_plugin.shards import ShardFolder
    from replayer.settings import Settings


@dataclass(slots=True, eq=False)
class Use:
    """One session, and the tests that used it. `broke` tells that one of these failed, `aborted` that it was ended from
    outside, `reported` how many of its misses a test was failed for; `judged` is it by what came of each test, if it
    has no other."""

    replayer: "Replayer"
    tests: set[str] = field(default_factory=set)
    judged: bool = False
    broke: bool = False
    aborted: bool = False
    reported: int = 0

    @property
    def pending(self) -> int:
        """How many misses no test was failed for yet."""
        return self.replayer.receipt.missed - self.reported

    def new_misses(self) -> "list[verdicts.Refuse]":
        """The misses since this was last asked."""
        new = self.replayer.misses[self.reported :]
        self.reported += len(new)
        return new if self.replayer.settings.fail_on_miss else []


@dataclass(slots=True)
class Attendance:
    """The sessions of this run. `total` is the sum of their receipts, None as long as none of a fixture has ended;
    `unsaved` counts recordings that did not become a cassette. `running` is the test that runs, `times` are how long
    those took that have run, in milliseconds. `filed` are receipts for a file, each with the tests that used it.
    `shard` is where cassettes are written, if not beside the tests."""

    uses: list[Use] = field(default_factory=list)
    running: str = ""
    times: dict[str, int] = field(default_factory=dict)
    filed: "list[tuple[FiledReceipt, set[str]]]" = field(default_factory=list)
    shard: "ShardFolder | None" = None
    total: "Receipt | None" = None
    unsaved: int = 0

    def placed(self, settings: "Settings") -> "Settings":
        """The settings of a session, by where this shard writes its cassettes."""
        return settings if self.shard is None else self.shard.placed(settings)

    def begun(self, replayer: "Replayer") -> None:
        """A session has begun, whoever began it."""
        self.uses.append(Use(replayer, {self.running} - {""}))

    def ended(self, replayer: "Replayer") -> None:
        """A session is over, and its receipt is there, if it is to be in a file."""
        if replayer.filed is not None:
            self.filed.append((replayer.filed, self.use_of(replayer).tests))

    def took(self, test: str, used: "list[Replayer]", seconds: float) -> None:
        """A test was run, took so long, and used these."""
        self.times[test] = max(self.times.get(test, 0), round(seconds * 1000))
        for use in self.uses:
            if use.replayer in used:
                use.tests.add(test)

    def use_of(self, replayer: "Replayer") -> Use:
        return next(use for use in self.uses if use.replayer is replayer)

    def new_misses(self) -> "list[verdicts.Refuse]":
        """What was missed since this was last asked. A session that is over is let go: it holds its whole cassette."""
        found = [miss for use in self.uses for miss in use.new_misses()]
        self.uses = [use for use in self.uses if not use.replayer.is_over]
        return found

    def broken_by(self, replayers: "list[Replayer]", error: BaseException) -> None:
        """A test failed that used these: what it recorded replaces no older recording."""
        aborted = isinstance(error, KeyboardInterrupt | SystemExit | pytest.exit.Exception)
        for use in self.uses:
            if use.replayer in replayers:
                use.broke, use.aborted = True, use.aborted or aborted

    def add(self, receipt: "Receipt", unsaved: int = 0) -> None:
        """A session ended, here or in a worker of pytest-xdist."""
        self.total = receipt if self.total is None else self.total + receipt
        self.unsaved += unsaved


ATTENDANCE = pytest.StashKey[Attendance]()
