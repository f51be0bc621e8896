"""Events: what happened, newest first. They are only read; what makes them is another room's business."""

from collections.abc import Callable, Hashable
from typing import Final

from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.listing import LISTED, listing
from replayer.sandbox.ledger import Ledger
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

MOST_TYPES: Final = 20
LIST: Final[kinds.ParamTable] = {
    "delivery_success": kinds.BOOLEAN,
    "type": kinds.NAME,
    "types": kinds.array(kinds.NAME, most=MOST_TYPES),
    **LISTED,
}


def check(params: kinds.Params) -> None:
    if "type" in params and "types" in params:
        raise Refused(refusals.TYPE_AND_TYPES)


def listed(ledger: Ledger, command: Command) -> Wire:
    """`type` may end with a star: a group of events. What an endpoint has not taken yet is no success."""
    one, success = command.get("type"), command.get("delivery_success")
    equal: dict[str, Hashable] = {} if one is None or "*" in one else {"type": one}
    tests: list[Callable[[Wire], bool]] = []
    if one is not None and not equal:
        tests.append(lambda row: _in_group(row["type"], one))
    if "types" in command.params:
        tests.append(lambda row: row["type"] in command.params["types"])
    if success is not None:
        tests.append(lambda row: success is (row["pending_webhooks"] == 0))
    return listing(ledger.events, command, equal, lambda row: all(test(row) for test in tests))


def _in_group(name: str, group: str) -> bool:
    head, _, tail = group.partition("*")
    return name.startswith(head) and name.endswith(tail) and len(name) >= len(head) + len(tail)
