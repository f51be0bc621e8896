"""The invoice API as it goes on where a recorded session ends. It makes no connection and asks no clock.

    what was played  -- each write done again, each answer taken over -->  the ledger  -->  what was missed

A write that was recorded is done again with the ids of its answer, for what an answer does not show: which card was
named, which item stands on which draft, which key was used. What the answer does show is then taken from it.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_plus

from replayer.core.matching import canonical
from replayer.core.message import Request, Response, wire
from replayer.sandbox.api import CHANGING, Account, InvoiceApi, account_of
from replayer.sandbox.commands import route
from replayer.sandbox.continuing.names import NameSource, named, namer
from replayer.sandbox.continuing.takeover import Adopting
from replayer.sandbox.ledger import ids, objects
from replayer.sandbox.wire import Wire, encode

KEY: Final = ("Authorization", "Bearer sk_test_continued")  # who asks is not asked: the recording answers anybody, too
REPLAYED: Final = "idempotent-replayed"
ACCOUNT: Final = re.compile(rb"\bacct_[0-9A-Za-z]{16}\b")
WORD: Final = re.compile(r"\w{8,}")
HISTORY: Final = "/v1/events"  # what a recording tells of it is another list: those of its own events
COLLECTIONS: Final = {
    "customer": "/v1/customers",
    "invoice": "/v1/invoices",
    "invoiceitem": "/v1/invoiceitems",
    "payment_method": "/v1/payment_methods",
    "test_helpers.test_clock": "/v1/test_helpers/test_clocks",
    "webhook_endpoint": "/v1/webhook_endpoints",
}
# What an object that is not what we took it for can lead to, in a recording of whatever API stood there.
FOREIGN: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError)


class Continued(InvoiceApi):
    """One session's API. `account` is the id of the own account, where an answer holds it."""

    def __init__(self, account: str | None, at: int) -> None:
        self._origin = NameSource()
        self._own_name = account
        self._adopting: dict[int, Adopting] = {}
        self._changed: list[Wire] = []
        self._events: list[Wire] = []  # of the request that is being answered
        self._occurred: list[Wire] = []  # of those that were, and nobody has asked for yet
        self._claimed: set[str] = set()
        self._made_up: dict[str, frozenset[str]] = {}  # by what no answer has held yet, the customers whose it is
        super().__init__(random.Random(0), at)  # noqa: S311 - it is asked for nothing that anybody sees

    # -- names --------------------------------------------------------------------------------------------------

    def request_id(self) -> str:
        return named("req", 14, f"request\0{self._origin.text}")

    def mint(self, at: int, name: str | None = None) -> ids.Mint:  # noqa: ARG002 - a name tells nothing of the hour
        return namer(self._origin, name or self._own_name)

    def open(self, mint: ids.Mint) -> Account:
        account = super().open(mint)
        for kind in COLLECTIONS:
            account.ledger.collections[kind].watch = self._changed.append
        account.ledger.events.watch = self._events.append
        return account

    def pass_time(self, at: int) -> None:
        """What comes by itself was recorded, or is not known of."""

    # -- following ----------------------------------------------------------------------------------------------

    def follow(self, request: Request, response: Response, at: int, origin: str) -> None:
        """A recorded write, or read, was played. What of it cannot be understood is as if it had not been."""
        emitted = response.ids
        self._origin.begin(origin, emitted)
        self.version = wire.header(response.headers, "Stripe-Version") or self.version
        try:
            if request.method != "GET" and response.status in CHANGING:
                self.answer(_with_test_key(request), at)
            self._adopt(request, response.body)
        except FOREIGN:
            self._take_back()
        self._origin.used.update(emitted)
        owners = frozenset(map(_owner, self._changed))
        self._made_up |= dict.fromkeys(self._origin.made, owners)
        self._changed.clear()
        self._events.clear()  # what was recorded has told of its own

    def _take_back(self) -> None:
        """What was half done is not done."""
        for account in (self.own, *self.connected.values()):
            account.ledger.undo.back()
        self._changed.clear()

    def _adopt(self, request: Request, body: bytes) -> None:
        account = self._account_of(request, 0)
        self._adopting_of(account).answer(body, older="starting_after=" in request.query)
        account.ledger.undo.settle()

    def _account_of(self, request: Request, at: int) -> Account:
        """The account that a request is about; one that nobody named before is there from now on."""
        name = account_of(request)
        account = self._account(name, at)
        return account if account is self.own else self.connected.setdefault(str(name), account)

    def _adopting_of(self, account: Account) -> Adopting:
        return self._adopting.setdefault(id(account.ledger), Adopting(account.ledger))

    # -- going on -----------------------------------------------------------------------------------------------

    def go_on(self, request: Request, at: int, origin: str) -> tuple[Response, frozenset[str]] | None:
        """The answer to what was missed, and what it changed: ids and collections. None where it would have to be
        made up: the sandbox knows no such operation, or the session has not seen all that it shows."""
        self._origin.begin(origin)
        account = self._account_of(request, at)
        sketched = self._adopting_of(account).sketched
        if route(request.method, request.path) is None or request.path == HISTORY or _names(request, sketched):
            return None
        try:
            response = self.answer(_with_test_key(request), at)
        except FOREIGN:
            self._take_back()
            return None
        changed = list(self._changed)
        self._changed.clear()
        if not sketched.isdisjoint(response.objects):
            return None
        self._occurred += self._events
        touched_history = {HISTORY} if self._events else set()
        self._events.clear()
        changes = response.status in CHANGING and wire.header(response.headers, REPLAYED) is None
        touched = self._touched(account, changed if changes else [], self._first_emitted(response.body))
        return response, touched | touched_history

    def take_events(self) -> tuple[bytes, ...]:
        """What the answered writes have caused since this was asked last: each event as it is delivered."""
        taken = tuple(encode.body(objects.merged(event, {"pending_webhooks": 1})) for event in self._occurred)
        self._occurred.clear()
        return taken

    def _first_emitted(self, body: bytes) -> set[str]:
        """Whose made-up names an answer holds: what the recording will call these is another name."""
        emitted = self._made_up.keys() & set(WORD.findall(body.decode()))
        return {owner for name in emitted for owner in self._made_up.pop(name)}

    def _touched(self, account: Account, changed: list[Wire], named: set[str]) -> frozenset[str]:
        """All that belongs to the customers of what was changed or named: of these the recording tells nothing more."""
        touched = {COLLECTIONS[row["object"]] for row in changed} | set(COLLECTIONS.values() if named else ())
        for row in changed:
            touched |= {row["id"], *canonical.ids_in(row.get("parent"))}
        for customer in (named | set(map(_owner, changed))) - self._claimed - {""}:
            self._claimed.add(customer)
            touched |= {customer, *self._belongings(account, customer)}
        return frozenset(touched)

    def _belongings(self, account: Account, customer: str) -> set[str]:
        ledger = account.ledger
        owning = (ledger.invoices, ledger.items, ledger.payment_methods)
        return {row["id"] for collection in owning for row in collection.every("customer", customer)}


def _owner(row: Wire) -> str:
    """The customer that an object belongs to; empty where it is nobody's."""
    return str(row["id"] if row["object"] == "customer" else row.get("customer") or "")


def _with_test_key(request: Request) -> Request:
    """The request as somebody with a test key sends it."""
    headers = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
    return replace(request, headers=(KEY, *headers))


def _names(request: Request, sketched: set[str]) -> bool:
    """Whether the request is about an object of which too little is known; or is a write that may expand one, and that
    could not be taken back when it shows."""
    if not sketched:
        return False
    expands = request.method != "GET" and "expand[" in unquote_plus(request.body.decode("latin-1"))
    return expands or not sketched.isdisjoint(request.path.split("/"))


def account_in(bodies: Iterable[bytes]) -> str | None:
    """The own account as answers hold it, None where none does."""
    names = (match.group().decode() for body in bodies if (match := ACCOUNT.search(body)))
    return next(names, None)
