"""Recording: ticks of the virtual clock, and the places of what was recorded."""

import pytest

from replayer.core.index import Index
from replayer.core.instants import http_date
from replayer.core.interaction import Cassette, Facts, Interaction, Request
from replayer.core.links import Links
from replayer.core.recorder import Asking, Recorder, last_tick
from replayer.core.rules import INVOICE_RULES
from replayer.core.seats import Seat
from replayer.core.verdicts import Exchange
from tests.core.build import EPOCH, KEY, NOW, ORIGIN, PROXY, answer, asked, req

FACTS = Facts(ORIGIN, "invoice", EPOCH)


def dated(line: str, tick: int) -> Interaction:
    return Interaction(req(line), answer(line, ("Date", http_date(EPOCH + tick))))


def recorder(*old: Interaction, facts: Facts | None = FACTS) -> Recorder:
    """A recorder over a cassette that holds these."""
    index = Index(Cassette(old), INVOICE_RULES)
    return Recorder(INVOICE_RULES, Links(PROXY, ORIGIN, ORIGIN), index, facts, None, 0)


def left(to: Recorder, line: str, at: float = NOW, *, key: str | None = None, occurrence: int = 0) -> Exchange:
    """A request that was sent on at that time."""
    request: Request = req(line, b"", ("Authorization", f"Bearer {KEY}"))
    asking = Asking(request, asked(line), Seat(occurrence, 0), key, frozenset({KEY}), at)
    return to.forward(asking, to.translated(request)).exchange


def kept(to: Recorder, line: str) -> None:
    exchange = left(to, line)
    to.keep(exchange, to.take_in(exchange, answer(line), NOW))


def test_each_write_moves_the_clock_by_a_second_and_a_read_does_not() -> None:
    to = recorder()
    assert [left(to, line).tick for line in ("GET /a", "POST /a", "GET /a", "DELETE /a", "HEAD /a")] == [0, 1, 1, 2, 2]


def test_what_was_recorded_before_keeps_its_second_in_any_order() -> None:
    to = recorder(dated("POST /a", 1), dated("POST /b", 2))
    assert [left(to, line).tick for line in ("POST /b", "POST /a")] == [2, 1]


def test_a_new_write_among_old_ones_moves_nothing_and_one_behind_them_goes_on() -> None:
    to = recorder(dated("POST /a", 1), dated("POST /b", 2))
    assert [left(to, line).tick for line in ("POST /a", "POST /new", "POST /b", "POST /newer")] == [1, 1, 2, 3]


def test_the_last_tick_of_a_cassette_is_its_latest_date() -> None:
    index = Index(Cassette((dated("POST /a", 5), dated("GET /b", 3))), INVOICE_RULES)
    assert last_tick(index, FACTS) == 5
    assert last_tick(index, None) == 0
    assert last_tick(Index(Cassette(), INVOICE_RULES), FACTS) == 0


def test_an_exchange_remembers_its_credentials_and_the_stand_in_of_its_key() -> None:
    exchange = left(recorder(), "POST /a", key="a-key-of-the-client")
    assert exchange.credentials == {KEY}
    assert exchange.key is not None
    assert exchange.key[0] == "a-key-of-the-client"
    assert exchange.key[1] == (left(recorder(), "POST /a", key="another-key").key or ("", ""))[1]
    assert exchange.key[1] != (left(recorder(), "POST /a", key="a-key-of-the-client", occurrence=1).key or ("", ""))[1]


@pytest.mark.parametrize(
    ("asked_for", "expected"),
    [
        (["GET /a", "GET /b"], ["/a", "/b"]),
        (["GET /b", "GET /a"], ["/a", "/b"]),
        (["GET /b", "GET /new"], ["/b", "/new"]),
        (["GET /new", "GET /b"], ["/new", "/b"]),
        (["GET /a", "GET /new", "GET /newer", "GET /b"], ["/a", "/new", "/newer", "/b"]),
    ],
)
def test_what_was_there_keeps_its_place_and_what_is_new_stands_behind_what_it_came_after(
    asked_for: list[str], expected: list[str]
) -> None:
    to = recorder(dated("GET /a", 0), dated("GET /b", 0))
    for line in asked_for:
        kept(to, line)
    assert [interaction.request.target for interaction in to.merged()] == expected
    assert [interaction.request.target for interaction in to.added()] == [line.split()[1] for line in asked_for]


def test_a_recorder_tells_how_much_it_has() -> None:
    to = recorder()
    kept(to, "GET /a")
    assert repr(to) == "<Recorder 1 recorded>"
    assert len(to) == 1
