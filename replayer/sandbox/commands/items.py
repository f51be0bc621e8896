"""Invoice items: what is to be billed. Pending until an invoice takes them up; lost with a draft that is deleted."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.listing import LISTED, filters, listing
from replayer.sandbox.ledger import Ledger, objects
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

PERIOD: Final = kinds.hashed({"start": kinds.TIME, "end": kinds.TIME}, "start", "end")
PRICE_DATA: Final = kinds.hashed(
    {
        "currency": kinds.CURRENCY,
        "product": kinds.NAME,
        "unit_amount": kinds.INTEGER,
        "unit_amount_decimal": kinds.DECIMAL,
        "tax_behavior": kinds.only(kinds.enum("exclusive", "inclusive", "unspecified"), "unspecified"),
    },
    "currency",
    "product",
)
PRICED: Final[kinds.ParamTable] = {
    "amount": kinds.INTEGER,
    "description": kinds.TEXT,
    "discountable": kinds.BOOLEAN,
    "discounts": kinds.unsettable(kinds.UNSUPPORTED),
    "metadata": kinds.METADATA,
    "period": PERIOD,
    "price_data": PRICE_DATA,
    "pricing": kinds.hashed({"price": kinds.NAME}),
    "quantity": kinds.integer(least=0),
    "tax_rates": kinds.unsettable(kinds.UNSUPPORTED),
}
UPDATE: Final[kinds.ParamTable] = {
    **PRICED,
    "quantity_decimal": kinds.DECIMAL,
    "unit_amount_decimal": kinds.DECIMAL,
    "tax_behavior": kinds.only(kinds.enum("exclusive", "inclusive", "unspecified"), "unspecified"),
    "tax_code": kinds.UNSUPPORTED,
}
CREATE: Final[kinds.ParamTable] = {
    **UPDATE,
    "customer": kinds.NAME,
    "customer_account": kinds.UNSUPPORTED,
    "currency": kinds.CURRENCY,
    "invoice": kinds.NAME,
    "subscription": kinds.NAME,
}
LIST: Final[kinds.ParamTable] = {
    "customer": kinds.NAME,
    "customer_account": kinds.UNSUPPORTED,
    "invoice": kinds.NAME,
    "pending": kinds.BOOLEAN,
    **LISTED,
}

# Only one of these may say what an item costs, and an amount leaves nothing to multiply.
_EXCLUSIVE: Final = (
    ("amount", "quantity"),
    ("amount", "quantity_decimal"),
    ("amount", "unit_amount_decimal"),
    ("amount", "price_data"),
    ("amount", "pricing"),
    ("price_data", "pricing"),
    ("price_data", "unit_amount_decimal"),
    ("pricing", "unit_amount_decimal"),
    ("quantity", "quantity_decimal"),
)
_EXACT: Final = Context(prec=80, rounding=ROUND_HALF_UP)  # the longest count times the longest price has 62 digits
_COSTS: Final = ("amount", "price_data", "pricing", "unit_amount_decimal")
_COUNTS: Final = ("quantity", "quantity_decimal")
_PLAIN: Final[tuple[str, ...]] = ("description", "discountable", "period")


def create(ledger: Ledger, command: Command) -> Wire:
    params = command.params
    customer = ledger.referred(ledger.customers, params["customer"], "customer")
    invoice = _draft(ledger, params["invoice"], customer) if "invoice" in params else None
    item = stored(ledger, built(ledger, params, customer, invoice, command.at))
    if invoice is not None:
        add_to(ledger, invoice, [item], command.at)
    return item


def _draft(ledger: Ledger, name: str, customer: Wire) -> Wire:
    invoice = ledger.referred(ledger.invoices, name, "invoice")
    if invoice["customer"] != customer["id"]:
        raise Refused(refusals.no_such("invoice", name, "invoice"))  # another customer's invoice is none of this one's
    if invoice["status"] != "draft":
        raise Refused(refusals.E11)
    return invoice


def built(
    ledger: Ledger, params: kinds.Params, customer: Wire, invoice: Wire | None, at: int, place: str = "{}"
) -> Wire:
    """A new item, not stored yet. `place` is how the request names its parameters, such as `lines[0][{}]`."""
    default = invoice["currency"] if invoice else customer["currency"] or "usd"
    currency = params.get("currency") or params.get("price_data", {}).get("currency") or default
    if invoice is not None and currency != invoice["currency"]:
        message = f"The currency of an invoice item must be that of its invoice, {invoice['currency']}."
        raise refusals.invalid(message, place.format("currency"))
    item = objects.merged(
        objects.ITEM,
        {
            "id": ledger.mint.id("ii", at),
            "currency": currency,
            "customer": customer["id"],
            "date": at,
            "invoice": invoice and invoice["id"],
            "parent": _parent(params.get("subscription")),
            "period": {"end": at, "start": at},
            "test_clock": customer["test_clock"],
        },
    )
    item = objects.merged(item, changes_of(ledger, params, item, at, place))
    if item["pricing"] is None:
        raise refusals.missing(place.format("amount"))
    return item


def _parent(subscription: str | None) -> Wire | None:
    if subscription is None:
        return None
    details = {"subscription": subscription, "subscription_item": None}
    return {"subscription_details": details, "type": "subscription_details"}


def stored(ledger: Ledger, item: Wire) -> Wire:
    """The first thing billed to a customer fixes the customer's currency."""
    customer = ledger.customers.live(item["customer"])
    if customer is not None and customer["currency"] is None:
        ledger.customers.put(objects.merged(customer, {"currency": item["currency"]}))
    return ledger.items.put(item)


