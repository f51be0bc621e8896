"""Law 6 over the lives of invoices: whoever comes next and however often somebody looks, every read shows its state."""

from functools import cache, partial
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st

from replayer.core.cassette import Cassette
from replayer.core.message import Request
from replayer.core.modes import Mode
from replayer.core.rules import registry
from tests.specs.lives import KEY, OF_ALL, READS, STEPS, Life, Replayed, Twin, recorded, told
from tests.specs.shards import in_shards
from tests.specs.traffic import seeds

POLLS = 5  # extra looks at each point, at most
RETRIES = 0.2  # of the writes
LIFE = ("draft", "line", "get", "finalize", "get", "pay", "get", "list")
OWN = ("customer", *LIFE)

Steps = tuple[str, ...]

# One example is hundreds of requests on both sides: of these there are fewer than of others.
some = partial(in_shards, of=4)
few = partial(in_shards, of=20)


def lives(begin: Steps, may: list[str], *end: str, least: int = 1) -> st.SearchStrategy[list[Steps]]:
    """Up to four lives that begin and end alike; in between each does what it likes."""
    free = st.lists(st.sampled_from([*may, "again"]), max_size=10)
    return st.lists(free.map(lambda steps: (*begin, *steps, *end)), min_size=least, max_size=4)


turns = seeds.map(Random)  # hundreds of decisions: hypothesis draws only what they follow from
modes = st.sampled_from((Mode.NONE, Mode.ONCE))
# What has no customer of its own to speak of leaves others' customer, and what is pending there, alone.
FREE = [step for step in STEPS if step not in ("customer", *OF_ALL)]
ON_ONE_CUSTOMER = [step for step in FREE if step not in ("rename", "item", "unitem", "reprice")]
OF_ONE_INVOICE = {"get", "lines", "other", "its items", "pending"}


def replayed(cassette: Cassette, of: list[Steps], chance: Random, *, shared: bool, mode: Mode = Mode.NONE) -> Replayed:
    """The lives take turns by chance; between any two steps, whoever looked last may look some more, and whoever wrote
    may not have heard the answer."""
    run = Replayed(cassette, of, shared=shared, mode=mode)
    looking: dict[int, str] = {}
    while left := [number for number in range(len(of)) if run.left(number)]:
        number = chance.choice(left)
        step = run.step(number)
        looking = {each: seen for each, seen in looking.items() if each != number}
        if step in READS:
            looking[number] = step
        elif chance.random() < RETRIES:
            run.try_again(number)
        for each, seen in looking.items():
            for _ in range(chance.choice((0, 0, 1, 2, POLLS))):
                run.look(each, seen)
    return run


@cache
def four(*, shared: bool) -> Cassette:
    return recorded([LIFE if shared else OWN] * 4, shared=shared)


@some(turns, modes)
def test_four_lives_take_turns_and_every_read_shows_its_state(chance: Random, mode: Mode) -> None:
    run = replayed(four(shared=False), [OWN] * 4, chance, shared=False, mode=mode)
    assert (run.missed, run.session.receipt().unused) == ([], 0)


@some(turns, modes)
def test_four_lives_that_share_a_customer_and_a_price_read_their_own_invoices(chance: Random, mode: Mode) -> None:
    """A list of the customer's invoices shows them all: in a state that was not recorded it is a miss."""
    run = replayed(four(shared=True), [LIFE] * 4, chance, shared=True, mode=mode)
    assert set(run.missed) <= {"list"}


@pytest.mark.parametrize("polls", range(POLLS + 1))
@pytest.mark.parametrize("mode", [Mode.NONE, Mode.ONCE])
def test_a_life_may_be_looked_at_as_often_as_somebody_likes(polls: int, mode: Mode) -> None:
    run = Replayed(four(shared=False), [OWN] * 4, shared=False, mode=mode)
    for step in OWN:
        run.step(2)
        for _ in range(polls if step in READS else 0):
            run.look(2, step)
    assert (run.missed, run.read) == ([], 4 * (polls + 1))


@few(lives(("customer", "item", "draft"), FREE), turns, modes)
def test_lives_with_customers_of_their_own_never_miss(of: list[Steps], chance: Random, mode: Mode) -> None:
    """Whatever they do: retries, refusals, declined payments and deletions are in it."""
    run = replayed(recorded(of, chance, shared=False), of, chance, shared=False, mode=mode)
    assert run.missed == []


@few(lives(("draft", "line"), ON_ONE_CUSTOMER, least=2), turns)
def test_lives_that_share_a_customer_are_shown_the_right_state_or_none(of: list[Steps], chance: Random) -> None:
    run = replayed(recorded(of, chance, shared=True), of, chance, shared=True)
    assert not OF_ONE_INVOICE & set(run.missed)


@few(lives(("customer", "item", "draft"), FREE, *OF_ALL), turns)
def test_a_list_of_all_is_right_or_a_miss(of: list[Steps], chance: Random) -> None:
    run = replayed(recorded(of, chance, shared=False), of, chance, shared=False)
    assert set(run.missed) <= set(OF_ALL)


@few(lives(("customer", "item", "draft"), [*FREE, *OF_ALL], *OF_ALL))
def test_lives_one_after_the_other_miss_nothing_at_all(of: list[Steps]) -> None:
    run = Replayed(recorded(of, shared=False), of, shared=False, mode=Mode.NONE)
    for number, steps in enumerate(of):
        for _ in steps:
            run.step(number)
    assert run.missed == []


@few(lives(("customer", "item", "draft"), [*FREE, *OF_ALL], *OF_ALL), seeds, seeds, st.booleans())
def test_lives_that_are_recorded_again_in_other_turns_are_replayed_in_these(
    of: list[Steps], one: int, other: int, shared: bool
) -> None:
    """The file keeps what it can of its order; what a read saw must come before it all the same."""
    of = [tuple(step for step in steps if not shared or step in (*ON_ONE_CUSTOMER, *OF_ALL)) for steps in of]
    cassette = recorded(of, Random(other), recorded(of, Random(one), shared=shared), shared=shared)
    run, chance = Replayed(cassette, of, shared=shared, mode=Mode.NONE), Random(other)
    while left := [number for number in range(len(of)) if run.left(number)]:
        run.step(chance.choice(left))
    assert run.missed == []


BOOKS = ("/v1/customers?limit=100", "/v1/invoices?limit=100", "/v1/invoiceitems?limit=100")
OF_CUSTOMERS = next(each.by for each in registry.INVOICE_RULES.unmoved if each.prefix == "cus_")


def books(of: Twin) -> list[Any]:
    """All that there is."""
    return [told(of.answer(Request("GET", page, (KEY,))), {}, shared=False) for page in BOOKS]


@few(lives(("customer", "item", "draft"), FREE))
def test_what_the_rules_say_of_writes_that_change_nothing_is_true_of_the_sandbox(of: list[Steps]) -> None:
    twin = Twin()
    for number, steps in enumerate(of):
        life = Life(number, steps)
        for serial, step in enumerate(steps):
            request, before = life.request(step, serial, 0), books(twin)
            response = twin.answer(request)
            life.heard(step, response)
            if response.status in registry.INVOICE_RULES.refusals or step in READS:
                assert books(twin) == before
            elif OF_CUSTOMERS.match(f"{request.method} {request.path}"):
                assert books(twin)[0] == before[0]
