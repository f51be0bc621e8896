"""A request in the upstream's own words, as a client would have sent it that was told our names."""

from replayer.core.naming import aliases
from tests.core.build import CUSTOMER, NOW, answer, req, session, tell

CREATED = int(NOW)


def test_ids_that_were_told_have_their_names_wherever_they_stand() -> None:
    to = session()
    name = tell(to, req("POST /v1/customers", "name=a"), answer({"id": CUSTOMER, "object": "customer"})).json["id"]
    assert name != CUSTOMER
    request = req(f"POST /v1/customers/{CUSTOMER}?about={CUSTOMER}", f"customer={CUSTOMER}", ("X-Of", CUSTOMER))
    named = to.upstream.as_named(request)
    assert (named.target, named.body.decode()) == (f"/v1/customers/{name}?about={name}", f"customer={name}")
    assert named.header("x-of") == name


def test_times_that_were_told_have_their_names() -> None:
    to = session()
    shown = tell(
        to, req("POST /v1/customers", "name=a"), answer({"id": CUSTOMER, "object": "customer", "created": CREATED})
    ).json["created"]
    assert shown != CREATED
    named = to.upstream.as_named(req(f"GET /v1/customers?created[gte]={CREATED}"))
    assert named.target == f"/v1/customers?created[gte]={shown}"
    other = req(f"GET /v1/customers?created[gte]={CREATED - 86_400}&limit={CREATED}")
    assert to.upstream.as_named(other).target == other.target


def test_what_an_earlier_recording_gave_out_is_its_own_name() -> None:
    to = session()
    earlier = aliases.alias("uuid", "0d0c2c53-8d6c-4f0a-9f64-2f1f6f9f8a11", "some origin")
    request = req(f"GET /v1/things/{earlier}")
    assert to.upstream.as_named(request).target == request.target
    assert to.decide(to.upstream.as_named(request), NOW).request.target == request.target  # type: ignore[union-attr]


def test_what_nobody_has_told_stays_as_it_is() -> None:
    to = session()
    request = req(f"POST /v1/invoices?x={CUSTOMER}", f"customer={CUSTOMER}&created={CREATED}")
    assert to.upstream.as_named(request) == request
