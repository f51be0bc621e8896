"""Audits, printed: a line for each finding, or one for a cassette that is clean. A folder is all the cassettes in it.

0   all are clean
1   something was found
2   a cassette cannot be read; the others are audited even so
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from replayer.cassettes import folder
from replayer.cli.output import counted, printable, say
from replayer.core.audit import audit as audited
from replayer.errors import ReplayerError
from replayer.proxy.opening import rules_for
from replayer.settings import Settings


@dataclass(frozen=True, slots=True)
class Audited:
    """What is printed of a cassette; `error` says why it was not audited."""

    lines: Sequence[str] = ()
    code: int = 0
    error: str = ""

    @property
    def exit_code(self) -> int:
        return 2 if self.error else self.code


def audit(names: Iterable[str], options: Mapping[str, Any]) -> int:
    settings = Settings.load(options)
    paths, audits = [], []
    for name in names:
        try:
            paths += folder.named(Path(name), journals=True)
        except ReplayerError as error:
            audits.append(Audited(error=str(error)))
    with progress(len(paths)) as step:
        for path in paths:
            audits.append(_audit(path, settings))
            step()
    for one in audits:
        for line in one.lines:
            click.echo(line)
        if one.error:
            say(one.error)
    return max(one.exit_code for one in audits)


def _audit(path: Path, settings: Settings) -> Audited:
    try:
        cassette = folder.existing(path)
        origin = cassette.interactions[0].request.origin if cassette.interactions else ""
        findings = audited(cassette, path.read_text("utf-8", "replace"), rules_for(settings, cassette, path, origin))
    except ReplayerError as error:
        return Audited(error=str(error))
    if findings:
        return Audited([f"{path}: {printable(str(finding))} [{finding.kind.value}]" for finding in findings], code=1)
    ids = "" if cassette.facts else ", looked through for secrets only: another tool wrote it"
    return Audited([f"{path}: clean ({counted(len(cassette.interactions), 'interaction')}{ids})"])


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr while it lasts, where there are several cassettes and that is a terminal. What is found comes
    after it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = total > 1 and sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not shown) as bar:
        task = bar.add_task("cassettes", total=total)
        yield lambda: bar.advance(task)
