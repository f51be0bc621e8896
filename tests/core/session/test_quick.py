"""The quick path: what it answers, what makes it forget, and what it never knows."""

import re
from typing import Any

import pytest

from replayer.cassettes import dumps, loads
from replayer.core.cassette import Cassette
from replayer.core.message import Request
from replayer.core.modes import Mode
from replayer.core.session import Session
from replayer.core.session import quick as module
from replayer.core.session.verdicts import Replay
from tests.core.build import CUSTOMER, INVOICE, NOW, answer, recorded, req, session, tell

HEAD = b"GET %b HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n%b\r\n"
LIST = req("GET /v1/invoices")
UUID, LIVE = "63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-c995-660f-26d169fa763b"


def data(target: str = "/v1/invoices", *lines: str) -> bytes:
    return HEAD % (target.encode(), "".join(f"{line}\r\n" for line in lines).encode())


def names(request: bytes) -> list[bytes]:
    return [line.partition(b":")[0] for line in request.split(b"\r\n")[1:-2]]


def shown(of: Session, request: bytes, decided: Request = LIST) -> str | None:
    """What the quick path answers; where that is nothing, the request is decided, and it learns from that."""
    quick: Any = of.quick
    if (known := quick.answer(request)) is not None:
        return str(known)
    verdict = of.decide(decided, NOW)
    if isinstance(verdict, Replay) and verdict.entry is not None:
        quick.learn(request, names(request), verdict.entry, verdict.response.body.decode())
    return None


def replaying(*exchanges: Any, **policy: Any) -> Session:
    return session(recorded(*exchanges), Mode.NONE, **policy)


def test_what_was_answered_once_is_answered_again_and_counted() -> None:
    of = replaying((LIST, answer(1)))
    assert [shown(of, data()) for _ in range(3)] == [None, "1", "1"]
    assert (of.play_count, of.receipt().played, of.receipt().unused) == (3, 3, 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("User-Agent: Stripe/1", "User-Agent: Stripe/2"),
        ("X-Stripe-Client-Telemetry: {}", "traceparent: 00-1-2-01"),
        ("X-Request-Id: 1", "Accept: */*"),
        ("x-datadog-trace-id: 7", "X-Datadog-Trace-Id: 8"),
    ],
)
def test_a_header_that_is_no_part_of_a_question_does_not_count(first: str, second: str) -> None:
    of = replaying((LIST, answer(1)))
    shown(of, data("/v1/invoices", first))
    shown(of, data("/v1/invoices", second))
    assert shown(of, data("/v1/invoices", second.replace("7", "9"))) == "1"
    assert shown(of, data("/v1/invoices", first, second)) == "1"


@pytest.mark.parametrize(
    "line",
    [
        "Stripe-Account: acct_1",
        "Stripe-Version: 2026-08-26.dahlia",
        "Idempotency-Key: 1",
        "Expect: 100-continue",
        "Upgrade: websocket",
        "Transfer-Encoding: chunked",
        "Content-Length: 0",
        "Connection: close",
        "Origin: https://evil.example",
        "Sec-Fetch-Site: cross-site",
        "Host: other.example",
        "Authorization: Bearer sk_test_x",
        "Cookie: a=b",
        "X-Api-Key: 0123456789",
        "folded: a\r\n b",
        "no header",
        "nul: \0",
    ],
)
def test_a_header_that_may_count_makes_it_another_request(line: str) -> None:
    of = replaying((LIST, answer(1)))
    shown(of, data())
    shown(of, data("/v1/invoices", "User-Agent: 1", "folded: a", "nul: "))
    assert of.quick is not None
    assert of.quick.answer(data("/v1/invoices", "User-Agent: 1")) == "1"
    assert of.quick.answer(data("/v1/invoices", line)) is None


