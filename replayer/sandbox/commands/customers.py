"""Customers: whom an invoice is for. A deleted one stays readable as a tombstone, and keeps its place as a cursor."""

from collections.abc import Mapping
from typing import Any, Final

from replayer.sandbox.commands.cards import attached, source
from replayer.sandbox.commands.listing import LISTED, given, listing
from replayer.sandbox.ledger.ledger import Ledger
from replayer.sandbox.ledger.objects import ADDRESS, CUSTOMER, combined, filled, shipping
from replayer.sandbox.wire.params import (
    INTEGER,
    METADATA,
    NAME,
    TEXT,
    UNSUPPORTED,
    Kind,
    array,
    enum,
    hashed,
    integer,
    unsettable,
)
from replayer.sandbox.wire.values import Command, Params, Wire, merged

ADDRESSED: Final = hashed(dict.fromkeys(ADDRESS, TEXT))
SHIPPED: Final = hashed({"address": ADDRESSED, "name": NAME, "phone": TEXT}, "address", "name")
CUSTOM_FIELDS: Final = unsettable(array(hashed({"name": NAME, "value": NAME}, "name", "value"), most=4))
_SETTINGS: Final = hashed(
    {
        "custom_fields": CUSTOM_FIELDS,
        "default_payment_method": TEXT,
        "footer": TEXT,
        "rendering_options": unsettable(hashed({"amount_tax_display": TEXT, "template": TEXT})),
    }
)

UPDATE: Final[Mapping[str, Kind]] = {
    "email": TEXT,
    "name": TEXT,
    "description": TEXT,
    "phone": TEXT,
    "address": unsettable(ADDRESSED),
    "shipping": unsettable(SHIPPED),
    "metadata": METADATA,
    "balance": INTEGER,
    "invoice_prefix": NAME,
    "next_invoice_sequence": integer(least=1),
    "invoice_settings": _SETTINGS,
    "preferred_locales": array(NAME),
    "tax_exempt": unsettable(enum("none", "exempt", "reverse")),
    "default_source": NAME,
    "source": NAME,
    "tax": UNSUPPORTED,
    "cash_balance": UNSUPPORTED,
    "business_name": UNSUPPORTED,
    "individual_name": UNSUPPORTED,
}
CREATE: Final[Mapping[str, Kind]] = {
    **UPDATE,
    "payment_method": NAME,
    "tax_id_data": UNSUPPORTED,
    "test_clock": UNSUPPORTED,
}
LIST: Final[Mapping[str, Kind]] = {"email": NAME, "test_clock": UNSUPPORTED, **LISTED}

_PLAIN: Final[tuple[str, ...]] = (
    "balance",
    "description",
    "email",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
)


def create(ledger: Ledger, command: Command) -> Wire:
    name = ledger.mint.id("cus", command.at)
    born = {"id": name, "created": command.at, "invoice_prefix": ledger.mint.invoice_prefix(name)}
    customer = merged(CUSTOMER, born)
    customer = merged(customer, _changes(ledger, command, customer))
    attached(ledger, command.get("payment_method"), name, command.at, "payment_method")
    return ledger.customers.put(customer)


def update(ledger: Ledger, command: Command) -> Wire:
    if "next_invoice_sequence" in command.params and command.subject["id"] in ledger.sequences:
        del ledger.sequences[command.subject["id"]]
    return ledger.customers.put(merged(command.subject, _changes(ledger, command, command.subject)))


def delete(ledger: Ledger, command: Command) -> Wire:
    return ledger.customers.delete(command.subject["id"])


def listed(ledger: Ledger, command: Command) -> Wire:
    return listing(ledger.customers, command, given(command, "email"))


def _changes(ledger: Ledger, command: Command, customer: Wire) -> dict[str, Any]:
    params = command.params
    changes = {name: params[name] for name in _PLAIN if name in params}
    if "address" in params:
        changes["address"] = filled(ADDRESS, params["address"])
    if "shipping" in params:
        changes["shipping"] = shipping(params["shipping"])
    if "metadata" in params:
        changes["metadata"] = combined(customer["metadata"], params["metadata"])
    if "preferred_locales" in params:
        changes["preferred_locales"] = params["preferred_locales"]
    for name in ("source", "default_source"):
        if name in params:
            changes["default_source"] = source(ledger, params[name], command.at, name)
    if "tax_exempt" in params:
        changes["tax_exempt"] = params["tax_exempt"] or "none"
    settings = _settings(ledger, params.get("invoice_settings", {}), customer["id"], command.at)
    return {**changes, **{f"invoice_settings.{name}": value for name, value in settings.items()}}


def _settings(ledger: Ledger, given_settings: Params, customer: str, at: int) -> Params:
    if given_settings.get("rendering_options"):
        options = filled(("amount_tax_display", "template"), given_settings["rendering_options"])
        given_settings = {**given_settings, "rendering_options": options}
    if "default_payment_method" not in given_settings:
        return given_settings
    param = "invoice_settings[default_payment_method]"
    method = attached(ledger, given_settings["default_payment_method"], customer, at, param)
    return {**given_settings, "default_payment_method": method}
