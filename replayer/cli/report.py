"""`replayer report`: what came of a whole suite, however many workers ran it.

0   no gate was failed
1   one was, of those that --fail-on names
2   bad usage: a file that is no receipt, a gate that there is not
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayer.cli import completion, options
from replayer.errors import UsageError, unknown

if TYPE_CHECKING:
    from replayer.core.suite import ReceiptFile

FORMATS = ("text", "markdown", "junit")
NOTHING = "none"
BY_DEFAULT = "missed,unsaved"


@click.command(
    "report",
    epilog="\b\nExamples:\n  replayer report receipts/*.json --fail-on missed,unused,orphans\n"
    "  replayer report receipts/*.json --format markdown >> $GITHUB_STEP_SUMMARY",
)
@click.argument("files", metavar="RECEIPT...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--fail-on",
    metavar="GATES",
    default=BY_DEFAULT,
    help="Exit with 1 for these, with commas between them: missed, unused, orphans, drift, age, unsaved; or none.  "
    f"[default: {BY_DEFAULT}]",
    shell_complete=completion.of("--fail-on", "GATES"),
)
@click.option("--max-age", metavar="AGE", help="How old any cassette may be, like 30d.  [default: as each test says]")
@click.option(
    "--cassettes",
    "folders",
    metavar="DIR",
    multiple=True,
    help="A folder whose cassettes some session should have used, besides those that the receipts name; may be "
    "repeated.",
    shell_complete=completion.of("--cassettes", "DIR"),
)
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], help="What is printed.")
@options.setting("--junit", "FILE", "Write it there as JUnit XML, too.")
@options.setting("--markdown", "FILE", "Write it there as Markdown, too.")
@options.setting("--receipt", "FILE", "Write all sessions there as one receipt.")
@options.as_json
def command(
    files: tuple[str, ...],
    fail_on: str,
    max_age: str | None,
    folders: tuple[str, ...],
    form: str,
    junit: str | None,
    markdown: str | None,
    receipt: str | None,
    as_json: bool,
) -> int:
    """Add up receipts, and say what is wrong with a suite.

    What no shard used is unused; what one of them used is not. The report is the same in whatever order the receipts
    are given, and whatever parts the suite was run in. See 'replayer help receipts'.
    """
    from replayer.cli import report_text
    from replayer.cli.output import print_json
    from replayer.cli.report_document import SuiteReport
    from replayer.core.suite import Suite
    from replayer.proxy.receipts import read

    if as_json and form != FORMATS[0]:
        raise UsageError("--json and --format are two ways to print it: leave one of them out.")
    receipts = [*(read(Path(each)) for each in files), *_present(folders)]
    report = SuiteReport.of(Suite.of(receipts), gates(fail_on), seconds(max_age))
    written = {"text": report_text.text, "markdown": report_text.markdown, "junit": report_text.junit}
    for path, how in ((junit, "junit"), (markdown, "markdown")):
        if path:
            Path(path).write_text(written[how](report), "utf-8")
    if receipt:
        _join(receipt, receipts)
    print_json(report.document) if as_json else click.echo(written[form](report), nl=False)
    return int(bool(report.failed))


def gates(names: str) -> tuple[str, ...]:
    """The gates that a text names; UsageError for what is none."""
    from replayer.core.suite import GATES

    named = [name.strip() for name in names.split(",") if name.strip()]
    if named == [NOTHING]:
        return ()
    for name in named:
        if name not in GATES:
            raise unknown(name, "gate", [*GATES, NOTHING])
    return tuple(gate for gate in GATES if gate in named)


def seconds(max_age: str | None) -> int | None:
    """An age like 30d in seconds; UsageError for what is none."""
    from replayer.settings import Settings

    return Settings.load({"max_age": max_age}, environment={}).longest_age if max_age else None


def _present(folders: tuple[str, ...]) -> "list[ReceiptFile]":
    """What lies in those folders, as a receipt without sessions."""
    from replayer.core.suite import ReceiptFile
    from replayer.proxy.receipts import names_below

    for each in folders:
        if not Path(each).is_dir():
            raise UsageError(f"{each} is no folder. Give one that cassettes lie in: --cassettes DIR.")
    return [ReceiptFile("", present=tuple(names_below(Path(each)))) for each in folders]


def _join(path: str, receipts: "list[ReceiptFile]") -> None:
    from replayer.proxy.receipts import write

    write(Path(path), receipts)
