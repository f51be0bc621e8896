"""What `replayer refresh` has to record again, the commands that do it, and what came of each cassette."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from replayer.cli import diff_report
from replayer.cli.diff import compared
from replayer.cli.output import counted, say
from replayer.core.suite import Suite, findings
from replayer.errors import ReplayerError

WHY = ("drift", "age")  # the gates that recording again answers
OURS = ("pytest", "replayer")  # what a receipt remembers begins with: they are modules of the Python that runs this
MOST_WORDS = 200  # of one run of pytest: no system takes a line without end
Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueCassette:
    """A cassette that is to be recorded again, why, and by which command; that is empty where nobody knows it."""

    cassette: str
    why: tuple[str, ...]
    command: Command


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of it. `code` is that of its command, None where none was run; `change` tells what is another one now,
    None where nothing is."""

    of: DueCassette
    code: int | None = None
    change: diff_report.DiffReport | None = None
    error: str = ""

    @property
    def has_failed(self) -> bool:
        return self.code != 0 or bool(self.error)

    @property
    def word(self) -> str:
        """What came of it, in a word or two."""
        if self.code is None:
            return "to be recorded again" if self.of.command else "no command is known"
        if self.code:
            return f"left as it was: the command ended with {self.code}"
        return self.error or ("unchanged" if self.change is None else "changed")

    @property
    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "cassette": self.of.cassette,
            "why": list(self.of.why),
            "command": list(self.of.command),
            "exit_code": self.code,
            "result": self.word,
            "diff": self.change.document() if self.change else None,
        }


def due(suite: Suite, max_age: int | None) -> list[DueCassette]:
    """What is to be recorded again, by name: what has drifted, and what is older than it may be, or than `max_age`
    seconds. The shortest of the commands that use it does."""
    why: dict[str, list[str]] = {}
    for finding in findings(suite, max_age):
        if finding.gate in WHY:
            why.setdefault(finding.cassette, []).extend(finding.lines)
    shortest = {each.cassette: min(each.commands, key=lambda words: (len(words), words), default=()) for each in suite}
    return [DueCassette(name, tuple(lines), shortest[name]) for name, lines in sorted(why.items())]


def runs(several: Sequence[DueCassette]) -> Iterator[tuple[Command, list[DueCassette]]]:
    """The commands to run, each once, and what they record again. Tests of pytest are run together."""
    by_command: dict[Command, list[DueCassette]] = {}
    for each in several:
        if each.command:
            by_command.setdefault(each.command, []).append(each)
    tests = [words for words in by_command if words[0] == "pytest"]
    for words in by_command.keys() - set(tests):
        yield words, by_command[words]
    together: list[str] = []
    recorded: list[DueCassette] = []
    for words in tests:
        if together and len(together) + len(words) > MOST_WORDS:
            yield ("pytest", *together), recorded
            together, recorded = [], []
        together += [word for word in words[1:] if word not in together]
        recorded += by_command[words]
    if together:
        yield ("pytest", *together), recorded


def refresh(several: Sequence[DueCassette], upstream: str | None, *, quiet: bool) -> list[Refreshed]:
    """Record these again; `upstream` is the API, where the settings do not say it. What the commands print goes to
    stderr, or nowhere."""
    done = [Refreshed(each) for each in several if not each.command]
    environment = os.environ | {"REPLAYER_RECORD_MODE": "all"} | ({"REPLAYER_UPSTREAM": upstream} if upstream else {})
    for words, recorded in runs(several):
        say(f"runs {shlex.join(words)}")
        with TemporaryDirectory(prefix="replayer-") as folder:
            before = _kept(recorded, Path(folder))
            code = _code(words, environment, quiet=quiet)
            done += [_came_of(each, code, before.get(each.cassette)) for each in recorded]
    return sorted(done, key=lambda one: one.of.cassette)


def _code(words: Command, environment: dict[str, str], *, quiet: bool) -> int:
    begin = [sys.executable, "-m", words[0]] if words[0] in OURS else [words[0]]
    to = subprocess.DEVNULL if quiet else sys.stderr
    try:
        done = subprocess.run(  # noqa: S603 - what the receipt remembers is what was asked for
            [*begin, *words[1:]], env=environment, stdout=to, stderr=to, check=False
        )
    except OSError as error:
        say(f"{words[0]} cannot be run: {error.strerror}.")
        return 127
    return done.returncode


def _kept(recorded: Iterable[DueCassette], folder: Path) -> dict[str, Path]:
    """Copies of what there is before it is recorded again, by the names of the cassettes."""
    kept = {}
    for number, each in enumerate(recorded):
        if Path(each.cassette).is_file():
            kept[each.cassette] = folder / f"{number}.yaml"
            kept[each.cassette].write_bytes(Path(each.cassette).read_bytes())
    return kept


def _came_of(each: DueCassette, code: int, before: Path | None) -> Refreshed:
    path = Path(each.cassette)
    if code or before is None or not path.is_file():
        missing = "" if code or path.is_file() else "there is no such cassette below this folder"
        return Refreshed(each, code, error=missing)
    if path.read_bytes() == before.read_bytes():
        return Refreshed(each, code)
    try:
        return Refreshed(each, code, compared(str(before), each.cassette, None))
    except ReplayerError as error:
        return Refreshed(each, code, error=f"changed, and cannot be compared: {error}")


def print_report(done: Sequence[Refreshed], *, dry_run: bool) -> None:
    """Each cassette with why and what came of it, and what changed in those that did."""
    for each in done:
        click.echo(f"{each.of.cassette}: {each.word}")
        for line in each.of.why:
            click.echo(f"  because {line}")
        if dry_run and each.of.command:
            click.echo(f"  by {shlex.join(each.of.command)}")
        if each.change is not None:
            diff_report.print_report(each.change)
    if not done:
        click.echo("Nothing is too old, and nothing has drifted, as far as these receipts know.")
    elif not dry_run:
        changed = sum(each.change is not None for each in done)
        failed = sum(each.has_failed for each in done)
        click.echo(f"{counted(len(done), 'cassette')}: {changed} changed, {failed} failed")
