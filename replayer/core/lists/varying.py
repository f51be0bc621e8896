"""The headers of a list's pages. One that is the same on all that were recorded is so on any other; one that varies is
read as a member of the envelope is, or left out where it says nothing of the page.

X-Api-Version: 7      the same on all                       told
X-First-Id: 105       105, 110, 115                         a leaf: known where it follows, else a miss names it
X-Request-Cost: 12    12, 9, 12; or two for one request     left out
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from replayer.core.lists.envelope import OF_ONE_ANSWER, in_headers, passes, says_of_page
from replayer.core.lists.meanings import Taken
from replayer.core.message.wire import Headers
from replayer.core.rules.ruleset import Positional

KEPT = OF_ONE_ANSWER | {"date"}  # a time of the cassette's own clock, which every answer has


def varied(pages: Sequence[Taken], style: Positional) -> tuple[frozenset[str], frozenset[str]]:
    """The headers that may tell of the page, and those that differ all the same; by their names in lower case."""
    by_name = [_by_name(taken.envelope.headers) for taken in pages]
    names = dict.fromkeys(name for told in by_name for name in told if name not in KEPT)
    found = frozenset(name for name in names if len({told.get(name) for told in by_name}) > 1)
    dropped = frozenset(
        name
        for name in found
        if not says_of_page(name, style) and (passes(name, style) or _changes_by_itself(name, pages))
    )
    return found - dropped, dropped


def _by_name(headers: Headers) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        found[name.lower()] = (*found.get(name.lower(), ()), value)
    return found


def _changes_by_itself(name: str, pages: Iterable[Taken]) -> bool:
    """Whether two equal requests were told it otherwise."""
    seen: dict[str, tuple[str, ...] | None] = {}
    told = ((taken.entry.asked.digest, _by_name(taken.envelope.headers).get(name)) for taken in pages)
    return any(seen.setdefault(digest, value) != value for digest, value in told)


def sorted_out(taken: Taken, moving: frozenset[str], dropped: frozenset[str], style: Positional) -> Taken:
    """A page, with the headers that may tell of it among its leaves, and without the others."""
    wanted = moving - dropped
    more = in_headers(taken.envelope.headers, lambda name: name in wanted and not says_of_page(name, style))
    leaves = {**taken.envelope.leaves, **{leaf.path: leaf for leaf in more}}
    return replace(taken, envelope=replace(taken.envelope, leaves=leaves, dropped=dropped))
