"""Times that a program counts from now."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.clock.relative import DAY, HOUR, MINUTE, Meaning, Now, likeliest, meanings, meant


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOON = at("2026-11-25T12:34:56")  # a Wednesday
HERE = Now((NOON,))
moments = st.integers(at("1990-01-01"), at("2100-01-01"))


@pytest.mark.parametrize(
    ("seconds", "meaning"),
    [
        (NOON - 30 * DAY, ("now", -30 * DAY)),
        (NOON + 7 * DAY - 4 * MINUTE, ("now", 7 * DAY)),  # it looked at its clock some minutes ago
        (NOON - 2 * HOUR - 20, ("now", -2 * HOUR)),
        (NOON - 90 * MINUTE, ("now", -90 * MINUTE)),
        (NOON + 1, ("now", 0)),
        (at("2026-11-25"), ("day", 0)),
        (at("2026-11-24"), ("day", -1)),
        (at("2026-11-24T23:59:59"), ("day end", -1)),
        (at("2026-11-25T23:59:59"), ("day end", 0)),
        (at("2026-11-23"), ("week", 0)),
        (at("2026-11-16"), ("week", -1)),
        (at("2026-11-22T23:59:59"), ("week end", -1)),
        (at("2026-11-01"), ("month", 0)),
        (at("2026-12-01"), ("month", 1)),
        (at("2026-10-31T23:59:59"), ("month end", -1)),
        (at("2026-01-01"), ("year", 0)),
        (at("2025-12-31T23:59:59"), ("year end", -1)),
    ],
)
def test_a_time_means_what_a_program_counted(seconds: int, meaning: Meaning) -> None:
    assert meaning in meanings(seconds, HERE)
    assert abs(meant(meaning, NOON) - seconds) <= 5 * MINUTE
    assert likeliest(meanings(seconds, HERE)) == meaning


@pytest.mark.parametrize("seconds", [NOON - 30 * DAY + 2, NOON - 11 * HOUR - 630, NOON + 40 * DAY + 7 * HOUR + 1111])
def test_most_times_mean_nothing(seconds: int) -> None:
    assert meanings(seconds, HERE) == frozenset()


def test_small_units_are_believed_near_by_only() -> None:
    assert meanings(NOON - 8 * DAY - 5 * HOUR, HERE) == meanings(NOON - 2 * DAY - 3 * MINUTE - 240, HERE) == frozenset()


def test_the_calendar_may_be_the_one_where_the_program_runs() -> None:
    berlin = Now((at("2026-11-25T23:30:00"),), (0, HOUR, 2 * HOUR))  # half past midnight there
    assert ("day", 0) in meanings(at("2026-11-25T23:00:00"), berlin)
    assert ("month", 0) in meanings(at("2026-10-31T23:00:00"), berlin)
    assert ("month", -1) in meanings(at("2026-09-30T22:00:00"), berlin)  # in summer time
    assert ("now", -30 * DAY) in meanings(at("2026-10-26T23:30:00") - HOUR, berlin)


def test_several_moments_may_be_now() -> None:
    assert meanings(NOON - DAY, Now((NOON, NOON - 400 * DAY))) >= {("now", -DAY), ("now", 399 * DAY)}


@given(moments, moments, st.integers(-400, 400), st.sampled_from(("now", "day", "week", "month", "year", "month end")))
def test_what_means_the_same_is_the_same_on_any_day(first: int, second: int, count: int, unit: str) -> None:
    meaning = (unit, count * DAY) if unit == "now" else (unit, count // 20)
    assert meaning in meanings(meant(meaning, first), Now((first,)))
    assert meaning in meanings(meant(meaning, first), Now((first,))) & meanings(meant(meaning, second), Now((second,)))
