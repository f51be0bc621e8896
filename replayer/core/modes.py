"""The record modes, and the one table that says what is done with a request in each of them. It imports nothing."""

from enum import Enum
from typing import NamedTuple


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


class Row(NamedTuple):
    """What is done with a request that the cassette holds, and with any other."""

    known: Action
    unknown: Action


# (record mode, the cassette existed when the session began)
VERDICT: dict[tuple[Mode, bool], Row] = {
    (Mode.NONE, True): Row(Action.REPLAY, Action.REFUSE),
    (Mode.NONE, False): Row(Action.REFUSE, Action.REFUSE),
    (Mode.ONCE, True): Row(Action.REPLAY, Action.REFUSE),
    (Mode.ONCE, False): Row(Action.FORWARD, Action.FORWARD),
    (Mode.NEW_EPISODES, True): Row(Action.REPLAY, Action.FORWARD),
    (Mode.NEW_EPISODES, False): Row(Action.FORWARD, Action.FORWARD),
    (Mode.ALL, True): Row(Action.FORWARD, Action.FORWARD),
    (Mode.ALL, False): Row(Action.FORWARD, Action.FORWARD),
}


def forwards(mode: Mode, *, existed: bool) -> bool:
    """Whether a session can ever send a request on. One that cannot needs no upstream, and gets none."""
    return Action.FORWARD in VERDICT[(mode, existed)]
