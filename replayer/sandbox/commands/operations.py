"""The operations of the API as a table: which method and path is which command, with which parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote

from replayer.sandbox.commands import (
    cards,
    clocks,
    collecting,
    customers,
    endpoints,
    history,
    invoices,
    items,
    lines,
    searching,
)
from replayer.sandbox.commands.command import Command
from replayer.sandbox.ledger import Ledger
from replayer.sandbox.wire import Wire, kinds

Run: TypeAlias = Callable[[Ledger, Command], Wire]
ParamsRule: TypeAlias = Callable[[kinds.Params], None]


@dataclass(frozen=True, slots=True)
class Operation:
    """`kind` is what it answers with or lists; `owner` the kind of the path's id, `param` its name in a 404."""

    run: Run
    kind: str
    params: kinds.ParamTable
    required: tuple[str, ...] = ()
    owner: str | None = None
    param: str = "id"
    lists: bool = False
    counted: bool = False
    expands: bool = True
    rule: ParamsRule | None = None
    """What the parameters must keep among themselves, whatever they speak of."""
    make: Callable[[Ledger, str, int], Wire | None] | None = None
    """What the path's name stands for where it is no id that there is: made at that second, or None."""


@dataclass(frozen=True, slots=True)
class Route:
    """An operation with the ids of its path."""

    operation: Operation
    first: str = ""
    second: str = ""


NONE: Final[kinds.ParamTable] = {}
CLOCKS, CLOCK = "/v1/test_helpers/test_clocks", "test_helpers.test_clock"


def _retrieve(_: Ledger, command: Command) -> Wire:
    return command.subject


def _one(kind: str, param: str = "id") -> Operation:
    return Operation(_retrieve, kind, NONE, owner=kind, param=param)


def _delete(run: Run, kind: str, param: str = "id") -> Operation:
    return Operation(run, kind, NONE, owner=kind, param=param, expands=False)


def _act(run: Run, params: kinds.ParamTable, param: str = "id", rule: ParamsRule | None = None) -> Operation:
    return Operation(run, "invoice", params, owner="invoice", param=param, rule=rule)


def _edit(run: Run, params: kinds.ParamTable) -> Operation:
    return Operation(run, "invoice", params, ("lines",), owner="invoice", param="invoice", rule=lines.check)


