"""Invoices: making, changing, listing and deleting them. What their states allow stands in `states`."""

from typing import Any, Final

from replayer.sandbox.commands import items
from replayer.sandbox.commands.cards import attached
from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.customers import CUSTOM_FIELDS, SHIPPED
from replayer.sandbox.commands.listing import CURSORS, LISTED, cursors, filters, limit, listing
from replayer.sandbox.ledger import Ledger, objects, paging, states
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

METHODS: Final = kinds.enum("charge_automatically", "send_invoice")
STATUS: Final = kinds.enum("draft", "open", "void", "paid", "uncollectible")
DAY: Final = 86_400
_SCHEDULING: Final = frozenset({"auto_advance", "automatically_finalizes_at", "collection_method"})

_RENDERING: Final = kinds.hashed(
    {
        "amount_tax_display": kinds.unsettable(kinds.enum("exclude_tax", "include_inclusive_tax")),
        "pdf": kinds.hashed({"page_size": kinds.enum("a4", "auto", "letter")}),
        "template": kinds.TEXT,
        "template_version": kinds.unsettable(kinds.integer(least=1)),
    }
)
# Taxes are not computed: what asks for them is refused, what says that there are none is stored.
_AUTOMATIC_TAX: Final = kinds.hashed(
    {"enabled": kinds.only(kinds.BOOLEAN, False), "liability": kinds.UNSUPPORTED}, "enabled"
)
_METHOD_OPTIONS: Final = kinds.hashed(
    {
        "card": kinds.unsettable(
            kinds.hashed(
                {
                    "request_three_d_secure": kinds.enum("any", "automatic", "challenge"),
                    "installments": kinds.UNSUPPORTED,
                }
            )
        ),
        **dict.fromkeys(
            ("acss_debit", "bancontact", "customer_balance", "konbini", "us_bank_account"), kinds.UNSUPPORTED
        ),
    }
)
_PAYMENT_SETTINGS: Final = kinds.hashed(
    {
        "default_mandate": kinds.TEXT,
        "payment_method_options": kinds.unsettable(_METHOD_OPTIONS),
        "payment_method_types": kinds.unsettable(kinds.array(kinds.NAME)),
    }
)
UPDATE: Final[kinds.ParamTable] = {
    "account_tax_ids": kinds.unsettable(kinds.array(kinds.NAME)),
    "application_fee_amount": kinds.UNSUPPORTED,
    "auto_advance": kinds.BOOLEAN,
    "automatic_tax": _AUTOMATIC_TAX,
    "automatically_finalizes_at": kinds.TIME,
    "collection_method": METHODS,
    "custom_fields": CUSTOM_FIELDS,
    "days_until_due": kinds.integer(least=0),
    "default_payment_method": kinds.TEXT,
    "default_source": kinds.TEXT,
    "default_tax_rates": kinds.unsettable(kinds.UNSUPPORTED),
    "description": kinds.unsettable(kinds.text(1500)),
    "discounts": kinds.unsettable(kinds.UNSUPPORTED),
    "due_date": kinds.TIME,
    "effective_at": kinds.unsettable(kinds.TIME),
    "footer": kinds.TEXT,
    "issuer": kinds.hashed({"type": kinds.enum("account", "self"), "account": kinds.NAME}, "type"),
    "metadata": kinds.METADATA,
    "number": kinds.unsettable(kinds.text(26)),
    "on_behalf_of": kinds.TEXT,
    "payment_settings": _PAYMENT_SETTINGS,
    "rendering": _RENDERING,
    "shipping_cost": kinds.unsettable(kinds.UNSUPPORTED),
    "shipping_details": kinds.unsettable(SHIPPED),
    "statement_descriptor": kinds.text(22),
    "transfer_data": kinds.unsettable(kinds.UNSUPPORTED),
}
CREATE: Final[kinds.ParamTable] = {
    **UPDATE,
    "currency": kinds.CURRENCY,
    "customer": kinds.NAME,
    "customer_account": kinds.UNSUPPORTED,
    "from_invoice": kinds.UNSUPPORTED,
    "pending_invoice_items_behavior": kinds.enum("include", "exclude"),
    "subscription": kinds.NAME,
}
LIST: Final[kinds.ParamTable] = {
    "collection_method": METHODS,
    "customer": kinds.NAME,
    "customer_account": kinds.UNSUPPORTED,
    "due_date": kinds.RANGE,
    "status": STATUS,
    "subscription": kinds.NAME,
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
    draft = objects.merged(
        objects.INVOICE,
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
            "test_clock": customer["test_clock"],
            "webhooks_delivered_at": None if ledger.hearing("invoice.created") else at,
        },
    )
    draft = ledger.open_invoice(objects.merged(draft, _changes(ledger, params, draft, at)), at)
    if customer["currency"] is None:
        ledger.customers.put(objects.merged(customer, {"currency": currency}))
    swept = params.get("pending_invoice_items_behavior") == "include"
    pending = items.pending(ledger, customer["id"], currency) if swept else []
    return ledger.plan(_with_items(ledger, draft, pending, at))


