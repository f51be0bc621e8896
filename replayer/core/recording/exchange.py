"""One request on its way to the upstream: what its session must remember until the answer is there."""

from dataclasses import dataclass, field

from replayer.core.matching.canonical import Canonical
from replayer.core.matching.index import Identity
from replayer.core.matching.turns import Seat
from replayer.core.message.interaction import Request


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was sent on, as far as its session must remember it until the answer is there.

    `began` is the real time at which it left, in seconds since 1970; `key` the idempotency key and its stand-in;
    `counted` the times that its client counted from now, recorded to live; `form` what it asks but for what its client
    minted, with the number of such requests before.
    """

    asked: Canonical
    request: Request
    seat: Seat
    number: int
    began: float
    sent: dict[tuple[str, int], int]
    key: tuple[str, str] | None
    credentials: frozenset[str]
    counted: dict[int, int] = field(default_factory=dict)
    form: tuple[str, int] = ("", 0)

    @property
    def identity(self) -> "Identity":
        return (self.asked.digest, self.seat.occurrence, self.seat.attempt)


@dataclass(frozen=True, slots=True)
class Forward:
    """Send this request, which is in the upstream's space, to the upstream; then record what it answers."""

    request: Request
    exchange: Exchange
