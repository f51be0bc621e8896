"""One object's life: what was done to it, where it was seen, and what had changed each time."""

from typing import Any

from replayer.core.cassette import Cassette, Interaction
from replayer.core.drawing import Drawing, Lane
from replayer.core.message import Request, Response
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, OTHER, answer, req


def lane_of(name: str, *exchanges: tuple[Request, Response]) -> Lane:
    return drawing_of(*exchanges).lanes.lane(name)


def drawing_of(*exchanges: tuple[Request, Response]) -> Drawing:
    return Drawing(Cassette(tuple(Interaction(*one) for one in exchanges)), registry.INVOICE_RULES)


def invoice(status: str, **more: Any) -> Response:
    return answer({"id": INVOICE, "object": "invoice", "customer": CUSTOMER, "status": status} | more)


LIFE = (
    (req("POST /v1/customers"), answer({"id": CUSTOMER, "object": "customer"})),
    (req("POST /v1/invoices", f"customer={CUSTOMER}"), invoice("draft")),
    (req(f"POST /v1/invoices/{INVOICE}/finalize"), invoice("open", number="A-1")),
    (req(f"GET /v1/invoices/{INVOICE}"), invoice("open", number="A-1")),
    (req(f"POST /v1/invoices/{INVOICE}/pay"), answer({"error": {"type": "card_error"}}, status=402)),
    (req(f"POST /v1/invoices/{INVOICE}/void"), answer({"error": {"type": "no"}}, status=400)),
    (req("POST /v1/invoices", f"customer={CUSTOMER}"), answer({"id": OTHER, "object": "invoice"})),
    (
        req(f"GET /v1/invoices?customer={CUSTOMER}"),
        answer({"data": [{"id": OTHER}, {"id": INVOICE, "status": "open"}]}),
    ),
    (req(f"DELETE /v1/invoices/{INVOICE}"), answer({"id": INVOICE, "deleted": True})),
)


def test_each_step_of_a_life_says_what_it_was() -> None:
    steps = lane_of(INVOICE, *LIFE).steps
    assert [(step.number, step.kind) for step in steps] == [
        (2, "made"),
        (3, "changed"),
        (4, "seen"),
        (5, "changed"),
        (6, "refused"),
        (8, "seen"),
        (9, "deleted"),
    ]
    assert (steps[1].request, steps[1].status) == (f"POST /v1/invoices/{INVOICE}/finalize", 200)


def test_what_changed_is_told_with_both_values() -> None:
    steps = lane_of(INVOICE, *LIFE).steps
    assert steps[1].changes == (("status", "draft", "open"), ("number", None, "A-1"))
    assert steps[2].changes == ()


def test_a_field_within_another_has_a_dotted_name() -> None:
    drafted, opened = ({"status_transitions": {"paid_at": None, "finalized_at": when}} for when in (None, 7))
    finalize = req(f"POST /v1/invoices/{INVOICE}/finalize")
    _, step = lane_of(INVOICE, (LIFE[1][0], invoice("draft", **drafted)), (finalize, invoice("draft", **opened))).steps
    assert step.changes == (("status_transitions.finalized_at", None, 7),)


def test_a_customer_is_touched_by_what_names_it() -> None:
    kinds = {step.number: step.kind for step in lane_of(CUSTOMER, *LIFE).steps}
    assert kinds[1] == "made"
    assert {kinds[2], kinds[3], kinds[7]} == {"touched"}
    assert kinds[8] == "seen"


def test_of_many_changes_some_are_told_and_the_others_counted() -> None:
    fields = {f"f{number}": number for number in range(20)}
    _, step = lane_of(INVOICE, LIFE[1], (req(f"POST /v1/invoices/{INVOICE}"), invoice("draft", **fields))).steps
    assert (len(step.changes), step.more) == (12, 8)


def test_what_may_be_a_credential_is_masked() -> None:
    secret = {"client_secret": "whsec_MadeUpMadeUpMadeUpMadeUp01"}
    _, step = lane_of(INVOICE, LIFE[1], (req(f"POST /v1/invoices/{INVOICE}"), invoice("draft", **secret))).steps
    assert "MadeUpMadeUp" not in str(step)


def test_an_object_within_too_many_others_is_not_looked_for() -> None:
    text = '{"a":' * 200 + f'{{"id": "{INVOICE}"}}' + "}" * 200
    (step,) = lane_of(INVOICE, (req(f"GET /v1/invoices/{INVOICE}"), answer(text))).steps
    assert (step.kind, step.changes) == ("seen", ())


def test_objects_come_in_the_order_in_which_they_are_named_with_how_many_name_them() -> None:
    objects = drawing_of(*LIFE).lanes.objects
    assert list(objects) == [CUSTOMER, INVOICE, OTHER]
    assert objects[OTHER] >= 1
    assert lane_of("in_nobody00000000", *LIFE).steps == ()
