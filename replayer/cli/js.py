"""`replayer js`: the module for JavaScript, as it stands in this package."""

import click


@click.command("js", epilog="\b\nExample:\n  replayer js > replayer.mjs")
def command() -> None:
    """Print the module with which JavaScript opens sessions.

    Of 'replayer serve', whose page in the manual shows its use. One file for Node, Deno and the runners of browsers'
    tests, without dependencies.
    """
    from importlib.resources import files

    click.echo(files("replayer.client").joinpath("replayer.mjs").read_text("utf-8"), nl=False)
