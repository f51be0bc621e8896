"""Learning: a rule for what differs from one answer to the next, by what it looks like, and never its value."""

import json
from dataclasses import replace
from typing import Any

import pytest

from replayer.core.drift.drift import Compared
from replayer.core.drift.proposals import Proposal, Rule, look_of, proposals
from replayer.core.message import wire
from replayer.core.rules import registry
from tests.core.build import INVOICE, OTHER, answer, asked

NOW = 1_795_350_000


def learned(old: Any, new: Any, headers: tuple[wire.Headers, wire.Headers] = ((), ())) -> list[Proposal]:
    """What is proposed for two answers to one question."""
    pair = [answer(json.dumps(value), *more) for value, more in zip((old, new), headers, strict=True)]
    return proposals([Compared(1, asked("GET /v1/things"), *pair)], registry.INVOICE_RULES)


@pytest.mark.parametrize(
    ("old", "new", "rule", "pattern"),
    [
        (NOW, NOW + 1, Rule.TIMES, ""),
        (str(NOW), str(NOW + 1), Rule.TIMES, ""),
        (NOW * 1000 + 17, NOW * 1000 + 1017, Rule.TIMES, ""),
        ("2026-11-22T12:00:00Z", "2026-11-22T12:00:01Z", Rule.TIMES, ""),
        ("Sun, 22 Nov 2026 12:20:00 GMT", "Sun, 22 Nov 2026 12:20:01 GMT", Rule.TIMES, ""),
        ("q8Zk3Jf0aLw2", "M1xv7Tq9bRc4", Rule.TOKENS, ""),
        ("104557712345678", "204557712345679", Rule.TOKENS, ""),
        ("1045577123", "2045577124", Rule.TOKENS, ""),
        ("1045577123456", "2045577124567", Rule.TOKENS, ""),
        (2897395948, 2624063060, Rule.TOKENS, ""),
        (28973, 26240, None, ""),
        ("/Date(1795350000000+0000)/", "/Date(1795350001000+0000)/", Rule.TIMES, ""),
        (
            "https://a.test/s/q8Zk3Jf0aLw2",
            "https://a.test/s/M1xv7Tq9bRc4",
            Rule.TOKENS,
            "/(?P<token>[0-9A-Za-z_-]{8,})",
        ),
        (
            "https://files.example/session_01/q8Zk3Jf0aLw2",
            "https://files.example/session_01/M1xv7Tq9bRc4",
            Rule.TOKENS,
            "/(?P<token>[0-9A-Za-z_-]{8,})$",
        ),
        (3, 4, None, ""),
        ("open", "paid", None, ""),
        (True, False, None, ""),
        (None, "x", None, ""),
        (INVOICE, OTHER, None, ""),
        ([1, 2], [2, 1], None, ""),
        ("It is sunny.", "It is raining.", None, ""),
    ],
)
def test_a_field_gets_the_rule_that_it_looks_like(old: Any, new: Any, rule: Rule | None, pattern: str) -> None:
    (proposal,) = learned({"object": "thing", "seen": old}, {"object": "thing", "seen": new})
    assert (proposal.rule, proposal.name, proposal.pattern) == (rule, "seen", pattern)


def test_a_header_that_differs_is_noise() -> None:
    (proposal,) = learned({}, {}, ((("X-Cost", "12"),), (("X-Cost", "123"),)))
    assert (proposal.rule, proposal.name) == (Rule.NOISE_HEADERS, "x-cost")


def test_a_header_that_only_one_of_the_answers_has_is_told_and_no_rule_follows() -> None:
    for headers in (((), (("X-Slow", "1"),)), ((("X-Slow", "1"),), ())):
        (proposal,) = learned({}, {}, headers)
        assert (proposal.rule, proposal.name) == (None, "x-slow")


