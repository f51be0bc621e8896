"""What a request may say is stored and shown, or refused by its name; and a refused one leaves nothing behind."""

from typing import Any

import pytest

from replayer.sandbox.serving.state import dump_account
from tests.sandbox.shop import MONDAY, Shop, error, refusal

STORED: list[tuple[str, dict[str, Any]]] = [
    ("account_tax_ids[0]=txi_1", {"account_tax_ids": ["txi_1"]}),
    (
        "auto_advance=true&automatically_finalizes_at=1795400000",
        {"automatically_finalizes_at": 1795400000, "auto_advance": True},
    ),
    ("automatic_tax[enabled]=false", {"automatic_tax.enabled": False}),
    ("custom_fields[0][name]=PO&custom_fields[0][value]=1", {"custom_fields": [{"name": "PO", "value": "1"}]}),
    ("default_source=card_1", {"default_source": "card_1"}),
    ("description=d&footer=f&statement_descriptor=s", {"description": "d", "footer": "f", "statement_descriptor": "s"}),
    ("effective_at=1700000000", {"effective_at": 1700000000}),
    ("issuer[type]=account&issuer[account]=acct_1", {"issuer": {"account": "acct_1", "type": "account"}}),
    ("number=INV-7", {"number": "INV-7"}),
    ("on_behalf_of=acct_1", {"on_behalf_of": "acct_1"}),
    (
        "payment_settings[payment_method_types][0]=card&payment_settings[default_mandate]=m"
        "&payment_settings[payment_method_options][card][request_three_d_secure]=any",
        {
            "payment_settings": {
                "default_mandate": "m",
                "payment_method_options": {"card": {"request_three_d_secure": "any"}},
                "payment_method_types": ["card"],
            }
        },
    ),
    (
        "rendering[template]=t&rendering[template_version]=2&rendering[pdf][page_size]=a4",
        {"rendering.template": "t", "rendering.template_version": 2, "rendering.pdf.page_size": "a4"},
    ),
    (
        "shipping_details[name]=N&shipping_details[address][city]=X",
        {"shipping_details.name": "N", "shipping_details.address.city": "X"},
    ),
    ("subscription=sub_1", {"parent.subscription_details.subscription": "sub_1"}),
]


@pytest.mark.parametrize(("form", "shown"), STORED)
def test_a_parameter_of_an_invoice_is_stored_and_shown(shop: Shop, form: str, shown: dict[str, Any]) -> None:
    made = shop.post("/v1/invoices", f"customer={shop.customer()}&{form}")
    assert shop.last.status == 200, made
    for name, wanted in shown.items():
        value = shop.get(f"/v1/invoices/{made['id']}")
        for step in name.split("."):
            value = value[step]
        assert value == wanted


@pytest.mark.parametrize(
    ("path", "form", "name"),
    [
        ("invoices", "discounts[0][coupon]=x", "discounts"),
        ("invoices", "default_tax_rates[0]=txr_1", "default_tax_rates"),
        ("invoices", "automatic_tax[enabled]=true", "automatic_tax[enabled]"),
        ("invoices", "shipping_cost[shipping_rate]=shr_1", "shipping_cost"),
        ("invoices", "transfer_data[destination]=acct_1", "transfer_data"),
        ("invoices", "application_fee_amount=1", "application_fee_amount"),
        ("invoices", "from_invoice[invoice]=in_1", "from_invoice"),
        ("invoices", "customer_account=acct_1", "customer_account"),
        ("invoiceitems", "amount=1&tax_rates[0]=txr_1", "tax_rates"),
        ("invoiceitems", "amount=1&tax_behavior=inclusive", "tax_behavior"),
        ("invoiceitems", "amount=1&tax_code=txcd_1", "tax_code"),
        ("customers", "tax[ip_address]=1.2.3.4", "tax"),
    ],
)
def test_a_parameter_that_asks_for_what_is_not_there_is_refused_by_name(
    shop: Shop, path: str, form: str, name: str
) -> None:
    customer = "" if path == "customers" else f"&customer={shop.customer()}"
    answer = error(shop.post(f"/v1/{path}", form + customer))
    assert answer == refusal(f"The sandbox does not support the parameter '{name}'.", param=name)


def test_a_time_to_finalize_is_refused_where_nothing_advances(shop: Shop) -> None:
    answer = error(shop.post("/v1/invoices", customer=shop.customer(), automatically_finalizes_at=MONDAY + 9))
    words = "You can only specify 'automatically_finalizes_at' if 'auto_advance' is true."
    assert answer == refusal(words, param="automatically_finalizes_at")


