"""Which event is still to be delivered to whom, and when. Nothing is sent here.

A delivery that is not taken is tried again three times, as the API does for what is no live account: over a few hours.
Then it stays undelivered. An endpoint that is disabled or gone meanwhile gets nothing any more.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from replayer.sandbox.ledger import Ledger, objects
from replayer.sandbox.wire import Wire, encode

RETRIES: Final = (300, 3_600, 10_800)  # seconds behind each failure; the API tells only that they are three
LISTENER: Final = "listener"  # in place of an endpoint's id: who hears of everything, and is counted nowhere
CREATED: Final = "invoice.created"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears of all events without being an endpoint of the account, as a command that forwards them does."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One delivery, ready to be signed and sent."""

    event: str
    endpoint: str
    type: str
    url: str
    secret: str
    body: bytes
    attempt: int


def address(ledger: Ledger, event: Wire, endpoints: Iterable[Wire], at: int) -> None:
    """That event is to be delivered to these, and to who listens to everything."""
    listener = [LISTENER] if ledger.listened else []
    for name in (*(endpoint["id"] for endpoint in endpoints), *listener):
        ledger.outbox[event["id"], name] = (0, at)


def due(ledger: Ledger, at: int, listener: Listener | None = None, account: str | None = None) -> Iterator[Posting]:
    """What is to be sent by that second, in this order. `account` is named in it where it is a connected one."""
    for (name, endpoint), (attempt, when) in list(ledger.outbox.items()):
        if when > at:
            continue
        event, whom = ledger.events.get(name), _whom(ledger, endpoint, listener)
        if event is None or whom is None:
            del ledger.outbox[name, endpoint]
            continue
        body = encode.body(_delivered(event, ledger.endpoints.live(endpoint), account))
        yield Posting(name, endpoint, event["type"], whom.url, whom.secret, body, attempt)


def shuffled(postings: Iterable[Posting]) -> list[Posting]:
    """In an order that is none, and is the same for the same ids."""
    return sorted(postings, key=lambda one: hashlib.sha256(f"{one.event} {one.endpoint}".encode()).digest())


def answered(ledger: Ledger, event: str, endpoint: str, at: int, *, taken: bool) -> None:
    """How a delivery went that was tried in that second."""
    attempt, _ = ledger.outbox.pop((event, endpoint), (len(RETRIES), at))
    if not taken:
        if attempt < len(RETRIES):
            ledger.outbox[event, endpoint] = (attempt + 1, at + RETRIES[attempt])
        return
    row = ledger.events.get(event)
    if row is None or endpoint == LISTENER:
        return
    pending = max(0, row["pending_webhooks"] - 1)
    ledger.events.put_state(objects.merged(row, {"pending_webhooks": pending}))
    if row["type"] == CREATED and pending == 0:
        _all_know(ledger, row["data"]["object"]["id"], at)


def _all_know(ledger: Ledger, name: str, at: int) -> None:
    """An invoice tells when its own creation was delivered. No event tells of that."""
    invoice = ledger.invoices.live(name)
    if invoice is not None and invoice["webhooks_delivered_at"] is None:
        ledger.plan(ledger.invoices.put_state(objects.merged(invoice, {"webhooks_delivered_at": at})))


def _whom(ledger: Ledger, endpoint: str, listener: Listener | None) -> Listener | None:
    if endpoint == LISTENER:
        return listener
    row = ledger.endpoints.live(endpoint)
    enabled = row is not None and row["status"] == "enabled"
    return Listener(row["url"], ledger.endpoint_secrets[endpoint]) if row and enabled else None


def _delivered(event: Wire, endpoint: Wire | None, account: str | None) -> Wire:
    """As it is sent: who gets it has not taken it yet, and may have asked for another version."""
    listener = 1 if endpoint is None else 0
    version = endpoint and endpoint["api_version"]
    changes = {"pending_webhooks": max(1, event["pending_webhooks"] + listener)}
    sent = objects.merged(event, {**changes, "api_version": version or event["api_version"]})
    return sent if account is None else _of_account(sent, account)


def _of_account(sent: Wire, account: str) -> Wire:
    head: Sequence[str] = ("id", "object")
    rest = {name: value for name, value in sent.items() if name not in head}
    return {**{name: sent[name] for name in head}, "account": account, **rest}
