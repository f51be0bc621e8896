"""The verdicts on a request, and the one table that they are read from. A verdict says what to do; it does nothing."""

from dataclasses import dataclass, field
from enum import Enum

from replayer.core.cassette import AT_ONCE, Streamed
from replayer.core.deliveries import Due
from replayer.core.matching import Entry
from replayer.core.message import Response
from replayer.core.recording import Forward


class Reason(Enum):
    """Why a request is refused; the value is what the header `Replayer-Miss` says."""

    NO_MATCH = "no-match"
    USED_UP = "used-up"
    UNKNOWN_STATE = "unknown-state"
    STALE_ALIAS = "stale-alias"
    LIVE_KEY = "live-key"
    OTHER_HOST = "other-host"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Replay:
    """Answer with this response, which is in the client's space already. `synthesized` tells by which rule it follows
    from recorded ones; it is empty for a recorded one. `entry` is a recorded answer to a question that bound nothing:
    whoever asks it again in the same state is answered the same. `due` are the webhooks that come of it, `streamed` is
    how it came when it was recorded. `given` is the recorded answer itself, or that which it follows
    from, and `how` says in a word why it is not simply that: `bound`, `lenient`, the rule."""

    response: Response
    synthesized: str = ""
    entry: Entry | None = field(default=None, compare=False)
    due: tuple[Due, ...] = ()
    streamed: Streamed = AT_ONCE
    given: Entry | None = field(default=None, compare=False)
    how: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer that there is no answer. `message` is the whole explanation, several lines; all else is a part of it.
    `line` is the request and `closest` the recorded one that comes closest, as one line each, and `differing` are the
    fields in which they differ: field, asked, recorded. `elsewhere` is the same request, recorded in another state:
    `behind` are the writes that it had behind it and that were not played, `ahead` those of which it is the other way
    round. `lack` is what is not known of a list that it asks for."""

    reason: Reason
    message: str
    closest: str = ""
    differing: tuple[tuple[str, str, str], ...] = ()
    line: str = ""
    elsewhere: Entry | None = field(default=None, compare=False)
    behind: tuple[Entry, ...] = field(default=(), compare=False)
    ahead: tuple[Entry, ...] = field(default=(), compare=False)
    lack: str = ""


Verdict = Replay | Forward | Refuse