@pytest.mark.parametrize("after", [b"x", data("/v1/invoices"), b"\r\n"])
def test_what_is_not_one_complete_request_is_not_known(after: bytes) -> None:
    of = replaying((LIST, answer(1)))
    shown(of, data())
    assert of.quick is not None
    assert of.quick.answer(data() + after) is None
    assert all(of.quick.answer(data()[:end]) is None for end in range(len(data())))


def test_a_poll_is_quick_only_at_its_last_answer() -> None:
    of = replaying((LIST, answer(1)), (LIST, answer(2)), (LIST, answer(3)))
    assert [shown(of, data()) for _ in range(5)] == [None, None, None, "3", "3"]


def test_a_write_that_a_read_depends_on_makes_it_forget_and_another_does_not() -> None:
    write, other = req("POST /v1/invoices", "a=1"), req("POST /v1/customers", "a=1")
    of = replaying((LIST, answer(1)), (other, answer(0)), (write, answer(0)), (LIST, answer(2)))
    shown(of, data())
    of.decide(other, NOW)
    assert shown(of, data()) == "1"
    of.decide(write, NOW)
    assert [shown(of, data()) for _ in range(2)] == [None, "2"]


@pytest.mark.parametrize(("text", "forgotten"), [(f'{{"ref": "{UUID}"}}', True), ('{"ref": "none"}', False)])
def test_a_value_that_is_bound_later_changes_the_answers_that_repeat_it(text: str, forgotten: bool) -> None:
    mint = req("POST /v1/customers", f"ref={UUID}")
    of = replaying((mint, answer({"ok": 1})), (LIST, answer(text)))
    shown(of, data())
    assert LIVE not in (shown(of, data()) or LIVE)
    of.decide(req("POST /v1/customers", f"ref={LIVE}"), NOW)
    assert (shown(of, data()) is None) is forgotten
    assert shown(of, data()) == text.replace(UUID, LIVE)


def test_a_time_that_is_bound_later_is_shown_as_it_is_from_then_on() -> None:
    due = int(NOW) + 30 * 86_400
    of = replaying((LIST, answer({"due_date": due})), (req("POST /v1/customers", f"due_date={due}"), answer({"ok": 1})))
    shown(of, data())
    assert shown(of, data()) is not None
    of.decide(req("POST /v1/customers", f"due_date={due + 86_400}"), NOW + 86_400)
    assert shown(of, data()) is None


def test_a_time_that_is_shown_as_moved_may_be_asked_for_in_a_request_that_was_known() -> None:
    of = replaying((LIST, answer({"id": "in_1", "created": int(NOW)})), shifted_to=int(NOW) + 9 * 86_400)
    before = of.client.generation
    shown(of, data())
    assert of.client.generation > before
    assert shown(of, data()) is not None


def test_a_request_with_what_its_client_makes_anew_is_decided_each_time() -> None:
    asked = req(f"GET /v1/invoices?ref={UUID}")
    of = replaying((asked, answer(1)))
    live = req(f"GET /v1/invoices?ref={LIVE}")
    assert [shown(of, data(live.target), live) for _ in range(3)] == [None] * 3


def test_a_key_is_never_quick_where_it_has_no_effect() -> None:
    asked = req("GET /v1/invoices", b"", ("Idempotency-Key", UUID))
    of = replaying((asked, answer(1)))
    assert [shown(of, data("/v1/invoices", f"Idempotency-Key: {UUID}"), asked) for _ in range(3)] == [None] * 3


