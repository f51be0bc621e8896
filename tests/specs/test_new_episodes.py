"""Adding to a cassette leaves what was in it as it was: over the sandbox, whatever of it is played meanwhile."""

import json
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import verdicts
from replayer.sandbox.api import InvoiceApi
from replayer.sandbox.serving.state import dump, load, plain
from tests.specs.shop import Replayed, Shop, request
from tests.specs.traffic import session

Step = tuple[str, str, dict[str, str]]
"""One step of a life: method, path, form."""

LIFE: tuple[Step, ...] = (  # `{c}` is its customer, `{i}` its invoice
    ("GET", "/v1/invoices?customer={c}", {}),
    ("POST", "/v1/invoices", {"customer": "{c}"}),
    ("GET", "/v1/invoices/{i}", {}),
    ("POST", "/v1/invoices/{i}", {"description": "x"}),
    ("GET", "/v1/invoices/{i}", {}),
    ("POST", "/v1/customers/{c}", {"name": "B"}),
    ("GET", "/v1/customers/{c}", {}),
    ("POST", "/v1/invoices/{i}/finalize", {}),
    ("GET", "/v1/invoices/{i}", {}),
    ("GET", "/v1/invoices?customer={c}", {}),
)
NEW = ("/v1/invoices?limit=7", "/v1/customers?limit=7", "/v1/invoiceitems")


@pytest.mark.long
@given(st.lists(st.booleans(), min_size=len(LIFE), max_size=len(LIFE)), st.randoms(use_true_random=False))
def test_reads_that_were_not_played_keep_their_states(looks: list[bool], chance: Random) -> None:
    """Somebody plays the writes of a recorded life, some of its reads, and asks for something new in between."""
    shop, told, state = _recorded()
    api = InvoiceApi(Random(2), int(shop.now))
    load(api, json.loads(state))
    adding = session(shop.cassette, Mode.NEW_EPISODES, memory=shop.session.upstream.memory())
    for (step, _), look in zip(told, [True, *looks], strict=True):
        asked = [step] if look or step[0] == "POST" else []
        asked += [("GET", chance.choice(NEW), {})] if chance.random() < 0.3 else []
        for each in asked:
            verdict = adding.decide(request(*each), shop.now)
            if isinstance(verdict, Forward):
                reply = api.answer(verdict.request, int(shop.now))
                adding.recorder.keep(verdict.exchange, adding.record(verdict.exchange, reply, shop.now).interaction)
    playing = Replayed(adding.cassette() or shop.cassette)
    for step, body in told:
        verdict = playing.ask(*step)
        assert isinstance(verdict, verdicts.Replay), (step, verdict)
        assert (verdict.response.body, verdict.synthesized) == (body, ""), step


@cache
def _recorded() -> tuple[Shop, list[tuple[Step, bytes]], str]:
    """The shop in which the life was recorded, what was told at each step, and all that its API holds then. Whoever
    adds to the cassette begins with these."""
    shop = Shop()
    told = [(step, shop.ask(*step).body) for step in _steps()]
    return shop, told, json.dumps(dump(shop.api), default=plain)


def _steps() -> list[Step]:
    """The life, in the names that a client is told: these do not depend on the run."""
    first = ("POST", "/v1/customers", {"name": "A"})
    trial = Shop()
    customer = json.loads(trial.ask(*first).body)["id"]
    invoice = trial.made("/v1/invoices", {"customer": customer})
    named = {"c": customer, "i": invoice}
    return [first] + [
        (method, path.format(**named), {key: value.format(**named) for key, value in form.items()})
        for method, path, form in LIFE
    ]
