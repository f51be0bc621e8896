"""One request in, one response out. Time is passed in, chance was given at birth, and nothing here waits.

    key -> version -> route -> form -> idempotency -> parameters -> object of the path -> command -> body

Each step may refuse; the first refusal is the answer.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from replayer.core.message import Request, Response, wire
from replayer.sandbox import events, passing
from replayer.sandbox.commands import Command, Operation, Route, expanding, route
from replayer.sandbox.ledger import Ledger, idempotency, ids, switches
from replayer.sandbox.wire import Refused, Wire, credentials, encode, form, kinds, refusals

VERSION: Final = "2026-08-26.dahlia"  # the newest shape that recordings show, and so the one of the sandbox
CHANGING: Final = (200, 402)  # a declined payment changes the invoice too
CARD_ERROR: Final = "card_error"
_VERSION: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(\.[a-z]+)?")
_FORM: Final = ("", "application/x-www-form-urlencoded")
TOO_LARGE: Final = refusals.Refusal("Invalid request: the body is larger than the sandbox accepts (1 MiB).", 413)

UNREADABLE: Final = refusals.Refusal("Invalid request: this is no HTTP that the sandbox can read.")


@dataclass(frozen=True, slots=True)
class Account:
    """What one account has: its objects, and the idempotency keys that were used with it."""

    ledger: Ledger
    keys: idempotency.Keys

    def __bool__(self) -> bool:
        """Whether anything is stored in it."""
        return any(self.ledger.collections.values()) or len(self.keys) > 0


@dataclass(frozen=True, slots=True)
class _Call:
    """One authenticated request."""

    request: Request
    account: Account
    id: str
    at: int
    policy: tuple[str, str]
    version: str
    busy: bool = False

    def header(self, name: str) -> str | None:
        return self.request.header(name) or None

    @property
    def key(self) -> str | None:
        """Only a POST is idempotent by its key."""
        return self.header("Idempotency-Key") if self.request.method == "POST" else None

    def error(self, refusal: refusals.Refusal) -> idempotency.ApiAnswer:
        log = f"https://dashboard.stripe.com/{self.account.ledger.mint.account}/test/workbench/logs?object={self.id}"
        worded = switches.worded(refusal, self.account.ledger.switches)
        return idempotency.ApiAnswer(worded.status, encode.error_body(refusals.envelope(worded, log)), self.id)


class InvoiceApi:
    """The invoice API of one sandbox. Every connected account that a client names has objects of its own.

    `writes` counts the requests that changed something, `unasked` what changed by itself: what the time brought, and
    webhooks that were sent; `advanced` is by how many seconds somebody has moved its clock. `listener` hears of all
    events of all accounts.
    """

    def __init__(
        self,
        chance: random.Random,
        at: int,
        switches: switches.Switches = switches.DEFAULTS,
        listener: events.Listener | None = None,
    ) -> None:
        self.writes = 0
        self.unasked = 0
        self.advanced = 0
        self._listener = listener
        self.switches = switches
        self.chance = chance
        self._request_chance = ids.apart(
            chance
        )  # request ids: what is only read must not change the ids that are made later
        self._policy = ("Content-Security-Policy", encode.POLICY.format("".join(chance.choices(ids.ALPHABET, k=86))))
        self.version = VERSION
        self.own = self.open(self.mint(at))
        self.connected: dict[str, Account] = {}

    def __repr__(self) -> str:
        return f"<InvoiceApi {self.own.ledger!r}>"

    @property
    def ledger(self) -> Ledger:
        return self.own.ledger

    def answer(self, request: Request, at: int, *, busy: bool = False) -> Response:
        """`busy` tells that an earlier request under the same idempotency key is still running."""
        refusal = credentials.unauthorised(wire.header(request.headers, "Authorization"))
        if refusal is not None:
            return encode.response(
                401, encode.error_body(refusals.envelope(refusal, None)), at, (self._policy, encode.CHALLENGE)
            )
        name = account_of(request)
        self.pass_time(at)
        account = self._account(name, at)
        call = _Call(request, account, self.request_id(), at, self._policy, self.version, busy)
        try:
            answer = _answer(call)
        except Refused as refused:
            answer = call.error(refused.refusal)
        if name and account is not self.own and account:
            self.connected.setdefault(name, account)
        self.writes += request.method != "GET" and answer.status in CHANGING and not answer.replayed
        return _response(call, answer)

    def refuse(self, request: Request, refusal: refusals.Refusal, at: int) -> Response:
        """An answer to what could not be read as a request."""
        call = _Call(request, self.own, self.request_id(), at, self._policy, self.version)
        return _response(call, call.error(refusal))

    def _account(self, name: str | None, at: int) -> Account:
        """An account that nobody named before is kept only when something was stored in it."""
        if not name or name == self.ledger.mint.account:
            return self.own
        return self.connected.get(name) or self.open(self.mint(at, name))

    def request_id(self) -> str:
        return ids.request_id(self._request_chance)

    def mint(self, at: int, name: str | None = None) -> ids.Mint:
        """What makes the ids of a new account, or of one that a client named."""
        return ids.mint_account(at, self.chance, name)

    def open(self, mint: ids.Mint) -> Account:
        ledger = Ledger(mint, self.switches)
        ledger.listened = self._listener is not None
        return Account(ledger, idempotency.Keys())

    def due(self, at: int) -> list[events.Posting]:
        """The webhooks that are to be sent by that second, in this order."""
        own = events.due(self.own.ledger, at, self._listener)
        found = [*own, *(each for name, one in self.connected.items() for each in self._due(name, one, at))]
        return events.shuffled(found) if self.switches["event_order"] == "shuffled" else found

    def _due(self, name: str, account: Account, at: int) -> Iterator[events.Posting]:
        return events.due(account.ledger, at, self._listener, name)

    def next_due(self) -> int | None:
        """The second in which a webhook is to be sent next; None where none is."""
        boxes = (account.ledger.outbox for account in self._accounts)
        return min((at for box in boxes for _, at in box.values()), default=None)

    def pass_time(self, at: int) -> None:
        """It is that second: what was to come by itself comes first."""
        for account in self._accounts:
            self.unasked += passing.pass_time(account.ledger, self.version, at)

    def next_step(self) -> int | None:
        """The second in which something comes by itself next; None where nothing does."""
        planned = (account.ledger.planned(None) for account in self._accounts)
        return min((found[0] for found in planned if found is not None), default=None)

    @property
    def _accounts(self) -> tuple[Account, ...]:
        return self.own, *self.connected.values()

    def delivered(self, posting: events.Posting, at: int, *, taken: bool) -> None:
        """How a webhook went that was sent in that second."""
        self.unasked += 1
        for account in self._accounts:
            events.answered(account.ledger, posting.event, posting.endpoint, at, taken=taken)


def account_of(request: Request) -> str | None:
    """The connected account that a request names."""
    return wire.header(request.headers, "Stripe-Account") or wire.header(request.headers, "Stripe-Context")


def _answer(call: _Call) -> idempotency.ApiAnswer:
    request, keys = call.request, call.account.keys
    _check_version(call.header("Stripe-Version"))
    found = route(request.method, request.path)
    if found is None:
        raise Refused(refusals.unknown_url(request.method, request.path))
    tree = _tree(call)
    if call.key and call.busy:
        raise Refused(idempotency.in_use(call.key))
    earlier = call.key and keys.find(call.key, request.path, tree, call.at)
    if earlier:
        return replace(earlier, replayed=True)
    answer, executed = _performed(call, found, tree)
    if call.key and executed:
        keys.keep(call.key, request.path, tree, answer, call.at)
    return answer


def _check_version(version: str | None) -> None:
    found = _VERSION.fullmatch(version or VERSION)
    try:
        date.fromisoformat(found[1] if found else "")
    except ValueError:
        raise Refused(refusals.Refusal(f"Invalid Stripe API version: {version}", logged=False)) from None


def _tree(call: _Call) -> dict[str, form.Tree]:
    content_type = (call.header("Content-Type") or "").partition(";")[0].strip().lower()
    if call.request.body and content_type not in _FORM:
        raise Refused(refusals.NOT_A_FORM)
    return form.decode(call.request.query.encode(), call.request.body)


def _performed(call: _Call, found: Route, tree: dict[str, form.Tree]) -> tuple[idempotency.ApiAnswer, bool]:
    """The answer, and whether it is kept: a refused parameter is forgotten, so that its key can be used again."""
    command, shape = _command(call, found, tree)
    undo = call.account.ledger.undo
    undo.back()  # nothing, unless an earlier request ended in a mistake of ours
    try:
        shown = _run(call, found, command)
    except Refused as refused:
        refusal = refused.refusal
        if refusal.type != CARD_ERROR:  # a declined attempt is counted; all else that is refused changes nothing
            undo.back()
        _told(call)
        return call.error(refusal), not (refusal.code or "").startswith("parameter_")
    _told(call)
    if command.expand:
        shown = expanding.expanded(call.account.ledger, shown, shape, command.expand, call.at)
    return idempotency.ApiAnswer(200, encode.body(shown), call.id), True


def _told(call: _Call) -> None:
    """What the request has changed happens now, as far as its account is concerned."""
    ledger = call.account.ledger
    if ledger.undo.before:
        events.occur(ledger, events.Caller(call.version, call.id, call.key), call.at)
    ledger.undo.settle()
    passing.advance_clocks(ledger, call.version, call.at)


def _command(call: _Call, found: Route, tree: dict[str, form.Tree]) -> tuple[Command, expanding.Shape]:
    operation = found.operation
    table = {**operation.params, "expand": expanding.EXPAND} if operation.expands else operation.params
    params = kinds.checked(table, tree, operation.required)
    if operation.rule is not None:
        operation.rule(params)
    expand = tuple(params.pop("expand", ()))
    shape = expanding.shape_of(operation.kind, of_list=operation.lists, counted=operation.counted)
    expanding.check(shape, expand)
    return Command(call.at, params, {}, call.request.path, found.second, expand), shape


def _run(call: _Call, found: Route, command: Command) -> Wire:
    ledger, operation = call.account.ledger, found.operation
    subject = _subject(ledger, operation, found.first, call)
    at = ledger.time_of(subject, command.params, call.at)
    result = operation.run(ledger, replace(command, subject=subject, at=at))
    if operation.lists:
        return {**result, "data": [ledger.show(row, call.at) for row in result["data"]]}
    return ledger.show(result, call.at)


def _subject(ledger: Ledger, operation: Operation, name: str, call: _Call) -> Wire:
    """The object that the path names. Only reading finds a tombstone."""
    if operation.owner is None:
        return {}
    collection = ledger.collections[operation.owner]
    row = collection.get(name) if call.request.method == "GET" else collection.live(name)
    if row is None and operation.make is not None:
        row = operation.make(ledger, name, call.at)
    if row is None:
        raise Refused(refusals.no_such(operation.owner, name, operation.param, 404))
    return row


def _response(call: _Call, answer: idempotency.ApiAnswer) -> Response:
    method = call.request.method
    own = [call.policy, ("Request-Id", call.id), ("Stripe-Version", call.header("Stripe-Version") or call.version)]
    key = call.header("Idempotency-Key")
    if key and method in ("POST", "DELETE"):
        own.append(("Idempotency-Key", key))
    if call.key:
        own.append(("Original-Request", answer.original))
    if answer.replayed:
        own.append(("Idempotent-Replayed", "true"))
    if (method == "POST" and answer.status == 200) or answer.status == 402:
        own.append(("Stripe-Should-Retry", "false"))
    account = call.header("Stripe-Account")
    if account:
        own.append(("Stripe-Account", account))
    return encode.response(answer.status, answer.body, call.at, sorted(own))
