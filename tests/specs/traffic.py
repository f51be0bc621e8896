"""Programs and their runs: the same program against a session that records, and against one that replays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from hypothesis import strategies as st

from replayer.cassettes import dumps
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import Session, verdicts
from tests.core import build
from tests.specs.world import KINDS, ORIGIN, Client, Step, World, told_of

PROXY = "http://127.0.0.1:4000"
START = 1_795_350_000.4  # a Sunday in November 2026, before noon

VERBS = "create create create paid touched delete get get list since page unknown mint mint find due recent"

steps = st.builds(
    Step,
    verb=st.sampled_from(VERBS.split(" ")),
    kind=st.sampled_from(KINDS),
    which=st.integers(0, 7),
    note=st.sampled_from(("", "a", "b", "tea%20%26%20milk", "%C3%BC")),
    limit=st.integers(1, 5),
)
programs = st.lists(steps, min_size=1, max_size=14)
seeds = st.integers(0, 2**32)

Transcript = list[Response]


def session(
    cassette: Cassette | None, mode: Mode, *, client: str = PROXY, upstream: str = ORIGIN, **more: Any
) -> Session:
    return build.session(cassette, mode, links=wire.Links(client, ORIGIN, upstream), upstream=ORIGIN, **more)


def run(program: Sequence[Step], answer: Callable[[Request], Response], client: Client | None = None) -> Transcript:
    """What a client that runs the program is told, its own values called by what they are to it."""
    client = client or Client()
    known: list[tuple[str, str, int]] = []
    transcript = []
    for serial, step in enumerate(program):
        response = answer(step.request(known, serial, client))
        known += [thing for thing in told_of(response) if thing not in known]
        transcript.append(client.heard(response))
    return transcript


class Answering(Protocol):
    """Who answers at a time of its own."""

    @property
    def now(self) -> float: ...

    def answer(self, request: Request, /) -> Response: ...


@dataclass
class Upstream:
    """Somebody who answers, and the time there."""

    answer: Callable[[Request], Response]
    now: float


def recording(to: Session, world: Answering) -> Callable[[Request], Response]:
    """A proxy that records that world."""

    def answer(request: Request) -> Response:
        verdict = to.decide(request, world.now)
        assert isinstance(verdict, Forward), verdict
        reply = world.answer(verdict.request)
        recorded = to.record(verdict.exchange, reply, world.now)
        to.recorder.keep(verdict.exchange, recorded.interaction)
        return recorded.response

    return answer


def replaying(of: Session, at: float = START) -> Callable[[Request], Response]:
    """A proxy that replays at that time."""

    def answer(request: Request) -> Response:
        verdict = of.decide(request, at)
        assert isinstance(verdict, verdicts.Replay), verdict
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
        to.recorder.keep(verdict.exchange, done.interaction)
        told[index] = done.response
    return [told[index] for index in range(len(requests))]


def side_by_side(to: Session, world: World, programs: Sequence[Sequence[Step]], chance: Random) -> list[Transcript]:
    """What clients are told that run their programs side by side. All have begun before the first is answered; from
    there on chance says who asks and who is answered next."""
    clients = [Client(number, lambda: world.now) for number in range(len(programs))]
    known: list[list[tuple[str, str, int]]] = [[] for _ in programs]
    told: list[Transcript] = [[] for _ in programs]
    under_way: dict[int, Forward] = {}

    def ask(number: int) -> None:
        serial = len(told[number])
        request = programs[number][serial].request(known[number], serial + 100 * number, clients[number])
        verdict = to.decide(request, world.now)
        assert isinstance(verdict, Forward), verdict
        under_way[number] = verdict

    def hear(number: int) -> None:
        exchange, request = under_way[number].exchange, under_way.pop(number).request
        done = to.record(exchange, world.answer(request), world.now)
        to.recorder.keep(exchange, done.interaction)
        known[number] += [thing for thing in told_of(done.response) if thing not in known[number]]
        told[number].append(clients[number].heard(done.response))

    for number in range(len(programs)):
        ask(number)
    while busy := [number for number, program in enumerate(programs) if len(told[number]) < len(program)]:
        number = chance.choice(busy)
        if number in under_way:
            hear(number)
        else:
            ask(number)
    return told


def recorded(
    program: Sequence[Step], world: World, over: Cassette | None = None, chance: int = 0
) -> tuple[Transcript, Cassette]:
    """The program's transcript and its cassette, run by a client of that chance."""
    to = session(over, Mode.ALL)
    transcript = run(program, recording(to, world), Client(chance, lambda: world.now))
    cassette = to.cassette()
    assert cassette is not None
    assert not to.upstream.names.collisions
    return transcript, cassette


def text(cassette: Cassette) -> str:
    return dumps(cassette)
