"""A suite is the same in whatever parts it was run, and in whatever order they are added up."""

from dataclasses import replace
from functools import reduce
from operator import add

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replayer.cli.report_document import SuiteReport
from replayer.core.suite import GATES, ReceiptFile, SessionReceipt, Suite, findings, ranges_of, session_receipt
from replayer.errors import UsageError

REQUESTS = {number: f"GET /v1/things/{number}" for number in range(1, 7)}
NUMBERS = st.sets(st.sampled_from(sorted(REQUESTS)))


@st.composite
def receipts(draw: st.DrawFn) -> SessionReceipt:
    """What a session may have told."""
    used = draw(NUMBERS)
    count = st.integers(0, 9)
    misses = draw(st.lists(st.sampled_from([("no-match", "GET /a"), ("used-up", "GET /b")]), max_size=3))
    drift = draw(st.sets(st.sampled_from(["status", "type"])))
    return SessionReceipt(
        cassette=draw(st.sampled_from(["a.yaml", "b.yaml", "c.yaml"])),
        mode=draw(st.sampled_from(["none", "once", "check"])),
        recorded=draw(count),
        played=draw(count),
        missed=draw(st.integers(len(misses), 9)),
        misses=tuple(session_receipt.Missed(*each) for each in misses),
        interactions=len(REQUESTS),
        digest=draw(st.sampled_from(["", "one", "other"])),
        used=ranges_of(used),
        unused=tuple((number, asked) for number, asked in REQUESTS.items() if number not in used)[: draw(count)],
        tests=tuple((test, draw(st.integers(0, 99))) for test in draw(st.sets(st.sampled_from("xyz")))),
        milliseconds=draw(st.integers(0, 9999)),
        age=draw(st.none() | count),
        max_age=draw(st.none() | count),
        unsaved=draw(st.sampled_from(["", "the run failed"])),
        drift=tuple(session_receipt.Drifted(kind, "invoice", "total", draw(count)) for kind in drift),
        command=("pytest", *draw(st.lists(st.sampled_from("xyz"), max_size=2))),
    )


RUNS = st.lists(
    st.builds(
        ReceiptFile,
        st.just("1"),
        st.lists(receipts(), max_size=4).map(tuple),
        st.lists(st.sampled_from(["a.yaml", "d.yaml"])).map(tuple),
    ),
    max_size=5,
)


def report_of(suite: Suite) -> object:
    return SuiteReport.of(suite, tuple(GATES), max_age=5).document


@settings(max_examples=25 if settings().max_examples < 100 else settings().max_examples)  # each is many sums
@given(RUNS, st.randoms(use_true_random=False), st.integers(0, 5))
def test_a_suite_is_the_same_in_any_parts_and_any_order(runs: list[ReceiptFile], chance: object, cut: int) -> None:
    whole = Suite.of(runs)
    shuffled = list(runs)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    left, right = Suite.of(shuffled[:cut]), Suite.of(shuffled[cut:])
    joined = ReceiptFile.joined("1", [ReceiptFile.joined("1", shuffled[:cut]), *shuffled[cut:]])
    one_by_one = reduce(add, (Suite.of([run]) for run in shuffled), Suite())
    assert left + right == right + left == whole == Suite() + whole
    assert one_by_one == Suite.of([joined]) == whole
    assert report_of(one_by_one) == report_of(whole)


@settings(max_examples=20)
@given(st.lists(receipts(), max_size=2))
def test_a_receipt_that_was_written_is_the_one_that_is_read(sessions: list[SessionReceipt]) -> None:
    import json

    file = ReceiptFile("1", tuple(sessions), ("a.yaml",))
    assert ReceiptFile.loads(json.dumps(file.document).encode(), "r.json") == file


def session(cassette: str = "a.yaml", **told: object) -> SessionReceipt:
    return replace(SessionReceipt(cassette, "none", interactions=3, digest="one"), **told)  # type: ignore[arg-type]


def suite(*sessions: SessionReceipt, present: tuple[str, ...] = ()) -> Suite:
    return Suite.of([ReceiptFile("1", (each,), present) for each in sessions])


def found(suite: Suite, max_age: int | None = None) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(each.gate, each.cassette): each.lines for each in findings(suite, max_age)}


def test_what_no_shard_used_is_unused_and_what_one_used_is_not() -> None:
    one = session(used=((1, 1),), unused=((2, "GET /2"), (3, "GET /3")))
    other = session(used=((2, 2),), unused=((1, "GET /1"), (3, "GET /3")))
    assert found(suite(one, other)) == {("unused", "a.yaml"): ("#3 GET /3",)}
    assert found(suite(one, other, session(used=((1, 3),)))) == {}


def test_the_numbers_of_another_version_of_a_cassette_are_other_requests() -> None:
    one, other = session(used=((1, 2),)), session(used=((3, 3),), digest="other")
    assert found(suite(one, other)) == {("unused", "a.yaml"): ("#1", "#2", "#3")}


def test_a_cassette_that_was_only_checked_is_an_orphan() -> None:
    checked = session(mode="check", digest="", drift=(session_receipt.Drifted("type", "invoice", "total", 2),))
    assert found(suite(checked, present=("a.yaml", "b.yaml"))) == {
        ("orphans", "a.yaml"): ("no session used it",),
        ("orphans", "b.yaml"): ("no session used it",),
        ("drift", "a.yaml"): ("type invoice total (2 answers)",),
    }
    assert ("orphans", "a.yaml") not in found(suite(checked, session(used=((1, 3),)), present=("a.yaml",)))


def test_a_cassette_is_too_old_by_its_own_word_or_by_that_of_the_report() -> None:
    old = session(used=((1, 3),), age=3 * 86_400, max_age=4 * 86_400)
    assert found(suite(old)) == {}
    assert found(suite(old), max_age=86_400) == {("age", "a.yaml"): ("3.0 days old, and may be 1.0",)}
    assert found(suite(replace(old, max_age=86_400))) == {("age", "a.yaml"): ("3.0 days old, and may be 1.0",)}


def test_misses_are_told_once_with_how_often_and_those_beyond_the_first_are_counted() -> None:
    told = (session_receipt.Missed("no-match", "No GET /x."),)
    missed = session(used=((1, 3),), missed=5, misses=told, tests=(("t1", 1), ("t2", 1)))
    other = replace(missed, tests=(("t4", 1), ("t3", 2)))
    assert found(suite(missed, other)) == {
        ("missed", "a.yaml"): ("no-match: No GET /x. (2 times)", "8 more", "by t1, t2, t3 and 1 more")
    }


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (b"{", "it is no JSON"),
        (b"[]", "r.json is no object"),
        (b"{}", "it does not say so on top"),
        (b'{"receipt": 2}', "a later version wrote it"),
        (b'{"receipt": 1, "version": "1", "present": [], "sessions": {}}', "r.json.sessions is no list"),
        (b'{"receipt": 1, "version": "1", "present": [], "sessions": [{"cassette": 1}]}', r"sessions\[0\].cassette"),
        (b"[" * 100_000, "it is no JSON"),
    ],
)
def test_what_is_no_receipt_is_told_by_its_place(text: bytes, wrong: str) -> None:
    with pytest.raises(UsageError, match=wrong):
        ReceiptFile.loads(text, "r.json")
