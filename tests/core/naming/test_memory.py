"""What a recording knew, for the next one over the same cassette."""

import json
from typing import Any

import pytest

from replayer.core.cassette import Cassette
from replayer.core.clock import facts
from replayer.core.modes import Mode
from replayer.core.naming.memory import Memory
from replayer.core.session import verdicts
from tests.core.build import (
    CUSTOMER,
    EPOCH,
    INVOICE,
    KEY,
    NOW,
    ORIGIN,
    OTHER,
    answer,
    forwarded,
    played,
    refused,
    req,
    session,
    tell,
    value_of,
)

CREATE = req("POST /v1/invoices", f"customer={CUSTOMER}")
MADE = answer(
    {"id": INVOICE, "created": int(NOW), "hosted_invoice_url": "https://x/i/acct_1/test_" + "s3cr3tToken" * 3}
)
U = ["63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-4995-960f-26d169fa763b"]
LATER = NOW + 5 * 86_400


def recorded() -> tuple[Cassette, Memory, str]:
    """A recording with one invoice, what it knew, and the invoice's name."""
    to = session()
    name = value_of(tell(to, CREATE, MADE))["id"]
    tell(to, req("POST /v1/x", f"ref={U[0]}"), answer({"ref": U[0]}), NOW + 1)
    cassette, memory = to.cassette(), to.upstream.memory()
    assert cassette is not None
    assert memory is not None
    return cassette, memory, name


def test_it_is_the_same_when_it_was_written_and_read() -> None:
    _, memory, _ = recorded()
    assert Memory.read(json.loads(json.dumps(memory.plain()))) == memory


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {"upstream": ORIGIN},
        Memory(ORIGIN, facts.ClockState(1)).plain() | {"start": "1"},
        json.loads(json.dumps(Memory(ORIGIN, facts.ClockState(1)).plain())) | {"names": [["a"]]},
        json.loads(json.dumps(Memory(ORIGIN, facts.ClockState(1)).plain())) | {"minted": [1]},
        json.loads(json.dumps(Memory(ORIGIN, facts.ClockState(1)).plain())) | {"facts": [["a", "b", True, 1]]},
    ],
)
def test_what_is_anything_else_is_not_read(plain: object) -> None:
    assert Memory.read(plain) is None


def test_it_holds_no_token_that_opens_anything() -> None:
    _, memory, _ = recorded()
    text = json.dumps(memory.plain())
    assert INVOICE in text
    assert "s3cr3t" not in text


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        ("GET /v1/key", {"api_key": U[0]}),
        ("GET /v1/key", {"data": [{"session_token": U[0].replace("-", "")}]}),
        ("GET /v1/key", {"url": f"https://x/o?X-Amz-Date=1&X-Amz-Signature={U[0]}"}),
        (f"GET /v1/key?api_key={U[0]}", {"said": U[0]}),
        ("GET /v1/key", {"note": KEY.encode().hex()}),
    ],
)
def test_what_stands_under_the_name_of_a_credential_is_named_and_not_remembered(
    request_: str, reply: dict[str, Any]
) -> None:
    to = session()
    tell(to, CREATE, MADE)
    told = tell(to, req(request_), answer(reply), NOW + 1)
    cassette, memory = to.cassette(), to.upstream.memory()
    assert cassette is not None
    assert memory is not None
    real = next(piece for piece in (U[0], U[0].replace("-", ""), KEY.encode().hex()) if piece in json.dumps(reply))
    assert real not in str(cassette)
    assert real in told.body.decode() or "api_key=" not in request_  # what a client wrote it is told
    assert INVOICE in (text := json.dumps(memory.plain()))
    assert real not in text


def test_what_a_client_shows_itself_with_is_not_remembered_though_it_is_an_id() -> None:
    to = session()
    name = value_of(tell(to, req("POST /v1/login"), answer({"id": U[0], "session_id": U[0]})))["id"]
    memory = to.upstream.memory()
    assert memory is not None
    assert U[0] in json.dumps(memory.plain())  # an object like any other, so far
    tell(to, req("GET /v1/x", b"", ("Authorization", f"Bearer {name}")), answer({"a": 1}), NOW + 1)
    memory = to.upstream.memory()
    assert memory is not None
    assert U[0] not in json.dumps(memory.plain())


def test_a_credential_that_an_answer_repeats_in_hexadecimal_is_not_remembered() -> None:
    to, secret = session(), "correct-horse-battery"
    told = tell(to, req("GET /v1/x", b"", ("Authorization", f"Bearer {secret}")), answer({"a": secret.encode().hex()}))
    memory = to.upstream.memory()
    assert memory is not None
    assert secret.encode().hex() not in told.body.decode() + json.dumps(memory.plain())


def test_a_request_with_what_is_not_remembered_is_refused_and_not_sent() -> None:
    to = session()
    name = value_of(tell(to, req("POST /v1/key"), answer({"api_key": U[0]})))["api_key"]
    later = session(to.cassette(), Mode.NEW_EPISODES, memory=to.upstream.memory())
    assert refused(later, req(f"GET /v1/keys/{name}")).reason is verdicts.Reason.STALE_ALIAS


def test_a_new_request_speaks_of_a_recorded_object_by_its_real_id() -> None:
    cassette, memory, name = recorded()
    to = session(cassette, Mode.NEW_EPISODES, memory=memory)
    assert value_of(played(to, CREATE))["id"] == name
    forward = forwarded(to, req(f"POST /v1/invoices/{name}/pay"), LATER)
    assert forward.request.target == f"/v1/invoices/{INVOICE}/pay"
    told = to.record(forward.exchange, answer({"id": INVOICE, "created": int(NOW), "paid_at": int(LATER)}), LATER)
    assert value_of(told.response) == {"id": name, "created": EPOCH + 1, "paid_at": EPOCH + 3}


def test_without_it_such_a_request_is_refused_and_not_sent() -> None:
    cassette, _, name = recorded()
    to = session(cassette, Mode.NEW_EPISODES)
    assert refused(to, req(f"GET /v1/invoices/{name}")).reason is verdicts.Reason.STALE_ALIAS


def test_what_the_client_minted_then_is_asked_for_what_it_mints_now() -> None:
    cassette, memory, _ = recorded()
    to = session(cassette, Mode.NEW_EPISODES, memory=memory)
    assert value_of(played(to, req("POST /v1/x", f"ref={U[1]}"))) == {"ref": U[1]}
    forward = forwarded(to, req(f"GET /v1/x/{U[1]}"), LATER)
    assert forward.request.target == f"/v1/x/{U[0]}"
    told = to.record(forward.exchange, answer({"ref": U[0], "id": OTHER}), LATER)
    assert value_of(told.response)["ref"] == U[1]


def test_a_token_of_an_earlier_recording_is_not_sent_either() -> None:
    """It does not certify itself, but the cassette tells that it was one."""
    to = session()
    found = {"data": [], "next_page": "WzE3NjQwMDAwMDAsImluXzEiXQ=="}
    page = value_of(tell(to, req("GET /v1/invoices/search?query=a"), answer(found)))["next_page"]
    later = session(to.cassette(), Mode.NEW_EPISODES)
    assert refused(later, req(f"GET /v1/invoices/search?query=a&page={page}")).reason is verdicts.Reason.STALE_ALIAS