def test_a_header_that_differs_here_and_is_missing_there_is_no_noise() -> None:
    pairs = [
        Compared(1, asked("GET /a"), answer({}, ("X-Cost", "1")), answer({}, ("X-Cost", "2"))),
        Compared(2, asked("GET /b"), answer({}), answer({}, ("X-Cost", "2"))),
    ]
    (proposal,) = proposals(pairs, registry.INVOICE_RULES)
    assert (proposal.rule, proposal.name) == (None, "x-cost")


@pytest.mark.parametrize("name", ["Link", "Location", "Content-Type", "Retry-After", "X-Next-Cursor"])
def test_a_header_that_clients_act_on_is_never_noise(name: str) -> None:
    pair = [answer({}, (name, value)) for value in ("</x?page=2>; rel=next", "</x?page=3>; rel=next")]
    (proposal,) = proposals([Compared(1, asked("GET /v1/things"), *pair)], registry.GENERIC_RULES)
    assert (proposal.rule, proposal.name) == (None, name.lower())


def test_a_credential_in_a_request_is_not_told() -> None:
    question = asked("GET /v1/things?access_token=q8Zk3Jf0aLw2M1xv7Tq9bRc4")
    (proposal,) = proposals([Compared(1, question, answer({"n": 1}), answer({"n": 2}))], registry.INVOICE_RULES)
    assert proposal.why.endswith("first in #1 GET /v1/things?access_token=q8...c4")


def test_what_is_a_time_already_needs_no_rule_again() -> None:
    (proposal,) = learned({"created": NOW}, {"created": NOW + 1})
    assert proposal.rule is None


def test_a_field_must_look_alike_everywhere() -> None:
    pairs = [
        Compared(1, asked("GET /a"), answer({"object": "x", "at": NOW}), answer({"object": "x", "at": NOW + 1})),
        Compared(2, asked("GET /b"), answer({"object": "x", "at": 1}), answer({"object": "x", "at": 2})),
    ]
    (proposal,) = proposals(pairs, registry.INVOICE_RULES)
    assert proposal.rule is None


def test_one_field_of_several_objects_is_one_proposal() -> None:
    old = {"a": {"object": "x", "seen": NOW}, "b": {"object": "y", "seen": NOW}}
    new = {"a": {"object": "x", "seen": NOW + 1}, "b": {"object": "y", "seen": NOW + 1}}
    assert len(learned(old, new)) == 1


def test_where_it_was_seen_is_told_and_the_value_is_not() -> None:
    (proposal,) = learned({"object": "thing", "trace": "q8Zk3Jf0aLw2"}, {"object": "thing", "trace": "M1xv7Tq9bRc4"})
    assert proposal.why == (
        "thing trace: 12 letters and digits, then 12 letters and digits; in 1 answer, first in #1 GET /v1/things"
    )


def test_under_the_learned_rules_the_same_answers_have_nothing_more_to_learn_in_headers() -> None:
    headers: tuple[wire.Headers, wire.Headers] = ((("X-Cost", "12"),), (("X-Cost", "123"),))
    rules = replace(
        registry.INVOICE_RULES, noise_headers=registry.INVOICE_RULES.noise_headers | {learned({}, {}, headers)[0].name}
    )
    pair = [answer({}, *more) for more in headers]
    assert proposals([Compared(1, asked("GET /v1/things"), *pair)], rules) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (17, "a whole number of 2 digits"),
        (-17, "a whole number of 2 digits"),
        (7, "a whole number of 1 digit"),
        (1.5, "a number with a fraction"),
        (True, "true or false"),
        (None, "null"),
        ([], "a list"),
        ({}, "an object"),
        ("", "an empty text"),
        ("abc", "3 letters"),
        ("a1", "2 letters and digits"),
        ("a 1-", "4 letters, digits, spaces and other characters"),
        ("2026-11-22T12:00:00Z", "an ISO 8601 time"),
        ("Sun, 22 Nov 2026 12:20:00 GMT", "an HTTP date"),
    ],
)
def test_a_look_is_told_in_words(value: Any, words: str) -> None:
    assert look_of(value) == words
