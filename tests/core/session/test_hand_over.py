"""A miss that is handed over: what whoever answers it gets, and what the session makes of the answer."""

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.session.hand_over import HandOver, SandboxAnswer
from replayer.core.session.session import Session
from replayer.core.session.verdicts import Reason, Refuse, Replay
from tests.core.build import CUSTOMER, EPOCH, INVOICE, NOW, OTHER, answer, req, session

DRAFT = req("POST /v1/invoices", f"customer={CUSTOMER}")
FINALIZE = req(f"POST /v1/invoices/{INVOICE}/finalize")
READ = req(f"GET /v1/invoices/{INVOICE}")
OTHERS = req(f"GET /v1/invoices/{OTHER}")
LIVE, ANOTHER = "7d1f0000-aaaa-4bbb-8ccc-000000000001", "7d1f0000-aaaa-4bbb-8ccc-000000000002"


def recorded(*pairs: tuple[Request, Response]) -> Cassette:
    return Cassette(tuple(Interaction(*pair) for pair in pairs), Facts("sandbox", "invoice", EPOCH))


CASSETTE = recorded(
    (DRAFT, answer({"id": INVOICE, "customer": CUSTOMER})),
    (READ, answer("draft")),
    (OTHERS, answer("another")),
    (FINALIZE, answer({"id": INVOICE, "status": "open", "customer": CUSTOMER})),
)


def handed(of: Session, request: Request) -> HandOver:
    verdict = of.decide(request, NOW)
    assert isinstance(verdict, HandOver)
    return verdict


def test_a_miss_is_handed_over_and_counted_only_when_it_stands() -> None:
    of = session(CASSETTE, Mode.NONE, hands_over=True)
    missed = handed(of, req("GET /v1/invoices"))
    assert (missed.reason, of.misses) == (Reason.NO_MATCH, [])
    of.refuse(missed)
    assert (of.receipt().missed, of.receipt().synthesized) == (1, 0)


def test_nothing_is_handed_over_where_nobody_asked_for_it() -> None:
    verdict = session(CASSETTE, Mode.NONE).decide(req("GET /v1/invoices"), NOW)
    assert isinstance(verdict, Refuse)
    assert not isinstance(verdict, HandOver)


def test_a_live_key_is_never_handed_over() -> None:
    of = session(CASSETTE, Mode.ALL, hands_over=True)
    verdict = of.decide(req("GET /v1/invoices", b"", ("Authorization", "Bearer sk_live_0123456789abcdef")), NOW)
    assert isinstance(verdict, Refuse)
    assert (verdict.reason, isinstance(verdict, HandOver)) == (Reason.LIVE_KEY, False)


def test_what_was_taken_counts_as_synthesized_and_is_marked() -> None:
    of = session(CASSETTE, Mode.NONE, hands_over=True)
    told = answer("[]", ("Content-Security-Policy", "none"), ("Content-Length", "2"))
    response = of.take(handed(of, req("GET /v1/invoices")), SandboxAnswer(told, "1"))
    assert (of.receipt().missed, of.receipt().synthesized) == (0, 1)
    assert response.headers == (("Content-Type", "application/json"), ("Replayer-Synthesized", "sandbox"))


def test_the_clock_goes_on_with_the_answer() -> None:
    of = session(CASSETTE, Mode.NONE, hands_over=True)
    of.take(
        handed(of, req("GET /v1/invoices")), SandboxAnswer(answer("[]", ("Date", "Sun, 22 Nov 2026 00:00:09 GMT")), "1")
    )
    assert of.clock.now == EPOCH + 9


def test_a_read_of_what_was_changed_is_not_answered_as_it_was_recorded() -> None:
    of = session(CASSETTE, Mode.NONE, hands_over=True)
    assert isinstance(of.decide(DRAFT, NOW), Replay)
    assert isinstance(of.decide(READ, NOW), Replay)
    of.take(
        handed(of, req(f"POST /v1/invoices/{INVOICE}", "description=x")),
        SandboxAnswer(answer("{}"), "1", frozenset({INVOICE})),
    )
    assert handed(of, READ).reason is Reason.UNKNOWN_STATE
    assert isinstance(of.decide(OTHERS, NOW), Replay)


def test_a_write_to_what_was_changed_is_not_answered_as_it_was_recorded_and_its_retry_is() -> None:
    of = session(CASSETTE, Mode.NONE, hands_over=True)
    keyed = req("POST /v1/invoices", f"customer={CUSTOMER}", ("Idempotency-Key", LIVE))
    assert isinstance(of.decide(keyed, NOW), Replay)
    of.take(handed(of, req(f"POST /v1/customers/{CUSTOMER}")), SandboxAnswer(answer("{}"), "1", frozenset({CUSTOMER})))
    missed = handed(of, FINALIZE)
    assert missed.message.startswith(f"POST /v1/invoices/{INVOICE}/finalize was recorded, but the sandbox has changed")
    assert isinstance(of.decide(keyed, NOW), Replay)


def test_adding_to_a_collection_takes_no_recorded_write_away() -> None:
    of = session(CASSETTE, Mode.NONE, hands_over=True)
    of.take(handed(of, req("POST /v1/invoices")), SandboxAnswer(answer("{}"), "1", frozenset({"/v1/invoices", OTHER})))
    assert isinstance(of.decide(DRAFT, NOW), Replay)


def test_what_the_client_made_up_is_stood_in_for_and_comes_back_as_it_was() -> None:
    of = session(CASSETTE, Mode.NONE, hands_over=True)
    stood = [handed(of, req("POST /v1/customers", f"metadata[order]={live}")) for live in (LIVE, ANOTHER)]
    assert stood[0].request.body == stood[1].request.body != f"metadata[order]={LIVE}".encode()
    text = stood[0].request.body.decode().partition("=")[2]
    assert of.take(stood[0], SandboxAnswer(answer({"order": text}), "1")).body == f'{{"order": "{LIVE}"}}'.encode()


def test_a_key_that_is_bound_is_asked_with_its_recorded_name() -> None:
    keyed = req("POST /v1/invoices", f"customer={CUSTOMER}", ("Idempotency-Key", LIVE))
    of = session(recorded((keyed, answer({"id": INVOICE}))), Mode.NONE, hands_over=True)
    again = req("POST /v1/invoices", f"customer={CUSTOMER}", ("Idempotency-Key", ANOTHER))
    assert isinstance(of.decide(again, NOW), Replay)
    other = req("POST /v1/invoices", f"customer={CUSTOMER}&description=x", ("Idempotency-Key", ANOTHER))
    missed = handed(of, other)
    assert wire.header(missed.request.headers, "idempotency-key") == LIVE
    told = of.take(missed, SandboxAnswer(answer("{}", ("Idempotency-Key", LIVE)), "1"))
    assert wire.header(told.headers, "idempotency-key") == ANOTHER


def test_times_of_another_tools_cassette_stay_as_they_were_asked_for() -> None:
    foreign = Cassette(CASSETTE.interactions)
    asked = req(f"GET /v1/invoices?created[gte]={int(NOW) - 30 * 86_400}")
    assert handed(session(foreign, Mode.NONE, hands_over=True), asked).request == asked
    assert handed(session(CASSETTE, Mode.NONE, hands_over=True), asked).request != asked


def test_equal_origins_have_equal_numbers_and_others_others() -> None:
    numbers = [SandboxAnswer(answer("{}"), origin).number for origin in ("a", "a", "b")]
    assert numbers[0] == numbers[1] != numbers[2]
