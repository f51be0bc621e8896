"""What is not known of the API, as switches: each question with its possible answers, the recommended one first. Pure.

A switch either decides what the ledger does, which then reads it by name, or only the words of a refusal, which then
names the switch as its `question` and gets them here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, TypeAlias

from replayer.errors import UsageError
from replayer.sandbox.wire import refusals

Switches: TypeAlias = Mapping[str, str]
"""The answer to each question, by the name of its switch."""


@dataclass(frozen=True, slots=True)
class Switch:
    """`answers` says of each value what it does; the first value is the default."""

    question: str
    answers: Mapping[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.answers))


SWITCHES: Final[Mapping[str, Switch]] = {
    "auto_advance_after_giving_up": Switch(
        "auto_advance of a void or uncollectible invoice", {"off": "false", "kept": "as it was"}
    ),
    "deleted_cursor": Switch(
        "a deleted draft as a cursor", {"unknown": "400, no such invoice", "positional": "goes on from where it was"}
    ),
    "event_order": Switch(
        "the order in which events are delivered, of which the API promises nothing",
        {"made": "as they were made", "shuffled": "what is due within a tenth of a second, by the seed"},
    ),
    "invalid_boolean_text": Switch(
        "what is said of a wrong boolean", {"value": "Invalid boolean: maybe", "bare": "Invalid boolean"}
    ),
    "invoiceitem_updated": Switch(
        "invoiceitem.updated, which the API's description of events no longer names",
        {"silent": "no such event", "told": "an event when an item is changed"},
    ),
    "key_in_use_type": Switch(
        "the error type of the 409 for a key in use",
        {"invalid_request_error": "that type", "idempotency_error": "that type"},
    ),
    "limit_out_of_range": Switch(
        "a limit below 1 or above 100 on invoices", {"clamped": "pulled into the range", "refused": "400"}
    ),
    "next_invoice_sequence": Switch(
        "the customer's next_invoice_sequence after a finalization",
        {"counted": "one more", "kept": "as it was; numbers count on all the same"},
    ),
    "next_payment_attempt": Switch(
        "next_payment_attempt of a finalized, automatically advancing invoice",
        {"null": "null", "kept": "as the draft had it, until it is paid or given up"},
    ),
    "open_description": Switch(
        "the description of an open invoice", {"editable": "can be changed", "frozen": "400, E6"}
    ),
    "pay_on_void": Switch("what paying a void invoice is refused with", {"E2": "not open", "E1": "already paid"}),
    "pay_without_method": Switch(
        "E14, when there is nothing to pay with",
        {"400": "status 400 without a code", "400_code": "400, code resource_missing", "402": "402 without a code"},
    ),
    "payment_retries": Switch(
        "when a payment is tried again that was declined when it came by itself",
        {"none": "never, as one-off invoices are set up", "days": "after 3, 5 and 7 days"},
    ),
    "search_page": Switch(
        "what a search's next_page holds, encoded",
        {"cursor": "the last invoice's id", "offset": "how many came before"},
    ),
    "strict_cursor_scope": Switch(
        "a cursor that does not pass the list's filters",
        {"no": "goes on from its place", "yes": "400, no such invoice"},
    ),
    "unknown_customer_list": Switch(
        "a list filtered by a customer that never was", {"refused": "400, no such customer", "empty": "an empty page"}
    ),
    "void_without_payment": Switch(
        "what voiding is refused with where an invoice was paid out of band or had nothing due",
        {"E2": "not open", "E3": "has `paid` payments"},
    ),
}
DEFAULTS: Final[Switches] = {name: switch.default for name, switch in SWITCHES.items()}

# How a refusal reads with an answer that is not the default.
_WORDINGS: Final[Mapping[tuple[str, str], Callable[[refusals.Refusal], refusals.Refusal]]] = {
    ("invalid_boolean_text", "bare"): lambda refusal: replace(refusal, message="Invalid boolean"),
    ("key_in_use_type", "idempotency_error"): lambda refusal: replace(refusal, type="idempotency_error"),
    ("pay_on_void", "E1"): lambda _: refusals.E1,
    ("pay_without_method", "400_code"): lambda refusal: replace(refusal, code="resource_missing"),
    ("pay_without_method", "402"): lambda refusal: replace(refusal, status=402),
    ("void_without_payment", "E3"): lambda _: refusals.E3,
}


def worded(refusal: refusals.Refusal, switches: Switches) -> refusals.Refusal:
    """The refusal in the words that the switches choose."""
    question = refusal.question
    wording = _WORDINGS.get((question, switches[question])) if question else None
    return wording(refusal) if wording else refusal


def chosen(pairs: Iterable[str]) -> Switches:
    """The defaults, changed by texts such as `deleted_cursor=positional`."""
    switches = dict(DEFAULTS)
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if name not in SWITCHES:
            raise UsageError(f"{name!r} is no switch of the sandbox. {_nearest(name, SWITCHES)}")
        if not sign or value not in SWITCHES[name].answers:
            raise UsageError(f"{value!r} is no value of {name}. {_nearest(value, SWITCHES[name].answers)}")
        switches[name] = value
    return switches


def _nearest(word: str, possible: Iterable[str]) -> str:
    names = list(possible)
    close = get_close_matches(word, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(names)}."
