"""Shifted time: the session's times move by one distance, all others stay."""

from typing import Any

import pytest

from replayer.core.client.shifting import Shifting
from replayer.core.clock import SessionClock
from replayer.core.message import Response, instants, wire
from replayer.core.rules import registry
from tests.core.build import EPOCH, answer, req, value_of

BY = 400 * 86_400 + 12_345
DAY = 86_400


def shifting(*kept: int) -> Shifting:
    clock = SessionClock(EPOCH, last_recorded=EPOCH + 9, shifted_to=EPOCH + BY)
    return Shifting(registry.INVOICE_RULES, clock, frozenset(kept))


def shown(value: Any, by: Shifting | None = None, bound: dict[int, int] | None = None) -> Any:
    return value_of((by or shifting()).to_client(answer(value), lambda _, seconds: (bound or {}).get(seconds)))


def test_times_of_the_session_move_and_older_ones_stay() -> None:
    old = EPOCH - 40 * DAY
    assert shown([{"id": "a", "created": EPOCH + 1, "paid_at": EPOCH + 9}, {"id": "b", "created": old}]) == [
        {"id": "a", "created": EPOCH + 1 + BY, "paid_at": EPOCH + 9 + BY},
        {"id": "b", "created": old},
    ]


@pytest.mark.parametrize(("born", "moves"), [(EPOCH + 2, True), (EPOCH - DAY, False)])
def test_a_time_to_come_moves_with_its_object(born: int, moves: bool) -> None:
    due = EPOCH + 30 * DAY
    told = shown({"id": "a", "created": born, "due_date": due})
    assert told["due_date"] == due + (BY if moves else 0)


def test_what_the_program_wrote_stays_wherever_it_comes_back() -> None:
    far = 1_900_000_000
    assert shown({"id": "a", "created": EPOCH + 2, "due_date": far}, shifting(far))["due_date"] == far
    assert shown({"id": "a", "created": EPOCH + 2, "due_date": far}, bound={far: 7})["due_date"] == 7


def test_headers_move_with_the_bodies() -> None:
    headers = [(name, instants.http_date(EPOCH + 5)) for name in ("Date", "Expires", "Retry-After", "Last-Modified")]
    told = shifting().to_client(Response(200, "OK", (*headers, ("Retry-After", "120"), ("X", "1"))), lambda _, __: None)
    assert told.headers == (
        *((name, instants.http_date(EPOCH + 5 + BY)) for name, _ in headers),
        ("Retry-After", "120"),
        ("X", "1"),
    )


def test_a_header_of_old_stays() -> None:
    told = shifting().to_client(
        Response(200, "OK", (("Last-Modified", instants.http_date(EPOCH - 5)),)), lambda _, __: None
    )
    assert wire.header(told.headers, "last-modified") == instants.http_date(EPOCH - 5)


def test_a_time_that_was_told_comes_back_as_it_is_recorded_and_no_other() -> None:
    by = shifting()
    request = req(f"GET /v1/x?created[gte]={EPOCH + 3 + BY}&created[lt]={EPOCH + 4 + BY}")
    assert by.from_client(request) == request
    shown({"id": "a", "created": EPOCH + 3}, by)
    assert by.from_client(request).target == f"/v1/x?created[gte]={EPOCH + 3}&created[lt]={EPOCH + 4 + BY}"
