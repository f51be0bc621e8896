"""A narrower list out of one that is known whole is what the sandbox answers, to the byte, or a miss that says why."""

import json
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.cassette import Cassette
from replayer.core.session import verdicts
from tests.specs.shop import Replayed, Shop
from tests.specs.standing import CUSTOMERS, INVOICES, ITEMS, LISTS, Params, Standing, Watched, lack, standing, told
from tests.specs.traffic import START

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
    if isinstance(verdict, verdicts.Replay):
        assert json.loads(verdict.response.body) == json.loads(truth())
        assert verdict.response.body == truth()
        return True
    return False


@pytest.mark.long
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


@pytest.mark.long
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


def test_a_customer_that_has_changed_since_it_was_made_is_there_until_it_is_deleted() -> None:
    shop, made, item = Watched(), ("POST", CUSTOMERS, {"name": "Ada"}), {"amount": 3, "currency": "usd"}
    customer = json.loads(shop.ask(*made).body)["id"]
    shop.ask("POST", ITEMS, {"customer": customer, **item})
    shop.ask("GET", INVOICES, {"limit": 100})
    shop.ask("DELETE", f"{CUSTOMERS}/{customer}")
    playing, narrower = Replayed(shop.cassette), ("GET", INVOICES, {"customer": customer})
    assert isinstance(playing.ask(*narrower), verdicts.Refuse)
    playing.ask(*made)
    playing.ask("POST", ITEMS, {"customer": customer, **item})
    assert json.loads(told(playing.ask(*narrower), "filter"))["data"] == []
    playing.ask("DELETE", f"{CUSTOMERS}/{customer}")
    assert isinstance(playing.ask(*narrower), verdicts.Refuse)


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
        assert isinstance(playing.ask("POST", *write), verdicts.Replay)
    playing.ask("DELETE", f"{INVOICES}/{invoice}")
    verdict = playing.ask("GET", ITEMS, {"invoice": invoice})
    assert lack(verdict) == f"nothing recorded tells whether there is {invoice}"


def test_a_list_that_is_not_known_whole_tells_nothing_of_a_narrower_one() -> None:
    there = standing()
    there.read(INVOICES, {"limit": 2})
    verdict = Replayed(there.reading.cassette).ask("GET", INVOICES, {"status": "draft", "limit": 1})
    assert isinstance(verdict, verdicts.Refuse)
    there.read(INVOICES, {"limit": 1, "starting_after": there.read(INVOICES, {"limit": 2})["data"][-1]["id"]})
    assert told(Replayed(there.reading.cassette).ask("GET", INVOICES, {"status": "draft", "limit": 1}), "filter")


def test_the_narrowest_list_that_is_known_will_do() -> None:
    there = standing()
    customer = there.read(CUSTOMERS, {"limit": 1})["data"][0]["id"]
    there.read(INVOICES, {"customer": customer})
    playing = Replayed(there.reading.cassette)
    asked: Params = {"customer": customer, "status": "draft"}
    assert told(playing.ask("GET", INVOICES, asked), "filter") == there.truth(INVOICES, asked)
    assert isinstance(playing.ask("GET", INVOICES, {"status": "draft"}), verdicts.Refuse)
