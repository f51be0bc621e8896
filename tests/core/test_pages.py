"""What follows from recorded answers: objects by themselves, lists within objects, narrower lists. It is what the
sandbox itself answers, to the byte, or a miss that says why."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.interaction import Cassette, Response
from replayer.core.verdicts import Forward, Mode, Refuse, Replay
from tests.core.build import NOW, answer, recorded, req, session
from tests.specs.shop import Replayed, Shop, request
from tests.specs.traffic import START

Params = dict[str, Any]
INVOICES = "/v1/invoices"
ITEMS = "/v1/invoiceitems"
CUSTOMERS = "/v1/customers"


class Watched(Shop):
    """A shop in which reading takes no time: what is read in between changes nothing of what is written."""

    def ask(self, method: str, path: str, params: Params | None = None) -> Response:
        self.now -= method == "GET"
        return super().ask(method, path, params)


def told(verdict: Replay | Refuse, by: str) -> bytes:
    """What was answered by that rule; "" means that it was recorded."""
    assert isinstance(verdict, Replay), verdict
    assert verdict.synthesized == by
    return verdict.response.body


def lack(verdict: Replay | Refuse) -> str:
    """Why an answer does not follow."""
    assert isinstance(verdict, Refuse), verdict
    return verdict.message.partition("From other answers it does not follow: ")[2].partition(".\n")[0]


# -- objects by themselves --------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """An API in which there is something from before, and the recording of somebody who reads it."""

    shop: Shop
    reading: Shop
    customers: list[str] = field(default_factory=list)  # by their names in the recording, newest first
    invoices: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)

    def read(self, path: str, params: Params | None = None) -> Any:
        return json.loads(self.reading.ask("GET", path, params).body)

    def truth(self, path: str, params: Params | None = None) -> bytes:
        """What the API answers to that in the end, in the recording's names."""
        return self.reading.ask("GET", path, params).body


def standing(lines: tuple[int, ...] = (2, 0, 12)) -> Standing:
    """One customer for each number, with one invoice of so many lines, and an item that nobody has billed."""
    shop = Shop()
    for number, count in enumerate(lines):
        customer = shop.made(CUSTOMERS, {"name": f"No. {number}", "email": f"{number % 2}@example.com"})
        invoice = shop.made(INVOICES, {"customer": customer, "description": "[{", "auto_advance": "false"})
        for line in range(count):
            shop.made(ITEMS, {"customer": customer, "invoice": invoice, "currency": "usd", "amount": line})
        shop.made(ITEMS, {"customer": customer, "currency": "usd", "amount": 7})
    return Standing(shop, Watched.of(shop.api, shop.now))


def test_an_object_that_was_only_seen_in_a_list_is_told_by_itself() -> None:
    there = standing()
    names = [each["id"] for each in there.read(INVOICES)["data"]]
    playing = Replayed(there.reading.cassette)
    for name in names:
        assert told(playing.ask("GET", f"{INVOICES}/{name}"), "object") == there.truth(f"{INVOICES}/{name}")
    assert dict(playing.session.receipt().kinds) == {"object": 3}


def test_an_object_that_was_only_seen_when_it_was_written_is_told_as_it_is_since() -> None:
    shop = Watched()
    customer = shop.made(CUSTOMERS, {"name": "Ada"})
    invoice = shop.made(INVOICES, {"customer": customer})
    draft = shop.answered("GET", f"{INVOICES}/{shop.session.real_of(invoice)}")
    shop.ask("POST", f"{INVOICES}/{invoice}/finalize")
    cassette, paid = shop.cassette, shop.ask("GET", f"{INVOICES}/{invoice}")
    playing = Replayed(cassette)
    for write in ((CUSTOMERS, {"name": "Ada"}), (INVOICES, {"customer": customer})):
        playing.ask("POST", *write)
    first = json.loads(told(playing.ask("GET", f"{INVOICES}/{invoice}"), "object"))
    assert first["status"] == json.loads(draft.body)["status"] == "draft"
    playing.ask("POST", f"{INVOICES}/{invoice}/finalize")
    assert told(playing.ask("GET", f"{INVOICES}/{invoice}"), "object") == paid.body


