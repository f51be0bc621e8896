"""Objects that the client knows from elsewhere: recorded under their names, shown as the client spells them."""

import pytest

from replayer.cassettes import dumps, loads
from replayer.core.audit import audit
from replayer.core.message import Request
from replayer.core.modes import Mode
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, NOW, answer, played, recorded, req, session, tell

OLD = 1_600_000_000
USER = "8f14e45f-ceea-467f-8f0a-3c1d2b4a5e6f"


def old(name: str, **more: str) -> object:
    return {"object": "list", "data": [{"id": INVOICE, "created": OLD, "customer": name, **more}]}


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        (CUSTOMER, req(f"GET /v1/customers/{CUSTOMER}")),
        (CUSTOMER, req(f"GET /v1/invoices?customer={CUSTOMER}")),
        (CUSTOMER, req("POST /v1/invoices", f"customer={CUSTOMER}")),
        (USER, req(f"GET /v1/users/{USER}")),
        (USER, req("POST /v1/invoices", {"user": USER})),
    ],
)
def test_an_object_that_the_client_knows_from_elsewhere_is_understood_again(name: str, request_: Request) -> None:
    listing, told = req("GET /v1/invoices"), answer({"id": name, "created": OLD, "note": f"of {name}"})
    to = session()
    before = tell(to, listing, answer(old(name)))
    shown = tell(to, request_, told)
    after = tell(to, listing, answer(old(name)))
    cassette = to.cassette()
    assert cassette is not None
    text = dumps(cassette)
    assert name not in text
    assert not audit(cassette, text)
    assert name not in before.text
    assert shown.json["id"] == name
    assert shown.json["note"] == f"of {name}"
    assert name in after.text
    of = session(loads(text.encode(), "x.yaml"), Mode.NONE)
    assert [played(of, each) for each in (listing, request_, listing)] == [before, shown, after]


def test_who_goes_on_with_the_name_that_it_was_told_is_shown_that() -> None:
    to = session()
    (told,) = tell(to, req("GET /v1/invoices"), answer(old(CUSTOMER))).json["data"]
    asked = req(f"GET /v1/customers/{told['customer']}")
    assert tell(to, asked, answer({"id": CUSTOMER, "created": OLD})).json["id"] == told["customer"] != CUSTOMER


def test_an_id_that_nobody_has_told_of_stays_as_written() -> None:
    asked = req(f"GET /v1/customers/{CUSTOMER}")
    cassette = recorded((asked, answer({"id": CUSTOMER, "created": OLD})))
    assert CUSTOMER in dumps(cassette)
    assert played(session(cassette, Mode.NONE), asked).json["id"] == CUSTOMER


def test_a_recording_from_a_replay_has_the_same_names() -> None:
    listing, asked = req("GET /v1/invoices"), req(f"GET /v1/customers/{CUSTOMER}")
    first = recorded((listing, answer(old(CUSTOMER))), (asked, answer({"id": CUSTOMER, "created": OLD})))
    of, to = session(first, Mode.NONE), session(rules=registry.INVOICE_RULES)
    for number, each in enumerate((listing, asked)):
        verdict = to.decide(each, NOW + number)
        tell_ = played(of, verdict.request)  # type: ignore[union-attr]
        done = to.record(verdict.exchange, tell_, NOW + number)  # type: ignore[union-attr]
        to.recorder.keep(verdict.exchange, done.interaction)  # type: ignore[union-attr]
    again = to.cassette()
    assert again is not None
    assert dumps(again) == dumps(first)
