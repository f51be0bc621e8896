"""Lists by tokens, by numbers of pages, by offsets and by links: any page that follows from recorded ones is what the
API would have answered, and no other is given."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.rules import Rules, registry, ruleset, table
from replayer.core.session import Session, verdicts
from tests.apis.things import DEFAULT, DIALECTS, Dialect, Things
from tests.core.build import EPOCH, JSON, NOW, session

ORIGIN = "https://api.things.test"
NUMBERS = tuple(
    replace(style, first=1) for style in registry.GENERIC_RULES.by_place if isinstance(style, ruleset.ByNumber)
)
FIRST_IS_1 = replace(registry.GENERIC_RULES, paging=NUMBERS)
FORM = ("content-type", "replayer-synthesized")
AMBIGUOUS = "plain numbers"  # nothing that it tells differs between pages that are counted from 0 and from 1


def asking(target: str) -> Request:
    return Request("GET", target, (), b"", ORIGIN)


def target_of(dialect: Dialect, size: int | None, where: str | int | None) -> str:
    params = [] if size is None else [f"{dialect.size}={size}"]
    params += [] if where is None else [f"{dialect.position}={quote(str(where), safe='')}"]
    return "/things" + ("?" + "&".join(params) if params else "")


def where_of(dialect: Dialect, start: int, size: int) -> int:
    """How a page is asked for that begins there, where that is a number."""
    return start // size + dialect.where if isinstance(dialect.where, int) else start


def page_of(api: Things, size: int | None, start: int | None, token: str | None = None) -> str:
    """The request for a page, with that token; the API's own where there is none. None asks for the first page without
    saying so."""
    if api.dialect.where == "token":
        return target_of(api.dialect, size, (token or api.token(start)) if start else None)
    return target_of(api.dialect, size, None if start is None else where_of(api.dialect, start, size or DEFAULT))


TOKEN = re.compile(r'(?<=oken": ")[^"]+|(?<=ursor": ")[^"]+|(?<=cursor=)[^"&]+')


def token_in(text: str) -> str | None:
    found = TOKEN.search(text)
    return unquote(found.group()) if found else None


def plain(text: str) -> str:
    """The body with one text for all of its tokens."""
    return TOKEN.sub("TOKEN", text)


def walk(api: Things, size: int) -> Cassette:
    """All pages from the first to the last, each asked for by what the one before it tells."""
    found, token = [], None
    for start in range(0, max(api.count, 1), size):
        target = page_of(api, size, start or None, token)
        found.append(recorded(api, target))
        token = token_in(found[-1].response.body.decode())
    return cassette(found)


def recorded(api: Things, target: str) -> Interaction:
    status, headers, text = api.answer(target)
    return Interaction(asking(target), Response(status, "OK", (*JSON, *headers.items()), text.encode()))


def cassette(interactions: Iterable[Interaction]) -> Cassette:
    return Cassette(tuple(interactions), Facts(ORIGIN, "generic", EPOCH))


def replay(recording: Cassette, rules: Rules = registry.GENERIC_RULES) -> Session:
    return session(recording, Mode.NONE, rules=rules, links=wire.Links(ORIGIN, ORIGIN, ORIGIN), upstream=ORIGIN)


def answered(session: Session, target: str) -> tuple[dict[str, str], str] | None:
    """Headers and body of an answer; None where it is a miss."""
    verdict = session.decide(asking(target), NOW)
    if isinstance(verdict, verdicts.Refuse):
        return None
    assert isinstance(verdict, verdicts.Replay)
    headers = {name: value for name, value in verdict.response.headers if name.lower() not in FORM}
    return headers, verdict.response.body.decode()


def agree(session: Session, api: Things, size: int | None, start: int | None, token: str | None = None) -> str | None:
    """The body of a page, which is just what the API answers but for its token; None where it is a miss."""
    found = answered(session, page_of(api, size, start, token))
    if found is None:
        return None
    target = page_of(api, size, start)
    status, headers, text = api.answer(target)
    assert status == 200 or found[1] == text, target
    assert (found[0], plain(found[1])) == (headers, plain(text)), target
    return found[1]


def missed(session: Session, api: Things, size: int) -> list[int]:
    """Where the pages begin that are not answered, of a walk in that size."""
    found, token = [], None
    for start in range(0, api.count, size):
        text = agree(session, api, size, start or None, token)
        if text is None:
            found.append(start)
        token = token_in(text or "")
    return found


def api_of(name: str, count: int = 20) -> Things:
    return Things(DIALECTS[name], count, origin=ORIGIN)


def rules_of(name: str) -> Rules:
    return FIRST_IS_1 if name == AMBIGUOUS else registry.GENERIC_RULES


@pytest.mark.parametrize("name", sorted(DIALECTS))
@pytest.mark.parametrize("size", [7, 6])
def test_after_a_walk_every_walk_in_smaller_pages_is_what_the_api_would_have_answered(name: str, size: int) -> None:
    api = api_of(name)
    session = replay(walk(api, size), rules_of(name))
    for other in range(1, size + 1):
        # Where nothing tells of the end, a page that would be shorter is not known.
        unknown = [20 // other * other] if name == "bare" and other != size and 20 % other else []
        assert missed(session, api, other) == unknown, other
    assert session.receipt().synthesized > 20


@pytest.mark.parametrize("name", [name for name, dialect in DIALECTS.items() if dialect.where == "offset"])
def test_pages_begin_at_any_offset(name: str) -> None:
    api = api_of(name)
    session = replay(walk(api, 7))
    for start in range(1, 20):
        for size in range(1, 8):
            known = agree(session, api, size, start) is not None
            assert known or (name == "bare" and start + size > 20)


@st.composite
def recordings(draw: st.DrawFn) -> tuple[Things, list[Interaction]]:
    """Some pages of an API, by whatever is told of them until then."""
    api = api_of(draw(st.sampled_from(sorted(DIALECTS))), draw(st.integers(0, 9)))
    found: list[Interaction] = []
    tokens: dict[str, int] = {}
    for _ in range(draw(st.integers(1, 4))):
        size = draw(st.one_of(st.none(), st.integers(1, 6)))
        token = draw(st.sampled_from([None, *tokens])) if api.dialect.where == "token" else None
        number = draw(st.one_of(st.none(), st.integers(0, 3))) if api.dialect.where != "token" else None
        start = tokens[token] if token else None
        if number is not None:
            start = number * (size or DEFAULT) if isinstance(api.dialect.where, int) else number
        found.append(recorded(api, page_of(api, size, start, token)))
        told = token_in(found[-1].response.body.decode())
        if told is not None:
            tokens[told] = api.tokens[told]
    return api, found


@given(recordings(), st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 7)), st.integers(0, 9)), max_size=8))
def test_no_page_is_ever_another_one_than_the_api_would_have_given(
    recording: tuple[Things, list[Interaction]], pages: list[tuple[int | None, int]]
) -> None:
    api, interactions = recording
    session = replay(cassette(interactions), rules_of(api.dialect.name))
    tokens = {token: place for token, place in api.tokens.items() if any(_tells(one, token) for one in interactions)}
    for size, number in pages:
        start: int | None = number * (size or DEFAULT) if isinstance(api.dialect.where, int) else number
        token = None
        if api.dialect.where == "token":
            token = sorted(tokens)[number % len(tokens)] if tokens and number else None
            start = tokens[token] if token else None
        text = agree(session, api, size, start, token)
        told = token_in(text or "")
        if told is not None:
            tokens.setdefault(told, (start or 0) + (size or DEFAULT))


def _tells(one: Interaction, token: str) -> bool:
    return token_in(one.response.body.decode()) == token


# -- what is not known ------------------------------------------------------------------------------------------------


def lack(session: Session, target: str) -> str:
    """What a miss says is not known, with the line of a table of rules that would tell it."""
    verdict = session.decide(asking(target), NOW)
    assert isinstance(verdict, verdicts.Refuse)
    found = re.search(r"does not follow: (.*)\.\n", verdict.message)
    return found[1] if found else ""


def why(session: Session, target: str) -> str:
    return lack(session, target).partition("; the rule")[0]


def remedy(session: Session, target: str) -> dict[str, Any]:
    """The table that the miss says to add."""
    found = re.search("the rule `(.*)` tells it$", lack(session, target))
    assert found is not None
    return tomllib.loads(found[1])


def remedied(
    recording: Cassette, target: str, rules: Rules = registry.GENERIC_RULES
) -> tuple[dict[str, str], str] | None:
    """What is answered with the line that a miss says to add to the rules."""
    return answered(replay(recording, table.extended(rules, remedy(replay(recording, rules), target))), target)


def test_a_miss_says_what_is_missing() -> None:
    api = api_of("offsets")
    session = replay(cassette(recorded(api, page_of(api, 4, start)) for start in (None, 8)))
    assert why(session, page_of(api, 3, 3)) == "what comes after object 4 was not recorded"
    assert why(session, page_of(api, 3, 5)) == "object 5 is in none of the recorded pages"
    assert why(session, page_of(api, 3, 20)) == "the list ends at 20, and what is answered behind that was not recorded"
    assert why(session, page_of(api, 4, 1)) == "what comes after object 4 was not recorded"


def test_pages_longer_than_any_that_was_recorded_may_be_cut_by_the_api() -> None:
    api = api_of("more")
    session = replay(walk(api, 7))
    assert why(session, page_of(api, 20, None)) == "nothing recorded tells whether the API gives pages of 20"
    found = remedied(walk(api, 7), page_of(api, 20, None))
    assert found == ({}, api.answer(page_of(api, 20, None))[2])


def test_where_pages_may_be_counted_from_0_or_1_none_is_made() -> None:
    api = api_of(AMBIGUOUS)
    assert why(replay(walk(api, 7)), page_of(api, 3, None)) == (
        "nothing recorded tells whether the pages of this list are counted from 0 or from 1"
    )
    assert remedied(walk(api, 7), page_of(api, 3, None)) == ({}, api.answer(page_of(api, 3, None))[2])


def test_a_list_that_changed_between_its_pages_has_no_others() -> None:
    api, later = api_of("offsets"), api_of("offsets", 21)
    session = replay(cassette([recorded(api, page_of(api, 7, None)), recorded(later, page_of(later, 7, 7))]))
    assert why(session, page_of(api, 3, None)).endswith(
        "it has 20 objects or fewer, and GET /things?limit=7&offset=7 says that it has 21"
    )


def test_a_token_of_another_list_leads_nowhere() -> None:
    api = api_of("cursor")
    first = recorded(api, "/things?limit=7&kind=a")
    told = token_in(first.response.body.decode())
    second = recorded(api, f"/things?limit=7&kind=a&cursor={quote(told or '', safe='')}")
    session = replay(cassette([*walk(api, 7).interactions, first, second]))
    text = agree(session, api, 3, None)
    token = token_in(text or "")
    assert token is not None
    assert answered(session, f"/things?limit=3&cursor={token}") is not None
    assert "leads to no place" in why(session, f"/things?limit=3&kind=a&cursor={token}")


def test_a_recorded_token_is_told_where_it_stands_for_that_place() -> None:
    api = api_of("cursor")
    recording = walk(api, 6)
    first = token_in(recording.interactions[0].response.body.decode())
    session = replay(recording)
    token = token_in(agree(session, api, 3, None) or "")
    assert token is not None
    assert token_in(agree(session, api, 3, 3, token) or "") == first


def test_tokens_are_the_same_in_every_session_and_look_like_the_recorded_ones() -> None:
    api = api_of("page token")
    recording = walk(api, 7)
    told = {token_in(agree(replay(recording), api, 3, None) or "") for _ in range(2)}
    assert len(told) == 1
    first = token_in(recording.interactions[0].response.body.decode())
    assert len(told.pop() or "") == len(first or "")


@pytest.mark.parametrize(("target", "name"), [("/things?size=3&offset=3", "size"), ("/things?limit=3&skip=3", "skip")])
def test_a_parameter_that_was_not_recorded_may_mean_nothing(target: str, name: str) -> None:
    """APIs ignore what they do not know."""
    assert why(replay(walk(api_of("offsets"), 7)), target) == f"nothing recorded tells what the API makes of {name}"


def test_a_parameter_that_no_page_was_as_long_as_is_no_size() -> None:
    """Shoes of one size are not those of another."""
    body = '{"shoes": [{"id": 1}, {"id": 2}], "total": 2}'
    shoes = [
        Interaction(asking(f"/shoes?size=42&page={page}"), Response(200, "OK", JSON, text.encode()))
        for page, text in ((1, body), (2, '{"shoes": [], "total": 2}'))
    ]
    said = why(replay(cassette(shoes), FIRST_IS_1), "/shoes?size=41")
    assert said == "nothing recorded tells what the API makes of size"
    large = Interaction(asking("/shoes?size=large&page=1"), Response(200, "OK", JSON, body.encode()))
    assert why(replay(cassette([large]), FIRST_IS_1), "/shoes?size=2") == said


def test_a_token_that_is_sent_to_go_back_leads_nowhere() -> None:
    api = api_of("cursor")
    recording = walk(api, 7)
    token = token_in(recording.interactions[0].response.body.decode())
    session = replay(recording)
    assert answered(session, f"/things?limit=3&cursor={quote(token or '', safe='')}") is not None
    for name in ("before", "prev_cursor", "after"):
        assert answered(session, f"/things?limit=3&{name}={quote(token or '', safe='')}") is None


def test_a_number_is_no_token() -> None:
    """The next page's number stands for another place in pages of another size."""
    rules = replace(
        registry.GENERIC_RULES,
        paging=tuple(one for one in registry.GENERIC_RULES.paging if isinstance(one, ruleset.ByToken)),
    )
    api = api_of("django")
    session = replay(walk(api, 7), rules)
    assert why(session, page_of(api, 3, 3)) == ""


