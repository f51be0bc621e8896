"""Recordings that several shards made of one cassette, united: the same file in whatever order they come, every
interaction plays, and recording again over it changes no byte. Over generated traffic, and over the sandbox."""

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.clock.relative import WRITTEN_AT
from replayer.core.drift import Minted
from replayer.core.matching import Index
from replayer.core.modes import Mode
from replayer.core.rules import registry
from replayer.core.session import verdicts
from replayer.core.union import Shard, united
from tests.core.build import answer, recorded, req
from tests.specs.shop import Replayed, Shop
from tests.specs.traffic import PROXY, START, VERBS, Upstream, recording, replaying, seeds, session, text
from tests.specs.trial import OTHER_PROXY, record
from tests.specs.world import KINDS, Step, World

RULES = registry.INVOICE_RULES
FEW = max(5, settings().max_examples // 20)  # each is nine recordings and more


def _steps(kinds: tuple[str, ...], most: int) -> st.SearchStrategy[list[Step]]:
    step = st.builds(
        Step,
        verb=st.sampled_from(VERBS.split(" ")),
        kind=st.sampled_from(kinds),
        which=st.integers(0, 7),
        note=st.sampled_from(("", "a", "b")),
        limit=st.integers(1, 5),
    )
    return st.lists(step, min_size=most // 6, max_size=most)


@dataclass(frozen=True)
class Parts:
    """What all shards begin with, and what each of them does then, mostly with objects of its own kind."""

    setup: list[Step]
    own: list[list[Step]]
    seed: int

    def shards(self) -> list[Shard]:
        """Each recorded on its own, from an API that mints anew."""
        chance = Random(self.seed)
        return [
            Shard((f"shard {number}",), _recorded([*self.setup, *program], chance))
            for number, program in enumerate(self.own)
        ]


def _recorded(program: list[Step], chance: Random) -> Cassette:
    world = World(chance.getrandbits(30), START + chance.random() * 3000)
    return record(program, world, chance=chance.getrandbits(30)).cassette


parts = st.builds(
    Parts,
    setup=_steps(KINDS, 3),
    own=st.permutations(KINDS).flatmap(lambda kinds: st.tuples(*(_steps((kind,), 6) for kind in kinds[:3]))).map(list),
    seed=seeds,
)


def _again(of: Cassette) -> Cassette:
    """All of it recorded over itself, from an API that answers as before, by a client that mints other values."""
    assert of.facts is not None
    at = float(of.facts.epoch + WRITTEN_AT)
    played = session(of, Mode.NONE, client=OTHER_PROXY, upstream="")
    over = session(of, Mode.ALL, client=PROXY, upstream=OTHER_PROXY)
    ask, minted = recording(over, Upstream(replaying(played, at), at)), Minted(Random(5).choice)
    for entry in Index(of, RULES).entries:
        ask(minted.again(entry, over.client.bindings.minted_in(entry)))
    return over.cassette() or of


@pytest.mark.long
@settings(max_examples=FEW)
@given(parts, st.randoms(use_true_random=False))
def test_shards_are_united_to_one_file_in_any_order(given: Parts, chance: Random) -> None:
    shards = given.shards()
    first = united(shards, RULES)
    other = united(chance.sample(shards, len(shards)), RULES)
    assert text(first.cassette) == text(other.cassette)
    assert len(first.contradictions) == len(other.contradictions)
    assume(not first.contradictions)
    assert audit(first.cassette, text(first.cassette)) == []
    assert text(_again(first.cassette)) == text(first.cassette)


@pytest.mark.long
@settings(max_examples=FEW)
@given(parts)
def test_united_again_with_itself_it_is_the_same(given: Parts) -> None:
    first = united(given.shards(), RULES)
    assume(not first.contradictions)
    twice = united([Shard(("a",), first.cassette), Shard(("b",), first.cassette)], RULES)
    assert twice.contradictions == ()
    assert text(twice.cassette) == text(first.cassette)


def _lists(shop: Shop) -> None:
    shop.made("/v1/customers", {"name": "Ada"})
    shop.ask("GET", "/v1/customers")


def _drafts(shop: Shop) -> None:
    customer = shop.made("/v1/customers", {"name": "Ada"})
    draft = shop.made("/v1/invoices", {"customer": customer})
    shop.ask("GET", f"/v1/invoices/{draft}")
    shop.ask("POST", f"/v1/invoices/{draft}/finalize")
    shop.ask("GET", f"/v1/invoices/{draft}")


def _grace(shop: Shop) -> None:
    grace = shop.made("/v1/customers", {"name": "Grace"})
    shop.ask("GET", f"/v1/customers/{grace}")


def _shop(*tests: object, seed: int, over: Cassette | None = None) -> Cassette:
    shop = Shop(seed, over)
    for test in tests:
        test(shop)  # type: ignore[operator]
    return shop.cassette


def test_what_all_shards_set_up_stands_once_and_each_ones_own_beside_it() -> None:
    found = united([Shard(("1",), _shop(_lists, seed=1)), Shard(("2",), _shop(_grace, _drafts, seed=2))], RULES)
    assert found.contradictions == ()
    asked = [one.request.body for one in found.cassette.interactions if one.request.target == "/v1/customers"]
    assert sorted(asked) == [b"", b"name=Ada", b"name=Grace"]
    assert len(found.cassette.interactions) == 8


def test_a_read_comes_before_what_another_shard_wrote() -> None:
    """Only one of them made a second customer: the other's list has not seen that."""

    def two(shop: Shop) -> None:
        shop.made("/v1/customers", {"name": "Ada"})
        shop.made("/v1/customers", {"name": "Bob"})
        shop.ask("GET", "/v1/customers")

    for seeds_of in ((1, 2), (3, 4)):
        one, other = _shop(_lists, seed=seeds_of[0]), _shop(two, seed=seeds_of[1])
        found = united([Shard(("1",), one), Shard(("2",), other)], RULES)
        assert found.contradictions == ()
        playing = Replayed(found.cassette)
        playing.ask("POST", "/v1/customers", {"name": "Ada"})
        assert isinstance(playing.ask("GET", "/v1/customers"), verdicts.Replay)


def test_shards_that_record_again_over_what_was_united_give_it_again() -> None:
    tests = ((_lists,), (_grace, _drafts))
    first = united([Shard((str(n),), _shop(*each, seed=n)) for n, each in enumerate(tests)], RULES).cassette
    again = [Shard((str(n),), _shop(*each, seed=n + 7, over=first)) for n, each in enumerate(tests)]
    assert text(united(again, RULES).cassette) == text(first)


def test_two_answers_to_one_write_contradict() -> None:
    def answered(name: str) -> Cassette:
        return recorded((req("POST /v1/customers"), answer({"id": "cus_1", "object": "customer", "name": name})))

    found = united([Shard(("a",), answered("Ada")), Shard(("b",), answered("Bob"))], RULES)
    (wrong,) = found.contradictions
    assert wrong.request == "POST /v1/customers"
    assert {wrong.changes[0].recorded, wrong.changes[0].live} == {"Ada", "Bob"}


def test_lists_that_show_what_each_shard_made_alone_contradict() -> None:
    """No order of all writes gives both: each list would show what the other shard made."""

    def alone(name: str) -> Cassette:
        def make(shop: Shop) -> None:
            shop.made("/v1/customers", {"name": name})
            shop.ask("GET", "/v1/customers")

        return _shop(make, seed=len(name))

    found = united([Shard(("a",), alone("Ada")), Shard(("b",), alone("Grace"))], RULES)
    assert [each.request for each in found.contradictions] == ["GET /v1/customers"]
    assert "depends on what another one changed" in found.contradictions[0].why


@pytest.mark.parametrize("polls", [(1, 3), (3, 1), (2, 2)])
def test_who_polled_longer_is_the_one_that_is_kept(polls: tuple[int, int]) -> None:
    states = ("pending", "running", "done")

    def polled(times: int) -> Cassette:
        return recorded(*((req("GET /v1/jobs/1"), answer({"id": "1", "state": each})) for each in states[:times]))

    found = united([Shard((str(times),), polled(times)) for times in polls], RULES)
    assert found.contradictions == ()
    assert len(found.cassette.interactions) == max(polls)
