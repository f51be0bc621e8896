"""All that one account holds. It never learns what time it is: every command brings its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Any, Final

from replayer.sandbox.ledger import objects, states
from replayer.sandbox.ledger.ids import Mint
from replayer.sandbox.ledger.objects import merged
from replayer.sandbox.ledger.paging import EVERY, Collection, envelope, part
from replayer.sandbox.ledger.rollback import Book, Undo
from replayer.sandbox.ledger.switches import DEFAULTS, Switches
from replayer.sandbox.wire import PreservedObject, Refused, Wire, refusals

CLOCK: Final = "test_helpers.test_clock"
FACTS: Final = "facts"  # a kind of what can be taken back: what an invoice does not show
NESTED_LINES: Final = 10  # an invoice shows so many of its lines; the rest come from its lines list


def on_clock(row: Wire) -> str | None:
    """The test clock that an object stands on; None for the time of all others."""
    name: str | None = row.get("test_clock")
    return name


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What an invoice has and does not show by itself. `lines` are newest first; `settled` is what paid it.

    `payment` is how that was requested: the parameters of `pay` that leave no trace in the invoice.
    """

    secret: str
    lines: tuple[Wire, ...] = ()
    settled: str | None = None
    payment: Wire | None = None


class Ledger:
    """Every object of one account. `undo` takes back what a refused command has changed."""

    def __init__(self, mint: Mint, switches: Switches = DEFAULTS) -> None:
        self.mint = mint
        self.switches = switches
        self.undo = Undo()
        self.customers = Collection(
            "customer",
            {"email": lambda row: row["email"], "test_clock": on_clock},
            undo=self.undo,
            positional=True,
            readable=True,
        )
        self.invoices = Collection(
            "invoice",
            {
                "customer": lambda row: row["customer"],
                "status": lambda row: row["status"],
                "customer_status": lambda row: (row["customer"], row["status"]),
                "collection_method": lambda row: row["collection_method"],
                "subscription": objects.subscription_of,
                "test_clock": on_clock,
            },
            undo=self.undo,
            positional=switches["deleted_cursor"] == "positional",
        )
        self.items = Collection(
            "invoiceitem",
            {
                "customer": lambda row: row["customer"],
                "invoice": lambda row: row["invoice"],
                "pending": lambda row: row["invoice"] is None,
                "customer_pending": lambda row: (row["customer"], row["invoice"] is None),
                "test_clock": on_clock,
            },
            undo=self.undo,
            stamp="date",
        )
        self.payment_methods = Collection("payment_method", {"customer": lambda row: row["customer"]}, undo=self.undo)
        self.endpoints = Collection("webhook_endpoint", {}, undo=self.undo)
        self.events = Collection("event", {"type": lambda row: row["type"]}, undo=self.undo)
        self.clocks = Collection(CLOCK, {"status": lambda row: row["status"]}, undo=self.undo)
        billing = (self.customers, self.invoices, self.items, self.payment_methods)
        self.collections = {each.kind: each for each in (*billing, self.endpoints, self.clocks, self.events)}
        self.prices: dict[str, Wire] = Book(self.undo)
        self.implicit: dict[tuple[Any, ...], str] = Book(self.undo)
        """The price that an ad-hoc amount made, by what it was made of: equal ones share it."""
        self.cards: dict[str, str] = Book(self.undo)
        """Which test card stands behind a payment method or a source."""
        self.sequences: dict[str, int] = Book(self.undo)
        """The next invoice number of a customer, where a switch keeps the customer from showing it."""
        self.invoice_facts: dict[str, InvoiceFacts] = Book(self.undo)
        self.endpoint_secrets: dict[str, str] = Book(self.undo)
        """What an endpoint's deliveries are signed with: told once, by the answer that made it."""
        self.happened: list[tuple[str, str]] = []
        """What the commands of this step have done besides changing objects: the event's type, the object's id."""
        self.outbox: dict[tuple[str, str], tuple[int, int]] = {}
        """What is still to be delivered, in the order in which that is to be tried: the event and the endpoint, each
        with how often it failed and the second of the next attempt."""
        self.agenda: dict[str | None, list[tuple[int, str]]] = {}
        """When an invoice is to move on by itself, by the test clock that it stands on: heaps of seconds and ids. What
        became of it meanwhile is looked at when it is its time."""
        self.events_made = 0
        self.listened = False
        """Whether somebody who is no endpoint hears of all events."""

    def __repr__(self) -> str:
        return f"<Ledger {self.mint.account} {len(self.customers)} customers, {len(self.invoices)} invoices>"

    def referred(self, collection: Collection, name: str, param: str) -> Wire:
        """The live object that a parameter names; 400 where there is none."""
        row = collection.live(name)
        if row is None:
            raise Refused(refusals.no_such(collection.kind, name, param))
        return row

    def tell(self, event: str, row: Wire) -> None:
        """That happens to the object: it is told of, unless the step is taken back."""
        kind, name = row["object"], row["id"]
        self.undo.touch(kind, name, self.collections[kind].live(name))
        self.happened.append((event, name))
        self.undo.note(self.happened.pop)

    def hearing(self, event: str) -> list[Wire]:
        """The endpoints that want events of that type, the oldest first."""
        if not self.endpoints:
            return []
        rows = self.endpoints.every(*EVERY)[::-1]
        return [row for row in rows if row["status"] == "enabled" and {"*", event} & set(row["enabled_events"])]

    def time_of(self, row: Wire, named: Mapping[str, Any], at: int) -> int:
        """What time it is for that object, or for whom a request names: that of the test clock that it stands on."""
        customer = self.customers.live(named["customer"]) if "customer" in named else None
        name = named.get("test_clock") or on_clock(row) or on_clock(customer or {})
        clock = self.clocks.live(name) if name else None
        frozen: int = clock["frozen_time"] if clock else at
        return frozen

    def plan(self, invoice: Wire) -> Wire:
        """If it is to move on by itself, that is not forgotten."""
        at = states.moves_on(invoice)
        if at is not None:
            heappush(self.agenda.setdefault(invoice["test_clock"], []), (at, invoice["id"]))
        return invoice

    def planned(self, clock: str | None) -> tuple[int, Wire] | None:
        """Which invoice moves on next on that clock, and in which second."""
        heap = self.agenda.get(clock, [])
        while heap:
            at, name = heap[0]
            invoice = self.invoices.live(name)
            if invoice is not None and states.moves_on(invoice) == at:
                return at, invoice
            heappop(heap)
        return None

    def hidden(self, invoice: str) -> InvoiceFacts:
        return self.invoice_facts[invoice]

    def open_invoice(self, invoice: Wire, at: int) -> Wire:
        """Store a new invoice."""
        self._hide(invoice["id"], InvoiceFacts(self.mint.secret(at)))
        return self.invoices.put(invoice)

    def delete_invoice(self, name: str) -> Wire:
        self.undo.touch(FACTS, name, self.invoice_facts[name])
        del self.invoice_facts[name]
        return self.invoices.delete(name)

    def settle(self, invoice: str, by: str, payment: Wire | None = None) -> None:
        self._hide(invoice, replace(self.invoice_facts[invoice], settled=by, payment=payment))

    def _hide(self, invoice: str, facts: InvoiceFacts) -> None:
        self.undo.touch(FACTS, invoice, self.invoice_facts.get(invoice))
        self.invoice_facts[invoice] = facts

    def set_lines(self, invoice: Wire, lines: tuple[Wire, ...]) -> Wire:
        """Store the lines, and the draft with the sums that follow from them."""
        self._hide(invoice["id"], replace(self.invoice_facts[invoice["id"]], lines=lines))
        total = sum(line["amount"] for line in lines)
        sums = dict.fromkeys(("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"), total)
        due = max(0, total + invoice["starting_balance"])
        return self.invoices.put(merged(invoice, {**sums, "amount_due": due, "amount_remaining": due}))

    def show(self, row: Wire, at: int) -> Wire:
        """An object as it is read in second `at`. Only an invoice differs from what is stored, unless that is how
        somebody else wrote it."""
        if row["object"] != "invoice" or row.get("deleted") or isinstance(row, PreservedObject):
            return row
        return self.show_invoice(row, self.invoice_facts[row["id"]], at)

    def show_invoice(self, row: Wire, hidden: InvoiceFacts, at: int) -> Wire:
        """An invoice with the facts that it had then."""
        lines, has_more = part(hidden.lines, NESTED_LINES, None, None)
        nested = envelope(lines, has_more, f"/v1/invoices/{row['id']}/lines", total_count=len(hidden.lines))
        shown = {**row, "lines": nested}
        if row["status"] != "draft":
            urls = self.mint.urls(row["id"], hidden.secret, at)
            shown["hosted_invoice_url"], shown["invoice_pdf"] = urls
        return shown
