"""What comes by itself as time passes: drafts are finalized, invoices collected, each in its own second.

Each is a step of its own: what it changes is told as what a request changes, but that no request is named.
"""

from replayer.sandbox import events
from replayer.sandbox.commands import clocks, collecting
from replayer.sandbox.ledger import Ledger


def pass_time(ledger: Ledger, version: str, until: int) -> int:
    """Let come what was to come by that second; how many steps that were."""
    count = 0
    while (second := _step(ledger, None, until)) is not None:
        _end(ledger, version, second)
        count += 1
    return count


def advance_clocks(ledger: Ledger, version: str, now: int) -> None:
    """Bring the test clocks that were told to advance to where they go. Their events are told in this second."""
    for clock in ledger.clocks.every("status", "advancing") if ledger.clocks else ():
        while _step(ledger, clock["id"], clock["status_details"]["advancing"]["target_frozen_time"]) is not None:
            _end(ledger, version, now)
        clocks.arrived(ledger, clock)
        _end(ledger, version, now)


def _step(ledger: Ledger, clock: str | None, until: int) -> int | None:
    """Do what comes next on that clock, if that is by then; in which second it came."""
    planned = ledger.planned(clock)
    if planned is None or planned[0] > until:
        return None
    at, invoice = planned
    collecting.move_on(ledger, invoice, at)
    return at


def _end(ledger: Ledger, version: str, at: int) -> None:
    events.occur(ledger, events.Caller(version), at)
    ledger.undo.settle()
