"""The client's space: links, times as they are recorded or moved, and the times that clients count themselves."""

from typing import Any

import pytest

from replayer.core.cassette import Cassette
from replayer.core.message import wire
from replayer.core.modes import Mode
from tests.core.build import EPOCH, INVOICE, NOW, ORIGIN, PROXY, answer, played, recorded, req, session, value_of

DAY = 86_400
CREATE = req("POST /v1/invoices", "customer=cus_1")
START = int(NOW) + 400 * DAY


def cassette() -> Cassette:
    made = {"id": INVOICE, "created": int(NOW), "due_date": int(NOW) + 30 * DAY, "url": f"{ORIGIN}/v1/x"}
    to_come = {"id": INVOICE, "created": int(NOW), "due_date": 1_900_000_000}
    return recorded(
        (CREATE, answer(made)),
        (req("POST /v1/x", "due_date=1900000000"), answer(to_come)),
        (req("GET /v1/x"), answer(1)),
    )


@pytest.mark.parametrize(("shifted_to", "by"), [(None, 0), (START, START - EPOCH)])
def test_times_are_shown_frozen_or_shifted(shifted_to: int | None, by: int) -> None:
    of = session(cassette(), Mode.NONE, shifted_to=shifted_to)
    assert of.clock.shown == EPOCH + by
    told = played(of, CREATE)
    assert value_of(told)["created"] == EPOCH + 1 + by
    assert value_of(told)["due_date"] == EPOCH + 1 + by + 30 * DAY
    assert value_of(told)["url"] == f"{PROXY}/v1/x"
    assert of.clock.shown == EPOCH + 1 + by
    assert value_of(played(of, req("POST /v1/x", "due_date=1900000000")))["due_date"] == 1_900_000_000


def test_a_shifted_time_that_was_told_finds_what_was_recorded_with_it() -> None:
    old = recorded(
        (CREATE, answer({"id": INVOICE, "created": int(NOW)})),
        (req(f"GET /v1/invoices?created[gte]={EPOCH + 1}"), answer({"data": []})),
        (req(f"POST /v1/invoices?due_date={EPOCH + 1 + 30 * DAY}"), answer({"due_date": int(NOW) + 30 * DAY})),
    )
    of = session(old, Mode.NONE, shifted_to=START)
    created = value_of(played(of, CREATE))["created"]
    assert played(of, req(f"GET /v1/invoices?created[gte]={created}")).status == 200
    assert played(of, req(f"POST /v1/invoices?due_date={created + 30 * DAY}")).status == 200


def test_a_recording_shows_shifted_times_too() -> None:
    to: Any = session(shifted_to=START)
    forward = to.decide(CREATE, NOW)
    taken = to.record(forward.exchange, answer({"id": INVOICE, "created": int(NOW)}), NOW)
    to.recorder.keep(forward.exchange, taken.interaction)
    assert value_of(taken.response)["created"] == START + 1
    assert value_of(taken.interaction.response)["created"] == EPOCH + 1
    asked = to.decide(req(f"GET /v1/invoices?created[gte]={START + 1}"), NOW + 9)
    assert asked.request.target == f"/v1/invoices?created[gte]={int(NOW)}"
    assert wire.header(taken.response.headers, "date") != wire.header(taken.interaction.response.headers, "date")
