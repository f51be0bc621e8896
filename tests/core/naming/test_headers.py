"""Which headers travel on and which are kept."""

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message import Response, wire
from replayer.core.naming.headers import HOP_BY_HOP, answered, gathered, named_by_connection, onward, recorded
from replayer.core.rules import registry
from tests.core.build import KEY, req

headers = st.lists(st.tuples(st.sampled_from(("A", "a", "B", "b", "C")), st.text(max_size=3)), max_size=8).map(tuple)


def kept(*pairs: tuple[str, str], method: str = "GET", status: int = 200, decoded: bool = False) -> wire.Headers:
    """What of these headers of a response is answered."""
    return answered(Response(status, "", pairs), registry.INVOICE_RULES, method=method, decoded=decoded)


def test_headers_of_one_connection_do_not_travel_on() -> None:
    sent = (("Connection", "close, X-Mine"), ("X-Mine", "1"), ("Keep-Alive", "5"), ("TE", "trailers"), ("X-Ours", "2"))
    assert onward(sent) == (("X-Ours", "2"), ("Accept-Encoding", "identity"))


def test_the_upstream_is_asked_for_answers_that_can_be_read() -> None:
    sent = (("Host", "127.0.0.1:4000"), ("Content-Length", "3"), ("accept-encoding", "gzip, br"), ("Expect", "100"))
    assert onward(sent) == (("Accept-Encoding", "identity"),)


def test_credentials_and_repeated_headers_travel_on_in_their_order() -> None:
    sent = (("Authorization", f"Bearer {KEY}"), ("X-A", "1"), ("x-a", "2"))
    assert onward(sent)[:3] == sent


def test_connection_may_name_headers_more_than_once_and_in_any_case() -> None:
    named = named_by_connection((("connection", " X-One ,"), ("Connection", "x-two")))
    assert named == HOP_BY_HOP | {"x-one", "x-two"}


def test_a_cassette_keeps_only_what_a_request_asks_with() -> None:
    request = req(
        "POST /v1/invoices",
        "customer=cus_1",
        ("Authorization", f"Bearer {KEY}"),
        ("STRIPE-VERSION", "2026-10-28"),
        ("Stripe-Account", "acct_1"),
        ("Idempotency-Key", "my-key-1"),
        ("X-Stripe-Client-User-Agent", "{}"),
        ("User-Agent", "Stripe/v1"),
        ("Cookie", "a=b"),
    )
    assert recorded(request, registry.INVOICE_RULES) == (
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("STRIPE-VERSION", "2026-10-28"),
        ("Stripe-Account", "acct_1"),
        ("Idempotency-Key", "my-key-1"),
    )


def test_noise_and_framing_are_not_answered() -> None:
    assert kept(
        ("Date", "x"),
        ("Transfer-Encoding", "chunked"),
        ("X-WC", "A"),
        ("Content-Length", "9"),
        ("Stripe-Notice", "n"),
        ("Request-Id", "req_1"),
    ) == (("Date", "x"), ("Request-Id", "req_1"))


def test_the_length_of_a_body_that_is_not_there_is_a_fact() -> None:
    length = ("Content-Length", "9")
    assert kept(length, method="HEAD") == (length,)
    assert kept(length, status=304) == (length,)
    assert kept(length, status=204) == (length,)
    assert kept(length, method="POST") == ()


def test_an_encoding_stays_as_long_as_the_body_is_in_it() -> None:
    encoding = ("Content-Encoding", "gzip")
    assert kept(encoding) == (encoding,)
    assert kept(encoding, decoded=True) == ()


def test_repeated_headers_stand_together_where_the_first_one_stood() -> None:
    assert gathered((("Set-Cookie", "1"), ("X", "2"), ("set-cookie", "3"))) == (
        ("Set-Cookie", "1"),
        ("set-cookie", "3"),
        ("X", "2"),
    )


@given(headers)
def test_gathering_loses_nothing_and_keeps_the_order_under_each_name(given_headers: wire.Headers) -> None:
    together = gathered(given_headers)
    assert sorted(together) == sorted(given_headers)
    assert gathered(together) == together
    for name in "abc":
        assert [pair for pair in together if pair[0].lower() == name] == [
            pair for pair in given_headers if pair[0].lower() == name
        ]
