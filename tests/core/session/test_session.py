"""The session: what is sent on while it records, by its mode, and what is kept."""

import gzip
import itertools
import json
from urllib.parse import quote, unquote

import pytest

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import bodies, wire
from replayer.core.message.bodies import LONGEST
from replayer.core.modes import Mode
from replayer.core.naming import aliases
from replayer.core.recording import Forward
from replayer.core.session.verdicts import Replay
from tests.core.build import (
    CUSTOMER,
    EPOCH,
    INVOICE,
    KEY,
    NOW,
    ORIGIN,
    OTHER,
    PROXY,
    answer,
    forwarded,
    only,
    played,
    recorded,
    req,
    session,
    tell,
    value_of,
)

from .asking import BEARER, CREATE, LATER_UUID, LIST, UUID, keyed

# -- recording ---------------------------------------------------------------------------------------------------


def test_a_client_is_told_the_same_in_recording_and_on_replay() -> None:
    to = session()
    reply = answer({"id": INVOICE, "created": int(NOW), "url": f"{ORIGIN}/v1/x"}, ("Request-Id", "req_AbCdEfGhIjKlM1"))
    told = tell(to, keyed(UUID), reply)
    assert told == played(session(to.cassette(), Mode.NONE), keyed(UUID))
    assert value_of(told)["url"] == f"{PROXY}/v1/x"
    assert value_of(told)["created"] == EPOCH + 1


def test_names_go_out_as_what_they_stand_for() -> None:
    to = session()
    name = value_of(tell(to, CREATE, answer({"id": INVOICE})))["id"]
    assert forwarded(to, req(f"POST /v1/invoices/{name}/pay")).request.target == f"/v1/invoices/{INVOICE}/pay"
    assert (to.upstream.names.alias_of(INVOICE), to.upstream.names.real_of(name)) == (name, INVOICE)


def test_recording_again_changes_nothing_whatever_the_upstream_mints() -> None:
    first = recorded(
        (CREATE, answer({"id": INVOICE, "created": int(NOW)})), (LIST, answer({"data": [{"id": INVOICE}]}))
    )
    again = session(first)
    tell(again, CREATE, answer({"id": OTHER, "created": int(NOW) + 9_999_999}), NOW + 9_999_999)
    tell(again, LIST, answer({"data": [{"id": OTHER}]}), NOW + 9_999_999.5)
    assert again.cassette() == first


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_in_which_answers_come_changes_nothing(order: tuple[int, ...]) -> None:
    requests = [req("POST /v1/invoices", f"customer=cus_{number}") for number in range(3)]
    replies = [answer({"id": f"in_1UI6qsHIBYZYyePrZqHAeqd{number}", "created": int(NOW)}) for number in range(3)]

    def beside_each_other(order: tuple[int, ...]) -> Cassette | None:
        to = session()
        exchanges = {number: forwarded(to, requests[number]).exchange for number in order}
        for number in order:
            to.recorder.keep(exchanges[number], to.record(exchanges[number], replies[number], NOW + 1).interaction)
        return to.cassette()

    assert beside_each_other(order) == beside_each_other((0, 1, 2))


def test_a_slow_request_that_is_answered_last_is_inside_the_session() -> None:
    to = session()
    slow = forwarded(to, CREATE, NOW).exchange
    tell(to, req("POST /v1/products"), answer({}), NOW + 50)
    taken = to.record(slow, answer({"id": INVOICE, "created": int(NOW) + 2}), NOW + 90)
    value = value_of(taken.response)
    assert value["created"] == EPOCH + 1
    assert value["id"] == value_of(recorded((CREATE, answer({"id": OTHER}))).interactions[0].response)["id"]


def test_the_key_of_a_write_is_recorded_as_a_stand_in_and_told_as_it_was_sent() -> None:
    to = session()
    reply = answer({"message": f"Try a key other than '{UUID}'."}, ("Idempotency-Key", UUID))
    told = tell(to, keyed(UUID), reply)
    assert wire.header(told.headers, "idempotency-key") == UUID
    assert value_of(told)["message"] == f"Try a key other than '{UUID}'."
    kept = only(to.cassette())
    stand_in = wire.header(kept.request.headers, "idempotency-key")
    assert stand_in == wire.header(kept.response.headers, "idempotency-key") != UUID
    later = played(session(to.cassette(), Mode.NONE), keyed(LATER_UUID))
    assert wire.header(later.headers, "idempotency-key") == LATER_UUID
    assert value_of(later)["message"] == f"Try a key other than '{LATER_UUID}'."


