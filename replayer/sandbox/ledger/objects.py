"""How each object of the API looks when it is new: every key that is always present, in the order of the wire."""

from collections.abc import Mapping
from typing import Any, Final

from replayer.sandbox.wire import Wire, kinds, refusals

ADDRESS: Final = ("city", "country", "line1", "line2", "postal_code", "state")
SHIPPING: Final = ("address", "name", "phone")

CUSTOMER: Final[Wire] = {
    "id": "",
    "object": "customer",
    "address": None,
    "balance": 0,
    "created": 0,
    "currency": None,
    "customer_account": None,
    "default_source": None,
    "delinquent": False,
    "description": None,
    "discount": None,
    "email": None,
    "invoice_prefix": "",
    "invoice_settings": {
        "custom_fields": None,
        "default_payment_method": None,
        "footer": None,
        "rendering_options": None,
    },
    "livemode": False,
    "metadata": {},
    "name": None,
    "next_invoice_sequence": 1,
    "phone": None,
    "preferred_locales": [],
    "shipping": None,
    "tax_exempt": "none",
    "test_clock": None,
}

INVOICE: Final[Wire] = {
    "id": "",
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
    "created": 0,
    "currency": "usd",
    "custom_fields": None,
    "customer": None,
    "customer_account": None,
    "customer_address": None,
    "customer_email": None,
    "customer_name": None,
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
    "lines": {"object": "list", "data": [], "has_more": False, "total_count": 0, "url": ""},
    "livemode": False,
    "metadata": {},
    "next_payment_attempt": None,
    "number": None,
    "on_behalf_of": None,
    "parent": None,
    "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    "period_end": 0,
    "period_start": 0,
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
    "webhooks_delivered_at": 0,
}

ITEM: Final[Wire] = {
    "id": "",
    "object": "invoiceitem",
    "amount": 0,
    "currency": "usd",
    "customer": "",
    "customer_account": None,
    "date": 0,
    "description": None,
    "discountable": True,
    "discounts": [],
    "frozen_fields": [],
    "invoice": None,
    "invoicing_rules": [],
    "livemode": False,
    "metadata": {},
    "parent": None,
    "period": {"end": 0, "start": 0},
    "pricing": None,
    "proration": False,
    "quantity": 1,
    "quantity_decimal": "1",
    "tax_rates": [],
    "test_clock": None,
}

LINE: Final[Wire] = {
    "id": "",
    "object": "line_item",
    "amount": 0,
    "currency": "usd",
    "description": None,
    "discount_amounts": [],
    "discountable": True,
    "discounts": [],
    "invoice": "",
    "livemode": False,
    "metadata": {},
    "parent": {
        "invoice_item_details": {
            "invoice_item": "",
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": None,
        },
        "subscription_item_details": None,
        "type": "invoice_item_details",
    },
    "period": {"end": 0, "start": 0},
    "pretax_credit_amounts": [],
    "pricing": None,
    "quantity": 1,
    "quantity_decimal": "1",
    "subtotal": 0,
    "taxes": [],
}

PAYMENT_METHOD: Final[Wire] = {
    "id": "",
    "object": "payment_method",
    "allow_redisplay": "unspecified",
    "billing_details": {"address": dict.fromkeys(ADDRESS), "email": None, "name": None, "phone": None, "tax_id": None},
    "card": {
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": "US",
        "display_brand": "visa",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": "",
        "funding": "credit",
        "generated_from": None,
        "last4": "4242",
        "networks": {"available": ["visa"], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    },
    "created": 0,
    "customer": None,
    "customer_account": None,
    "livemode": False,
    "metadata": {},
    "shared_payment_granted_token": None,
    "type": "card",
}

TEST_CLOCK: Final[Wire] = {
    "id": "",
    "object": "test_helpers.test_clock",
    "created": 0,
    "deletes_after": 0,
    "frozen_time": 0,
    "livemode": False,
    "name": None,
    "status": "ready",
    "status_details": {},
}

ENDPOINT: Final[Wire] = {
    "id": "",
    "object": "webhook_endpoint",
    "api_version": None,
    "application": None,
    "created": 0,
    "description": None,
    "enabled_events": [],
    "livemode": False,
    "metadata": {},
    "status": "enabled",
    "url": "",
}


def merged(wire: Mapping[str, Any], changes: Mapping[str, Any]) -> Wire:
    """A new wire object with some members changed, each in its old place. A dotted name changes a member of a member.

    A name that the object does not have is a mistake of ours: it would break the key order.
    """
    result = dict(wire)
    for name, value in changes.items():
        head, _, rest = name.partition(".")
        if head not in result:
            raise KeyError(name)
        result[head] = merged(result[head], {rest: value}) if rest else value
    return result


def place(name: str) -> tuple[bool, bool, str]:
    """Where a member stands in its object: the id, then what it is, then all else by the alphabet."""
    return name != "id", name != "object", name


def tombstone(wire: Wire) -> Wire:
    """What is left of a deleted object."""
    return {"id": wire["id"], "object": wire["object"], "deleted": True}


def pricing(price: str, product: str, unit_amount: str) -> Wire:
    return {
        "price_details": {"price": price, "product": product},
        "type": "price_details",
        "unit_amount_decimal": unit_amount,
    }


def line_of(item: Wire, name: str) -> Wire:
    """The line that an item makes on the invoice it stands on."""
    shared = ("amount", "currency", "description", "discountable", "invoice", "metadata", "period")
    priced = ("pricing", "quantity", "quantity_decimal")
    return merged(
        LINE,
        {
            "id": name,
            **{field: item[field] for field in (*shared, *priced)},
            "parent.invoice_item_details.invoice_item": item["id"],
            "parent.invoice_item_details.subscription": (
                item["parent"] and item["parent"]["subscription_details"]["subscription"]
            ),
            "subtotal": item["amount"],
        },
    )


def filled(shape: tuple[str, ...], sent: Mapping[str, Any] | None) -> Wire | None:
    """A nested object with all its keys, those that were not sent being null. None where nothing was sent."""
    return None if sent is None else {name: sent.get(name) for name in shape}


def shipping(sent: Mapping[str, Any] | None) -> Wire | None:
    shape = filled(SHIPPING, sent)
    return shape and {**shape, "address": filled(ADDRESS, shape["address"])}


def combined(metadata: Mapping[str, str], sent: Mapping[str, str] | None) -> dict[str, str]:
    """Metadata after an update: an empty value deletes its key, None clears all. Keys stand in alphabetical order."""
    if sent is None:
        return {}
    both = {key: value for key, value in {**metadata, **sent}.items() if value}
    if len(both) > kinds.MAX_KEYS:
        raise refusals.invalid(
            f"Metadata can have up to {kinds.MAX_KEYS} keys, but would have {len(both)}.", "metadata"
        )
    return {key: both[key] for key in sorted(both)}


def subscription_of(invoice: Wire) -> str | None:
    parent = invoice["parent"]
    name: str | None = parent and parent["subscription_details"]["subscription"]
    return name


def item_of(line: Wire) -> str:
    """The item behind a line; empty where there is none, as behind the lines of a subscription."""
    details = (line["parent"] or {}).get("invoice_item_details")
    name: str = details["invoice_item"] if details else ""
    return name