def recording(*exchanges: Any) -> Cassette:
    """What a session has recorded, as it is read again."""
    to = session()
    for asked, told in exchanges:
        tell(to, asked, told)
    cassette = to.cassette()
    assert cassette is not None
    return loads(dumps(cassette).encode(), "x.yaml")


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [("Accept", "text/csv", "application/pdf"), ("Accept-Language", "de", "fr"), ("SOAPAction", "urn:a", "urn:b")],
)
def test_a_header_that_chose_an_answer_in_the_recording_counts(name: str, one: str, other: str) -> None:
    asked = [req("GET /v1/invoices", b"", (name, value)) for value in (one, other)]
    of = session(recording((asked[0], answer(1)), (asked[1], answer(2))), Mode.NONE)
    lines = [data("/v1/invoices", f"{name}: {value}") for value in (one, other)]
    assert [shown(of, line, each) for line, each in zip(lines, asked, strict=True)] == [None, None]
    assert [shown(of, line, each) for line, each in zip(lines, asked, strict=True)] == ["1", "2"]
    assert of.quick is not None
    assert [of.quick.answer(data("/v1/invoices", *more)) for more in ([], [f"{name}: third"])] == [None, None]


def test_where_a_header_is_ignored_each_answer_is_decided_and_that_is_counted() -> None:
    asked, again = (req("GET /v1/invoices", b"", ("Stripe-Version", version)) for version in ("1", "2"))
    of = session(recorded((asked, answer(1))), Mode.NONE, ignored=("stripe-version",))
    assert [shown(of, data("/v1/invoices", "Stripe-Version: 2"), again) for _ in range(3)] == [None] * 3
    assert of.receipt().ignored == 3


@pytest.mark.parametrize("line", ['If-None-Match: "1"', 'if-match: "1"', 'If-Range: "1"'])
def test_who_has_a_validator_is_decided_each_time(line: str) -> None:
    of = replaying((LIST, answer(1, ("ETag", '"1"'))))
    assert [shown(of, data("/v1/invoices", line)) for _ in range(3)] == [None] * 3
    assert [shown(of, data()) for _ in range(2)] == [None, "1"]
    assert of.quick is not None
    assert of.quick.answer(data("/v1/invoices", line)) is None


def test_what_a_client_spells_by_itself_changes_the_answers_that_name_it() -> None:
    listed = answer({"object": "list", "data": [{"id": INVOICE, "created": 1_600_000_000, "customer": CUSTOMER}]})
    named = req(f"GET /v1/customers/{CUSTOMER}")
    of = session(recording((LIST, listed), (named, answer({"id": CUSTOMER, "created": 1_600_000_000}))), Mode.NONE)
    shown(of, data())
    assert CUSTOMER not in (shown(of, data()) or CUSTOMER)
    of.decide(named, NOW)
    assert shown(of, data()) is None
    assert CUSTOMER in (shown(of, data()) or "")


def test_a_request_with_a_secret_in_it_is_decided_each_time() -> None:
    asked = req("GET /v1/invoices?api_key=" + "q7Xk2pL9vB4n" * 2)
    of = replaying((asked, answer(1)))
    assert [shown(of, data(asked.target), asked) for _ in range(3)] == [None] * 3


@pytest.mark.parametrize(
    ("mode", "cassette"), [(Mode.ALL, True), (Mode.NEW_EPISODES, True), (Mode.ONCE, False), (Mode.NEW_EPISODES, False)]
)
def test_where_a_request_may_be_sent_on_there_is_no_quick_path(mode: Mode, cassette: bool) -> None:
    assert session(Cassette() if cassette else None, mode).quick is None


@pytest.mark.parametrize(
    ("bound", "most", "line"),
    [("answers", 3, "a: 1"), ("heads", 2, "Authorization: Bearer {}"), ("names", 2, "a{}: 1")],
)
def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str, most: int, line: str) -> None:
    monkeypatch.setattr(module, bound.upper(), most)
    reads = [req(f"GET /v1/invoices/{number}") for number in range(12)]
    of = replaying(*((read, answer(number)) for number, read in enumerate(reads)))
    quick: Any = of.quick
    for number, read in enumerate(reads):
        request = data(read.target, line.format(number))
        assert shown(of, request, read) is None
        assert shown(of, request, read) == str(number)
        sizes = dict(zip(("answers", "heads", "names"), map(int, re.findall(r"\d+", repr(quick))), strict=True))
        assert sizes[bound] <= most
