"""A few rounds of each target with a fixed seed, and every fault that was ever found."""

from typing import Any

import pytest

from tests.fuzz import over_ports, pure, rough
from tests.fuzz.__main__ import turn
from tests.fuzz.noise import Noise
from tests.fuzz.seeds import FOUND, seeds


@pytest.mark.parametrize(
    ("target", "data"), [(target, data) for target in pure.TARGETS for data in seeds(target)[: len(FOUND[target])]]
)
def test_what_once_was_a_fault_is_none(target: str, data: bytes) -> None:
    pure.TARGETS[target](data)


@pytest.mark.parametrize("opened", [over_ports.playing, over_ports.recording])
async def test_what_once_was_a_fault_over_a_port_is_none(opened: Any) -> None:
    await over_ports.sent_as_found(opened)


@pytest.mark.parametrize("target", pure.TARGETS)
def test_damaged_input_means_something_or_is_refused_in_words(target: str) -> None:
    turn(target, Noise(1), pure.TARGETS[target])


@pytest.mark.parametrize("target", over_ports.TARGETS)
async def test_whoever_says_anything_over_a_port_gets_an_answer_in_time(target: str) -> None:
    await over_ports.TARGETS[target](Noise(1), 30)


@pytest.mark.long
@pytest.mark.stands_still("a command over a damaged file is not what a loop does")
@pytest.mark.parametrize(("target", "count"), [("commands", 10), ("journals", 20), ("kills", 2), ("connections", 1)])
async def test_nothing_is_lost_whatever_befalls_a_program(target: str, count: int) -> None:
    await rough.TARGETS[target](Noise(1), count)


def test_noise_is_the_same_for_the_same_seed() -> None:
    one, other = ([Noise(7).damaged(data) for data in seeds("json")[:5]] for _ in range(2))
    assert one == other
