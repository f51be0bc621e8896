"""Of the twenty facts that are easiest to get wrong, those of lists and calls, seen from outside."""

from typing import Any
from urllib.parse import urlencode

import pytest

from replayer.core.message import Request
from replayer.sandbox.wire.form import canonical, decode
from tests.sandbox.shop import KEY, MONDAY, Shop, error, refusal

from .checks import ids, missing


def test_09_invoices_of_one_second_page_in_the_reverse_order_of_their_making(shop: Shop) -> None:
    customer = shop.customer()
    made = [shop.invoice(customer=customer, amount=0)["id"] for _ in range(25)]
    for limit, sizes in ((10, [10, 10, 5]), (5, [5] * 5)):
        pages = [shop.get("/v1/invoices", limit=limit)]
        while pages[-1]["has_more"]:
            pages.append(shop.get("/v1/invoices", limit=limit, starting_after=ids(pages[-1])[-1]))
        assert [len(page["data"]) for page in pages] == sizes
        assert [name for page in pages for name in ids(page)] == made[::-1]


@pytest.mark.parametrize(("limit", "size"), [("0", 1), ("-1", 1), ("101", 100), ("200", 100), ("abc", None)])
def test_10_a_limit_out_of_range_is_clamped_and_only_a_word_refused(shop: Shop, limit: str, size: int | None) -> None:
    customer = shop.customer()
    for _ in range(101):
        shop.post("/v1/invoices", customer=customer)
    page = shop.get("/v1/invoices", limit=limit)
    if size is None:
        wrong = refusal("Invalid integer: abc", code="parameter_invalid_integer", param="limit")
        assert (shop.last.status, error(page)) == (400, wrong)
    else:
        assert (shop.last.status, len(page["data"]), page["has_more"]) == (200, size, True)


def test_11_an_unknown_cursor_is_refused_before_two_of_them(shop: Shop) -> None:
    known = shop.invoice()["id"]
    both = refusal("Received both starting_after and ending_before parameters. Please pass in only one.")
    for after, before, expected in (
        ("in_x", None, missing("invoice", "in_x", "starting_after")),
        (None, "in_x", missing("invoice", "in_x", "ending_before")),
        ("in_x", known, missing("invoice", "in_x", "starting_after")),
        (known, "in_x", missing("invoice", "in_x", "ending_before")),
        (known, known, both),
    ):
        cursors = {"starting_after": after, "ending_before": before}
        answer = shop.get("/v1/invoices", **{name: value for name, value in cursors.items() if value})
        assert (shop.last.status, error(answer)) == (400, expected)


def test_12_backward_pages_walk_the_newer_side_outwards(shop: Shop) -> None:
    # the SDKs themselves walk it in test_sdks
    customer = shop.customer()
    made = [shop.invoice(customer=customer, amount=0)["id"] for _ in range(6)]
    seen: list[str] = []
    page = shop.get("/v1/invoices", limit=2, ending_before=made[0])
    while True:
        seen += ids(page)[::-1]
        if not page["has_more"]:
            break
        page = shop.get("/v1/invoices", limit=2, ending_before=ids(page)[0])
    assert seen == made[1:]


def test_13_status_customer_range_and_cursor_combine(shop: Shop) -> None:
    one, other = shop.customer(), shop.customer()
    wanted: list[str] = []
    for second in range(6):
        shop.at = MONDAY + second
        wanted.append(shop.invoice("open", customer=one)["id"])
        shop.invoice("open", customer=other)
        shop.invoice("paid", customer=one)
    query = f"status=open&customer={one}&created[gte]={MONDAY + 1}&created[lt]={MONDAY + 5}"
    page = shop.ask("GET", f"/v1/invoices?{query}&starting_after={wanted[5]}&limit=3")
    assert (ids(page), page["has_more"]) == ([wanted[4], wanted[3], wanted[2]], True)
    page = shop.ask("GET", f"/v1/invoices?{query}&ending_before={wanted[0]}&limit=3")
    assert (ids(page), page["has_more"]) == ([wanted[3], wanted[2], wanted[1]], True)


SAME_CALL = (
    "limit=2&created%5Bgte%5D=1&created%5Blt%5D=2&expand%5B0%5D=data.customer&expand%5B1%5D=data.lines&status=open"
    "&customer=cus_%C3%BC+%26%2F1",
    "limit=2&created[gte]=1&created[lt]=2&expand[0]=data.customer&expand[1]=data.lines&status=open"
    "&customer=cus_%C3%BC+%26%2F1",
    "limit=2&created%5Bgte%5D=1&created%5Blt%5D=2&expand%5B0%5D=data.customer&expand%5B1%5D=data.lines&status=open"
    "&customer=cus_%C3%BC+%26/1",
    "limit=2&status=open&created[gte]=1&created[lt]=2&expand[0]=data.customer&expand[1]=data.lines"
    "&customer=cus_%C3%BC%20%26%2F1",
    "limit=2&status=open&created%5Bgte%5D=1&created%5Blt%5D=2&expand%5B%5D=data.customer&expand%5B%5D=data.lines"
    "&customer=cus_%C3%BC+%26%2F1",
)


def test_14_every_client_s_spelling_of_one_call_is_read_alike(shop: Shop) -> None:
    trees = [canonical(decode(query.encode())) for query in SAME_CALL]
    assert all(tree == trees[0] for tree in trees)
    answers = [error(shop.ask("GET", f"/v1/invoices?{query}")) for query in SAME_CALL]
    assert answers == [missing("customer", "cus_ü &/1", "customer")] * len(SAME_CALL)


