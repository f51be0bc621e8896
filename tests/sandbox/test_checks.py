"""The twenty facts that are easiest to get wrong, seen from outside. (Headers and form: every answer is checked.)"""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from replayer.core.message import Request
from replayer.sandbox.wire.form import canonical, decode
from tests.sandbox.ledger.test_states import FINALIZES, URLS, moved
from tests.sandbox.shop import KEY, MONDAY, Shop, error, refusal

EMPTY_DRAFT: dict[str, Any] = {
    "object": "invoice",
    "account_country": "US",
    "account_name": "Sandbox",
    "account_tax_ids": None,
    "amount_due": 0,
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_remaining": 0,
    "amount_shipping": 0,
    "application": None,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": False,
    "automatic_tax": {
        "disabled_reason": None,
        "enabled": False,
        "liability": None,
        "provider": None,
        "status": None,
    },
    "automatically_finalizes_at": None,
    "billing_reason": "manual",
    "collection_method": "charge_automatically",
    "created": MONDAY,
    "currency": "usd",
    "custom_fields": None,
    "customer_account": None,
    "customer_address": None,
    "customer_email": "a@b.example",
    "customer_name": "N",
    "customer_phone": None,
    "customer_shipping": None,
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "due_date": None,
    "effective_at": None,
    "ending_balance": None,
    "footer": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "issuer": {"type": "self"},
    "last_finalization_error": None,
    "latest_revision": None,
    "livemode": False,
    "metadata": {},
    "next_payment_attempt": None,
    "number": None,
    "on_behalf_of": None,
    "parent": None,
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    "period_end": MONDAY,
    "period_start": MONDAY,
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": {
        "amount_tax_display": None,
        "pdf": {"page_size": "auto"},
        "template": None,
        "template_version": None,
    },
    "shipping_cost": None,
    "shipping_details": None,
    "starting_balance": 0,
    "statement_descriptor": None,
    "status": "draft",
    "status_transitions": {
        "finalized_at": None,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    "subtotal": 0,
    "subtotal_excluding_tax": 0,
    "test_clock": None,
    "total": 0,
    "total_discount_amounts": [],
    "total_excluding_tax": 0,
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
    "webhooks_delivered_at": MONDAY,
}


def ids(page: Any) -> list[str]:
    return [row["id"] for row in page["data"]]


def missing(kind: str, name: str, param: str) -> dict[str, Any]:
    return refusal(f"No such {kind}: '{name}'", code="resource_missing", param=param)


