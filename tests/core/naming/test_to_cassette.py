"""Answers in the cassette's names."""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from replayer.core.message import Response, bodies, leaves, shapes, wire
from replayer.core.naming import aliases
from replayer.core.naming.aliases import alias, is_alias
from replayer.core.naming.response import Naming
from tests.core.build import CUSTOMER, EPOCH, INVOICE, JSON, KEY, OTHER, answer, json_texts, req, value_of

from .translating import ACCOUNT, DAY, LINK, NOW, ORIGIN, UPSTREAM, knowing, moment, sent, taken_in, told, translator


def test_an_id_has_one_name_wherever_it_stands_in_an_answer() -> None:
    to = translator()
    value = {"id": INVOICE, "url": f"/v1/invoices/{INVOICE}/lines", "message": f"No such '{INVOICE}'", "n": [INVOICE]}
    name = told(value, to)["id"]
    assert is_alias("prefixed", name)
    assert told(value, to, digest="other") == {
        "id": name, "url": f"/v1/invoices/{name}/lines", "message": f"No such '{name}'", "n": [name]
    }  # fmt: skip


def test_an_id_in_a_header_has_the_same_name() -> None:
    to = translator()
    reply = answer({"id": INVOICE}, ("Location", f"{UPSTREAM}/v1/invoices/{INVOICE}"))
    named = taken_in(to, reply)
    name = value_of(named)["id"]
    assert wire.header(named.headers, "location") == f"{ORIGIN}/v1/invoices/{name}"


def test_a_name_follows_from_the_origin_and_from_nothing_else() -> None:
    assert told({"id": INVOICE, "n": 1}) == told({"id": OTHER, "n": 1})
    assert told({"id": INVOICE}) != told({"id": INVOICE}, digest="e")
    assert told({"id": INVOICE}) != told({"id": INVOICE}, occurrence=1)


def test_an_object_is_named_at_its_own_place_and_not_at_a_mention_of_it() -> None:
    mentioned = told({"default": INVOICE, "id": CUSTOMER, "data": [{"id": INVOICE}]})
    bare = told({"data": [{"id": INVOICE}]})
    assert mentioned["default"] == mentioned["data"][0]["id"] == bare["data"][0]["id"]


def test_an_id_inside_a_longer_one_is_another_id() -> None:
    to, (name,) = knowing(INVOICE)
    value = told({"a": f"{INVOICE}0", "b": f"x{INVOICE}", "c": f"{INVOICE}-1"}, to)
    assert value["c"] == f"{name}-1"
    assert name not in value["a"] + value["b"]
    assert INVOICE not in value["a"]


def test_an_alias_stays_what_it_is() -> None:
    name = alias("prefixed", INVOICE, "an earlier session")
    assert told({"id": name, "note": f"see {name}"}) == {"id": name, "note": f"see {name}"}


def test_both_halves_of_a_client_secret_are_named() -> None:
    value = told({"id": "pi_3AAAAAAAAAAAAA", "client_secret": "pi_3AAAAAAAAAAAAA_secret_BBBBBBBBBBBBB1"})
    front, _, back = value["client_secret"].partition("_secret_")
    assert front == value["id"]
    assert is_alias("prefixed", f"_secret_{back}")


def test_objects_older_than_the_session_are_named_by_their_own_ids() -> None:
    old = {"id": INVOICE, "created": NOW - DAY, "customer": CUSTOMER}
    one = told({"data": [old]}, digest="a list")
    other = told({"x": {"y": old}}, digest="something else")
    assert one["data"][0] == other["x"]["y"]
    assert one["data"][0]["created"] == NOW - DAY
    assert one["data"][0]["id"] != INVOICE


def test_what_the_client_wrote_first_stays_as_written() -> None:
    to = translator()
    sent(to, req("POST /v1/invoices", f"customer={CUSTOMER}&note=in_hello_WORLD0123456789"))
    assert told({"customer": CUSTOMER, "note": "in_hello_WORLD0123456789"}, to) == {
        "customer": CUSTOMER,
        "note": "in_hello_WORLD0123456789",
    }


