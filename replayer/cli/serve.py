"""`replayer serve`: many sessions in one program, opened and ejected by the control API."""

from typing import Any

import click

from replayer.cli import completion, options


@click.command(
    "serve",
    epilog="\b\nExamples:\n  replayer serve --cassettes tests/cassettes --token-file token --port 8100\n"
    "  replayer serve --cassettes tests/cassettes --upstream https://api.stripe.com --idle 600",
)
@click.option(
    "--cassettes",
    "root",
    metavar="DIR",
    help="The folder that cassettes live in.  [default: --root]",
    shell_complete=completion.of("--cassettes", "DIR"),
)
@options.setting("--upstream", "URL", "The API that all sessions record.  [default: each session may name its own]")
@options.setting("--record-mode", "MODE", "The mode of a session that is opened without one.  [default: once]")
@options.token_file
@options.port
@click.option(
    "--idle",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="Eject a session in which nothing was done for so long.  [default: never]",
)
@options.rules
@options.paced
@options.trusted
@options.upstream_auth
@options.switch("--allow-live", "Let live keys through, which can move real money.  [default: refused]")
@options.heard
@options.receipt
@options.inspector
@options.quiet
def command(idle: float | None, quiet: bool, **settings: Any) -> int:
    """Serve many sessions, each with a port and a cassette of its own.

    Programs open and eject them by HTTP calls, with the token that is written to --token-file, or printed on stderr.
    Ctrl-C or SIGTERM ejects all that are open. Exits with 1 where a session missed something, or was not saved.
    """
    from replayer.cli import listening

    return listening.serve(settings, idle=idle, quiet=quiet)
