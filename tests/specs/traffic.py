"""Programs and their runs: the same program against a session that records, and against one that replays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from replayer.cassettes.format import dumps
from replayer.core.interaction import Cassette, Request, Response
from replayer.core.links import Links
from replayer.core.rules import INVOICE_RULES
from replayer.core.session import Session
from replayer.core.verdicts import Forward, Mode, Replay
from tests.specs.world import KINDS, ORIGIN, Step, World, told_of

PROXY = "http://127.0.0.1:4000"
START = 1_795_350_000.4  # a Sunday in November 2026, before noon

steps = st.builds(
    Step,
    verb=st.sampled_from(
        ("create", "create", "create", "paid", "touched", "delete", "get", "get", "list", "since", "page", "unknown")
    ),
    kind=st.sampled_from(KINDS),
    which=st.integers(0, 7),
    note=st.sampled_from(("", "a", "b", "tea%20%26%20milk", "%C3%BC")),
    limit=st.integers(1, 5),
)
programs = st.lists(steps, min_size=1, max_size=14)
seeds = st.integers(0, 2**32)

Transcript = list[Response]


def session(cassette: Cassette | None, mode: Mode, *, client: str = PROXY, upstream: str = ORIGIN) -> Session:
    return Session(cassette, mode=mode, rules=INVOICE_RULES, links=Links(client, ORIGIN, upstream), upstream=ORIGIN)


def run(program: Sequence[Step], answer: Callable[[Request], Response]) -> Transcript:
    """What a client that runs the program is told."""
    known: list[tuple[str, str, int]] = []
    transcript = []
    for serial, step in enumerate(program):
        response = answer(step.request(known, serial))
        known += [thing for thing in told_of(response) if thing not in known]
        transcript.append(response)
    return transcript


@dataclass
class Upstream:
    """Somebody who answers, and the time there."""

    answer: Callable[[Request], Response]
    now: float


def recording(to: Session, world: World | Upstream) -> Callable[[Request], Response]:
    """A proxy that records that world."""

    def answer(request: Request) -> Response:
        verdict = to.decide(request, world.now)
        assert isinstance(verdict, Forward), verdict
        reply = world.answer(verdict.request)
        recorded = to.record(verdict.exchange, reply, world.now)
        to.keep(verdict.exchange, recorded.interaction)
        return recorded.response

    return answer


def replaying(of: Session) -> Callable[[Request], Response]:
    """A proxy that replays."""

    def answer(request: Request) -> Response:
        verdict = of.decide(request, START)
        assert isinstance(verdict, Replay), verdict
        return verdict.response

    return answer


def record_at_once(to: Session, world: World, requests: Sequence[Request], order: Sequence[int]) -> list[Response]:
    """What clients are told whose requests are all under way at once, and completed in that order."""
    verdicts = [to.decide(request, world.now) for request in requests]
    told: dict[int, Response] = {}
    for index in order:
        verdict = verdicts[index]
        assert isinstance(verdict, Forward), verdict
        reply = world.answer(verdict.request)
        done = to.record(verdict.exchange, reply, world.now)
        to.keep(verdict.exchange, done.interaction)
        told[index] = done.response
    return [told[index] for index in range(len(requests))]


def recorded(program: Sequence[Step], world: World, over: Cassette | None = None) -> tuple[Transcript, Cassette]:
    """The program's transcript and its cassette."""
    to = session(over, Mode.ALL)
    transcript = run(program, recording(to, world))
    cassette = to.cassette()
    assert cassette is not None
    assert not to.collisions
    return transcript, cassette


def text(cassette: Cassette) -> str:
    return dumps(cassette)
