"""`replayer push`: cassettes into the store, and into the lock.

0   all that was recorded here is in the store and in the lock
1   something was not sent: an audit found something, others changed it, or the store failed; all else was
2   bad usage: no store, or a lock that cannot be read
"""

from typing import Any

import click

from replayer.cli import options


@click.command(
    "push", epilog="\b\nExamples:\n  replayer push --root cassettes --store s3://bucket/prefix\n  replayer push"
)
@options.stored
@options.rules
@click.option("--force", is_flag=True, help="Send what is here, also over what others pushed since.")
@click.option("--drop-missing", is_flag=True, help="Take out of the lock what is here no more.")
@options.as_json
def command(names: tuple[str, ...], force: bool, drop_missing: bool, as_json: bool, **given: Any) -> int:
    """Put cassettes into a store, and into cassettes.lock.

    Sends what is new or recorded anew, under the root or below the names that are given, and writes the lock beside the
    root, which belongs into git. What an audit refuses, or others have changed since, is not sent, is named, and the
    exit code is 1.
    """
    from replayer.cassettes.store import open_store, pushing
    from replayer.cli import storing
    from replayer.cli.auditing import Auditor
    from replayer.cli.progress import counting
    from replayer.settings import Settings

    settings = Settings.load(given)
    checkout = storing.checkout_of(settings)
    remote = open_store(settings.store, makes=True)
    with counting("cassettes") as step, Auditor(checkout, settings) as auditor:
        ended = pushing.push(checkout, remote, names, auditor.look, step, forced=force, drops=drop_missing)
    return storing.report(ended, "pushed", as_json=as_json)
