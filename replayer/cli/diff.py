"""`replayer diff`: two recordings of one API, compared but for the names of ids and times. It changes nothing.

0   both hold the same
1   they differ
2   one of them cannot be read
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayer.cli import options

if TYPE_CHECKING:
    from replayer.cli.diff_report import DiffReport
    from replayer.core.cassette import Cassette
    from replayer.core.rules import Rules


@click.command("diff", epilog="\b\nExample:\n  replayer diff invoices.yaml invoices.new.yaml")
@options.path_argument("first", "CASSETTE")
@options.path_argument("second", "OTHER")
@options.rules
@options.as_json
def command(first: str, second: str, rules: str | None, as_json: bool) -> int:
    """Compare two cassettes, but for the names of ids and times.

    Asks the requests of the first one of the second, and tells each field, status and header that differs, each change
    once, and the requests that only one of them has. Exits with 1 where they differ.
    """
    from replayer.cli import diff_report
    from replayer.cli.output import print_json

    report = compared(first, second, rules)
    if as_json:
        print_json(report.document())
    else:
        diff_report.print_report(report)
    return int(not report.same)


def compared(first: str, second: str, rules: str | None) -> "DiffReport":
    """What differs between two cassettes. CassetteError for one that cannot be read, UsageError where rules differ."""
    from replayer.cassettes import folder
    from replayer.cli import diff_report
    from replayer.cli.progress import progress, waiting
    from replayer.core.drift import drift, recordings

    with waiting("reading"):
        ours, theirs = folder.existing(Path(first)), folder.existing(Path(second))
        known = _rules(rules, ours, first, theirs, second)
    total = len(ours.interactions)
    with progress(total, "requests") as step:
        found = recordings.side_by_side(ours, theirs, known, lambda _: step())
    return diff_report.DiffReport(first, second, found, drift(found.compared, known))


def _rules(chosen: str | None, ours: "Cassette", first: str, theirs: "Cassette", second: str) -> "Rules":
    """The rules of both; UsageError where they were recorded by different ones."""
    from replayer.errors import UsageError
    from replayer.proxy.opening import rules_for
    from replayer.settings import Settings

    settings = Settings.load({"rules": chosen})
    one, other = (
        rules_for(settings, each, Path(name), each.interactions[0].request.origin if each.interactions else "")
        for each, name in ((ours, first), (theirs, second))
    )
    if ours.facts and theirs.facts and one.name != other.name:
        raise UsageError(
            f"{first} was recorded by the rules {one.name!r}, {second} by {other.name!r}: their names tell nothing of "
            "each other. Record one of them again by the rules of the other."
        )
    return other if theirs.facts and not ours.facts else one