def test_a_customer_that_a_write_has_changed_on_the_way_is_a_miss() -> None:
    """An invoice that is finalized counts its customer's numbers on, and nobody has read that."""
    shop = Watched()
    customer = shop.made(CUSTOMERS, {"name": "Ada"})
    invoice = shop.made(INVOICES, {"customer": customer})
    playing = Replayed(shop.cassette)
    playing.ask("POST", CUSTOMERS, {"name": "Ada"})
    assert told(playing.ask("GET", f"{CUSTOMERS}/{customer}"), "object")
    playing.ask("POST", INVOICES, {"customer": customer})
    assert isinstance(playing.ask("GET", f"{CUSTOMERS}/{customer}"), Refuse)
    assert told(playing.ask("GET", f"{INVOICES}/{invoice}"), "object")


def test_an_item_that_an_invoice_took_up_without_showing_it_is_a_miss() -> None:
    """Twelve items are taken up, and the answer shows ten of the lines."""
    shop = Watched()
    customer = shop.made(CUSTOMERS, {"name": "Ada"})
    writes: list[tuple[str, Params]] = [
        (ITEMS, {"customer": customer, "currency": "usd", "amount": amount}) for amount in range(12)
    ]
    items = [shop.made(*write) for write in writes]
    take_up: Params = {"customer": customer, "pending_invoice_items_behavior": "include"}
    invoice = json.loads(shop.ask("POST", INVOICES, take_up).body)
    assert (len(invoice["lines"]["data"]), invoice["lines"]["has_more"]) == (10, True)
    playing = Replayed(shop.cassette)
    for write in ((CUSTOMERS, {"name": "Ada"}), *writes):
        assert isinstance(playing.ask("POST", *write), Replay)
    for item in items:
        assert json.loads(told(playing.ask("GET", f"{ITEMS}/{item}"), "object"))["invoice"] is None
    assert isinstance(playing.ask("POST", INVOICES, take_up), Replay)
    for item in items:
        assert isinstance(playing.ask("GET", f"{ITEMS}/{item}"), Refuse)


def test_an_object_that_was_expanded_is_not_told_without_it_nor_the_other_way_round() -> None:
    there = standing()
    expanded = there.read(INVOICES, {"expand[]": "data.customer"})["data"][0]
    playing = Replayed(there.reading.cassette)
    assert isinstance(playing.ask("GET", f"{INVOICES}/{expanded['id']}"), Refuse)
    there.read(INVOICES)
    playing = Replayed(there.reading.cassette)
    assert told(playing.ask("GET", f"{INVOICES}/{expanded['id']}"), "object")
    assert isinstance(playing.ask("GET", f"{INVOICES}/{expanded['id']}", {"expand[]": "customer"}), Refuse)


def test_an_object_that_was_deleted_is_not_told() -> None:
    shop = Watched()
    customer = shop.made(CUSTOMERS, {"name": "Ada"})
    shop.ask("DELETE", f"{CUSTOMERS}/{customer}")
    playing = Replayed(shop.cassette)
    playing.ask("POST", CUSTOMERS, {"name": "Ada"})
    playing.ask("DELETE", f"{CUSTOMERS}/{customer}")
    assert isinstance(playing.ask("GET", f"{CUSTOMERS}/{customer}"), Refuse)


INVOICE = '{"id": "in_1UI6qsHIBYZYyePrZqHAeqdY", "object": "invoice", "total": %d}'
PAGE = '{"object": "list", "data": [%s], "has_more": %s, "url": "/v1/invoices"}'


