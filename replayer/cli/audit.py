"""`replayer audit`: a line for each finding, or one for a cassette that is clean. A folder is all the cassettes in it.

0   all are clean
1   something was found
2   a cassette cannot be read; the others are audited even so
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replayer.cli import options
from replayer.cli.output import counted, printable, say
from replayer.errors import ReplayerError

if TYPE_CHECKING:
    from replayer.settings import Settings


@click.command("audit", epilog="\b\nExample:\n  replayer audit cassettes")
@options.cassettes
@options.rules
def command(paths: tuple[str, ...], **settings: Any) -> int:
    """Look for secrets and real ids in cassettes.

    A folder is all the cassettes in it. Names the line and the kind of each, never the value. Exits with 1 where there
    is one, with 2 where a cassette cannot be read.
    """
    audited = audit(paths, settings)
    for each in audited:
        for line in each.lines:
            click.echo(line)
        if each.error:
            say(each.error)
    return max(each.exit_code for each in audited)


@dataclass(frozen=True, slots=True)
class Audited:
    """What is printed of a cassette; `error` says why it was not audited."""

    lines: Sequence[str] = ()
    code: int = 0
    error: str = ""

    @property
    def exit_code(self) -> int:
        return 2 if self.error else self.code


def audit(names: Iterable[str], options: Mapping[str, Any]) -> list[Audited]:
    """What came of each cassette, and of each name that is none."""
    from replayer.cassettes import folder
    from replayer.cli.console import progress
    from replayer.settings import Settings

    settings = Settings.load(options)
    paths: list[Path] = []
    audited = []
    for name in names:
        try:
            paths += folder.named(Path(name), journals=True)
        except ReplayerError as error:
            audited.append(Audited(error=str(error)))
    with progress(len(paths)) as step:
        for path in paths:
            audited.append(_audit(path, settings))
            step()
    return audited


def _audit(path: Path, settings: "Settings") -> Audited:
    from replayer.cassettes import folder
    from replayer.core.audit import audit as findings_in
    from replayer.proxy.opening import rules_for

    try:
        cassette = folder.existing(path)
        origin = cassette.interactions[0].request.origin if cassette.interactions else ""
        rules = rules_for(settings, cassette, path, origin)
        findings = findings_in(cassette, path.read_text("utf-8", "replace"), rules)
    except ReplayerError as error:
        return Audited(error=str(error))
    if findings:
        return Audited([f"{path}: {printable(str(finding))} [{finding.kind.value}]" for finding in findings], code=1)
    ids = "" if cassette.facts else ", looked through for secrets only: another tool wrote it"
    return Audited([f"{path}: clean ({counted(len(cassette.interactions), 'interaction')}{ids})"])
