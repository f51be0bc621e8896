"""Refusals: what is never sent, and what a miss says."""

import pytest

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.naming import aliases
from replayer.core.recording import Forward
from replayer.core.session.session import Session
from replayer.core.session.verdicts import Reason
from tests.core.build import (
    CUSTOMER,
    EPOCH,
    INVOICE,
    KEY,
    NOW,
    OTHER,
    answer,
    played,
    recorded,
    refused,
    req,
    session,
    tell,
)

LIST, CREATE = req("GET /v1/invoices"), req("POST /v1/invoices", "customer=cus_1")
BEARER = ("Authorization", f"Bearer {KEY}")


@pytest.mark.parametrize("scheme", ["Bearer sk_live_%s", "Basic sk_live_%s", "sk_live_%s", "Bearer rk_live_%s"])
def test_a_live_key_goes_nowhere_unless_it_is_allowed(scheme: str) -> None:
    request = req("POST /v1/invoices", b"", ("authorization", scheme % ("A" * 24)))
    to = session()
    assert refused(to, request).reason is Reason.LIVE_KEY
    assert isinstance(session(allow_live=True).decide(request, NOW), Forward)


def test_a_live_key_may_replay() -> None:
    live = req("GET /v1/invoices", b"", ("Authorization", f"Bearer sk_live_{'A' * 24}"))
    assert played(session(recorded((LIST, answer(1))), Mode.NONE), live).body == b"1"


def test_a_live_key_in_a_second_header_is_refused_too() -> None:
    live = ("Authorization", "Bearer sk_live_0123456789abcdef")
    assert refused(session(), req("GET /v1/invoices", b"", BEARER, live)).reason is Reason.LIVE_KEY


def test_an_alias_of_another_session_is_not_sent() -> None:
    old = aliases.alias("prefixed", INVOICE, "an earlier session")
    to = session()
    verdict = refused(to, req(f"GET /v1/invoices/{old}"))
    assert verdict.reason is Reason.STALE_ALIAS
    assert verdict.message == (
        f"GET /v1/invoices/{old} names {old}, which an earlier recording gave out: "
        "the upstream does not know it, so nothing was sent.\n"
        "Cassette: invoices.yaml (mode all; 0 recorded, 0 played)\n"
        "To fix: record it again; or work where it was recorded last, where .replayer/ knows what its names stand for"
    )


def test_a_miss_names_the_request_the_cassette_the_nearest_one_and_the_remedy() -> None:
    products = req("GET /v1/products")
    of = session(recorded((products, answer(1)), (req("GET /v1/invoices?limit=3"), answer(2))), Mode.NONE)
    played(of, products)
    assert refused(of, req("GET /v1/invoices?limit=4")).message == (
        "No recorded interaction matches GET /v1/invoices?limit=4.\n"
        "Cassette: invoices.yaml (mode none; 2 recorded, 1 played)\n"
        "Closest: GET /v1/invoices?limit=3 - query limit '4', recorded '3'\n"
        "To fix: record it again"
    )


def test_a_write_that_is_used_up_says_so() -> None:
    of = session(recorded((CREATE, answer(1))), Mode.NONE, remedy="ask once")
    played(of, CREATE)
    assert refused(of, CREATE).message == (
        "POST /v1/invoices was recorded once, and all of that is played.\n"
        "Cassette: invoices.yaml (mode none; 1 recorded, 1 played)\n"
        "A write is answered as often as it was recorded; tried again under its Idempotency-Key, again.\n"
        "To fix: ask once"
    )


def test_a_read_in_an_unknown_state_says_which_writes_differ_from_the_nearest_recorded_one() -> None:
    of = session(recorded((CREATE, answer({"id": INVOICE})), (LIST, answer(1))), Mode.NONE)
    assert refused(of, LIST).message == (
        "GET /v1/invoices was recorded, but not in this state.\n"
        "Cassette: invoices.yaml (mode none; 2 recorded, 0 played)\n"
        "Nearest: recorded after POST /v1/invoices, which you have not played\n"
        "To fix: record it again; or serve the nearest answer with the setting lenient, which shows what has not "
        "happened yet"
    )


