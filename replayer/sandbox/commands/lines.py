"""Editing the lines of a draft. Every line comes from an invoice item, so each edit is made to the item first."""

from typing import Final

from replayer.sandbox.commands import items
from replayer.sandbox.commands.command import Command
from replayer.sandbox.commands.items import PRICED
from replayer.sandbox.ledger import Ledger, objects, states
from replayer.sandbox.wire import Refused, Wire, kinds, refusals

ADD: Final[kinds.ParamTable] = {
    "lines": kinds.array(kinds.hashed({**PRICED, "invoice_item": kinds.NAME})),
    "invoice_metadata": kinds.METADATA,
}
UPDATE: Final[kinds.ParamTable] = {
    "lines": kinds.array(kinds.hashed({**PRICED, "id": kinds.NAME}, "id")),
    "invoice_metadata": kinds.METADATA,
}
REMOVE: Final[kinds.ParamTable] = {
    "lines": kinds.array(
        kinds.hashed({"id": kinds.NAME, "behavior": kinds.enum("delete", "unassign")}, "id", "behavior")
    ),
    "invoice_metadata": kinds.METADATA,
}
UPDATE_ONE: Final[kinds.ParamTable] = PRICED


def check(params: kinds.Params) -> None:
    """Some line must be named, and no line may have its amount twice."""
    if not params["lines"]:
        raise refusals.missing("lines")
    for place, line in enumerate(params["lines"]):
        items.exclusive(line, f"lines[{place}][{{}}]")


def add(ledger: Ledger, command: Command) -> Wire:
    """The first one named becomes the newest line. All are built before the first is stored: it is all or none."""
    edits, metadata = _edits(command)
    built = [_item(ledger, command, params, f"lines[{place}][{{}}]") for place, params in enumerate(edits)]
    added = [items.stored(ledger, item) for item in built]
    invoice = items.add_to(ledger, command.subject, added, command.at)
    return ledger.invoices.put(objects.merged(invoice, metadata))


def _item(ledger: Ledger, command: Command, params: kinds.Params, place: str) -> Wire:
    """A pending item that the request names, taken up; or a new one."""
    invoice = command.subject
    if "invoice_item" in params:
        name, param = params["invoice_item"], place.format("invoice_item")
        item = ledger.referred(ledger.items, name, param)
        if item["invoice"] is not None or item["customer"] != invoice["customer"]:
            raise Refused(refusals.no_such("invoiceitem", name, param))
        return objects.merged(item, {"invoice": invoice["id"]})
    customer = ledger.referred(ledger.customers, invoice["customer"], "customer")
    return items.built(ledger, params, customer, invoice, command.at, place)


def update(ledger: Ledger, command: Command) -> Wire:
    edits, metadata = _edits(command)
    edited: dict[str, Wire] = {}
    for place, params in enumerate(edits):
        line = _line(ledger, command.subject, params["id"], f"lines[{place}][id]")
        name = objects.item_of(line)
        edited[name] = _edited(ledger, edited.get(name), line, params, command.at, f"lines[{place}][{{}}]")
    invoice = command.subject
    for item in edited.values():
        invoice = items.rewrite(ledger, invoice, ledger.items.put(item), item["id"])
    return ledger.invoices.put(objects.merged(invoice, metadata))


def update_one(ledger: Ledger, command: Command) -> Wire:
    states.allow("edit_lines", command.subject)
    line = _line(ledger, command.subject, command.second, "line_item_id", status=404)
    item = ledger.items.put(_edited(ledger, None, line, command.params, command.at, "{}"))
    items.rewrite(ledger, command.subject, item, item["id"])
    return _line(ledger, command.subject, line["id"], "line_item_id")


def remove(ledger: Ledger, command: Command) -> Wire:
    """`delete` deletes the item too, `unassign` makes it pending again."""
    edits, metadata = _edits(command)
    found = [_line(ledger, command.subject, one["id"], f"lines[{n}][id]") for n, one in enumerate(edits)]
    invoice = command.subject
    for line, params in zip(found, edits, strict=True):
        item = ledger.items.live(objects.item_of(line))
        if item is None:
            continue  # the request named one line twice
        invoice = items.rewrite(ledger, invoice, None, item["id"])
        if params["behavior"] == "delete":
            ledger.items.delete(item["id"])
        else:
            ledger.items.put(objects.merged(item, {"invoice": None}))
    return ledger.invoices.put(objects.merged(invoice, metadata))


def _edits(command: Command) -> tuple[list[kinds.Params], Wire]:
    """The edits of the lines, and what changes of the invoice itself."""
    edits: list[kinds.Params] = command.params["lines"]
    states.allow("edit_lines", command.subject)
    if "invoice_metadata" not in command.params:
        return edits, {}
    return edits, {"metadata": objects.combined(command.subject["metadata"], command.params["invoice_metadata"])}


def _line(ledger: Ledger, invoice: Wire, name: str, param: str, status: int = 400) -> Wire:
    for line in ledger.hidden(invoice["id"]).lines:
        if line["id"] == name:
            return line
    raise Refused(refusals.no_such("line_item", name, param, status))


def _edited(ledger: Ledger, item: Wire | None, line: Wire, params: kinds.Params, at: int, place: str) -> Wire:
    """The line's item with the changes, not stored yet. `item` is its state after an earlier edit of this request."""
    item = item or ledger.items.live(objects.item_of(line))
    if item is None:
        raise Refused(refusals.E11)
    return objects.merged(item, items.changes_of(ledger, params, item, at, place))
