"""Invoices: making, changing, listing and deleting them. What their states allow stands in `states`."""

from collections.abc import Mapping
from typing import Any, Final

from replayer.sandbox.commands import items
from replayer.sandbox.commands.cards import attached
from replayer.sandbox.commands.customers import CUSTOM_FIELDS, SHIPPED
from replayer.sandbox.commands.listing import CURSORS, LISTED, cursors, given, limit, listing
from replayer.sandbox.ledger.ledger import Ledger
from replayer.sandbox.ledger.objects import INVOICE, combined, shipping
from replayer.sandbox.ledger.paging import envelope, inside, part
from replayer.sandbox.ledger.states import allow, frozen_param
from replayer.sandbox.wire.params import (
    BOOLEAN,
    CURRENCY,
    METADATA,
    NAME,
    RANGE,
    TEXT,
    TIME,
    UNSUPPORTED,
    Kind,
    array,
    enum,
    exclusive_pair,
    hashed,
    integer,
    only,
    refuse,
    text,
    unsettable,
)
from replayer.sandbox.wire.refusals import E12, E13, Refused, no_such
from replayer.sandbox.wire.values import Command, Params, Wire, merged

METHODS: Final = enum("charge_automatically", "send_invoice")
STATUS: Final = enum("draft", "open", "void", "paid", "uncollectible")
DAY: Final = 86_400
_SCHEDULING: Final = frozenset({"auto_advance", "automatically_finalizes_at", "collection_method"})
FINALIZES_AFTER, PAYS_AFTER = 3601, 3600  # seconds from creation until an auto-advancing draft moves on

_RENDERING: Final = hashed(
    {
        "amount_tax_display": unsettable(enum("exclude_tax", "include_inclusive_tax")),
        "pdf": hashed({"page_size": enum("a4", "auto", "letter")}),
        "template": TEXT,
        "template_version": unsettable(integer(least=1)),
    }
)
# Taxes are not computed: what asks for them is refused, what says that there are none is stored.
_AUTOMATIC_TAX: Final = hashed({"enabled": only(BOOLEAN, False), "liability": UNSUPPORTED}, "enabled")
_METHOD_OPTIONS: Final = hashed(
    {
        "card": unsettable(
            hashed({"request_three_d_secure": enum("any", "automatic", "challenge"), "installments": UNSUPPORTED})
        ),
        **dict.fromkeys(("acss_debit", "bancontact", "customer_balance", "konbini", "us_bank_account"), UNSUPPORTED),
    }
)
_PAYMENT_SETTINGS: Final = hashed(
    {
        "default_mandate": TEXT,
        "payment_method_options": unsettable(_METHOD_OPTIONS),
        "payment_method_types": unsettable(array(NAME)),
    }
)
UPDATE: Final[Mapping[str, Kind]] = {
    "account_tax_ids": unsettable(array(NAME)),
    "application_fee_amount": UNSUPPORTED,
    "auto_advance": BOOLEAN,
    "automatic_tax": _AUTOMATIC_TAX,
    "automatically_finalizes_at": TIME,
    "collection_method": METHODS,
    "custom_fields": CUSTOM_FIELDS,
    "days_until_due": integer(least=0),
    "default_payment_method": TEXT,
    "default_source": TEXT,
    "default_tax_rates": unsettable(UNSUPPORTED),
    "description": unsettable(text(1500)),
    "discounts": unsettable(UNSUPPORTED),
    "due_date": TIME,
    "effective_at": unsettable(TIME),
    "footer": TEXT,
    "issuer": hashed({"type": enum("account", "self"), "account": NAME}, "type"),
    "metadata": METADATA,
    "number": unsettable(text(26)),
    "on_behalf_of": TEXT,
    "payment_settings": _PAYMENT_SETTINGS,
    "rendering": _RENDERING,
    "shipping_cost": unsettable(UNSUPPORTED),
    "shipping_details": unsettable(SHIPPED),
    "statement_descriptor": text(22),
    "transfer_data": unsettable(UNSUPPORTED),
}
CREATE: Final[Mapping[str, Kind]] = {
    **UPDATE,
    "currency": CURRENCY,
    "customer": NAME,
    "customer_account": UNSUPPORTED,
    "from_invoice": UNSUPPORTED,
    "pending_invoice_items_behavior": enum("include", "exclude"),
    "subscription": NAME,
}
LIST: Final[Mapping[str, Kind]] = {
    "collection_method": METHODS,
    "customer": NAME,
    "customer_account": UNSUPPORTED,
    "due_date": RANGE,
    "status": STATUS,
    "subscription": NAME,
    **LISTED,
}
LINES: Final = CURSORS

_PLAIN: Final[tuple[str, ...]] = (
    "account_tax_ids",
    "auto_advance",
    "collection_method",
    "custom_fields",
    "default_source",
    "description",
    "due_date",
    "effective_at",
    "footer",
    "issuer",
    "number",
    "on_behalf_of",
    "statement_descriptor",
)
_NESTED: Final = ("automatic_tax", "payment_settings", "rendering")
# What an invoice copies from its customer on the day it is made.
_COPIED: Final = ("address", "email", "name", "phone", "shipping", "tax_exempt")


