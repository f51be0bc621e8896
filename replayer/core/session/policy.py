"""What a user decides of a session, and by which words it speaks of itself. Values only."""

from dataclasses import dataclass

from replayer.core.modes import VERDICT, Mode, Row


@dataclass(frozen=True, slots=True)
class Policy:
    """How one session decides.

    `epoch` is where the virtual clock of a new cassette starts. `volatile` are fields of requests that clients fill
    anew in each run, and `offsets` the clients' offsets from UTC, in seconds. `shifted_to` is the real time that the
    epoch is shown as, None to show times as they are recorded. `hands_over` lets a miss be answered by somebody else.
    """

    mode: Mode
    allow_live: bool = False
    lenient: bool = False
    strict: bool = False
    hands_over: bool = False
    volatile: tuple[str, ...] = ()
    epoch: int | None = None
    offsets: tuple[int, ...] = ()
    shifted_to: int | None = None

    def row(self, *, existed: bool) -> Row:
        """What is done with requests, by whether there was a cassette when the session began."""
        return VERDICT[(self.mode, existed)]


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a cassette, and what is to be done where it lacks something."""

    name: str = ""
    remedy: str = "record it again"
