"""The order of a file."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.recording.file_order import Event, arranged, emitters


def event(
    rank: int,
    touches: str,
    *,
    reads: bool = False,
    behind: tuple[int, ...] = (),
    text: str = "",
    nth: int = 0,
    attempt: int = 0,
) -> Event:
    place = (rank, (0, 0), text, 0, "")
    question = text or f"request {rank}"
    return Event(place, question, (nth, attempt), reads, frozenset(touches.split()), frozenset(behind))


def test_what_nothing_speaks_against_stands_where_its_rank_is() -> None:
    assert arranged([event(2, "a"), event(0, "b"), event(1, "a")]) == [1, 2, 0]
    assert arranged([]) == []


def test_a_read_stands_behind_the_writes_that_it_saw_and_before_those_that_it_did_not() -> None:
    assert arranged([event(5, "a"), event(0, "a", reads=True)]) == [0, 1]
    assert arranged([event(5, "a", reads=True), event(0, "a")]) == [0, 1]
    assert arranged([event(5, "a", reads=True), event(0, "b")]) == [1, 0]


def test_reads_among_each_other_and_writes_among_each_other_are_in_no_order() -> None:
    assert arranged([event(1, "a"), event(0, "a")]) == [1, 0]
    assert arranged([event(1, "a", reads=True), event(0, "a", reads=True)]) == [1, 0]


def test_who_names_an_id_stands_behind_who_told_it() -> None:
    assert arranged([event(5, "a", reads=True), event(0, "b", reads=True, behind=(0,))]) == [0, 1]
    assert emitters(["x", "y", "z"], {"x": 3, "y": 3, "q": 1}) == {3}


def test_equal_requests_stand_in_their_number_whoever_was_complete_first() -> None:
    assert arranged([event(0, "a", text="same", nth=1), event(1, "b", text="same", nth=0)]) == [1, 0]


def test_other_equal_requests_may_stand_between_two_attempts_at_one() -> None:
    made = [event(0, "a", text="same"), event(1, "a", text="same", nth=1), event(2, "a", text="same", attempt=1)]
    assert arranged(made) == [0, 1, 2]
    assert arranged(made[::-1]) == [2, 1, 0]


def test_a_circle_is_broken_where_the_lowest_rank_is() -> None:
    assert arranged([event(1, "", behind=(1,)), event(0, "", behind=(0,)), event(2, "")]) == [2, 1, 0]


events = st.lists(
    st.builds(
        lambda rank, touches, reads: event(rank, " ".join(sorted(touches)), reads=reads),
        st.integers(0, 30),
        st.sets(st.sampled_from("abcd"), max_size=3),
        st.booleans(),
    ),
    max_size=14,
)


@given(events)
def test_every_event_has_one_place_and_every_read_its_state(happened: list[Event]) -> None:
    happened = [  # ranks are told apart, so that there is one right answer to what is lowest
        replace(one, rank=(100 * one.rank[0] + number, *one.rank[1:]), question=str(number))
        for number, one in enumerate(happened)
    ]
    order = arranged(happened)
    assert sorted(order) == list(range(len(happened)))
    place = {number: index for index, number in enumerate(order)}
    for later, second in enumerate(happened):
        for earlier, first in enumerate(happened[:later]):
            if first.reads != second.reads and first.touches & second.touches:
                assert place[earlier] < place[later]