def test_a_number_that_may_mean_two_things_is_not_told() -> None:
    bodies = [
        f'{{"count": 3, "more": true, "things": [{{"id": {n}}}, {{"id": {n + 1}}}, {{"id": {n + 2}}}]}}' for n in (0, 3)
    ]
    pages = [
        Interaction(asking(f"/things?offset={start}&limit=3"), Response(200, "OK", JSON, body.encode()))
        for start, body in zip((0, 3), bodies, strict=True)
    ]
    assert why(replay(cassette(pages)), "/things?offset=0&limit=2") == ("what count tells of that page does not follow")


def test_a_number_that_was_the_same_in_full_pages_may_be_another_in_the_last() -> None:
    api = api_of("hal")
    assert why(replay(walk(api, 5)), page_of(api, 3, 3)) == ("what count tells of that page does not follow")


def test_the_size_that_was_asked_for_is_known_from_a_page_that_is_shorter() -> None:
    """Else it may be how many objects the page has."""
    api = api_of("numbers")
    assert missed(replay(walk(api, 6)), api, 3) == []
    assert missed(replay(walk(api, 5)), api, 3) == [18]


def test_how_long_pages_are_where_no_size_is_asked_for_is_declared() -> None:
    """That others have as many objects shows it of these."""
    api = api_of("offsets")
    recording = cassette(recorded(api, page_of(api, size, start)) for size, start in ((None, 0), (5, 5), (6, 14)))
    assert why(replay(recording), page_of(api, None, 2)) == "nothing recorded tells how many objects such a page has"
    assert remedied(recording, page_of(api, None, 2)) == ({}, api.answer(page_of(api, None, 2))[2])


