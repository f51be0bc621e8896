"""The table of how many programs each law sees is true."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

import tests.specs
from tests.core.lists import test_by_cursor
from tests.specs import (
    test_any_page,
    test_law_2_side_by_side,
    test_law_6_forgotten_writes,
    test_law_6_lives_side_by_side,
    test_laws_over_odd_apis,
    test_laws_over_streams,
)
from tests.specs.shards import LAWS, MANY, SHARDS, Share
from tests.specs.test_laws_over_generated_traffic import LAWS as LAWS_OF_A_TRIAL

PROFILES = ("quick", "ci", "thorough")  # of scripts/test, scripts/laws and scripts/laws thorough
OF_A_TRIAL = "test_every_program_meets_every_law"
ROW = re.compile(r"^(\w.+?) {2,}([0-9,]+) +([0-9,]+) +([0-9,]+)$", re.MULTILINE)
assert test_law_6_lives_side_by_side.few  # its laws are there
assert test_law_6_forgotten_writes.few
assert callable(test_laws_over_odd_apis.the_laws)
assert test_laws_over_streams.PROGRAMS is not None

# What is met in one piece: how many of a profile's programs it sees.
WHOLE: dict[Any, Callable[[int], int]] = {
    test_any_page.test_of_any_recorded_pages_no_object_and_no_end_is_ever_wrong: lambda most: max(20, most // 4),
    test_by_cursor.test_a_window_is_known_exactly_where_every_list_that_would_have_been_recorded_so_answers_it_alike: (
        lambda most: most
    ),
    test_by_cursor.test_pages_contradict_each_other_exactly_where_no_list_has_them_all: lambda most: most,
}


def plain(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def counted() -> Iterator[tuple[str, list[int]]]:
    """The rows of the table."""
    most = [settings.get_profile(profile).max_examples for profile in PROFILES]
    for law in LAWS_OF_A_TRIAL:
        yield plain(law.__name__), [LAWS[OF_A_TRIAL].programs(number) for number in most]
    for name in sorted(LAWS.keys() - {OF_A_TRIAL}):
        yield plain(name), [LAWS[name].programs(number) for number in most]
    for test, programs in WHOLE.items():
        yield plain(test.__name__), [programs(number) for number in most]
    for clients, times in test_law_2_side_by_side.TIMES.items():
        few = test_law_2_side_by_side.QUICK[clients]
        yield f"law 2 {clients} clients side by side, on each of two loops", [few, times, times]


def table() -> str:
    return "\n".join(f"{row:<93}{few:>5,}{many:>8,}{most:>10,}" for row, (few, many, most) in counted())


def test_the_table_tells_how_many_programs_each_law_sees() -> None:
    rows = ROW.findall(tests.specs.__doc__ or "")
    assert [(row, *map(int, "/".join(numbers).replace(",", "").split("/"))) for row, *numbers in rows] == [
        (row, *numbers) for row, numbers in counted()
    ], f"The table should be:\n{table()}"


@pytest.mark.parametrize("test", WHOLE, ids=lambda test: test.__name__)
def test_what_is_met_in_one_piece_sees_so_many(test: Any) -> None:
    assert test._hypothesis_internal_use_settings.max_examples == WHOLE[test](settings().max_examples)  # noqa: SLF001


@pytest.mark.parametrize("share", [*LAWS.values(), Share(), Share(3, 7)])
@pytest.mark.parametrize("most", [60, 100, MANY, 2_001, 100_000])
def test_the_shards_of_a_law_see_all_of_its_programs(share: Share, most: int) -> None:
    shards = list(share.shards(most))
    assert sum(shards) == share.programs(most)
    assert len(shards) == (SHARDS if most >= MANY else 1)
    assert max(shards) - min(shards) <= 1
