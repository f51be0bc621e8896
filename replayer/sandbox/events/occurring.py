"""What one step of a ledger has changed, as events of the API.

Their order, and what is no event, follow what recordings show: an invoice's customer comes before it and its items, a
change before what it means (`invoice.updated`, then `invoice.finalized`); the counting of a customer's invoices and
the delivery of an invoice's own events change what is read and are told by no event.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from replayer.sandbox.events.delivering import address
from replayer.sandbox.events.differences import previous
from replayer.sandbox.ledger import InvoiceFacts, Ledger
from replayer.sandbox.wire import Wire

# The kinds in the order in which their events come, each with the changes that are events by themselves.
TOLD: Final[Mapping[str, frozenset[str]]] = {
    "test_helpers.test_clock": frozenset({"created", "deleted"}),
    "customer": frozenset({"created", "updated", "deleted"}),
    "payment_method": frozenset(),
    "invoiceitem": frozenset({"created", "updated", "deleted"}),
    "invoice": frozenset({"created", "updated", "deleted"}),
}
SILENT: Final = frozenset({"next_invoice_sequence", "webhooks_delivered_at"})
KEPT_FOR: Final = 30 * 86_400  # seconds that the API keeps an event
MOST: Final = 5_000  # events that a sandbox keeps: each holds a whole object


@dataclass(frozen=True, slots=True)
class Caller:
    """What caused a step: the request's id and its idempotency key, both None where the clock did; and the version of
    the API that its events are shown in."""

    version: str
    request: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class _Occurred:
    """One event to be: its type, its object as it is now, and what that was before."""

    type: str
    shown: Wire
    previous: Wire | None = None


def occur(ledger: Ledger, caller: Caller, at: int) -> list[Wire]:
    """End a step: the events of what it has changed, stored and on their way. The oldest of all are forgotten."""
    made = [_stored(ledger, change, caller, at) for change in _changes(ledger, at)]
    ledger.happened.clear()
    while (oldest := ledger.events.oldest()) and (len(ledger.events) > MOST or oldest["created"] < at - KEPT_FOR):
        ledger.events.forget(oldest["id"])
    return made


def _changes(ledger: Ledger, at: int) -> Iterator[_Occurred]:
    touched = list(ledger.undo.before.items())
    for kind in TOLD:
        for (touched_kind, name), before in touched:
            if touched_kind == kind:
                yield from _of_one(ledger, kind, name, before, at)


def _of_one(ledger: Ledger, kind: str, name: str, before: Wire | None, at: int) -> Iterator[_Occurred]:
    now = ledger.collections[kind].live(name)
    shown = None if now is None else ledger.show(now, at)
    earlier = None if before is None else _as_it_was(ledger, before, at)
    change = None if now is before else _change(kind, shown, earlier)  # somebody else's text stays as it is
    if change is not None and _is_told(ledger, change):
        yield change
    if shown is not None:
        yield from (_Occurred(event, shown) for event, subject in ledger.happened if subject == name)


def _as_it_was(ledger: Ledger, before: Wire, at: int) -> Wire:
    """As it would be read now, had it not been changed."""
    if before["object"] != "invoice":
        return before
    name = before["id"]
    facts: InvoiceFacts = ledger.undo.before.get(("facts", name)) or ledger.invoice_facts[name]
    return ledger.show_invoice(before, facts, at)


def _change(kind: str, shown: Wire | None, earlier: Wire | None) -> _Occurred | None:
    if shown is None:
        return None if earlier is None else _Occurred(f"{kind}.deleted", earlier)
    if earlier is None:
        return _Occurred(f"{kind}.created", shown)
    was = previous(shown, earlier)
    return _Occurred(f"{kind}.updated", shown, was) if was.keys() - SILENT else None


def _is_told(ledger: Ledger, change: _Occurred) -> bool:
    kind, _, what = change.type.rpartition(".")
    silent = change.type == "invoiceitem.updated" and ledger.switches["invoiceitem_updated"] == "silent"
    return what in TOLD[kind] and not silent


def _stored(ledger: Ledger, change: _Occurred, caller: Caller, at: int) -> Wire:
    ledger.events_made += 1
    listening = ledger.hearing(change.type)
    before = {} if change.previous is None else {"previous_attributes": change.previous}
    event = ledger.events.put(
        {
            "id": ledger.mint.event_id(at, ledger.events_made),
            "object": "event",
            "api_version": caller.version,
            "created": at,
            "data": {"object": change.shown, **before},
            "livemode": False,
            "pending_webhooks": len(listening),
            "request": {"id": caller.request, "idempotency_key": caller.key},
            "type": change.type,
        }
    )
    address(ledger, event, listening, at)
    return event
