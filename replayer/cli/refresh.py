"""`replayer refresh`: cassettes that are too old, or from which the API has drifted, are recorded again.

0   each of them was, or there is none
1   a command failed, or nobody knows the command of one: that cassette is as it was
2   bad usage: a file that is no receipt
"""

from pathlib import Path

import click

from replayer.cli import completion, options
from replayer.cli.report import seconds


@click.command(
    "refresh",
    epilog="\b\nExamples:\n  replayer refresh receipts/*.json --max-age 30d --upstream https://api.stripe.com\n"
    "  replayer refresh receipts/*.json --dry-run",
)
@click.argument("files", metavar="RECEIPT...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--max-age",
    metavar="AGE",
    help="How old any cassette may be, like 30d.  [default: as each test says]",
    shell_complete=completion.of("--max-age", "AGE"),
)
@options.setting("--upstream", "URL", "The API to record, as REPLAYER_UPSTREAM for each command.")
@click.option("--dry-run", is_flag=True, help="Only say what would be run, and why.")
@options.as_json
def command(files: tuple[str, ...], max_age: str | None, upstream: str | None, dry_run: bool, as_json: bool) -> int:
    """Record again what is too old or has drifted.

    A receipt tells how old a cassette was, what `check --receipt` found, and which test or line of `exec` uses it. That
    is run with record mode `all`, and what the API changed is shown as `replayer diff` shows it. A command that fails
    leaves the cassettes as they were. The commands of a receipt are run as they stand there: run those of your own
    suite only.
    """
    from replayer.cli import refreshing
    from replayer.cli.output import print_json
    from replayer.core.suite import Suite
    from replayer.proxy.receipts import read

    suite = Suite.of([read(Path(each)) for each in files])
    due = refreshing.due(suite, seconds(max_age))
    planned = [refreshing.Refreshed(each) for each in due]
    done = planned if dry_run else refreshing.refresh(due, upstream, quiet=as_json)
    if as_json:
        print_json({"cassettes": [each.document for each in done]})
    else:
        refreshing.print_report(done, dry_run=dry_run)
    return int(not dry_run and any(each.has_failed for each in done))
