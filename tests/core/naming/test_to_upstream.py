"""Requests in the upstream's names, and the cassette's copy of them."""

import json

import pytest

from replayer.core.clock import facts
from replayer.core.message import Request, bodies, wire
from replayer.core.naming.aliases import alias
from tests.core.build import CUSTOMER, EPOCH, INVOICE, KEY, req

from .translating import DAY, NOW, ORIGIN, UPSTREAM, knowing, moment, sent, told, translator

# -- requests ----------------------------------------------------------------------------------------------------


def test_a_request_reaches_the_upstream_in_its_own_names() -> None:
    to, (invoice, customer) = knowing(INVOICE, CUSTOMER)
    out = sent(to, req(f"POST /v1/invoices/{invoice}?expand[]=x&a={customer}", f"customer={customer}&note=a+b&d="))
    assert out.request.target == f"/v1/invoices/{INVOICE}?expand[]=x&a={CUSTOMER}"
    assert out.request.body == f"customer={CUSTOMER}&note=a+b&d=".encode()
    assert out.request.origin == UPSTREAM
    assert out.stale == ()


def test_json_and_headers_reach_it_in_its_own_names() -> None:
    to, (customer,) = knowing(CUSTOMER)
    out = sent(
        to, req("POST /v1/x", {"a": [customer], "n": 10**30}, ("X-Prev", customer), ("Stripe-Account", customer))
    )
    assert json.loads(out.request.body) == {"a": [CUSTOMER], "n": 10**30}
    assert wire.header(out.request.headers, "x-prev") == wire.header(out.request.headers, "stripe-account") == CUSTOMER


@pytest.mark.parametrize(
    "target",
    ["/v1/a%2Fb/c%20d", "/v1//x/", "/v1/x?a=%2f&b=%zz&&c", "/v1/x?", "/%FF?%FF=%FF", "/v1/a+b:c@d", "/"],
)
def test_a_target_without_aliases_keeps_every_byte(target: str) -> None:
    assert sent(translator(), req(f"GET {target}")).request.target == target


def test_an_encoded_segment_with_an_alias_stays_one_segment() -> None:
    to, (name,) = knowing(INVOICE)
    assert sent(to, req(f"GET /v1/a%2F{name}")).request.target == f"/v1/a%2F{INVOICE}"


def test_a_body_in_gzip_is_translated_and_packed_again() -> None:
    to, (name,) = knowing(INVOICE)
    packed = bodies.encode_content(f"invoice={name}".encode(), "gzip")
    assert packed is not None
    form = ("Content-Type", "application/x-www-form-urlencoded")
    out = sent(to, Request("POST", "/v1/x", (form, ("Content-Encoding", "gzip")), packed))
    assert out.request.body == bodies.encode_content(f"invoice={INVOICE}".encode(), "gzip")


def test_an_alias_of_another_session_is_stale_in_what_is_asked_and_not_in_other_headers() -> None:
    old = alias("prefixed", INVOICE, "an earlier session")
    to = translator()
    assert sent(to, req(f"GET /v1/invoices/{old}")).stale == (old,)
    assert sent(to, req(f"POST /v1/x?a={old}", f"b={old}")).stale == (old, old)
    assert sent(to, req("GET /v1/x", b"", ("X-Client-Telemetry", old))).stale == ()


def test_a_time_of_ours_is_sent_as_the_real_one_and_a_time_of_the_client_as_it_is() -> None:
    to = translator()
    told({"id": INVOICE, "created": NOW}, to)
    out = sent(to, req(f"GET /v1/invoices?created[gte]={EPOCH + 1}&created[lt]=1700000000&amount={EPOCH + 1}"))
    assert out.request.target == f"/v1/invoices?created[gte]={NOW}&created[lt]=1700000000&amount={EPOCH + 1}"
    assert out.sent == {("created", NOW): EPOCH + 1, ("created", 1_700_000_000): 1_700_000_000}


def test_a_bound_on_a_time_keeps_on_one_side_what_has_one_name() -> None:
    to = translator()
    for number, second in enumerate((NOW, NOW + 1)):  # two facts of one write, in two real seconds
        told(
            {"id": f"in_{number}", "created": second},
            to,
            at=facts.Moment(EPOCH + 1, NOW, NOW + 1, write=True, epoch=EPOCH),
        )
    bounds = {name: f"created[{name}]={EPOCH + 1}" for name in ("gte", "gt", "lte", "lt")}
    asked = {name: sent(to, req(f"GET /v1/x?{bound}")).request.query for name, bound in bounds.items()}
    assert asked == {
        "gte": f"created[gte]={NOW}",
        "gt": f"created[gt]={NOW + 1}",
        "lte": f"created[lte]={NOW + 1}",
        "lt": f"created[lt]={NOW}",
    }


def test_a_time_that_the_client_wrote_comes_back_as_it_was_written() -> None:
    to = translator()
    due = NOW + 3 * DAY + 17
    out = sent(to, req("POST /v1/invoices", f"due_date={due}"))
    assert told({"id": INVOICE, "created": NOW, "due_date": due}, to, at=moment(sent=out.sent))["due_date"] == due


# -- the cassette's copy of a request ----------------------------------------------------------------------------


def test_a_cassette_keeps_no_secret_of_a_request() -> None:
    request = req(
        f"POST /v1/x/pass-word-1?key={KEY}&a[]=%20",
        f"password=pass-word-1&b=a%20b&key={KEY}",
        ("Authorization", "Bearer pass-word-1"),
        ("Idempotency-Key", "my-live-key"),
        ("Stripe-Version", "1"),
    )
    kept = translator().to_record(request, {"my-live-key": "a-stand-in"}, frozenset({"pass-word-1"}))
    assert kept == Request(
        "POST",
        f"/v1/x/***********?key=sk_test_{'%2A' * 24}&a[]=%20",
        (
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Idempotency-Key", "a-stand-in"),
            ("Stripe-Version", "1"),
        ),
        f"password={'%2A' * 11}&b=a%20b&key=sk_test_{'%2A' * 24}".encode(),
        ORIGIN,
    )


def test_a_cassette_keeps_a_packed_body_unpacked() -> None:
    packed = bodies.encode_content(b"a=1", "gzip")
    assert packed is not None
    form = ("Content-Type", "application/x-www-form-urlencoded")
    kept = translator().to_record(Request("POST", "/x", (form, ("Content-Encoding", "gzip")), packed), {}, frozenset())
    assert (kept.body, kept.headers) == (b"a=1", (form,))
