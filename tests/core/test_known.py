"""What a cassette tells of lists and of objects, in which state."""

import pytest

from replayer.core.index import Index
from replayer.core.interaction import Request, Response
from replayer.core.invoice_rules import INVOICE_RULES
from replayer.core.known import Known, alone_of
from tests.core.build import CUSTOMER, INVOICE, answer, asked, recorded, req, value_of

LIST = "GET /v1/customers"


def known(*exchanges: tuple[Request, Response]) -> Known:
    return Known(Index(recorded(*exchanges), INVOICE_RULES), INVOICE_RULES)


def page(*names: str, more: bool = False) -> Response:
    rows = [{"id": name, "object": "customer"} for name in names]
    return answer({"object": "list", "data": rows, "has_more": more, "url": "/v1/customers"})


def test_pages_of_one_list_in_one_state_are_together_and_what_is_written_begins_another() -> None:
    found = known(
        (req(f"{LIST}?limit=1"), page(CUSTOMER, more=True)),
        (req(LIST), page(CUSTOMER)),
        (req("POST /v1/customers", "name=Ada"), answer({"id": "cus_VIiHj0TY6gyFLZ", "object": "customer"})),
        (req(LIST), page("cus_VIiHj0TY6gyFLZ", CUSTOMER)),
    )
    assert [len(one.pages) for one in found.lists.values()] == [2, 1]
    assert [len(one.stretches) for one in found.lists.values()] == [1, 2]


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        (req(f"GET /v1/customers/{CUSTOMER}?expand[]=sources"), answer({"id": CUSTOMER, "object": "customer"})),
        (req("POST /v1/customers", "name=Ada&expand[]=sources"), answer({"id": CUSTOMER, "object": "customer"})),
        (req(f"GET /v1/invoices/{INVOICE}/lines"), answer({"object": "list", "data": [{"id": "il_a"}]})),
        (req(f"GET /v1/customers/{CUSTOMER}"), answer({"id": CUSTOMER}, status=404)),
        (req(f"GET /v1/customers/{CUSTOMER}"), answer({"object": "customer"})),
        (req(f"GET /v1/customers/{CUSTOMER}"), answer([CUSTOMER])),
        (req(f"GET /v1/customers/{CUSTOMER}"), answer("no JSON")),
    ],
)
def test_what_tells_of_no_object_as_it_is_by_itself_is_not_taken_for_one(request_: Request, reply: Response) -> None:
    assert known((request_, reply)).objects == {}


def test_an_object_is_known_from_what_asks_for_it_from_a_list_and_from_a_write() -> None:
    customer = {"id": CUSTOMER, "object": "customer"}
    for exchange in (
        (req(f"GET /v1/customers/{CUSTOMER}"), answer(customer)),
        (req(LIST), page(CUSTOMER)),
        (req(f"POST /v1/customers/{CUSTOMER}", "name=Ada"), answer(customer)),
    ):
        ((told,),) = known(exchange).objects.values()
        assert value_of(answer(told[1].text)) == told[1].value


def test_what_was_deleted_is_gone() -> None:
    found = known((req(f"DELETE /v1/customers/{CUSTOMER}"), answer({"id": CUSTOMER, "deleted": True})))
    assert found.objects == {}
    assert found.gone == {alone_of("/v1/customers", CUSTOMER, asked(LIST)).digest}


def test_a_known_object_is_asked_for_by_those_who_speak_for_the_same_account() -> None:
    one, other = asked(LIST), asked(LIST, b"", ("Stripe-Account", "acct_1UI6qsHIBYZYyePr"))
    assert alone_of("/v1/customers", CUSTOMER, one).digest != alone_of("/v1/customers", CUSTOMER, other).digest
