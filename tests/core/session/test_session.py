"""The session: what a client is told while it records, and on replay, and what is kept."""

import gzip
import itertools
import json
from urllib.parse import quote, unquote

import pytest

from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response, bodies, wire
from replayer.core.message.bodies import LONGEST
from replayer.core.modes import Mode
from replayer.core.naming import aliases
from replayer.core.recording import Forward
from replayer.core.session.verdicts import Reason, Replay
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
    refused,
    req,
    session,
    tell,
    value_of,
)

LIST, CREATE = req("GET /v1/invoices"), req("POST /v1/invoices", "customer=cus_1")
BEARER = ("Authorization", f"Bearer {KEY}")
UUID, LATER_UUID = "63758ab1-32e5-44cb-9680-fdabe5cc8618", "244b8027-4a3b-c995-660f-26d169fa763b"


def keyed(key: str, line: str = "POST /v1/invoices", body: str = "customer=cus_1") -> Request:
    return req(line, body, ("Idempotency-Key", key))


def bodies_of(*responses: Response) -> list[str]:
    return [response.body.decode() for response in responses]


# -- matching ----------------------------------------------------------------------------------------------------


def test_a_second_identical_write_gets_the_second_answer() -> None:
    of = session(recorded((CREATE, answer(1)), (CREATE, answer(2))), Mode.NONE)
    assert bodies_of(played(of, CREATE), played(of, CREATE)) == ["1", "2"]
    assert refused(of, CREATE).reason is Reason.USED_UP


def test_a_retry_under_its_key_gets_the_same_answer_and_moves_nothing_on() -> None:
    cassette = recorded((keyed(UUID), answer(1)), (LIST, answer([1])), (keyed(LATER_UUID), answer(2)))
    of = session(cassette, Mode.NONE)
    assert bodies_of(played(of, keyed("a-new-key-1")), played(of, keyed("a-new-key-1"))) == ["1", "1"]
    assert bodies_of(played(of, LIST)) == ["[1]"]
    assert bodies_of(played(of, keyed("a-new-key-2")), played(of, keyed("a-new-key-1"))) == ["2", "1"]


def test_the_invoice_api_repeats_the_key_of_a_deletion_and_does_it_again() -> None:
    delete = keyed("a-new-key-1", f"DELETE /v1/invoices/{INVOICE}", "")
    both = recorded((delete, answer({})), (delete, answer({}, status=404)))
    of = session(both, Mode.NONE)
    assert [played(of, delete).status for _ in range(2)] == [200, 404]
    of = session(recorded((delete, answer({}))), Mode.NONE)
    played(of, delete)
    assert refused(of, delete).reason is Reason.USED_UP


def test_recorded_retries_are_answered_in_their_order_and_then_the_last_one_stays() -> None:
    of = session(recorded((keyed(UUID), answer("", status=503)), (keyed(UUID), answer(1))), Mode.NONE)
    assert [played(of, keyed("another-key")).status for _ in range(3)] == [503, 200, 200]


def test_reads_in_one_state_answer_in_their_order_and_then_the_last_one_stays() -> None:
    of = session(recorded((LIST, answer("pending")), (LIST, answer("paid"))), Mode.NONE)
    assert bodies_of(*(played(of, LIST) for _ in range(4))) == ["pending", "paid", "paid", "paid"]


