"""What is refused about parameters, word for word."""

from typing import Any

import pytest

from tests.sandbox.shop import MONDAY, Shop, error, refusal

EMPTY = (
    "You passed an empty string for 'customer'. We assume empty values are an attempt to unset a parameter; however "
    "'customer' cannot be unset. You should remove 'customer' from your request or supply a non-empty value."
)
UNKNOWN = "parameter_unknown"
TERMS = "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'."
NO_TERMS = "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'."


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("wat=1", refusal("Received unknown parameter: wat", code=UNKNOWN, param="wat")),
        ("a=1&b=2", refusal("Received unknown parameters: a, b", code=UNKNOWN, param="a")),
        (
            "rendering[pdf][nope]=1",
            refusal("Received unknown parameter: rendering[pdf][nope]", code=UNKNOWN, param="rendering[pdf][nope]"),
        ),
        (
            "custom_fields[0][nope]=1",
            refusal("Received unknown parameter: custom_fields[0][nope]", code=UNKNOWN, param="custom_fields[0][nope]"),
        ),
        ("wat=1&auto_advance=maybe", refusal("Received unknown parameter: wat", code=UNKNOWN, param="wat")),
        ("", refusal("Missing required param: customer.", code="parameter_missing", param="customer")),
        ("customer=", refusal(EMPTY, code="parameter_invalid_empty", param="customer")),
        ("customer[0]=a", refusal('Invalid string: {"0":"a"}', param="customer")),
        ("customer[]=a", refusal('Invalid string: ["a"]', param="customer")),
        ("auto_advance=maybe", refusal("Invalid boolean: maybe", param="auto_advance")),
        (
            "days_until_due=1.5",
            refusal("Invalid integer: 1.5", code="parameter_invalid_integer", param="days_until_due"),
        ),
        (
            "days_until_due=99999999999999999999",
            refusal("Invalid integer: 99999999999999999999", code="parameter_invalid_integer", param="days_until_due"),
        ),
        (
            "pending_invoice_items_behavior=x",
            refusal(
                "Invalid pending_invoice_items_behavior: must be one of include or exclude",
                param="pending_invoice_items_behavior",
            ),
        ),
        ("custom_fields=x", refusal("Invalid array", param="custom_fields")),
        ("expand=customer", refusal("Invalid array", param="expand")),
        ("metadata=x", refusal("Invalid object", param="metadata")),
        (
            "customer=cus_nope",
            refusal("No such customer: 'cus_nope'", code="resource_missing", param="customer"),
        ),
        ("customer=cus_nope&collection_method=send_invoice", refusal(TERMS)),
        ("customer=cus_nope&days_until_due=3", refusal(NO_TERMS)),
        ("customer=cus_nope&due_date=3", refusal(NO_TERMS)),
        (
            "customer=cus_nope&collection_method=send_invoice&due_date=3&days_until_due=3",
            refusal("You may only specify one of these parameters: days_until_due, due_date.", param="days_until_due"),
        ),
        (
            "customer=cus_1&transfer_data[destination]=acct_1",
            refusal("The sandbox does not support the parameter 'transfer_data'.", param="transfer_data"),
        ),
    ],
)
def test_a_wrong_invoice_is_refused_in_the_words_of_the_api(shop: Shop, form: str, expected: dict[str, Any]) -> None:
    assert error(shop.post("/v1/invoices", form)) == expected
    assert shop.last.status == 400
    assert len(shop.api.ledger.invoices) == 0


def test_an_unknown_name_inside_a_map_is_named_with_its_brackets(shop: Shop) -> None:
    answer = error(shop.post("/v1/customers", "invoice_settings[nope]=1"))
    assert answer == refusal(
        "Received unknown parameter: invoice_settings[nope]", code=UNKNOWN, param="invoice_settings[nope]"
    )


def test_an_error_is_in_alphabetical_order_with_a_link_to_its_log_and_a_last_newline(shop: Shop) -> None:
    answer = shop.get("/v1/customers/cus_x")
    assert list(answer["error"]) == ["code", "doc_url", "message", "param", "request_log_url", "type"]
    assert shop.last.body.startswith(b'{\n  "error": {\n    "code": "resource_missing",\n')
    assert shop.last.body.endswith(b"  }\n}\n")
    account = shop.api.ledger.mint.account
    link = f"https://dashboard.stripe.com/{account}/test/workbench/logs?object={shop.header('Request-Id')}"
    assert answer["error"]["request_log_url"] == link