def test_a_cassette_holds_no_id_key_or_secret_that_is_real() -> None:
    to = session()
    tell(to, req("POST /v1/x", f"key={KEY}", BEARER, ("Idempotency-Key", UUID)), answer({"id": INVOICE, "key": KEY}))
    kept = only(to.cassette())
    written = json.dumps([kept.request.target, kept.request.headers, kept.response.headers]) + str(kept)
    assert [secret for secret in (KEY, UUID, INVOICE, KEY[8:]) if secret in written] == []


def test_what_is_real_in_a_text_is_found_before_it_is_written() -> None:
    to = session()
    exchange = forwarded(to, req("POST /v1/x", b"", BEARER)).exchange
    name = value_of(to.record(exchange, answer({"id": INVOICE}), NOW).response)["id"]
    assert [str(one) for one in to.upstream.still_real(f"{INVOICE}\n{name}\n{KEY}", exchange.credentials)] == [
        "line 1: an id of the upstream (in_...)",
        "line 3: API key",
        "line 3: the client's credential",
    ]


@pytest.mark.parametrize("spelled", [f"{PROXY}/done", quote(f"{PROXY}/done", safe="")])
def test_links_of_the_client_are_recorded_as_links_of_the_api(spelled: str) -> None:
    to = session()
    request = req("POST /v1/x", f"return_url={spelled}")
    told = tell(to, request, answer({"url": f"{ORIGIN}/done"}))
    assert value_of(told) == {"url": f"{PROXY}/done"}
    assert unquote(only(to.cassette()).request.body.decode()) == f"return_url={ORIGIN}/done"
    assert played(session(to.cassette(), Mode.NONE), request) == told


def test_one_alias_for_two_identities_is_told_before_anything_is_saved() -> None:
    to = session()
    tell(to, CREATE, answer(f'{{"id": "{INVOICE}", "id": "{OTHER}"}}'))  # one place, two ids
    assert [str(one) for one in to.upstream.names.collisions] == [
        "two values of the upstream, in_1U...dY (at id of POST /v1/invoices) and in_1U...Gh (at id of POST "
        f"/v1/invoices), would both be {to.upstream.names.alias_of(INVOICE)}"
    ]


def test_a_request_that_was_never_answered_leaves_its_seat_to_the_next() -> None:
    to = session()
    to.recorder.abandon(forwarded(to, keyed(UUID)).exchange)
    assert to.recorder.unanswered == 1
    assert to.cassette() is None
    tell(to, keyed(LATER_UUID), answer({"id": INVOICE}))
    assert to.recorder.unanswered == 0
    assert to.cassette() == recorded((keyed(UUID), answer({"id": OTHER})))


def test_the_epoch_is_midnight_of_the_first_recording_and_stays() -> None:
    first = recorded((CREATE, answer({})))
    assert first.facts == Facts(ORIGIN, "invoice", EPOCH)
    later = session(first)
    tell(later, CREATE, answer({}), NOW + 999_999)
    assert later.facts == first.facts


def test_the_epoch_of_a_new_cassette_can_be_chosen() -> None:
    to = session(epoch=1_767_225_600)
    assert value_of(tell(to, CREATE, answer({"id": INVOICE, "created": int(NOW)})))["created"] == 1_767_225_601
    assert to.facts == Facts(ORIGIN, "invoice", 1_767_225_600)


def test_the_clock_of_the_upstream_is_asked_before_ours() -> None:
    date = ("Date", "Tue, 01 Dec 2026 10:00:00 GMT")
    assert recorded((CREATE, answer({}, date))).facts == Facts(ORIGIN, "invoice", 1_796_083_200)


# -- modes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(Mode))
def test_a_mode_replays_forwards_or_refuses_what_it_knows(mode: Mode) -> None:
    verdict = session(recorded((LIST, answer(1))), mode).decide(LIST, NOW)
    assert isinstance(verdict, Forward if mode is Mode.ALL else Replay)


