"""Seats: which of the equal requests a request is."""

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.matching.turns import Seat, Seats


def seats(first: int = 0) -> Seats:
    return Seats(lambda _: first)


def taken(of: Seats, key: str | None = None, digest: str = "d") -> Seat:
    """The seat that the next equal request gets."""
    seat = of.next(digest, key)
    of.take(digest, key, seat)
    return seat


def test_equal_requests_sit_one_behind_the_other() -> None:
    of = seats()
    assert [taken(of) for _ in range(3)] == [Seat(0, 0), Seat(1, 0), Seat(2, 0)]
    assert taken(of, digest="e") == Seat(0, 0)


def test_looking_for_a_seat_takes_none() -> None:
    of = seats()
    assert of.next("d", None) == of.next("d", None) == Seat(0, 0)


def test_a_retry_keeps_its_seat_and_is_another_attempt() -> None:
    of = seats()
    assert [taken(of, "a"), taken(of, "b"), taken(of, "a"), taken(of, "a"), taken(of, "c")] == [
        Seat(0, 0),
        Seat(1, 0),
        Seat(0, 1),
        Seat(0, 2),
        Seat(2, 0),
    ]


def test_one_key_for_two_questions_is_two_keys() -> None:
    of = seats()
    assert (taken(of, "a"), taken(of, "a", digest="e")) == (Seat(0, 0), Seat(0, 0))


def test_counting_begins_where_it_is_told_to() -> None:
    of = seats(first=3)
    assert (taken(of), taken(of)) == (Seat(3, 0), Seat(4, 0))


def test_a_vacated_seat_goes_to_the_next_request_the_first_one_first() -> None:
    of = seats()
    three = [taken(of, key) for key in "abc"]
    of.vacate("d", "b", three[1])
    of.vacate("d", "a", three[0])
    assert of.vacant == 2
    assert [taken(of, key) for key in "def"] == [Seat(0, 0), Seat(1, 0), Seat(3, 0)]
    assert of.vacant == 0


def test_a_retry_that_failed_leaves_the_first_answer_where_it_is() -> None:
    of = seats()
    taken(of, "a")
    of.vacate("d", "a", taken(of, "a"))
    assert of.vacant == 0
    assert taken(of) == Seat(1, 0)


@given(st.lists(st.booleans(), max_size=20))
def test_no_two_requests_ever_sit_in_one_seat(stays: list[bool]) -> None:
    of, held = seats(), set[int]()
    for stay in stays:
        seat = taken(of)
        assert seat.occurrence not in held
        if stay:
            held.add(seat.occurrence)
        else:
            of.vacate("d", None, seat)
    assert held == set(range(len(held)))
