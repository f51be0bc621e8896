"""Bindings: one live value for one recorded one, in both directions."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.cassette import Cassette, Interaction
from replayer.core.clock import relative
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import verdicts
from tests.core.build import EPOCH, INVOICE, NOW, answer, played, recorded, refused, req, session, tell, value_of

DAY = 86_400
U = [f"63758ab1-32e5-44cb-9680-00000000000{number}" for number in range(6)]
MINTED = {
    "uuid": ("63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-4995-960f-26d169fa763b"),
    "ulid": ("01JDKQ4A7Z8X9Y2M3N4P5Q6R7S", "01JDKQ4A8Z8X9Y2M3N4P5Q6R7T"),
    "hex": ("9f86d081884c7d659a2feaa0c55ad015", "60303ae22b998861bce3b28f33eec1be"),
}
LATER = NOW + 400 * DAY


def create(ref: str, **more: Any) -> Request:
    return req("POST /v1/x", {"ref": ref, **more})


def echoing(request: Request) -> Response:
    """An answer that repeats what was asked, whole, inside a text and in a list, and tells an id."""
    said = json.loads(request.body)["ref"]
    return answer({"id": INVOICE, "ref": said, "note": f"about {said}.", "all": [said, "x"]}, ("X-Ref", said))


@pytest.mark.parametrize("kind", MINTED)
def test_what_a_client_mints_is_a_hole_and_is_echoed_live(kind: str) -> None:
    first, second = MINTED[kind]
    cassette = recorded((create(first), echoing(create(first))))
    assert first not in repr(cassette)
    told = played(session(cassette, Mode.NONE), create(second))
    value = value_of(told)
    assert (value["ref"], value["note"], value["all"]) == (second, f"about {second}.", [second, "x"])
    assert wire.header(told.headers, "x-ref") == second


def test_the_same_program_records_the_same_cassette_whatever_it_mints() -> None:
    def program(*refs: str) -> Cassette:
        return recorded(*((create(ref, n=number), echoing(create(ref))) for number, ref in enumerate(refs)))

    assert program(*U[:3]) == program(*U[3:])


def test_recording_again_keeps_the_names() -> None:
    old = recorded((create(U[0]), echoing(create(U[0]))), (req(f"GET /v1/by/{U[0]}"), answer({"ref": U[0]})))
    to = session(old)
    assert value_of(tell(to, create(U[1]), echoing(create(U[1])), LATER))["ref"] == U[1]
    assert value_of(tell(to, req(f"GET /v1/by/{U[1]}"), answer({"ref": U[1]}), LATER)) == {"ref": U[1]}
    assert to.cassette() == old


def test_a_binding_holds_for_the_whole_session() -> None:
    old = recorded(
        (create(U[0]), echoing(create(U[0]))),
        (create(U[1]), echoing(create(U[1]))),
        (req(f"GET /v1/by/{U[0]}"), answer({"n": 0})),
        (req(f"GET /v1/by/{U[1]}"), answer({"n": 1})),
    )
    of = session(old, Mode.NONE)
    for ref in (U[4], U[5]):
        assert value_of(played(of, create(ref)))["ref"] == ref
    assert [value_of(played(of, req(f"GET /v1/by/{ref}")))["n"] for ref in (U[5], U[4], U[5])] == [1, 0, 1]


def test_two_live_values_never_stand_for_one_recorded_one() -> None:
    of = session(recorded((req(f"GET /v1/by/{U[0]}"), answer({"n": 0}))), Mode.NONE)
    for _ in range(2):
        assert value_of(played(of, req(f"GET /v1/by/{U[1]}"))) == {"n": 0}
    assert refused(of, req(f"GET /v1/by/{U[2]}")).reason is verdicts.Reason.NO_MATCH


def test_one_live_value_never_stands_for_two_recorded_ones() -> None:
    one, two = req(f"GET /v1/a/{U[0]}"), req(f"GET /v1/b/{U[1]}")
    of = session(recorded((one, answer(1)), (two, answer(2))), Mode.NONE)
    played(of, req(f"GET /v1/a/{U[2]}"))
    assert refused(of, req(f"GET /v1/b/{U[2]}")).reason is verdicts.Reason.NO_MATCH
    assert value_of(played(of, req(f"GET /v1/b/{U[3]}"))) == 2


def test_a_miss_binds_nothing() -> None:
    of = session(recorded((req(f"GET /v1/a/{U[0]}"), answer(1))), Mode.NONE)
    refused(of, req(f"GET /v1/other/{U[1]}"))
    assert value_of(played(of, req(f"GET /v1/a/{U[1]}"))) == 1


def test_an_id_that_an_answer_told_is_no_hole_in_another_tools_cassette() -> None:
    exchanges = ((req("GET /v1/x"), {"id": U[0]}), (req(f"GET /v1/x/{U[0]}"), {"id": U[0]}))
    foreign = Cassette(tuple(Interaction(request, answer(said)) for request, said in exchanges))
    of = session(foreign, Mode.NONE)
    assert refused(of, req(f"GET /v1/x/{U[1]}")).reason is verdicts.Reason.NO_MATCH
    assert value_of(played(of, req(f"GET /v1/x/{U[0]}"))) == {"id": U[0]}


def test_a_uuid_in_another_tools_request_is_a_hole() -> None:
    foreign = Cassette((Interaction(create(U[0]), echoing(create(U[0]))),))
    assert value_of(played(session(foreign, Mode.NONE), create(U[1])))["note"] == f"about {U[1]}."


def test_an_idempotency_key_is_bound_wherever_it_stands() -> None:
    def keyed(key: str) -> Request:
        return req("POST /v1/x", {"ref": key}, ("Idempotency-Key", key))

    old = recorded(
        (keyed("run-1-order"), answer({"key": "run-1-order"})), (req("GET /v1/keys?k=run-1-order"), answer(1))
    )
    assert "run-1-order" not in repr(old)
    of = session(old, Mode.NONE)
    assert value_of(played(of, keyed("run-2-order"))) == {"key": "run-2-order"}
    assert value_of(played(of, req("GET /v1/keys?k=run-2-order"))) == 1


def test_a_key_that_stands_as_a_whole_and_inside_a_text_is_one_value() -> None:
    def keyed(key: str) -> Request:
        return req("POST /v1/x", {"ref": key, "note": f"see {key}."}, ("Idempotency-Key", key))

    def echo(key: str) -> Response:
        return answer({"id": INVOICE, "ref": key, "note": f"see {key}."}, ("Idempotency-Key", key))

    to = session()
    assert value_of(tell(to, keyed(U[0]), echo(U[0])))["note"] == f"see {U[0]}."
    assert not to.upstream.names.collisions
    told = value_of(played(session(to.cassette(), Mode.NONE), keyed(U[1])))
    assert (told["ref"], told["note"]) == (U[1], f"see {U[1]}.")


# -- times ------------------------------------------------------------------------------------------------------------


def since(at: float, days: int = 30) -> Request:
    return req(f"GET /v1/invoices?created[gte]={int(at) - days * DAY}")


def test_a_time_counted_from_now_is_asked_live_and_recorded_from_the_epoch() -> None:
    to = session()
    forward = to.decide(since(NOW), NOW)
    assert forward.request.target == since(NOW).target  # type: ignore[union-attr]
    old = recorded((since(NOW), answer([])))
    assert old.interactions[0].request.target == f"/v1/invoices?created[gte]={EPOCH + relative.WRITTEN_AT - 30 * DAY}"
    assert session(old, Mode.NONE).decide(since(LATER), LATER) != refused(session(old, Mode.NONE), since(LATER, 31))


@pytest.mark.parametrize("text", ["2026-11-01", "2026-11-01T00:00:00Z", "1793491200"])
def test_the_start_of_a_month_is_the_start_of_a_month_on_any_day(text: str) -> None:
    """In November 2026, and in December 2027."""
    later = {"2026-11-01": "2027-12-01", "2026-11-01T00:00:00Z": "2027-12-01T00:00:00Z", "1793491200": "1827619200"}
    old = recorded((req(f"GET /v1/invoices?created={text}"), answer([])))
    assert text in old.interactions[0].request.target
    of = session(old, Mode.NONE)
    assert refused_at(of, req(f"GET /v1/invoices?created={later[text]}"), LATER - 40 * DAY)
    assert not refused_at(of, req(f"GET /v1/invoices?created={later[text]}"), NOW + 380 * DAY)
    assert not refused_at(of, req(f"GET /v1/invoices?created={text}"), LATER)  # a constant of the test after all


def refused_at(of: Any, request: Request, at: float) -> bool:
    return type(of.decide(request, at)).__name__ == "Refuse"


def test_a_due_date_counted_from_now_is_echoed_as_it_was_sent() -> None:
    def order(at: float) -> Request:
        return req("POST /v1/invoices", f"due_date={int(at) + 7 * DAY}")

    def made(at: float) -> Response:
        return answer({"id": INVOICE, "created": int(at), "due_date": int(at) + 7 * DAY})

    old = recorded((order(NOW), made(NOW)))
    assert value_of(old.interactions[0].response)["due_date"] == EPOCH + relative.WRITTEN_AT + 7 * DAY
    of = session(old, Mode.NONE)
    verdict = of.decide(order(LATER), LATER)
    assert value_of(verdict.response)["due_date"] == int(LATER) + 7 * DAY  # type: ignore[union-attr]
    assert value_of(verdict.response)["created"] == EPOCH + 1  # type: ignore[union-attr]
    again = session(old)
    assert value_of(tell(again, order(LATER), made(LATER), LATER))["due_date"] == int(LATER) + 7 * DAY
    assert again.cassette() == old


def test_a_client_whose_clock_stands_at_the_virtual_time_asks_for_the_real_one() -> None:
    to = session()
    tell(to, req("POST /v1/x"), answer({"id": INVOICE, "created": int(NOW)}))
    assert to.clock.now == EPOCH + 1
    forward = to.decide(req(f"GET /v1/invoices?created[gte]={EPOCH - 3600}"), NOW + 5)
    assert forward.request.target == f"/v1/invoices?created[gte]={int(NOW) + 4 - 3600}"  # type: ignore[union-attr]


# -- what only the user can know --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [("ORD-10023", "ORD-99817"), ("ada+17@example.com", "bob+9@example.com")])
def test_a_declared_field_is_a_hole_and_is_echoed_live(first: str, second: str) -> None:
    volatile: dict[str, Any] = {"volatile": ["metadata[order_id]"]}

    def order(number: str) -> Request:
        return req("POST /v1/x", {"metadata": {"order_id": number}})

    to = session(**volatile)
    said = answer({"id": INVOICE, "metadata": {"order_id": first}, "text": f"Order {first}, thank you"})
    assert value_of(tell(to, order(first), said))["text"] == f"Order {first}, thank you"
    old = to.cassette()
    assert old is not None
    assert first not in repr(old)
    told = value_of(played(session(old, Mode.NONE, **volatile), order(second)))
    assert (told["metadata"], told["text"]) == ({"order_id": second}, f"Order {second}, thank you")
    assert refused(session(old, Mode.NONE), order(second)).reason is verdicts.Reason.NO_MATCH


# -- what is counted from what ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("distance", [30 * DAY, 7 * DAY, DAY, 3600])
@pytest.mark.parametrize("at", [32_403.4, 34_200.2, 33_422.9, 44_400.4])  # 09:00:03, 09:30:00, 09:17:02, 12:20:00
def test_a_time_that_is_counted_from_one_that_was_told_is_no_distance_from_now(distance: int, at: float) -> None:
    began = EPOCH + at
    to = session()
    created = value_of(tell(to, req("POST /v1/x"), answer({"id": INVOICE, "created": int(began)}), began))["created"]
    ask = req("POST /v1/y", f"due_date={created + distance}")
    forward: Any = to.decide(ask, began + 1)
    assert forward.request.body == f"due_date={int(began) + distance}".encode()
    told = to.record(forward.exchange, answer({"due_date": int(began) + distance}), began + 1)
    to.recorder.keep(forward.exchange, told.interaction)
    assert value_of(told.response)["due_date"] == created + distance
    for later in (60.0, 7200.0, 400 * DAY + 0.5):
        of = session(to.cassette(), Mode.NONE)
        played(of, req("POST /v1/x"))
        assert not refused_at(of, ask, began + later)


@given(st.integers(400, DAY - 1), st.integers(-60, 60).filter(lambda beside: beside not in (0, -1, -2)))
def test_seconds_beside_a_time_that_was_told_are_no_distance_from_now_at_whatever_hour(at: int, beside: int) -> None:
    """But for the start and the end of a day, and within five minutes of it."""
    to, make = session(), req("POST /v1/x")
    created = value_of(tell(to, make, answer({"id": INVOICE, "created": EPOCH + at}), EPOCH + at))["created"]
    ask = req(f"GET /v1/x?created[lt]={created + beside}")
    verdict = to.decide(ask, EPOCH + at + 1)
    assert isinstance(verdict, Forward)
    assert verdict.request.target == f"/v1/x?created[lt]={EPOCH + at + beside}"
    recorded = to.record(verdict.exchange, answer([beside]), EPOCH + at + 1)
    to.recorder.keep(verdict.exchange, recorded.interaction)
    for later in (0, 59, 7_201, 400 * DAY + 11):
        of = session(to.cassette(), Mode.NONE)
        played(of, make)
        assert not refused_at(of, ask, EPOCH + at + later)


@pytest.mark.parametrize("second", [57_610, 57_659, 59_400, 43_200, 1])  # just after full hours and minutes
def test_the_start_of_the_day_is_that_whenever_it_is_recorded(second: int) -> None:
    def today(midnight: int) -> Request:
        return req(f"GET /v1/invoices?created[gte]={midnight}")

    to = session()
    tell(to, today(EPOCH), answer([]), EPOCH + second)
    tell(to, since(EPOCH + second, 0), answer([1]), EPOCH + second)
    for days in (1, 400):
        of = session(to.cassette(), Mode.NONE)
        at = EPOCH + days * DAY + 30_000.5
        assert value_of(of.decide(today(EPOCH + days * DAY), at).response) == []  # type: ignore[union-attr]
        assert value_of(of.decide(since(at, 0), at).response) == [1]  # type: ignore[union-attr]


def test_an_hour_is_an_hour_where_there_is_summer_time() -> None:
    to = session(offsets=(3600, 7200))
    for hours in (-1, 0, 1):
        tell(to, req(f"GET /v1/x?created[gte]={int(NOW) + 3600 * hours}"), answer(hours))
    of = session(to.cassette(), Mode.NONE, offsets=(0,))  # and on a machine that has none
    for hours in (1, -1, 0):
        verdict: Any = of.decide(req(f"GET /v1/x?created[gte]={int(LATER) + 3600 * hours}"), LATER)
        assert value_of(verdict.response) == hours


def test_a_time_that_the_client_wrote_down_is_echoed_where_it_wrote_it_and_nowhere_else() -> None:
    """The program writes down when it asked; the API made the object in the same second."""
    stamp = "2026-11-22T12:20:00+00:00"
    asked = req("POST /v1/x", {"metadata": {"at": stamp}})
    told = tell(session(), asked, answer({"id": INVOICE, "created": int(NOW), "metadata": {"at": stamp}}))
    assert value_of(told) == {"id": value_of(told)["id"], "created": EPOCH + 1, "metadata": {"at": stamp}}


def test_a_day_and_a_time_in_a_field_that_no_rule_knows_are_echoed_where_the_client_wrote_them() -> None:
    def wish(at: float) -> dict[str, Any]:
        day = datetime.fromtimestamp(at + 14 * DAY, UTC)
        return {"deliver": f"{day:%Y-%m-%d}", "until": f"{day:%Y-%m-%dT%H:%M:%SZ}", "slots": [f"{day:%Y-%m-%d}"]}

    to = session()
    told = tell(to, req("POST /v1/x", wish(NOW)), answer({**wish(NOW), "at": [wish(NOW)["deliver"]]}))
    assert value_of(told) == {**wish(NOW), "at": [value_of(told)["at"][0]]}
    of: Any = session(to.cassette(), Mode.NONE)
    later = value_of(of.decide(req("POST /v1/x", wish(LATER)), LATER).response)
    assert later == {**wish(LATER), "at": value_of(told)["at"]}  # a field in which it wrote nothing tells what it told


def test_each_attempt_under_one_key_has_a_request_id_of_its_own() -> None:
    to = session()
    keyed = req("POST /v1/x", "a=1", ("Idempotency-Key", U[0]))
    first = "req_0bCdEfGhIjKlM1"
    ids = set()
    for attempt in range(5):
        own = f"req_{attempt}bCdEfGhIjKlM1"
        reply = answer({"id": INVOICE}, ("Request-Id", own), ("Original-Request", first))
        ids.add(wire.header(tell(to, keyed, reply).headers, "request-id"))
    assert len(ids) == 5
    assert not to.upstream.names.collisions


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-11-22T12:20:00.756166+00:00", "2026-11-22T12:20:00.761166+00:00"),
        ("2026-11-22T12:20:00.756Z", "2026-11-22T12:20:00.756Z"),
    ],
)
def test_a_fraction_of_a_second_is_echoed_as_it_was_written(first: str, second: str) -> None:
    def asking(start: str, end: str) -> Request:
        return req("POST /v1/x", {"metadata": {"start": start, "end": end}})

    to = session()
    told = tell(to, asking(first, second), answer({"metadata": {"start": first}}))
    assert value_of(told)["metadata"]["start"] == first
    later = "2027-12-27T12:20:00.5Z"
    of: Any = session(to.cassette(), Mode.NONE)
    verdict = of.decide(asking(later, "2027-12-27T12:20:00.9Z"), LATER)
    assert value_of(verdict.response)["metadata"]["start"][:19] == later[:19]
