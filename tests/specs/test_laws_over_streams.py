"""Laws 1 to 5 over streams: whatever their events tell, wherever the wire cuts them, however long they take, whoever
ends them."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from replayer.cassettes import dumps, loads
from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, instants
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.rules import registry
from replayer.core.session import Session
from replayer.core.streams import Cutter, StreamForm, events
from tests.core.build import LINKS, NOW, ORIGIN, played, session
from tests.specs.shards import in_shards

SECRET = "sk_live_51H7eXyZAbCdEfGhIjKlMnOpQrStUv"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
MEDIA = {StreamForm.BLOCKS: "text/event-stream", StreamForm.LINES: "application/x-ndjson"}
LATER = 3 * 86_400.0


@dataclass(frozen=True)
class Plan:
    """One event: which objects it tells of, when, and how it is written."""

    objects: tuple[int, ...]
    says: str
    has_time: bool
    is_spread: bool
    is_idle: bool
    has_secret: bool
    mark: int | None


@dataclass(frozen=True)
class Course:
    """One stream: its request, its events, where the wire cuts it (in shares of its length), and how it ends. `of` is
    the object in its path, if somebody has told of that."""

    method: str
    form: StreamForm
    of: int | None
    told: tuple[Plan, ...]
    cuts: tuple[float, ...]
    ended: str


OBJECTS = st.integers(0, 5)
PLANS = st.builds(
    Plan,
    st.lists(OBJECTS, max_size=2, unique=True).map(tuple),
    st.text('ab é"\\{:,1', max_size=6),
    *[st.booleans()] * 3,
    st.integers(0, 9).map(lambda chance: chance == 0),
    st.none() | OBJECTS,
)
COURSES = st.builds(
    Course,
    st.sampled_from(("GET", "POST")),
    st.sampled_from(list(StreamForm)),
    st.none() | OBJECTS,
    st.lists(PLANS, max_size=5).map(tuple),
    st.lists(st.floats(0, 1), max_size=6).map(tuple),
    st.sampled_from(("", "", "broken")),
)
PROGRAMS = st.lists(COURSES, min_size=1, max_size=3)


class Minting:
    """An API that mints its ids and its times anew each time."""

    def __init__(self, seed: int, now: float) -> None:
        self._chance, self.now = random.Random(f"api {seed}"), now
        self._ids: dict[int, str] = {}

    def id(self, number: int) -> str:
        if number not in self._ids:
            some = "".join(self._chance.choices(LETTERS, k=14))
            forms = (f"cus_{some}", str(UUID(int=self._chance.getrandbits(128), version=4)), f"run_{some}{some[:10]}")
            self._ids[number] = forms[number % 3]
        return self._ids[number]

    @property
    def minted(self) -> list[str]:
        return list(self._ids.values())

    def text(self, course: Course) -> str:
        """A stream of this API; comments are as many as chance has it."""
        return "".join(
            self._idle(course.form) if plan.is_idle else self._event(plan, course.form) for plan in course.told
        )

    def _idle(self, form: StreamForm) -> str:
        return ("\n" if form is StreamForm.LINES else ": still here\n\n") * self._chance.randrange(3)

    def _event(self, plan: Plan, form: StreamForm) -> str:
        value: dict[str, Any] = {"says": plan.says}
        if plan.objects:
            first, *others = map(self.id, plan.objects)
            value |= {"id": first, "object": "thing", "others": others}
        if plan.has_time:
            value["created"] = int(self.now)
        if plan.has_secret:
            value["api_key"] = SECRET
        data = json.dumps(value, indent=1 if plan.is_spread and form is StreamForm.BLOCKS else None)
        if form is StreamForm.LINES:
            return data + "\n"
        mark = "" if plan.mark is None else f"id: {self.id(plan.mark)}\n"
        return mark + "data: " + data.replace("\n", "\ndata: ") + "\n\n"


@dataclass
class Heard:
    """What a client has heard: the events of each stream, and by what name each object was told of."""

    streams: list[list[str]] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    def request(self, course: Course, number: int) -> Request:
        name = self.names.get(course.of) if course.of is not None else None
        path = f"/v1/things/{name}/events" if name else "/v1/events"
        return Request(course.method, f"{path}?n={number}", (), b"", ORIGIN)

    def hear(self, course: Course, told: list[str]) -> None:
        self.streams.append(told)
        plans = [plan for plan in course.told if not plan.is_idle]
        spoken = [event for text in told for _, event in events(text, course.form) if not event.is_idle]
        for plan, event in zip(plans, spoken, strict=True):
            value = json.loads(event.data)
            if plan.objects:
                self.names |= dict(zip(plan.objects, [value["id"], *value["others"]], strict=True))


def pieces(raw: bytes, cuts: tuple[float, ...], form: StreamForm) -> Iterator[bytes]:
    """The events of a stream that comes cut there."""
    cutter = Cutter(form)
    for begin, end in pairwise((0, *sorted(int(cut * len(raw)) for cut in cuts), len(raw))):
        yield from cutter.feed(raw[begin:end])
    assert not cutter.rest()


def take_in(to: Session, request: Request, answer: Response, course: Course, at: float, pause: float) -> list[str]:
    """Record a stream that comes as that answer says; what its client hears."""
    forward = to.decide(request, at)
    assert isinstance(forward, Forward), forward
    head = to.record(forward.exchange, replace(answer, body=b""), at).interaction
    stream, heard = to.recorder.open(forward.exchange, head, at), list[str]()
    for piece in pieces(answer.body, course.cuts, course.form):
        at += pause
        kept, shown = to.event(stream, piece.decode(), at)
        stream.add(kept, at)
        heard.append(shown.decode())
    to.recorder.close(stream, stream.ended(course.ended, at))
    return heard


def head(form: StreamForm, now: float, body: str) -> Response:
    headers = (("Content-Type", MEDIA[form]), ("Date", instants.http_date(int(now))))
    return Response(200, "OK", headers, body.encode())


def record(
    program: list[Course], api: Minting, over: Cassette | None = None, pause: float = 0.0
) -> tuple[Cassette, Heard]:
    """The cassette of a program, and what its client heard."""
    to, heard, at = session(over, rules=registry.GENERIC_RULES), Heard(), api.now
    for number, course in enumerate(program):
        at += 1
        api.now = at
        answer = head(course.form, at, api.text(course))
        heard.hear(course, take_in(to, heard.request(course, number), answer, course, at, pause))
    cassette = to.cassette()
    assert cassette is not None
    assert not to.upstream.names.collisions
    return cassette, heard


def without_waits(cassette: Cassette) -> Cassette:
    kept = tuple(replace(one, streamed=replace(one.streamed, waits=())) for one in cassette.interactions)
    return replace(cassette, interactions=kept)


@in_shards(PROGRAMS, st.integers(0, 99), of=4)
def test_law_1_of_streams(program: list[Course], seed: int) -> None:
    """What a client hears while recording is what it hears on replay, event by event."""
    cassette, heard = record(program, Minting(seed, NOW))
    read = loads(dumps(cassette).encode(), "a.yaml")
    assert read == cassette
    of, again = session(read, Mode.NONE, rules=registry.GENERIC_RULES), Heard()
    for number, course in enumerate(program):
        body = played(of, again.request(course, number)).body.decode()
        again.hear(course, [event.text for _, event in events(body, course.form)])
    assert again == heard


@in_shards(PROGRAMS, st.integers(0, 99), st.floats(0, 3), of=4)
def test_law_2_of_streams(program: list[Course], seed: int, pause: float) -> None:
    """Recording again changes no byte, whatever is minted, however it is cut, and however long it takes."""
    first, _ = record(program, Minting(seed, NOW), pause=0.25)
    turned = [replace(course, cuts=tuple(1 - cut for cut in course.cuts)) for course in program]
    again, _ = record(turned, Minting(seed + 100, NOW + LATER), first, pause)
    assert dumps(again) == dumps(first)
    fresh, _ = record(turned, Minting(seed + 200, NOW))
    assert _told(fresh) == _told(first)  # no more and no other events in a recording of its own


def _told(cassette: Cassette) -> list[list[str]]:
    return [
        [event.text for _, event in events(one.response.text, one.response.stream) if not event.is_idle]
        for one in cassette.interactions
        if one.response.stream
    ]


@in_shards(PROGRAMS, st.integers(0, 99), of=4)
def test_law_3_of_streams(program: list[Course], seed: int) -> None:
    """A recording of a replay is the same cassette."""
    first, _ = record(program, Minting(seed, NOW))
    of = session(first, Mode.NONE, rules=registry.GENERIC_RULES, links=replace(LINKS, client=ORIGIN))
    to, heard, at = session(rules=registry.GENERIC_RULES), Heard(), NOW
    for number, course in enumerate(program):
        request = heard.request(course, number)
        heard.hear(course, take_in(to, request, played(of, request), course, at, 0))
    again = to.cassette()
    assert again is not None
    assert dumps(again) == dumps(without_waits(first))


@in_shards(PROGRAMS, st.integers(0, 99), of=4)
def test_law_4_of_streams(program: list[Course], seed: int) -> None:
    """An object has one name in all events, paths and marks, and no two have the same."""
    api = Minting(seed, NOW)
    cassette, heard = record(program, api)
    assert len(set(heard.names.values())) == len(heard.names)
    named: dict[int, set[str]] = {}
    for course, told in zip(program, heard.streams, strict=True):
        one = Heard()
        one.hear(course, told)
        for number, name in one.names.items():
            named.setdefault(number, set()).add(name)
    assert all(len(names) == 1 for names in named.values())
    assert cassette.facts is not None


@in_shards(PROGRAMS, st.integers(0, 99), of=4)
def test_law_5_of_streams(program: list[Course], seed: int) -> None:
    """Nothing that was minted is in the file or was told, no secret is, and the audit finds nothing."""
    api = Minting(seed, NOW)
    cassette, heard = record(program, api)
    text = dumps(cassette)
    everything = text + "".join(text for told in heard.streams for text in told)
    assert SECRET not in everything
    assert [real for real in api.minted if real in everything] == []
    assert audit(cassette, text) == []


@in_shards(COURSES, st.integers(0, 99), st.integers(0, 4), of=4)
def test_a_stream_that_was_left_is_the_begin_of_the_whole_one(course: Course, seed: int, after: int) -> None:
    """What is kept of it has the names of the whole one; and over that one it takes no place."""
    course = replace(course, of=None, ended="")
    left = replace(course, told=course.told[:after], ended="left")
    whole, _ = record([course], Minting(seed, NOW))
    short, _ = record([left], Minting(seed + 100, NOW))
    assert _told(short)[0] == _told(whole)[0][: len(_told(short)[0])]
    assert short.interactions[0].streamed.ended == "left"
    over, _ = record([left], Minting(seed + 200, NOW), whole)
    assert dumps(over) == dumps(whole)
