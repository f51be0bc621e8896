"""Headers that choose the answer: never another one's; and what played before plays still."""

import pytest

from replayer.cassettes import dumps, loads
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.rules import Rules, registry
from replayer.core.session.verdicts import Reason
from tests.core.build import answer, played, refused, req, session, tell

RULES = [registry.INVOICE_RULES, registry.GENERIC_RULES]
CHOSEN = [
    ("Range", "bytes=0-3", "bytes=4-7", "bytes=8-11"),
    ("X-Amz-Target", "Svc.ListTables", "Svc.DeleteTable", "Svc.CreateTable"),
    ("X-HTTP-Method-Override", "PATCH", "DELETE", "PUT"),
    ("SOAPAction", '"urn:get"', '"urn:set"', '"urn:drop"'),
    ("Accept", "text/csv", "application/xml", "application/pdf"),
    ("Accept-Language", "de", "fr", "en"),
    ("Content-Range", "bytes 0-3/12", "bytes 4-7/12", "bytes 8-11/12"),
    ("x-amz-copy-source", "/a/one.txt", "/a/two.txt", "/a/three.txt"),
    ("Dropbox-API-Arg", '{"path": "/one"}', '{"path": "/two"}', '{"path": "/three"}'),
    ("X-RestLi-Method", "finder", "batch_get", "create"),
    ("X-Tenant", "acme", "globex", "initech"),
    ("Xero-Tenant-Id", "north", "south", "west"),
    ("X-Linode-Filter", '{"label": "a"}', '{"label": "b"}', '{"label": "c"}'),
    ("Time-Zone", "Europe/Berlin", "Asia/Tokyo", "UTC"),
    ("X-Currency", "EUR", "USD", "GBP"),
    ("Destination", "/b.txt", "/c.txt", "/d.txt"),
]


def asks(method: str, name: str, value: str, path: str = "/things") -> Request:
    return req(f"{method} {path}", b"", *([(name, value)] if value else []))


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("name", "one", "other", "third"), CHOSEN)
def test_what_a_header_chooses_is_answered_for_it_and_for_nothing_else(
    rules: Rules, method: str, name: str, one: str, other: str, third: str
) -> None:
    to = session(rules=rules)
    requests = [asks(method, name, value) for value in (one, other)]
    for each, text in zip(requests, ("first", "second"), strict=True):
        tell(to, each, answer(text))
    cassette = to.cassette()
    assert cassette is not None
    cassette = loads(dumps(cassette).encode(), "x.yaml")
    of = session(cassette, Mode.NONE, rules=rules)
    assert [played(of, each).text for each in reversed(requests)] == ["second", "first"]
    refusal = refused(of, asks(method, name, third))
    assert refusal.reason is Reason.NO_MATCH
    assert f"header {name.lower()} {third!r}, recorded " in refusal.message
    again = session(cassette, rules=rules)
    for each, text in zip(requests, ("first", "second"), strict=True):
        tell(again, each, answer(text))
    assert again.cassette() == cassette