def test_links_of_an_invoice_keep_one_name_though_every_read_has_new_ones() -> None:
    to = translator()
    first, second = (
        told({"id": INVOICE, "hosted_invoice_url": f"https://invoice.stripe.com/i/{ACCOUNT}/test_{token}?s=ap"}, to)
        for token in (LINK, LINK.swapcase())
    )
    assert first == second
    assert LINK not in first["hosted_invoice_url"]
    assert ACCOUNT not in first["hosted_invoice_url"]
    assert len(first["hosted_invoice_url"]) == len(f"https://invoice.stripe.com/i/{ACCOUNT}/test_{LINK}?s=ap")


def test_the_number_of_an_invoice_begins_with_the_prefix_of_its_customer() -> None:
    to = translator()
    customer = told({"id": CUSTOMER, "invoice_prefix": "A1B2C3D4"}, to)
    for owner in (CUSTOMER, {"id": CUSTOMER}):
        invoice = told({"id": INVOICE, "customer": owner, "number": "A1B2C3D4-0007"}, to, digest="e")
        assert invoice["number"] == f"{customer['invoice_prefix']}-0007"
    assert customer["invoice_prefix"] != "A1B2C3D4"


def test_times_are_virtual_and_keep_their_distance() -> None:
    value = told(
        {
            "id": INVOICE,
            "created": NOW,
            "due_date": NOW + 30 * DAY,
            "paid_at": None,
            "amount": NOW - DAY,
            "size": NOW + 99,
            "touched": NOW,
            "number_id": NOW,
            "lines": {"data": [{"id": OTHER, "period": {"start": NOW - DAY, "end": NOW}}]},
            "note": "2026-11-22T12:20:00.123Z",
        }
    )
    assert value["created"] == EPOCH + 1
    assert value["due_date"] == EPOCH + 1 + 30 * DAY
    assert value["paid_at"] is None
    # No fields that are known to hold a time: what is one all the same lies within the session, and is no id.
    assert (value["amount"], value["size"], value["number_id"]) == (NOW - DAY, NOW + 99, NOW)
    assert value["touched"] == EPOCH + 1
    assert value["lines"]["data"][0]["period"] == {"start": NOW - DAY, "end": EPOCH + 1}
    assert value["note"] == "2026-11-22T00:00:01.000Z"


def test_a_line_has_the_period_of_the_item_that_it_was_copied_from() -> None:
    to = translator()
    told({"id": "ii_1UI6qsHIBYZYyePrZqHAeqdY", "period": {"start": NOW, "end": NOW}}, to)
    line = {
        "id": "il_1UI6qsHIBYZYyePrZqHAeqdY",
        "object": "line_item",
        "parent": {"invoice_item_details": {"invoice_item": "ii_1UI6qsHIBYZYyePrZqHAeqdY"}},
        "period": {"start": NOW, "end": NOW},
    }
    assert told(line, to, digest="e", at=moment(2, NOW))["period"] == {"start": EPOCH + 1, "end": EPOCH + 1}


def test_the_date_of_an_answer_is_virtual() -> None:
    reply = answer({}, ("Date", "Sun, 22 Nov 2026 12:20:00 GMT"), ("Last-Modified", "Tue, 01 Nov 2022 00:00:00 GMT"))
    named = taken_in(translator(), reply)
    assert wire.header(named.headers, "date") == "Sun, 22 Nov 2026 00:00:01 GMT"
    assert wire.header(named.headers, "last-modified") == "Tue, 01 Nov 2022 00:00:00 GMT"


@pytest.mark.parametrize(
    "text",
    [
        '{"created": "9999-12-31T23:59:59Z", "at": "0001-01-01T00:00:00Z"}',
        '{"at": "2026-11-22T12:00:00+99:99", "created": "2026-02-31T00:00:00Z"}',
        '{"created": "' + "1" * 5_000 + '"}',
        '{"created": 12, "date": -1, "end": 1e400, "start": 10.00, "amount": 1' + "0" * 30 + "}",
        '{"created": null, "date": [], "start": {}, "a": "\\ud800 \\u0041"}',
        "[]",
        "null",
        '"active"',
        '{"id": "", "object": "", "a": {"id": null}}',
    ],
)
def test_what_is_neither_id_nor_time_keeps_every_byte(text: str) -> None:
    assert taken_in(translator(), answer(text)).body == text.encode()


