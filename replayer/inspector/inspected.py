"""What there is to look at, behind one face: a session that listens, or a file alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from replayer.core.cassette import Cassette
from replayer.core.rules import Rules
from replayer.inspector.feed import Feed

Pairs = tuple[tuple[str, str], ...]


def _nothing() -> Mapping[str, Any]:
    return {}


def _no_pairs() -> Pairs:
    return ()


@dataclass(frozen=True, slots=True)
class Inspected:
    """`kind` is `session` or `file`; `name` that of the cassette, `url` where clients ask, empty for a file. `cassette`
    gives what there is of it, which is the same as long as its `version` is, and `rules` what is known of its API;
    `facts` is what else is told of the session, `receipt` its numbers, `bound` the recorded and the live values that
    stand for each other. A file has no `feed`."""

    kind: str
    name: str
    rules: Callable[[], Rules]
    cassette: Callable[[], Cassette]
    version: Callable[[], int] = field(default=lambda: 0)
    url: str = ""
    feed: Feed | None = None
    facts: Callable[[], Mapping[str, Any]] = field(default=_nothing)
    receipt: Callable[[], Mapping[str, Any]] = field(default=_nothing)
    bound: Callable[[], Pairs] = field(default=_no_pairs)
