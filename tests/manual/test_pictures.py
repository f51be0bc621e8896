"""The pictures are drawn from the example cassette: those in the manual are the ones that it gives today."""

from xml.etree import ElementTree

import pytest

from replayer.cassettes import folder
from replayer.core.matching import Index, causal
from replayer.core.rules import registry
from tests.manual.examples import BLOCKS
from tests.manual.pictures import EXAMPLE, FOLDER, pictures, shown

PICTURES = pictures()


def test_there_are_no_others() -> None:
    assert {path.name for path in FOLDER.glob("*.svg")} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_is_drawn_today(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == PICTURES[name], "draw it again: scripts/draw"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_sound_and_dark_for_those_who_want_that(name: str) -> None:
    root = ElementTree.fromstring(PICTURES[name])  # noqa: S314 - drawn here
    assert root.get("aria-label")
    assert "prefers-color-scheme: dark" in PICTURES[name]


def test_the_causal_picture_shows_each_interaction_and_its_causes() -> None:
    rows = list(causal.rows(Index(folder.existing(EXAMPLE), registry.INVOICE_RULES)))
    drawn = PICTURES["causes.svg"]
    dots = sum(len(shown(row).touches) for row in rows)
    assert drawn.count('class="dot') == dots
    assert drawn.count('class="read') == sum(bool(shown(row).after) for row in rows)
    for line in BLOCKS["causes.txt"].splitlines()[1:]:
        assert line.split("  ")[-1].removeprefix("after ") in drawn or "touches" in line


def test_the_ranges_of_a_row_are_read_one_by_one() -> None:
    assert shown(causal.CausalRow(17, "GET /x", "after 1-3, 7")).after == (1, 2, 3, 7)
    assert shown(causal.CausalRow(1, "POST /x", "touches a, b")).touches == ("a", "b")