def create(ledger: Ledger, command: Command) -> Wire:
    params, at = command.params, command.at
    customer = ledger.referred(ledger.customers, params["customer"], "customer")
    currency = params.get("currency") or customer["currency"] or "usd"
    draft = merged(
        INVOICE,
        {
            "id": ledger.mint.id("in", at),
            "created": at,
            "currency": currency,
            "customer": customer["id"],
            **{f"customer_{name}": customer[name] for name in _COPIED},
            "parent": _parent(params.get("subscription")),
            "period_end": at,
            "period_start": at,
            "starting_balance": customer["balance"],
            "webhooks_delivered_at": at,
        },
    )
    draft = ledger.open_invoice(merged(draft, _changes(ledger, params, draft, at)), at)
    if customer["currency"] is None:
        ledger.customers.put(merged(customer, {"currency": currency}))
    swept = params.get("pending_invoice_items_behavior") == "include"
    return _taken_up(ledger, draft, items.pending(ledger, customer["id"], currency) if swept else [], at)


def _taken_up(ledger: Ledger, draft: Wire, pending: list[Wire], at: int) -> Wire:
    """The draft with the pending items as its lines."""
    owned = [ledger.items.put(merged(item, {"invoice": draft["id"]})) for item in pending]
    return items.add_to(ledger, draft, owned, at)


def _parent(subscription: str | None) -> Wire | None:
    if subscription is None:
        return None
    details = {"metadata": {}, "subscription": subscription}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def check_create(params: Params) -> None:
    _check_terms(params, params.get("collection_method", "charge_automatically"))
    check_update(params)
    _check_schedule(params, advances=False)


def check_update(params: Params) -> None:
    """What no invoice takes, in whatever state it is."""
    if "days_until_due" in params and "due_date" in params:
        raise exclusive_pair("days_until_due", "due_date")


def _check_terms(params: Params, method: str, due: int | None = None) -> None:
    """`due` is the date that the invoice has already."""
    named = "days_until_due" in params or "due_date" in params
    if method != "send_invoice" and named:
        raise Refused(E13)
    if method == "send_invoice" and not named and due is None:
        raise Refused(E12)


def _check_schedule(params: Params, *, advances: bool) -> None:
    """A time to finalize at means nothing where nothing advances; it is not taken to be forgotten."""
    if "automatically_finalizes_at" in params and not params.get("auto_advance", advances):
        raise refuse(
            "You can only specify 'automatically_finalizes_at' if 'auto_advance' is true.", "automatically_finalizes_at"
        )


def update(ledger: Ledger, command: Command) -> Wire:
    invoice, params = command.subject, command.params
    method: str = {**invoice, **params}["collection_method"]
    allow("update", invoice)
    refusal = frozen_param(invoice, params, ledger.switches)
    if refusal is not None:
        raise Refused(refusal)
    _check_terms(params, method, invoice["due_date"])
    _check_schedule(params, advances=invoice["auto_advance"])
    return ledger.invoices.put(merged(invoice, _changes(ledger, params, invoice, command.at)))


def _changes(ledger: Ledger, params: Params, invoice: Wire, at: int) -> dict[str, Any]:
    changes = {name: params[name] for name in _PLAIN if name in params}
    for outer in _NESTED:
        changes |= {f"{outer}.{name}": value for name, value in params.get(outer, {}).items()}
    if "metadata" in params:
        changes["metadata"] = combined(invoice["metadata"], params["metadata"])
    if "default_payment_method" in params:
        named, param = params["default_payment_method"], "default_payment_method"
        changes[param] = attached(ledger, named, invoice["customer"], at, param)
    if "shipping_details" in params:
        changes["shipping_details"] = shipping(params["shipping_details"])
    if "days_until_due" in params:
        changes["due_date"] = invoice["created"] + params["days_until_due"] * DAY
    return {**changes, **_schedule(params, {**invoice, **changes})}


def _schedule(params: Params, invoice: Wire) -> dict[str, Any]:
    """When a draft moves on by itself. Always counted from its creation, so that switching off and on restores it."""
    if invoice["status"] != "draft" or not _SCHEDULING & params.keys():
        return {}
    charged = invoice["collection_method"] == "charge_automatically"
    finalizes = params.get("automatically_finalizes_at") or invoice["automatically_finalizes_at"]
    finalizes = finalizes or invoice["created"] + FINALIZES_AFTER
    return {
        "automatically_finalizes_at": finalizes if invoice["auto_advance"] else None,
        "next_payment_attempt": invoice["created"] + PAYS_AFTER if invoice["auto_advance"] and charged else None,
        "due_date": None if charged else invoice["due_date"],
    }


def delete(ledger: Ledger, command: Command) -> Wire:
    """Its items stay behind: neither pending nor deletable."""
    allow("delete", command.subject)
    return ledger.delete_invoice(command.subject["id"])


def listed(ledger: Ledger, command: Command) -> Wire:
    customer, due, status = (command.get(name) for name in ("customer", "due_date", "status"))
    known = customer is None or ledger.customers.get(customer) is not None
    if not known and ledger.switches["unknown_customer_list"] == "refused":
        raise Refused(no_such("customer", customer, "customer"))
    equal = given(command, "customer", "status", "collection_method", "subscription")
    if customer and status:
        equal["customer_status"] = (customer, status)
    keep = None if due is None else lambda invoice: inside(due, invoice["due_date"])
    return listing(ledger.invoices, command, equal, keep, ledger.switches)


def lines(ledger: Ledger, command: Command) -> Wire:
    rows = ledger.hidden(command.subject["id"]).lines
    names = {line["id"] for line in rows}
    after, before = cursors(command, names.__contains__, "line_item")
    page, has_more = part(rows, limit(command, ledger.switches), after, before)
    return envelope(page, has_more, command.path)
