"""What follows from recorded answers: objects by themselves and lists within objects. It is what the sandbox itself
answers, to the byte, or a miss that says why."""

import json
from urllib.parse import urlencode

import pytest

from replayer.core.cassette import Cassette
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import verdicts
from tests.core.build import NOW, answer, recorded, req, session
from tests.specs.shop import Replayed, request
from tests.specs.standing import CUSTOMERS, INVOICES, ITEMS, Params, Watched, lack, standing, told


# -- objects by themselves --------------------------------------------------------------------------------------------
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
    draft = shop.answered("GET", f"{INVOICES}/{shop.session.upstream.names.real_of(invoice)}")
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
    assert isinstance(playing.ask("GET", f"{CUSTOMERS}/{customer}"), verdicts.Refuse)
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
        assert isinstance(playing.ask("POST", *write), verdicts.Replay)
    for item in items:
        assert json.loads(told(playing.ask("GET", f"{ITEMS}/{item}"), "object"))["invoice"] is None
    assert isinstance(playing.ask("POST", INVOICES, take_up), verdicts.Replay)
    for item in items:
        assert isinstance(playing.ask("GET", f"{ITEMS}/{item}"), verdicts.Refuse)


def test_an_object_that_was_expanded_is_not_told_without_it_nor_the_other_way_round() -> None:
    there = standing()
    expanded = there.read(INVOICES, {"expand[]": "data.customer"})["data"][0]
    playing = Replayed(there.reading.cassette)
    assert isinstance(playing.ask("GET", f"{INVOICES}/{expanded['id']}"), verdicts.Refuse)
    there.read(INVOICES)
    playing = Replayed(there.reading.cassette)
    assert told(playing.ask("GET", f"{INVOICES}/{expanded['id']}"), "object")
    assert isinstance(playing.ask("GET", f"{INVOICES}/{expanded['id']}", {"expand[]": "customer"}), verdicts.Refuse)


def test_an_object_that_was_deleted_is_not_told() -> None:
    shop = Watched()
    customer = shop.made(CUSTOMERS, {"name": "Ada"})
    shop.ask("DELETE", f"{CUSTOMERS}/{customer}")
    playing = Replayed(shop.cassette)
    playing.ask("POST", CUSTOMERS, {"name": "Ada"})
    playing.ask("DELETE", f"{CUSTOMERS}/{customer}")
    assert isinstance(playing.ask("GET", f"{CUSTOMERS}/{customer}"), verdicts.Refuse)


def test_what_a_retry_is_told_again_is_how_things_were_and_not_how_they_are() -> None:
    shop, key = Watched(), "00000001-aaaa-4bbb-8ccc-000000000000"
    made = ("POST", CUSTOMERS, {"name": "Ada"}, key)
    customer = json.loads(shop.ask(*made).body)["id"]
    renamed = ("POST", f"{CUSTOMERS}/{customer}", {"name": "Eve"})
    shop.ask(*renamed)
    repeated = shop.ask(*made).body
    playing = Replayed(shop.cassette)
    playing.ask(*made)
    playing.ask(*renamed)
    assert json.loads(told(playing.ask("GET", f"{CUSTOMERS}/{customer}"), "object"))["name"] == "Eve"
    assert told(playing.ask(*made), "") == repeated
    assert json.loads(told(playing.ask("GET", f"{CUSTOMERS}/{customer}"), "object"))["name"] == "Eve"


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
    assert isinstance(same.decide(alone, NOW), verdicts.Replay)
    verdict = changed.decide(alone, NOW)
    assert isinstance(verdict, verdicts.Refuse)
    assert lack(verdict) == "it was recorded with two different texts, and no write between them"
    page = changed.decide(req(f"GET {INVOICES}?limit=7"), NOW)
    assert isinstance(page, verdicts.Refuse)
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


# -- lists that changed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("params", "names"), [({}, "3210"), ({"status": "draft"}, "3210"), ({"status": "open"}, "")])
def test_a_cursor_whose_object_was_told_by_itself_stands_in_the_list_that_it_passes(params: Params, names: str) -> None:
    shop = Watched()
    writes: list[Params] = [{"customer": shop.made(CUSTOMERS), "description": str(number)} for number in range(4)]
    made = [shop.made(INVOICES, write) for write in writes]
    shop.ask("GET", INVOICES, {**params, "ending_before": made[2]})
    shop.ask("GET", INVOICES, {**params, "starting_after": made[2]})
    playing = Replayed(shop.cassette)
    for _ in writes:
        playing.ask("POST", CUSTOMERS)
    for write in writes:
        playing.ask("POST", INVOICES, write)
    verdict = playing.ask("GET", INVOICES, {**params, "limit": 50})
    if names:
        listed = json.loads(told(verdict, "page"))
        assert ([one["description"] for one in listed["data"]], listed["has_more"]) == (list(names), False)
    else:
        assert lack(verdict) == "the page at the start of the list was not recorded"


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
    assert isinstance(playing.ask("GET", INVOICES, {"status": "draft"}), verdicts.Refuse)


# -- where nothing is made --------------------------------------------------------------------------------------------

UNASKED: list[tuple[str, Params]] = [(INVOICES, {"limit": 2}), (INVOICES, {"status": "draft"}), (CUSTOMERS, {})]


@pytest.mark.parametrize(("path", "params"), UNASKED)
def test_with_strict_nothing_is_made(path: str, params: Params) -> None:
    there = standing()
    there.read(INVOICES)
    there.read(CUSTOMERS, {"limit": 5})
    assert isinstance(Replayed(there.reading.cassette).ask("GET", path, params), verdicts.Replay)
    strict = Replayed(there.reading.cassette, strict=True)
    verdict = strict.ask("GET", path, params)
    assert isinstance(verdict, verdicts.Refuse)
    assert "does not follow" not in verdict.message
    assert strict.session.receipt().synthesized == 0
    assert told(strict.ask("GET", INVOICES), "")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_only_what_gets_a_text_is_answered_with_one_that_was_made(method: str) -> None:
    there = standing()
    there.read(INVOICES)
    playing = Replayed(there.reading.cassette)
    for params in UNASKED[0][1], UNASKED[1][1]:
        form = req(f"{method} {INVOICES}?{urlencode(params)}")
        assert isinstance(playing.session.decide(form, NOW), verdicts.Refuse)


@pytest.mark.parametrize(("path", "params"), UNASKED)
def test_in_new_episodes_the_upstream_is_asked_instead(path: str, params: Params) -> None:
    there = standing()
    there.read(INVOICES)
    there.read(CUSTOMERS, {"limit": 5})
    adding = session(there.reading.cassette, Mode.NEW_EPISODES)
    assert isinstance(adding.decide(request("GET", path, params), there.shop.now), Forward)
    assert isinstance(adding.decide(request("GET", INVOICES), there.shop.now), verdicts.Replay)
    assert adding.receipt().synthesized == 0