def one_of(*totals: int) -> Cassette:
    """Pages of the one invoice there is, each with another total."""
    return recorded(
        *(
            (req(f"GET {INVOICES}?limit={limit}"), answer(PAGE % (INVOICE % total, "false")))
            for limit, total in enumerate(totals, 2)
        )
    )


def test_an_object_with_two_texts_and_no_write_between_them_is_a_miss_that_says_so() -> None:
    (name,) = (each["id"] for each in json.loads(one_of(1).interactions[0].response.body)["data"])
    alone = req(f"GET {INVOICES}/{name}")
    same, changed = session(one_of(1, 1), Mode.NONE), session(one_of(1, 2), Mode.NONE)
    assert isinstance(same.decide(alone, NOW), Replay)
    verdict = changed.decide(alone, NOW)
    assert isinstance(verdict, Refuse)
    assert lack(verdict) == "it was recorded with two different texts, and no write between them"
    page = changed.decide(req(f"GET {INVOICES}?limit=7"), NOW)
    assert isinstance(page, Refuse)
    assert lack(page) == f"{name} was recorded with two different texts, in GET /v1/invoices?limit=3 for one"


# -- lists within objects ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [0, 1, 2, 9, 10])
def test_the_lines_of_an_invoice_are_told_in_pages_of_any_size(lines: int) -> None:
    there = standing((lines,))
    (invoice,) = there.read(INVOICES)["data"]
    path = f"{INVOICES}/{invoice['id']}/lines"
    playing = Replayed(there.reading.cassette)
    windows: list[Params] = [{}, {"limit": 1}, {"limit": 3}, {"limit": 10}, {"limit": 100}]
    for line in invoice["lines"]["data"]:
        windows += [{"limit": 2, "starting_after": line["id"]}, {"limit": 2, "ending_before": line["id"]}]
    for params in windows:
        assert told(playing.ask("GET", path, params), "object") == there.truth(path, params), params


def test_of_an_invoice_with_more_lines_than_it_shows_only_these_are_told() -> None:
    there = standing((12,))
    (invoice,) = there.read(INVOICES)["data"]
    path, lines = f"{INVOICES}/{invoice['id']}/lines", [each["id"] for each in invoice["lines"]["data"]]
    assert len(lines) == 10
    playing = Replayed(there.reading.cassette)
    for params in ({"limit": 3}, {"limit": 10}, {"limit": 4, "starting_after": lines[5]}):
        assert told(playing.ask("GET", path, params), "object") == there.truth(path, params)
        assert json.loads(there.truth(path, params))["has_more"]
    last = f"what comes after {lines[-1]} was not recorded"
    assert lack(playing.ask("GET", path, {"limit": 11})) == last
    assert lack(playing.ask("GET", path, {"starting_after": lines[5]})) == last
    assert lack(playing.ask("GET", path, {"starting_after": lines[-1]})) == last


def test_pages_of_lines_that_were_recorded_join_those_that_an_invoice_shows() -> None:
    there = standing((12,))
    (invoice,) = there.read(INVOICES)["data"]
    path, lines = f"{INVOICES}/{invoice['id']}/lines", invoice["lines"]["data"]
    there.read(path, {"starting_after": lines[-1]["id"]})
    playing = Replayed(there.reading.cassette)
    for params in ({"limit": 12}, {"limit": 100}, {"limit": 3, "starting_after": lines[8]["id"]}):
        assert told(playing.ask("GET", path, params), "page") == there.truth(path, params)


# -- narrower lists ---------------------------------------------------------------------------------------------------

LISTS = {CUSTOMERS: "customers", INVOICES: "invoices", ITEMS: "items"}
A_DAY = 86_400
SOME_TIME = int(START) + 4_359  # at no whole distance from anything: it is not counted from now


