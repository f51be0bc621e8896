"""Editing the lines of a draft. Every line comes from an invoice item, so each edit is made to the item first."""

from collections.abc import Mapping
from typing import Final

from replayer.sandbox.commands import items
from replayer.sandbox.commands.items import PRICED
from replayer.sandbox.ledger.ledger import Ledger
from replayer.sandbox.ledger.objects import combined
from replayer.sandbox.ledger.states import allow
from replayer.sandbox.wire.params import METADATA, NAME, Kind, array, enum, hashed, missing
from replayer.sandbox.wire.refusals import E11, Refused, no_such
from replayer.sandbox.wire.values import Command, Params, Wire, merged

ADD: Final[Mapping[str, Kind]] = {
    "lines": array(hashed({**PRICED, "invoice_item": NAME})),
    "invoice_metadata": METADATA,
}
UPDATE: Final[Mapping[str, Kind]] = {
    "lines": array(hashed({**PRICED, "id": NAME}, "id")),
    "invoice_metadata": METADATA,
}
REMOVE: Final[Mapping[str, Kind]] = {
    "lines": array(hashed({"id": NAME, "behavior": enum("delete", "unassign")}, "id", "behavior")),
    "invoice_metadata": METADATA,
}
UPDATE_ONE: Final[Mapping[str, Kind]] = PRICED


def check(params: Params) -> None:
    """Something must be asked of the lines, and no line may be given its amount twice."""
    if not params["lines"]:
        raise missing("lines")
    for place, line in enumerate(params["lines"]):
        items.exclusive(line, f"lines[{place}][{{}}]")


def add(ledger: Ledger, command: Command) -> Wire:
    """The first one named becomes the newest line. All are built before the first is stored: it is all or none."""
    asked, metadata = _asked(command)
    built = [_item(ledger, command, params, f"lines[{place}][{{}}]") for place, params in enumerate(asked)]
    added = [items.stored(ledger, item) for item in built]
    invoice = items.add_to(ledger, command.subject, added, command.at)
    return ledger.invoices.put(merged(invoice, metadata))


def _item(ledger: Ledger, command: Command, params: Params, place: str) -> Wire:
    """A pending item that the request names, taken up; or a new one."""
    invoice = command.subject
    if "invoice_item" in params:
        name, param = params["invoice_item"], place.format("invoice_item")
        item = ledger.referred(ledger.items, name, param)
        if item["invoice"] is not None or item["customer"] != invoice["customer"]:
            raise Refused(no_such("invoiceitem", name, param))
        return merged(item, {"invoice": invoice["id"]})
    customer = ledger.referred(ledger.customers, invoice["customer"], "customer")
    return items.built(ledger, params, customer, invoice, command.at, place)


def update(ledger: Ledger, command: Command) -> Wire:
    asked, metadata = _asked(command)
    edited: dict[str, Wire] = {}
    for place, params in enumerate(asked):
        line = _line(ledger, command.subject, params["id"], f"lines[{place}][id]")
        name = items.item_of(line)
        edited[name] = _edited(ledger, edited.get(name), line, params, command.at, f"lines[{place}][{{}}]")
    invoice = command.subject
    for item in edited.values():
        invoice = items.rewrite(ledger, invoice, ledger.items.put(item), item["id"])
    return ledger.invoices.put(merged(invoice, metadata))


def update_one(ledger: Ledger, command: Command) -> Wire:
    allow("edit_lines", command.subject)
    line = _line(ledger, command.subject, command.second, "line_item_id", status=404)
    item = ledger.items.put(_edited(ledger, None, line, command.params, command.at, "{}"))
    items.rewrite(ledger, command.subject, item, item["id"])
    return _line(ledger, command.subject, line["id"], "line_item_id")


def remove(ledger: Ledger, command: Command) -> Wire:
    """`delete` deletes the item too, `unassign` makes it pending again."""
    asked, metadata = _asked(command)
    found = [_line(ledger, command.subject, one["id"], f"lines[{n}][id]") for n, one in enumerate(asked)]
    invoice = command.subject
    for line, params in zip(found, asked, strict=True):
        item = ledger.items.live(items.item_of(line))
        if item is None:
            continue  # the request named one line twice
        invoice = items.rewrite(ledger, invoice, None, item["id"])
        if params["behavior"] == "delete":
            ledger.items.delete(item["id"])
        else:
            ledger.items.put(merged(item, {"invoice": None}))
    return ledger.invoices.put(merged(invoice, metadata))


def _asked(command: Command) -> tuple[list[Params], Wire]:
    """What is asked of the lines, and what changes of the invoice itself."""
    asked: list[Params] = command.params["lines"]
    allow("edit_lines", command.subject)
    if "invoice_metadata" not in command.params:
        return asked, {}
    return asked, {"metadata": combined(command.subject["metadata"], command.params["invoice_metadata"])}


def _line(ledger: Ledger, invoice: Wire, name: str, param: str, status: int = 400) -> Wire:
    for line in ledger.hidden(invoice["id"]).lines:
        if line["id"] == name:
            return line
    raise Refused(no_such("line_item", name, param, status))


def _edited(ledger: Ledger, item: Wire | None, line: Wire, params: Params, at: int, place: str) -> Wire:
    """The line's item with the changes, not stored yet. `item` is its state after an earlier edit of this request."""
    item = item or ledger.items.live(items.item_of(line))
    if item is None:
        raise Refused(E11)
    return merged(item, items.changes_of(ledger, params, item, at, place))
