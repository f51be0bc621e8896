"""Expansion: ids that a request wants as whole objects. What may be expanded is a table, whatever the values are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from replayer.sandbox.ledger import Ledger, objects, paging
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

MAX_LEVELS: Final = 4
EXPAND: Final = kinds.array(kinds.NAME)

Shape: TypeAlias = str | Mapping[str, Any] | None
"""What stands at a place: the kind of object that an id there names, a map of places, or None for what is not held."""

_LINE: Final[Mapping[str, Shape]] = {"discounts": None, "discount_amounts": {"discount": None}, "taxes": None}
EXPANDABLE: Final[Mapping[str, Mapping[str, Shape]]] = {
    "customer": {
        "default_source": None,
        "invoice_settings": {"default_payment_method": "payment_method"},
        "test_clock": "test_helpers.test_clock",
    },
    "invoice": {
        "account_tax_ids": None,
        "application": None,
        "confirmation_secret": None,
        "customer": "customer",
        "default_payment_method": "payment_method",
        "default_source": None,
        "discounts": None,
        "from_invoice": {"invoice": "invoice"},
        "issuer": {"account": None},
        "latest_revision": "invoice",
        "lines": {"data": _LINE},
        "on_behalf_of": None,
        "parent": {"subscription_details": {"subscription": None}},
        "payments": {"data": {"invoice": "invoice"}},
        "test_clock": "test_helpers.test_clock",
        "total_discount_amounts": {"discount": None},
    },
    "invoiceitem": {
        "customer": "customer",
        "discounts": None,
        "invoice": "invoice",
        "tax_rates": None,
        "test_clock": "test_helpers.test_clock",
    },
    "line_item": _LINE,
    "payment_method": {"customer": "customer"},
    "event": {},
    "test_helpers.test_clock": {},
    "webhook_endpoint": {},
}


def shape_of(kind: str, *, of_list: bool, counted: bool) -> Mapping[str, Shape]:
    """Only a search can be counted."""
    if not of_list:
        return EXPANDABLE[kind]
    return {"data": EXPANDABLE[kind], **({"total_count": None} if counted else {})}


def check(shape: Mapping[str, Shape], paths: Sequence[str]) -> None:
    """Refuse what cannot be expanded there."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_LEVELS:
            raise Refused(
                refusals.Refusal(f"You cannot expand more than {MAX_LEVELS} levels of a property. Property: {path}")
            )
        if not _leads(shape, steps):
            hint = "data" in shape and steps[0] != "data"
            tail = f" You may want to try expanding 'data.{path}' instead." if hint else ""
            raise Refused(refusals.Refusal(f"This property cannot be expanded ({path}).{tail}"))


def _inside(shape: Shape) -> Mapping[str, Shape]:
    return EXPANDABLE[shape] if isinstance(shape, str) else shape or {}


def _leads(shape: Shape, steps: list[str]) -> bool:
    for step in steps:
        inside = _inside(shape)
        if step not in inside:
            return False
        shape = inside[step]
    return True


def expanded(ledger: Ledger, shown: Wire, shape: Shape, paths: Sequence[str], at: int) -> Wire:
    for path in paths:
        shown = _expand(ledger, shown, shape, path.split("."), at)
    return shown


def _expand(ledger: Ledger, shown: Any, shape: Shape, steps: list[str], at: int) -> Any:
    """The same value with the last of the steps made whole, and every step on the way."""
    if isinstance(shown, str) and isinstance(shape, str):
        shown = _whole(ledger, shape, shown, at)
    if isinstance(shown, list):
        return [_expand(ledger, one, shape, steps, at) for one in shown]
    if not steps or not isinstance(shown, dict):
        return shown
    step = steps[0]
    if step in HIDDEN and shown.get("object") == "invoice" and step not in shown:
        shown = _inserted(shown, step, HIDDEN[step](ledger, shown))
    if step not in shown:
        return shown
    return objects.merged(shown, {step: _expand(ledger, shown[step], _inside(shape)[step], steps[1:], at)})


def _whole(ledger: Ledger, kind: str, name: str, at: int) -> Wire | str:
    """A deleted customer is its tombstone; an id that the sandbox does not hold stays an id."""
    row = ledger.collections[kind].get(name)
    return name if row is None else ledger.show(row, at)


def _inserted(wire: Wire, name: str, value: Any) -> Wire:
    """The object with one more member, in its place."""
    members = {**wire, name: value}
    return {key: members[key] for key in sorted(members, key=objects.place)}


def _payments(ledger: Ledger, invoice: Wire) -> Wire:
    """What was paid through the API. Of what was paid out of band, or forgiven, there is no payment."""
    facts = ledger.invoice_facts[invoice["id"]]
    paid = [_payment(invoice, facts.payment)] if facts.payment and facts.settled == "card" else []
    return paging.envelope(paid, False, "/v1/invoice_payments", total_count=len(paid))


def _payment(invoice: Wire, payment: Wire) -> Wire:
    return {
        "id": payment["id"],
        "object": "invoice_payment",
        "amount_paid": invoice["amount_paid"],
        "amount_requested": invoice["amount_due"],
        "created": payment["at"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": payment["intent"], "type": "payment_intent"},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": payment["at"]},
    }


def _confirmation(ledger: Ledger, invoice: Wire) -> Wire | None:
    """Only what is open can be confirmed. Its secret stays the same."""
    if invoice["status"] != "open":
        return None
    secret = ledger.mint.client_secret(invoice["id"], ledger.invoice_facts[invoice["id"]].secret)
    return {"client_secret": secret, "type": "payment_intent"}


# What an invoice shows only where it is asked for.
HIDDEN: Final[Mapping[str, Callable[[Ledger, Wire], Wire | None]]] = {
    "confirmation_secret": _confirmation,
    "payments": _payments,
}
