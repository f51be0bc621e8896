"""Test clocks: a time of their own for some customers and all that is theirs. To advance one lets come what is due."""

from typing import Final

from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.listing import CURSORS, listing
from replayer.sandbox.ledger import Ledger, objects
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

LIVES_FOR: Final = 7 * 86_400  # seconds until a clock would be deleted by itself
FARTHEST: Final = 2 * 366 * 86_400  # seconds that it may be advanced by at once
CREATE: Final[kinds.ParamTable] = {"frozen_time": kinds.TIME, "name": kinds.text(300)}
ADVANCE: Final[kinds.ParamTable] = {"frozen_time": kinds.TIME}
LIST: Final = CURSORS


def create(ledger: Ledger, command: Command) -> Wire:
    changes = {
        "id": ledger.mint.id("clock", command.at),
        "created": command.at,
        "deletes_after": command.at + LIVES_FOR,
        "frozen_time": command.params["frozen_time"],
        "name": command.get("name"),
    }
    return ledger.clocks.put(objects.merged(objects.TEST_CLOCK, changes))


def advance(ledger: Ledger, command: Command) -> Wire:
    """It is answered while the clock advances. What comes by that comes behind the answer."""
    clock, target = command.subject, command.params["frozen_time"]
    if not clock["frozen_time"] < target <= clock["frozen_time"] + FARTHEST:
        raise Refused(refusals.CLOCK_GOES_FORWARD)
    ledger.tell("test_helpers.test_clock.advancing", clock)
    details = {"advancing": {"target_frozen_time": target}}
    return ledger.clocks.put(objects.merged(clock, {"status": "advancing", "status_details": details}))


def arrived(ledger: Ledger, clock: Wire) -> None:
    """All that was due by its new time has come."""
    target = clock["status_details"]["advancing"]["target_frozen_time"]
    ledger.tell("test_helpers.test_clock.ready", clock)
    ledger.clocks.put(objects.merged(clock, {"frozen_time": target, "status": "ready", "status_details": {}}))


def delete(ledger: Ledger, command: Command) -> Wire:
    """Its customers go with it."""
    for customer in ledger.customers.every("test_clock", command.subject["id"]):
        ledger.customers.delete(customer["id"])
    return ledger.clocks.delete(command.subject["id"])


def listed(ledger: Ledger, command: Command) -> Wire:
    return listing(ledger.clocks, command, {})
