"""Replaying: which recorded answer a request gets now."""

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.cassette import Cassette, Interaction
from replayer.core.clock import SessionClock
from replayer.core.matching.entry import Entry
from replayer.core.matching.index import Index
from replayer.core.matching.player import Player
from replayer.core.matching.stamps import Causes
from replayer.core.matching.turns import Turn
from replayer.core.message import Request, Response
from replayer.core.rules import registry
from tests.core.build import CUSTOMER, INVOICE, OTHER, answer, asked, req

LIST, CREATE = "GET /v1/invoices", "POST /v1/invoices"
FIRST = Turn(0, 0)
RECORDED = [
    (req(LIST), answer("none")),
    (req(CREATE), answer({"id": INVOICE})),
    (req(LIST), answer("one")),
    (req(CREATE), answer({"id": OTHER})),
    (req(LIST), answer("two")),
]


def player(*recorded: tuple[Request, Response]) -> Player:
    index = Index(Cassette(tuple(Interaction(*one) for one in recorded or RECORDED)), registry.INVOICE_RULES)
    return Player(index, Causes(registry.INVOICE_RULES), SessionClock())


def find(of: Player, line: str, turn: Turn = FIRST) -> Entry:
    entry = of.find(asked(line), turn)
    assert entry is not None
    return entry


def play(of: Player, line: str, turn: Turn = FIRST) -> str:
    """The answer that is played."""
    entry = find(of, line, turn)
    of.play(entry)
    return entry.interaction.response.body.decode()


def orders(entries: tuple[Entry, ...]) -> list[int]:
    return [entry.order for entry in entries]


def test_finding_plays_nothing() -> None:
    of = player()
    assert find(of, CREATE) is find(of, CREATE)
    assert (of.played, of.plays) == (0, 0)


def test_a_read_is_found_by_the_writes_that_were_played() -> None:
    of = player()
    assert play(of, LIST) == "none"
    play(of, CREATE)
    assert play(of, LIST) == "one"
    play(of, CREATE, Turn(1, 0))
    assert play(of, LIST) == "two"


def test_a_write_that_was_played_twice_counts_once() -> None:
    of = player()
    for _ in range(3):
        play(of, CREATE)
    assert play(of, LIST) == "one"
    assert (of.played, of.plays) == (2, 4)


PAY, GET = f"POST /v1/invoices/{INVOICE}/pay", f"GET /v1/invoices/{INVOICE}"
PAYING = req(PAY, b"", ("Idempotency-Key", "a-key-of-the-client"))


def test_a_retry_that_was_carried_out_changes_what_a_refused_attempt_left() -> None:
    of = player(
        (PAYING, answer({"error": "busy"}, status=409)),
        (req(GET), answer("open")),
        (PAYING, answer("paid")),
        (req(GET), answer("paid")),
    )
    play(of, PAY)
    assert [play(of, GET) for _ in range(4)] == ["open"] * 4
    play(of, PAY, Turn(0, 1))
    assert [play(of, GET) for _ in range(4)] == ["paid"] * 4


def test_a_retry_that_is_told_the_same_again_changes_nothing() -> None:
    of = player(
        (PAYING, answer("declined", status=402)),
        (req(GET), answer("attempted once")),
        (PAYING, answer("declined", status=402)),
        (req(GET), answer("attempted once, still")),
    )
    play(of, PAY)
    play(of, PAY, Turn(0, 1))
    assert [play(of, GET) for _ in range(2)] == ["attempted once", "attempted once, still"]


def test_a_refused_write_that_changed_something_all_the_same_is_found_out() -> None:
    """A log-in that fails is counted, say. What is read before and after it tells."""
    log_in, user = f"POST /v1/customers/{CUSTOMER}/log_in", f"GET /v1/customers/{CUSTOMER}"
    of = player(
        (req(user), answer("no attempt")),
        (req(log_in), answer("wrong", status=401)),
        (req(user), answer("one attempt")),
        (req(log_in), answer("wrong", status=401)),
    )
    assert [play(of, user) for _ in range(3)] == ["no attempt"] * 3
    play(of, log_in)
    assert [play(of, user) for _ in range(3)] == ["one attempt"] * 3
    play(of, log_in, Turn(1, 0))
    assert play(of, user) == "one attempt"  # nothing tells that the second was counted


def test_what_changes_though_no_write_touches_it_was_changed_by_any() -> None:
    balance, other = "GET /v1/balance", "POST /v1/products"
    of = player(
        (req(balance), answer("0")),
        (req(other), answer("made")),
        (req(CREATE), answer({"id": INVOICE})),
        (req(balance), answer("7")),
    )
    assert [play(of, balance) for _ in range(3)] == ["0"] * 3
    play(of, other)
    assert of.find(asked(balance), FIRST) is None
    play(of, CREATE)
    assert play(of, balance) == "7"


def test_what_changes_while_nobody_writes_is_polled_for() -> None:
    of = player((req("GET /v1/balance"), answer("0")), (req("GET /v1/balance"), answer("7")), (req(CREATE), answer(1)))
    assert [play(of, "GET /v1/balance") for _ in range(3)] == ["0", "7", "7"]
    play(of, CREATE)
    assert play(of, "GET /v1/balance") == "7"