@cache
def busy() -> Standing:
    """A shop of some days in which there is everything: read to the end, list by list."""
    shop = Shop()
    customers = [shop.made(CUSTOMERS, {"name": name, "email": f"{name}@example.com"}) for name in "abca"]
    for number in range(12):
        shop.now += A_DAY
        customer = customers[number % 3]
        terms: Params = {"customer": customer}
        if number % 2:
            terms |= {"collection_method": "send_invoice", "days_until_due": number}
        invoice = shop.made(INVOICES, terms)
        shop.made(ITEMS, {"customer": customer, "invoice": invoice, "currency": "usd", "amount": 5})
        shop.made(ITEMS, {"customer": customer, "currency": "usd", "amount": 7})
        way = ("", "finalize", "mark_uncollectible", "void", "pay", "delete")[number % 6]
        if way in ("mark_uncollectible", "void"):
            shop.ask("POST", f"{INVOICES}/{invoice}/finalize")
        if way == "delete":
            shop.ask("DELETE", f"{INVOICES}/{invoice}")
        elif way:
            terms = {"paid_out_of_band": "true"} if way == "pay" else {}
            shop.ask("POST", f"{INVOICES}/{invoice}/{way}", terms)
    there = Standing(shop, Watched.of(shop.api, shop.now))
    for path, kind in LISTS.items():
        page = there.read(path, {"limit": 100})
        assert not page["has_more"]
        getattr(there, kind).extend(each["id"] for each in page["data"])
    return there


@cache
def cassette_of_busy() -> Cassette:
    return busy().reading.cassette


times = st.integers(-2, 14).map(lambda days: SOME_TIME + days * A_DAY)
ranges = st.dictionaries(st.sampled_from(["[gt]", "[gte]", "[lt]", "[lte]"]), times, max_size=2)
statuses = st.sampled_from(["draft", "open", "paid", "uncollectible", "void"])


@st.composite
def narrowings(draw: st.DrawFn) -> tuple[str, Params]:
    """A list, some of its filters, and a window."""
    path = draw(st.sampled_from(sorted(LISTS)))
    customers, invoices = st.sampled_from(busy().customers), st.sampled_from(busy().invoices)
    mails = st.sampled_from(["a@example.com", "b@example.com", "nobody@example.com", "A@example.com"])
    filters: dict[str, dict[str, st.SearchStrategy[str]]] = {
        CUSTOMERS: {"email": mails},
        INVOICES: {
            "customer": customers | invoices | st.just("cus_Nobody00000000"),
            "status": statuses,
            "collection_method": st.sampled_from(["charge_automatically", "send_invoice"]),
            "subscription": st.just("sub_1UI6qsHIBYZYyePrZqHAeqdY"),
        },
        ITEMS: {
            "customer": customers | st.just("cus_Nobody00000000"),
            "invoice": invoices | customers | st.just("in_Nobody00000000000000"),
            "pending": st.sampled_from(["true", "false"]),
        },
    }
    chosen = filters[path]
    params: Params = {name: draw(chosen[name]) for name in draw(st.sets(st.sampled_from(sorted(chosen)), max_size=2))}
    for name in ("created", "due_date") if path == INVOICES else ("created",):
        params |= {f"{name}{bound}": moment for bound, moment in draw(ranges).items()}
    if draw(st.booleans()):
        params["limit"] = draw(st.integers(1, 9))
    if draw(st.booleans()):
        cursor = draw(st.sampled_from(getattr(busy(), LISTS[path])))
        params[draw(st.sampled_from(["starting_after", "ending_before"]))] = cursor
    return path, params


def told_or_missed(playing: Replayed, path: str, params: Params, truth: Callable[[], bytes]) -> bool:
    """Whether that is answered; then it is the truth."""
    verdict = playing.ask("GET", path, params)
    if isinstance(verdict, Replay):
        assert json.loads(verdict.response.body) == json.loads(truth())
        assert verdict.response.body == truth()
        return True
    return False


@given(narrowings())
def test_a_narrower_list_is_what_the_sandbox_answers_or_a_miss(asked: tuple[str, Params]) -> None:
    path, params = asked
    told_or_missed(Replayed(cassette_of_busy()), path, params, lambda: busy().truth(path, params))


