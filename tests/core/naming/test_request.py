"""A request on its way out: aliases become real ids wherever they stand, and nobody's aliases are noticed."""

import pytest

from replayer.core.clock import facts
from replayer.core.message import edit, shapes, wire
from replayer.core.naming.request import Leaving
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.table import Names
from replayer.core.rules import registry
from tests.core.build import EPOCH, INVOICE, NOW, ORIGIN, PROXY, req


def spaces() -> tuple[Spaces, str]:
    """Spaces in which one invoice has a name, and that name."""
    names = Names()
    (piece,) = shapes.ids(INVOICE)
    return Spaces(
        registry.INVOICE_RULES, wire.Links(PROXY, ORIGIN, "http://127.0.0.1:9"), names, facts.FactClock()
    ), names.name(piece, "x", "id")


def test_a_name_becomes_the_id_in_segments_values_and_headers() -> None:
    between, name = spaces()
    leaving = Leaving(between)
    assert edit.rewritten(req(f"GET /v1/{name}"), leaving.leaf).path == f"/v1/{INVOICE}"
    assert leaving.value(f"status:'open' AND id:'{name}'") == f"status:'open' AND id:'{INVOICE}'"
    assert leaving.header("X-Stripe-Client-Telemetry", f'{{"last": "{name}"}}') == f'{{"last": "{INVOICE}"}}'
    assert leaving.stale == []


def test_a_link_to_the_api_leads_to_the_upstream() -> None:
    between, _ = spaces()
    assert Leaving(between).value(f"{ORIGIN}/v1/x") == "http://127.0.0.1:9/v1/x"


@pytest.mark.parametrize(("header", "stale"), [("Idempotency-Key", True), ("X-Stripe-Client-Telemetry", False)])
def test_an_alias_of_another_session_is_stale_only_where_it_is_part_of_what_is_asked(header: str, stale: bool) -> None:
    _, name = spaces()
    fresh = Leaving(Spaces(registry.INVOICE_RULES, wire.Links("", "", ""), Names(), facts.FactClock()))
    fresh.header(header, name)
    assert bool(fresh.stale) is stale


def test_a_virtual_time_leaves_as_the_real_one_and_is_remembered() -> None:
    between, _ = spaces()
    real = int(NOW)
    between.clock.enter(moment := facts.Moment(EPOCH + 1, real, real, write=True, epoch=EPOCH))
    between.clock.name(("in_x", "created"), real, moment)
    leaving = Leaving(between)
    request = req("POST /v1/x", f"due_date={EPOCH + 1}&amount={EPOCH + 1}")
    assert edit.rewritten(request, leaving.leaf).body == f"due_date={real}&amount={EPOCH + 1}".encode()
    assert leaving.sent == {("due_date", real): EPOCH + 1}