def changes_of(ledger: Ledger, params: kinds.Params, item: Wire, at: int, place: str = "{}") -> dict[str, Any]:
    """What the parameters make of an item, new or not."""
    changes: dict[str, Any] = {name: params[name] for name in _PLAIN if name in params}
    if "metadata" in params:
        changes["metadata"] = objects.combined(item["metadata"], params["metadata"])
    if any(name in params for name in (*_COSTS, *_COUNTS)):
        described = changes.get("description", item["description"])
        changes |= _costs(ledger, params, {**item, "description": described}, at, place)
    return changes


def exclusive(params: kinds.Params, place: str = "{}") -> None:
    for one, other in _EXCLUSIVE:
        if one in params and other in params:
            raise refusals.exclusive_pair(one, other, place)


def _costs(ledger: Ledger, params: kinds.Params, item: Wire, at: int, place: str) -> dict[str, Any]:
    if "amount" in params:
        return {
            "amount": params["amount"],
            "pricing": _implicit(ledger, Decimal(params["amount"]), item, at),
            "quantity": 1,
            "quantity_decimal": "1",
        }
    sent_count = next((params[name] for name in _COUNTS if name in params), item["quantity_decimal"])
    count = Decimal(sent_count)
    shown = item["pricing"]
    if any(name in params for name in _COSTS):
        shown = _price(ledger, params, item, at, place)
    if shown is None:
        raise refusals.missing(place.format("amount"))
    amount = _EXACT.multiply(count, Decimal(shown["unit_amount_decimal"]))
    return {
        "amount": _whole(amount),
        "pricing": shown,
        "quantity": _whole(count),
        "quantity_decimal": _plain(count),
    }


def _whole(number: Decimal) -> int:
    return int(_EXACT.quantize(number, Decimal(1)))


def _price(ledger: Ledger, params: kinds.Params, item: Wire, at: int, place: str) -> Wire:
    if "pricing" in params:
        name = params["pricing"].get("price")
        if name not in ledger.prices:
            raise Refused(refusals.no_such("price", str(name), place.format("pricing") + "[price]"))
        return ledger.prices[name]
    priced = params.get("price_data", params)
    unit = priced["unit_amount"] if "unit_amount" in priced else priced.get("unit_amount_decimal")
    if unit is None:
        raise refusals.missing(place.format("price_data") + "[unit_amount]")
    return _implicit(ledger, Decimal(unit), item, at, priced.get("product"))


def _implicit(ledger: Ledger, unit: Decimal, item: Wire, at: int, product: str | None = None) -> Wire:
    """The price of an ad-hoc amount. Equal amounts with equal descriptions share one; an item keeps its product."""
    made_of = (unit, item["currency"], item["description"], product)
    if made_of not in ledger.implicit:
        earlier = item["pricing"] and item["pricing"]["price_details"]["product"]
        product = product or earlier or ledger.mint.id("prod", at)
        price = ledger.mint.id("price", at)
        ledger.prices[price] = objects.pricing(price, product, _plain(unit))
        ledger.implicit[made_of] = price
    return ledger.prices[ledger.implicit[made_of]]


def _plain(number: Decimal) -> str:
    """`20` for 20 and for 20.00, never `2E+1`."""
    digits = f"{number:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def add_to(ledger: Ledger, invoice: Wire, items: list[Wire], at: int) -> Wire:
    """Put items, newest first, on a draft as its newest lines."""
    lines = tuple(objects.line_of(item, ledger.mint.id("il", at)) for item in items)
    return ledger.set_lines(invoice, lines + ledger.hidden(invoice["id"]).lines)


def rewrite(ledger: Ledger, invoice: Wire, item: Wire | None, name: str) -> Wire:
    """The draft after a change of one item: its line made anew under its old id, or dropped where the item is None."""
    lines: list[Wire] = []
    for line in ledger.hidden(invoice["id"]).lines:
        if objects.item_of(line) != name:
            lines.append(line)
        elif item is not None:
            lines.append(objects.line_of(item, line["id"]))
    return ledger.set_lines(invoice, tuple(lines))


def update(ledger: Ledger, command: Command) -> Wire:
    item, params = command.subject, command.params
    invoice = None
    if item["invoice"] is not None:
        invoice = ledger.invoices.live(item["invoice"])
        if invoice is None:
            raise Refused(refusals.E16)
        if invoice["status"] != "draft":
            raise Refused(refusals.ITEM_FROZEN)
    item = ledger.items.put(objects.merged(item, changes_of(ledger, params, item, command.at)))
    if invoice is not None:
        rewrite(ledger, invoice, item, item["id"])
    return item


def delete(ledger: Ledger, command: Command) -> Wire:
    """Only a pending item, or one on a draft. The items of a deleted draft can never be deleted."""
    item = command.subject
    if item["invoice"] is not None:
        invoice = ledger.invoices.live(item["invoice"])
        if invoice is None or invoice["status"] != "draft":
            raise Refused(refusals.E15)
        rewrite(ledger, invoice, None, item["id"])
    return ledger.items.delete(item["id"])


def listed(ledger: Ledger, command: Command) -> Wire:
    for name, collection in (("customer", ledger.customers), ("invoice", ledger.invoices)):
        if name in command.params and collection.get(command.params[name]) is None:
            raise Refused(refusals.no_such(collection.kind, command.params[name], name))
    equal = filters(command, "customer", "invoice", "pending")
    if "customer" not in equal and "invoice" not in equal:
        equal["test_clock"] = None  # what stands on a test clock is listed only by whose it is
    return listing(ledger.items, command, equal)


def pending(ledger: Ledger, customer: str, currency: str) -> list[Wire]:
    """The customer's pending items of that currency, newest first."""
    found = ledger.items.every("customer_pending", (customer, True))
    return [item for item in found if item["currency"] == currency]