def _with_items(ledger: Ledger, draft: Wire, pending: list[Wire], at: int) -> Wire:
    """The draft with the pending items as its lines."""
    owned = [ledger.items.put(objects.merged(item, {"invoice": draft["id"]})) for item in pending]
    return items.add_to(ledger, draft, owned, at)


def _parent(subscription: str | None) -> Wire | None:
    if subscription is None:
        return None
    details = {"metadata": {}, "subscription": subscription}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def check_create(params: kinds.Params) -> None:
    _check_terms(params, params.get("collection_method", "charge_automatically"))
    check_update(params)
    _check_schedule(params, advances=False)


def check_update(params: kinds.Params) -> None:
    """What no invoice takes, in whatever state it is."""
    if "days_until_due" in params and "due_date" in params:
        raise refusals.exclusive_pair("days_until_due", "due_date")


def _check_terms(params: kinds.Params, method: str, due: int | None = None) -> None:
    """`due` is the date that the invoice has already."""
    named = "days_until_due" in params or "due_date" in params
    if method != "send_invoice" and named:
        raise Refused(refusals.E13)
    if method == "send_invoice" and not named and due is None:
        raise Refused(refusals.E12)


def _check_schedule(params: kinds.Params, *, advances: bool) -> None:
    """A time to finalize at means nothing where nothing advances; it is refused, not forgotten."""
    if "automatically_finalizes_at" in params and not params.get("auto_advance", advances):
        raise refusals.invalid(
            "You can only specify 'automatically_finalizes_at' if 'auto_advance' is true.", "automatically_finalizes_at"
        )


def update(ledger: Ledger, command: Command) -> Wire:
    invoice, params = command.subject, command.params
    method: str = {**invoice, **params}["collection_method"]
    states.allow("update", invoice)
    refusal = states.frozen_param(invoice, params, ledger.switches)
    if refusal is not None:
        raise Refused(refusal)
    _check_terms(params, method, invoice["due_date"])
    _check_schedule(params, advances=invoice["auto_advance"])
    return ledger.plan(ledger.invoices.put(objects.merged(invoice, _changes(ledger, params, invoice, command.at))))


def _changes(ledger: Ledger, params: kinds.Params, invoice: Wire, at: int) -> dict[str, Any]:
    changes = {name: params[name] for name in _PLAIN if name in params}
    for outer in _NESTED:
        changes |= {f"{outer}.{name}": value for name, value in params.get(outer, {}).items()}
    if "metadata" in params:
        changes["metadata"] = objects.combined(invoice["metadata"], params["metadata"])
    if "default_payment_method" in params:
        named, param = params["default_payment_method"], "default_payment_method"
        changes[param] = attached(ledger, named, invoice["customer"], at, param)
    if "shipping_details" in params:
        changes["shipping_details"] = objects.shipping(params["shipping_details"])
    if "days_until_due" in params:
        changes["due_date"] = invoice["created"] + params["days_until_due"] * DAY
    return {**changes, **_schedule(params, {**invoice, **changes})}


def _schedule(params: kinds.Params, invoice: Wire) -> dict[str, Any]:
    """When a draft moves on by itself. Always counted from its creation, so that switching off and on restores it."""
    if invoice["status"] != "draft" or not _SCHEDULING & params.keys():
        return {}
    charged = invoice["collection_method"] == "charge_automatically"
    finalizes = params.get("automatically_finalizes_at") or invoice["automatically_finalizes_at"]
    finalizes = finalizes or invoice["created"] + states.FINALIZES_AFTER
    return {
        "automatically_finalizes_at": finalizes if invoice["auto_advance"] else None,
        "next_payment_attempt": invoice["created"] + states.PAYS_AFTER if invoice["auto_advance"] and charged else None,
        "due_date": None if charged else invoice["due_date"],
    }


def delete(ledger: Ledger, command: Command) -> Wire:
    """Its items stay behind: neither pending nor deletable."""
    states.allow("delete", command.subject)
    return ledger.delete_invoice(command.subject["id"])


def listed(ledger: Ledger, command: Command) -> Wire:
    customer, due, status = (command.get(name) for name in ("customer", "due_date", "status"))
    exists = customer is None or ledger.customers.get(customer) is not None
    if not exists and ledger.switches["unknown_customer_list"] == "refused":
        raise Refused(refusals.no_such("customer", customer, "customer"))
    equal = filters(command, "customer", "status", "collection_method", "subscription")
    if customer is None:
        equal["test_clock"] = None  # what stands on a test clock is listed only by its customer
    if customer and status:
        equal["customer_status"] = (customer, status)
    keep = None if due is None else lambda invoice: paging.inside(due, invoice["due_date"])
    return listing(ledger.invoices, command, equal, keep, ledger.switches)


def lines(ledger: Ledger, command: Command) -> Wire:
    rows = ledger.hidden(command.subject["id"]).lines
    names = {line["id"] for line in rows}
    after, before = cursors(command, names.__contains__, "line_item")
    page, has_more = paging.part(rows, limit(command, ledger.switches), after, before)
    return paging.envelope(page, has_more, command.path)
