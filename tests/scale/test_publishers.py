"""The race of publishers, with a few of them."""

from pathlib import Path

import pytest

from tests.scale.publishers import race


@pytest.mark.laws
def test_publishers_that_are_killed_lose_nothing_and_tear_nothing(tmp_path: Path) -> None:
    told = race(tmp_path, f"file://{tmp_path}/store", 12, seed=3)
    assert told.started == 12 + told.killed + told.failed
