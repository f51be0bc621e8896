"""What took part in a session, and the file that comes of it."""

from replayer.core.cassette import Cassette, Interaction
from replayer.core.matching import Entry, Index, turns
from replayer.core.recording.exchange import Exchange
from replayer.core.recording.history import History
from replayer.core.recording.partial_order import Reach
from replayer.core.rules import registry
from tests.core.build import answer, question, req


def old(*lines: str) -> Index:
    return Index(Cassette(tuple(Interaction(req(line), answer(line)) for line in lines)), registry.INVOICE_RULES)


def reach(line: str) -> Reach:
    return Reach(line.startswith("GET"), frozenset((line.split()[1],)), frozenset())


def recorded(in_: History, line: str, value: tuple[int, int] = (0, 1)) -> None:
    request = req(line)
    exchange = Exchange(question(line), turns.Turn(0, 0), 1, {})
    in_.record(exchange, Interaction(request, answer("new")), reach(line), frozenset(), value)


def played(in_: History, entry: Entry) -> None:
    in_.play(entry, reach(f"{entry.asked.method} {entry.asked.path}"), frozenset())


def targets(of: History) -> list[str]:
    return [interaction.request.target for _, interaction in of.arranged()]


def test_what_was_there_keeps_its_place_and_what_is_new_stands_behind_what_it_came_after() -> None:
    index = old("GET /a", "GET /b", "GET /c")
    history = History(index)
    played(history, index.entries[1])
    recorded(history, "GET /new")
    for entry in history.missing:
        played(history, entry)
    assert targets(history) == ["/a", "/b", "/new", "/c"]
    assert len(history) == 1


def test_what_is_recorded_again_takes_the_place_of_what_was_there() -> None:
    history = History(old("GET /a", "GET /b"))
    for line in ("GET /b", "GET /a"):
        recorded(history, line)
    assert targets(history) == ["/a", "/b"]
    assert [interaction.response for _, interaction in history.arranged()] == [answer("new")] * 2
    assert history.missing == []


def test_beside_others_the_new_stand_in_the_order_of_their_values_and_of_what_they_ask() -> None:
    history = History(old())
    history.split()
    for line, value in (("GET /c", (1, 1)), ("GET /b", (0, 1)), ("GET /a", (1, 1))):
        recorded(history, line, value)
    assert targets(history) == ["/b", "/a", "/c"]


def test_it_knows_who_took_part_and_what_was_told() -> None:
    index = old("GET /a", "GET /b")
    history = History(index)
    history.play(index.entries[0], reach("GET /a"), frozenset(("in_x",)))
    assert [history.has(entry) for entry in index.entries] == [True, False]
    assert history.emitter("in_x") == 0
    assert history.emitter("in_y") is None
    assert repr(history) == "<History 0 recorded, 1 in all>"
