"""The state machine: which action is possible in which status, and what it then changes. Tables only.

    draft --delete--> gone
    draft --finalize--> open --pay--> paid
                        open --void--> void
                        open --mark_uncollectible--> uncollectible --pay--> paid
                                                     uncollectible --void--> void

Paid and void are the end. All else stays as it is, with one of the sentences of `refusals`. What is not known of the
API is asked of the switches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from replayer.sandbox.ledger.objects import merged
from replayer.sandbox.ledger.switches import DEFAULTS, Switches
from replayer.sandbox.wire import Refused, Wire
from replayer.sandbox.wire import refusals as no

STATUSES: Final = ("draft", "open", "paid", "uncollectible", "void")
GONE, SAME = "gone", "same"
Outcome: TypeAlias = str | no.Refusal
"""The status that an action leads to (`same` being the one before, `gone` none), or why it is refused."""

_ROWS: Final[Mapping[str, tuple[Outcome, ...]]] = {
    #                      draft    open             paid    uncollectible    void
    "retrieve":           (SAME,    SAME,            SAME,   SAME,            SAME),
    "update":             (SAME,    SAME,            SAME,   SAME,            SAME),
    "delete":             (GONE,    no.E5,           no.E5,  no.E5,           no.E5),
    "finalize":           ("open",  no.E4,           no.E4,  no.E4,           no.E4),
    "pay":                ("paid",  "paid",          no.E1,  "paid",          no.E2_ON_PAYING),
    "void":               (no.E2,   "void",          no.E3,  "void",          no.E2),
    "mark_uncollectible": (no.E2,   "uncollectible", no.E2,  no.E7,           no.E2),
    "send":               ("open",  "open",          no.E9,  no.E9,           no.E9),
    "edit_lines":         (SAME,    no.E11,          no.E11, no.E11,          no.E11),
}  # fmt: skip

OUTCOMES: Final = {
    (action, status): outcome for action, row in _ROWS.items() for status, outcome in zip(STATUSES, row, strict=True)
}

FINALIZES_AFTER, PAYS_AFTER = 3601, 3600  # seconds from creation until an auto-advancing draft moves on
WAITS_FOR: Final = 72 * 3600  # seconds that it waits at most for its own creation to be delivered

_ALWAYS: Final = frozenset({"metadata"})
# Which parameters an update may name. A draft takes all that its table has. What a support page says of open invoices
# and what one live test found differ; this follows the page.
EDITABLE: Final[Mapping[str, frozenset[str]]] = {
    "open": _ALWAYS | {"auto_advance", "description", "default_payment_method", "default_source"},
    "paid": _ALWAYS,
    "uncollectible": _ALWAYS,
    "void": _ALWAYS,
}


def verdict(action: str, invoice: Wire, settled: str | None = None) -> no.Refusal | None:
    """None where the action may go on. `settled` tells what paid the invoice: card, out_of_band, nothing."""
    outcome = OUTCOMES[action, invoice["status"]]
    if outcome is no.E3 and settled != "card":
        return no.E2_ON_UNPAID  # there is no `paid` payment on it
    if isinstance(outcome, no.Refusal):
        return outcome
    return no.E8 if action == "send" and invoice["collection_method"] != "send_invoice" else None


def allow(action: str, invoice: Wire, settled: str | None = None) -> None:
    refusal = verdict(action, invoice, settled)
    if refusal is not None:
        raise Refused(refusal)


def frozen_param(invoice: Wire, names: Mapping[str, Any], switches: Switches = DEFAULTS) -> no.Refusal | None:
    """E6 about the first parameter, in request order, that this status no longer takes."""
    allowed = EDITABLE.get(invoice["status"])
    if allowed is None:
        return None
    if switches["open_description"] == "frozen":
        allowed -= {"description"}
    first = next((name for name in names if name not in allowed), None)
    return None if first is None else no.E6.about(first)


def moves_on(invoice: Wire) -> int | None:
    """The second in which an invoice moves on by itself: a draft is finalized, an open one collected. None where
    nothing is to come.

    A draft has an hour from when all endpoints have taken its creation; a time that somebody chose waits for nobody.
    """
    if not invoice["auto_advance"] or invoice["status"] not in ("draft", "open"):
        return None
    if invoice["status"] == "open":
        attempt: int | None = invoice["next_payment_attempt"]
        return attempt
    shown: int | None = invoice["automatically_finalizes_at"]
    if shown is None or shown != invoice["created"] + FINALIZES_AFTER:
        return shown
    delivered: int | None = invoice["webhooks_delivered_at"]
    return invoice["created"] + WAITS_FOR if delivered is None else max(shown, delivered + FINALIZES_AFTER)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a change may depend on besides the invoice itself."""

    at: int
    number: str | None = None
    balance: int = 0  # the customer's, before it is applied
    auto_advance: bool | None = None  # the parameter, where one was sent
    switches: Switches = field(default_factory=lambda: DEFAULTS)