def test_what_never_changes_depends_on_no_write_elsewhere() -> None:
    """Not even where errors and answers hold names that are new each time."""
    for one, two in (("0", "0"), ("req_AbCdEfGhIjKlM1", "req_AbCdEfGhIjKlM2")):
        of = player(
            (req("GET /v1/balance"), answer(one)), (req(CREATE), answer(1)), (req("GET /v1/balance"), answer(two))
        )
        play(of, CREATE)
        assert of.find(asked("GET /v1/balance"), FIRST) is not None
    of = player(
        (req(GET), answer("a", status=404)), (req("POST /v1/x"), answer(1)), (req(GET), answer("b", status=404))
    )
    play(of, "POST /v1/x")
    assert of.find(asked(GET), FIRST) is not None


def test_what_was_learned_later_of_what_belongs_together_is_known_from_the_beginning() -> None:
    """That the invoice is the customer's is first told when it is read, after the customer has a new name."""
    rename = f"POST /v1/customers/{CUSTOMER}"
    of = player(
        (req(GET + "?expand[]=customer"), answer({"id": INVOICE, "customer": {"id": CUSTOMER, "name": "a"}})),
        (req(rename), answer({"id": CUSTOMER, "name": "b"})),
        (req(GET), answer({"id": INVOICE, "customer": CUSTOMER, "customer_name": "b"})),
    )
    assert of.find(asked(GET), FIRST) is None
    play(of, rename)
    assert "b" in play(of, GET)
    assert of.find(asked(GET + "?expand[]=customer"), FIRST) is None


def test_a_write_beyond_the_recorded_ones_is_not_found() -> None:
    assert player().find(asked(CREATE), Turn(2, 0)) is None


def test_attempts_beyond_the_recorded_ones_get_the_last() -> None:
    keyed = req(CREATE, b"", ("Idempotency-Key", "a-key-of-the-client"))
    of = player((keyed, answer("first")), (keyed, answer("second")))
    assert [play(of, CREATE, Turn(0, attempt)) for attempt in (0, 1, 7)] == ["first", "second", "second"]


def test_the_nearest_state_differs_in_the_fewest_writes() -> None:
    of = player()
    play(of, CREATE, Turn(1, 0))  # out of order: a state that was never recorded
    assert of.find(asked(LIST), FIRST) is None
    near = of.nearest(asked(LIST))
    assert near is not None
    assert (near.entry.order, orders(near.ahead), orders(near.behind), len(near)) == (4, [], [1], 1)


def test_the_nearest_earlier_state_never_shows_what_has_not_happened() -> None:
    of = player()
    play(of, CREATE, Turn(1, 0))
    near = of.nearest(asked(LIST), earlier=True)
    assert near is not None
    assert (near.entry.order, orders(near.ahead), orders(near.behind)) == (0, [3], [])


def test_where_nothing_is_earlier_the_nearest_of_all_is_taken() -> None:
    of = player(*RECORDED[1:])
    near = of.nearest(asked(LIST), earlier=True)
    assert near is not None
    assert (near.entry.order, orders(near.ahead), orders(near.behind)) == (1, [], [0])


def test_a_question_that_was_never_recorded_has_no_nearest_state() -> None:
    assert player().nearest(asked("GET /v1/products")) is None


def test_what_is_lent_moves_nothing_on() -> None:
    day = ("Date", "Sun, 22 Nov 2026 12:20:00 GMT")
    recorded = (Interaction(req(CREATE), answer({"id": INVOICE})), Interaction(req(LIST), answer("one", day)))
    clock = SessionClock()
    of = Player(Index(Cassette(recorded), registry.INVOICE_RULES), Causes(registry.INVOICE_RULES), clock)
    near = of.nearest(asked(LIST))
    assert near is not None
    of.lend(near.entry)
    assert (clock.now, of.plays, of.lent) == (None, 1, 1)
    assert of.find(asked(LIST), FIRST) is None
    play(of, CREATE)
    assert play(of, LIST) == "one"
    assert clock.now is not None


@given(st.sets(st.integers(0, 9)), st.lists(st.booleans(), min_size=1, max_size=20))
def test_the_nearest_state_is_the_one_that_a_search_of_all_sets_finds(chosen: set[int], kinds: list[bool]) -> None:
    """Writes and reads in any order, and any of the writes played."""
    writes = iter(range(20))
    steps = [f"POST /v1/invoices/{next(writes)}" if kind else LIST for kind in kinds]
    of = player(*((req(step), answer(number)) for number, step in enumerate(steps)))
    done = {number for number, kind in enumerate(kinds) if kind and number in chosen}
    for number in done:
        play(of, steps[number])
    states = {
        number: {earlier for earlier in range(number) if kinds[earlier]} ^ done
        for number, kind in enumerate(kinds)
        if not kind
    }
    near = of.nearest(asked(LIST))
    assert (near is None) == (not states)
    if near is not None:
        assert {*orders(near.ahead), *orders(near.behind)} == states[near.entry.order]
        assert len(near) == min(map(len, states.values()))


def test_the_writes_before_a_read_are_told_latest_first() -> None:
    of = player()
    last = find(of, LIST)
    assert list(of.writes_before(last)) == []
    play(of, CREATE)
    play(of, CREATE, Turn(1, 0))
    assert [entry.order for entry in of.writes_before(find(of, LIST))] == [3, 1]


def test_a_player_tells_how_far_it_is() -> None:
    of = player()
    play(of, LIST)
    assert repr(of) == "<Player 1/5 played>"
