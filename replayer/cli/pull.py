"""`replayer pull`: the cassettes that the lock names, from the store.

0   all are here; what was recorded anew here, and not pushed, stays and is named
1   something is not: the store lacks it or has it damaged, or it changed here and in the lock; all else is
2   bad usage: no lock, or no store where one is needed
"""

from typing import Any

import click

from replayer.cli import options


@click.command("pull", epilog="\b\nExamples:\n  replayer pull\n  replayer pull payments --store s3://bucket/prefix")
@options.stored
@click.option("--force", is_flag=True, help="Bring what the lock says, also over what was recorded anew here.")
@options.as_json
def command(names: tuple[str, ...], force: bool, as_json: bool, **given: Any) -> int:
    """Fetch the cassettes that cassettes.lock names.

    Each has the digest that the lock says, or it does not come. What was fetched once is in a cache: it is not fetched
    again, and needs no network. What was recorded anew here, and not pushed, is never written over without --force.
    """
    from replayer.cassettes.store import open_store, pulling
    from replayer.cli import storing
    from replayer.cli.progress import counting
    from replayer.settings import Settings

    settings = Settings.load(given)
    checkout = storing.checkout_of(settings)
    with counting("cassettes") as step:
        ended = pulling.pull(checkout, lambda: open_store(settings.store), names, step, forced=force)
    return storing.report(ended, "pulled", as_json=as_json)
