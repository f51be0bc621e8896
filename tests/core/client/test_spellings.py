"""Objects that the client knows from elsewhere: recorded under their names, shown as the client spells them."""

import pytest

from replayer.cassettes import dumps, loads
from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.rules import Rules, registry
from tests.core.build import CUSTOMER, INVOICE, NOW, answer, played, recorded, req, session, tell

OLD = 1_600_000_000
USER = "8f14e45f-ceea-467f-8f0a-3c1d2b4a5e6f"


ULID, OBJECT, NUMBERED = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "507f1f77bcf86cd799439011", f"SM{USER.replace('-', '')}"
NODE, AUTH, NANO, SLACK = (
    "PR_kwDOABcdEF5aBcDe",
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "V1StGXR8_Z5jdHi6B-myT",
    "U04ABCD1234",
)
PART = "--{0}\r\nContent-Disposition: form-data; name=id\r\n\r\n{1}\r\n--{0}--\r\n"


def old(name: str, **more: str) -> object:
    return {"object": "list", "data": [{"id": INVOICE, "created": OLD, "customer_id": name, **more}]}


def in_parts(boundary: str = "xx") -> Request:
    media = ("Content-Type", f"multipart/form-data; boundary={boundary}")
    return req("POST /v1/files", PART.format(boundary, OBJECT).encode(), media)


ASKED = [
    (CUSTOMER, req(f"GET /v1/customers/{CUSTOMER}")),
    (CUSTOMER, req(f"GET /v1/invoices?customer={CUSTOMER}")),
    (CUSTOMER, req("POST /v1/invoices", f"customer={CUSTOMER}")),
    (CUSTOMER, req(f"GET /v1/invoices/search?query=customer%3A%27{CUSTOMER}%27")),
    (USER, req(f"GET /v1/users/{USER}")),
    (USER, req("POST /v1/invoices", {"user": USER})),
    (USER, req(f"GET /odata/Users('{USER}')")),
    (USER, req("POST /soap", f"<a><id>{USER}</id></a>".encode(), ("Content-Type", "text/xml"))),
    (USER, req("POST /v1/batch", {"rows": [{"of": [{"user": {"ref": USER}}]}]})),
    (USER.replace("-", ""), req(f"DELETE /v1/users/{USER.replace('-', '')}")),
    (ULID, req(f"GET /v1/events?after={ULID}")),
    (OBJECT, req(f"GET /v1/things?ids=a,{OBJECT}")),
    (OBJECT, req("POST /_bulk", b'{"index":{"_id":"%s"}}\n{}\n' % OBJECT.encode())),
    (OBJECT, in_parts()),
    (NUMBERED, req(f"GET /2010-04-01/Messages/{NUMBERED}.json")),
    (NODE, req("POST /graphql", {"query": f'{{node(id: "{NODE}") {{id}}}}'})),
    (NODE, req("POST /graphql", {"query": "query($id: ID!) {node(id: $id) {id}}", "variables": {"id": NODE}})),
    (AUTH, req(f"GET /api/v2/users/{AUTH.replace('|', '%7C')}")),
]
WITHOUT_SHAPE = [
    (NANO, req(f"GET /v1/pads/{NANO}")),
    (NANO, req("POST /v1/pads", {"of": [NANO]})),
    (NANO, req("POST /v1/pads", f"of={NANO}")),
    (SLACK, req(f"GET /users.info?user={SLACK}")),
    (USER, req("GET /v1/me", b"", ("X-Tenant-Id", USER))),
]


@pytest.mark.parametrize(
    ("rules", "name", "request_"),
    [
        *((each, *one) for one in ASKED for each in registry.RULES.values()),
        *((registry.GENERIC_RULES, *one) for one in WITHOUT_SHAPE),
    ],
)
def test_an_object_that_the_client_knows_from_elsewhere_is_understood_again(
    rules: Rules, name: str, request_: Request
) -> None:
    listing, told = req("GET /v1/invoices"), answer({"id": name, "created": OLD, "note": f"of {name}"})
    to = session(rules=rules)
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
    of = session(loads(text.encode(), "x.yaml"), Mode.NONE, rules=rules)
    assert [played(of, each) for each in (listing, request_, listing)] == [before, shown, after]


def test_so_it_is_in_another_boundary_and_in_capitals() -> None:
    listing, other = req("GET /v1/invoices"), req(f"GET /v1/users/{USER.upper()}")
    cassette = recorded(
        (listing, answer(old(OBJECT, user=USER))), (in_parts(), answer({"ok": 1})), (other, answer({"id": USER}))
    )
    assert USER not in dumps(cassette).lower()
    of = session(cassette, Mode.NONE)
    assert played(of, listing).text != played(of, in_parts("other")).text == '{"ok": 1}'
    assert played(of, other).json["id"] == USER.upper()


WITHOUT_BIRTH = [
    answer({"data": [{"id": "ch_1", "customer": CUSTOMER}]}),
    answer({"data": [{"url": f"https://api.stripe.com/v1/customers/{CUSTOMER}"}]}),
    answer(f"<row><customer>{CUSTOMER}</customer></row>", ("X-Kind", "xml")),
    answer({"data": []}, ("Location", f"/v1/customers/{CUSTOMER}")),
]


@pytest.mark.parametrize("rules", registry.RULES.values(), ids=registry.RULES)
@pytest.mark.parametrize("told", WITHOUT_BIRTH)
def test_what_a_client_knows_that_was_only_told_its_name_is_older_than_the_session(
    rules: Rules, told: Response
) -> None:
    """No time tells that, but who asks with an id that nobody has shown knew it before: from then on its name follows
    from it, in all that is recorded."""
    listing, asked = req("GET /v1/charges"), req(f"GET /v1/customers/{CUSTOMER}")

    def record(over: Cassette | None = None) -> Cassette:
        to = session(over, rules=rules)
        alias = tell(to, listing, told)
        assert CUSTOMER not in alias.text
        assert tell(to, asked, answer({"id": CUSTOMER, "updated": int(NOW)})).json["id"] == CUSTOMER
        tell(to, listing, told)
        cassette = to.cassette()
        assert cassette is not None
        return loads(dumps(cassette).encode(), "x.yaml")

    cassette = record()
    assert CUSTOMER not in dumps(cassette)
    assert not audit(cassette, dumps(cassette))
    assert dumps(record(cassette)) == dumps(cassette) == dumps(record())
    of = session(cassette, Mode.NONE, rules=rules)
    first = played(of, listing)
    assert played(of, asked).json["id"] == CUSTOMER
    assert CUSTOMER in str(played(of, listing)) + played(of, listing).text
    assert CUSTOMER not in str(first) + first.text


def test_who_goes_on_with_the_name_that_it_was_told_is_shown_that() -> None:
    to = session()
    (told,) = tell(to, req("GET /v1/invoices"), answer(old(CUSTOMER))).json["data"]
    asked = req(f"GET /v1/customers/{told['customer_id']}")
    assert tell(to, asked, answer({"id": CUSTOMER, "created": OLD})).json["id"] == told["customer_id"] != CUSTOMER


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
