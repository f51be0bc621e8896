"""What pages tell of a list whose objects are counted: all that follows from them, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.lists.by_cursor import Item
from replayer.core.lists.positions import Placed, Positions, Slice

NAMES = "abcdefgh"
UNSEEN = "?"


def page(start: int, names: str, size: int | None, *, more: bool | None = None, total: int | None = None) -> Placed:
    return Placed(start, tuple(Item(name, name) for name in names), size, more, total, "GET /things")


@dataclass(frozen=True)
class Asked:
    """A page that was asked for, and what the API tells besides its objects: whether there are more, and how many."""

    start: int
    size: int
    tells_more: bool
    tells_total: bool

    def of(self, names: str) -> Placed:
        """What an API answers that has these objects."""
        end = self.start + self.size
        more = len(names) > end if self.tells_more else None
        total = len(names) if self.tells_total else None
        return page(self.start, names[self.start : end], self.size, more=more, total=total)


@st.composite
def recordings(draw: st.DrawFn) -> tuple[list[Asked], list[Placed]]:
    names = NAMES[: draw(st.integers(0, 5))]
    starts = st.integers(0, max(len(names) - 1, 0))  # what is answered behind the end is not taken for a page
    asked = draw(st.lists(st.builds(Asked, starts, st.integers(1, 4), st.booleans(), st.booleans()), max_size=3))
    return asked, [one.of(names) for one in asked]


def worlds(asked: list[Asked], pages: list[Placed]) -> Iterator[str]:
    """All lists that would have been recorded so, with objects that nobody has seen where nothing tells of them."""
    seen = {one.start + place: item.id for one in pages for place, item in enumerate(one.items)}
    for length in range(9):
        names = "".join(seen.get(place, UNSEEN) for place in range(length))
        if all(one.of(names) == told for one, told in zip(asked, pages, strict=True)):
            yield names


@given(recordings())
def test_a_window_is_known_exactly_where_every_list_that_would_have_been_recorded_so_answers_it_alike(
    recording: tuple[list[Asked], list[Placed]],
) -> None:
    asked, pages = recording
    known, possible = Positions(pages, short=True), list(worlds(asked, pages))
    assert known.conflict == ""
    for start in range(6):
        for size in range(1, 5):
            found = known.window(start, size)
            answers = {names[start : start + size] for names in possible if start < len(names) or start == 0}
            certain = all(start < len(names) or start == 0 for names in possible)
            if certain and len(answers) == 1 and UNSEEN not in min(answers):
                assert isinstance(found, Slice)
                assert "".join(item.id for item in found.items) == min(answers)
                more = {len(names) > start + size for names in possible}
                assert found.more == (more.pop() if len(more) == 1 else None)
            else:
                assert isinstance(found, str)


def test_one_place_with_two_objects_is_a_contradiction() -> None:
    known = Positions([page(0, "ab", 2), page(1, "c", 1)])
    assert known.conflict == (
        "the recorded pages of this list contradict each other: what stands at 1 is told in two ways, in GET /things "
        "for one"
    )
    assert known.window(0, 1) == known.conflict


def test_one_object_in_two_places_is_a_contradiction() -> None:
    assert Positions([page(0, "ab", 2), page(2, "b", 2)]).conflict.endswith(": b stands at 2 and at 1")


def test_two_ends_are_a_contradiction() -> None:
    assert Positions([page(0, "ab", 2, total=3), page(2, "cd", 2, more=False)]).conflict
    assert Positions([page(0, "ab", 2, more=False), page(2, "c", 1)]).conflict


def test_a_page_that_is_longer_than_was_asked_for_is_none() -> None:
    assert "has more objects than were asked for" in Positions([page(0, "abc", 2)]).conflict


def test_a_shorter_page_that_is_not_the_last_shows_that_places_cannot_be_counted() -> None:
    assert "is not the last page" in Positions([page(0, "ab", 3, more=True)]).conflict
    assert "is not the last page" in Positions([page(0, "ab", 3), page(3, "d", 3)]).conflict


def test_a_shorter_page_is_the_last_one_only_by_rule() -> None:
    pages = [page(0, "ab", 3)]
    assert isinstance(Positions(pages).window(0, 5), str)
    assert Positions(pages, short=True).window(0, 5) == Slice(pages[0].items, more=False)


def test_what_is_missing_is_said() -> None:
    known = Positions([page(0, "ab", 2), page(3, "d", 1, more=False)])
    assert known.window(1, 2) == "the object behind the first 2 of this list was not recorded"
    assert known.window(4, 2) == "the list ends at 4, and what is answered behind that was not recorded"


@given(st.sets(st.integers(0, 30)))
def test_runs_are_what_is_known_without_a_gap(places: set[int]) -> None:
    known = Positions(Placed(place, (Item(f"i{place}", "{}"),)) for place in places)
    assert [place for start, end in known.runs for place in range(start, end)] == sorted(places)
    assert all(one[1] < other[0] for one, other in pairwise(known.runs))
