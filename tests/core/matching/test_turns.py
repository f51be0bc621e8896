"""Turns: which of the equal requests a request is."""

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.matching.turns import Turn, Turns


def turns(first: int = 0) -> Turns:
    return Turns(lambda _: first)


def claimed(of: Turns, key: str | None = None, digest: str = "d") -> Turn:
    """The turn that the next equal request gets."""
    return of.claim(digest, key)


def test_equal_requests_have_one_turn_behind_the_other() -> None:
    of = turns()
    assert [claimed(of) for _ in range(3)] == [Turn(0, 0), Turn(1, 0), Turn(2, 0)]
    assert claimed(of, digest="e") == Turn(0, 0)


def test_looking_for_a_turn_takes_none() -> None:
    of = turns()
    assert of.next("d", None) == of.next("d", None) == Turn(0, 0)


def test_a_retry_keeps_its_turn_and_is_another_attempt() -> None:
    of = turns()
    assert [claimed(of, "a"), claimed(of, "b"), claimed(of, "a"), claimed(of, "a"), claimed(of, "c")] == [
        Turn(0, 0),
        Turn(1, 0),
        Turn(0, 1),
        Turn(0, 2),
        Turn(2, 0),
    ]


def test_one_key_for_two_questions_is_two_keys() -> None:
    of = turns()
    assert (claimed(of, "a"), claimed(of, "a", digest="e")) == (Turn(0, 0), Turn(0, 0))


def test_counting_begins_where_it_is_told_to() -> None:
    of = turns(first=3)
    assert (claimed(of), claimed(of)) == (Turn(3, 0), Turn(4, 0))


def test_a_released_turn_goes_to_the_next_request_the_first_one_first() -> None:
    of = turns()
    three = [claimed(of, key) for key in "abc"]
    of.release("d", "b", three[1])
    of.release("d", "a", three[0])
    assert of.released == 2
    assert [claimed(of, key) for key in "def"] == [Turn(0, 0), Turn(1, 0), Turn(3, 0)]
    assert of.released == 0


def test_a_retry_that_failed_leaves_the_first_answer_where_it_is() -> None:
    of = turns()
    claimed(of, "a")
    of.release("d", "a", claimed(of, "a"))
    assert of.released == 0
    assert claimed(of) == Turn(1, 0)


@given(st.lists(st.booleans(), max_size=20))
def test_no_two_requests_ever_have_one_turn(stays: list[bool]) -> None:
    of, held = turns(), set[int]()
    for stay in stays:
        turn = claimed(of)
        assert turn.occurrence not in held
        if stay:
            held.add(turn.occurrence)
        else:
            of.release("d", None, turn)
    assert held == set(range(len(held)))
