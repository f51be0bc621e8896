"""What recorded pages tell of a list: all that follows from them, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.lists.by_cursor import Item, Page, Slice, Stretches, Window

NAMES = "abcdefgh"


def items(names: str) -> tuple[Item, ...]:
    return tuple(Item(name, f'{{"id": "{name}"}}') for name in names)


def page(names: str, more: bool | None, *, after: str | None = None, before: str | None = None) -> Page:
    return Page(items(names), more, after, before, "GET /v1/things")


def upstream(names: str, window: Window) -> tuple[str, bool]:
    """What an API answers that has these objects, first to last. A cursor in capitals has lost its object."""
    if window.before is not None:
        at = names.lower().index(window.before)
        newer = "".join(name for name in names[:at] if name.islower())
        return newer[-window.limit :], len(newer) > window.limit
    start = names.lower().index(window.after) + 1 if window.after is not None else 0
    older = "".join(name for name in names[start:] if name.islower())
    return older[: window.limit], len(older) > window.limit


def recorded(names: str, window: Window) -> Page:
    found, more = upstream(names, window)
    return page(found, more, after=window.after, before=window.before)


def told(answer: Slice | str) -> tuple[str, bool] | None:
    return ("".join(item.id for item in answer.items), answer.more) if isinstance(answer, Slice) else None


@st.composite
def windows(draw: st.DrawFn, names: str, longest: int = 4) -> Window:
    cursor = draw(st.sampled_from([None, *names.lower()]))
    backward = cursor is not None and draw(st.booleans())
    return Window(draw(st.integers(1, longest)), None if backward else cursor, cursor if backward else None)


@dataclass(frozen=True)
class Recording:
    """The objects that an API has, and the windows that somebody asked for."""

    names: str
    asked: tuple[Window, ...]

    @property
    def pages(self) -> list[Page]:
        return [recorded(self.names, window) for window in self.asked]


@st.composite
def recordings(draw: st.DrawFn, most: int = 3, asked: int = 4) -> Recording:
    names = NAMES[: draw(st.integers(0, most))]
    gone = draw(st.sets(st.sampled_from(names), max_size=1)) if names else set()
    names = "".join(name.upper() if name in gone else name for name in names)
    return Recording(names, tuple(draw(st.lists(windows(names), max_size=asked))))


def every_window(names: str, longest: int) -> Iterator[Window]:
    for limit in range(1, longest + 1):
        yield Window(limit)
        for name in names:
            yield Window(limit, after=name)
            yield Window(limit, before=name)


def worlds(pages: list[Page]) -> Iterator[str]:
    """All lists that would have been recorded so: the objects that were told in any order, cursors with and without
    their object, and up to two more that nobody has seen."""
    seen = {item.id for page in pages for item in page.items}
    cursors = {name for page in pages for name in (page.after, page.before) if name is not None} - seen
    for gone in product((str.upper, str.lower), repeat=len(cursors)):
        fates = [fate(name) for fate, name in zip(gone, sorted(cursors), strict=True)]
        for extra in ("", "z", "yz"):
            for order in permutations([*sorted(seen), *fates, *extra]):
                names = "".join(order)
                if all(recorded(names, asked(page)) == page for page in pages):
                    yield names


def asked(page: Page) -> Window:
    """The window that a page answers, as small as it can have been."""
    return Window(max(1, len(page.items)), page.after, page.before)


@pytest.mark.laws
@given(recordings())
def test_a_window_is_known_exactly_where_every_list_that_would_have_been_recorded_so_answers_it_alike(
    recording: Recording,
) -> None:
    known = Stretches(recording.pages)
    possible = list(worlds(recording.pages))
    seen = {item.id for page in recording.pages for item in page.items}
    assert known.conflict == ""
    placed = {*seen, *(name for page in recording.pages for name in (page.after, page.before) if name)}
    for window in every_window("".join(sorted(placed)), 4):
        answers = {upstream(names, window) for names in possible}
        determined = len(answers) == 1 and set(next(iter(answers))[0]) <= seen
        assert told(known.window(window)) == (next(iter(answers)) if determined else None), window


@pytest.mark.laws
@given(recordings(), recordings())
def test_pages_contradict_each_other_exactly_where_no_list_has_them_all(one: Recording, other: Recording) -> None:
    pages = [*one.pages[:2], *other.pages[:2]]
    assert (Stretches(pages).conflict == "") == any(True for _ in worlds(pages))