def every_filter() -> Iterator[tuple[str, Params]]:
    middle = SOME_TIME + 6 * A_DAY
    yield from ((CUSTOMERS, {"email": "a@example.com"}), (CUSTOMERS, {"email": "nobody@example.com"}))
    yield from ((path, {f"created[{bound}]": middle}) for path in LISTS for bound in ("gt", "gte", "lt", "lte"))
    yield from ((path, {"created": middle}) for path in LISTS)
    yield from ((INVOICES, {"status": status}) for status in ("draft", "open", "paid", "uncollectible", "void"))
    yield from ((INVOICES, {"collection_method": how}) for how in ("charge_automatically", "send_invoice"))
    yield from ((INVOICES, {f"due_date[{bound}]": middle}) for bound in ("gt", "gte", "lt", "lte"))
    yield from ((ITEMS, {"pending": value}) for value in ("true", "false"))
    yield from ((path, {"customer": name}) for path in (INVOICES, ITEMS) for name in busy().customers)
    items = json.loads(busy().truth(ITEMS, {"limit": 100}))["data"]
    billed = {each["invoice"] for each in items} & set(busy().invoices)
    yield from ((ITEMS, {"invoice": name}) for name in sorted(billed))
    yield INVOICES, {"customer": busy().customers[2], "status": "open", "due_date[lt]": middle + 90 * A_DAY}


def test_each_filter_alone_is_answered() -> None:
    """What the property test allows to be a miss is none here."""
    playing = Replayed(cassette_of_busy())
    for path, params in every_filter():
        for limit in (1, 2, 100):
            asked = {**params, "limit": limit}
            assert told(playing.ask("GET", path, asked), "filter") == busy().truth(path, asked), asked
    assert playing.session.misses == []


@pytest.mark.parametrize(
    ("path", "params", "why"),
    [
        (INVOICES, {"status": "opened"}, "status 'opened' is nothing that the API is known to understand"),
        (INVOICES, {"status": ""}, "status '' is nothing that the API is known to understand"),
        (INVOICES, {"created[gte]": "soon"}, "created {'gte': 'soon'} is nothing that the API is known to understand"),
        (INVOICES, {"created[since]": 1}, "created {'since': '1'} is nothing that the API is known to understand"),
        (INVOICES, {"status[]": "open"}, "status ['open'] is nothing that the API is known to understand"),
        (ITEMS, {"pending": "maybe"}, "pending 'maybe' is nothing that the API is known to understand"),
        (INVOICES, {"customer": "cus_Nobody00000000"}, "nothing recorded tells whether there is cus_Nobody00000000"),
        (ITEMS, {"invoice": "in_Nobody00000000000000"}, "nothing recorded tells whether there is in_Nobody"),
        (INVOICES, {"status": "open", "limit": "x"}, "the API refuses the limit 'x', and no such refusal was recorded"),
        (
            INVOICES,
            {"status": "open", "starting_after": "in_Nobody00000000000000"},
            "in_Nobody00000000000000 is in none",
        ),
    ],
)
def test_a_filter_that_cannot_be_read_is_a_miss_that_says_so(path: str, params: Params, why: str) -> None:
    assert lack(Replayed(cassette_of_busy()).ask("GET", path, params)).startswith(why)


def test_a_filter_that_names_another_kind_of_object_is_a_miss() -> None:
    """The API refuses it: there is no such customer."""
    invoice = busy().invoices[0]
    assert json.loads(busy().truth(INVOICES, {"customer": invoice}))["error"]["code"] == "resource_missing"
    why = f"nothing recorded tells whether there is {invoice}"
    assert lack(Replayed(cassette_of_busy()).ask("GET", INVOICES, {"customer": invoice})).startswith(why)


