"""What is drawn of causes and states is what a session answers: over generated programs, and over the examples."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.cassettes import folder
from replayer.core.cassette import Cassette
from replayer.core.clock import SessionClock
from replayer.core.drawing import Drawing, SessionState
from replayer.core.matching import Player, stamps
from replayer.core.modes import Mode
from replayer.core.rules import registry
from replayer.core.session import verdicts
from tests.core.build import CUSTOMER, INVOICE, OTHER, answer, req
from tests.core.build import recorded as cassette_of
from tests.core.build import session as session_on
from tests.specs.traffic import START, programs, recorded, seeds, session
from tests.specs.world import Step, World

RULES = registry.INVOICE_RULES
EXAMPLES = sorted((Path(__file__).parents[3] / "cassettes").glob("*.yaml"))


def drawing_of(cassette: Cassette) -> Drawing:
    return Drawing(cassette, RULES)


def check_state(cassette: Cassette, count: int) -> SessionState:
    """After so many writes each recorded read is answered as the drawing says, and no other one is."""
    drawing = drawing_of(cassette)
    playing = session(cassette, Mode.NONE)
    for number in drawing.writes[:count]:
        verdict = playing.decide(cassette.interactions[number - 1].request, START)
        assert isinstance(verdict, verdicts.Replay), verdict
    state = drawing.state_after(count)
    assert [*state.reads] == [
        number for number in range(1, len(cassette.interactions) + 1) if number not in drawing.writes
    ]
    for number, read in state.reads.items():
        verdict = playing.decide(cassette.interactions[number - 1].request, START)
        assert isinstance(verdict, verdicts.Replay) == read.is_answered, (number, read, verdict)
        if isinstance(verdict, verdicts.Replay):
            assert verdict.synthesized == ("" if read.how in ("own", "other") else read.how)
    return state


def check_causes(cassette: Cassette) -> None:
    """A read is the answer where all writes that it had behind it were played, and where any of them is left out it is
    not; and whatever stands behind something has that ahead of it."""
    drawing = drawing_of(cassette)
    index, causality = drawing.index, drawing.causality
    pairs = {(write, number) for number in range(1, len(index) + 1) for write in causality.behind(number)}
    assert pairs == {(write, number) for write in drawing.writes for number in causality.ahead(write)}

    def answers(number: int, played: list[int]) -> bool:
        causes = stamps.Causes(RULES)
        player = Player(index, causes, SessionClock())
        for write in played:
            player.play(index.entries[write - 1])
        read = index.entries[number - 1]
        return read in index.reads(read.asked.key, causes.marks(index.resources(read.digest)))

    for number in sorted({*range(1, len(index) + 1)} - {*drawing.writes}):
        behind = causality.behind(number)
        assert answers(number, behind)
        assert not any(answers(number, [each for each in behind if each != write]) for write in behind)


@pytest.mark.long
@given(programs, seeds, st.integers(0, 14))
def test_after_some_writes_the_reads_said_to_be_answered_are_those_that_a_session_answers(
    program: list[Step], seed: int, count: int
) -> None:
    check_state(recorded(program, World(seed, START))[1], count)


@pytest.mark.long
@given(programs, seeds)
def test_what_stands_behind_a_read_decides_whether_it_is_the_answer(program: list[Step], seed: int) -> None:
    check_causes(recorded(program, World(seed, START))[1])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_stand_as_a_session_on_them_does(path: Path) -> None:
    cassette = folder.existing(path)
    check_causes(cassette)
    writes = len(drawing_of(cassette).writes)
    for count in {0, writes // 3, writes // 2, writes}:
        check_state(cassette, count)


CREATE = req("POST /v1/invoices", f"customer={CUSTOMER}")
GET = req(f"GET /v1/invoices/{INVOICE}")
PAY = req(f"POST /v1/invoices/{INVOICE}/pay")


def paid(status: str) -> dict[str, str]:
    return {"id": INVOICE, "object": "invoice", "customer": CUSTOMER, "status": status}


def life() -> Cassette:
    return cassette_of(
        (CREATE, answer(paid("draft"))),
        (GET, answer(paid("draft"))),
        (PAY, answer(paid("paid"))),
        (GET, answer(paid("paid"))),
        (req(f"GET /v1/invoices/{OTHER}"), answer({"error": {}}, status=404)),
    )


def test_a_read_is_its_own_answer_another_one_or_a_miss() -> None:
    drawing = drawing_of(life())
    told = [
        {number: (read.how, read.by) for number, read in drawing.state_after(count).reads.items()} for count in range(3)
    ]
    assert told == [
        {2: ("miss", None), 4: ("miss", None), 5: ("own", 5)},
        {2: ("own", 2), 4: ("other", 2), 5: ("own", 5)},
        {2: ("other", 4), 4: ("own", 4), 5: ("own", 5)},
    ]


def test_a_write_is_ready_once_what_it_depends_on_was_played_and_not_twice() -> None:
    drawing = drawing_of(life())
    assert [drawing.state_after(count).ready for count in range(3)] == [(1,), (3,), ()]


def test_a_write_has_behind_it_what_it_depends_on() -> None:
    drawing = drawing_of(life())
    assert [drawing.causality.behind(number) for number in range(1, 6)] == [[], [1], [1], [1, 3], []]
    assert drawing.causality.ahead(1) == [2, 3, 4]
    assert drawing.causality.ahead(2) == []


def test_equal_reads_in_one_state_are_each_their_own_answer() -> None:
    cassette = cassette_of((CREATE, answer(paid("draft"))), (GET, answer(paid("draft"))), (GET, answer(paid("open"))))
    state = drawing_of(cassette).state_after(1)
    assert [(read.how, read.by) for read in state.reads.values()] == [("own", 2), ("own", 3)]


def test_a_state_is_looked_at_and_nothing_is_played_by_that() -> None:
    cassette = life()
    assert drawing_of(cassette).state_after(1) == drawing_of(cassette).state_after(1)
    drawing = drawing_of(cassette)
    assert drawing.state_after(2) == drawing.state_after(2)
    assert drawing.state_after(0) == drawing_of(cassette).state_after(0)
    playing = session_on(cassette, Mode.NONE)
    assert isinstance(playing.decide(CREATE, START), verdicts.Replay)
