"""A session that the sandbox goes on with is as if the sandbox had been there from the first request on."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from replayer.core.message import instants, wire
from tests.core.build import EPOCH
from tests.specs.continuing import READS, VERBS, Alone, Continued, Recording, Step, alike, run

NUMBERS = st.integers(0, 11)
STEPS = st.builds(Step, st.sampled_from(VERBS + READS), NUMBERS, NUMBERS, st.integers(-50, 400))
BEGINNING = (
    Step("customer"),
    Step("item", amount=300),
    Step("draft", how=1),
    Step("customer", how=1),
    Step("draft", which=1),
)
PROGRAMS = st.lists(STEPS, max_size=14).map(lambda steps: (*BEGINNING, *steps))
MARKED = ("customer", "item", "draft", "line", "unline", "act", "act", "update", "rename", *READS)


@pytest.mark.long
@given(PROGRAMS, st.data())
def test_a_program_whose_beginning_was_recorded_is_answered_as_by_one_sandbox_and_the_clock_goes_on_from_what_was_told(
    program: tuple[Step, ...], data: st.DataObject
) -> None:
    """And the same program is told the same bytes."""
    recording = Recording()
    run(program[: data.draw(st.integers(1, len(program)), "recorded")], recording)
    continued = Continued(recording.cassette)
    told = run(program, continued).answers
    assert alike(told) == alike(run(program, Alone()).answers)
    assert run(program, Continued(recording.cassette)).answers == told
    seconds = [wire.header(answer.headers, "date") or "" for answer in told]
    latest = EPOCH
    for played, instant in zip(continued.played, map(instants.read_http_date, seconds), strict=True):
        assert instant is not None
        assert played or latest <= instant.seconds <= latest + 1
        latest = max(latest, instant.seconds)


INSERTED = st.lists(st.tuples(st.integers(0, 14), st.sampled_from(MARKED), NUMBERS, NUMBERS), min_size=1, max_size=4)


@pytest.mark.long
@given(PROGRAMS, INSERTED)
def test_what_is_done_between_recorded_requests_is_seen_by_all_that_come_later(
    program: tuple[Step, ...], inserted: list[tuple[int, str, int, int]]
) -> None:
    recording = Recording()
    recorded = run(program, recording)
    longer = list(program)
    for number, (place, verb, which, how) in enumerate(inserted):
        longer.insert(len(BEGINNING) + place, Step(verb, which, how, mark=f"inserted {number}"))
    alone = run(longer, Alone())
    assume(alone.choices == recorded.choices)  # else the program asks for other things from there on
    assert alike(run(longer, Continued(recording.cassette)).answers) == alike(alone.answers)


def test_the_sandbox_refuses_what_comes_behind_a_forgotten_step() -> None:
    recording = Recording()
    finalize, void = Step("act", how=0), Step("act", how=4)
    run((*BEGINNING, finalize, void), recording)
    assert run((*BEGINNING, finalize, void), Continued(recording.cassette)).answers[-1].status == 200
    assert run((*BEGINNING, void), Continued(recording.cassette)).answers[-1].status == 400