def test_a_cursor_that_does_not_pass_the_filter_is_a_miss_that_says_so() -> None:
    """Nobody outside knows what the API says of it."""
    draft = json.loads(busy().truth(INVOICES, {"status": "draft", "limit": 1}))["data"][0]["id"]
    for cursor in ("starting_after", "ending_before"):
        verdict = Replayed(cassette_of_busy()).ask("GET", INVOICES, {"status": "open", cursor: draft})
        assert lack(verdict) == f"{draft} is not in the narrower list, and what the API says of that is not known"


def test_a_customer_without_an_invoice_has_an_empty_list() -> None:
    lonely = busy().customers[0]
    assert json.loads(busy().truth(INVOICES, {"customer": lonely}))["data"] == []
    found = told(Replayed(cassette_of_busy()).ask("GET", INVOICES, {"customer": lonely}), "filter")
    assert found == busy().truth(INVOICES, {"customer": lonely})


def test_an_invoice_that_was_deleted_names_no_items_any_more() -> None:
    """The API refuses to list the items of what is not there; the items themselves stay, and name it."""
    shop = Watched()
    customer = shop.made(CUSTOMERS, {"name": "Ada"})
    invoice = shop.made(INVOICES, {"customer": customer})
    item: Params = {"customer": customer, "invoice": invoice, "currency": "usd", "amount": 5}
    shop.made(ITEMS, item)
    shop.ask("GET", ITEMS)
    shop.ask("DELETE", f"{INVOICES}/{invoice}")
    shop.ask("GET", ITEMS)
    cassette, refused = shop.cassette, shop.ask("GET", ITEMS, {"invoice": invoice})
    assert json.loads(refused.body)["error"]["code"] == "resource_missing"
    playing = Replayed(cassette)
    for write in ((CUSTOMERS, {"name": "Ada"}), (INVOICES, {"customer": customer}), (ITEMS, item)):
        assert isinstance(playing.ask("POST", *write), Replay)
    playing.ask("DELETE", f"{INVOICES}/{invoice}")
    verdict = playing.ask("GET", ITEMS, {"invoice": invoice})
    assert lack(verdict) == f"nothing recorded tells whether there is {invoice}"


def test_a_list_that_is_not_known_whole_tells_nothing_of_a_narrower_one() -> None:
    there = standing()
    there.read(INVOICES, {"limit": 2})
    verdict = Replayed(there.reading.cassette).ask("GET", INVOICES, {"status": "draft", "limit": 1})
    assert isinstance(verdict, Refuse)
    there.read(INVOICES, {"limit": 1, "starting_after": there.read(INVOICES, {"limit": 2})["data"][-1]["id"]})
    assert told(Replayed(there.reading.cassette).ask("GET", INVOICES, {"status": "draft", "limit": 1}), "filter")


def test_the_narrowest_list_that_is_known_will_do() -> None:
    there = standing()
    customer = there.read(CUSTOMERS, {"limit": 1})["data"][0]["id"]
    there.read(INVOICES, {"customer": customer})
    playing = Replayed(there.reading.cassette)
    asked: Params = {"customer": customer, "status": "draft"}
    assert told(playing.ask("GET", INVOICES, asked), "filter") == there.truth(INVOICES, asked)
    assert isinstance(playing.ask("GET", INVOICES, {"status": "draft"}), Refuse)


# -- lists that changed -----------------------------------------------------------------------------------------------


def test_pages_that_contradict_each_other_are_told_as_recorded_and_nothing_else_is() -> None:
    """Somebody else made an invoice between two pages; the recording has no write of it."""
    there = standing((0, 0, 0, 0))
    before = there.reading.ask("GET", INVOICES, {"limit": 2})
    (customer, *_) = json.loads(there.shop.answered("GET", CUSTOMERS).body)["data"]
    there.shop.answered("POST", INVOICES, {"customer": customer["id"]})
    behind = there.reading.ask("GET", INVOICES, {"limit": 3})
    playing = Replayed(there.reading.cassette)
    assert told(playing.ask("GET", INVOICES, {"limit": 2}), "") == before.body
    assert told(playing.ask("GET", INVOICES, {"limit": 3}), "") == behind.body
    for params in ({"limit": 1}, {"limit": 1, "starting_after": json.loads(before.body)["data"][0]["id"]}):
        assert lack(playing.ask("GET", INVOICES, params)) == (
            "the recorded pages of this list contradict each other: GET /v1/invoices?limit=3 and another one tell "
            "differently what is next to the start of the list"
        )
    assert isinstance(playing.ask("GET", INVOICES, {"status": "draft"}), Refuse)


