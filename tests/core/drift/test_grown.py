"""Rules that have grown: tokens and secrets of the recording are named as those of today, and nothing else is."""

from typing import Any

from replayer.core.cassette import Cassette
from replayer.core.drift.renaming import NAMED, grown
from replayer.core.rules import Rules, registry, table
from tests.core.build import INVOICE, answer, recorded, req, value_of

TICKET, OTHER = "t-q8Zk3Jf0aLw2", "M1xv7Tq9bRc4"


def rules(**more: Any) -> Rules:
    return table.extended(registry.INVOICE_RULES, more)


TICKETS = rules(tokens=[{"field": "ticket"}, {"field": "x-trace", "pattern": "^trace-(?P<token>.+)$"}])


def ours(*exchanges: Any) -> Cassette:
    return recorded(*exchanges)


def test_a_token_has_one_name_in_answers_headers_paths_queries_and_forms() -> None:
    cassette = ours(
        (req("GET /v1/ticket"), answer({"ticket": TICKET, "n": 1}, ("X-Seen", TICKET))),
        (req(f"GET /v1/ticket/{TICKET}?ticket={TICKET}"), answer({"next": f"/v1/x?ticket={TICKET}"})),
        (req("POST /v1/ticket", f"a=1&ticket={TICKET}"), answer({"text": f"used {TICKET}."})),
    )
    first, second, third = grown(cassette, TICKETS).interactions
    name = value_of(first.response)["ticket"]
    assert NAMED.fullmatch(name)
    assert dict(first.response.headers)["X-Seen"] == name
    assert second.request.target == f"/v1/ticket/{name}?ticket={name}"
    assert value_of(second.response)["next"] == f"/v1/x?ticket={name}"
    assert third.request.body == f"a=1&ticket={name}".encode()
    assert value_of(third.response)["text"] == f"used {name}."


def test_two_tokens_have_two_names_and_only_what_the_pattern_finds_is_one() -> None:
    replies = [answer({"ticket": one}, ("X-Trace", f"trace-{one}")) for one in (TICKET, OTHER)]
    cassette = ours(*((req("GET /v1/ticket"), reply) for reply in replies))
    first, second = (each.response for each in grown(cassette, TICKETS).interactions)
    assert value_of(first)["ticket"] != value_of(second)["ticket"]
    assert dict(first.headers)["X-Trace"] == f"trace-{value_of(first)['ticket']}"


def test_a_secret_becomes_asterisks() -> None:
    cassette = ours((req("GET /v1/ticket"), answer({"door": "code 4711-x"})))
    (one,) = grown(cassette, rules(secrets=[{"name": "door code", "pattern": "[0-9]{4}-x"}])).interactions
    assert value_of(one.response) == {"door": "code ******"}


def test_what_is_named_and_what_no_later_rule_knows_stays_to_the_byte() -> None:
    named = "zdGaIozICiVojkTahprnQbUL"
    cassette = ours(
        (
            req("POST /v1/invoices", "a=1"),
            answer('{ "id": "' + INVOICE + '", "total": 10.00, "ticket": "' + named + '"}'),
        )
    )
    assert grown(cassette, TICKETS) == cassette
    assert grown(cassette, registry.INVOICE_RULES) is cassette
    assert grown(cassette, rules(times=["synced"])) is cassette


def test_what_another_tool_wrote_has_no_names_yet() -> None:
    theirs = Cassette(ours((req("GET /v1/ticket"), answer({"ticket": TICKET}))).interactions)
    assert grown(theirs, TICKETS) is theirs
