"""The laws where other tools break: clients side by side, values that programs mint, other days, APIs that have
changed, cassettes that other tools wrote. Every program of the generated traffic meets them too."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st

from replayer.cassettes import loads
from replayer.core.audit import audit
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import Session, verdicts
from tests.specs.shards import in_shards
from tests.specs.traffic import START, Transcript, replaying, run, seeds, session, side_by_side, text
from tests.specs.trial import LONG_AGO, Overheard, Trial, copied, record, replay
from tests.specs.world import DAY, KINDS, ORIGIN, Client, Step, World, told_of

LOOKS_LIKE_OURS = 4  # seconds: whole ones are rounded on both sides, and by a slow answer

# -- clients side by side ---------------------------------------------------------------------------------------------

own = st.builds(  # what a client does to things of its own, whatever others do
    Step,
    verb=st.sampled_from(("create", "mint", "due", "paid", "touched", "get", "find")),
    kind=st.sampled_from(KINDS),
    which=st.integers(0, 7).map(lambda number: 2 * number),
)


@in_shards(st.lists(st.lists(own, min_size=1, max_size=5), min_size=2, max_size=5), seeds)
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


def law_under_stress_what_somebody_made_just_before(trial: Trial) -> None:
    """A set-up within the last seconds, or minutes. Who writes at once, before it looks, cannot be told from it: it
    comes later. Nor can what is counted from such a time be told from what is counted from now: no program does."""
    program = [replace(step, note="", verb="create" if step.verb == "due" else step.verb) for step in trial.program]
    if trial.moments < LOOKS_LIKE_OURS:
        program = [*(Step("list", kind, limit=5) for kind in KINDS), *program]
    set_up = int(START) - trial.moments
    first = record(program, World(trial.seed, START, set_up=set_up))
    again = record(program, World(trial.seed + 1, trial.soon, set_up=set_up), first.cassette, chance=3)
    assert again.text == first.text
    assert again.transcript == first.transcript
    assert audit(first.cassette, first.text) == []


def law_under_stress_a_changed_api_changes_what_changed_and_nothing_else(trial: Trial) -> None:
    """One field has another value in every object, and one is new."""
    changed = trial.later_world()
    changed.changes = {"amount": 12.25, "colour": "red"}
    new = record(trial.program, changed, trial.first.cassette, chance=trial.again_seed)
    assert without(new.text) == trial.first.text.replace('"amount": 10.5', '"amount": 12.25')


def without(kept: str) -> str:
    """A cassette without the new field, which stands at the front of each object, in either style."""
    lines = [line for line in kept.split("\n") if line.strip() != '"colour": "red",']
    return "\n".join(lines).replace('"colour": "red", ', "")


def law_under_stress_what_is_not_asked_again_is_dropped_and_told(trial: Trial) -> None:
    program = [replace(step, which=0, note="") for step in trial.program if step.verb in ("create", "list", "unknown")]
    program += [Step("list"), Step("list")]
    gone = trial.other % len(program)
    old = record(program, trial.world(trial.seed))
    kept = program[:gone] + program[gone + 1 :]
    new = record(kept, trial.world(trial.seed + 1, START + DAY), old.cassette)
    assert len(new.session.receipt().dropped) == 1
    assert len(new.cassette.interactions) == len(kept)


def law_under_stress_new_episodes_keep_what_was_recorded_and_speak_of_it(trial: Trial) -> None:
    """The program has become longer: what it did before is answered from the cassette, the rest is sent on."""
    old, memory = trial.first.cassette, trial.first.session.upstream.memory()
    world = deepcopy(trial.upstream)
    world.now += DAY
    to = session(old, Mode.NEW_EPISODES, memory=memory)
    more = (replace(step, verb="get") if step.verb == "delete" else step for step in trial.more)
    longer = [*trial.program, *more]
    again = run(longer, playing_or_recording(to, world), Client(2, lambda: world.now))
    assert again[: len(trial.program)] == trial.first.transcript
    assert not to.upstream.names.collisions
    new = to.cassette() or old
    assert [one for one in new.interactions if one in old.interactions] == list(old.interactions)
    of = session(loads(text(new).encode(), "x.yaml"), Mode.NONE)
    assert replay(longer, of, world.now + 100 * DAY, chance=3).transcript == again


@pytest.mark.parametrize("kind", ["blobs", "orders"])
@pytest.mark.parametrize("action", ["paid", "touched"])
def test_what_is_made_of_an_object_at_last_was_not_moved_by_what_came_before(kind: str, action: str) -> None:
    """A list is asked for again behind a write that has nothing to do with it; then something is made there that
    belongs to the object of that write."""
    look = Step(verb="recent", kind=kind, limit=2)
    program = [Step(verb="create"), look, Step(verb=action)]
    law_under_stress_new_episodes_keep_what_was_recorded_and_speak_of_it(
        Trial(program, [look, Step(verb="create", kind=kind, which=7)], 0, 0, 0, 0, 325.9, LONG_AGO, 0, 1)
    )


def playing_or_recording(to: Session, world: World) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        verdict = to.decide(request, world.now)
        assert not isinstance(verdict, verdicts.Refuse), verdict.message
        if not isinstance(verdict, Forward):
            return verdict.response
        done = to.record(verdict.exchange, world.answer(verdict.request), world.now)
        to.recorder.keep(verdict.exchange, done.interaction)
        return done.response

    return answer


# -- values that programs mint ----------------------------------------------------------------------------------------


def law_under_stress_two_live_values_never_stand_for_one_and_one_never_for_two(trial: Trial) -> None:
    """Another run may mint what it likes: what it is told of its own values is what it minted."""
    minted = list(trial.replayed.client.minted.values())
    assert len(set(minted)) == len(minted)
    recorded = Client(trial.chance)
    theirs = [recorded.ref(serial) for serial in trial.replayed.client.minted]
    assert not [value for value in minted if value in trial.first.text and value not in theirs]


# -- time -------------------------------------------------------------------------------------------------------------


def law_under_stress_order_equality_and_whole_offsets_of_times_are_kept(trial: Trial) -> None:
    said, told = ([json.loads(each.body) for each in all_of] for all_of in (trial.first.said, trial.first.heard))
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


def law_under_stress_shifted_times_are_the_recorded_ones_at_one_distance(trial: Trial) -> None:
    """Another client on another day, shown times that count from now: it finds everything all the same. What was there
    before stays; but what is of the same day cannot always be told from what the session made."""
    facts = trial.first.cassette.facts
    assert facts is not None
    by = int(trial.at) - facts.epoch
    for told in zip(trial.first.said, trial.replayed.heard, trial.shifted.heard, strict=True):
        said, frozen, shifted = (json.loads(each.body) for each in told)
        for (real, one), (_, other) in zip(things(said, frozen), things(said, shifted), strict=True):
            ours, old = real["created"] >= int(START), one["created"] < facts.epoch
            assert other["created"] - one["created"] in ({by} if ours else {0} if old else {0, by})


# -- a fixpoint -------------------------------------------------------------------------------------------------------


def law_under_stress_a_cassette_of_another_tool_is_a_fixpoint_after_its_first_recording(trial: Trial) -> None:
    world = Overheard(trial.world(trial.seed))
    asked: list[Request] = []

    def overheard(request: Request) -> Response:
        asked.append(replace(request, origin=ORIGIN))
        return world.answer(request)

    run(trial.program, overheard, Client(1, lambda: world.now))
    foreign = Cassette(tuple(map(Interaction, asked, world.said)))
    once = copied(trial.program, foreign, at=START, chance=1)
    assert copied(trial.program, once.cassette, at=START, chance=1).text == once.text
