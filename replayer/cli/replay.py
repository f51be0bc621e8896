"""`replayer replay`: answer from a cassette, and from nowhere else."""

from typing import Any

import click

from replayer.cli import options


@click.command("replay", epilog="\b\nExample:\n  replayer replay --cassette invoices.yaml --port 8080")
@options.cassette
@options.switch(
    "--lenient",
    "Answer in a state that was never recorded: a read with the nearest earlier answer, a write as recorded.",
)
@options.switch("--strict", "Answer only what was recorded as it was asked, nothing that follows from other answers.")
@options.setting(
    "--on-miss",
    "HOW",
    "miss: tell what is missing; sandbox: let the embedded invoice API go on from there.  [default: miss]",
)
@options.setting("--origin", "URL", "Of a cassette of another tool with several hosts the one to play.")
@options.faults
@options.latency
@options.token_file
@options.rules
@options.reached
@options.root
@options.time
@options.volatile
@options.cors
@options.ignore_header
@options.delivered
@options.receipt
@options.inspector
@options.quiet
def command(quiet: bool, **settings: Any) -> int:
    """Answer requests from a cassette, and never from anywhere else.

    A request that the cassette cannot answer gets status 421 and an explanation. Exits with 1 where there was one, or
    where nothing was asked at all.
    """
    from replayer.cli import listening

    return listening.replay(settings, quiet=quiet)
