"""Cassettes of others in our names: the same interactions, and nothing real in them."""

from replayer.core.cassette import Cassette, Interaction
from replayer.core.drift.renaming import adopted
from replayer.core.message import shapes
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, answer, recorded, req, value_of

BORN = 1_795_350_000
DATE = ("Date", "Sun, 22 Nov 2026 12:20:00 GMT")
MADE = answer({"id": INVOICE, "object": "invoice", "customer": CUSTOMER, "created": BORN}, DATE)
THEIRS = Cassette(
    (
        Interaction(req("POST /v1/invoices", "amount=1"), MADE),
        Interaction(req(f"GET /v1/invoices/{INVOICE}"), MADE),
        Interaction(req("POST /v1/invoices", f"customer={CUSTOMER}"), answer({"id": "in_" + "0a" * 12}, DATE)),
    )
)


def test_ids_have_one_name_in_answers_paths_and_forms() -> None:
    made, read, second = adopted(THEIRS, registry.INVOICE_RULES).interactions
    value = value_of(made.response)
    assert read.request.target == f"/v1/invoices/{value['id']}"
    assert second.request.body == f"customer={value['customer']}".encode()
    assert value_of(read.response) == value
    texts = [text for each in (made, read, second) for text in (each.request.target, each.response.body.decode())]
    assert {CUSTOMER, INVOICE} & {piece.text for text in texts for piece in shapes.ids(text)} == set()


def test_times_are_those_of_a_clock_that_starts_at_the_midnight_before() -> None:
    ours = adopted(THEIRS, registry.INVOICE_RULES)
    assert ours.facts is not None
    assert value_of(ours.interactions[0].response)["created"] - ours.facts.epoch < 10


def test_ours_stay_as_they_are_and_so_does_nothing() -> None:
    ours = recorded((req("GET /v1/invoices"), answer({"data": []})))
    assert adopted(ours, registry.INVOICE_RULES) is ours
    assert adopted(Cassette(), registry.INVOICE_RULES) == Cassette()


def test_what_was_said_to_another_host_stays_as_it_is() -> None:
    request = req(f"GET /v1/invoices/{INVOICE}")
    elsewhere = Interaction(type(request)(request.method, request.target, origin="https://other.example"), MADE)
    assert adopted(Cassette((*THEIRS.interactions, elsewhere)), registry.INVOICE_RULES).interactions[3] is elsewhere