# -- where nothing is made --------------------------------------------------------------------------------------------

UNASKED: list[tuple[str, Params]] = [(INVOICES, {"limit": 2}), (INVOICES, {"status": "draft"}), (CUSTOMERS, {})]


@pytest.mark.parametrize(("path", "params"), UNASKED)
def test_with_strict_nothing_is_made(path: str, params: Params) -> None:
    there = standing()
    there.read(INVOICES)
    there.read(CUSTOMERS, {"limit": 5})
    assert isinstance(Replayed(there.reading.cassette).ask("GET", path, params), Replay)
    strict = Replayed(there.reading.cassette, strict=True)
    verdict = strict.ask("GET", path, params)
    assert isinstance(verdict, Refuse)
    assert "does not follow" not in verdict.message
    assert strict.session.receipt().synthesized == 0
    assert told(strict.ask("GET", INVOICES), "")


@pytest.mark.parametrize(("path", "params"), UNASKED)
def test_in_new_episodes_the_upstream_is_asked_instead(path: str, params: Params) -> None:
    there = standing()
    there.read(INVOICES)
    there.read(CUSTOMERS, {"limit": 5})
    adding = session(there.reading.cassette, Mode.NEW_EPISODES)
    assert isinstance(adding.decide(request("GET", path, params), there.shop.now), Forward)
    assert isinstance(adding.decide(request("GET", INVOICES), there.shop.now), Replay)
    assert adding.receipt().synthesized == 0


# -- at any moment ----------------------------------------------------------------------------------------------------

VERBS = (
    "customer",
    "invoice",
    "with items",
    "item",
    "item of",
    "finalize",
    "pay",
    "void",
    "delete",
    "rename",
    "describe",
)
NAME = re.compile(r"\b[a-z]+_[0-9A-Za-z]{14,}\b")
Step = tuple[str, int]
Asked = tuple[str, int, int, str]
"""What is read: a word for it, which object, how many, and a filter."""

changes = st.tuples(st.sampled_from(VERBS), st.integers(0, 5))
filters = st.sampled_from(["", "", "", "status=draft", "status=open", "customer", "invoice", "pending=true"])
reads = st.tuples(
    st.sampled_from([*LISTS, *LISTS, "one", "one", "lines", "behind", "before"]),
    st.integers(0, 5),
    st.sampled_from([1, 2, 10, 100]),
    filters,
)


