"""`replayer inspect`: what is in a cassette, or in the journal of a recording. It changes nothing."""

from pathlib import Path

import click


@click.command(
    "inspect",
    epilog="\b\nExamples:\n  replayer inspect cassettes/life.yaml\n  replayer inspect cassettes/life.yaml --causes",
)
@click.argument("path", metavar="CASSETTE")
@click.option("--causes", is_flag=True, help="Show what each write touches, and which writes each read had behind it.")
def command(path: str, causes: bool) -> int:
    """Show what is in a cassette, or in the journal of a recording."""
    from rich.text import Text

    from replayer.cassettes import folder
    from replayer.cli import inspect_tables
    from replayer.cli.console import console
    from replayer.cli.output import size

    file = Path(path)
    cassette = folder.existing(file)
    printed = console()
    printed.print(Text(f"{path}, {size(file.stat().st_size)}"))
    for part in inspect_tables.parts(cassette, file, causes=causes):
        printed.print(part)
    return 0
