"""Fresh recordings of one run, on several days and by several chances: a file differs where something changed."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from replayer.cassettes import dumps
from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.naming import aliases
from replayer.core.rules import Rules, registry
from tests.core.build import EPOCH, NOW, session, tell, value_of

RULES = list(registry.RULES.values())
DAY = 86_400
Exchanges = Callable[[float, Random], Iterable[tuple[Request, Response]]]
"""What is asked and answered in a run that begins at that time, by that chance."""


def fresh(
    exchanges: Exchanges, rules: Rules, *, seed: int = 1, at: float = NOW, over: Cassette | None = None
) -> Cassette:
    """A recording of a run with that chance at that time, over an older one or over none."""
    to = session(over, Mode.ALL, rules=rules, epoch=EPOCH)
    for number, (request, reply) in enumerate(exchanges(at, Random(seed))):
        tell(to, request, reply, at + number)
    cassette = to.cassette()
    assert cassette is not None
    assert not to.upstream.names.collisions
    return cassette


def in_every_recording(exchanges: Exchanges, rules: Rules = registry.INVOICE_RULES) -> Cassette:
    """The recording, which is the same on another day by another chance: a fresh one, and one over the first."""
    first = fresh(exchanges, rules)
    text = dumps(first)
    assert dumps(fresh(exchanges, rules, seed=2, at=NOW + 3 * DAY + 4_321)) == text
    assert dumps(fresh(exchanges, rules, seed=3, at=NOW + 9 * DAY + 77, over=first)) == text
    assert audit(first, text) == []
    return first


def minted(chance: Random, prefix: str = "in_", length: int = 24) -> str:
    return prefix + "1" + "".join(chance.choices(aliases.BASE62, k=length - 1))


def body_of(cassette: Cassette, number: int = 0) -> Any:
    return value_of(cassette.interactions[number].response)
