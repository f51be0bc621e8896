"""Ids, cursors and references have the same names in every fresh recording."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from replayer.cassettes import dumps
from replayer.core.message import Request, Response
from replayer.core.naming import aliases
from replayer.core.rules import Rules
from tests.core.build import CUSTOMER, EPOCH, NOW, answer, forwarded, req, session, tell, value_of

from .fresh import DAY, RULES, body_of, in_every_recording, minted

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def in_letters(chance: Random, prefix: str) -> str:
    return prefix + "".join(chance.choices(LETTERS, k=14))


@pytest.mark.parametrize("header", ["Request-Id", "X-Request-ID", "X-Correlation-Id"])
def test_an_id_of_small_letters_alone_is_one_where_its_name_says_so(header: str) -> None:
    def made(_: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        name = in_letters(chance, "cus_")
        reply = answer({"id": name, "url": f"/v1/customers/{name}"}, (header, in_letters(chance, "req_")))
        yield req("POST /v1/customers"), reply
        yield req("GET /v1/customers"), answer({"data": [{"object": "invoice", "customer": name}]})

    in_every_recording(made)


def test_words_behind_a_line_stay_words_where_nothing_says_that_they_are_an_id() -> None:
    value = {"id": 1, "collection_method": "charge_automaticallyandnicely", "state": "requires_paymentmethodnow"}
    to = session()
    assert value_of(tell(to, req("GET /v1/x"), answer(value))) == value


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize("created", [1_234_567_890, 1_700_000_000])
def test_what_a_post_has_just_made_is_of_its_session_whatever_time_it_tells(rules: Rules, created: int) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        item = {"id": minted(chance, "ii_"), "created": created, "due_date": int(at) + 30 * DAY}
        invoice = {"id": minted(chance), "created": created, "due_date": int(at) + DAY, "items": [item]}
        yield req("POST /v1/invoices"), answer(invoice)
        yield req("POST /v1/invoices"), answer(invoice | {"id": minted(chance), "items": []})
        yield req("GET /v1/invoices"), answer({"data": [invoice]})

    found = in_every_recording(made, rules)
    first, second, listed = (body_of(found, number) for number in range(3))
    assert first["id"] != second["id"]
    assert listed["data"] == [first]
    assert first["created"] == created


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize(
    ("asked", "status", "wrap"),
    [
        ("POST /subs", 200, lambda one: {"data": one}),
        ("POST /graphql", 200, lambda one: {"data": {"createSub": {"sub": one}}}),
        ("PUT /subs/of-ada", 201, lambda one: one),
    ],
)
def test_so_is_what_it_wraps_and_what_the_answer_says_is_created(
    rules: Rules, asked: str, status: int, wrap: Callable[[Any], Any]
) -> None:
    def made(_: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        body = {"query": "mutation { createSub { sub { id } } }"}
        yield req(asked, body), answer(wrap({"id": minted(chance, "sub_"), "created": 1_234_567_890}), status=status)

    in_every_recording(made, rules)


def test_a_query_of_graphql_makes_nothing_though_it_is_a_post() -> None:
    old = {"id": "cus_NffrFeUfNV2Hib", "created": 1_700_000_000}
    read = value_of(tell(session(), req("GET /v1/customers"), answer({"data": [old]})))["data"][0]["id"]
    for query in ("{ customer { id } }", "query Q { customer { id } }"):
        asked = req("POST /graphql", {"query": query})
        assert value_of(tell(session(), asked, answer({"data": {"customer": old}})))["data"]["customer"]["id"] == read


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize(
    "field",
    ["nextPageKey", "NextContinuationToken", "bookmark", "pit_id", "pspReference", "rrn", "trace_number", "RequestId"],
)
def test_a_cursor_and_a_reference_are_known_by_how_they_are_called(rules: Rules, field: str) -> None:
    def made(_: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        value = "".join(chance.choices("ABCDEFGHJKLM123456789", k=19)) + "7"
        yield req("POST /v1/things"), answer({"n": 1, field: value})
        yield req("GET /v1/things"), answer(f"<r><{field}>{value}</{field}></r>")

    cassette = in_every_recording(made, rules)
    assert body_of(cassette)[field] in cassette.interactions[1].response.text


@pytest.mark.parametrize("field", ["order_number", "account_number", "next_action", "reference_url", "page", "code"])
def test_other_names_of_numbers_and_words_are_none(field: str) -> None:
    value = {field: "ABC123456789DEF0"}
    assert value_of(tell(session(), req("GET /v1/x"), answer(value))) == value


def test_what_a_post_only_shows_of_an_accounts_standing_data_keeps_its_name_in_every_file() -> None:
    old = {"id": "cus_NffrFeUfNV2Hib", "created": 1_700_000_000}

    def name(*exchanges: tuple[Request, Response]) -> str:
        to = session()
        *_, last = [value_of(tell(to, *each)) for each in exchanges]
        return str(last["customer"]["id"])

    invoice = answer({"id": "in_1Abcdefghijklmnop", "created": int(NOW), "customer": old})
    read = req("GET /v1/invoices/in_1Abcdefghijklmnop"), answer({"id": "in_1Abcdefghijklmnop", "customer": old})
    assert name((req("POST /v1/invoices"), invoice)) == name(read)


@pytest.mark.parametrize("field", ["network_transaction_id", "acquirer_reference_number", "trace_id"])
def test_a_reference_of_a_network_has_a_name_of_its_payment(field: str) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        number = "".join(chance.choices("123456789", k=15))
        charge = {"id": minted(chance, "ch_"), "created": int(at), "payment_method_details": {"card": {field: number}}}
        yield req("POST /v1/charges"), answer(charge)
        yield (
            req("GET /v1/refunds"),
            answer({"data": [{"id": minted(chance, "re_"), field: number}]}),
        )

    found = in_every_recording(made)
    told = body_of(found)["payment_method_details"]["card"][field]
    assert told.isdigit()
    assert len(told) == 15
    assert body_of(found, 1)["data"][0][field] == told


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize(
    "page",
    [
        lambda token: {"next_page_url": f"/v2/core/events?limit=1&page={token}"},
        lambda token: {"_links": {"next": {"href": f"/v2/core/events?state=2026-11-01&ptr={quote(token, safe='')}"}}},
        lambda token: {"paging": {"previousUrl": f"/v2/core/events?x-after-key={token}&sort=createdAt"}},
    ],
)
def test_what_an_answers_own_link_hands_on_is_a_cursor_under_any_name(
    rules: Rules, page: Callable[[str], dict[str, Any]]
) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        token = b64encode(f"{at}{chance.random()}".encode()).decode().rstrip("=")
        yield req("GET /v2/core/events"), answer({"data": [], **page(token)})

    text = dumps(in_every_recording(made, rules))
    assert all(word in text for word in ("createdAt", "2026-11-01") if word in str(page("")))


def test_who_follows_such_a_link_asks_the_upstream_with_its_own_token() -> None:
    to, token = session(), "ZXZ0XzFVSTZxc0hJQllaWXllUHI1MjM0"
    told = value_of(tell(to, req("GET /v2/events"), answer({"next_page_url": f"/v2/events?limit=1&page={token}"})))
    assert token not in told["next_page_url"]
    assert forwarded(to, req(f"GET {told['next_page_url']}")).request.target == f"/v2/events?limit=1&page={token}"


@pytest.mark.parametrize(
    "value",
    [
        lambda chance: f"user-{chance.randbytes(4).hex()}@example.com",
        lambda chance: f"+49 {chance.randrange(10**7, 10**9)}",
        lambda chance: str(chance.randrange(10**4, 10**12)),
        lambda chance: "".join(chance.choices(aliases.BASE62 + "-_", k=chance.randrange(6, 30))),
        lambda chance: f"ord_{''.join(chance.choices(aliases.BASE62, k=20))}7",
    ],
)
def test_what_stands_for_a_declared_value_follows_from_its_origin_and_not_from_its_letters(
    value: Callable[[Random], str],
) -> None:
    def recorded(seed: int) -> str:
        to = session(volatile=("email",), epoch=EPOCH)
        live = value(Random(seed))
        tell(to, req("POST /v1/customers", {"email": live}), answer({"id": CUSTOMER, "email": live}), NOW + seed)
        cassette = to.cassette()
        assert cassette is not None
        assert live not in dumps(cassette)
        return dumps(cassette)

    assert recorded(1) == recorded(2) == recorded(3)


def test_the_accounts_that_one_caller_is_told_of_have_names_of_their_own() -> None:
    def made(*_: object) -> Iterable[tuple[Request, Response]]:
        for number, account in enumerate(("acct_1MtHbELkdIwHu7ix", "acct_1QqAbCdEfGhIjKlM")):
            link = f"https://dashboard.stripe.com/{account}/test/logs/x"
            yield req(f"GET /v1/charges/{number}"), answer({"request_log_url": link})

    found = in_every_recording(made)
    assert body_of(found, 0) != body_of(found, 1)