def test_a_chosen_time_to_finalize_outlasts_other_updates(shop: Shop) -> None:
    made = shop.invoice(auto_advance="true", automatically_finalizes_at=MONDAY + 99)
    assert shop.post(f"/v1/invoices/{made['id']}", "metadata[a]=1")["automatically_finalizes_at"] == MONDAY + 99


def test_an_item_of_a_subscription_says_so_and_its_line_too(shop: Shop) -> None:
    made = shop.invoice(amount=0)
    item = shop.post("/v1/invoiceitems", customer=made["customer"], invoice=made["id"], amount=5, subscription="sub_1")
    assert item["parent"] == {
        "subscription_details": {"subscription": "sub_1", "subscription_item": None},
        "type": "subscription_details",
    }
    line = shop.get(f"/v1/invoices/{made['id']}/lines")["data"][0]
    assert line["parent"]["invoice_item_details"]["subscription"] == "sub_1"


def test_a_customer_pays_with_the_source_it_was_made_with(shop: Shop) -> None:
    customer = shop.customer(card=None, source="tok_visa")
    source = shop.get(f"/v1/customers/{customer}")["default_source"]
    assert source.startswith("card_1")
    assert shop.invoice("paid", customer=customer)["status"] == "paid"
    other = shop.customer(card=None)
    assert shop.post(f"/v1/customers/{other}", default_source=source)["default_source"] == source
    answer = error(shop.post(f"/v1/customers/{other}", source="src_x"))
    assert answer == refusal("No such source: 'src_x'", code="resource_missing", param="source")


def test_how_a_payment_was_asked_for_is_kept_with_it(shop: Shop) -> None:
    made = shop.invoice("open")
    path = f"/v1/invoices/{made['id']}"
    shop.post(f"{path}/pay", mandate="mandate_1", off_session="false")
    payment = shop.api.ledger.hidden(made["id"]).payment
    assert payment is not None
    assert payment["asked"] == {"mandate": "mandate_1", "off_session": False}
    shown = shop.ask("GET", f"{path}?expand[]=payments.data.invoice")["payments"]
    assert list(shown) == ["object", "data", "has_more", "total_count", "url"]
    assert (shown["data"][0]["status"], shown["data"][0]["invoice"]["id"]) == ("paid", made["id"])


def test_only_an_open_invoice_has_a_secret_to_confirm_it_with(shop: Shop) -> None:
    for status, there in (("draft", False), ("open", True), ("paid", False)):
        path = f"/v1/invoices/{shop.invoice(status)['id']}?expand[]=confirmation_secret"
        shown = shop.ask("GET", path)
        assert (shown["confirmation_secret"] is not None) is there
        assert shop.ask("GET", path) == shown


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/customers", "invoice_settings[default_payment_method]=pm_card_visa&payment_method=pm_x"),
        ("/v1/customers", "source=tok_visa&payment_method=pm_x"),
        ("/v1/invoices", "customer={customer}&default_payment_method=pm_card_visa&number=1&metadata[]=1"),
        ("/v1/invoices/{draft}/add_lines", "lines[0][amount]=1&lines[1][invoice_item]=ii_x"),
        ("/v1/invoices/{draft}/update_lines", "lines[0][id]={line}&lines[0][amount]=3&lines[1][id]=il_x"),
        ("/v1/invoices/{draft}/remove_lines", "lines[0][id]={line}&lines[0][behavior]=delete&lines[1][id]=il_x"),
    ],
)
def test_a_request_that_is_refused_half_way_leaves_nothing_behind(shop: Shop, path: str, form: str) -> None:
    made = shop.invoice()
    names = {"customer": made["customer"], "draft": made["id"], "line": made["lines"]["data"][0]["id"]}
    before = dump_account(shop.api.own)
    shop.post(path.format(**names), form.format(**names))
    assert shop.last.status == 400
    assert dump_account(shop.api.own) == before


def test_an_account_that_was_only_asked_for_is_not_kept(shop: Shop) -> None:
    for name in ("acct_1", "acct_2"):
        shop.ask("GET", "/v1/customers", headers=(("Stripe-Account", name),))
    assert shop.api.connected == {}
    shop.ask("POST", "/v1/customers", headers=(("Stripe-Account", "acct_1"),))
    assert list(shop.api.connected) == ["acct_1"]


def test_reading_changes_no_id_that_is_made_later() -> None:
    one, other = Shop(), Shop()
    for _ in range(3):
        one.get("/v1/invoices")
        one.get("/v1/customers/cus_x")
    assert one.customer() == other.customer()


def test_a_trailing_slash_is_told_what_it_may_mean(shop: Shop) -> None:
    answer = error(shop.get("/v1/invoices/"))
    assert shop.last.status == 404
    assert answer["message"].startswith(
        "Unrecognized request URL (GET: /v1/invoices/). If you are trying to list objects, remove the trailing slash."
    )
