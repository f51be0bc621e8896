"""The tables of a cassette as plain values, for the next time that it is opened: one column for each thing that is
known, one row for each interaction. What does not fit is not believed: then the cassette is read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any

from replayer.core.cassette import Cassette
from replayer.core.matching import canonical
from replayer.core.matching.entry import Entry, Interactions
from replayer.core.matching.stamps import Stamp, is_read
from replayer.core.matching.tables import Tables
from replayer.core.matching.writes import Needs
from replayer.core.rules import Rules

WRONG = (KeyError, TypeError, ValueError, IndexError, AttributeError)
NOT_EVEN = frozenset[str]()
TRIED = 8  # interactions, from all over the file, of which it is tried whether they are what was kept


def key_of(rules: Rules) -> str:
    """What tells these rules from all others: a table depends on all of them."""
    return blake2b(repr(_plain(rules)).encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    """A value of rules, in the same words in each process."""
    if isinstance(value, re.Pattern):
        return value.pattern, value.flags
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if is_dataclass(value):
        return type(value).__name__, *((one.name, _plain(getattr(value, one.name))) for one in fields(value))
    return value


def taken(tables: Tables) -> dict[str, Any]:
    """All that is known, as JSON has it. What is asked is kept so in the tables, too, from now on."""
    entries = tables.entries
    asked = [canonical.kept(entry.asked) for entry in entries]
    keys = {entry.order: one.key for entry in entries if (one := entry.asked).chosen}
    states: dict[Stamp, int] = {}
    of_reads = {entry.order: stamp for (_, stamp), several in tables.reads.items() for entry in several}
    stamped = [of_reads[entry.order] if entry.reads else tables.state[entry.order] for entry in entries]
    writes = [entry for entry in entries if not entry.reads]
    spelled = sorted(tables.spelled.items(), key=lambda pair: pair[1])
    columns = {
        "asked": asked,
        "digests": [entry.digest for entry in entries],
        "keys": keys,
        "turns": [entry.identity[1:] for entry in entries] if _any_turns(entries) else [],
        "under": {entry.order: entry.key for entry in entries if entry.key is not None},
        "writes": [entry.order for entry in writes],
        "statuses": [entry.status for entry in entries],
        "dates": [entry.date for entry in entries],
        "states": [states.setdefault(stamp, len(states)) for stamp in stamped],
        "stamps": list(states),
        "spelled": [[order for _, order in spelled], [words.hex() for words, _ in spelled]],
        "resources": [list(tables.resources), list(tables.resources.values())],
        "touched": [sorted(entry.touched) for entry in writes],
        "shows": [entry.shows for entry in writes],
        "changed": [sorted(tables.changed[entry.order]) for entry in writes],
        "shown": [tables.shown[entry.order] for entry in writes],
        "later": {order: {since: sorted(names) for since, names in later.items()}
                  for order, later in tables.later.items()},
        "needs": {digest: [needs.resources, needs.less] for digest, needs in tables.needs.items()},
        "counting": {digest: sorted(names) for digest, names in tables.counting.items()},
        "choosing": tables.choosing,
        "length": tables.length,
        "longest": tables.longest,
    }  # fmt: skip
    tables.source.pack(asked)
    return columns


def _any_turns(entries: Iterable[Entry]) -> bool:
    return any(entry.identity[1] or entry.identity[2] for entry in entries)


def restored(cassette: Cassette, kept: Any, rules: Rules) -> Tables | None:
    """The tables that were kept; None where there are none, or they are not of this cassette."""
    if kept is None:
        return None
    try:
        tables = _restored(cassette, kept)
        return tables if _fits(tables, rules, ours=cassette.facts is not None) else None
    except WRONG:
        return None


def _restored(cassette: Cassette, kept: Mapping[str, Any]) -> Tables:
    count = len(cassette.interactions)
    asked, digests, statuses, dates = (kept[name] for name in ("asked", "digests", "statuses", "dates"))
    turns = kept["turns"] or [(0, 0)] * count
    if {len(each) for each in (asked, digests, statuses, dates, turns, kept["states"])} != {count}:
        raise ValueError("of another cassette")
    if sorted({order for order in kept["writes"] if 0 <= order < count}) != kept["writes"]:
        raise ValueError("of another cassette")
    keys, under = _by_order(kept["keys"]), _by_order(kept["under"])
    tables = Tables(Interactions(cassette.interactions, asked))
    tables.choosing = tuple(kept["choosing"])
    tables.length = int(kept["length"])
    tables.longest = {path: int(length) for path, length in kept["longest"].items()}
    tables.counting = {digest: set(names) for digest, names in kept["counting"].items()}
    tables.spelled = dict(zip(map(bytes.fromhex, kept["spelled"][1]), kept["spelled"][0], strict=True))
    tables.resources = dict(zip(kept["resources"][0], map(tuple, kept["resources"][1]), strict=True))
    tables.needs = {digest: Needs(*map(tuple, parts)) for digest, parts in kept["needs"].items()}
    tables.later = {
        order: {since: frozenset(names) for since, names in _by_order(later).items()}
        for order, later in _by_order(kept["later"]).items()
    }
    rows = zip(kept["writes"], kept["touched"], kept["shows"], kept["changed"], kept["shown"], strict=True)
    writes = {order: (frozenset(touched), tuple(shows)) for order, touched, shows, _, _ in rows}
    tables.changed = dict(zip(kept["writes"], map(frozenset, kept["changed"]), strict=True))
    tables.shown = dict(zip(kept["writes"], map(tuple, kept["shown"]), strict=True))
    stamps = [tuple(stamp) for stamp in kept["stamps"]]
    of_reads = NOT_EVEN, ()
    for order, (digest, turn, status, date, state) in enumerate(
        zip(digests, turns, statuses, dates, kept["states"], strict=True)
    ):
        touched, shows = writes.get(order, of_reads)
        entry = Entry(
            tables.source, order, (digest, turn[0], turn[1]), order, under.get(order), order not in writes, status,
            touched, date, shows,
        )  # fmt: skip
        tables.place(entry)
        tables.stand(entry, keys.get(order, digest), stamps[state])
    return tables


def _by_order(kept: Mapping[str, Any]) -> dict[int, Any]:
    """What was kept by places: JSON has only texts for names."""
    return {int(order): value for order, value in kept.items()}


def _fits(tables: Tables, rules: Rules, *, ours: bool) -> bool:
    """Whether some of the interactions are what was kept of them."""
    count = len(tables.entries)
    for order in range(0, count, max(1, count // TRIED)):
        entry = tables.entries[order]
        request = entry.interaction.request
        spelled = tables.spelled.get(canonical.words(request, rules, tables.choosing))
        if spelled is None or entry.asked.text != tables.entries[spelled].asked.text:
            return False
        asked = canonical.recorded(request, rules, ours=ours)
        if (asked.digest, is_read(asked.method)) != (entry.digest, entry.reads):
            return False
    return True
