"""The laws where other tools break: clients side by side, values that programs mint, other days, APIs that have
changed, cassettes that other tools wrote."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from replayer.cassettes import loads
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import verdicts
from tests.specs.traffic import (
    PROXY,
    START,
    Transcript,
    Upstream,
    programs,
    recorded,
    recording,
    replaying,
    run,
    seeds,
    session,
    side_by_side,
    text,
)
from tests.specs.world import DAY, KINDS, ORIGIN, Client, Step, World, told_of

days = st.floats(0.0001, 500)

# -- clients side by side ---------------------------------------------------------------------------------------------

own = st.builds(  # what a client does to things of its own, whatever others do
    Step,
    verb=st.sampled_from(("create", "mint", "due", "paid", "touched", "get", "find")),
    kind=st.sampled_from(KINDS),
    which=st.integers(0, 7).map(lambda number: 2 * number),
)


@given(st.lists(st.lists(own, min_size=1, max_size=5), min_size=2, max_size=5), seeds)
def test_law_2_clients_side_by_side_record_one_file_whoever_is_first(programs: list[list[Step]], seed: int) -> None:
    """Each begins with a thing of its own; all that it makes says whose it is."""
    programs = [
        [replace(step, note=f"client-{number}") for step in (Step("mint"), *rest)]
        for number, rest in enumerate(programs)
    ]

    def side(seed: int, over: Cassette | None = None) -> tuple[list[Transcript], Cassette]:
        to = session(over, Mode.ALL)
        told = side_by_side(to, World(seed, START), programs, Random(seed))
        cassette = to.cassette()
        assert cassette is not None
        return told, cassette

    told, first = side(seed)
    for over in (None, first):
        again, cassette = side(seed + 1, over)
        assert text(cassette) == text(first)
        assert again == told
    replay = session(loads(text(first).encode(), "x.yaml"), Mode.NONE)
    for number in Random(seed).sample(range(len(programs)), len(programs)):  # one after the other, in any order
        client = Client(number, lambda: START)
        known: list[tuple[str, str, int]] = []
        for serial, step in enumerate(programs[number]):
            response = replaying(replay)(step.request(known, serial + 100 * number, client))
            known += [thing for thing in told_of(response) if thing not in known]
            assert client.heard(response) == told[number][serial]


# -- a re-recording is a merge ----------------------------------------------------------------------------------------


@given(programs, seeds, seeds, days)
def test_a_re_recording_of_a_changed_api_changes_what_changed_and_nothing_else(
    program: list[Step], seed: int, other: int, later: float
) -> None:
    """One field has another value in every object, and one is new."""
    _, old = recorded(program, World(seed, START))
    changed = World(other, START + later * DAY, changes={"amount": 12.25, "colour": "red"})
    _, new = recorded(program, changed, over=old, chance=other)
    assert without(text(new)) == text(old).replace('"amount": 10.5', '"amount": 12.25')


def without(kept: str) -> str:
    """A cassette without the new field, which stands at the front of each object, in either style."""
    lines = [line for line in kept.split("\n") if line.strip() != '"colour": "red",']
    return "\n".join(lines).replace('"colour": "red", ', "")


@given(programs, st.integers(0, 13), seeds)
def test_what_is_not_asked_again_is_dropped_and_told(program: list[Step], gone: int, seed: int) -> None:
    program = [replace(step, which=0, note="") for step in program if step.verb in ("create", "list", "unknown")]
    program += [Step("list"), Step("list")]
    gone %= len(program)
    _, old = recorded(program, World(seed, START))
    to = session(old, Mode.ALL)
    kept = program[:gone] + program[gone + 1 :]
    run(kept, recording(to, World(seed + 1, START + DAY)))
    assert len(to.receipt().dropped) == 1
    new = to.cassette()
    assert len(new.interactions if new else ()) == len(kept)


@given(programs, programs, seeds)
def test_new_episodes_keep_what_was_recorded_and_speak_of_it(program: list[Step], more: list[Step], seed: int) -> None:
    """The program has become longer: what it did before is answered from the cassette, the rest is sent on."""
    world = World(seed, START)
    first = session(None, Mode.ALL)
    told = run(program, recording(first, world), Client(1, lambda: world.now))
    old, memory = first.cassette(), first.upstream.memory()
    assert old is not None
    world.now += DAY
    to = session(old, Mode.NEW_EPISODES, memory=memory)
    longer = [*program, *(replace(step, verb="get") if step.verb == "delete" else step for step in more)]
    again = run(longer, playing_or_recording(to, world), Client(2, lambda: world.now))
    assert again[: len(told)] == told
    assert not to.upstream.names.collisions
    new = to.cassette() or old
    assert [one for one in new.interactions if one in old.interactions] == list(old.interactions)
    replay = session(loads(text(new).encode(), "x.yaml"), Mode.NONE)
    at = world.now + 100 * DAY
    assert run(longer, replaying(replay, at), Client(3, lambda: at)) == again


def playing_or_recording(to: Any, world: World) -> Any:
    def answer(request: Request) -> Response:
        verdict = to.decide(request, world.now)
        assert not isinstance(verdict, verdicts.Refuse), verdict.message
        if not isinstance(verdict, Forward):
            return verdict.response  # type: ignore[no-any-return]
        done = to.record(verdict.exchange, world.answer(verdict.request), world.now)
        to.recorder.keep(verdict.exchange, done.interaction)
        return done.response  # type: ignore[no-any-return]

    return answer


# -- values that programs mint ----------------------------------------------------------------------------------------


@given(programs, seeds, seeds, seeds)
def test_two_live_values_never_stand_for_one_and_one_never_for_two(
    program: list[Step], seed: int, chance: int, other: int
) -> None:
    """Another run may mint what it likes: what it is told of its own values is what it minted."""
    _, cassette = recorded(program, World(seed, START), chance=chance)
    client = Client(other, lambda: START)
    run(program, replaying(session(cassette, Mode.NONE)), client)
    minted = list(client.minted.values())
    assert len(set(minted)) == len(minted)
    assert not [value for value in minted if value in text(cassette) and value != Client(chance).ref(0)]


# -- time -------------------------------------------------------------------------------------------------------------


@given(programs, seeds)
def test_order_equality_and_whole_offsets_of_times_are_kept(program: list[Step], seed: int) -> None:
    said: list[Any] = []
    told: list[Any] = []
    world = World(seed, START)
    to = session(None, Mode.ALL)

    def answer(request: Request) -> Response:
        verdict = to.decide(request, world.now)
        assert isinstance(verdict, Forward)
        reply = world.answer(verdict.request)
        done = to.record(verdict.exchange, reply, world.now)
        to.recorder.keep(verdict.exchange, done.interaction)
        said.append(json.loads(reply.body))
        told.append(json.loads(done.response.body))
        return done.response

    run(program, answer, Client(4, lambda: world.now))
    pairs = [pair for one, other in zip(said, told, strict=True) for pair in things(one, other)]
    born = {real["id"]: (real["created"], shown["created"]) for real, shown in pairs}
    assert all(born[real["id"]] == (real["created"], shown["created"]) for real, shown in pairs)  # a fact stays
    inside = sorted(times for times in born.values() if times[0] >= int(START))
    assert [shown for _, shown in inside] == sorted(shown for _, shown in inside)
    for real, shown in pairs:
        for later in ("paid_at", "updated_at"):
            assert (real[later] is None) == (shown[later] is None)
        if isinstance(real["paid_at"], int):
            assert shown["paid_at"] >= shown["created"] or real["created"] < int(START)
        assert shown["part"]["end"] - shown["part"]["start"] in (DAY, DAY - 1, DAY + 1) or real["due_date"]


def things(said: Any, told: Any) -> Iterator[tuple[Any, Any]]:
    """The objects of an answer, as the API said them and as the client was told."""
    for real, shown in zip(said.get("data", [said]), told.get("data", [told]), strict=True):
        if "created" in real:
            yield real, shown


def heard(program: list[Step], answer: Callable[[Request], Response], client: Client) -> Transcript:
    """What a client is told, to the byte."""
    told: Transcript = []

    def listening(request: Request) -> Response:
        told.append(answer(request))
        return told[-1]

    run(program, listening, client)
    return told


@given(programs, seeds, seeds, days)
def test_shifted_times_are_the_recorded_ones_at_one_distance(
    program: list[Step], seed: int, chance: int, later: float
) -> None:
    """Another client on another day, shown times that count from now: it finds everything all the same."""
    _, cassette = recorded(program, World(seed, START))
    at = START + later * DAY
    frozen_told, shifted_told = (
        heard(program, replaying(session(cassette, Mode.NONE, shifted_to=shifted_to), at), Client(chance, lambda: at))
        for shifted_to in (None, int(at))
    )
    assert cassette.facts is not None
    by = int(at) - cassette.facts.epoch
    for frozen, shifted in zip(frozen_told, shifted_told, strict=True):
        for one, other in things(json.loads(frozen.body), json.loads(shifted.body)):
            assert other["created"] - one["created"] in (0, by)
            assert (other["created"] == one["created"]) == (one["created"] < cassette.facts.epoch)


# -- a fixpoint -------------------------------------------------------------------------------------------------------


@given(programs, seeds)
def test_a_cassette_of_another_tool_is_a_fixpoint_after_its_first_recording(program: list[Step], seed: int) -> None:
    world = World(seed, START)
    kept: list[Interaction] = []

    def overheard(request: Request) -> Response:
        response = world.answer(request)
        kept.append(Interaction(replace(request, origin=ORIGIN), response))
        return response

    run(program, overheard, Client(1, lambda: world.now))
    once = copied(program, Cassette(tuple(kept)))
    assert text(copied(program, once)) == text(once)


def copied(program: list[Step], cassette: Cassette) -> Cassette:
    """A recording whose upstream is a replay of that cassette."""
    upstream = "http://127.0.0.1:5000"
    replay = session(cassette, Mode.NONE, client=upstream, upstream="")
    to = session(None, Mode.ALL, client=PROXY, upstream=upstream)
    run(program, recording(to, Upstream(replaying(replay, START), now=START)), Client(1, lambda: START))
    copy = to.cassette()
    assert copy is not None
    return copy
