"""How long answers are held back: as it is written, and never less than nothing."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.faults import Latency
from replayer.errors import UsageError


def never(mean: float, deviation: float) -> float:
    raise AssertionError((mean, deviation))


@given(st.integers(0, 3_600_000))
def test_a_number_is_milliseconds_and_no_chance(milliseconds: int) -> None:
    assert Latency.read(str(milliseconds)).seconds(never) == milliseconds / 1000


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers())
def test_by_chance_it_is_never_less_than_nothing(mean: int, deviation: int, seed: int) -> None:
    latency = Latency.read(f"normal:{mean},{deviation}")
    assert 0 <= latency.seconds(Random(seed).gauss) <= 3600


def test_by_chance_it_is_about_what_it_says() -> None:
    latency, chance = Latency.read("normal:200,20"), Random(1)
    drawn = [latency.seconds(chance.gauss) for _ in range(1000)]
    assert 0.198 < sum(drawn) / len(drawn) < 0.202
    assert 0.018 < (sum((each - 0.2) ** 2 for each in drawn) / len(drawn)) ** 0.5 < 0.022


@pytest.mark.parametrize(
    "wrong", ["", "soon", "-1", "1e3", "normal:1", "normal:1,2,3", "3600001", "nan", "normal:-1,2"]
)
def test_anything_else_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"is none\. Give milliseconds, an hour at most, normal:MS,SD, or recorded\."):
        Latency.read(wrong)


def test_as_recorded_it_holds_nothing_back_of_which_no_cassette_knows_how_long_it_took() -> None:
    latency = Latency.read("recorded")
    assert latency.recorded
    assert latency.seconds(never) == 0
