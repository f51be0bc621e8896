"""Ids in headers of the client's own, where an answer repeats them."""

from replayer.core.cassette import Cassette
from replayer.core.client.headers import repeated
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.rules import registry
from tests.core.build import NOW, answer, only, played, req, session, tell, value_of

U = ["63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-4995-960f-26d169fa763b"]
HEX = ["4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"]


def asking(run: int) -> Request:
    trace = ("traceparent", f"00-{HEX[run]}-00f067aa0ba902b7-01")
    return req("GET /v1/x", b"", ("X-Request-Id", U[run]), trace, ("X-Session", HEX[1 - run]))


def answering(run: int) -> Response:
    return answer({"error": f"see {U[run]}", "trace": HEX[run]}, ("X-Request-Id", U[run]))


def recorded(run: int, over: Cassette | None = None) -> Cassette:
    to = session(over)
    told = tell(to, asking(run), answering(run), NOW + run)
    assert (told.body, wire.header(told.headers, "x-request-id")) == (answering(run).body, U[run])
    cassette = to.cassette()
    assert cassette is not None
    return cassette


def test_only_what_the_answer_repeats_is_found() -> None:
    assert repeated(asking(0), answering(0), registry.INVOICE_RULES) == {U[0]: "X-Request-Id", HEX[0]: "traceparent"}
    assert repeated(asking(0), answer({}), registry.INVOICE_RULES) == {}
    secret = req("GET /v1/x", b"", ("Authorization", f"Bearer {HEX[0]}"), ("Cookie", HEX[0]))
    assert repeated(secret, answer(HEX[0]), registry.INVOICE_RULES) == {}


def test_its_header_is_kept_with_a_stand_in_and_no_other() -> None:
    kept = only(recorded(0))
    assert [name for name, _ in kept.request.headers] == ["X-Request-Id", "traceparent"]
    assert not [value for value in (*U, *HEX) if value in repr(kept)]


def test_the_next_run_is_told_its_own() -> None:
    told = played(session(recorded(0), Mode.NONE), asking(1))
    assert value_of(told) == {"error": f"see {U[1]}", "trace": HEX[1]}
    assert wire.header(told.headers, "x-request-id") == U[1]


def test_recording_again_changes_nothing() -> None:
    assert recorded(1, over=recorded(0)) == recorded(0) == recorded(1)


def test_it_is_no_part_of_the_question() -> None:
    told = played(session(recorded(0), Mode.NONE), req("GET /v1/x"))
    assert "see " in value_of(told)["error"]
