"""`replayer export`: a cassette as a file of another tool. Nothing is overwritten.

0   it is written
2   it cannot be read, or not be written there
"""

from typing import Any

import click

from replayer.cli.output import check_stdout, counted, print_json

FORMATS = ("vcrpy", "har", "wiremock")


@click.command(
    "export",
    epilog="\b\nExamples:\n  replayer export cassettes/life.yaml --to har --out life.har\n"
    "  replayer export cassettes/life.yaml --to wiremock --out mappings/life.json",
)
@click.argument("path", metavar="CASSETTE")
@click.option("--to", "to", metavar="FORMAT", type=click.Choice(FORMATS), required=True, help="vcrpy, har or wiremock.")
@click.option("--out", metavar="FILE", required=True, help="Where to write it; a file that is there stays.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a line.")
def command(path: str, to: str, out: str, as_json: bool) -> int:
    """Write a cassette as a file of another tool.

    Plain vcrpy, HAR 1.2 or WireMock mappings.

    Names and times are those of the cassette. What Replayer knows of causes, pages and ids does not go along, nor do
    webhooks: the other tool answers as it always does.
    """
    from pathlib import Path

    from replayer import __version__
    from replayer.cassettes import folder, formats

    check_stdout()
    cassette = folder.existing(Path(path))
    folder.create(Path(out), formats.written(cassette, to, __version__))
    count = len(cassette.interactions)
    done: dict[str, Any] = {"cassette": path, "format": to, "file": out, "interactions": count}
    if as_json:
        print_json(done)
    else:
        click.echo(f"{out}: {to}, {counted(count, 'interaction')}")
        if cassette.deliveries:
            click.echo(
                f"{counted(len(cassette.deliveries), 'webhook')} did not go along: no other tool has a place for them"
            )
    return 0
