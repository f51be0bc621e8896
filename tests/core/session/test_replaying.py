"""Which answer a client is told on replay: of a repeated write, of a read as of its writes, in another state."""

import itertools

import pytest

from replayer.core.cassette import Cassette
from replayer.core.message import Request, wire
from replayer.core.modes import Mode
from replayer.core.session.verdicts import Reason, Replay
from tests.core.build import INVOICE, KEY, NOW, OTHER, answer, played, recorded, refused, req, session, tell

from .asking import BEARER, CREATE, LATER_UUID, LIST, UUID, bodies_of, keyed


def test_a_second_identical_write_gets_the_second_answer() -> None:
    of = session(recorded((CREATE, answer(1)), (CREATE, answer(2))), Mode.NONE)
    assert bodies_of(played(of, CREATE), played(of, CREATE)) == ["1", "2"]
    assert refused(of, CREATE).reason is Reason.USED_UP


def test_a_retry_under_its_key_gets_the_same_answer_and_moves_nothing_on() -> None:
    cassette = recorded((keyed(UUID), answer(1)), (LIST, answer([1])), (keyed(LATER_UUID), answer(2)))
    of = session(cassette, Mode.NONE)
    assert bodies_of(played(of, keyed("a-new-key-1")), played(of, keyed("a-new-key-1"))) == ["1", "1"]
    assert bodies_of(played(of, LIST)) == ["[1]"]
    assert bodies_of(played(of, keyed("a-new-key-2")), played(of, keyed("a-new-key-1"))) == ["2", "1"]


def test_the_invoice_api_repeats_the_key_of_a_deletion_and_does_it_again() -> None:
    delete = keyed("a-new-key-1", f"DELETE /v1/invoices/{INVOICE}", "")
    both = recorded((delete, answer({})), (delete, answer({}, status=404)))
    of = session(both, Mode.NONE)
    assert [played(of, delete).status for _ in range(2)] == [200, 404]
    of = session(recorded((delete, answer({}))), Mode.NONE)
    played(of, delete)
    assert refused(of, delete).reason is Reason.USED_UP


def test_recorded_retries_are_answered_in_their_order_and_then_the_last_one_stays() -> None:
    of = session(recorded((keyed(UUID), answer("", status=503)), (keyed(UUID), answer(1))), Mode.NONE)
    assert [played(of, keyed("another-key")).status for _ in range(3)] == [503, 200, 200]


def test_reads_in_one_state_answer_in_their_order_and_then_the_last_one_stays() -> None:
    of = session(recorded((LIST, answer("pending")), (LIST, answer("paid"))), Mode.NONE)
    assert bodies_of(*(played(of, LIST) for _ in range(4))) == ["pending", "paid", "paid", "paid"]


