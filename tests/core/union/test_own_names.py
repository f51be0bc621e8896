"""What a recording named itself is taken off; what is older than it keeps its name."""

from replayer.core.cassette import Cassette, Interaction
from replayer.core.matching import Index
from replayer.core.message import shapes
from replayer.core.naming import aliases
from replayer.core.rules import registry
from replayer.core.union import Shard, United, united
from replayer.core.union.own_names import OwnNames
from tests.core.build import CUSTOMER, EPOCH, INVOICE, answer, recorded, req

RULES = registry.INVOICE_RULES


def _taken_off(cassette: Cassette) -> list[Interaction]:
    names = OwnNames()
    return [names.taken_off(entry) for entry in Index(cassette, RULES).entries]


def _united(*cassettes: Cassette) -> United:
    return united([Shard((str(number),), each) for number, each in enumerate(cassettes)], RULES)


def _read(at: int) -> Cassette:
    value = {"id": INVOICE, "object": "invoice", "created": at, "customer": CUSTOMER}
    return recorded((req(f"GET /v1/invoices/{INVOICE}"), answer(value)))


def test_an_id_that_the_session_made_is_none_of_its_names_any_more() -> None:
    created = answer({"id": INVOICE, "object": "invoice", "created": EPOCH + 44_400})
    cassette = recorded((req("POST /v1/invoices"), created))
    (name,) = {piece.text for piece in shapes.ids(cassette.interactions[0].response.text)}
    (live,) = _taken_off(cassette)
    (real,) = {piece.text for piece in shapes.ids(live.response.text)}
    assert name != real
    assert aliases.is_alias("prefixed", name)
    assert not aliases.is_alias("prefixed", real)
    assert (len(real), real[:3]) == (len(name), name[:3])


def test_an_id_that_is_older_than_the_session_stays() -> None:
    cassette = _read(at=1_700_000_000)
    (live,) = _taken_off(cassette)
    assert live.response.text == cassette.interactions[0].response.text


def test_what_is_recorded_alone_is_what_it_was() -> None:
    cassette = _read(at=1_700_000_000)
    found = _united(cassette)
    assert found.contradictions == ()
    assert tuple(found.cassette.interactions) == tuple(cassette.interactions)
