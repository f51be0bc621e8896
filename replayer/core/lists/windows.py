"""Which list a request asks for, and which window of it, by the rule that its API tells lists by."""

import re
from dataclasses import replace

from replayer.core.lists.by_cursor import Window
from replayer.core.matching.canonical import Canonical
from replayer.core.rules.ruleset import Paging

INTEGER = re.compile(r"-?[0-9]{1,18}")


def scope_of(asked: Canonical, paging: Paging) -> Canonical:
    """The list that a request asks for a window of."""
    cursors = (paging.after, paging.before, paging.limit)
    return replace(asked, query={key: value for key, value in asked.query.items() if key not in cursors})


def window_of(asked: Canonical, paging: Paging) -> Window | str:
    """The window that a request asks for; what is wrong with it where the API would refuse it."""
    limit = asked.query.get(paging.limit, str(paging.default))
    after, before = asked.query.get(paging.after), asked.query.get(paging.before)
    if not isinstance(limit, str) or not INTEGER.fullmatch(limit):
        return f"the API refuses the {paging.limit} {limit!r}, and no such refusal was recorded"
    if after is not None and before is not None:
        return f"the API refuses {paging.after} and {paging.before} at once, and no such refusal was recorded"
    for name, cursor in ((paging.after, after), (paging.before, before)):
        if cursor is not None and (not isinstance(cursor, str) or not cursor):
            return f"the API refuses the {name} {cursor!r}, and no such refusal was recorded"
    return Window(min(max(int(limit), paging.least), paging.most), after, before)
