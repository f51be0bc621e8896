"""The words of a miss, word for word."""

import pytest

from replayer.core.matching import Canonical, canonical
from replayer.core.modes import Mode
from replayer.core.rules import registry
from replayer.core.session.nearest import (
    SHOWN,
    Comparison,
    Where,
    differences,
    live_key,
    nearest,
    no_match,
    stale_alias,
    unknown_state,
    used_up,
)
from tests.core.build import asked

WHERE = Where("invoices.yaml", Mode.NONE, recorded=10, played=3, remedy="record again with --replayer-mode=all")
PAGE_4 = asked("GET /v1/invoices?limit=4")
PAGE_3 = asked("GET /v1/invoices?limit=3")


def test_no_match_names_the_nearest_request_and_what_differs() -> None:
    assert no_match(PAGE_4, PAGE_3, WHERE, never=registry.INVOICE_RULES.cursors) == (
        "No recorded interaction matches GET /v1/invoices?limit=4.\n"
        "Cassette: invoices.yaml (mode none; 10 recorded, 3 played)\n"
        "Closest: GET /v1/invoices?limit=3 - query limit '4', recorded '3'\n"
        "To fix: record again with --replayer-mode=all"
    )


def order(number: str, **more: str) -> Canonical:
    return asked("POST /v1/x", {"metadata": {"order_id": number}, "lines": [{"sku": "a"}], **more})


def test_a_field_that_alone_differs_and_looks_made_up_is_proposed_as_the_line_to_write() -> None:
    told = no_match(order("ORD-17"), order("ORD-18"), WHERE)
    assert told.endswith(
        'Or, if that is new in every run, say so under [tool.replayer]: volatile = ["metadata[order_id]"]'
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (order("ORD-17"), order("ORD-18", email="ada@example.com")),  # there is another difference
        (order("open"), order("paid")),  # not made up
        (PAGE_4, PAGE_3),  # another page
        (asked("POST /v1/x", {"a": 1, "b": 1, "c": 1, "d": 1}), asked("POST /v1/x", {"a": 2, "b": 2, "c": 2, "d": 2})),
        (asked("POST /v1/x", "n=1"), asked("POST /v1/y", "n=2")),
    ],
)
def test_nothing_is_proposed_where_it_would_hide_a_difference(one: Canonical, other: Canonical) -> None:
    assert "volatile" not in no_match(one, other, WHERE, never=registry.INVOICE_RULES.cursors)


def test_a_bound_value_is_told_with_what_it_stands_for() -> None:
    reading = Comparison(live={"recorded-1": "live-1"}.get)
    assert differences(asked("GET /v1/x?ref=live-2"), asked("GET /v1/x?ref=recorded-1"), reading) == [
        "query ref 'live-2', recorded 'recorded-1', which stands for 'live-1' in this run"
    ]


def test_values_that_need_not_be_equal_are_no_difference() -> None:
    reading = Comparison(alike=lambda ours, theirs: {ours, theirs} == {"a1", "b1"})
    one, other = asked("GET /v1/a1/x?ref=a1&n=1"), asked("GET /v1/b1/x?ref=b1&n=2")
    assert differences(one, other, reading) == ["query n '1', recorded '2'"]
    assert differences(asked("GET /v1/a1"), asked("GET /v1/b1"), reading) == []


def test_an_empty_cassette_is_named_as_what_it_is() -> None:
    empty = Where("invoices.yaml", Mode.ONCE, recorded=0, played=0, remedy="record it")
    assert no_match(PAGE_4, None, empty) == (
        "No recorded interaction matches GET /v1/invoices?limit=4.\n"
        "Cassette: invoices.yaml (mode once; 0 recorded, 0 played)\n"
        "The cassette is empty.\n"
        "To fix: record it"
    )


@pytest.mark.parametrize(("times", "told"), [(1, "once"), (2, "2 times")])
def test_a_write_that_is_used_up_says_how_often_it_was_recorded(times: int, told: str) -> None:
    assert used_up(asked("POST /v1/invoices", "customer=cus_1"), times, WHERE) == (
        f"POST /v1/invoices was recorded {told}, and all of that is played.\n"
        "Cassette: invoices.yaml (mode none; 10 recorded, 3 played)\n"
        "A write is answered as often as it was recorded; tried again under its Idempotency-Key, again.\n"
        "To fix: record again with --replayer-mode=all"
    )


@pytest.mark.parametrize(
    ("ahead", "behind", "told"),
    [
        ([], ["POST /v1/a"], "recorded after POST /v1/a, which you have not played"),
        (["POST /v1/a"], [], "recorded before POST /v1/a, which you have played"),
        (
            ["POST /v1/a", "POST /v1/b"],
            [f"DELETE /v1/{name}" for name in "abcdefg"],
            "recorded before POST /v1/a, POST /v1/b, which you have played; recorded after DELETE /v1/a, DELETE /v1/b, "
            "DELETE /v1/c, DELETE /v1/d, DELETE /v1/e, and 2 more, which you have not played",
        ),
    ],
)
def test_an_unknown_state_says_which_writes_the_nearest_one_differs_in(
    ahead: list[str], behind: list[str], told: str
) -> None:
    assert unknown_state(PAGE_3, ahead, behind, WHERE) == (
        "GET /v1/invoices?limit=3 was recorded, but not in this state.\n"
        "Cassette: invoices.yaml (mode none; 10 recorded, 3 played)\n"
        f"Nearest: {told}\n"
        "To fix: record again with --replayer-mode=all; or serve the nearest earlier answer with the setting lenient"
    )