@given(json_texts())
def test_an_answer_without_ids_times_and_secrets_keeps_every_byte(text: str) -> None:
    assert taken_in(translator(), answer(text)).body == text.encode()


def test_only_the_values_change_and_spaces_and_numbers_stay() -> None:
    text = f'{{ "n" : 10.00,"id":\t"{INVOICE}" , "big": 1{"0" * 30}}}'
    named = taken_in(translator(), answer(text)).body.decode()
    (piece,) = shapes.ids(named)
    assert named == text.replace(INVOICE, piece.text)


def test_secrets_and_credentials_are_scrubbed_from_answers() -> None:
    value = told({"message": f"Invalid API Key provided: {KEY}", "echo": "pass:word-1"}, credentials=["pass:word-1"])
    assert value == {"message": f"Invalid API Key provided: sk_test_{'*' * 24}", "echo": "*" * 11}


@pytest.mark.parametrize(
    "secret",
    [
        f"https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/{LINK[:24]}",
        f"https://x.io/s?zak=eyJhbGciOiJIUzI1NiJ9.{base64.b64encode(INVOICE.encode()).decode().rstrip('=')}.{LINK[:43]}",
    ],
)
def test_what_its_form_shows_is_scrubbed_as_a_whole_and_no_part_of_it_gets_a_name(secret: str) -> None:
    to = translator()
    value = told({"url": secret}, to)
    assert value["url"].startswith(secret[:12])
    assert value["url"].endswith("*" * 20)
    assert list(to.still_real(str(value), frozenset())) == []


@pytest.mark.parametrize("name", ["id", "order"])
def test_what_only_a_later_link_shows_to_be_a_token_is_named_where_it_stands_before(name: str) -> None:
    to = translator()
    order = "5O190127TN364715T"
    value = told({name: order, "links": [{"href": f"https://x.io/checkoutnow?token={order}"}]}, to)
    assert value["links"][0]["href"].endswith(f"?token={value[name]}")
    assert list(to.still_real(str(value), frozenset())) == []


@pytest.mark.parametrize("header", ["Location", "Operation-Location"])
def test_where_an_answer_sends_its_client_on_it_hands_on_tokens(header: str) -> None:
    to = translator()
    reply = Response(302, "", ((header, f"https://app.x.io/cb?code={LINK[:32]}&state=all"),), b"")
    shown = taken_in(to, reply).header(header) or ""
    assert LINK[:32] not in shown
    assert sent(to, req(f"POST /token?{shown.partition('?')[2]}")).request.query == f"code={LINK[:32]}&state=all"


def test_a_credential_of_several_parameters_is_one() -> None:
    value = told({"sasToken": f"sv=2022-11-02&sr=c&sig={LINK[:30]}"})
    assert aliases.certifies(value["sasToken"])


@pytest.mark.parametrize(
    "answer_",
    [{"client_secret": {"value": INVOICE}}, {"webhook_secret": INVOICE}, {"url": f"https://x.io/p/in_{LINK}"}],
)
def test_what_opens_something_is_remembered_by_no_later_session(answer_: Any) -> None:
    to = translator()
    told(answer_, to)
    assert to.names.remembered() == ((), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'{{"a": 1, "created": {NOW}}}\n{{"expires_at": {NOW + DAY}}}\n', (EPOCH + 1, EPOCH + 1 + DAY)),
        (f"id,seen,left\n7,{NOW},{NOW - DAY}\n", (EPOCH + 1, NOW - DAY)),
        (f'<r at="{NOW}"><Until>x</Until><expiry>{NOW + DAY}</expiry></r>', (EPOCH + 1, EPOCH + 1 + DAY)),
        (f"GET /logs/{NOW}/a.txt?x=1 and order_id={NOW}", (EPOCH + 1, NOW)),
    ],
)
def test_numbers_within_a_text_are_times_by_the_name_before_them_or_within_the_session(
    text: str, expected: tuple[int, ...]
) -> None:
    named = taken_in(translator(), Response(200, "OK", (("Content-Type", "text/plain"),), text.encode())).body.decode()
    assert tuple(map(int, re.findall("[0-9]{10}", named))) == expected


