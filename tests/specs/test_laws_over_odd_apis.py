"""Laws 1, 2, 3 and 5 over APIs with the oddities of people's traffic, and: what recording writes, audit accepts."""

import base64
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from urllib.parse import quote

from hypothesis import strategies as st

from replayer.cassettes import dumps, loads
from replayer.core.audit import audit, spoiling
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.rules import Rules, registry, table
from replayer.core.session import Session
from tests.specs.odd_apis import SECRET, DroppedError, OddApi, OddClient, Step, programs
from tests.specs.oddities import FILES, NUMBERED, Oddities, oddities
from tests.specs.shards import in_shards
from tests.specs.traffic import START, replaying, session
from tests.specs.world import ORIGIN

DAY = 86_400
Heard = list[tuple[object, ...]]


def _chance(seed: int) -> Random:
    """A client's, which is not the upstream's."""
    return Random(f"client {seed}")


class Recording:
    """A proxy that records such an API; what breaks on the way is not recorded."""

    def __init__(self, to: Session, api: OddApi) -> None:
        self._to, self._api, self._dropping = to, api, False

    def trouble(self, what: str) -> None:
        self._dropping = what.startswith("dropped")
        self._api.refusals = int(what.startswith("refused"))

    def answer(self, request: Request) -> Response:
        verdict = self._to.decide(request, self._api.now)
        assert isinstance(verdict, Forward), verdict
        if self._dropping:
            self._dropping = False
            self._to.abandon(verdict.exchange)
            raise DroppedError
        done = self._to.record(verdict.exchange, self._api.answer(verdict.request), self._api.now)
        self._to.recorder.keep(verdict.exchange, done.interaction)
        return done.response


class Replaying:
    """A proxy that replays: nothing breaks on the way, a request that was dropped was never recorded."""

    def __init__(self, of: Session, at: float) -> None:
        self.answer_recorded = replaying(of, at)
        self._dropping = False

    def trouble(self, what: str) -> None:
        self._dropping = what.startswith("dropped")

    def answer(self, request: Request) -> Response:
        if self._dropping:
            self._dropping = False
            raise DroppedError
        return self.answer_recorded(request)


@dataclass(frozen=True)
class OddTrial:
    """A program against such an API, and what becomes of it."""

    odd: Oddities
    program: list[Step]
    by: str  # which rules
    seed: int

    @property
    def rules(self) -> Rules:
        rules = table.extended(registry.RULES[self.by], {"secrets": [{"field": "pin"}]} if self.odd.secret else {})
        return replace(rules, others=frozenset({FILES}))

    def _recorded(self, over: Cassette | None, seed: int, at: float) -> tuple[Cassette, Heard, OddApi]:
        to, api = session(over, Mode.ALL, rules=self.rules), OddApi(self.odd, seed, at)
        proxy = Recording(to, api)
        heard = OddClient(self.odd, _chance(seed)).run(self.program, proxy.answer, proxy.trouble)
        cassette = to.cassette()
        assert cassette is not None
        assert not to.upstream.names.collisions
        return cassette, heard, api

    @cached_property
    def first(self) -> tuple[Cassette, Heard, OddApi]:
        return self._recorded(None, self.seed, START)

    @cached_property
    def text(self) -> str:
        return dumps(self.first[0])

    def again(self) -> str:
        return dumps(self._recorded(self.first[0], self.seed + 1, START + 5 * DAY)[0])

    def replayed(self) -> Heard:
        proxy = Replaying(session(loads(self.text.encode(), "x.yaml"), Mode.NONE, rules=self.rules), START + 9 * DAY)
        return OddClient(self.odd, _chance(self.seed + 2)).run(self.program, proxy.answer, proxy.trouble)

    def copied(self) -> str:
        """Recorded from a replay."""
        of = Replaying(session(self.first[0], Mode.NONE, rules=self.rules, client=ORIGIN), START)
        to = session(None, Mode.ALL, rules=self.rules, epoch=self.first[0].facts and self.first[0].facts.epoch)
        api = OddApi(self.odd, 0, START)
        api.answer = lambda request: of.answer_recorded(request)  # type: ignore[method-assign]
        proxy = Recording(to, api)
        OddClient(self.odd, _chance(self.seed + 3)).run(self.program, proxy.answer, proxy.trouble)
        cassette = to.cassette()
        assert cassette is not None
        return dumps(cassette)


def _shows(trial: OddTrial) -> bool:
    """Whether what is an id shows: those of the invoice API have prefixes, and what has no shape is one only under a
    name for it. An export tells them as words."""
    if trial.odd.ids not in ("capitals", *NUMBERED):
        return True
    return trial.by == "generic" and not (trial.odd.standing and any(step.verb == "export" for step in trial.program))


trials = st.builds(
    OddTrial,
    odd=oddities,
    program=programs.filter(lambda program: program[0].verb in ("make", "list", "export")),
    by=st.sampled_from(sorted(registry.RULES)),
    seed=st.integers(0, 2**32),
).filter(_shows)


def the_laws(trial: OddTrial) -> None:
    cassette, heard, api = trial.first
    assert [str(one) for one in (*audit(cassette, trial.text), *spoiling(cassette, trial.text))] == []
    known = trial.by == "invoice" or not trial.odd.reference  # the rules of any API know no reference of a network
    hidden = {SECRET, *(one for one in api.minted if known or not one.isdecimal())}
    for real in hidden:
        for form in (real, quote(real, safe=""), base64.b64encode(real.encode()).decode().rstrip("=")[:-2]):
            assert form not in trial.text
    assert trial.replayed() == heard
    assert trial.copied() == trial.text
    if known:
        assert trial.again() == trial.text


@in_shards(trials, of=4)
def test_an_odd_api_is_answered_alike_recorded_alike_and_leaves_nothing_real(trial: OddTrial) -> None:
    """Laws 1, 2, 3 and 5, and: what recording writes, audit accepts."""
    the_laws(trial)
