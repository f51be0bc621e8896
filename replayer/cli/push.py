"""`replayer push`: cassettes into the store, and into the lock.

0   all that was recorded here is in the store and in the lock
1   something was not sent: an audit found something, others changed it, or the store failed; all else was
2   bad usage: no store, or a lock that cannot be read
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from replayer.cli import options

if TYPE_CHECKING:
    from replayer.cassettes.store import Checkout, pushing
    from replayer.core.cassette import Cassette
    from replayer.settings import Settings

VERSION = "version"  # as the headers end that name one: Stripe-Version, X-GitHub-Api-Version


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
    from replayer.cli.progress import counting
    from replayer.settings import Settings

    settings = Settings.load(given)
    checkout = storing.checkout_of(settings)
    remote = open_store(settings.store, makes=True)
    look = auditor(checkout, settings)
    with counting("cassettes") as step:
        ended = pushing.push(checkout, remote, names, look, step, forced=force, drops=drop_missing)
    return storing.report(ended, "pushed", as_json=as_json)


def auditor(checkout: "Checkout", settings: "Settings") -> "Callable[[str], pushing.Looked]":
    """What looks at a cassette before it leaves this machine."""
    from replayer.cassettes import folder
    from replayer.cassettes.store import pushing
    from replayer.cli.audit import found_in
    from replayer.errors import CassetteError, UsageError

    recorded: dict[Any, int] = {}

    def look(name: str) -> "pushing.Looked":
        path = checkout.place(name)
        if path not in recorded:
            here = [checkout.root / each for each in checkout.names()]
            recorded.update(folder.recorded([*here, path], checkout.root, time.time()))
        try:
            cassette, findings = found_in(path, settings)
        except UsageError as error:
            raise CassetteError(str(error)) from None
        wrong = ""
        if findings:
            first = findings[0]
            more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
            wrong = f"an audit found {first.what} in line {first.line}{more}. See 'replayer audit {path}'"
        return pushing.Looked(wrong.rstrip("."), recorded[path], version_of(cassette))

    return look


def version_of(cassette: "Cassette") -> str:
    """The version of the API that a cassette was recorded against, as its first answer or its request says; empty where
    neither does."""
    from replayer.core.rules import registry

    known = {name for rules in registry.RULES.values() for name in rules.matched_headers if name.endswith(VERSION)}
    for interaction in cassette.interactions[:1]:
        for name, value in (*interaction.response.headers, *interaction.request.headers):
            if name.lower() in known:
                return value
    return ""