def test_a_stale_alias_is_named_once() -> None:
    assert stale_alias(PAGE_3, ["in_b", "in_a", "in_b"], WHERE) == (
        "GET /v1/invoices?limit=3 names in_a, in_b, which an earlier recording gave out: "
        "the upstream does not know it, so nothing was sent.\n"
        "Cassette: invoices.yaml (mode none; 10 recorded, 3 played)\n"
        "To fix: record again with --replayer-mode=all; or work where it was recorded last, "
        "where .replayer/ knows what its names stand for"
    )


def test_a_live_key_is_refused_with_both_ways_out() -> None:
    assert live_key(PAGE_3, WHERE) == (
        "GET /v1/invoices?limit=3 carries a live key, which can move real money: nothing was sent.\n"
        "Cassette: invoices.yaml (mode none; 10 recorded, 3 played)\n"
        "To fix: use a test key (sk_test_...), or set allow_live if you mean it (REPLAYER_ALLOW_LIVE=1)"
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (asked("GET /a"), asked("GET /a"), []),
        (asked("GET /a"), asked("POST /a"), ["method GET, recorded POST"]),
        (asked("GET /a"), asked("GET /b"), ["path /a, recorded /b"]),
        (asked("GET /a?x=1"), asked("GET /a?x=2"), ["query x '1', recorded '2'"]),
        (asked("GET /a?x="), asked("GET /a"), ["query x '', not in the recorded one"]),
        (asked("GET /a"), asked("GET /a?x="), ["query x missing, recorded ''"]),
        (
            asked("GET /a?x[gte]=1&y[]=b"),
            asked("GET /a?x[gte]=2&y[]=c"),
            ["query x[gte] '1', recorded '2'", "query y[0] 'b', recorded 'c'"],
        ),
        (asked("POST /a", "x=1"), asked("POST /a", "x=2"), ["body x '1', recorded '2'"]),
        (asked("POST /a", {"x": [1]}), asked("POST /a", {"x": [2]}), ["body x[0] '1', recorded '2'"]),
        (asked("POST /a", "x=1"), asked("POST /a"), ["body x '1', not in the recorded one"]),
        (asked("POST /a", b"one"), asked("POST /a", b"two"), ["body text 'one', recorded 'two'"]),
        (
            asked("GET /a", b"", ("Stripe-Version", "1")),
            asked("GET /a", b"", ("Stripe-Version", "2")),
            ["header stripe-version '1', recorded '2'"],
        ),
    ],
)
def test_each_field_that_differs_is_told(one: Canonical, other: Canonical, expected: list[str]) -> None:
    assert differences(one, other) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asked("POST /a", {"x": "1"}), asked("POST /a", "x=1")),
        (asked("POST /a", {"x": 1}), asked("POST /a", {"x": "1"})),
        (asked("POST /a", {"x": None}), asked("POST /a", {"x": ""})),
        (asked("POST /a", {"x": []}), asked("POST /a", {})),
    ],
)
def test_requests_that_differ_are_never_said_to_differ_in_nothing(one: Canonical, other: Canonical) -> None:
    assert differences(one, other) == [
        "the same fields, but not of the same kind: form or JSON, text or number, empty or missing"
    ]


def test_many_differences_are_counted() -> None:
    many = "&".join(f"a{number}=1" for number in range(SHOWN + 2))
    told = no_match(asked(f"GET /x?{many}"), asked("GET /x"), WHERE)
    assert told.splitlines()[2].endswith("query a4 '1', not in the recorded one; and 2 more")


def test_long_requests_and_values_are_cut() -> None:
    long = "x" * 5_000
    assert len(canonical.describe(asked(f"GET /v1/{long}"))) == canonical.LONGEST + len("...")
    told = no_match(asked("POST /v1/a", f"note={long}"), asked("POST /v1/a", "note=y"), WHERE)
    assert len(told) < 3 * canonical.LONGEST + 200


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("get /v1/a%20b?x%5Bgte%5D=1&y[]=%C3%BC&z", "GET /v1/a b?x[gte]=1&y[0]=ü&z="),
        ("GET /v1/a?", "GET /v1/a"),
    ],
)
def test_a_request_is_described_decoded(line: str, expected: str) -> None:
    assert canonical.describe(asked(line)) == expected


def test_a_tree_is_told_as_the_pairs_of_its_form() -> None:
    assert list(canonical.flat({"a": [{"b": 1}, None], "c": {"d": "e"}})) == [
        ("a[0][b]", "1"),
        ("a[1]", ""),
        ("c[d]", "e"),
    ]


@pytest.mark.parametrize(
    ("line", "others", "expected"),
    [
        ("GET /v1/a?x=1", ["POST /v1/a?x=1", "GET /v1/b?x=1", "GET /v1/a?y=2"], 2),
        ("GET /v1/a?x=1&y=2", ["GET /v1/a?x=1", "GET /v1/a?x=1&y=3&z=4"], 0),
        ("GET /v1/a/1/b", ["GET /v1/a", "GET /v1/a/2/b"], 1),
        ("DELETE /v1/a", ["GET /v1/b", "GET /v1/a"], 1),
    ],
)
def test_the_nearest_request_has_the_same_method_then_the_nearest_path_then_the_fewest_differences(
    line: str, others: list[str], expected: int
) -> None:
    recorded = [asked(other) for other in others]
    assert nearest(asked(line), recorded) == recorded[expected]


def test_nothing_is_nearest_to_anything_in_an_empty_cassette() -> None:
    assert nearest(PAGE_3, []) is None
