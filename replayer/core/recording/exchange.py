"""One request on its way to the upstream: what its session must remember until the answer is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from replayer.core.client import Question
from replayer.core.clock import facts
from replayer.core.matching import Canonical, Entry, stamps, turns
from replayer.core.message import Request


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was sent on: what it asked, as which of the equal ones, and as which of all. `sent` are the times
    that it carries, by field and real time, as they are written down; `key` is what stands for its idempotency key.
    `known` is the recorded interaction that it is, where its session knows that and records it nowhere else."""

    question: Question
    turn: turns.Turn
    number: int
    sent: Mapping[tuple[str, int], int]
    key: str | None = None
    known: Entry | None = None

    @property
    def asked(self) -> Canonical:
        return self.question.asked

    @property
    def credentials(self) -> frozenset[str]:
        return self.question.arrival.secrets

    @property
    def keys(self) -> dict[str, str]:
        """The idempotency key as its client sent it, and what stands for it."""
        live = self.question.arrival.key
        return {live: self.key} if live and self.key else {}

    @property
    def identity(self) -> stamps.Identity:
        return (self.asked.digest, self.turn.occurrence, self.turn.attempt)

    @property
    def form(self) -> tuple[str, int]:
        """What it asks but for what its client minted, and the number of such requests before."""
        return self.question.form or self.asked.text, self.question.use


@dataclass(frozen=True, slots=True)
class KeptWrite:
    """A write that was recorded in this session, or played in it beside what is recorded: what of it tells that
    something came of it. `nth` counts those of its method and address, from 1, in the order in which they were
    complete; `told` are the ids in the headers of its answer, `key` its idempotency key as its client sent it."""

    identity: stamps.Identity
    method: str
    uri: str
    nth: int
    moment: facts.Moment
    touches: frozenset[str]
    told: frozenset[str] = frozenset()
    key: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Forward:
    """Send this request, which is in the upstream's space, to the upstream; then record what it answers, unless it is
    only to be passed on."""

    request: Request
    exchange: Exchange
    is_recorded: bool = True
