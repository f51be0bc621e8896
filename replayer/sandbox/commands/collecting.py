"""From draft to the end: finalize, pay, send, void, write off. Each asks the table, then makes the table's changes."""

from dataclasses import replace
from typing import Final

from replayer.sandbox.commands.cards import INSUFFICIENT, decline, paying
from replayer.sandbox.commands.command import Command
from replayer.sandbox.ledger import Ledger, objects, states
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

FINALIZE: Final[kinds.ParamTable] = {"auto_advance": kinds.BOOLEAN}
PAY: Final[kinds.ParamTable] = {
    "forgive": kinds.BOOLEAN,
    "mandate": kinds.TEXT,
    "off_session": kinds.BOOLEAN,
    "paid_out_of_band": kinds.BOOLEAN,
    "payment_method": kinds.NAME,
    "source": kinds.NAME,
}
MOVED: Final = {"void": "voided", "mark_uncollectible": "marked_uncollectible"}  # what their events say

RETRIES: Final = tuple(days * 86_400 for days in (3, 5, 7))  # seconds behind each failure, where that is set up


def finalize(ledger: Ledger, command: Command) -> Wire:
    states.allow("finalize", command.subject)
    return _finalized(ledger, command.subject, command.at, command.get("auto_advance"))


def _finalized(ledger: Ledger, draft: Wire, at: int, auto_advance: bool | None = None) -> Wire:
    """Number it, apply the customer's balance, and pay it at once where nothing is due."""
    customer = ledger.customers.live(draft["customer"])
    facts = states.Circumstances(at, auto_advance=auto_advance, switches=ledger.switches)
    if customer is not None:
        number = f"{customer['invoice_prefix']}-{_next_number(ledger, customer):04d}"
        facts = replace(facts, number=number, balance=customer["balance"])
    invoice = states.changed(draft, "finalize", facts)
    if customer is not None:
        _count(ledger, customer, invoice, used=invoice["number"] == facts.number)
    ledger.tell("invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        invoice = states.changed(invoice, "pay_nothing", facts)
        ledger.settle(invoice["id"], "nothing")
        _tell_paid(ledger, invoice, collected=True)  # nothing is collected with success, too
    return ledger.plan(ledger.invoices.put(invoice))


def _tell_paid(ledger: Ledger, invoice: Wire, *, collected: bool) -> None:
    """What was paid elsewhere, or forgiven, was no payment that succeeded."""
    ledger.tell("invoice.paid", invoice)
    if collected:
        ledger.tell("invoice.payment_succeeded", invoice)


def _next_number(ledger: Ledger, customer: Wire) -> int:
    shown: int = customer["next_invoice_sequence"]
    return ledger.sequences.get(customer["id"], shown)


def _count(ledger: Ledger, customer: Wire, invoice: Wire, *, used: bool) -> None:
    """The customer's next number and balance; an invoice with a number of its own uses none."""
    following = _next_number(ledger, customer) + used
    changes = {"balance": invoice["ending_balance"], "next_invoice_sequence": following}
    if ledger.switches["next_invoice_sequence"] == "kept":
        del changes["next_invoice_sequence"]
        ledger.sequences[customer["id"]] = following
    ledger.customers.put(objects.merged(customer, changes))


def check_pay(params: kinds.Params) -> None:
    if "payment_method" in params and "source" in params:
        raise refusals.exclusive_pair("payment_method", "source")


def pay(ledger: Ledger, command: Command) -> Wire:
    """A draft is finalized first, in the same call; then the whole amount is collected, or nothing."""
    named = _named_method(ledger, command)
    invoice = command.subject
    states.allow("pay", invoice)
    out_of_band = command.get("paid_out_of_band", False)
    method = named or _default_method(ledger, invoice)
    draft = invoice["status"] == "draft"
    nothing_due = draft and _due(ledger, invoice) == 0
    if method is None and not out_of_band and not nothing_due:
        raise Refused(refusals.E14)
    if draft:
        invoice = _finalized(ledger, invoice, command.at)
    if invoice["status"] == "paid":
        return invoice
    if out_of_band:
        return _settled(ledger, invoice, "pay_out_of_band", "out_of_band", command)
    return _charged(ledger, invoice, str(method), command)


def _due(ledger: Ledger, draft: Wire) -> int:
    customer = ledger.customers.live(draft["customer"])
    total: int = draft["total"]
    return max(0, total + (customer["balance"] if customer else 0))


def _charged(ledger: Ledger, invoice: Wire, method: str, command: Command) -> Wire:
    refused = decline(ledger, method)
    if refused is None:
        return _settled(ledger, invoice, "pay_by_card", "card", command)
    if refused.reason == INSUFFICIENT and command.get("forgive", False):
        return _settled(ledger, invoice, "forgive", "nothing", command)
    _failed(ledger, invoice, command.at)
    raise Refused(refused.refusal())


def _failed(ledger: Ledger, invoice: Wire, at: int) -> Wire:
    ledger.tell("invoice.payment_failed", invoice)
    return ledger.invoices.put(states.changed(invoice, "decline", states.Circumstances(at)))


def move_on(ledger: Ledger, invoice: Wire, at: int) -> None:
    """What comes by itself in that second: a draft is finalized and sent or collected, an open invoice collected."""
    if invoice["status"] == "draft":
        invoice = _finalized(ledger, invoice, at)
        if invoice["collection_method"] == "send_invoice":
            ledger.tell("invoice.sent", invoice)
            return
    if invoice["status"] == "open":
        _collected(ledger, invoice, at)


def _collected(ledger: Ledger, invoice: Wire, at: int) -> None:
    """An attempt that nobody asked for, and that nobody is answered. What has nothing to pay with fails, too."""
    method = _default_method(ledger, invoice)
    refused = decline(ledger, method) if method else None
    if method and refused is None:
        _settled(ledger, invoice, "pay_by_card", "card", Command(at, {}, invoice))
        return
    failed = _failed(ledger, invoice, at)
    pauses = RETRIES if ledger.switches["payment_retries"] == "days" and refused and refused.may_pass else ()
    attempts = failed["attempt_count"]
    following = at + pauses[attempts - 1] if attempts <= len(pauses) else None
    ledger.plan(ledger.invoices.put(objects.merged(failed, {"next_payment_attempt": following})))


def _settled(ledger: Ledger, invoice: Wire, transition: str, by: str, command: Command) -> Wire:
    """The parameters of the payment are kept with it: the invoice itself shows nothing of them."""
    names = {"id": ledger.mint.id("inpay", command.at), "intent": ledger.mint.id("pi", command.at)}
    ledger.settle(invoice["id"], by, {**names, "at": command.at, "asked": command.params})
    _tell_paid(ledger, invoice, collected=by == "card")
    return ledger.invoices.put(
        states.changed(invoice, transition, states.Circumstances(command.at, switches=ledger.switches))
    )


def _named_method(ledger: Ledger, command: Command) -> str | None:
    for param in ("payment_method", "source"):
        if param in command.params:
            return paying(ledger, command.params[param], param)
    return None


def _default_method(ledger: Ledger, invoice: Wire) -> str | None:
    customer = ledger.customers.live(invoice["customer"])
    defaults: list[str | None] = [invoice["default_payment_method"], invoice["default_source"]]
    if customer is not None:
        defaults += [customer["invoice_settings"]["default_payment_method"], customer["default_source"]]
    return next((name for name in defaults if name), None)


def send(ledger: Ledger, command: Command) -> Wire:
    """A draft is finalized by it; an open invoice stays as it is."""
    states.allow("send", command.subject)
    draft = command.subject["status"] == "draft"
    invoice = _finalized(ledger, command.subject, command.at) if draft else command.subject
    ledger.tell("invoice.sent", invoice)
    return invoice


def void(ledger: Ledger, command: Command) -> Wire:
    return _moved(ledger, "void", command)


def mark_uncollectible(ledger: Ledger, command: Command) -> Wire:
    return _moved(ledger, "mark_uncollectible", command)


def _moved(ledger: Ledger, action: str, command: Command) -> Wire:
    invoice = command.subject
    states.allow(action, invoice, ledger.hidden(invoice["id"]).settled)
    ledger.tell(f"invoice.{MOVED[action]}", invoice)
    return ledger.invoices.put(
        states.changed(invoice, action, states.Circumstances(command.at, switches=ledger.switches))
    )
