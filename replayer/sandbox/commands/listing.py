"""What all list operations share: the cursors, the creation range, and the order in which a wrong one is refused."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Final

from replayer.sandbox.commands.command import Command
from replayer.sandbox.ledger import paging, switches
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

CURSORS: Final[kinds.ParamTable] = {
    "limit": kinds.INTEGER,
    "starting_after": kinds.NAME,
    "ending_before": kinds.NAME,
}
LISTED: Final[kinds.ParamTable] = {"created": kinds.RANGE, **CURSORS}


def listing(
    collection: paging.Collection,
    command: Command,
    equal: Mapping[str, Hashable],
    keep: Callable[[Wire], bool] | None = None,
    switches: switches.Switches = switches.DEFAULTS,
) -> Wire:
    """One page. `equal` holds the filters that an index answers, `keep` is what no index does.

    A cursor need not pass the filters, unless a switch says so: a walk over drafts goes on after the draft that it
    finalized.
    """
    low, high = paging.seconds(command.get("created", {}))
    query = paging.PageQuery(equal, low, high, keep, limit(command, switches))
    scoped = switches["strict_cursor_scope"] == "yes"

    def has_place(name: str) -> bool:
        return collection.places(name) and (not scoped or collection.matches(name, query))

    after, before = cursors(command, has_place, collection.kind)
    rows, has_more = collection.page(replace(query, after=after, before=before))
    return paging.envelope(rows, has_more, command.path)


def limit(command: Command, switches: switches.Switches = switches.DEFAULTS) -> int:
    number: int = command.get("limit", paging.DEFAULT_LIMIT)
    if switches["limit_out_of_range"] == "refused" and number != paging.clamped(number):
        side, bound = ("greater", paging.LEAST) if number < paging.LEAST else ("less", paging.MOST)
        message = f"This value must be {side} than or equal to {bound}."
        raise refusals.invalid(message, "limit", "parameter_invalid_integer")
    return paging.clamped(number)


def cursors(command: Command, has_place: Callable[[str], bool], kind: str) -> tuple[str | None, str | None]:
    """Both cursors. An unknown one is refused first, then their coming together."""
    for param in ("starting_after", "ending_before"):
        name = command.get(param)
        if name is not None and not has_place(name):
            raise Refused(refusals.no_such(kind, name, param))
    after, before = command.get("starting_after"), command.get("ending_before")
    if after is not None and before is not None:
        raise Refused(refusals.BOTH_CURSORS)
    return after, before


def filters(command: Command, *names: str) -> dict[str, Hashable]:
    """Those of the filters that the request has."""
    return {name: command.params[name] for name in names if name in command.params}
