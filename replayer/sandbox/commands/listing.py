"""What all list operations share: the cursors, the creation range, and the order in which a wrong one is refused."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Final

from replayer.sandbox.ledger.paging import DEFAULT_LIMIT, LEAST, MOST, Collection, Query, clamped, envelope, seconds
from replayer.sandbox.ledger.switches import DEFAULTS, Switches
from replayer.sandbox.wire.params import INTEGER, NAME, RANGE, Kind, refuse
from replayer.sandbox.wire.refusals import BOTH_CURSORS, Refused, no_such
from replayer.sandbox.wire.values import Command, Wire

CURSORS: Final[Mapping[str, Kind]] = {"limit": INTEGER, "starting_after": NAME, "ending_before": NAME}
LISTED: Final[Mapping[str, Kind]] = {"created": RANGE, **CURSORS}


def listing(
    collection: Collection,
    command: Command,
    equal: Mapping[str, Hashable],
    keep: Callable[[Wire], bool] | None = None,
    switches: Switches = DEFAULTS,
) -> Wire:
    """One page. `equal` holds the filters that an index answers, `keep` is what no index does.

    A cursor need not pass the filters, unless a switch says so: a walk over drafts goes on after the draft that it
    finalized.
    """
    low, high = seconds(command.get("created", {}))
    query = Query(equal, low, high, keep, limit(command, switches))
    scoped = switches["strict_cursor_scope"] == "yes"

    def known(name: str) -> bool:
        return collection.places(name) and (not scoped or collection.matches(name, query))

    after, before = cursors(command, known, collection.kind)
    rows, has_more = collection.page(replace(query, after=after, before=before))
    return envelope(rows, has_more, command.path)


def limit(command: Command, switches: Switches = DEFAULTS) -> int:
    number: int = command.get("limit", DEFAULT_LIMIT)
    if switches["limit_out_of_range"] == "refused" and number != clamped(number):
        least = number < LEAST
        message = f"This value must be {'greater' if least else 'less'} than or equal to {LEAST if least else MOST}."
        raise refuse(message, "limit", "parameter_invalid_integer")
    return clamped(number)


def cursors(command: Command, known: Callable[[str], bool], kind: str) -> tuple[str | None, str | None]:
    """Both cursors. An unknown one is refused first, then their coming together."""
    for param in ("starting_after", "ending_before"):
        name = command.get(param)
        if name is not None and not known(name):
            raise Refused(no_such(kind, name, param))
    after, before = command.get("starting_after"), command.get("ending_before")
    if after is not None and before is not None:
        raise Refused(BOTH_CURSORS)
    return after, before


def given(command: Command, *names: str) -> dict[str, Hashable]:
    """Those of the filters that the request has."""
    return {name: command.params[name] for name in names if name in command.params}
