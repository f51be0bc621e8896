"""The index: any recorded answer by its question."""

import pytest

from replayer.core.cassette import Cassette, Interaction
from replayer.core.matching.canonical import canonical
from replayer.core.matching.index import Index
from replayer.core.matching.stamps import EVERYTHING, write_number
from replayer.core.message import Request, Response
from replayer.core.rules import Rules, registry
from tests.core.build import INVOICE, answer, asked, req

LIST, CREATE = "GET /v1/invoices", "POST /v1/invoices"


def index(*recorded: tuple[Request, Response]) -> Index:
    return Index(Cassette(tuple(Interaction(*one) for one in recorded)), registry.INVOICE_RULES)


def keyed(key: str) -> Request:
    return req(CREATE, "a=1", ("Idempotency-Key", key))


def told(entries: list[Interaction]) -> list[bytes]:
    return [entry.response.body for entry in entries]


def test_equal_writes_are_occurrences_in_their_order() -> None:
    recorded = index((keyed("k1"), answer(1)), (keyed("k2"), answer(2)), (req(CREATE, "a=2"), answer(3)))
    digest = asked(CREATE, "a=1").digest
    assert told([entry.interaction for entry in recorded.attempts(digest, 0)]) == [b"1"]
    assert told([entry.interaction for entry in recorded.attempts(digest, 1)]) == [b"2"]
    assert recorded.attempts(digest, 2) == []


def test_equal_writes_under_one_key_are_attempts_at_one() -> None:
    recorded = index((keyed("k1"), answer(1)), (keyed("k2"), answer(2)), (keyed("k1"), answer(3)))
    digest = asked(CREATE, "a=1").digest
    assert told([entry.interaction for entry in recorded.attempts(digest, 0)]) == [b"1", b"3"]
    assert [entry.identity for entry in recorded.equal(digest)] == [(digest, 0, 0), (digest, 1, 0), (digest, 0, 1)]


@pytest.mark.parametrize(("rules", "attempts"), [(registry.GENERIC_RULES, 2), (registry.INVOICE_RULES, 1)])
def test_a_deletion_under_a_key_is_tried_again_where_the_api_heeds_that(rules: Rules, attempts: int) -> None:
    delete = Interaction(req("DELETE /v1/invoices/in_1", "", ("Idempotency-Key", "k")), answer({}))
    of = Index(Cassette((delete, delete)), rules)
    assert len(of.attempts(of.entries[0].asked.digest, 0)) == attempts


def test_writes_without_a_key_are_never_retries() -> None:
    recorded = index((req(CREATE), answer(1)), (req(CREATE), answer(2)))
    assert [entry.identity[1:] for entry in recorded.entries] == [(0, 0), (1, 0)]


def test_reads_are_found_by_the_writes_before_them() -> None:
    recorded = index(
        (req(LIST), answer(1)),
        (req(CREATE), answer({"id": INVOICE})),
        (req(LIST), answer(2)),
        (req(LIST), answer(3)),
    )
    question = asked(LIST)
    assert told([entry.interaction for entry in recorded.reads(question.digest, (0,))]) == [b"1"]
    after = (write_number((asked(CREATE).digest, 0, 0)),)
    assert told([entry.interaction for entry in recorded.reads(question.digest, after)]) == [b"2", b"3"]
    assert recorded.reads(question.digest, (7,)) == []
    assert len(recorded.equal(question.digest)) == 3


@pytest.mark.parametrize(
    ("path", "depends"), [("/t?page=2", True), ("/t/1", True), ("/t/1/parts", True), ("/tt", False), ("/u", False)]
)
def test_what_changed_though_no_write_names_it_may_have_changed_in_all_that_is_told_there(
    path: str, *, depends: bool
) -> None:
    first, other = req("GET /t?page=1"), req(f"GET {path}")
    exchanges = (
        (first, answer("[1]")),
        (other, answer("[0]")),
        (req("POST /import"), answer(1)),
        (first, answer("[2]")),
    )
    assert (EVERYTHING in index(*exchanges).resources(asked(f"GET {path}").digest)) is depends


def test_a_retry_is_no_second_write() -> None:
    recorded = index((keyed("k"), answer(1)), (keyed("k"), answer(1)), (req(LIST), answer(2)))
    after = (write_number((asked(CREATE, "a=1").digest, 0, 0)),)
    assert len(recorded.reads(asked(LIST).digest, after)) == 1


def test_the_last_date_is_the_latest_one_wherever_it_stands() -> None:
    dates = ["Sun, 22 Nov 2026 00:00:07 GMT", "Sun, 22 Nov 2026 00:00:02 GMT", "yesterday"]
    recorded = index(*((req(LIST), answer(1, ("Date", date))) for date in dates))
    assert recorded.last_date == 1_795_305_607
    assert [entry.date for entry in recorded.entries] == [1_795_305_607, 1_795_305_602, None]


def test_an_empty_cassette_has_no_date_and_no_answers() -> None:
    empty = index()
    assert empty.last_date is None
    assert len(empty) == 0
    assert empty.equal("x") == empty.reads("x", ()) == empty.attempts("x", 0) == []


@pytest.mark.parametrize(
    "request_",
    [req(LIST), req("GET /v1/invoices?"), req("get /v1/invoices"), req(CREATE, "a=1"), req(CREATE, {"a": 1})],
)
def test_a_request_is_understood_the_same_whether_it_was_seen_before_or_not(request_: Request) -> None:
    recorded = index((req(LIST), answer(1)), (req(CREATE, "a=1"), answer(2)))
    assert recorded.understood(request_) == canonical(request_, registry.INVOICE_RULES)


def test_two_writes_never_have_the_same_number() -> None:
    digests = [asked(f"POST /v1/{name}").digest for name in "abcdefgh"]
    numbers = {write_number((digest, occurrence, 0)) for digest in digests for occurrence in range(50)}
    assert len(numbers) == 8 * 50
    assert write_number((digests[0], 1, 0)) == write_number((digests[0], 1, 5))


def test_an_index_tells_its_size() -> None:
    assert repr(index((req(LIST), answer(1)))) == "<Index 1 interactions>"
