"""Law 6 over lives of invoices with steps left out: answers are what the sandbox gives to what is left."""

from collections.abc import Sequence
from functools import partial
from random import Random

import pytest
from hypothesis import strategies as st

from replayer.core.cassette import Cassette
from replayer.core.matching import canonical
from replayer.core.message import Response
from replayer.core.modes import Mode
from replayer.core.session import verdicts
from tests.specs.lives import OF_ALL, READS, STEPS, Life, Twin, recorded, strings, told
from tests.specs.shards import in_shards
from tests.specs.traffic import START, seeds, session

few = partial(in_shards, of=10, least=20)
FREE = [step for step in STEPS if step not in ("customer", *OF_ALL)]
# What is made may show how things are that its request only names: of these it counts that they are there.
MADE = ("item", "line", "draft", "second")
REASONS = {verdicts.Reason.UNKNOWN_STATE, verdicts.Reason.NO_MATCH, verdicts.Reason.USED_UP}
FORGETTING = 0.25  # of the steps

Steps = Sequence[str]


class Forgetful:
    """A life on a replay that leaves out some of its steps, and a twin that does what was answered, and no more."""

    def __init__(self, cassette: Cassette, lives: Sequence[Steps], *, lenient: bool = False) -> None:
        self.session = session(cassette, Mode.NONE, lenient=lenient)
        self._twin = Twin(99)
        self._here = [Life(number, steps) for number, steps in enumerate(lives)]
        self._there = [Life(number, steps) for number, steps in enumerate(lives)]
        self._called: dict[str, str] = {}
        self.apart = False  # one was made from something else: from here on the two lives are not the same

    def do(self, number: int, serial: int) -> verdicts.Refuse | None:
        """That step of a life; gives the miss, if it is one."""
        life, twin = self._here[number], self._there[number]
        step = life.steps[serial]
        verdict = self.session.decide(life.request(step, serial, 1), START)
        asked = twin.request(step, serial, 1)
        if isinstance(verdict, verdicts.Refuse):
            assert verdict.reason in REASONS
            return verdict
        assert isinstance(verdict, verdicts.Replay)
        expected = self._twin.answer(asked)
        life.heard(step, verdict.response)
        twin.heard(step, expected)
        if step not in READS:
            self._pair(verdict.response, expected)
        shown, right = told(verdict.response, self._called, shared=False), told(expected, {}, shared=False)
        assert step in MADE or shown == right, (number, serial, step)
        self.apart |= shown != right
        return None

    def _pair(self, one: Response, other: Response) -> None:
        for name, twin in zip(strings(one.json), strings(other.json), strict=False):
            if list(canonical.ids_in(name)) == [name] and list(canonical.ids_in(twin)) == [twin]:
                self._called.setdefault(name, twin)


lives = st.lists(
    st.lists(st.sampled_from(FREE), max_size=12).map(lambda steps: ("customer", "item", "draft", *steps)),
    min_size=1,
    max_size=2,
)


@few(lives, seeds.map(Random))
def test_whatever_is_forgotten_no_answer_is_another_than_the_sandbox_would_give(
    of: list[Steps], chance: Random
) -> None:
    run = Forgetful(recorded(of, chance, shared=False), of)
    left = [number for number, steps in enumerate(of) for _ in steps]
    chance.shuffle(left)
    done = dict.fromkeys(range(len(of)), 0)
    for number in left:
        if not run.apart and chance.random() >= FORGETTING:
            run.do(number, done[number])
        done[number] += 1


WHOLE = ("customer", "draft", "line", "describe", "finalize", "pay")
LATER = {  # by what is forgotten, what was recorded after it and is not answered any more
    "line": {"describe", "finalize", "pay"},
    "describe": {"finalize", "pay"},
    "finalize": {"pay"},
}


@pytest.mark.parametrize("forgotten", LATER)
def test_what_comes_behind_a_forgotten_write_is_a_miss_that_names_it(forgotten: str) -> None:
    run = Forgetful(recorded([WHOLE], shared=False), [WHOLE])
    line = STEPS[forgotten][0].partition("{")[0]
    missed = {}
    for serial, step in enumerate(WHOLE):
        if step != forgotten and (miss := run.do(0, serial)):
            missed[step] = miss
    assert set(missed) == LATER[forgotten]
    first = next(iter(missed.values()))
    assert first.reason is verdicts.Reason.UNKNOWN_STATE
    assert f"Nearest: recorded after {line}" in first.message


def test_a_life_of_which_nothing_is_forgotten_misses_nothing() -> None:
    run = Forgetful(recorded([WHOLE, WHOLE], Random(1), shared=False), [WHOLE, WHOLE])
    assert not any(run.do(number, serial) for serial in range(len(WHOLE)) for number in (1, 0))
    assert run.session.receipt().unused == 0