def test_15_an_idempotency_key_replays_and_is_bound_to_what_it_was_used_for(shop: Shop) -> None:
    first = shop.post("/v1/customers", "metadata[a]=1", key="k")
    body, original = shop.last.body, shop.header("Request-Id")
    assert (shop.header("Original-Request"), shop.header("Idempotent-Replayed")) == (original, None)
    assert shop.post("/v1/customers", "metadata[a]=1", key="k") == first
    assert (shop.last.status, shop.last.body, shop.header("Original-Request")) == (200, body, original)
    assert shop.header("Idempotent-Replayed") == "true"
    words = "Try using a key other than 'k' if you meant to execute a different request."
    for path, form, message in (
        ("/v1/customers", "metadata[a]=2", "with the same parameters they were first used with."),
        (
            "/v1/invoices",
            "metadata[a]=1",
            "for the same endpoint they were first used for ('/v1/customers' vs '/v1/invoices').",
        ),
    ):
        answer = error(shop.post(path, form, key="k"))
        whole = f"Keys for idempotent requests can only be used {message} {words}"
        assert (shop.last.status, answer) == (400, refusal(whole, type="idempotency_error"))


def test_15_a_refusal_of_the_state_is_kept_and_one_of_a_parameter_is_not(shop: Shop) -> None:
    made = shop.invoice("paid")
    path = f"/v1/invoices/{made['id']}/pay"
    bodies = set()
    for _ in range(2):
        assert error(shop.post(path, key="a")) == refusal("Invoice is already paid")
        bodies.add(shop.last.body)
    assert (len(bodies), shop.header("Idempotent-Replayed")) == (1, "true")
    for wrong in ("auto_advance=maybe", "wat=1", "amount=1&quantity=2"):
        shop.post("/v1/invoiceitems", f"customer={made['customer']}&{wrong}", key="b")
        assert shop.last.status == 400
    shop.post("/v1/invoiceitems", key="b", customer=made["customer"], amount=1)
    assert (shop.last.status, shop.header("Idempotent-Replayed")) == (200, None)


def test_15_a_key_in_use_is_a_409_and_the_conflict_is_not_kept(shop: Shop) -> None:
    headers = (("Authorization", f"Bearer {KEY}"), ("Idempotency-Key", "k"))
    request = Request("POST", "/v1/customers", headers)
    answer = shop.api.answer(request, shop.at, busy=True)
    assert answer.status == 409
    assert b'"code": "idempotency_key_in_use"' in answer.body
    assert b"(that probably means you submitted twice, and the other request is still going through): k." in answer.body
    assert shop.api.answer(request, shop.at).status == 200


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk_prod_abcdefghijklmnopqrstuvonly", f"{'*' * 30}only"),
        ("sk_live_abcdefghijklmnopqrstuvonly", f"sk_live_{'*' * 22}only"),
        ("bogus12345", "bogus12345"),
    ],
)
def test_16_a_401_masks_the_key_and_names_no_request(shop: Shop, key: str, shown: str) -> None:
    answer = shop.ask("GET", "/v1/invoices", headers=(("Authorization", f"Bearer {key}"),))
    assert shop.last.status == 401
    assert set(answer["error"]) == {"message", "type"}
    assert f": {shown}" in answer["error"]["message"]
    assert key == shown or key.encode() not in shop.last.body
    assert shop.header("Request-Id") is shop.header("Stripe-Version") is None


@pytest.mark.parametrize(
    ("request_line", "param"),
    [
        ("GET /v1/invoices/x", "invoice"),
        ("DELETE /v1/invoices/x", "invoice"),
        ("POST /v1/invoices/x/send", "invoice"),
        ("POST /v1/invoices/x/add_lines?lines[0][amount]=1", "invoice"),
        ("GET /v1/invoices/x/lines", "invoice"),
        ("POST /v1/invoices/x", "id"),
        ("POST /v1/invoices/x/pay", "id"),
        ("POST /v1/invoices/x/finalize", "id"),
        ("POST /v1/invoices/x/void", "id"),
        ("POST /v1/invoices/x/mark_uncollectible", "id"),
        ("GET /v1/customers/x", "id"),
        ("GET /v1/invoiceitems/x", "id"),
        ("DELETE /v1/invoiceitems/x", "id"),
    ],
)
def test_19_each_endpoint_has_its_own_param_for_what_is_missing(shop: Shop, request_line: str, param: str) -> None:
    method, target = request_line.split(" ")
    kind = target.split("/")[2].removesuffix("s")
    noun, tail = ("Invoice Item", "(livemode=false)") if kind == "invoiceitem" else (kind, "")
    expected = refusal(f"No such {noun}: 'x'{tail}", code="resource_missing", param=param)
    assert (error(shop.ask(method, target)), shop.last.status) == (expected, 404)


@pytest.mark.parametrize(
    ("path", "form", "names"),
    [
        ("/v1/invoices", {"wat": 1}, ["wat"]),
        ("/v1/invoices", {"b": 1, "a": 2}, ["b", "a"]),
        ("/v1/customers", {"invoice_settings[nope]": 1}, ["invoice_settings[nope]"]),
        ("/v1/invoices", {"rendering[pdf][nope]": 1}, ["rendering[pdf][nope]"]),
        ("/v1/invoiceitems", {"period[middle]": 1}, ["period[middle]"]),
    ],
)
def test_20_an_unknown_parameter_is_named_however_deep_it_is(
    shop: Shop, path: str, form: dict[str, Any], names: list[str]
) -> None:
    message = f"Received unknown parameter{'s' if len(names) > 1 else ''}: {', '.join(names)}"
    answer = error(shop.post(path, urlencode(form)))
    assert (shop.last.status, answer) == (400, refusal(message, code="parameter_unknown", param=names[0]))
