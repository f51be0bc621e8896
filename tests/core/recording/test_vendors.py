"""Traffic in the shape of well-known APIs is the same in every fresh recording, and nothing real of it is left."""

from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import quote, unquote

import pytest

from replayer.cassettes import dumps
from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.message import Request
from replayer.core.modes import Mode
from replayer.core.rules import registry, table
from replayer.core.session import Session
from tests.apis.vendors import VENDORS, Run
from tests.core.build import EPOCH, NOW, ORIGIN, session, tell

DAY = 86_400
# What is too short to be told, or only a number, is named by its user.
TABLES: dict[str, dict[str, Any]] = {
    "GitHub": {"tokens": [{"field": "id", "pattern": "[0-9]{10}"}]},
    "Slack": {"tokens": [{"field": "block_id"}]},
}


def recorded(vendor: str, seed: int, at: float, over: Cassette | None = None) -> Cassette:
    """One run of that API, recorded: its client knows of it what it was told."""
    rules = registry.INVOICE_RULES if vendor == "Stripe" else registry.GENERIC_RULES
    rules = table.extended(rules, TABLES.get(vendor, {}))
    to = session(over, Mode.ALL, rules=rules, epoch=EPOCH)
    run = Run(ORIGIN, at, Random(seed))
    for request, reply in VENDORS[vendor](run):
        tell(to, in_names(request, run, to), reply, run.at - 0.4)
    cassette = to.cassette()
    assert cassette is not None
    assert not to.upstream.names.collisions
    return cassette


def in_names(request: Request, run: Run, to: Session) -> Request:
    """The request as its client writes it: what the upstream has minted stands there under the name that was told."""
    target, body = request.target, request.body.decode()
    for real in sorted(run.minted, key=len, reverse=True):
        name = to.upstream.names.alias_of(real) or real
        target = target.replace(quote(real, safe=""), quote(name, safe="")).replace(real, name)
        body = body.replace(real, name)
    return replace(request, target=target, body=body.encode())


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_a_well_known_api_mints_is_the_same_in_every_recording(vendor: str) -> None:
    first = recorded(vendor, 1, NOW)
    text = dumps(first)
    assert dumps(recorded(vendor, 2, NOW + 3 * DAY + 4_321)) == text
    assert dumps(recorded(vendor, 3, NOW + 9 * DAY + 77, over=first)) == text
    assert audit(first, text) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_that_it_minted_is_left(vendor: str) -> None:
    run = Run(ORIGIN, NOW, Random(1))
    list(VENDORS[vendor](run))
    text = dumps(recorded(vendor, 1, NOW))
    assert [real for real in run.minted if real in text or real in unquote(text)] == []
