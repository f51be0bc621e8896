"""The law of reading: a recorded exchange parses a message once at most, and looks for ids in a text once at most.

Counted are the scanners themselves, wherever they are called from: JSON that is parsed, bodies whose values are looked
for, and texts in which ids are. A message in another space, with other names in it, is another text.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from replayer.cassettes import entry
from replayer.core.message import bodies, leaves, shapes
from replayer.core.recording import Forward
from tests.specs.shop import Shop, request

BODY = 200  # characters: a text that is longer is a whole body, a shorter one may be a word that stands in several


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counter[str]]:
    """How often each scanner looked at each text."""
    counts: dict[str, Counter[str]] = {"parsed": Counter(), "values": Counter(), "ids": Counter()}

    def counting(what: str, scanner: Callable[..., Any]) -> Callable[..., Any]:
        def count(text: str, *more: Any) -> Any:
            counts[what][text] += 1
            return scanner(text, *more)

        return count

    monkeypatch.setattr(bodies, "parse_json", counting("parsed", bodies.parse_json))
    monkeypatch.setattr(leaves, "json_leaves", counting("values", leaves.json_leaves))
    monkeypatch.setattr(shapes, "_found", counting("ids", shapes._found))  # noqa: SLF001 - what all scans go through
    return counts


@pytest.mark.parametrize("line", [("POST", "/v1/invoices"), ("GET", "/v1/invoices")])
def test_a_recorded_exchange_reads_each_message_once(line: tuple[str, str], counted: dict[str, Counter[str]]) -> None:
    shop = Shop()
    customer = shop.made("/v1/customers", {"name": "Ada"})
    for _ in range(10):
        shop.made("/v1/invoices", {"customer": customer})
    for counter in counted.values():
        counter.clear()
    verdict = shop.session.decide(request(*line, {"customer": customer}), shop.now + 1)
    assert isinstance(verdict, Forward)
    reply = shop.api.answer(verdict.request, int(shop.now) + 1)
    recorded = shop.session.record(verdict.exchange, reply, shop.now + 1)
    assert entry(recorded.interaction)
    shop.session.recorder.keep(verdict.exchange, recorded.interaction)
    assert set(counted["parsed"].values()) == set(counted["values"].values()) == {1}
    assert {times for text, times in counted["ids"].items() if len(text) > BODY} == {1}
    bodies_read = len(reply.content.raw) + len(recorded.interaction.response.body)
    assert sum(len(text) * times for text, times in counted["ids"].items()) < 2 * bodies_read


def test_what_is_kept_is_kept_without_its_readings() -> None:
    """Ten thousand recorded answers are as large as their bodies, and not as their parsed values."""
    shop = Shop()
    shop.made("/v1/customers", {"name": "Ada"})
    (interaction,) = shop.cassette.interactions
    assert not {"content", "leaves", "ids"} & set(vars(interaction.response))
