"""The record modes, and the one table that says what is done with a request in each of them. It imports nothing."""

from enum import Enum


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
