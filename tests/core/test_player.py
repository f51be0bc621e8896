"""Replaying: which recorded answer a request gets now."""

from replayer.core.causes import Causes
from replayer.core.index import Entry, Index
from replayer.core.interaction import Cassette, Interaction, Request, Response
from replayer.core.player import Player
from replayer.core.rules import INVOICE_RULES
from replayer.core.seats import Seat
from tests.core.build import INVOICE, OTHER, answer, asked, req

LIST, CREATE = "GET /v1/invoices", "POST /v1/invoices"
FIRST = Seat(0, 0)
RECORDED = [
    (req(LIST), answer("none")),
    (req(CREATE), answer({"id": INVOICE})),
    (req(LIST), answer("one")),
    (req(CREATE), answer({"id": OTHER})),
    (req(LIST), answer("two")),
]


def player(*recorded: tuple[Request, Response], lenient: bool = False) -> Player:
    index = Index(Cassette(tuple(Interaction(*one) for one in recorded or RECORDED)), INVOICE_RULES)
    return Player(index, Causes(INVOICE_RULES), lenient=lenient)


def find(of: Player, line: str, seat: Seat = FIRST) -> Entry:
    entry = of.find(asked(line), seat)
    assert entry is not None
    return entry


def play(of: Player, line: str, seat: Seat = FIRST) -> str:
    """The answer that is played."""
    entry = find(of, line, seat)
    of.play(entry)
    return entry.interaction.response.body.decode()


def test_finding_plays_nothing() -> None:
    of = player()
    assert find(of, CREATE) is find(of, CREATE)
    assert (of.played, of.plays) == (0, 0)


def test_a_read_is_found_by_the_writes_that_were_played() -> None:
    of = player()
    assert play(of, LIST) == "none"
    play(of, CREATE)
    assert play(of, LIST) == "one"
    play(of, CREATE, Seat(1, 0))
    assert play(of, LIST) == "two"


def test_a_write_that_was_played_twice_counts_once() -> None:
    of = player()
    for _ in range(3):
        play(of, CREATE)
    assert play(of, LIST) == "one"
    assert (of.played, of.plays) == (2, 4)


def test_a_write_beyond_the_recorded_ones_is_not_found() -> None:
    assert player().find(asked(CREATE), Seat(2, 0)) is None


def test_attempts_beyond_the_recorded_ones_get_the_last() -> None:
    keyed = req(CREATE, b"", ("Idempotency-Key", "a-key-of-the-client"))
    of = player((keyed, answer("first")), (keyed, answer("second")))
    assert [play(of, CREATE, Seat(0, attempt)) for attempt in (0, 1, 7)] == ["first", "second", "second"]


def test_lenient_never_answers_from_what_was_recorded_later() -> None:
    of = player(lenient=True)
    play(of, CREATE, Seat(1, 0))  # out of order: a state that was never recorded
    assert play(of, LIST) == "one"
    strict = player()
    play(strict, CREATE, Seat(1, 0))
    assert strict.find(asked(LIST), FIRST) is None


def test_the_writes_before_a_read_are_told_latest_first() -> None:
    of = player()
    last = find(of, LIST)
    assert list(of.writes_before(last)) == []
    play(of, CREATE)
    play(of, CREATE, Seat(1, 0))
    assert [entry.order for entry in of.writes_before(find(of, LIST))] == [3, 1]


def test_a_player_tells_how_far_it_is() -> None:
    of = player()
    play(of, LIST)
    assert repr(of) == "<Player 1/5 played>"
