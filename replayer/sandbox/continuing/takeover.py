"""Recorded answers as rows of a ledger: each object as it was emitted last, and what of others these need.

Pure but for the ledger. What is only mentioned is sketched from what mentions it: enough to be billed, not to be shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from replayer.sandbox.commands import expanding
from replayer.sandbox.continuing.rows import complete, plain
from replayer.sandbox.ledger import InvoiceFacts, Ledger, objects
from replayer.sandbox.wire import PreservedObject, Wire

SHAPES: Final = {
    "customer": objects.CUSTOMER,
    "invoice": objects.INVOICE,
    "invoiceitem": objects.ITEM,
    "line_item": objects.LINE,
    "payment_method": objects.PAYMENT_METHOD,
}
PAYS: Final = "visa"  # behind a payment method that was only mentioned: nothing says that it is declined
_COPIED: Final = ("address", "email", "name", "phone", "shipping", "tax_exempt")
_SHARED: Final = ("amount", "currency", "description", "discountable", "metadata", "period", "pricing", "quantity")


def objects_emitted(body: bytes) -> Iterator[PreservedObject]:
    """The objects of our kinds in an answer, each before those inside it. An answer that is no JSON tells none."""
    try:
        yield from _objects(PreservedObject.parse(body.decode()))
    except (ValueError, RecursionError):
        return


def _objects(value: Any) -> Iterator[PreservedObject]:
    if isinstance(value, PreservedObject) and value.get("object") in SHAPES and isinstance(value.get("id"), str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(child)


class Adopting:
    """Puts emitted objects into one ledger. `sketched` are the ids of those that were only mentioned so far."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._emitted: set[str] = set()
        self.sketched: set[str] = set()

    def __repr__(self) -> str:
        return f"<Adopting {len(self._emitted)} emitted, {len(self.sketched)} sketched>"

    def answer(self, body: bytes, *, older: bool) -> None:
        """What an answer tells. `older` says that it goes on behind a cursor: what is new in it is older than all else.

        A list is emitted newest first, so that those of one second keep their order.
        """
        emitted = list(objects_emitted(body))
        for one in emitted if older else reversed(emitted):
            if one["object"] != "line_item":
                self._adopt(one, older=older)
        for one in emitted:
            if one["object"] == "line_item":
                self._line(complete(objects.LINE, one))

    def _adopt(self, emitted: PreservedObject, *, older: bool) -> None:
        name, kind = emitted["id"], emitted["object"]
        collection = self._ledger.collections[kind]
        if emitted.get("deleted"):
            self._delete(kind, name)
            return
        row = complete(SHAPES[kind], plain(emitted, expanding.HIDDEN))
        earlier = collection.get(name)
        if not isinstance(_born(row), int):
            raise TypeError(f"{kind} without a birth")  # it would have no place among the others
        self._emitted.add(name)
        self.sketched.discard(name)
        if kind == "invoice" and "payments" in emitted and name in self._ledger.invoice_facts:
            self._paid(name, emitted["payments"].get("data", ()))
        if earlier == row and (isinstance(earlier, PreservedObject) or not isinstance(row, PreservedObject)):
            return
        if earlier is not None and earlier.get("deleted"):
            return
        self._before(kind, row)
        if earlier is not None:
            collection.put_state(row)
        elif older:
            collection.put_older(row)
        else:
            collection.put(row)

    def _delete(self, kind: str, name: str) -> None:
        if self._ledger.collections[kind].live(name) is None:
            return
        if kind == "invoice":
            self._ledger.delete_invoice(name)
        else:
            self._ledger.collections[kind].delete(name)

    def _before(self, kind: str, row: Wire) -> None:
        """What must be there before an object is."""
        if kind == "payment_method":
            self._stand_in(row)
        if kind in ("invoice", "invoiceitem"):
            self._mention(row)
        if kind == "invoice":
            self._hide(row)
        if kind == "customer":
            for method in (row["default_source"], row["invoice_settings"]["default_payment_method"]):
                self._pays(method)
        self._price(row)

    def _price(self, row: Wire) -> None:
        shown = row.get("pricing")
        details = shown.get("price_details") if isinstance(shown, dict) else None
        if details and isinstance(details.get("price"), str):
            self._ledger.prices.setdefault(details["price"], row["pricing"])

    def _pays(self, method: Any) -> None:
        if isinstance(method, str):
            self._ledger.cards.setdefault(method, PAYS)

    # -- payment methods ----------------------------------------------------------------------------------------

    def _stand_in(self, row: Wire) -> None:
        """A card that a played request named in passing was made up under a name of ours: this is its own."""
        made_up = (
            one
            for one in self._ledger.payment_methods.every("customer", row["customer"])
            if one["id"] not in self._emitted and one["card"]["last4"] == (row["card"] or {}).get("last4")
        )
        same = next(made_up, None)
        if same is None or row["customer"] is None:
            self._pays(row["id"])
            return
        self._ledger.cards[row["id"]] = self._ledger.cards[same["id"]]
        self._ledger.payment_methods.delete(same["id"])

    # -- invoices -----------------------------------------------------------------------------------------------

    def _hide(self, invoice: Wire) -> None:
        """What an invoice has and does not show: its lines beyond the first are those that are there already."""
        earlier = self._ledger.invoice_facts.get(invoice["id"])
        lines = tuple(complete(objects.LINE, line) for line in invoice["lines"].get("data", ()))
        if earlier is None:
            earlier = InvoiceFacts(self._ledger.mint.secret(invoice["created"]), settled=_settled(invoice))
        names = {line["id"] for line in lines} | {objects.item_of(line) for line in lines}
        more = [line for line in earlier.lines if not {line["id"], objects.item_of(line)} & names]
        kept = tuple(more) if invoice["lines"].get("has_more") else ()
        settled = earlier.settled or _settled(invoice)
        self._ledger.invoice_facts[invoice["id"]] = InvoiceFacts(earlier.secret, lines + kept, settled, earlier.payment)
        for line in lines:
            self._price(line)
            self._item(invoice, line)
        self._pays(invoice["default_payment_method"] or invoice["default_source"])

    def _paid(self, name: str, payments: Sequence[Wire]) -> None:
        """What an answer holds of a payment is what it is called; how it was requested stays what it was."""
        hidden = self._ledger.invoice_facts[name]
        for one in payments:
            shown = {"id": one["id"], "intent": one["payment"]["payment_intent"], "at": one["created"]}
            payment = {"asked": {}, **(hidden.payment or {}), **shown}
            self._ledger.invoice_facts[name] = replace(hidden, settled="card", payment=payment)

    def _line(self, line: Wire) -> None:
        """A line from an invoice's list of them. What an answer shows inside an invoice is there already."""
        invoice = self._ledger.invoices.live(str(line["invoice"]))
        if invoice is None:
            return
        hidden = self._ledger.invoice_facts[invoice["id"]]
        places = {
            name: place for place, one in enumerate(hidden.lines) for name in (one["id"], objects.item_of(one)) if name
        }
        place = places.get(line["id"], places.get(objects.item_of(line), len(hidden.lines)))
        lines = (*hidden.lines[:place], line, *hidden.lines[place + 1 :])
        self._ledger.invoice_facts[invoice["id"]] = replace(hidden, lines=lines)
        self._item(invoice, line)

    def _item(self, invoice: Wire, line: Wire) -> None:
        """The item behind a line stands on its invoice; one that was never emitted itself is made of its line."""
        name = objects.item_of(line)
        item = self._ledger.items.live(name) if name else None
        if item is not None and item["invoice"] != invoice["id"]:
            self._ledger.items.put_state(objects.merged(item, {"invoice": invoice["id"]}))
        if item is None and name and self._ledger.items.get(name) is None:
            shared = {field: line[field] for field in _SHARED}
            own = {"id": name, "customer": invoice["customer"], "invoice": invoice["id"], "date": line["period"]["end"]}
            self._ledger.items.put(
                objects.merged(objects.ITEM, {**shared, **own, "quantity_decimal": str(line["quantity"])})
            )
            self.sketched.add(name)

    # -- customers ----------------------------------------------------------------------------------------------

    def _mention(self, row: Wire) -> None:
        """The customer of an invoice or an item; sketched by what an invoice copies of it, if no answer holds it."""
        name = row["customer"]
        if not isinstance(name, str) or self._ledger.customers.get(name) is not None:
            self._count(row)
            return
        copied = {one: row[f"customer_{one}"] for one in _COPIED if f"customer_{one}" in row}
        prefix = {"invoice_prefix": self._ledger.mint.invoice_prefix(name)}
        made = objects.merged(
            objects.CUSTOMER, {**copied, **prefix, "id": name, "created": _born(row), "currency": row["currency"]}
        )
        self._ledger.customers.put(made)
        self.sketched.add(name)
        self._count(row)

    def _count(self, row: Wire) -> None:
        """The next invoice has the next number, whoever gave out the last one."""
        customer = self._ledger.customers.live(str(row["customer"]))
        prefix, _, number = str(row.get("number")).rpartition("-")
        if customer is None or not number.isdecimal():
            return
        sketched = customer["id"] in self.sketched
        if sketched:
            customer = objects.merged(customer, {"invoice_prefix": prefix})
        if prefix != customer["invoice_prefix"] or int(number) < customer["next_invoice_sequence"]:
            return
        self._ledger.customers.put_state(objects.merged(customer, {"next_invoice_sequence": int(number) + 1}))


def _born(row: Wire) -> Any:
    """The second in which an object was made; of an item, that of its date."""
    return row.get("created", row.get("date"))


def _settled(invoice: Wire) -> str | None:
    """What paid an invoice, as far as it shows that."""
    if invoice["status"] != "paid":
        return None
    if invoice["attempt_count"]:
        return "card"
    return "nothing" if invoice["attempted"] else "out_of_band"