def test_lenient_is_said_to_serve_an_earlier_answer_only_where_one_was_recorded() -> None:
    of = session(recorded((LIST, answer(1)), (CREATE, answer({"id": INVOICE}))), Mode.NONE)
    played(of, CREATE)
    assert refused(of, LIST).message.endswith(
        "record it again; or serve the nearest earlier answer with the setting lenient"
    )


def test_lenient_is_not_proposed_where_it_cannot_be_set() -> None:
    of = session(recorded((CREATE, answer({"id": INVOICE})), (LIST, answer(1))), Mode.NONE, hands_over=True)
    assert refused(of, LIST).message.endswith("\nTo fix: record it again")


PAGE = {"object": "list", "url": "/v1/invoices", "has_more": False, "data": [{"id": INVOICE, "object": "invoice"}]}


def test_where_strict_alone_keeps_an_answer_back_the_miss_says_so_and_how_to_get_it() -> None:
    cassette = recorded((req("GET /v1/invoices?limit=3"), answer(PAGE)))
    asking = req("GET /v1/invoices?limit=4")
    assert played(session(cassette, Mode.NONE), asking)
    of = session(cassette, Mode.NONE, strict=True)
    assert refused(of, asking).message == (
        "No recorded interaction matches GET /v1/invoices?limit=4.\n"
        "Cassette: invoices.yaml (mode none; 1 recorded, 0 played)\n"
        "Closest: GET /v1/invoices?limit=3 - query limit '4', recorded '3'\n"
        "From other answers it follows (page), but strict is set: only what was recorded is answered.\n"
        "To fix: record it again; or leave strict out"
    )
    assert of.receipt().synthesized == 0


def test_where_strict_keeps_back_an_answer_in_another_state_the_miss_says_so_too() -> None:
    whole, one = req("GET /v1/invoices?limit=100"), req("GET /v1/invoices?limit=1")
    cassette = recorded(
        (whole, answer(PAGE)), (CREATE, answer({"id": OTHER})), (one, answer(PAGE | {"has_more": True}))
    )
    assert played(session(cassette, Mode.NONE), one)
    message = refused(session(cassette, Mode.NONE, strict=True), one).message
    assert "From other answers it follows (page), but strict is set" in message
    assert (
        "To fix: record it again; or leave strict out; or serve the nearest answer with the setting lenient" in message
    )


AT = f"/v1/customers/{CUSTOMER}"
MADE = (req("POST /v1/customers"), answer({"id": CUSTOMER}))
DELETED = (req(f"DELETE {AT}"), answer({"id": CUSTOMER, "deleted": True}))
THERE = (req(f"GET {AT}"), answer({"id": CUSTOMER, "name": "Ada"}))


def after(*exchanges: tuple[Request, Response], recorded: tuple[tuple[Request, Response], ...] = ()) -> Session:
    """A replay of these exchanges in which all of them were played; those that were `recorded` besides were not."""
    together = tuple(Interaction(*each) for each in (*exchanges, *recorded))
    of = session(Cassette(together, Facts("sandbox", "invoice", EPOCH)), Mode.NONE)
    for request, _ in exchanges:
        played(of, request)
    return of


def test_a_read_of_what_was_deleted_says_so_and_not_that_a_deletion_comes_close() -> None:
    assert refused(after(MADE, DELETED), req(f"GET {AT}")).message == (
        f"No recorded interaction matches GET {AT}.\n"
        "Cassette: invoices.yaml (mode none; 2 recorded, 2 played)\n"
        f"{AT} was deleted meanwhile, and no such request was recorded after that.\n"
        "To fix: record it again"
    )


@pytest.mark.parametrize("line", [f"GET {AT}/sources", f"POST {AT}", f"GET {AT}?expand[]=sources"])
def test_so_does_whatever_else_is_asked_of_it(line: str) -> None:
    message = refused(after(MADE, DELETED), req(line)).message
    assert f"{AT} was deleted meanwhile" in message
    assert "Closest" not in message


def test_what_was_asked_in_the_same_place_is_close_though_it_was_deleted() -> None:
    message = refused(after(MADE, THERE, DELETED), req(f"GET {AT}?expand[]=sources")).message
    assert f"{AT} was deleted meanwhile" in message
    assert f"Closest: GET {AT} - query expand[0] 'sources', not in the recorded one" in message


