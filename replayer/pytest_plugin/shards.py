"""`--replayer-shard-dir`: where a shard of a suite writes its cassettes, so that others may write theirs meanwhile."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from replayer.settings import Settings

# What CI systems call the number of a parallel job: GitLab, CircleCI, Buildkite, an indexed job of Kubernetes.
NUMBERS = ("CI_NODE_INDEX", "CIRCLE_NODE_INDEX", "BUILDKITE_PARALLEL_JOB", "JOB_COMPLETION_INDEX")
ALONE = "main"  # the shard of who says no name
IN_A_STORE = "://"  # of a root: nothing is recorded there
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class ShardFolder:
    """The folder of one shard; in it each cassette lies where it would lie below the `root` of the project."""

    root: Path
    folder: Path

    @classmethod
    def of(cls, config: pytest.Config) -> "ShardFolder | None":
        """That of this process; None where cassettes are written beside the tests."""
        given = config.getoption("replayer_shard_dir")
        if not given:
            return None
        worker = getattr(config, "workerinput", {}).get("workerid", "")
        name = shard_name(config.getoption("replayer_shard") or "", worker, os.environ)
        return cls(config.rootpath, config.invocation_params.dir / given / name)

    def placed(self, settings: "Settings") -> "Settings":
        """The settings of a session: one that would record does so in this folder, over a copy of what there is. What
        is only replayed, or lies outside of the project, stays where it is."""
        from replayer.pytest_plugin import names

        place = Path(settings.root).absolute()
        settings = _by_age(settings, place / settings.cassette)
        if (
            IN_A_STORE in settings.root
            or not place.is_relative_to(self.root)
            or place.is_relative_to(self.folder)
            or not names.would_record(settings)
        ):
            return settings
        there = self.folder / place.relative_to(self.root)
        old, new = place / settings.cassette, there / settings.cassette
        if old.is_file() and not new.exists():
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(old, new)
        return replace(settings, root=str(there))

    def home(self, cassette: Path) -> Path:
        """Where a cassette of this folder belongs once it is merged."""
        if cassette.is_relative_to(self.folder):
            return self.root / cassette.relative_to(self.folder)
        return cassette


def _by_age(settings: "Settings", cassette: Path) -> "Settings":
    """The settings of a session whose cassette may be so old that it is recorded anew: the copy of it is young."""
    from replayer.settings import words

    if not settings.max_age or settings.on_expiry != words.RECORD:
        return settings
    from replayer.proxy import expiry

    return expiry.applied(settings, cassette, "")[0]


def shard_name(given: str, worker: str, environment: Mapping[str, str]) -> str:
    """The name of a shard: the one that was given or the number of the job, and the worker of pytest-xdist."""
    job = given or next((environment[name] for name in NUMBERS if environment.get(name)), "")
    return "-".join(filter(None, (job, worker))) or ALONE


def check(config: pytest.Config) -> None:
    """Refuse a wrong name now, not at each test."""
    name = config.getoption("replayer_shard") or ""
    if name and not NAME.fullmatch(name):
        raise pytest.UsageError(f"{name!r} can be no folder's name. Use one like 3 or linux-3: --replayer-shard NAME.")
    if name and not config.getoption("replayer_shard_dir"):
        raise pytest.UsageError("A shard has a name for its folder. Add --replayer-shard-dir DIR.")
