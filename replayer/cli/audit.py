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
from replayer.cli.output import counted, print_json, printable, say
from replayer.errors import ReplayerError

if TYPE_CHECKING:
    from replayer.core.cassette import Cassette
    from replayer.core.secrets import Finding
    from replayer.settings import Settings


@click.command("audit", epilog="\b\nExample:\n  replayer audit cassettes")
@options.cassettes
@options.rules
@options.as_json
def command(paths: tuple[str, ...], as_json: bool, **settings: Any) -> int:
    """Look for secrets and real ids in cassettes.

    A folder is all the cassettes in it. Names the line and the kind of each, never the value. Exits with 1 where there
    is one, with 2 where a cassette cannot be read.
    """
    audited = audit(paths, settings)
    for each in audited:
        for line in each.lines if not as_json else ():
            click.echo(line)
        if each.error:
            say(each.error)
    if as_json:
        clean = all(each.exit_code == 0 for each in audited)
        print_json({"cassettes": [each.document() for each in audited], "clean": clean})
    return max(each.exit_code for each in audited)


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found in one cassette; `error` says why it was not audited. Of one of another tool, where `ours` is
    false, only secrets are looked for."""

    name: str
    interactions: int = 0
    findings: "Sequence[Finding]" = ()
    ours: bool = True
    error: str = ""

    @property
    def exit_code(self) -> int:
        return 2 if self.error else int(bool(self.findings))

    @property
    def lines(self) -> list[str]:
        """What is printed of it."""
        if self.error or self.findings:
            return [f"{self.name}: {printable(str(each))} [{each.kind.value}]" for each in self.findings]
        ids = "" if self.ours else ", looked through for secrets only: another tool wrote it"
        return [f"{self.name}: clean ({counted(self.interactions, 'interaction')}{ids})"]

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        if self.error:
            return {"cassette": self.name, "error": self.error}
        findings = [
            {"kind": each.kind.value, "line": each.line, "message": str(each), "remedy": each.kind.remedy}
            for each in self.findings
        ]
        return {
            "cassette": self.name,
            "interactions": self.interactions,
            "ours": self.ours,
            "findings": findings,
        }


def audit(names: Iterable[str], options: Mapping[str, Any]) -> list[Audited]:
    """What came of each cassette, and of each name that is none."""
    from replayer.cassettes import folder
    from replayer.cli.progress import progress
    from replayer.settings import Settings

    settings = Settings.load(options)
    paths: list[Path] = []
    audited = []
    for name in names:
        try:
            paths += folder.named(Path(name), journals=True)
        except ReplayerError as error:
            audited.append(Audited(name, error=str(error)))
    with progress(len(paths)) as step:
        for path in paths:
            audited.append(_audit(path, settings))
            step()
    return audited


def _audit(path: Path, settings: "Settings") -> Audited:
    try:
        cassette, findings = found_in(path, settings)
    except ReplayerError as error:
        return Audited(str(path), error=str(error))
    return Audited(str(path), len(cassette.interactions), findings, cassette.facts is not None)


def found_in(path: Path, settings: "Settings") -> "tuple[Cassette, Sequence[Finding]]":
    """A cassette, and what is found in it; UsageError and CassetteError where it cannot be audited."""
    from replayer.cassettes import folder
    from replayer.core.audit import audit as findings_in
    from replayer.proxy.opening import rules_for

    cassette = folder.existing(path)
    origin = cassette.interactions[0].request.origin if cassette.interactions else ""
    rules = rules_for(settings, cassette, path, origin)
    return cassette, findings_in(cassette, path.read_text("utf-8", "replace"), rules)