class Program:
    """A client that knows what it was told, and does the same each time."""

    def __init__(self, ask: Callable[[str, str, Params], Response]) -> None:
        self._ask = ask
        self.made: dict[str, list[str]] = {CUSTOMERS: [], INVOICES: [], ITEMS: []}

    def __call__(self, step: Step) -> None:
        verb, which = step
        customer, invoice = self._one(CUSTOMERS, which), self._one(INVOICES, which)
        item: Params = {"customer": customer, "currency": "usd", "amount": 3}
        match verb:
            case "customer":
                self._make(CUSTOMERS, {"name": "Ada"})
            case "invoice" | "with items" if customer:
                behaviour = "include" if verb == "with items" else "exclude"
                self._make(INVOICES, {"customer": customer, "pending_invoice_items_behavior": behaviour})
            case "item" if customer:
                self._make(ITEMS, item)
            case "item of" if invoice and customer:
                self._make(ITEMS, {**item, "invoice": invoice})
            case "finalize" | "void" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}/{verb}", {})
            case "pay" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}/pay", {"paid_out_of_band": "true"})
            case "delete" if invoice:
                self._ask("DELETE", f"{INVOICES}/{invoice}", {})
            case "rename" if customer:
                self._ask("POST", f"{CUSTOMERS}/{customer}", {"name": "Eve"})
            case "describe" if invoice:
                self._ask("POST", f"{INVOICES}/{invoice}", {"description": "new"})

    def _one(self, kind: str, which: int) -> str:
        known = self.made[kind]
        return known[which % len(known)] if known else ""

    def _make(self, path: str, params: Params) -> None:
        told = json.loads(self._ask("POST", path, params).body)
        if "id" in told:  # the API refuses some
            self.made[path].append(told["id"])

    def read(self, asked: Asked) -> tuple[str, Params] | None:
        """That read in the words of the API; None where there is nothing to ask it of."""
        what, which, limit, narrower = asked
        kind = (INVOICES, ITEMS, CUSTOMERS)[which % 3]
        name, invoice = self._one(kind, which // 3), self._one(INVOICES, which)
        params: Params = {"limit": limit}
        if narrower in ("customer", "invoice"):
            params[narrower] = self._one({"customer": CUSTOMERS, "invoice": INVOICES}[narrower], which)
        elif narrower:
            name_of, _, value = narrower.partition("=")
            params[name_of] = value
        match what:
            case "one":
                return (f"{kind}/{name}", {}) if name else None
            case "lines":
                return (f"{INVOICES}/{invoice}/lines", {"limit": limit}) if invoice else None
            case "behind" | "before":
                params["starting_after" if what == "behind" else "ending_before"] = name
                return (kind, params) if name else None
        return what, params


@given(
    st.lists(changes, max_size=8).map(lambda steps: [("customer", 0), ("invoice", 0), ("item of", 0), *steps]),
    st.dictionaries(st.integers(0, 10), st.lists(reads, min_size=1, max_size=3), max_size=5),
    st.lists(reads, min_size=1, max_size=6),
)
def test_at_any_moment_any_read_is_what_the_api_would_have_said_or_a_miss(
    steps: list[Step], recorded_reads: dict[int, list[Asked]], asked: list[Asked]
) -> None:
    """One shop is read now and then, and another in which the same is done is asked everything all the time."""
    shop, all_told = Watched(), Watched()
    program, witness = Program(shop.ask), Program(all_told.ask)
    truths: list[list[bytes | None]] = []
    for number, step in enumerate(steps):
        program(step)
        witness(step)
        for read in recorded_reads.get(number, ()):
            found = program.read(read)
            if found:
                shop.ask("GET", *found)
        wanted = map(witness.read, asked)
        truths.append([all_told.ask("GET", *each).body if each else None for each in wanted])
    playing = Replayed(shop.cassette)
    again = Program(lambda *words: _replayed(playing, *words))
    for step, told_then in zip(steps, truths, strict=True):
        again(step)
        for read, truth in zip(asked, told_then, strict=True):
            found = again.read(read)
            if found and truth is not None:
                verdict = playing.ask("GET", *found)
                if isinstance(verdict, Replay):
                    told = in_real_names(verdict.response.body, shop)
                    assert told == in_real_names(truth, all_told), (step, found, verdict.synthesized)


def in_real_names(body: bytes, shop: Shop) -> str:
    """What is named where it is first told has another name where that is somewhere else, as a line of an invoice. Each
    request has an id of its own, which a refusal tells."""
    text = re.sub("req_[0-9A-Za-z]+", "req_", body.decode())
    return NAME.sub(lambda name: shop.session.real_of(name[0]) or name[0], text)


def _replayed(playing: Replayed, method: str, path: str, params: Params) -> Response:
    verdict = playing.ask(method, path, params)
    assert isinstance(verdict, Replay), verdict
    return verdict.response
