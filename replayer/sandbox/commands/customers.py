"""Customers: whom an invoice is for. A deleted one stays readable as a tombstone, and keeps its place as a cursor."""

from typing import Any, Final

from replayer.sandbox.commands.cards import attached, source
from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.listing import LISTED, filters, listing
from replayer.sandbox.ledger import Ledger, objects
from replayer.sandbox.wire import Wire, kinds, refusals

ADDRESSED: Final = kinds.hashed(dict.fromkeys(objects.ADDRESS, kinds.TEXT))
SHIPPED: Final = kinds.hashed({"address": ADDRESSED, "name": kinds.NAME, "phone": kinds.TEXT}, "address", "name")
CUSTOM_FIELDS: Final = kinds.unsettable(
    kinds.array(kinds.hashed({"name": kinds.NAME, "value": kinds.NAME}, "name", "value"), most=4)
)
_SETTINGS: Final = kinds.hashed(
    {
        "custom_fields": CUSTOM_FIELDS,
        "default_payment_method": kinds.TEXT,
        "footer": kinds.TEXT,
        "rendering_options": kinds.unsettable(kinds.hashed({"amount_tax_display": kinds.TEXT, "template": kinds.TEXT})),
    }
)

UPDATE: Final[kinds.ParamTable] = {
    "email": kinds.TEXT,
    "name": kinds.TEXT,
    "description": kinds.TEXT,
    "phone": kinds.TEXT,
    "address": kinds.unsettable(ADDRESSED),
    "shipping": kinds.unsettable(SHIPPED),
    "metadata": kinds.METADATA,
    "balance": kinds.INTEGER,
    "invoice_prefix": kinds.NAME,
    "next_invoice_sequence": kinds.integer(least=1),
    "invoice_settings": _SETTINGS,
    "preferred_locales": kinds.array(kinds.NAME),
    "tax_exempt": kinds.unsettable(kinds.enum("none", "exempt", "reverse")),
    "default_source": kinds.NAME,
    "source": kinds.NAME,
    "tax": kinds.UNSUPPORTED,
    "cash_balance": kinds.UNSUPPORTED,
    "business_name": kinds.UNSUPPORTED,
    "individual_name": kinds.UNSUPPORTED,
}
CREATE: Final[kinds.ParamTable] = {
    **UPDATE,
    "payment_method": kinds.NAME,
    "tax_id_data": kinds.UNSUPPORTED,
    "test_clock": kinds.NAME,
}
LIST: Final[kinds.ParamTable] = {"email": kinds.NAME, "test_clock": kinds.NAME, **LISTED}
MOST_ON_A_CLOCK: Final = 3  # customers, as documented

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
    customer = objects.merged(objects.CUSTOMER, born)
    customer = objects.merged(customer, _changes(ledger, command, customer))
    customer = objects.merged(customer, {"test_clock": _clock(ledger, command.get("test_clock"))})
    attached(ledger, command.get("payment_method"), name, command.at, "payment_method")
    return ledger.customers.put(customer)


def _clock(ledger: Ledger, name: str | None) -> str | None:
    if name is not None:
        ledger.referred(ledger.clocks, name, "test_clock")
        if len(ledger.customers.every("test_clock", name)) >= MOST_ON_A_CLOCK:
            raise refusals.invalid(f"A test clock can have up to {MOST_ON_A_CLOCK} customers.", "test_clock")
    return name


def update(ledger: Ledger, command: Command) -> Wire:
    if "next_invoice_sequence" in command.params and command.subject["id"] in ledger.sequences:
        del ledger.sequences[command.subject["id"]]
    return ledger.customers.put(objects.merged(command.subject, _changes(ledger, command, command.subject)))


def delete(ledger: Ledger, command: Command) -> Wire:
    return ledger.customers.delete(command.subject["id"])


def listed(ledger: Ledger, command: Command) -> Wire:
    """What stands on a test clock is listed by that clock only."""
    return listing(ledger.customers, command, {"test_clock": None, **filters(command, "email", "test_clock")})


def _changes(ledger: Ledger, command: Command, customer: Wire) -> dict[str, Any]:
    params = command.params
    changes = {name: params[name] for name in _PLAIN if name in params}
    if "address" in params:
        changes["address"] = objects.filled(objects.ADDRESS, params["address"])
    if "shipping" in params:
        changes["shipping"] = objects.shipping(params["shipping"])
    if "metadata" in params:
        changes["metadata"] = objects.combined(customer["metadata"], params["metadata"])
    if "preferred_locales" in params:
        changes["preferred_locales"] = params["preferred_locales"]
    for name in ("source", "default_source"):
        if name in params:
            changes["default_source"] = source(ledger, params[name], command.at, name)
    if "tax_exempt" in params:
        changes["tax_exempt"] = params["tax_exempt"] or "none"
    settings = _settings(ledger, params.get("invoice_settings", {}), customer["id"], command.at)
    return {**changes, **{f"invoice_settings.{name}": value for name, value in settings.items()}}


def _settings(ledger: Ledger, settings: kinds.Params, customer: str, at: int) -> kinds.Params:
    if settings.get("rendering_options"):
        options = objects.filled(("amount_tax_display", "template"), settings["rendering_options"])
        settings = {**settings, "rendering_options": options}
    if "default_payment_method" not in settings:
        return settings
    param = "invoice_settings[default_payment_method]"
    method = attached(ledger, settings["default_payment_method"], customer, at, param)
    return {**settings, "default_payment_method": method}
