"""Times are the same in every fresh recording, however they are spelled and wherever they stand."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from replayer.core.message import Request, Response
from replayer.core.rules import Rules, registry
from tests.core.build import EPOCH, NOW, answer, req, session, tell, value_of

from .fresh import DAY, RULES, body_of, fresh, in_every_recording, minted


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
@pytest.mark.parametrize(
    ("field", "distance"),
    [
        ("capture_before", 604_800),
        ("network_updated_at", 0),
        ("expires_after", 3_600),
        ("renewsOn", 30 * DAY),
        ("claim_until", DAY + 17),
        ("settlement_date", 2 * DAY),
        ("period_closing", 0),
    ],
)
def test_a_time_in_a_field_of_a_usual_ending_is_one_and_keeps_its_distance(
    rules: Rules, field: str, distance: int
) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        yield req("POST /v1/charges"), answer({"id": minted(chance), "created": int(at), field: int(at) + distance})

    found = body_of(in_every_recording(made, rules))
    assert found[field] - found["created"] == distance


def test_every_timestamp_of_the_invoice_apis_description_is_a_time() -> None:
    fields = (
        "accepted_at active_from arrival_date as_of backdate_start_date billing_cycle_anchor canceled_at "
        "capture_before completed_at computed_timestamp confirmed_at created created_after created_at "
        "created_before data_available_end data_available_start date deactivated_at delayed_at delivered_at "
        "effective_at effective_date email_sent_at end_time eta expires expires_after expires_at failed_at "
        "finalized_at guaranteed_at initiated_at interval_end interval_start last_attempted_at last_seen_at "
        "network_updated_at next_pending_invoice_item_invoice next_refresh_available_at occurred_at period_end "
        "period_start posted_at product_substituted_at redeem_by refreshed_at refunded_at released_at "
        "requested_at returned_at start_date start_time started_at succeeded_at tax_date timestamp transacted_at "
        "transitioned_at trial_end updated void_at "
    )
    assert [field for field in fields.split() if not registry.INVOICE_RULES.is_time(field)] == []


@pytest.mark.parametrize(
    "field", ["amount", "at", "created_by", "station", "vibration", "based", "format", "retry_count"]
)
def test_an_ordinary_word_is_the_name_of_no_time(field: str) -> None:
    assert not any(rules.is_time(field) for rules in RULES)


@pytest.mark.parametrize(
    "link",
    [
        "https://dashboard.stripe.com/test/logs/req_X?t={at}",
        "/logs?object=in_x&t={at}000",
        "https://files.example/x?expires={later}&size=100",
        "see https://a.example/x?seen={at}#top",
        "https://a.example/x?sig=a&se={iso}",
    ],
)
def test_a_time_in_a_link_is_named_as_any_time(link: str) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        iso = f"2026-11-{22 + int(at - NOW) // DAY:02}T00%3A00%3A00Z"
        told = link.format(at=int(at), later=int(at) + 600, iso=iso)
        yield req("POST /v1/charges"), answer({"id": minted(chance), "created": int(at), "url": told})

    found = fresh(made, registry.INVOICE_RULES), fresh(made, registry.INVOICE_RULES, seed=2, at=NOW + 99)
    assert body_of(found[0])["url"] == body_of(found[1])["url"]
    if "iso" not in link:
        in_every_recording(made)


def test_who_follows_a_link_with_a_time_asks_the_upstream_by_the_real_one() -> None:
    to = session()
    asked = req("POST /v1/charges")
    told = value_of(tell(to, asked, answer({"id": "ch_1Abcdefghijklmnop", "url": f"/logs?from={int(NOW)}"})))["url"]
    assert str(int(NOW)) not in told
    forward: Any = to.decide(req(f"GET {told}"), NOW + 5)
    assert forward.request.target == f"/logs?from={int(NOW)}"


SPELLED: dict[str, Callable[[int], Any]] = {
    "net": lambda at: f"/Date({at}123+0000)/",
    "net zone": lambda at: f"/Date({at}000-0800)/",
    "mail": lambda at: f"{datetime.fromtimestamp(at, UTC):%a, %d %b %Y %H:%M:%S +0000}",
    "basic": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}",
    "space": lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S UTC}",
    "print": lambda at: f"{datetime.fromtimestamp(at, UTC):%a %b %d %H:%M:%S +0000 %Y}",
    "x_at": lambda at: at + 0.25,
}


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
def test_the_spellings_of_one_instant_stay_one_in_bodies_and_in_headers(rules: Rules) -> None:
    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        spelled = {name: write(int(at)) for name, write in SPELLED.items()}
        headers = [(f"X-Made-{number}", str(text)) for number, text in enumerate(spelled.values()) if number < 6]
        headers.append(("X-Seen-At", str(int(at))))
        reply = answer({"id": minted(chance), "created": int(at)} | spelled, *headers)
        yield req("POST /v1/charges"), reply

    found = body_of(in_every_recording(made, rules))
    at = found["created"]
    assert at == EPOCH + 1
    assert found["net"] == f"/Date({at}000+0000)/"
    assert {name: found[name] for name in list(SPELLED)[1:-1]} == {
        name: write(at) for name, write in list(SPELLED.items())[1:-1]
    }
    assert found["x_at"] == at


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.name)
def test_what_a_write_has_made_and_only_a_read_tells_of_is_of_this_session_whatever_birth_it_tells(
    rules: Rules,
) -> None:
    """A write may send its client on to what it has made: `303 See Other`."""

    def made(at: float, chance: Random) -> Iterable[tuple[Request, Response]]:
        real, due = minted(chance), int(at) + 7 * DAY
        yield (
            req("POST /v1/things"),
            Response(303, "", (("Location", f"/v1/things/{real}"),), b'{"id": "%s"}' % real.encode()),
        )
        yield req(f"GET /v1/things/{real}"), answer({"id": real, "created": 1_234_567_890, "due_date": due})

    found = body_of(in_every_recording(made, rules), 1)
    assert found["created"] == 1_234_567_890
    assert found["due_date"] == EPOCH + 7 * DAY + 1