def test_a_time_between_colons_is_one_and_how_long_an_answer_took_is_dropped() -> None:
    more = (("X-Routing", "WEST:20261122T122000Z:12ab"), ("openai-processing-ms", "290"), ("X-Query-Duration", "3"))
    reply = taken_in(translator(), answer({}, *more))
    assert reply.header("X-Routing") == "WEST:20261122T000001Z:12ab"
    assert (reply.header("openai-processing-ms"), reply.header("X-Query-Duration")) == (None, None)


def test_times_in_words_within_a_text_are_virtual_and_old_ones_stay() -> None:
    value = told(
        {
            "message": "Limited since 2026-11-22T12:20:00Z, see 2019-05-04T10:00:00Z.",
            "inner": json.dumps({"at": "Sun, 22 Nov 2026 12:20:00 GMT"}),
        }
    )
    assert value["message"] == "Limited since 2026-11-22T00:00:01Z, see 2019-05-04T10:00:00Z."
    assert json.loads(value["inner"]) == {"at": "Sun, 22 Nov 2026 00:00:01 GMT"}


def test_a_time_in_a_path_is_the_real_one_again_when_its_client_follows_it() -> None:
    to = translator()
    path = told({"url": f"/logs/{NOW}/a.txt"}, to)["url"]
    assert path == f"/logs/{EPOCH + 1}/a.txt"
    assert sent(to, req(f"GET {path}")).request.target == f"/logs/{NOW}/a.txt"


def test_an_answer_in_gzip_is_unpacked_and_named() -> None:
    packed = bodies.encode_content(json.dumps({"id": INVOICE}).encode(), "gzip")
    assert packed is not None
    named = taken_in(translator(), Response(200, "OK", (*JSON, ("Content-Encoding", "gzip")), packed))
    assert named == taken_in(translator(), answer({"id": INVOICE}))


def test_an_answer_that_is_no_text_keeps_every_byte_but_those_of_ids() -> None:
    pdf = Response(200, "OK", (("Content-Type", "application/pdf"),), f"%PDF\0{INVOICE}\0\xff".encode("latin-1"))
    named = taken_in(translator(), pdf).body
    assert INVOICE.encode() not in named
    assert (len(named), named[:8], named[-2:]) == (len(pdf.body), b"%PDF\0in_", b"\0\xff")


def test_an_answer_without_a_date_gets_one_as_any_proxy_owes_it() -> None:
    named = taken_in(translator(), Response(200, "OK", (("Content-Type", "text/plain"),), b"x"))
    assert [name for name, _ in named.headers] == ["Content-Type", "Date"]


def test_ids_in_plain_text_are_named() -> None:
    to, (name,) = knowing(INVOICE)
    page = Response(200, "OK", (("Content-Type", "text/html"),), f"<a href='{UPSTREAM}/{INVOICE}'>".encode())
    assert taken_in(to, page).body == f"<a href='{ORIGIN}/{name}'>".encode()


@pytest.mark.parametrize(
    ("value", "times"),
    [
        ({"id": INVOICE}, 1),
        ({"next": f"{ORIGIN}/v1/things?page={LINK[:32]}"}, 1),
        ({"said": LINK[:32], "next": f"{ORIGIN}/v1/things?page={LINK[:32]}"}, 2),
        ({"said": f"{LINK[:31]}=", "next": f"{ORIGIN}/v1/things?page={LINK[:31]}%3D"}, 2),
        ({"said": "a \\ b", "next": f"{ORIGIN}/v1/things?page={LINK[:32]}"}, 2),
    ],
)
def test_an_answer_is_looked_at_twice_only_where_a_new_token_may_stand_before_the_link_that_tells_it(
    value: dict[str, str], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Naming] = []
    changes = Naming.changes

    def counted(self: Naming, found: Sequence[leaves.Leaf]) -> list[tuple[leaves.Leaf, str]]:
        looked.append(self)
        return changes(self, found)

    monkeypatch.setattr(Naming, "changes", counted)
    shown = told(value)
    assert len(looked) == times
    assert LINK[:31] not in str(shown)