def test_01_an_empty_draft_has_its_74_fields_and_their_defaults(shop: Shop) -> None:
    customer = shop.customer(email="a@b.example", name="N")
    made = shop.post("/v1/invoices", customer=customer)
    name = made["id"]
    lines = {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/invoices/{name}/lines"}
    assert len(made) == 74
    assert made == EMPTY_DRAFT | {"id": name, "customer": customer, "lines": lines}
    assert re.fullmatch(r"in_1[0-9A-Za-z]{23}", name)
    assert list(made) == ["id", "object", *sorted(set(made) - {"id", "object"})]


def test_02_pending_items_become_lines_newest_first(shop: Shop) -> None:
    customer = shop.customer()
    items = [shop.post("/v1/invoiceitems", customer=customer, amount=amount)["id"] for amount in (2000, 1500)]
    made = shop.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include")
    assert (made["total"], made["lines"]["total_count"], made["lines"]["has_more"]) == (3500, 2, False)
    assert [line["amount"] for line in made["lines"]["data"]] == [1500, 2000]
    details = [line["parent"]["invoice_item_details"]["invoice_item"] for line in made["lines"]["data"]]
    assert details == items[::-1]


def test_03_paying_a_draft_changes_its_twelve_fields_and_nothing_else(shop: Shop) -> None:
    before = shop.invoice()
    found = moved(shop, before, "pay")
    prefix = shop.get(f"/v1/customers/{before['customer']}")["invoice_prefix"]
    assert {name: value for name, value in found.items() if name not in URLS} == {
        "amount_paid": 2000,
        "amount_remaining": 0,
        "attempt_count": 1,
        "attempted": True,
        "effective_at": MONDAY + 10,
        "ending_balance": 0,
        "number": f"{prefix}-0001",
        "rendering.pdf.page_size": "letter",
        "status": "paid",
        "status_transitions.finalized_at": MONDAY + 10,
        "status_transitions.paid_at": MONDAY + 10,
    }
    assert set(found) >= URLS


@pytest.mark.parametrize("status", ["draft", "open", "paid", "uncollectible", "void"])
def test_04_reading_is_possible_in_every_status(shop: Shop, status: str) -> None:
    # what every other action leads to in every status: see test_states
    made = shop.invoice(status)
    assert shop.get(f"/v1/invoices/{made['id']}") == made
    assert (shop.last.status, made["status"]) == (200, status)


def test_05_an_invoice_of_nothing_is_paid_by_its_finalization_and_uses_a_number(shop: Shop) -> None:
    customer = shop.customer()
    found = moved(shop, shop.invoice(amount=0, customer=customer), "finalize")
    assert set(found) == {"status", "attempted", "status_transitions.paid_at"} | FINALIZES | URLS
    assert (found["status"], found["attempted"], found["number"][-5:]) == ("paid", True, "-0001")
    assert shop.invoice("open", customer=customer)["number"].endswith("-0002")


def test_06_a_payment_out_of_band_attempts_nothing_and_ends_auto_advance(shop: Shop) -> None:
    draft = shop.invoice(auto_advance="true")
    shop.post(f"/v1/invoices/{draft['id']}/finalize")
    paid = shop.post(f"/v1/invoices/{draft['id']}/pay", paid_out_of_band="true")
    shown = {name: paid[name] for name in ("status", "attempted", "attempt_count", "auto_advance", "amount_paid")}
    assert shown == {
        "status": "paid",
        "attempted": False,
        "attempt_count": 0,
        "auto_advance": False,
        "amount_paid": 2000,
    }


@pytest.mark.parametrize(
    ("terms", "next_attempt"),
    [({}, MONDAY + 3600), ({"collection_method": "send_invoice", "days_until_due": 1}, None)],
)
def test_07_auto_advance_restores_the_same_times(shop: Shop, terms: dict[str, Any], next_attempt: int | None) -> None:
    made = shop.invoice(auto_advance="true", **terms)
    path, seen = f"/v1/invoices/{made['id']}", [made]
    for switched in ("false", "true"):
        shop.at += 100
        seen.append(shop.post(path, auto_advance=switched))
    seen.append(shop.post(path, description="still the same"))
    times = [(one["automatically_finalizes_at"], one["next_payment_attempt"]) for one in seen]
    on = (MONDAY + 3601, next_attempt)
    assert times == [on, (None, None), on, on]


def test_08_days_until_due_are_days_of_86400_seconds_after_creation(shop: Shop) -> None:
    made = shop.invoice(collection_method="send_invoice", days_until_due=7)
    assert made["due_date"] == made["created"] + 7 * 86_400


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


def test_17_the_urls_of_an_invoice_differ_between_two_seconds_and_in_nothing_else(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice('open')['id']}"
    first = shop.get(path)
    shop.at += 1
    later = shop.get(path)
    assert {name for name in first if first[name] != later[name]} == URLS
    plain = re.compile(r"test_[0-9A-Za-z_-]+")
    assert [plain.sub("", first[name]) for name in URLS] == [plain.sub("", later[name]) for name in URLS]


def test_18_a_deleted_draft_does_not_release_its_items(shop: Shop) -> None:
    made = shop.invoice()
    item = ids(shop.get("/v1/invoiceitems", invoice=made["id"]))[0]
    shop.delete(f"/v1/invoices/{made['id']}")
    assert ids(shop.get("/v1/invoiceitems", customer=made["customer"], pending="true")) == []
    attached = "Can't delete an invoice item that is attached to an invoice that is no longer editable"
    assert (error(shop.delete(f"/v1/invoiceitems/{item}")), shop.last.status) == (refusal(attached), 400)
    gone = refusal("This invoice item has been deleted.")
    assert (error(shop.post(f"/v1/invoiceitems/{item}", amount=1)), shop.last.status) == (gone, 400)


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
