"""What all list operations share: the cursors, the creation range, and the order in which a wrong one is refused."""

from collections.abc import Callable, Hashable, Mapping
from typing import Final

from replayer.sandbox.paging import DEFAULT_LIMIT, Collection, Query, clamped, envelope, seconds
from replayer.sandbox.params import INTEGER, NAME, RANGE, Kind
from replayer.sandbox.refusals import BOTH_CURSORS, Refused, no_such
from replayer.sandbox.values import Command, Wire

CURSORS: Final[Mapping[str, Kind]] = {"limit": INTEGER, "starting_after": NAME, "ending_before": NAME}
LISTED: Final[Mapping[str, Kind]] = {"created": RANGE, **CURSORS}


def listing(
    collection: Collection,
    command: Command,
    equal: Mapping[str, Hashable],
    keep: Callable[[Wire], bool] | None = None,
) -> Wire:
    """One page. `equal` holds the filters that an index answers, `keep` is what no index does.

    A cursor need not pass the filters: a walk over drafts goes on after the draft that it finalized.
    """
    after, before = cursors(command, lambda name: collection.get(name) is not None, collection.kind)
    low, high = seconds(command.get("created", {}))
    limit = clamped(command.get("limit", DEFAULT_LIMIT))
    rows, has_more = collection.page(Query(equal, low, high, keep, limit, after, before))
    return envelope(rows, has_more, command.path)


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
