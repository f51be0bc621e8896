"""APIs that say anything around their objects, by numbers of pages and by offsets: each page is one of theirs."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.rules import registry
from tests.apis.things import DEFAULT, Asked, Dialect, Things
from tests.core.lists.test_by_position import FIRST_IS_1, ORIGIN, answered, cassette, page_of, recorded, replay

SIZES = st.one_of(st.none(), st.integers(1, 6))

# By the names under which they are said: some that the rules know, and letters.
MEANINGS: Mapping[str, Callable[[Asked], Any]] = {
    "has_more": lambda page: page.more,
    "total": lambda page: page.total,
    "has_prev": lambda page: page.start > 0,
    "first": lambda page: page.start == 0,
    "limit": lambda page: page.size,
    "total_pages": lambda page: page.pages,
    "a": lambda page: page.number,
    "b": lambda page: page.number - 1,
    "c": lambda page: page.number + 1 if page.more else None,
    "d": lambda page: page.number - 1 if page.start else None,
    "e": lambda page: page.pages,
    "f": lambda page: max(page.pages - 1, 0),
    "g": lambda page: page.start,
    "h": lambda page: page.start + 1,
    "i": lambda page: page.end,
    "j": lambda page: page.end - 1,
    "k": lambda page: page.total - page.end,
    "l": lambda page: page.end - page.start,
    "m": lambda page: page.end if page.more else None,
    "n": lambda page: max(page.start - page.size, 0) if page.start else None,
    "o": lambda page: page.more,
    "p": lambda page: f"{page.start}-{page.end}",
    "q": lambda _: 2,
    "r": lambda _: 5,
    "s": lambda _: "text",
    "t": lambda _: None,
    "u": lambda _: ["a"],
}
LINKS: Mapping[str, Callable[[Asked], int | None]] = {  # the offset of the page that each leads to
    "next": lambda page: page.end if page.more else None,
    "previous": lambda page: max(page.start - page.size, 0) if page.start else None,
    "first": lambda _: 0,
    "self": lambda page: page.start,
}


@st.composite
def apis(draw: st.DrawFn) -> Things:
    names = draw(st.lists(st.sampled_from(sorted(MEANINGS)), max_size=3, unique=True))
    links = draw(st.lists(st.sampled_from(sorted(LINKS)), max_size=2, unique=True))
    where = draw(st.one_of(st.sampled_from([0, 1]), st.just("offset")))
    leaves_out = draw(st.booleans())

    def tell(page: Asked, rows: list[Any]) -> tuple[Any, dict[str, str]]:
        body = {"things": rows} | {name: MEANINGS[name](page) for name in names}
        for name in links:
            start = LINKS[name](page)
            if start is not None:
                number = start // page.size + where if isinstance(where, int) else start
                body[name] = page.link(**{"page" if isinstance(where, int) else "offset": number})
            elif not leaves_out:
                body[name] = None
        return body, {}

    dialect = Dialect("any", "page" if isinstance(where, int) else "offset", "limit", where, tell)
    return Things(dialect, draw(st.integers(0, 12)), origin=ORIGIN)


@st.composite
def targets(draw: st.DrawFn, api: Things) -> str:
    size, number = draw(SIZES), draw(st.one_of(st.none(), st.integers(0, 6)))
    if number is not None and isinstance(api.dialect.where, int):
        number *= size or DEFAULT
    return page_of(api, size, number)


def walk(api: Things, size: int) -> list[str]:
    return [page_of(api, size, start) for start in range(0, max(api.count, 1), size)]


@pytest.mark.long
@given(st.data())
def test_whatever_an_api_says_no_page_is_another_one_than_it_would_have_given(data: st.DataObject) -> None:
    api = data.draw(apis())
    walks = st.integers(1, 6).map(lambda size: walk(api, size))
    pages = data.draw(st.one_of(walks, st.lists(targets(api), min_size=1, max_size=4)))
    rules = data.draw(
        st.sampled_from([registry.GENERIC_RULES, FIRST_IS_1] if api.dialect.where == 1 else [registry.GENERIC_RULES])
    )
    session = replay(cassette(recorded(api, target) for target in pages), rules)
    for target in data.draw(st.lists(targets(api), min_size=1, max_size=8)):
        found = answered(session, target)
        if found is not None:
            assert json.loads(found[1]) == json.loads(api.answer(target)[2]), (pages, target)
            assert found[1] == api.answer(target)[2]
