"""All that a sandbox holds as one JSON value, and back. Pure: where it is kept is another file's business."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

from replayer.sandbox.api import Account, InvoiceApi
from replayer.sandbox.ledger import InvoiceFacts, idempotency, ids

FORM: Final = 1  # of the state; a file of another form is not read


def dump(api: InvoiceApi) -> dict[str, Any]:
    connected = {name: dump_account(account) for name, account in api.connected.items()}
    counted = {"writes": api.writes, "unasked": api.unasked, "advanced": api.advanced}
    return {"replayer_sandbox": FORM, **counted, "account": dump_account(api.own), "connected": connected}


def dump_account(account: Account) -> dict[str, Any]:
    """Whatever it can be asked for later. Only references: the parts are never changed in place."""
    ledger = account.ledger
    return {
        "id": ledger.mint.account,
        "fragment": ledger.mint.fragment,
        "objects": {kind: collection.dump() for kind, collection in ledger.collections.items()},
        "invoice_facts": dict(ledger.invoice_facts),
        "prices": dict(ledger.prices),
        "implicit_prices": [[str(unit), *rest, price] for (unit, *rest), price in ledger.implicit.items()],
        "cards": dict(ledger.cards),
        "sequences": dict(ledger.sequences),
        "endpoint_secrets": dict(ledger.endpoint_secrets),
        "events_made": ledger.events_made,
        "outbox": [[*what, *when] for what, when in ledger.outbox.items()],
        "keys": account.keys.dump(),
    }


def plain(value: Any) -> Any:
    """How JSON writes those values that are none of its own."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, InvoiceFacts | idempotency.Kept):
        return asdict(value)
    raise TypeError(f"{value!r} is not kept")


def load(api: InvoiceApi, state: Mapping[str, Any]) -> None:
    """What `dump` gave, into a new API. Anything else is a KeyError, a TypeError or a ValueError."""
    if state["replayer_sandbox"] != FORM:
        raise ValueError(f"form {state['replayer_sandbox']!r}")
    api.writes, api.unasked = int(state["writes"]), int(state.get("unasked", 0))
    api.advanced = int(state.get("advanced", 0))
    api.own = _account(api, state["account"])
    api.connected = {name: _account(api, account) for name, account in state["connected"].items()}


def _account(api: InvoiceApi, state: Mapping[str, Any]) -> Account:
    account = api.open(ids.Mint(state["id"], state["fragment"], api.chance))
    ledger = account.ledger
    for kind, rows in state["objects"].items():
        ledger.collections[kind].load(rows)
    for *_, row in ledger.invoices.dump():
        if row is not None:
            ledger.plan(row)
    for name, facts in state["invoice_facts"].items():
        ledger.invoice_facts[name] = InvoiceFacts(**{**facts, "lines": tuple(facts["lines"])})
    ledger.prices.update(state["prices"])
    for unit, *rest, price in state["implicit_prices"]:
        ledger.implicit[(Decimal(unit), *rest)] = price
    ledger.cards.update(state["cards"])
    ledger.sequences.update(state["sequences"])
    ledger.endpoint_secrets.update(state.get("endpoint_secrets", {}))  # older files hold nothing that was told
    ledger.events_made = int(state.get("events_made", 0))
    ledger.outbox = {(event, whom): (attempt, at) for event, whom, attempt, at in state.get("outbox", ())}
    account.keys.load({key: _kept(**kept) for key, kept in state["keys"].items()})
    ledger.undo.settle()
    return account


def _kept(answer: Mapping[str, Any], **rest: Any) -> idempotency.Kept:
    return idempotency.Kept(answer=idempotency.ApiAnswer(**{**answer, "body": answer["body"].encode()}), **rest)
