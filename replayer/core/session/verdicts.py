"""The verdicts on a request, and the one table that they are read from. A verdict says what to do; it does nothing."""

from dataclasses import dataclass, field
from enum import Enum

from replayer.core.matching.canonical import Canonical
from replayer.core.matching.turns import Seat
from replayer.core.message.interaction import Request, Response


class Mode(Enum):
    """The record modes, by the names that every tool of this kind gives them."""

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    ALL = "all"


class Action(Enum):
    """What is done with a request."""

    REPLAY = "replay"
    FORWARD = "forward"
    REFUSE = "refuse"


# (record mode, the cassette existed when the session began): for a request that it holds, and for one that it lacks
VERDICT: dict[tuple[Mode, bool], tuple[Action, Action]] = {
    (Mode.NONE, True): (Action.REPLAY, Action.REFUSE),
    (Mode.NONE, False): (Action.REFUSE, Action.REFUSE),
    (Mode.ONCE, True): (Action.REPLAY, Action.REFUSE),
    (Mode.ONCE, False): (Action.FORWARD, Action.FORWARD),
    (Mode.NEW_EPISODES, True): (Action.REPLAY, Action.FORWARD),
    (Mode.NEW_EPISODES, False): (Action.FORWARD, Action.FORWARD),
    (Mode.ALL, True): (Action.FORWARD, Action.FORWARD),
    (Mode.ALL, False): (Action.FORWARD, Action.FORWARD),
}


def forwards(mode: Mode, *, existed: bool) -> bool:
    """Whether a session can ever send a request on. One that cannot needs no upstream, and gets none."""
    return Action.FORWARD in VERDICT[(mode, existed)]


class Reason(Enum):
    """Why a request is refused; the value is what the header `Replayer-Miss` says."""

    NO_MATCH = "no-match"
    USED_UP = "used-up"
    UNKNOWN_STATE = "unknown-state"
    STALE_ALIAS = "stale-alias"
    LIVE_KEY = "live-key"


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


Identity = tuple[str, int, int]
"""A request's digest, which of the equal ones it is, and which attempt at that one: counted from 0."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Answer with this response, which is in the client's space already. `synthesized` tells by which rule it follows
    from recorded ones; it is empty for a recorded one."""

    response: Response
    synthesized: str = ""


@dataclass(frozen=True, slots=True)
class Forward:
    """Send this request, which is in the upstream's space, to the upstream; then record what it answers."""

    request: Request
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer that there is no answer. `message` is the whole explanation, several lines."""

    reason: Reason
    message: str


SYNTHESIZED = "Replayer-Synthesized"  # the header that tells by which rule an answer follows

Verdict = Replay | Forward | Refuse