def test_a_read_that_was_recorded_before_the_deletion_says_so_too() -> None:
    message = refused(after(MADE, THERE, DELETED), THERE[0]).message
    assert f"{AT} was deleted meanwhile, and no such request was recorded after that.\nNearest: " in message


REFUSED = (DELETED[0], answer({"error": {}}, status=400))
AGAIN = (req(f"PUT {AT}"), answer({"id": CUSTOMER}))
NEAR = (req(f"DELETE {AT[:-1]}"), answer({"deleted": True}))


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ((MADE,), (DELETED,)),  # it was not played
        ((MADE, REFUSED), ()),
        ((MADE, DELETED, AGAIN), ()),
        ((MADE, DELETED, (req(f"POST {AT}/restore"), answer({"id": CUSTOMER}))), ()),
        ((MADE, (req("DELETE /v1/customers?ids=7"), answer({"deleted": 1}))), ()),
        ((MADE, NEAR), ()),  # another one, which is called almost like it
        ((MADE, DELETED), (AGAIN, (req(f"GET {AT}?a=1"), answer(1)))),  # the same was recorded, later
    ],
)
def test_of_what_is_still_there_it_is_not_said(
    before: tuple[tuple[Request, Response], ...], then: tuple[tuple[Request, Response], ...]
) -> None:
    assert "was deleted" not in refused(after(*before, recorded=then), req(f"GET {AT}?a=1")).message


def test_where_nothing_follows_strict_is_not_blamed() -> None:
    of = session(recorded((req("GET /v1/invoices?limit=3"), answer(PAGE))), Mode.NONE, strict=True)
    assert "strict" not in refused(of, req("GET /v1/products")).message


def test_a_miss_tells_no_key() -> None:
    verdict = refused(session(None, Mode.NONE), req(f"GET /v1/x?key={KEY}"))
    assert KEY not in verdict.message
    assert "sk_test_****" in verdict.message


def test_the_words_of_a_miss_hold_no_credential() -> None:
    of = session(recorded((LIST, answer(1))), Mode.NONE)
    asking = req("POST /v1/x", "password=pass-word-1", ("Authorization", "Bearer pass-word-1"))
    assert "pass-word-1" not in refused(of, asking).message


def test_a_refused_request_takes_no_seat() -> None:
    to = session()
    refused(to, req("POST /v1/invoices", "customer=cus_1", ("Authorization", f"Bearer sk_live_{'A' * 24}")))
    tell(to, CREATE, answer({"id": INVOICE}))
    assert to.cassette() == recorded((CREATE, answer({"id": INVOICE})))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("page=2&per_page=5", "page=2&per_page=4"),
        ("p=2&n=5", "p=2&n=4"),
        ("after_id=104832771", "after_id=104832990"),
        ("page=1", "page=2"),
        ("limit=5", "limit=4"),
        ("created[gte]=1795350005", "created[gte]=1795350004"),
    ],
)
def test_another_part_of_a_list_is_never_proposed_to_be_declared_away(one: str, other: str) -> None:
    of = session(recorded((req(f"GET /t?{one}"), answer(1))), Mode.NONE)
    assert "volatile" not in refused(of, req(f"GET /t?{other}")).message


def test_a_field_that_a_program_made_up_is_proposed_to_be_declared() -> None:
    of = session(recorded((req("POST /t", "order=ORD-17"), answer(1))), Mode.NONE)
    assert 'volatile = ["order"]' in refused(of, req("POST /t", "order=ORD-18")).message


def test_of_two_that_are_as_near_the_one_that_is_left_is_closest() -> None:
    first, second = (req("POST /v1/customers", f"name={name}") for name in ("Ada", "Grace"))
    to = session(recorded((first, answer(1)), (second, answer(2))), Mode.NONE)
    played(to, first)
    closest = "Closest: POST /v1/customers - body name 'Linus', recorded"
    assert f"{closest} 'Grace'\n" in refused(to, req("POST /v1/customers", "name=Linus")).message
    played(to, second)
    message = refused(to, req("POST /v1/customers", "name=Linus")).message
    assert f"{closest} 'Ada' (already played, as answer 1 of this run)\n" in message
