"""One program and all that becomes of it, each thing made once: every law looks at the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from hypothesis import strategies as st

from replayer.cassettes import loads
from replayer.core.audit import audit, spoiling
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.secrets import Finding
from replayer.core.session import Session
from tests.specs.traffic import (
    PROXY,
    START,
    Answering,
    Transcript,
    Upstream,
    programs,
    recording,
    replaying,
    run,
    seeds,
    session,
    text,
)
from tests.specs.world import DAY, Client, Step, World

OTHER_PROXY = "http://127.0.0.1:5000"
LONG_AGO = int(START) - 1_700_003_000


@dataclass(frozen=True)
class Recorded:
    """A session that has recorded a program, and what it was told: `heard` to the byte, `transcript` with the client's
    own values called by what they are to it, `said` by the upstream."""

    session: Session
    cassette: Cassette
    transcript: Transcript
    heard: Transcript
    said: Transcript

    @cached_property
    def text(self) -> str:
        return text(self.cassette)


@dataclass(frozen=True)
class Replayed:
    """What a client was told that ran the program on a replay."""

    client: Client
    transcript: Transcript
    heard: Transcript


@dataclass(frozen=True)
class Trial:
    """A program, and all the chance there is: two runs can be made of it, and none of them draws anything."""

    program: list[Step]
    more: list[Step]  # another one
    seed: int  # of the upstream, when it is recorded first
    again_seed: int  # when it is recorded again; of its client then, too
    chance: int  # of the first client
    other: int  # of those that are answered from the recording
    later: float  # days that go by
    before: int  # seconds before the recording: then the upstream was set up
    moments: int  # the same, where it was just before
    polls: int

    @property
    def at(self) -> float:
        """Another day."""
        return START + self.later * DAY

    @property
    def soon(self) -> float:
        """Another day before what is younger than 30 days is no longer so: the programs ask for that."""
        return START + self.later % 29 * DAY

    def world(self, seed: int, at: float = START) -> World:
        """The upstream, with another chance at another time."""
        return World(seed, at, set_up=int(START) - self.before)

    def later_world(self) -> World:
        """The upstream of another day, unchanged."""
        return self.world(self.again_seed, self.at if self.before == LONG_AGO else self.soon)

    @cached_property
    def upstream(self) -> World:
        """That of the first recording: after it, it is where that has left it."""
        return self.world(self.seed)

    @cached_property
    def first(self) -> Recorded:
        return record(self.program, self.upstream, chance=self.chance)

    @cached_property
    def loaded(self) -> Cassette:
        """The first recording as it is read from its file."""
        return loads(self.first.text.encode(), "x.yaml")

    @cached_property
    def replayed(self) -> Replayed:
        """By another client on another day."""
        return replay(self.program, session(self.loaded, Mode.NONE), self.at, self.other)

    @cached_property
    def shifted(self) -> Replayed:
        """The same, shown times that count from now."""
        of = session(self.first.cassette, Mode.NONE, shifted_to=int(self.at))
        return replay(self.program, of, self.at, self.other)

    @cached_property
    def again(self) -> Recorded:
        """Over the first recording, by another client on another day."""
        return record(self.program, self.later_world(), self.first.cassette, chance=self.again_seed)

    @cached_property
    def copied(self) -> Recorded:
        """From a replay of the first recording."""
        return copied(self.program, self.first.cassette, at=START + 99, chance=7)

    @cached_property
    def findings(self) -> list[Finding]:
        """What an audit finds in the first recording, and what would stop a re-recording of it."""
        cassette = self.first.cassette
        return [*audit(cassette, self.first.text), *spoiling(cassette, self.first.text)]


class Overheard:
    """An upstream, and what it said."""

    def __init__(self, world: Answering) -> None:
        self._world = world
        self.said: Transcript = []

    @property
    def now(self) -> float:
        return self._world.now

    def answer(self, request: Request) -> Response:
        self.said.append(self._world.answer(request))
        return self.said[-1]


def listening(answer: Callable[[Request], Response], heard: Transcript) -> Callable[[Request], Response]:
    """The same, and what is answered is kept to the byte."""

    def kept(request: Request) -> Response:
        heard.append(answer(request))
        return heard[-1]

    return kept


def record(
    program: Sequence[Step],
    world: Answering,
    over: Cassette | None = None,
    chance: int = 0,
    to: Session | None = None,
) -> Recorded:
    """A recording of the program by a client of that chance, whose clock is the upstream's."""
    to, upstream = to or session(over, Mode.ALL), Overheard(world)
    heard: Transcript = []
    transcript = run(program, listening(recording(to, upstream), heard), Client(chance, lambda: world.now))
    cassette = to.cassette()
    assert cassette is not None
    assert not to.upstream.names.collisions
    return Recorded(to, cassette, transcript, heard, upstream.said)


def replay(program: Sequence[Step], of: Session, at: float, chance: int) -> Replayed:
    """The program on a replay, by a client of that chance at that time."""
    client = Client(chance, lambda: at)
    heard: Transcript = []
    return Replayed(client, run(program, listening(replaying(of, at), heard), client), heard)


def copied(program: Sequence[Step], cassette: Cassette, at: float, chance: int) -> Recorded:
    """A recording whose upstream is a replay of that cassette."""
    of = session(cassette, Mode.NONE, client=OTHER_PROXY, upstream="")
    to = session(None, Mode.ALL, client=PROXY, upstream=OTHER_PROXY)
    return record(program, Upstream(replaying(of, at), at), chance=chance, to=to)


trials = st.builds(
    Trial,
    program=programs,
    more=programs,
    seed=seeds,
    again_seed=seeds,
    chance=seeds,
    other=seeds,
    later=st.floats(0.0001, 500),
    # Of the same day, it is later by its name than all that is recorded. Not of the last five minutes, nor of those a
    # day ago: what is counted in days from such a time cannot be told from what is counted from now. The last ones are
    # the `moments`.
    before=st.just(LONG_AGO) | st.integers(301, DAY - 301),
    moments=st.integers(0, 5) | st.integers(6, 300),
    polls=st.integers(1, 4),
)
