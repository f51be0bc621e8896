"""Lists as they are drawn: stretches with their ends, the pages in them, and where another page would lie."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.cassette import Cassette
from replayer.core.drawing import AskedPage, Drawing
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.rules import Rules, registry
from replayer.core.session import verdicts
from tests.core.build import CUSTOMER, INVOICE, answer, req, session, value_of
from tests.core.build import recorded as cassette_of
from tests.specs.traffic import START

THINGS = "/v1/things"
Exchange = tuple[Request, Response]


def thing(letter: str) -> dict[str, str]:
    return {"id": f"th_{letter * 4}", "object": "thing"}


def page(query: str, letters: str, *, more: bool) -> Exchange:
    """A page of a list by ids, its objects by their letters."""
    body = {"object": "list", "data": [thing(letter) for letter in letters], "has_more": more, "url": THINGS}
    return req(f"GET {THINGS}?{query}"), answer(body)


def counted(query: str, *numbers: int, total: int) -> Exchange:
    """A page of a list whose objects are counted."""
    body = {"rows": [{"n": number} for number in numbers], "total": total}
    return req(f"GET /rows?{query}"), answer(body)


def drawing_of(*exchanges: Exchange, rules: Rules = registry.INVOICE_RULES) -> Drawing:
    return Drawing(cassette_of(*exchanges), rules)


def test_a_stretch_has_ends_where_the_list_has() -> None:
    (one,) = drawing_of(page("limit=2", "ab", more=True)).lists
    assert (one.name, one.number, one.behind, one.seen, one.total, one.conflict) == (THINGS, 1, (), 2, None, "")
    assert [(part.count, part.start, part.starts, part.ends) for part in one.stretches] == [(2, 0, True, False)]


def test_pages_lie_where_they_were_recorded_with_a_gap_between_them() -> None:
    (one,) = drawing_of(
        page("limit=2", "ab", more=True),
        page("limit=1&starting_after=th_mmmm", "n", more=False),
        page("limit=2&starting_after=th_aaaa", "bc", more=True),
    ).lists
    assert [(part.count, part.start, part.starts, part.ends) for part in one.stretches] == [
        (3, 0, True, False),
        (1, None, False, True),
    ]
    assert [(each.number, each.stretch, each.start, each.count, each.more) for each in one.pages] == [
        (1, 0, 0, 2, True),
        (2, 1, 0, 1, False),
        (3, 0, 1, 2, True),
    ]


def test_a_list_that_contradicts_itself_has_pages_and_no_stretch() -> None:
    (one,) = drawing_of(page("limit=2", "ab", more=True), page("limit=3", "cab", more=True)).lists
    assert "contradict each other" in one.conflict
    assert (one.stretches, one.seen, [each.stretch for each in one.pages]) == ((), 3, [-1, -1])


def test_an_empty_list_is_whole() -> None:
    (one,) = drawing_of(page("limit=2", "", more=False)).lists
    assert (one.stretches, one.total, one.pages[0].count) == ((), 0, 0)


def asked(drawing: Drawing, query: str) -> AskedPage:
    """The page of the one list, whose cursors are letters."""
    one = drawing.lists[0]
    known = [name for part in one.stretches for name in part.ids]
    for place, name in enumerate(known):
        query = query.replace(f"<{place}>", name)
    return drawing.asked_of(0, query)


WALK = (page("limit=3", "abc", more=True), page("limit=2&starting_after=th_cccc", "de", more=True))


@pytest.mark.parametrize(
    ("query", "how", "lies", "why"),
    [
        ("limit=3", "other", (0, 0, 3, 3, False), ""),
        ("limit=2", "page", (0, 0, 2, 2, False), ""),
        ("limit=2&starting_after=<1>", "page", (0, 2, 2, 2, False), ""),
        ("limit=2&ending_before=<3>", "page", (0, 1, 2, 2, True), ""),
        ("limit=4&starting_after=<2>", "miss", (0, 3, 2, 4, False), "what comes after <4> was not recorded"),
        ("limit=1&starting_after=<4>", "miss", (0, 5, 0, 1, False), "what comes after <4> was not recorded"),
        ("limit=1&starting_after=th_zzzz", "miss", (-1, 0, 0, 1, False), "th_zzzz is in none of the recorded pages"),
        ("limit=x", "miss", (-1, 0, 0, None, False), "the API refuses the limit 'x', and no such refusal was recorded"),
    ],
)
def test_an_asked_page_lies_where_it_is_known_and_says_why_it_is_not_determined(
    query: str, how: str, lies: tuple[int, int, int, int | None, bool], why: str
) -> None:
    drawing = drawing_of(*WALK)
    found = asked(drawing, query)
    for place, name in enumerate(drawing.lists[0].stretches[0].ids):
        why = why.replace(f"<{place}>", name)
    assert (found.how, found.why) == (how, why)
    assert (found.stretch, found.start, found.count, found.limit, found.is_back) == lies


def test_counted_objects_have_places_and_their_gaps_a_length() -> None:
    pages = counted("offset=0&limit=2", 1, 2, total=7), counted("offset=5&limit=2", 6, 7, total=7)
    drawing = drawing_of(*pages, rules=registry.GENERIC_RULES)
    (one,) = drawing.lists
    assert [(part.start, part.count, part.starts, part.ends) for part in one.stretches] == [
        (0, 2, True, False),
        (5, 2, False, True),
    ]
    assert (one.total, [(each.stretch, each.start, each.count) for each in one.pages]) == (7, [(0, 0, 2), (1, 0, 2)])
    inside, across = drawing.asked_of(0, "offset=6&limit=1"), drawing.asked_of(0, "offset=1&limit=2")
    assert (inside.how, inside.stretch, inside.start, inside.count) == ("page", 1, 1, 1)
    assert (across.how, across.stretch, across.start, across.count, across.limit) == ("miss", 0, 1, 1, 2)


def test_another_list_is_not_laid_over_this_one() -> None:
    found = drawing_of(*WALK).asked_of(0, "limit=2&colour=red")
    assert (found.how, found.stretch) == ("miss", -1)


def test_a_state_knows_the_lists_that_stand_in_it() -> None:
    made = req("POST /v1/things"), answer(thing("a"))
    drawing = drawing_of(page("limit=2", "", more=False), made, page("limit=2", "a", more=False))
    assert [one.behind for one in drawing.lists] == [(), (2,)]
    assert [drawing.state_after(count).lists for count in range(2)] == [(0,), (1,)]


letters = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1).map("".join)


@given(letters, st.data())
def test_a_page_is_said_to_be_determined_where_a_session_answers_it_and_shows_what_lies_there(
    whole: str, chosen: st.DataObject
) -> None:
    """Over any pages of any list: whatever page is asked for."""

    def recorded_page(start: int, size: int) -> Exchange:
        after = f"&starting_after=th_{whole[start - 1] * 4}" if start else ""
        return page(f"limit={size}{after}", whole[start : start + size], more=start + size < len(whole))

    places = st.integers(0, len(whole) - 1)
    some = chosen.draw(st.lists(st.tuples(places, st.integers(1, 4)), min_size=1, max_size=4))
    cassette = cassette_of(*(recorded_page(*one) for one in some))
    drawing = Drawing(cassette, registry.INVOICE_RULES)
    (one,) = drawing.lists
    known = [name for part in one.stretches for name in part.ids]
    cursor = chosen.draw(st.sampled_from(["", *known]))
    which = chosen.draw(st.sampled_from(("starting_after", "ending_before")))
    limit = chosen.draw(st.integers(1, 6))
    query = f"limit={limit}" + (f"&{which}={cursor}" if cursor else "")
    found = drawing.asked_of(0, query)
    verdict = session(cassette, Mode.NONE).decide(req(f"GET {THINGS}?{query}"), START)
    assert isinstance(verdict, verdicts.Replay) == (found.how != "miss")
    if isinstance(verdict, verdicts.Replay):
        ids = [each["id"] for each in value_of(verdict.response)["data"]]
        part = one.stretches[found.stretch].ids if ids else ()
        assert list(part[found.start : found.start + found.count]) == ids
    else:
        assert isinstance(verdict, verdicts.Refuse)
        assert found.why in verdict.message


def test_a_page_follows_after_a_write_that_touches_the_list_through_a_later_one() -> None:
    """A customer is updated before the first invoice names it: from then on both updates stand behind the list."""
    listed: dict[str, Any] = {"object": "list", "has_more": False, "url": "/v1/invoices"}
    invoice = {"id": INVOICE, "object": "invoice", "customer": CUSTOMER}
    exchanges: list[Exchange] = [
        (req(f"POST /v1/customers/{CUSTOMER}"), answer({"id": CUSTOMER, "object": "customer"})),
        (req("GET /v1/invoices?limit=3"), answer(listed | {"data": []})),
        (req("POST /v1/invoices", f"customer={CUSTOMER}"), answer(invoice)),
        (req("GET /v1/invoices?limit=3"), answer(listed | {"data": [invoice]})),
    ]
    cassette: Cassette = cassette_of(*exchanges)
    drawing = Drawing(cassette, registry.INVOICE_RULES)
    assert [one.behind for one in drawing.lists] == [(), (1, 3)]
    playing = session(cassette, Mode.NONE)
    for number in drawing.writes:
        assert isinstance(playing.decide(cassette.interactions[number - 1].request, START), verdicts.Replay)
    verdict = playing.decide(req("GET /v1/invoices?limit=1"), START)
    assert isinstance(verdict, verdicts.Replay)
    assert (verdict.synthesized, drawing.asked_of(1, "limit=1").how) == ("page", "page")
