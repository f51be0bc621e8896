"""Writes by the writes before them: to the object in their path, and whether what they name is there."""

import json
from typing import Any

import pytest

from replayer.core.cassette import Cassette, Interaction
from replayer.core.clock import SessionClock
from replayer.core.matching import Index, Player
from replayer.core.matching.canonical import Canonical, canonical
from replayer.core.matching.stamps import Causes
from replayer.core.matching.turns import Turn
from replayer.core.message import Request, Response
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, ORIGIN, OTHER, answer, asked, req

Exchange = tuple[Request, Response]
CART, ITEM, SECOND, ORDER = (f"{kind}_1UI6qsHIBYZYyePrZqHAeq{end}" for kind, end in
                             (("cart", "Aa"), ("it", "Bb"), ("it", "Cc"), ("or", "Dd")))  # fmt: skip


def made(line: str, name: str, **more: str) -> Exchange:
    return req(line), answer({"id": name, **more})


class Playing:
    """Plays lines of one recording."""

    def __init__(self, *exchanges: Exchange) -> None:
        rules = registry.GENERIC_RULES
        index = Index(Cassette(tuple(Interaction(*one) for one in exchanges)), rules)
        self.player = Player(index, Causes(rules), SessionClock())
        self._turns: dict[str, int] = {}

    def plays(self, *lines: str) -> list[bool]:
        """Which of these writes are answered, one after the other."""
        return [self._play(line) for line in lines]

    def asks(self, *requests: Request) -> list[bool]:
        """The same of these requests."""
        return [self._ask(canonical(request, registry.GENERIC_RULES)) for request in requests]

    def _play(self, line: str) -> bool:
        return self._ask(asked(line))

    def _ask(self, question: Canonical) -> bool:
        line = question.digest
        number = self._turns.get(line, 0)
        entry = self.player.find(question, Turn(number, 0))
        if entry:
            self.player.play(entry)
            self._turns[line] = number + 1
        return entry is not None


LIFE = (
    made("POST /v1/invoices", INVOICE),
    made(f"POST /v1/invoices/{INVOICE}/finalize", INVOICE),
    made(f"POST /v1/invoices/{INVOICE}/void", INVOICE),
)
SHOP = (
    made("POST /v1/carts", CART),
    made(f"POST /v1/carts/{CART}/items", ITEM),
    made(f"POST /v1/carts/{CART}/items?n=2", SECOND),
    made(f"POST /v1/carts/{CART}/checkout", ORDER),
)
SHORT = (
    made("POST /v1/jobs", "17"),
    made("PATCH /v1/jobs/17", "17"),
    made("POST /v1/jobs/17/start", "r"),
    made("PUT /v1/files/a.txt?n=1", "-"),
    made("PUT /v1/files/a.txt?n=2", "-"),
)


@pytest.mark.parametrize(
    ("recorded", "lines", "right"),
    [
        (LIFE, ["POST /v1/invoices", f"POST /v1/invoices/{INVOICE}/void"], [True, False]),
        (SHOP, ["POST /v1/carts", f"POST /v1/carts/{CART}/items", f"POST /v1/carts/{CART}/checkout"],
         [True, True, False]),
        (SHORT, ["POST /v1/jobs", "POST /v1/jobs/17/start"], [True, False]),
        (SHORT, ["PUT /v1/files/a.txt?n=2"], [False]),
    ],
)  # fmt: skip
def test_a_write_behind_a_forgotten_one_to_its_object_is_not_found(
    recorded: tuple[Exchange, ...], lines: list[str], right: list[bool]
) -> None:
    assert Playing(*recorded).plays(*lines) == right


@pytest.mark.parametrize("recorded", [LIFE, SHOP, SHORT])
def test_a_whole_life_is_played(recorded: tuple[Exchange, ...]) -> None:
    lines = [f"{request.method} {request.target}" for request, _ in recorded]
    assert all(Playing(*recorded).plays(*lines))


def test_what_is_made_below_an_object_does_not_depend_on_what_others_make_there() -> None:
    items = [f"POST /v1/carts/{CART}/items{which}" for which in ("?n=2", "")]
    assert all(Playing(*SHOP).plays("POST /v1/carts", *items, f"POST /v1/carts/{CART}/checkout"))


def test_an_older_object_that_a_path_only_leads_through_depends_on_nothing() -> None:
    """As an account in each path: what is done below it elsewhere makes no difference."""
    account = "/accounts/0f8fad5b-d9cb-469f-a165-70867728950e"
    playing = Playing(made(f"POST {account}/users", ITEM), made(f"POST {account}/groups", SECOND))
    assert all(playing.plays(f"POST {account}/groups", f"POST {account}/users"))


