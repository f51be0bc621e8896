"""`replayer record`: pass requests on, and record what is answered."""

from typing import Any

import click

from replayer.cli import options


@click.command(
    "record",
    epilog="\b\nExamples:\n  replayer record --upstream https://api.stripe.com --cassette invoices.yaml\n"
    "  replayer record --upstream sandbox --cassette try.yaml --port 8080",
)
@options.upstreams(
    "The API to record: its origin, or 'sandbox' for the embedded invoice API. May be repeated with --as-proxy."
)
@options.cassette
@options.setting(
    "--record-mode",
    "MODE",
    "all: record everything anew; once: only where there is no cassette yet; new_episodes: only what the cassette "
    "lacks.  [default: all]",
)
@options.setting("--epoch", "ISO", "Where the clock of a new cassette starts.  [default: midnight UTC of today]")
@options.reached
@options.root
@options.rules
@options.setting(
    "--origin", "URL", "The origin to write down instead of the upstream's, when that one only stands in for it."
)
@options.setting("--body-limit", "N", "Bytes of a body that can be recorded.  [default: 8388608]")
@options.trusted
@options.paced
@options.upstream_auth
@options.faults
@options.latency
@options.token_file
@options.switch("--allow-live", "Let live keys through, which can move real money.  [default: refused]")
@options.time
@options.volatile
@options.cors
@options.ignore_header
@options.heard
@options.receipt
@options.inspector
@options.quiet
def command(quiet: bool, **settings: Any) -> int:
    """Pass requests on to an API and record what it answers.

    Prints one line when it is ready, with the address to give to your program. Ctrl-C or SIGTERM ends the session and
    saves the cassette; until then an older cassette stays as it is.
    """
    from replayer.cli import listening

    return listening.record(settings, quiet=quiet)
