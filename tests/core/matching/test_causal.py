"""The causal order in words."""

from replayer.core.cassette import Cassette, Interaction
from replayer.core.matching.causal import LISTED, CausalRow, rows
from replayer.core.matching.index import Index
from replayer.core.message import Request, Response
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, OTHER, answer, req

CREATE, LIST = req("POST /v1/invoices", f"customer={CUSTOMER}"), req(f"GET /v1/invoices?customer={CUSTOMER}")
GET, ALL = req(f"GET /v1/invoices/{INVOICE}"), req("GET /v1/invoices")


def told(*recorded: tuple[Request, Response]) -> list[CausalRow]:
    return list(rows(Index(Cassette(tuple(Interaction(*one) for one in recorded)), registry.INVOICE_RULES)))


def made(name: str) -> Response:
    return answer({"id": name, "customer": CUSTOMER})


def test_each_write_says_what_it_touches_and_each_read_which_writes_it_had_behind_it() -> None:
    found = told(
        (LIST, answer([])),
        (CREATE, made(INVOICE)),
        (GET, made(INVOICE)),
        (req(f"POST /v1/invoices/{INVOICE}/finalize"), made(INVOICE)),
        (req(f"POST /v1/invoices/{INVOICE}/void"), answer("no", status=400)),
        (req("POST /v1/products"), answer({"id": "prod_AbCdEfGhIjKlM1"})),
        (CREATE, made(OTHER)),
        (LIST, answer([])),
        (GET, made(INVOICE)),
    )
    assert [(row.number, row.request, row.causes) for row in found] == [
        (1, "GET /v1/invoices?customer=cus_VIiHj0", "after no write"),
        (2, "POST /v1/invoices", "touches cus_VIiHj0, in_1UI6qs"),
        (3, "GET /v1/invoices/in_1UI6qs", "after 2"),
        (4, "POST /v1/invoices/in_1UI6qs/finalize", "touches cus_VIiHj0, in_1UI6qs"),
        (5, "POST /v1/invoices/in_1UI6qs/void", "changes nothing"),
        (6, "POST /v1/products", "touches nothing that is read"),
        (7, "POST /v1/invoices", "touches cus_VIiHj0"),
        (8, "GET /v1/invoices?customer=cus_VIiHj0", "after 2, 4, 7"),
        (9, "GET /v1/invoices/in_1UI6qs", "after 2, 4"),
    ]


def test_ids_are_as_long_as_it_takes_to_tell_them_apart() -> None:
    (row, *_) = told((req(f"GET /v1/x?of={INVOICE}&and={OTHER}"), answer(1)))
    assert row.request == "GET /v1/x?of=in_1UI6qs&and=in_1UI6qt"


def test_writes_in_a_row_are_told_as_one() -> None:
    *_, row = told(
        *((CREATE, made(OTHER)) for _ in range(3)), (GET, answer(1)), (CREATE, made(OTHER)), (ALL, answer(1))
    )
    assert row.causes == "after 1-3, 5"


def test_of_many_causes_a_few_are_listed() -> None:
    pairs = [each for _ in range(2 * LISTED) for each in ((CREATE, made(OTHER)), (GET, answer(1)))]
    *_, row = told(*pairs, (ALL, answer(1)))
    assert row.causes == "after 1, 3, 5, 7, 9, 11, 13, 15 and 8 more"


def test_what_any_write_may_have_changed_is_after_all_of_them_and_each_of_them_touches_it() -> None:
    balance = req("GET /v1/balance")
    found = told((balance, answer("0")), (CREATE, made(INVOICE)), (CREATE, made(OTHER)), (balance, answer("7")))
    assert [row.causes for row in found] == ["after no write", *["touches /v1/balance"] * 2, "after 2-3"]


def test_a_write_that_touches_a_list_only_as_it_was_seen_to_change_says_so() -> None:
    found = told(
        (req("GET /c?page=1"), answer([1])),
        (req("GET /stats"), answer({"n": 1})),
        (req("GET /d"), answer([])),
        (req("POST /bulk"), answer({"made": 2})),
        (req("GET /c?page=1"), answer([1, 2])),
        (req("GET /stats"), answer({"n": 2})),
        (req("POST /d"), answer({"id": 3})),
    )
    assert [row.causes for row in found[3:]] == ["touches /c, /stats", "after 4", "after 4", "touches /c, /d, /stats"]


def test_an_empty_cassette_has_no_rows() -> None:
    assert told() == []


def test_what_a_write_touches_through_a_later_one_counts_from_that_one_on() -> None:
    found = told(
        (req(f"POST /v1/customers/{CUSTOMER}"), answer({"id": CUSTOMER})),
        (ALL, answer([])),
        (CREATE, made(INVOICE)),
        (ALL, answer([])),
    )
    assert [row.causes for row in found if row.request.startswith("GET")] == ["after no write", "after 1, 3"]