def test_of_two_equal_writes_the_one_is_played_that_was_recorded_in_this_state() -> None:
    """The first was declined, and the program does not try it any more."""
    pay = f"POST /v1/invoices/{INVOICE}/pay"
    playing = Playing(
        LIFE[0],
        (req(pay), answer({"error": "declined"}, status=402)),
        made(f"POST /v1/invoices/{INVOICE}?card=2", INVOICE),
        made(pay, INVOICE, status="paid"),
    )
    assert playing.plays("POST /v1/invoices", f"POST /v1/invoices/{INVOICE}?card=2") == [True, False]
    playing = Playing(
        LIFE[0],
        (req(pay), answer({"error": "declined"}, status=409)),
        made(f"POST /v1/invoices/{INVOICE}?card=2", INVOICE),
        made(pay, INVOICE, status="paid"),
    )
    assert all(playing.plays("POST /v1/invoices", f"POST /v1/invoices/{INVOICE}?card=2", pay))
    assert "paid" in playing.player.story[-1].interaction.response.text


def test_of_what_a_body_names_it_counts_that_it_is_there() -> None:
    of = (
        made("POST /v1/customers", CUSTOMER),
        made(f"POST /v1/customers/{CUSTOMER}?name=b", CUSTOMER),
        made(f"POST /v1/invoices?customer={CUSTOMER}", INVOICE),
        (req(f"DELETE /v1/customers/{CUSTOMER}"), answer({"id": CUSTOMER, "deleted": True})),
        (req(f"POST /v1/invoices?customer={CUSTOMER}&n=2"), answer("No such customer", status=400)),
    )
    first, second = (f"POST /v1/invoices?customer={CUSTOMER}{more}" for more in ("", "&n=2"))
    assert Playing(*of).plays("POST /v1/customers", first, second) == [True, True, False]
    assert Playing(*of).plays(first) == [False]


def test_what_an_answer_shows_has_been_made() -> None:
    """An order takes in what waits in its shop: its answer tells of that."""
    of = (made("POST /v1/items", ITEM), made("POST /v1/orders", ORDER, item=ITEM), made("POST /v1/orders", OTHER))
    assert Playing(*of).plays("POST /v1/orders") == [False]
    assert all(Playing(*of).plays("POST /v1/items", "POST /v1/orders", "POST /v1/orders"))


def called(method: str, sent: dict[str, Any], answered: Any, path: str = "/orders.v1.Orders/") -> Exchange:
    """A call of an API of methods: all that it is about stands in its body."""
    return asking(method, sent, path), answer(answered)


def asking(method: str, sent: dict[str, Any], path: str = "/orders.v1.Orders/") -> Request:
    return Request("POST", path + method, (("Content-Type", "application/json"),), json.dumps(sent).encode(), ORIGIN)


ID = {"id": ORDER}
CALLS = {
    "Connect": ("/orders.v1.Orders/", "Create", "Cancel", "Get"),
    "dots": ("/api/", "orders.create", "orders.cancel", "orders.info"),
    "colons": ("/v1/orders", ":new", ":cancel", ":batchGet"),
    "Twirp": ("/twirp/shop.Orders/", "MakeOrder", "CancelOrder", "GetOrder"),
}


@pytest.mark.parametrize(("path", "make", "cancel", "get"), CALLS.values(), ids=CALLS)
def test_a_call_is_answered_as_of_the_calls_before_it_about_what_it_names(
    path: str, make: str, cancel: str, get: str
) -> None:
    whole = (
        called(make, {"n": 1}, {**ID, "state": "new"}, path),
        called(get, ID, {**ID, "state": "new"}, path),
        called(cancel, ID, {**ID, "state": "cancelled"}, path),
        called(get, ID, {**ID, "state": "cancelled"}, path),
        called(cancel, {**ID, "again": True}, {**ID, "state": "cancelled"}, path),
    )
    requests = [request for request, _ in whole]
    assert all(Playing(*whole).asks(*requests))
    # Who leaves out a question gets all other answers; who leaves out a write gets none that came of it.
    assert all(Playing(*whole).asks(requests[0], *requests[2:]))
    assert Playing(*whole).asks(requests[0], requests[1], requests[3]) == [True, True, False]
    assert Playing(*whole).asks(requests[0], requests[4]) == [True, False]


ASKED_AND_TOLD = {
    "search": ("/v1/orders/search", {"state": "open"}, {"state": "open", "n": 2}),
    "JSON-RPC": (
        "/v1/orders",
        {"jsonrpc": "2.0", "method": "orders.list"},
        {"jsonrpc": "2.0", "method": "orders.find"},
    ),
    "GraphQL": ("/v1/orders", {"query": "{ orders { state } }"}, {"query": "query Q { orders { id } }"}),
}


@pytest.mark.parametrize(("path", "first", "second"), ASKED_AND_TOLD.values(), ids=ASKED_AND_TOLD)
def test_a_question_that_is_posted_changes_nothing_and_is_answered_as_of_the_writes_before_it(
    path: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    whole = (
        made("POST /v1/orders", ORDER, state="open"),
        called("", first, {"data": [{**ID, "state": "open"}]}, path),
        (req(f"POST /v1/orders/{ORDER}/close"), answer({**ID, "state": "closed"})),
        called("", second, {"data": []}, path),
    )
    requests = [request for request, _ in whole]
    assert all(Playing(*whole).asks(*requests))
    assert all(Playing(*whole).asks(requests[0], requests[2], requests[3]))
    assert Playing(*whole).asks(requests[0], requests[3]) == [True, False]
