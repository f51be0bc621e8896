"""`replayer import`: files of other tools become cassettes, named and scrubbed as a recording is. None is overwritten.

0   all was carried over
1   something was not, and is named
2   a file cannot be read, or its cassette be written; the others are imported even so
"""

from typing import Any

import click

from replayer.cli import options
from replayer.cli.output import check_stdout, print_json, say


@click.command(
    "import",
    epilog="\b\nExamples:\n  replayer import spec/cassettes --out cassettes\n"
    "  replayer import wiremock --out cassettes --origin https://api.example.com",
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--out", metavar="DIR", required=True, help="The folder for the cassettes; nothing in it is overwritten.")
@options.setting(
    "--origin",
    "URL",
    "The API that they are of: for files that do not say it; of files with several hosts, the one to carry over.",
)
@options.rules
@options.setting(
    "--epoch", "ISO", "Where the clock of a file starts that has no times.  [default: midnight UTC of today]"
)
@options.setting("--body-limit", "N", "Bytes of a body that can be carried over.  [default: 8388608]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a text.")
def command(paths: tuple[str, ...], out: str, as_json: bool, **settings: Any) -> int:
    """Make cassettes of what other tools recorded.

    Reads Ruby VCR, vcrpy, betamax, go-vcr, HAR, Polly.js, nock, WireMock, Hoverfly and the Azure test-proxy. A folder
    is all such files in it. What cannot be carried over is named; then it exits with 1. It exits with 2 where a file
    cannot be read.
    """
    from replayer.cli import import_report, importing

    check_stdout()
    outcomes = importing.import_all(paths, out, settings)
    for each in outcomes:
        if each.error:
            say(each.error)
    if as_json:
        print_json(import_report.document(outcomes))
    else:
        for line in import_report.lines(outcomes):
            click.echo(line)
    return max((each.code for each in outcomes), default=0)
