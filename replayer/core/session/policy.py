"""What a user decides of a session, and by which words it speaks of itself. Values only."""

from dataclasses import dataclass, field, replace

from replayer.core.customs import NONE, Customs
from replayer.core.modes import VERDICT, Mode, Row
from replayer.core.rules import Rules


@dataclass(frozen=True, slots=True)
class Policy:
    """How one session decides.

    `epoch` is where the virtual clock of a new cassette starts. `volatile` are fields of requests that clients fill
    anew in each run, `ignored` the headers that are left out of what is asked, in small letters, and `offsets` the
    clients' offsets from UTC, in seconds. `shifted_to` is the real time that the epoch is shown as, None to show times
    as they are recorded. `hands_over` lets a miss be answered by somebody else. `credentials` open the upstream, though
    no client sends them. `customs` are functions of the user's.
    """

    mode: Mode
    allow_live: bool = False
    lenient: bool = False
    strict: bool = False
    hands_over: bool = False
    volatile: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    epoch: int | None = None
    offsets: tuple[int, ...] = ()
    shifted_to: int | None = None
    credentials: frozenset[str] = field(default=frozenset(), repr=False)
    customs: Customs = NONE

    def rules(self, rules: Rules) -> Rules:
        """The rules of the API by which requests are compared: what is ignored is kept in the file, and no more."""
        if not self.ignored:
            return rules

        def left(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in names if name not in self.ignored)

        return replace(
            rules,
            matched_headers=left(rules.matched_headers),
            choosing=left(rules.choosing),
            preferring=left(rules.preferring),
            kept_headers=(*rules.kept_headers, *self.ignored),
        )

    def row(self, *, existed: bool) -> Row:
        """What is done with requests, by whether there was a cassette when the session began."""
        return VERDICT[(self.mode, existed)]


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a cassette, and what is to be done where it lacks something."""

    name: str = ""
    remedy: str = "record it again"