def _now(_: Wire, facts: Circumstances) -> int:
    return facts.at


def _effective(invoice: Wire, facts: Circumstances) -> int:
    chosen: int | None = invoice["effective_at"]
    return facts.at if chosen is None else chosen


def _number(invoice: Wire, facts: Circumstances) -> str | None:
    return invoice["number"] or facts.number


def _due(invoice: Wire, facts: Circumstances) -> int:
    total: int = invoice["total"]
    return max(0, total + facts.balance)


def _ending(invoice: Wire, facts: Circumstances) -> int:
    total: int = invoice["total"]
    return min(0, total + facts.balance)


def _auto_advance(invoice: Wire, facts: Circumstances) -> bool:
    kept: bool = invoice["auto_advance"]
    return kept if facts.auto_advance is None else facts.auto_advance


def _abandoned(invoice: Wire, facts: Circumstances) -> bool:
    kept: bool = invoice["auto_advance"]
    return kept and facts.switches["auto_advance_after_giving_up"] == "kept"


def _next_attempt(invoice: Wire, facts: Circumstances) -> int | None:
    draft: int | None = invoice["next_payment_attempt"]
    return draft if facts.switches["next_payment_attempt"] == "kept" and _auto_advance(invoice, facts) else None


def _attempt(invoice: Wire, _: Circumstances) -> int:
    count: int = invoice["attempt_count"]
    return count + 1


def _amount_due(invoice: Wire, _: Circumstances) -> int:
    due: int = invoice["amount_due"]
    return due


_RESTING: Final[Mapping[str, Any]] = {"automatically_finalizes_at": None, "next_payment_attempt": None}
_PAID: Final[Mapping[str, Any]] = {
    "status": "paid",
    "status_transitions.paid_at": _now,
    "amount_paid": _amount_due,
    "amount_remaining": 0,
    "auto_advance": False,
    **_RESTING,
}

# What each transition sets; all else stays. Voiding and writing off leave every amount as it is.
CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "finalize": {
        "status": "open",
        "status_transitions.finalized_at": _now,
        "number": _number,
        "effective_at": _effective,
        "starting_balance": lambda _, facts: facts.balance,
        "ending_balance": _ending,
        "amount_due": _due,
        "amount_remaining": _due,
        "auto_advance": _auto_advance,
        "rendering.pdf.page_size": "letter",
        **_RESTING,
        "next_payment_attempt": _next_attempt,
    },
    # An invoice of nothing is paid by its finalization, without an attempt being counted.
    "pay_nothing": {
        "status": "paid",
        "status_transitions.paid_at": _now,
        "attempted": True,
        "amount_remaining": 0,
        "next_payment_attempt": None,
    },
    "pay_by_card": {**_PAID, "attempted": True, "attempt_count": _attempt},
    "pay_out_of_band": _PAID,
    # What a forgiving payment leaves uncollected is no longer owed, and was not paid.
    "forgive": {**_PAID, "amount_paid": 0, "attempted": True, "attempt_count": _attempt},
    "decline": {"attempted": True, "attempt_count": _attempt},
    "void": {"status": "void", "status_transitions.voided_at": _now, "auto_advance": _abandoned, **_RESTING},
    "mark_uncollectible": {
        "status": "uncollectible",
        "status_transitions.marked_uncollectible_at": _now,
        "auto_advance": _abandoned,
        **_RESTING,
    },
}


def changed(invoice: Wire, transition: str, facts: Circumstances) -> Wire:
    """The invoice after the transition. Every new value is worked out from the invoice before it."""
    values = CHANGES[transition]
    return merged(invoice, {name: v(invoice, facts) if callable(v) else v for name, v in values.items()})
