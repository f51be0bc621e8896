"""`replayer learn`: proposals for rules, as TOML. They are printed and nothing else: who pastes them has decided.

0   there are proposals, or there is nothing to propose
2   nothing could be compared
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replayer.cli import options
from replayer.cli.output import say
from replayer.errors import UsageError

if TYPE_CHECKING:
    from replayer.cli.live import LiveApi
    from replayer.core.cassette import Cassette
    from replayer.core.drift import Compared
    from replayer.proxy.round import Round

APART = 1.1  # seconds between two equal requests: what counts seconds must have counted
LEFT = (
    "they show what the round before left there; learn from an upstream that forgets, as 'sandbox' does, "
    "or without --allow-writes"
)


@click.command("learn", epilog="\b\nExample:\n  replayer learn invoices.yaml --upstream https://api.stripe.com")
@options.one_cassette
@options.live_upstream
@options.writes
@options.live_keys
@options.upstream_auth
@options.rules
@options.trusted
@options.timeout
def command(path: str, allow_writes: bool, **settings: Any) -> int:
    """Propose rules for what an API answers differently each time.

    Plays the recorded requests twice and looks at what differs between the two answers and is no id or time yet. Prints
    TOML to read and to paste into pyproject.toml. Exits with 2 where nothing could be compared.
    """
    import asyncio

    from replayer.cassettes import folder
    from replayer.cli.live import LiveApi
    from replayer.cli.rules_toml import in_force, toml
    from replayer.core.drift import proposals
    from replayer.proxy.thread import loop_factory

    live = LiveApi.of(settings, [path], allow_writes=allow_writes)
    cassette = folder.existing(Path(path))
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        first, second = runner.run(_rounds(path, cassette, live))
    left = second.shows_of(first)
    pairs = _pairs(first, second, leave_out={each.number for each in left})
    _say_what_was_left_out(second, left, live)
    if not pairs:
        raise UsageError(f"Nothing of {path} was compared, so nothing can be proposed.")
    proposed = proposals.proposals(pairs, first.rules)
    if not any(each.rule for each in proposed):
        say(f"nothing to propose: {len(pairs)} answers compared")
    for line in toml(proposed, in_force(live.settings, cassette, first.rules)):
        click.echo(line)
    return 0


async def _rounds(name: str, cassette: "Cassette", live: "LiveApi") -> tuple["Round", "Round"]:
    import asyncio

    from replayer.cli.progress import progress_of_requests

    path = Path(name)
    with progress_of_requests([name, name]) as step:
        began = time.monotonic()
        first = await live.round(cassette, path, step(name))
        await asyncio.sleep(max(0.0, began + APART - time.monotonic()))
        return first, await live.round(cassette, path, step(name))


def _pairs(first: "Round", second: "Round", *, leave_out: set[int]) -> "list[Compared]":
    """The two live answers to each request that was answered twice."""
    from replayer.core.drift import Compared

    live = {each.number: each.live for each in first.compared if each.number not in leave_out}
    return [
        Compared(each.number, each.asked, live[each.number], each.live)
        for each in second.compared
        if each.number in live
    ]


def _say_what_was_left_out(played: "Round", left: "list[Compared]", live: "LiveApi") -> None:
    """Which requests were not played, and which answers show what the round before had made."""
    from replayer.cli.drift_report import SHOWN, not_compared
    from replayer.core.secrets import masking

    for reason in dict.fromkeys(each.reason for each in played.skipped):
        number = sum(each.reason == reason for each in played.skipped)
        say(f"not played, {number}: {not_compared(reason, live)}")
    if left:
        say(f"not used, {len(left)}: {LEFT}")
        for each in left[:SHOWN]:
            say(f"not used: {masking.shown_text(str(each))}")
