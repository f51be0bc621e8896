"""An interaction as an audit looks at it, and the lines of the file where it stands."""

from replayer.cassettes import dumps
from replayer.core.audit.view import Examined, Places
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, EPOCH, INVOICE, ORIGIN, answer, req

DATE = ("Date", "Sun, 22 Nov 2026 00:00:07 GMT")
ONE = Interaction(req(f"GET /v1/invoices/{INVOICE}"), answer({"id": INVOICE, "customer": CUSTOMER}, DATE))


def test_it_knows_what_was_written_what_was_answered_and_when() -> None:
    each = Examined(ONE, registry.INVOICE_RULES)
    assert INVOICE in each.written
    assert CUSTOMER not in each.written
    assert CUSTOMER in list(each.answered())
    assert each.date == EPOCH + 7
    assert Examined(Interaction(req("GET /"), answer({})), registry.INVOICE_RULES).date is None


def test_a_value_stands_in_a_line_of_its_own_interaction() -> None:
    text = dumps(Cassette((ONE, ONE), Facts(ORIGIN, "invoice", EPOCH)))
    lines, places = text.split("\n"), Places(text, 2)
    first, second = places.line(0, CUSTOMER), places.line(1, CUSTOMER)
    assert CUSTOMER in lines[first - 1]
    assert CUSTOMER in lines[second - 1]
    assert first < second
    assert "request" in lines[places.line(1, "nowhere") - 1]


def test_a_name_is_found_as_a_whole_and_not_inside_a_longer_one() -> None:
    text = "- request:\n    a: cus_ABCDEF\n    b: xcus_ABC\n    c: '/v1/cus_ABC/x'\n    d: cus_ABC_secret_1"
    assert Places(text, 1).line(0, "cus_ABC") == 4
    assert Places(text, 1).line(0, "cus_ABC_secret_1") == 5
    assert Places(text, 1).line(0, "/x") == 4


def test_what_stands_in_both_messages_is_found_in_the_one_that_is_meant() -> None:
    places = Places("- request:\n    a: cus_ABC\n  response:\n    b: cus_ABC\n- request:\n    c: 1\n", 2)
    assert (places.line(0, "cus_ABC"), places.line(0, "cus_ABC", answered=True)) == (2, 4)
    assert places.line(1, "1", answered=True) == 6


def test_a_name_that_stands_only_behind_an_escape_is_found_there() -> None:
    assert Places("- request:\n    a: 1\n    b: '\\ncus_ABC'\n", 1).line(0, "cus_ABC") == 3


def test_a_line_belongs_to_the_request_or_the_response_that_stands_around_it() -> None:
    cassette = Cassette((ONE, ONE), Facts(ORIGIN, "invoice", EPOCH))
    text = dumps(cassette)
    lines, places = text.split("\n"), Places(text, 2)
    owners = [places.message(cassette, number) for number in range(1, len(lines) + 1)]
    asked, answered = lines.index("- request:") + 2, lines.index("  response:") + 2
    assert owners[: asked - 2] == [None] * (asked - 2)
    assert owners[asked - 1] is ONE.request
    assert owners[answered - 1] is ONE.response
    assert owners[-1] is ONE.response
    assert Places("other: shape", 2).message(cassette, 1) is None