OPERATIONS: Final[Mapping[str, Operation]] = {
    "GET /v1/customers": Operation(customers.listed, "customer", customers.LIST, lists=True),
    "POST /v1/customers": Operation(customers.create, "customer", customers.CREATE),
    "GET /v1/customers/{}": _one("customer"),
    "POST /v1/customers/{}": Operation(customers.update, "customer", customers.UPDATE, owner="customer"),
    "DELETE /v1/customers/{}": _delete(customers.delete, "customer"),
    "GET /v1/invoiceitems": Operation(items.listed, "invoiceitem", items.LIST, lists=True),
    "POST /v1/invoiceitems": Operation(items.create, "invoiceitem", items.CREATE, ("customer",), rule=items.exclusive),
    "GET /v1/invoiceitems/{}": _one("invoiceitem"),
    "POST /v1/invoiceitems/{}": Operation(
        items.update, "invoiceitem", items.UPDATE, owner="invoiceitem", rule=items.exclusive
    ),
    "DELETE /v1/invoiceitems/{}": _delete(items.delete, "invoiceitem"),
    "GET /v1/invoices": Operation(invoices.listed, "invoice", invoices.LIST, lists=True),
    "POST /v1/invoices": Operation(
        invoices.create, "invoice", invoices.CREATE, ("customer",), rule=invoices.check_create
    ),
    "GET /v1/invoices/search": Operation(
        searching.search, "invoice", searching.SEARCH, ("query",), lists=True, counted=True
    ),
    "GET /v1/invoices/{}": _one("invoice", "invoice"),
    "POST /v1/invoices/{}": _act(invoices.update, invoices.UPDATE, rule=invoices.check_update),
    "DELETE /v1/invoices/{}": _delete(invoices.delete, "invoice", "invoice"),
    "POST /v1/invoices/{}/finalize": _act(collecting.finalize, collecting.FINALIZE),
    "POST /v1/invoices/{}/pay": _act(collecting.pay, collecting.PAY, rule=collecting.check_pay),
    "POST /v1/invoices/{}/void": _act(collecting.void, NONE),
    "POST /v1/invoices/{}/mark_uncollectible": _act(collecting.mark_uncollectible, NONE),
    "POST /v1/invoices/{}/send": _act(collecting.send, NONE, "invoice"),
    "GET /v1/invoices/{}/lines": Operation(
        invoices.lines, "line_item", invoices.LINES, owner="invoice", param="invoice", lists=True
    ),
    "POST /v1/invoices/{}/add_lines": _edit(lines.add, lines.ADD),
    "POST /v1/invoices/{}/update_lines": _edit(lines.update, lines.UPDATE),
    "POST /v1/invoices/{}/remove_lines": _edit(lines.remove, lines.REMOVE),
    "POST /v1/invoices/{}/lines/{}": Operation(
        lines.update_one, "line_item", lines.UPDATE_ONE, owner="invoice", param="invoice", rule=items.exclusive
    ),
    "GET /v1/payment_methods": Operation(cards.listed, "payment_method", cards.LIST, lists=True),
    "POST /v1/payment_methods": Operation(cards.create, "payment_method", cards.CREATE, ("type",)),
    "GET /v1/payment_methods/{}": _one("payment_method"),
    "POST /v1/payment_methods/{}/attach": Operation(
        cards.attach, "payment_method", cards.ATTACH, ("customer",), owner="payment_method", make=cards.test_card
    ),
    "GET /v1/events": Operation(history.listed, "event", history.LIST, lists=True, rule=history.check),
    "GET /v1/events/{}": _one("event"),
    f"GET {CLOCKS}": Operation(clocks.listed, CLOCK, clocks.LIST, lists=True),
    f"POST {CLOCKS}": Operation(clocks.create, CLOCK, clocks.CREATE, ("frozen_time",)),
    f"GET {CLOCKS}/{{}}": _one(CLOCK, "test_clock"),
    f"DELETE {CLOCKS}/{{}}": _delete(clocks.delete, CLOCK, "test_clock"),
    f"POST {CLOCKS}/{{}}/advance": Operation(
        clocks.advance, CLOCK, clocks.ADVANCE, ("frozen_time",), owner=CLOCK, param="test_clock"
    ),
    "GET /v1/webhook_endpoints": Operation(endpoints.listed, "webhook_endpoint", endpoints.LIST, lists=True),
    "POST /v1/webhook_endpoints": Operation(
        endpoints.create, "webhook_endpoint", endpoints.CREATE, ("enabled_events", "url")
    ),
    "GET /v1/webhook_endpoints/{}": _one("webhook_endpoint", "webhook_endpoint"),
    "POST /v1/webhook_endpoints/{}": Operation(
        endpoints.update, "webhook_endpoint", endpoints.UPDATE, owner="webhook_endpoint", param="webhook_endpoint"
    ),
    "DELETE /v1/webhook_endpoints/{}": _delete(endpoints.delete, "webhook_endpoint", "webhook_endpoint"),
}


# Names that could be taken for ids, but are operations that the sandbox does not have.
_NOT_HERE: Final = frozenset({"/v1/invoices/upcoming", "/v1/invoices/create_preview"})


def route(method: str, path: str) -> Route | None:
    """Plain paths come before ids, so that `search` is not an invoice. Any segment may be an id."""
    operation = OPERATIONS.get(f"{method} {path}")
    if operation is not None:
        return Route(operation)
    segments = path.split("/")
    if path in _NOT_HERE or len(segments) not in (4, 5, 6) or not all(segments[1:]):
        return None
    places = (4,) if path.startswith(f"{CLOCKS}/") else (3, 5)
    names = tuple(unquote(segments[place]) for place in places if place < len(segments))
    pattern = "/".join("{}" if place in places else segment for place, segment in enumerate(segments))
    operation = OPERATIONS.get(f"{method} {pattern}")
    return None if operation is None else Route(operation, *names)
