"""Times that a cassette holds as they really were, because the rule that names them came after it was recorded.

A real time differs from the virtual one by as much as the two clocks did, so there is nothing to compare; and it is no
change of the API. It is told as what it is, and only where that is plain: the live answer says "now" in virtual time,
and the recorded one something that the session's clock never showed. What is as far off in the same answer goes with
it.

recorded   synced 12:48:35   due 12:48:35 + 30 days     both 12:48:34 ahead of the virtual clock
live       synced 00:00:01   due 00:00:01 + 30 days
"""

from collections.abc import Iterable
from dataclasses import replace

from replayer.core.drift.differences import Difference, Kind
from replayer.core.message.instants import read_any, read_http_date
from replayer.core.message.interaction import Response, header
from replayer.core.rules.registry import RULES, Rules

ROUNDING = 1  # seconds by which two readings of one clock can be apart


def later_times(rules: Rules) -> frozenset[str]:
    """The names of times that extend a set of rules: a cassette does not tell whether they did when it was recorded."""
    return rules.times - RULES[rules.name].times


def shown_by_clock(recorded: Iterable[Response]) -> range:
    """The seconds that the virtual clock of some recorded answers showed; empty where they have no dates."""
    dates = [date.seconds for one in recorded if (date := read_http_date(header(one.headers, "date") or ""))]
    return range(min(dates), max(dates) + 1) if dates else range(0)


def told_apart(found: list[Difference], later: frozenset[str], shown: range) -> list[Difference]:
    """The differences of one answer, those of them told apart that only come from a rule that the recording had not."""
    moved = {id(one): _moved(one) for one in found if one.kind is Kind.TIME and one.spot.key in later}
    clocks = [recorded - live for recorded, live in moved.values() if live in shown and recorded not in shown]
    return [
        replace(one, kind=Kind.UNNAMED)
        if id(one) in moved and any(abs(moved[id(one)][0] - moved[id(one)][1] - clock) <= ROUNDING for clock in clocks)
        else one
        for one in found
    ]


def _moved(difference: Difference) -> tuple[int, int]:
    """The two times, in seconds since 1970."""
    recorded, live = (
        read_any(str(value), quoted=isinstance(value, str)) for value in (difference.recorded, difference.live)
    )
    return (recorded.seconds if recorded else 0), (live.seconds if live else 0)
