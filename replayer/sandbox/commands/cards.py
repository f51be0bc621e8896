"""Payment methods: the test cards that pay, those that are declined, and with which words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.listing import LISTED, filters, listing
from replayer.sandbox.ledger import Ledger, objects
from replayer.sandbox.wire import Refused, Wire, kinds, refusals


@dataclass(frozen=True, slots=True)
class Decline:
    message: str
    code: str = "card_declined"
    reason: str = "generic_decline"
    advice: str = "try_again_later"

    @property
    def may_pass(self) -> bool:
        """Whether another attempt may go better."""
        return self.reason not in ("lost_card", "stolen_card")

    def refusal(self) -> refusals.Refusal:
        more = (("advice_code", self.advice), ("decline_code", self.reason), ("network_decline_code", "01"))
        return refusals.Refusal(self.message, 402, "card_error", self.code, more=more)


# What follows `pm_card_`, `pm_card_visa_`, `tok_` or `tok_visa_` in the name of a card that is declined.
DECLINES: Final[Mapping[str, Decline]] = {
    "chargeDeclined": Decline("Your card was declined."),
    "chargeDeclinedInsufficientFunds": Decline("Your card has insufficient funds.", reason="insufficient_funds"),
    "chargeDeclinedLostCard": Decline("Your card was declined.", reason="lost_card", advice="do_not_try_again"),
    "chargeDeclinedStolenCard": Decline("Your card was declined.", reason="stolen_card", advice="do_not_try_again"),
    "chargeDeclinedExpiredCard": Decline("Your card has expired.", "expired_card", "expired_card", "do_not_try_again"),
    "chargeDeclinedIncorrectCvc": Decline(
        "Your card's security code is incorrect.", "incorrect_cvc", "incorrect_cvc", "confirm_card_data"
    ),
    "chargeDeclinedProcessingError": Decline(
        "An error occurred while processing your card. Try again in a little bit.",
        "processing_error",
        "processing_error",
    ),
    "chargeCustomerFail": Decline("Your card was declined."),
}
INSUFFICIENT: Final = "insufficient_funds"

# Name of a paying test card: its brand, its last four digits.
BRANDS: Final[Mapping[str, tuple[str, str]]] = {
    "visa": ("visa", "4242"),
    "visa_debit": ("visa", "5556"),
    "us": ("visa", "4242"),
    "mastercard": ("mastercard", "4444"),
    "mastercard_debit": ("mastercard", "3222"),
    "mastercard_prepaid": ("mastercard", "5100"),
    "amex": ("amex", "8431"),
    "discover": ("discover", "9424"),
    "diners": ("diners", "3237"),
    "jcb": ("jcb", "0505"),
    "unionpay": ("unionpay", "0005"),
}
# The numbers that stand for those names where a request gives a number.
NUMBERS: Final[Mapping[str, str]] = {
    "4242424242424242": "visa",
    "4000056655665556": "visa_debit",
    "5555555555554444": "mastercard",
    "378282246310005": "amex",
    "4000000000000002": "chargeDeclined",
    "4000000000009995": "chargeDeclinedInsufficientFunds",
    "4000000000009987": "chargeDeclinedLostCard",
    "4000000000009979": "chargeDeclinedStolenCard",
    "4000000000000341": "chargeCustomerFail",
}

_CARD: Final = kinds.hashed(
    {
        "token": kinds.NAME,
        "number": kinds.NAME,
        "exp_month": kinds.INTEGER,
        "exp_year": kinds.INTEGER,
        "cvc": kinds.NAME,
    }
)
_BILLING: Final = kinds.hashed(
    {
        "address": kinds.unsettable(kinds.hashed(dict.fromkeys(objects.ADDRESS, kinds.TEXT))),
        "email": kinds.TEXT,
        "name": kinds.TEXT,
        "phone": kinds.TEXT,
    }
)
CREATE: Final[kinds.ParamTable] = {
    "type": kinds.enum("card"),
    "card": _CARD,
    "billing_details": _BILLING,
    "metadata": kinds.METADATA,
    "allow_redisplay": kinds.enum("always", "limited", "unspecified"),
    "customer": kinds.UNSUPPORTED,
    "customer_account": kinds.UNSUPPORTED,
}
ATTACH: Final[kinds.ParamTable] = {"customer": kinds.NAME, "customer_account": kinds.UNSUPPORTED}
LIST: Final[kinds.ParamTable] = {"customer": kinds.NAME, "type": kinds.enum("card"), **LISTED}


def card_named(name: str) -> str | None:
    """`visa` for `pm_card_visa` or `tok_visa`, `chargeDeclined` for `pm_card_visa_chargeDeclined`; else None."""
    for prefix in ("pm_card_", "tok_"):
        short = name.removeprefix(prefix)
        declined = short.removeprefix("visa_")
        if short != name and (short in BRANDS or declined in DECLINES):
            return short if short in BRANDS else declined
    return None


def new_method(ledger: Ledger, card: str, customer: str | None, at: int, params: kinds.Params | None = None) -> Wire:
    brand, last4 = BRANDS.get(card, ("visa", "0002"))
    params = params or {}
    billing = params.get("billing_details") or {}
    expiry = {name: params.get("card", {}).get(name) for name in ("exp_month", "exp_year")}
    changes = {
        "id": ledger.mint.id("pm", at),
        "allow_redisplay": params.get("allow_redisplay", "unspecified"),
        **{f"billing_details.{name}": value for name, value in billing.items() if name != "address"},
        **{f"card.{name}": value for name, value in expiry.items() if value is not None},
        "card.brand": brand,
        "card.display_brand": brand,
        "card.networks.available": [brand],
        "card.fingerprint": ledger.mint.token(16),
        "card.last4": last4,
        "created": at,
        "customer": customer,
        "metadata": objects.combined({}, params.get("metadata", {})),
    }
    if billing.get("address"):
        changes["billing_details.address"] = objects.filled(objects.ADDRESS, billing["address"])
    checked = "unchecked" if {"token", "cvc"} & params.get("card", {}).keys() else None
    changes["card.checks.cvc_check"] = checked if customer is None else "pass"
    row = objects.merged(objects.PAYMENT_METHOD, changes)
    ledger.cards[row["id"]] = card
    return ledger.payment_methods.put(row) if customer is None else _attached(ledger, row)


def _attached(ledger: Ledger, row: Wire) -> Wire:
    ledger.tell("payment_method.attached", row)
    return ledger.payment_methods.put(row)


def create(ledger: Ledger, command: Command) -> Wire:
    card = command.get("card")
    if card is None:
        raise refusals.missing("card")
    if "token" not in card and "number" not in card:
        raise refusals.missing("card[number]")
    name = card_named(card["token"]) if "token" in card else NUMBERS.get(card["number"].replace(" ", ""))
    if name is None and "token" in card:
        message = f"No such token: '{card['token']}'"
        raise Refused(refusals.Refusal(message, code="resource_missing", param="card[token]"))
    if name is None:
        message = "The sandbox knows only the test card numbers, such as 4242424242424242."
        raise Refused(refusals.Refusal(message, 402, "card_error", "incorrect_number", "card[number]"))
    return new_method(ledger, name, None, command.at, command.params)


def attach(ledger: Ledger, command: Command) -> Wire:
    customer = ledger.referred(ledger.customers, command.params["customer"], "customer")
    changes = {"customer": customer["id"], "card.checks.cvc_check": "pass"}
    return _attached(ledger, objects.merged(command.subject, changes))


def test_card(ledger: Ledger, name: str, at: int) -> Wire | None:
    """A new payment method of the test card of that name, `pm_card_visa`; None where there is no such card."""
    card = card_named(name)
    return new_method(ledger, card, None, at) if card else None


def attached(ledger: Ledger, name: str | None, customer: str, at: int, param: str) -> str | None:
    """The payment method that a parameter names, attached to the customer. A test name makes a new one."""
    card = name and card_named(name)
    if card:
        made: str = new_method(ledger, card, customer, at)["id"]
        return made
    if name is not None:
        method = ledger.referred(ledger.payment_methods, name, param)
        row = objects.merged(method, {"customer": customer, "card.checks.cvc_check": "pass"})
        if method["customer"] == customer:
            ledger.payment_methods.put(row)
        else:
            _attached(ledger, row)
    return name


def source(ledger: Ledger, name: str, at: int, param: str) -> str:
    """A source that a customer pays with by default: a known one, or a new one of a test token."""
    card = card_named(name)
    if card is None and name not in ledger.cards:
        raise Refused(refusals.no_such("source", name, param))
    if card is None:
        return name
    made = ledger.mint.id("card", at)
    ledger.cards[made] = card
    return made


def decline(ledger: Ledger, name: str) -> Decline | None:
    """How that payment method or source is declined; None where it pays."""
    return DECLINES.get(ledger.cards.get(name) or card_named(name) or "")


def paying(ledger: Ledger, name: str, param: str) -> str:
    """A payment method or source that may pay, as the request named it."""
    kind = "payment_method" if param == "payment_method" else "source"
    if name not in ledger.cards and card_named(name) is None:
        raise Refused(refusals.no_such(kind, name, param))
    return name


def listed(ledger: Ledger, command: Command) -> Wire:
    if "customer" in command.params:
        ledger.referred(ledger.customers, command.params["customer"], "customer")
    return listing(ledger.payment_methods, command, filters(command, "customer"))