@pytest.mark.parametrize(
    ("method", "path", "param"),
    [
        ("GET", "/v1/invoices/in_x", "invoice"),
        ("DELETE", "/v1/invoices/in_x", "invoice"),
        ("POST", "/v1/invoices/in_x/send", "invoice"),
        ("POST", "/v1/invoices/in_x", "id"),
        ("POST", "/v1/invoices/in_x/pay", "id"),
        ("POST", "/v1/invoices/in_x/finalize", "id"),
        ("POST", "/v1/invoices/in_x/void", "id"),
        ("POST", "/v1/invoices/in_x/mark_uncollectible", "id"),
        ("GET", "/v1/invoices/in_x/lines", "invoice"),
        ("GET", "/v1/customers/in_x", "id"),
    ],
)
def test_each_endpoint_names_the_missing_object_in_its_own_way(shop: Shop, method: str, path: str, param: str) -> None:
    noun = path.split("/")[2].removesuffix("s")
    assert error(shop.ask(method, path)) == refusal(f"No such {noun}: 'in_x'", code="resource_missing", param=param)
    assert shop.last.status == 404


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_missing_item_has_the_odd_noun(shop: Shop, method: str) -> None:
    answer = error(shop.ask(method, "/v1/invoiceitems/ii_x"))
    assert answer == refusal("No such Invoice Item: 'ii_x'(livemode=false)", code="resource_missing", param="id")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nope"),
        ("PUT", "/v1/invoices"),
        ("POST", "/v1/invoices/in_1/attach_payment"),
        ("GET", "/v1/invoices/upcoming"),
        ("POST", "/v1/invoices/create_preview"),
        ("PATCH", "/"),
        ("GET", "/v1/invoices/a/b/c/d/e"),
    ],
)
def test_an_unknown_url_is_said_to_be_one(shop: Shop, method: str, path: str) -> None:
    message = (
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/."
    )
    assert error(shop.ask(method, path)) == refusal(message)
    assert shop.last.status == 404


def test_metadata_is_merged_and_an_empty_value_deletes_its_key(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice()['id']}"
    assert shop.post(path, "metadata[b]=2&metadata[a]=1")["metadata"] == {"a": "1", "b": "2"}
    assert shop.post(path, "metadata[a]=&metadata[c]=3")["metadata"] == {"b": "2", "c": "3"}
    assert shop.post(path, "metadata=")["metadata"] == {}


@pytest.mark.parametrize(("length", "key", "status"), [(500, 40, 200), (501, 40, 400), (500, 41, 400)])
def test_metadata_is_bounded(shop: Shop, length: int, key: int, status: int) -> None:
    shop.post("/v1/customers", f"metadata[{'k' * key}]={'v' * length}")
    assert shop.last.status == status


def test_metadata_holds_fifty_keys_and_no_more(shop: Shop) -> None:
    path = f"/v1/customers/{shop.customer()}"
    shop.post(path, "&".join(f"metadata[{n}]=x" for n in range(50)))
    assert shop.last.status == 200
    shop.post(path, "metadata[more]=x")
    assert shop.last.status == 400


def test_an_empty_string_unsets_what_can_be_unset(shop: Shop) -> None:
    path = f"/v1/invoices/{shop.invoice(description='x', footer='y')['id']}"
    assert shop.post(path, "description=&discounts=&custom_fields=")["description"] is None


def test_a_due_date_is_whole_days_after_creation(shop: Shop) -> None:
    made = shop.invoice(collection_method="send_invoice", days_until_due=7)
    assert made["due_date"] == made["created"] + 7 * 86400


@pytest.mark.parametrize(("charged", "pays"), [(True, MONDAY + 3600), (False, None)])
def test_an_automatic_draft_has_its_times_counted_from_creation(shop: Shop, charged: bool, pays: int | None) -> None:
    terms: dict[str, Any] = {} if charged else {"collection_method": "send_invoice", "days_until_due": 1}
    made = shop.invoice(auto_advance="true", **terms)
    times = (made["automatically_finalizes_at"], made["next_payment_attempt"])
    assert times == (MONDAY + 3601, pays)
    path = f"/v1/invoices/{made['id']}"
    shop.at += 100
    off = shop.post(path, auto_advance="false")
    assert (off["automatically_finalizes_at"], off["next_payment_attempt"]) == (None, None)
    again = shop.post(path, auto_advance="true")
    assert (again["automatically_finalizes_at"], again["next_payment_attempt"]) == times


def test_what_is_sent_is_stored(shop: Shop) -> None:
    form = (
        "custom_fields[0][value]=1&custom_fields[0][name]=PO&payment_settings[payment_method_types][]=card"
        "&rendering[amount_tax_display]=exclude_tax&shipping_details[name]=N&shipping_details[address][city]=X"
        "&statement_descriptor=S&footer=F&default_source=src_1&effective_at=5&number=N-1&subscription=sub_1"
    )
    made = shop.post("/v1/invoices", form, customer=shop.customer(), currency="EUR")
    assert made["custom_fields"] == [{"name": "PO", "value": "1"}]
    assert made["payment_settings"]["payment_method_types"] == ["card"]
    assert made["rendering"]["amount_tax_display"] == "exclude_tax"
    assert made["shipping_details"]["address"]["city"] == "X"
    assert made["parent"]["subscription_details"]["subscription"] == "sub_1"
    plain = ("statement_descriptor", "footer", "default_source", "effective_at", "number", "currency")
    assert [made[name] for name in plain] == ["S", "F", "src_1", 5, "N-1", "eur"]