def test_a_page_that_is_shorter_than_asked_for_is_the_last_one_where_the_rules_say_so() -> None:
    style = ruleset.ByOffset(where=("offset",), size=("limit",), short=True, even=True)
    api = api_of("bare")
    session = replay(walk(api, 7), replace(registry.GENERIC_RULES, paging=(style,)))
    assert missed(session, api, 3) == []


def test_a_size_out_of_the_range_of_the_rules_is_pulled_into_it() -> None:
    style = ruleset.ByOffset(where=("skip",), size=("limit",), most=7, default=5, even=True, more=frozenset({"more"}))
    api = api_of("more")
    session = replay(walk(api, 7), replace(registry.GENERIC_RULES, paging=(style,)))
    found = answered(session, page_of(api, 50, 1))
    assert found is not None
    assert found[1] == api.answer(page_of(api, 7, 1))[2]
    assert agree(session, api, None, 2) is not None


@pytest.mark.parametrize(("size", "page"), [("3", "01"), ("3", "%EF%BC%91"), ("03", "1"), ("%EF%BC%93", "1")])
def test_a_number_with_a_zero_before_it_or_in_other_digits_is_not_answered(size: str, page: str) -> None:
    session = replay(walk(api_of("numbers"), 7))
    assert answered(session, "/things?per_page=3&page=2") is not None
    assert answered(session, f"/things?per_page={size}&page={page}") is None


def test_what_depends_on_the_size_is_no_constant_where_two_sizes_were_recorded_or_where_it_is_declared() -> None:
    def priced(number: int, size: int) -> Interaction:
        rows = ", ".join(f'{{"id": {one}}}' for one in range(number * size - size, number * size))
        body = f'{{"items": [{rows}], "total": 12, "page": {number}, "cost": {1 + size}}}'
        return Interaction(asking(f"/t?page={number}&per_page={size}"), Response(200, "OK", JSON, body.encode()))

    said = "what cost tells of that page does not follow"
    one = [priced(1, 6), priced(2, 6)]
    assert answered(replay(cassette(one)), "/t?page=2&per_page=2") is not None  # as the README says
    assert why(replay(cassette([*one, priced(1, 3)])), "/t?page=2&per_page=2") == said
    sized = {"style": "page-number", "where": "page", "size": "per_page", "sized": "cost"}
    rules = table.extended(
        registry.GENERIC_RULES, {"paging": [sized]}
    )  # the generic rule for the same pages has no say any more
    assert why(replay(cassette(one), rules), "/t?page=2&per_page=2") == said