def test_a_read_is_answered_as_of_the_writes_before_it() -> None:
    cassette = recorded((LIST, answer([])), (CREATE, answer({"id": INVOICE})), (LIST, answer([1])))
    early = session(cassette, Mode.NONE)
    assert bodies_of(played(early, LIST), played(early, LIST)) == ["[]", "[]"]
    late = session(cassette, Mode.NONE)
    played(late, CREATE)
    assert bodies_of(played(late, LIST)) == ["[1]"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_independent_steps_may_interleave(order: tuple[int, ...]) -> None:
    products = req("GET /v1/products"), req("POST /v1/products", "name=a")
    cassette = recorded(
        (LIST, answer("no invoice")),
        (CREATE, answer({"id": INVOICE})),
        (LIST, answer("one invoice")),
        (products[0], answer("no product")),
        (products[1], answer({"id": "prod_AbCdEfGhIjKlM1"})),
        (products[0], answer("one product")),
    )
    of = session(cassette, Mode.NONE)
    steps = [(LIST, CREATE), products]
    first = bodies_of(*(played(of, steps[index][0]) for index in order))
    for index in order:
        played(of, steps[index][1])
    second = bodies_of(*(played(of, steps[index][0]) for index in order))
    kinds = ["invoice", "product"]
    assert first == [f"no {kinds[index]}" for index in order]
    assert second == [f"one {kinds[index]}" for index in order]


def test_lenient_serves_the_nearest_earlier_answer_in_a_state_that_was_never_recorded() -> None:
    cassette = recorded((LIST, answer("none")), (CREATE, answer({"id": INVOICE})), (CREATE, answer({"id": OTHER})))
    strict, lenient = session(cassette, Mode.NONE), session(cassette, Mode.NONE, lenient=True)
    played(strict, CREATE)
    played(lenient, CREATE)
    assert refused(strict, LIST).reason is Reason.UNKNOWN_STATE
    told = played(lenient, LIST)
    assert (bodies_of(told), wire.header(told.headers, "Replayer-Lenient")) == (["none"], "1")
    assert str(lenient.receipt()) == "0 recorded, 2 played, 0 synthesized, 0 missed, 1 unused, 1 lenient"


def test_a_lenient_answer_never_changes_a_strict_one() -> None:
    """Neither which it is, nor a byte of it: leniently asked before, between and after, and not."""
    cassette = recorded((LIST, answer("none")), (CREATE, answer({"id": INVOICE})), (CREATE, answer({"id": OTHER})))
    strict, lenient = session(cassette, Mode.NONE), session(cassette, Mode.NONE, lenient=True)
    told = []
    for request in (LIST, CREATE, LIST, CREATE):
        verdict = strict.decide(request, NOW)
        answered = played(lenient, request)
        if isinstance(verdict, Replay):
            told.append(verdict.response)
            assert answered == verdict.response
        else:
            assert wire.header(answered.headers, "Replayer-Lenient")
    assert len(told) == 3


LIFE = tuple(
    (req(f"POST /v1/invoices{step}"), answer({"id": INVOICE, "status": status}))
    for step, status in (("", "draft"), (f"/{INVOICE}/finalize", "open"), (f"/{INVOICE}/void", "void"))
)


def life() -> tuple[Cassette, list[Request]]:
    """An invoice that is drafted, finalized and voided; and the requests under the names that a client is told."""
    cassette = recorded(*LIFE)
    return cassette, [each.request for each in cassette.interactions]


def test_a_write_behind_a_forgotten_one_is_a_miss_that_names_it() -> None:
    cassette, (create, finalize, void) = life()
    of = session(cassette, Mode.NONE)
    played(of, create)
    refusal = refused(of, void)
    assert refusal.reason is Reason.UNKNOWN_STATE
    assert refusal.message.splitlines() == [
        f"POST {void.path} was recorded, but not in this state.",
        "Cassette: invoices.yaml (mode none; 3 recorded, 1 played)",
        f"Nearest: recorded after POST {finalize.path}, which you have not played",
        "To fix: record it again; or answer it all the same with the setting lenient",
    ]
    assert b"open" in played(of, finalize).body
    assert b"void" in played(of, void).body


def test_lenient_answers_a_write_in_another_state_and_it_counts_as_made() -> None:
    cassette, (create, _, void) = life()
    of = session(cassette, Mode.NONE, lenient=True)
    played(of, create)
    voided = played(of, void)
    assert (voided.json["status"], wire.header(voided.headers, "Replayer-Lenient")) == ("void", "1")
    assert refused(of, void).reason is Reason.USED_UP
    assert of.receipt().lenient == 1


def test_two_updates_the_other_way_round_are_a_miss() -> None:
    update = f"POST /v1/invoices/{INVOICE}"
    told = answer({"id": INVOICE})
    of = session(recorded((req(update, "a=1"), told), (req(update, "a=2"), told)), Mode.NONE)
    assert refused(of, req(update, "a=2")).reason is Reason.UNKNOWN_STATE
    played(of, req(update, "a=1"))
    played(of, req(update, "a=2"))


def test_version_and_account_are_part_of_the_question() -> None:
    asked = req("GET /v1/invoices", b"", ("Stripe-Version", "2026-10-28"))
    of = session(recorded((asked, answer(1))), Mode.NONE)
    assert refused(of, LIST).reason is Reason.NO_MATCH
    assert bodies_of(played(of, asked)) == ["1"]


@pytest.mark.parametrize(
    "asking",
    [
        req(f"GET /v1/x?api_key={KEY}", b"", BEARER),
        req("POST /v1/x", "password=pass-word%2F1", ("Authorization", "Bearer pass-word/1")),
        req("POST /v1/x", {"secret": "whsec_0123456789abcdef"}),
    ],
)
def test_a_secret_is_no_part_of_the_question_that_holds_it(asking: Request) -> None:
    to = session()
    told = tell(to, asking, answer({"ok": True}))
    assert played(session(to.cassette(), Mode.NONE), asking) == told


def test_a_search_is_answered_as_of_the_writes_to_what_it_searches() -> None:
    search = req("GET /v1/invoices/search?query=status%3A%27draft%27")
    cassette = recorded((search, answer("[]")), (CREATE, answer({"id": INVOICE})), (search, answer("[1]")))
    early, late = session(cassette, Mode.NONE), session(cassette, Mode.NONE)
    assert bodies_of(played(early, search), played(early, search)) == ["[]", "[]"]
    played(late, CREATE)
    assert bodies_of(played(late, search)) == ["[1]"]


def test_a_slash_inside_a_segment_is_no_step_of_the_path() -> None:
    of = session(recorded((req("GET /v1/a%2Fb"), answer(1))), Mode.NONE)
    assert refused(of, req("GET /v1/a/b")).reason is Reason.NO_MATCH