def test_a_read_is_answered_as_of_the_writes_before_it() -> None:
    cassette = recorded((LIST, answer([])), (CREATE, answer({"id": INVOICE})), (LIST, answer([1])))
    early = session(cassette, Mode.NONE)
    assert bodies_of(played(early, LIST), played(early, LIST)) == ["[]", "[]"]
    late = session(cassette, Mode.NONE)
    played(late, CREATE)
    assert bodies_of(played(late, LIST)) == ["[1]"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_independent_steps_may_interleave(order: tuple[int, ...]) -> None:
    products = req("GET /v1/products"), req("POST /v1/products", "name=a")
    cassette = recorded(
        (LIST, answer("no invoice")),
        (CREATE, answer({"id": INVOICE})),
        (LIST, answer("one invoice")),
        (products[0], answer("no product")),
        (products[1], answer({"id": "prod_AbCdEfGhIjKlM1"})),
        (products[0], answer("one product")),
    )
    of = session(cassette, Mode.NONE)
    steps = [(LIST, CREATE), products]
    first = bodies_of(*(played(of, steps[index][0]) for index in order))
    for index in order:
        played(of, steps[index][1])
    second = bodies_of(*(played(of, steps[index][0]) for index in order))
    kinds = ["invoice", "product"]
    assert first == [f"no {kinds[index]}" for index in order]
    assert second == [f"one {kinds[index]}" for index in order]


def test_lenient_serves_the_nearest_earlier_answer_in_a_state_that_was_never_recorded() -> None:
    cassette = recorded((LIST, answer("none")), (CREATE, answer({"id": INVOICE})), (CREATE, answer({"id": OTHER})))
    strict, lenient = session(cassette, Mode.NONE), session(cassette, Mode.NONE, lenient=True)
    played(strict, CREATE)
    played(lenient, CREATE)
    assert refused(strict, LIST).reason is Reason.UNKNOWN_STATE
    told = played(lenient, LIST)
    assert (bodies_of(told), wire.header(told.headers, "Replayer-Lenient")) == (["none"], "1")
    assert str(lenient.receipt()) == "0 recorded, 2 played, 0 synthesized, 0 missed, 1 unused, 1 lenient"


def test_a_lenient_answer_never_changes_a_strict_one() -> None:
    """Neither which it is, nor a byte of it: leniently asked before, between and after, and not."""
    cassette = recorded((LIST, answer("none")), (CREATE, answer({"id": INVOICE})), (CREATE, answer({"id": OTHER})))
    strict, lenient = session(cassette, Mode.NONE), session(cassette, Mode.NONE, lenient=True)
    told = []
    for request in (LIST, CREATE, LIST, CREATE):
        verdict = strict.decide(request, NOW)
        answered = played(lenient, request)
        if isinstance(verdict, Replay):
            told.append(verdict.response)
            assert answered == verdict.response
        else:
            assert wire.header(answered.headers, "Replayer-Lenient")
    assert len(told) == 3


LIFE = tuple(
    (req(f"POST /v1/invoices{step}"), answer({"id": INVOICE, "status": status}))
    for step, status in (("", "draft"), (f"/{INVOICE}/finalize", "open"), (f"/{INVOICE}/void", "void"))
)


def life() -> tuple[Cassette, list[Request]]:
    """An invoice that is drafted, finalized and voided; and the requests under the names that a client is told."""
    cassette = recorded(*LIFE)
    return cassette, [each.request for each in cassette.interactions]


def test_a_write_behind_a_forgotten_one_is_a_miss_that_names_it() -> None:
    cassette, (create, finalize, void) = life()
    of = session(cassette, Mode.NONE)
    played(of, create)
    refusal = refused(of, void)
    assert refusal.reason is Reason.UNKNOWN_STATE
    assert refusal.message.splitlines() == [
        f"POST {void.path} was recorded, but not in this state.",
        "Cassette: invoices.yaml (mode none; 3 recorded, 1 played)",
        f"Nearest: recorded after POST {finalize.path}, which you have not played",
        "To fix: record it again; or answer it all the same with the setting lenient",
    ]
    assert b"open" in played(of, finalize).body
    assert b"void" in played(of, void).body


def test_lenient_answers_a_write_in_another_state_and_it_counts_as_made() -> None:
    cassette, (create, _, void) = life()
    of = session(cassette, Mode.NONE, lenient=True)
    played(of, create)
    voided = played(of, void)
    assert (voided.json["status"], wire.header(voided.headers, "Replayer-Lenient")) == ("void", "1")
    assert refused(of, void).reason is Reason.USED_UP
    assert of.receipt().lenient == 1


def test_two_updates_the_other_way_round_are_a_miss() -> None:
    update = f"POST /v1/invoices/{INVOICE}"
    told = answer({"id": INVOICE})
    of = session(recorded((req(update, "a=1"), told), (req(update, "a=2"), told)), Mode.NONE)
    assert refused(of, req(update, "a=2")).reason is Reason.UNKNOWN_STATE
    played(of, req(update, "a=1"))
    played(of, req(update, "a=2"))


def test_version_and_account_are_part_of_the_question() -> None:
    asked = req("GET /v1/invoices", b"", ("Stripe-Version", "2026-10-28"))
    of = session(recorded((asked, answer(1))), Mode.NONE)
    assert refused(of, LIST).reason is Reason.NO_MATCH
    assert bodies_of(played(of, asked)) == ["1"]


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


# -- what testers found ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asking",
    [
        req(f"GET /v1/x?api_key={KEY}", b"", BEARER),
        req("POST /v1/x", "password=pass-word%2F1", ("Authorization", "Bearer pass-word/1")),
        req("POST /v1/x", {"secret": "whsec_0123456789abcdef"}),
    ],
)
def test_a_secret_is_no_part_of_the_question_that_holds_it(asking: Request) -> None:
    to = session()
    told = tell(to, asking, answer({"ok": True}))
    assert played(session(to.cassette(), Mode.NONE), asking) == told


def test_a_search_is_answered_as_of_the_writes_to_what_it_searches() -> None:
    search = req("GET /v1/invoices/search?query=status%3A%27draft%27")
    cassette = recorded((search, answer("[]")), (CREATE, answer({"id": INVOICE})), (search, answer("[1]")))
    early, late = session(cassette, Mode.NONE), session(cassette, Mode.NONE)
    assert bodies_of(played(early, search), played(early, search)) == ["[]", "[]"]
    played(late, CREATE)
    assert bodies_of(played(late, search)) == ["[1]"]


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


def test_a_slash_inside_a_segment_is_no_step_of_the_path() -> None:
    of = session(recorded((req("GET /v1/a%2Fb"), answer(1))), Mode.NONE)
    assert refused(of, req("GET /v1/a/b")).reason is Reason.NO_MATCH


def test_an_answer_that_would_unpack_to_no_end_is_kept_as_it_is() -> None:
    bomb = gzip.compress(bytes(LONGEST + 1), mtime=0)
    assert bodies.decode_content(bomb, "gzip") is None
    assert bodies.decode_content(gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0), "gzip") == b"ab"
