"""What an API answers differently each time is the same in every fresh recording: a file differs where it changed."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import md5, sha1, sha256, sha512
from random import Random
from typing import Any
from urllib.parse import quote
from zlib import crc32

import pytest

from replayer.cassettes import dumps
from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.naming import aliases
from replayer.core.rules import Rules, registry
from tests.core.build import (
    CUSTOMER,
    EPOCH,
    INVOICE,
    NOW,
    ORIGIN,
    PROXY,
    answer,
    forwarded,
    req,
    session,
    tell,
    value_of,
)

RULES = list(registry.RULES.values())
DAY = 86_400
Exchanges = Callable[[float, Random], Iterable[tuple[Request, Response]]]
"""What is asked and answered in a run that begins at that time, by that chance."""


def fresh(
    exchanges: Exchanges, rules: Rules, *, seed: int = 1, at: float = NOW, over: Cassette | None = None
) -> Cassette:
    """A recording of a run with that chance at that time, over an older one or over none."""
    to = session(over, Mode.ALL, rules=rules, epoch=EPOCH)
    for number, (request, reply) in enumerate(exchanges(at, Random(seed))):
        tell(to, request, reply, at + number)
    cassette = to.cassette()
    assert cassette is not None
    assert not to.upstream.names.collisions
    return cassette


def in_every_recording(exchanges: Exchanges, rules: Rules = registry.INVOICE_RULES) -> Cassette:
    """The recording, which is the same on another day by another chance: a fresh one, and one over the first."""
    first = fresh(exchanges, rules)
    text = dumps(first)
    assert dumps(fresh(exchanges, rules, seed=2, at=NOW + 3 * DAY + 4_321)) == text
    assert dumps(fresh(exchanges, rules, seed=3, at=NOW + 9 * DAY + 77, over=first)) == text
    assert audit(first, text) == []
    return first


def minted(chance: Random, prefix: str = "in_", length: int = 24) -> str:
    return prefix + "1" + "".join(chance.choices(aliases.BASE62, k=length - 1))


def body_of(cassette: Cassette, number: int = 0) -> Any:
    return value_of(cassette.interactions[number].response)


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize(
    ("field", "distance"),
    [
        ("capture_before", 604_800),
        ("network_updated_at", 0),
        ("expires_after", 3_600),
        ("renewsOn", 30 * DAY),
        ("claim_until", DAY + 17),
        ("settlement_date", 2 * DAY),
        ("period_closing", 0),
    ],
)
def test_a_time_in_a_field_of_a_usual_ending_is_one_and_keeps_its_distance(
    rules: Rules, field: str, distance: int
) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        yield req("POST /v1/charges"), answer({"id": minted(chance), "created": int(at), field: int(at) + distance})

    found = body_of(in_every_recording(made, rules))
    assert found[field] - found["created"] == distance


def test_every_timestamp_of_the_invoice_apis_description_is_a_time() -> None:
    fields = (
        "accepted_at active_from arrival_date as_of backdate_start_date billing_cycle_anchor canceled_at "
        "capture_before completed_at computed_timestamp confirmed_at created created_after created_at "
        "created_before data_available_end data_available_start date deactivated_at delayed_at delivered_at "
        "effective_at effective_date email_sent_at end_time eta expires expires_after expires_at failed_at "
        "finalized_at guaranteed_at initiated_at interval_end interval_start last_attempted_at last_seen_at "
        "network_updated_at next_pending_invoice_item_invoice next_refresh_available_at occurred_at period_end "
        "period_start posted_at product_substituted_at redeem_by refreshed_at refunded_at released_at "
        "requested_at returned_at start_date start_time started_at succeeded_at tax_date timestamp transacted_at "
        "transitioned_at trial_end updated void_at "
    )
    assert [field for field in fields.split() if not registry.INVOICE_RULES.is_time(field)] == []


@pytest.mark.parametrize(
    "field", ["amount", "at", "created_by", "station", "vibration", "based", "format", "retry_count"]
)
def test_an_ordinary_word_is_the_name_of_no_time(field: str) -> None:
    assert not any(rules.is_time(field) for rules in RULES)


@pytest.mark.parametrize(
    "link",
    [
        "https://dashboard.stripe.com/test/logs/req_X?t={at}",
        "/logs?object=in_x&t={at}000",
        "https://files.example/x?expires={later}&size=100",
        "see https://a.example/x?seen={at}#top",
        "https://a.example/x?sig=a&se={iso}",
    ],
)
def test_a_time_in_a_link_is_named_as_any_time(link: str) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        iso = f"2026-11-{22 + int(at - NOW) // DAY:02}T00%3A00%3A00Z"
        told = link.format(at=int(at), later=int(at) + 600, iso=iso)
        yield req("POST /v1/charges"), answer({"id": minted(chance), "created": int(at), "url": told})

    found = fresh(made, registry.INVOICE_RULES), fresh(made, registry.INVOICE_RULES, seed=2, at=NOW + 99)
    assert body_of(found[0])["url"] == body_of(found[1])["url"]
    if "iso" not in link:
        in_every_recording(made)


def test_who_follows_a_link_with_a_time_asks_the_upstream_by_the_real_one() -> None:
    to = session()
    asked = req("POST /v1/charges")
    told = value_of(tell(to, asked, answer({"id": "ch_1Abcdefghijklmnop", "url": f"/logs?from={int(NOW)}"})))["url"]
    assert str(int(NOW)) not in told
    forward: Any = to.decide(req(f"GET {told}"), NOW + 5)
    assert forward.request.target == f"/logs?from={int(NOW)}"


SPELLED: dict[str, Callable[[int], Any]] = {
    "net": lambda at: f"/Date({at}123+0000)/",
    "net zone": lambda at: f"/Date({at}000-0800)/",
    "mail": lambda at: f"{datetime.fromtimestamp(at, UTC):%a, %d %b %Y %H:%M:%S +0000}",
    "basic": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}",
    "space": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S UTC}",
    "print": lambda at: f"{datetime.fromtimestamp(at, UTC):%a %b %d %H:%M:%S +0000 %Y}",
    "x_at": lambda at: at + 0.25,
}


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
def test_the_spellings_of_one_instant_stay_one_in_bodies_and_in_headers(rules: Rules) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        spelled = {name: write(int(at)) for name, write in SPELLED.items()}
        headers = [(f"X-Made-{number}", str(text)) for number, text in enumerate(spelled.values()) if number < 6]
        headers.append(("X-Seen-At", str(int(at))))
        reply = answer({"id": minted(chance), "created": int(at)} | spelled, *headers)
        yield req("POST /v1/charges"), reply

    found = body_of(in_every_recording(made, rules))
    at = found["created"]
    assert at == EPOCH + 1
    assert found["net"] == f"/Date({at}000+0000)/"
    assert {name: found[name] for name in list(SPELLED)[1:-1]} == {
        name: write(at) for name, write in list(SPELLED.items())[1:-1]
    }
    assert found["x_at"] == at


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


SUMS: dict[str, Callable[[bytes], str]] = {
    "Content-MD5": lambda raw: b64encode(md5(raw, usedforsecurity=False).digest()).decode(),
    "Digest": lambda raw: f"SHA-256={b64encode(sha256(raw).digest()).decode()}",
    "Content-Digest": lambda raw: f"sha-512=:{b64encode(sha512(raw).digest()).decode()}:",
    "x-amz-checksum-crc32": lambda raw: b64encode(crc32(raw).to_bytes(4, "big")).decode(),
    "X-Content-SHA": lambda raw: sha256(raw).hexdigest().upper(),
    "X-Checksum-Sha1": lambda raw: sha1(raw, usedforsecurity=False).hexdigest(),
    "ETag": lambda raw: f'"{sha256(raw).hexdigest()}"',
}


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
def test_a_checksum_of_the_body_is_right_for_the_body_that_is_recorded(rules: Rules) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        reply = answer({"id": minted(chance), "created": int(at)})
        sums = tuple((name, write(reply.body)) for name, write in SUMS.items())
        more = (("Content-CRC32C", "AAAAAA=="), ("Dropbox-Content-Hash", "0a" * 32), ("X-Git-Hash", "abc123ef"))
        yield req("POST /v1/files"), replace(reply, headers=(*reply.headers, *sums, *more))

    response = in_every_recording(made, rules).interactions[0].response
    headers = dict(response.headers)
    assert {name: headers[name] for name in SUMS} == {name: write(response.body) for name, write in SUMS.items()}
    assert not {"Content-CRC32C", "Dropbox-Content-Hash"} & {*headers}  # it was not right, nobody can say what is
    assert headers["X-Git-Hash"] == "abc123ef"


def test_a_client_is_shown_a_checksum_of_the_bytes_that_it_gets_and_asks_with_the_etag_of_the_recording() -> None:
    to = session()
    body = json.dumps({"id": INVOICE, "next": f"{ORIGIN}/b"}).encode()
    sums = tuple((name, write(body)) for name, write in SUMS.items())
    shown = tell(to, req("GET /b"), Response(200, "OK", (("Content-Type", "application/json"), *sums), body))
    assert PROXY.encode() in shown.body
    headers = dict(shown.headers)
    assert headers.pop("ETag")
    assert {name: headers[name] for name in SUMS if name != "ETag"} == {
        name: write(shown.body) for name, write in SUMS.items() if name != "ETag"
    }
    forward = forwarded(to, req("GET /b", b"", ("If-None-Match", dict(shown.headers)["ETag"])))
    assert forward.request.header("If-None-Match") == dict(sums)["ETag"]


def test_the_upstream_is_sent_a_checksum_of_the_bytes_that_it_gets() -> None:
    to = session()
    alias = value_of(tell(to, req("POST /v1/invoices"), answer({"id": INVOICE})))["id"]
    sent = req("POST /v1/x", {"invoice": alias})
    sums = tuple((name, write(sent.body)) for name, write in SUMS.items() if name != "ETag")
    forward = forwarded(to, replace(sent, headers=(*sent.headers, *sums)))
    assert INVOICE.encode() in forward.request.body
    headers = dict(forward.request.headers)
    assert {name: headers[name] for name, _ in sums} == {name: SUMS[name](forward.request.body) for name, _ in sums}


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


EXPORTS: dict[str, Callable[[list[str]], bytes]] = {
    "lines": lambda ids: "\n".join(ids).encode(),
    "json": lambda ids: json.dumps({"ids": ids}).encode(),
    "between zeros": lambda ids: b"\0\xff" + b"\0".join(one.encode() for one in ids) + b"\x01",
    "a part of many": lambda ids: b"\r\n".join((b"--x", b"", *(one.encode() for one in ids), b"--x--", b"")),
}


@pytest.mark.parametrize("media", ["application/octet-stream", "application/pdf", "multipart/mixed; boundary=x"])
@pytest.mark.parametrize("form", EXPORTS)
def test_an_id_is_named_in_a_body_of_any_type(media: str, form: str) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        ids = [minted(chance) for _ in range(3)]
        for one in ids[:2]:
            yield req("POST /v1/invoices"), answer({"id": one, "created": int(at)})
        yield req("GET /v1/export"), Response(200, "OK", (("Content-Type", media),), EXPORTS[form](ids))

    found = in_every_recording(made)
    exported = found.interactions[2].response.body
    assert all(body_of(found, number)["id"].encode() in exported for number in range(2))


@pytest.mark.parametrize("media", ["multipart/form-data; boundary=x", "application/octet-stream", "application/zip"])
def test_the_upstream_is_sent_its_own_ids_in_a_body_of_any_type(media: str) -> None:
    to = session()
    alias = value_of(tell(to, req("POST /v1/invoices"), answer({"id": INVOICE})))["id"]
    for form in EXPORTS.values():
        forward = forwarded(to, req("POST /v1/files", form([alias]), ("Content-Type", media)))
        assert forward.request.body == form([INVOICE])


def upload(boundary: str, what: bytes = b"a,b") -> Request:
    body = b"--%s\r\n\r\n%s\r\n--%s--\r\n" % (boundary.encode(), what, boundary.encode())
    return req("POST /v1/files", body, ("Content-Type", f"multipart/form-data; boundary={boundary}"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (upload("0b9f4c"), upload("71c2aa")),
        (req("POST /v1/x", {"a": 1, "b": 2}), req("POST /v1/x", {"b": 2, "a": 1})),
        (req("POST /v1/x", "a=x+y&b[]=1"), req("POST /v1/x", "b[0]=1&a=x%20y")),
        (req("GET /v1/x?a=1&b=%5B"), req("GET /v1/x?b=[&a=1")),
    ],
)
def test_what_means_the_same_as_in_the_older_recording_keeps_its_bytes(first: Request, second: Request) -> None:
    def made(request: Request, seed: int = 1, over: Cassette | None = None) -> Cassette:
        return fresh(lambda at, _: [(request, answer({"created": int(at)}))], RULES[0], seed=seed, over=over)

    old = made(first)
    assert dumps(made(second, 2, old)) == dumps(old)


def test_what_means_something_else_does_not_and_a_secret_that_is_known_by_now_goes() -> None:
    def made(request: Request, over: Cassette | None = None) -> Cassette:
        return fresh(lambda *_: [(request, answer({}))], RULES[0], over=over)

    old = made(upload("0b9f4c"))
    assert dumps(made(upload("0b9f4c", b"a,c"), old)) != dumps(old)
    secret = "sk_test_" + "A" * 24
    leaky = replace(old.interactions[0], request=req("POST /v1/x", {"b": secret, "a": 1}))
    again = made(req("POST /v1/x", {"a": 1, "b": secret}), replace(old, interactions=(leaky,)))
    assert secret not in dumps(again)