@pytest.mark.parametrize(("name", "one", "other", "third"), CHOSEN)
def test_a_single_one_counts_where_it_stood(name: str, one: str, other: str, third: str) -> None:
    to = session()
    tell(to, asks("GET", name, one), answer("a"))
    cassette = to.cassette()
    of = session(cassette, Mode.NONE)
    for value in (other, third, ""):
        assert refused(of, asks("GET", name, value)).reason is Reason.NO_MATCH
    assert played(of, asks("GET", name, one)).text == "a"


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(
    ("name", "one", "other", "third"),
    [
        ("X-Market", "north", "south", "west"),
        ("Anthropic-Beta", "tools-1", "tools-2", "tools-3"),
        ("CloudFront-Viewer-Country", "DE", "FR", "US"),
        ("X-Requested-With", "XMLHttpRequest", "fetch", "curl"),
        ("X-Parse-Application-Id", "shop", "blog", "wiki"),
    ],
)
def test_a_header_that_no_rule_knows_is_kept_where_equal_questions_were_answered_differently_by_it(
    rules: Rules, name: str, one: str, other: str, third: str
) -> None:
    steady = ("X-Steady", "same")
    asked = [req("GET /rates", b"", (name, value), steady) for value in (one, other)]
    beside = req("GET /health", b"", (name, one), steady)

    def recorded(over: Cassette | None = None) -> Cassette:
        to = session(over, rules=rules)
        for each, text in ((asked[0], "first"), (beside, "up"), (asked[1], "second"), (asked[0], "first")):
            tell(to, each, answer(text))
        cassette = to.cassette()
        assert cassette is not None
        return loads(dumps(cassette).encode(), "x.yaml")

    cassette = recorded()
    assert recorded(cassette) == cassette
    assert dumps(cassette).count(f"{name}:") == 3
    assert "X-Steady" not in dumps(cassette)
    of = session(cassette, Mode.NONE, rules=rules)
    assert [played(of, each).text for each in reversed(asked)] == ["second", "first"]
    for value in (third, ""):
        assert refused(of, asks("GET", name, value, "/rates")).reason is Reason.NO_MATCH
    assert played(of, req("GET /health")).text == "up"


def test_what_differs_while_something_is_polled_for_is_not_kept() -> None:
    to = session()
    for number, text in enumerate(("pending", "pending", "done")):
        tell(to, req("GET /job", b"", ("X-Attempt", str(number)), ("User-Agent", f"a/{number}")), answer(text))
    cassette = to.cassette()
    assert cassette is not None
    assert not {"X-Attempt", "User-Agent"} & {name for one in cassette.interactions for name, _ in one.request.headers}


def test_a_credential_chooses_nothing_and_is_not_kept() -> None:
    to = session()
    for word in ("one", "two"):
        tell(to, req("GET /me", b"", ("X-Api-Key", f"open-sesame-{word}-1")), answer(word))
    cassette = to.cassette()
    assert cassette is not None
    assert "sesame" not in dumps(cassette)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/plain, */*", ""])
def test_what_most_clients_accept_chooses_nothing(accept: str) -> None:
    to = session()
    tell(to, asks("GET", "Accept", accept), answer("a"))
    cassette = to.cassette()
    assert cassette is not None
    assert "Accept" not in dumps(cassette).partition("response:")[0]
    assert played(session(cassette, Mode.NONE), asks("GET", "Accept", "text/csv")).text == "a"


def foreign(*exchanges: tuple[Request, Response]) -> Cassette:
    """As another tool records: with all headers, and nothing is said of the file."""
    return Cassette(tuple(Interaction(*each) for each in exchanges))


@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "X-Tenant", "X-Feature"])
def test_in_another_tools_file_a_header_counts_where_answers_differ_by_it(name: str) -> None:
    one, other = asks("GET", name, "ab"), asks("GET", name, "cd")
    of = session(foreign((one, answer("a")), (other, answer("b")), (one, answer("a"))), Mode.NONE)
    assert [played(of, each).text for each in (other, one, other)] == ["b", "a", "b"]
    assert refused(of, asks("GET", name, "ef")).reason is Reason.NO_MATCH


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Accept", ("text/a", "text/a")),  # of one value nobody knows that it chooses
        ("User-Agent", ("a", "b")),
        ("X-Request-Id", ("a", "b")),
        ("X-Amz-Date", ("20261130T181616Z", "20261130T181617Z")),
        ("amz-sdk-request", ("attempt=1", "attempt=2")),
        ("X-Poll", ("8f14e45f-ceea-467f-8f0a-3c1d2b4a5e6f", "8f14e45f-ceea-467f-8f0a-3c1d2b4a5e60")),
    ],
)
def test_what_is_polled_for_is_played_whatever_differs_between_two_requests(name: str, values: tuple[str, str]) -> None:
    exchanges = [
        (asks("GET", name, value), answer(text)) for value, text in zip(values, ("pending", "done"), strict=True)
    ]
    of = session(foreign(*exchanges), Mode.NONE)
    assert [played(of, asks("GET", name, "else")).text for _ in range(3)] == ["pending", "done", "done"]
