"""What recorded pages show of a list whose objects are counted: a page is known exactly where every list that would
have been recorded so answers it in the same words, and what is said around its objects is never anything else."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.cassette import Cassette, Interaction
from replayer.core.lists.by_position import CountedList, PositionalList, Written
from replayer.core.lists.envelope import envelope
from replayer.core.lists.page_request import PageRequest, page_request
from replayer.core.matching import Index
from replayer.core.rules import registry, ruleset
from tests.core.build import answer, asked, req

NAMES = "abcdefgh"
UNSEEN = "?"


@dataclass(frozen=True)
class Numbers:
    """What there is to say of a page."""

    start: int
    count: int
    size: int
    end: int  # of the list


MEANINGS: Mapping[str, Callable[[Numbers], int | None]] = {
    "count": lambda page: page.count,
    "size": lambda page: page.size,
    "start": lambda page: page.start,
    "behind": lambda page: page.start + page.count,
    "all": lambda page: page.end,
    "left": lambda page: page.end - page.start - page.count,
    "pages": lambda page: -(-page.end // page.size),
    "next": lambda page: page.start + page.count if page.start + page.count < page.end else None,
    "2": lambda _: 2,
    "3": lambda _: 3,
    "null": lambda _: None,
}


@dataclass(frozen=True)
class Told:
    """How an API lists: what its pages say besides their objects, and a number of some meaning."""

    more: bool
    total: bool
    short: bool
    number: str = ""

    @property
    def style(self) -> ruleset.ByOffset:
        return ruleset.ByOffset(
            where=("offset",), size=("limit",), most=9, even=True, short=self.short,
            more=frozenset({"more"}), total=frozenset({"total"}),
        )  # fmt: skip

    def answer(self, names: str, start: int, size: int) -> dict[str, Any]:
        rows = names[start : start + size]
        body: dict[str, Any] = {"things": [{"id": name} for name in rows]}
        body |= {"more": start + size < len(names)} if self.more else {}
        body |= {"total": len(names)} if self.total else {}
        return body | ({"n": MEANINGS[self.number](Numbers(start, len(rows), size, len(names)))} if self.number else {})


Pages = list[tuple[int, int]]


@st.composite
def recordings(draw: st.DrawFn, *, numbers: bool) -> tuple[Told, str, Pages]:
    number = draw(st.sampled_from(sorted(MEANINGS))) if numbers else ""
    short = draw(st.booleans()) if numbers else True  # by no other rule is a page that is shorter the last one
    told = Told(draw(st.booleans()), draw(st.booleans()), short, number)
    names = NAMES[: draw(st.integers(0, 5))]
    return told, names, draw(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=3))


def recorded(told: Told, names: str, pages: Pages) -> PositionalList:
    """The list as it is known from these pages."""
    exchanges = (
        Interaction(req(f"GET /things?offset={start}&limit={size}"), answer(told.answer(names, start, size)))
        for start, size in pages
    )

    def read(entry: Any, style: Any) -> Any:
        response = entry.interaction.response
        return envelope(response, response.body.decode(), style)

    found = PositionalList(told.style, asked("GET /things"), (), read)
    for entry in Index(Cassette(tuple(exchanges)), registry.INVOICE_RULES).entries:
        parts = page_request(entry.asked, told.style)
        assert parts is not None
        found.entries.append((entry, parts[1]))
    return found


def answered(known: PositionalList, start: int, size: int) -> str | None:
    """The body of a page; None where it is not known."""
    page = known.answer(PageRequest(str(start), str(size), ("offset", "limit")))
    return json.dumps(json.loads(page.text)) if isinstance(page, Written) else None


def worlds(told: Told, names: str, pages: Pages) -> Iterator[tuple[Told, str]]:
    """All lists that would have been recorded so, with objects that nobody has seen where no page has them; and all
    meanings that the number may have."""
    seen = {place: names[place] for start, size in pages for place in range(start, min(start + size, len(names)))}
    for length in range(14):
        there = "".join(seen.get(place, UNSEEN) for place in range(length))
        for meaning in MEANINGS if told.number else [""]:
            api = Told(told.more, told.total, told.short, meaning)
            if all(api.answer(there, *page) == told.answer(names, *page) for page in pages):
                yield api, there


def answers(told: Told, names: str, pages: Pages, start: int, size: int) -> set[str]:
    """What all these answer; nothing where it is not known whether such a page is behind the end."""
    possible = list(worlds(told, names, pages))
    assert possible
    if any(start and start >= len(there) for _, there in possible):
        return set()
    return {json.dumps(api.answer(there, start, size)) for api, there in possible}


@given(recordings(numbers=False))
def test_a_page_is_known_exactly_where_every_list_that_would_have_been_recorded_so_answers_it_in_the_same_words(
    recording: tuple[Told, str, Pages],
) -> None:
    told, names, pages = recording
    known = recorded(told, names, pages)
    assert isinstance(known.counted, CountedList)
    assert known.counted.conflict == ""
    is_shown = any(start < len(names) or start == 0 for start, _ in pages)  # how a page is written
    for start in range(7):
        for size in range(1, 5):
            expected = answers(told, names, pages, start, size)
            is_known = is_shown and len(expected) == 1 and UNSEEN not in min(expected)
            found = answered(known, start, size)
            assert found == (min(expected) if is_known else None), (start, size)


@given(recordings(numbers=True))
def test_what_is_said_around_the_objects_is_what_it_is_in_every_list_and_by_every_meaning(
    recording: tuple[Told, str, Pages],
) -> None:
    told, names, pages = recording
    known = recorded(told, names, pages)
    for start in range(7):
        for size in range(1, 5):
            found = answered(known, start, size)
            assert found is None or answers(told, names, pages, start, size) == {found}, (start, size)


@given(st.sets(st.integers(0, 30), min_size=1))
def test_runs_are_what_is_known_without_a_gap(places: set[int]) -> None:
    names = "".join(chr(0x4E00 + place) for place in range(31))
    known = recorded(Told(more=False, total=True, short=False), names, [(place, 1) for place in sorted(places)]).counted
    assert isinstance(known, CountedList)
    assert [place for start, end in known.runs for place in range(start, end)] == sorted(places)
    assert all(one[1] < other[0] for one, other in pairwise(known.runs))