@pytest.mark.parametrize(("mode", "sent_on"), [("none", False), ("once", True), ("new_episodes", True), ("all", True)])
def test_without_a_cassette_a_mode_records_or_refuses(mode: str, sent_on: bool) -> None:
    assert isinstance(session(None, Mode(mode)).decide(LIST, NOW), Forward) is sent_on


def test_new_episodes_are_added_behind_what_they_came_after() -> None:
    old = recorded((LIST, answer(1)), (CREATE, answer({"id": INVOICE, "created": int(NOW)})))
    to = session(old, Mode.NEW_EPISODES)
    played(to, LIST)
    tell(to, req("POST /v1/products"), answer({"id": OTHER, "created": int(NOW) + 500}), NOW + 500)
    new = to.cassette()
    assert new is not None
    first, added, last = new.interactions
    assert (first, last) == old.interactions
    assert added.request.target == "/v1/products"
    assert new.facts == old.facts


def test_all_forgets_what_was_not_asked_again_and_keeps_the_places_of_the_rest() -> None:
    lines = ["GET /a", "GET /b", "GET /c"]
    old = recorded(*((req(line), answer(line)) for line in lines))
    to = session(old)
    for line in ("GET /c", "GET /new", "GET /a"):
        tell(to, req(line), answer(line))
    new = to.cassette()
    assert new is not None
    assert [interaction.request.target for interaction in new.interactions] == ["/a", "/c", "/new"]
    assert to.receipt().dropped == ("GET /b",)
    assert str(to.receipt()) == "3 recorded, 0 played, 0 synthesized, 0 missed, 0 unused, 1 dropped"


def test_a_session_that_recorded_nothing_has_nothing_to_save() -> None:
    of = session(recorded((LIST, answer(1))), Mode.NONE)
    played(of, LIST)
    assert of.cassette() is None
    assert session().facts is None


def test_a_cassette_of_another_tool_is_played_as_it_is() -> None:
    foreign = Cassette((Interaction(req(f"GET /v1/customers/{CUSTOMER}"), answer({"id": CUSTOMER})),))
    assert value_of(played(session(foreign, Mode.NONE), req(f"GET /v1/customers/{CUSTOMER}"))) == {"id": CUSTOMER}


def test_names_in_a_recording_are_aliases() -> None:
    value = value_of(recorded((CREATE, answer({"id": INVOICE, "customer": CUSTOMER}))).interactions[0].response)
    assert aliases.is_alias("prefixed", value["id"])
    assert aliases.is_alias("prefixed", value["customer"])


def test_an_alias_that_is_the_key_of_a_form_reaches_the_upstream_as_the_real_id() -> None:
    to = session()
    name = value_of(tell(to, CREATE, answer({"id": INVOICE})))["id"]
    sent = forwarded(to, req("POST /v1/invoices", f"metadata[{name}]=1")).request
    assert sent.body == f"metadata[{INVOICE}]=1".encode()


def test_an_idempotency_key_of_a_read_is_a_stand_in_on_disk_and_live_for_the_client() -> None:
    asking = keyed(UUID, "GET /v1/invoices", "")
    to = session()
    told = tell(to, asking, answer("[]", ("Idempotency-Key", UUID)))
    cassette = to.cassette()
    assert cassette is not None
    assert wire.header(told.headers, "idempotency-key") == UUID
    assert wire.header(cassette.interactions[0].request.headers, "idempotency-key") != UUID
    again = played(session(cassette, Mode.NONE), keyed(LATER_UUID, "GET /v1/invoices", ""))
    assert wire.header(again.headers, "idempotency-key") == LATER_UUID


def test_an_id_that_racing_requests_share_keeps_the_name_that_it_had() -> None:
    first, second = req("POST /v1/a"), req("POST /v1/b")
    to = session()
    for asking in (first, second):
        tell(to, asking, answer({"price": INVOICE}))
    again = session(to.cassette())
    for asking in (second, first):
        tell(again, asking, answer({"price": OTHER}))
    assert again.cassette() == to.cassette()


def test_an_answer_that_would_unpack_to_no_end_is_kept_as_it_is() -> None:
    bomb = gzip.compress(bytes(LONGEST + 1), mtime=0)
    assert bodies.decode_content(bomb, "gzip") is None
    assert bodies.decode_content(gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0), "gzip") == b"ab"
