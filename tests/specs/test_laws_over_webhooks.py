"""The laws hold for what an API says by itself: generated traffic, each write of which it announces, in any order."""

import json
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from replayer.core.audit import audit
from replayer.core.cassette import Cassette
from replayer.core.deliveries import Due
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.session import Session
from tests.specs.traffic import PROXY, START, Transcript, programs, recording, run, seeds, session, text
from tests.specs.trial import OTHER_PROXY
from tests.specs.world import BASE62, Client, Step, World


class Announcing:
    """A world that announces each of its writes, and the time there."""

    def __init__(self, world: World) -> None:
        self.world, self.said = world, list[Request]()
        self._chance = Random(world.seed)

    @property
    def now(self) -> float:
        return self.world.now

    def answer(self, request: Request) -> Response:
        reply = self.world.answer(request)
        if request.method != "GET" and reply.status == 200:
            self.said += [self._event(kind, request, reply) for kind in ("changed", "told")]
        return reply

    def _event(self, kind: str, request: Request, reply: Response) -> Request:
        name = "evt_1" + "".join(self._chance.choices(BASE62, k=22)) + "Z9"
        self.world.minted.add(name)
        value = {
            "id": name, "object": "event", "created": int(self.now), "data": {"object": reply.json},
            "pending_webhooks": self._chance.randint(1, 9), "type": f"thing.{kind}",
            "request": {"id": reply.header("request-id"), "idempotency_key": request.header("idempotency-key")},
        }  # fmt: skip
        headers = (("Content-Type", "application/json"), ("Stripe-Signature", name), ("X-Forwarded-For", "10.0.0.1"))
        return Request("POST", "/", headers, json.dumps(value).encode())


def hear(to: Session, said: Sequence[Request]) -> list[bytes]:
    """Have these taken in; what the program is shown of each."""
    shown = []
    for one in said:
        came = to.receiving.came(one)
        assert came.write is not None
        if to.receiving.known(came) is None:
            delivery, due = to.take_in_webhook(came, came.write, frozenset())
            to.receiving.keep(delivery, came.write)
            shown.append(due.request.body)
    return shown


def record(
    program: Sequence[Step], world: World, over: Cassette | None, chance: int, shuffled: int | None
) -> tuple[Session, Cassette, list[bytes]]:
    """A recording of the program, whose webhooks come all at its end, shuffled by that chance; or each at once."""
    to, upstream, shown = session(over, Mode.ALL), Announcing(world), list[bytes]()
    answer = recording(to, upstream)

    def followed(request: Request) -> Response:
        response = answer(request)
        if shuffled is None:
            shown.extend(hear(to, upstream.said))
            upstream.said.clear()
        return response

    run(program, followed, Client(chance, lambda: world.now))
    if shuffled is not None:
        Random(shuffled).shuffle(upstream.said)
        shown += hear(to, upstream.said)
    cassette = to.cassette()
    assert cassette is not None
    assert to.upstream.names.collisions == []
    return to, cassette, shown


def replay(program: Sequence[Step], of: Session, chance: int) -> tuple[Transcript, list[tuple[Due, ...]]]:
    """The program on a replay, and what was due behind each of its requests."""
    behind: list[tuple[Due, ...]] = []

    def answer(request: Request) -> Response:
        verdict = of.decide(request, START + 99)
        behind.append(getattr(verdict, "due", ()))
        assert hasattr(verdict, "response"), verdict
        return verdict.response

    return run(program, answer, Client(chance, lambda: START + 99)), behind


TWICE_IN_A_SECOND = [
    Step("list", "widgets", 7, "tea%20%26%20milk", 1),
    Step("recent", "orders", 3, "", 5),
    Step("touched", "orders", 0, "a", 3),
    Step("touched", "orders", 7, "a", 3),
    Step("create", "boxes", 0, "a", 5),
]


@pytest.mark.long
@settings(max_examples=20)
@example(program=TWICE_IN_A_SECOND, seed=121, again=72449, chance=49807, order=24)
@given(program=programs, seed=seeds, again=seeds, chance=seeds, order=st.none() | st.integers(0, 99))
def test_webhooks_are_told_alike_and_recording_them_again_changes_no_byte(
    program: list[Step], seed: int, again: int, chance: int, order: int | None
) -> None:
    """Laws 1, 2, 4, 5, 6 and 7."""
    world = World(seed, START)
    _, first, shown = record(program, world, None, chance, order)
    written = text(first)
    assert not [value for value in world.minted if value in written]  # 5
    assert audit(first, written) == []  # 4 and 5
    assert text(record(program, World(again, START + 5000), first, again, again)[1]) == written  # 2
    _, behind = replay(program, session(first, Mode.NONE), chance)
    due = [one.request.body for each in behind for one in each]
    counts_from_now = any(step.verb == "due" for step in program)  # then a client of another second says another time
    assert counts_from_now or sorted(due) == sorted(shown)  # 1
    for each in behind:  # 6: what is due behind an answer is what its write has caused, and nothing else
        assert len(each) in (0, 2)
        assert len({one.request.json["request"]["id"] for one in each}) <= 1
    assert counts_from_now or order is not None or due == shown


@pytest.mark.long
@settings(max_examples=20)
@given(program=programs, seed=seeds, chance=seeds)
def test_what_is_recorded_from_a_replay_is_what_it_replays(program: list[Step], seed: int, chance: int) -> None:
    """Law 3."""
    _, first, _ = record(program, World(seed, START), None, chance, None)
    of = session(first, Mode.NONE, client=OTHER_PROXY, upstream="")
    to = session(None, Mode.ALL, client=PROXY, upstream=OTHER_PROXY)

    class Replaying:
        now = START + 99

        def answer(self, request: Request) -> Response:
            verdict = of.decide(request, self.now)
            said.extend(one.request for one in getattr(verdict, "due", ()))
            assert hasattr(verdict, "response"), verdict
            response: Response = verdict.response
            return response

    said: list[Request] = []
    answer = recording(to, Replaying())

    def followed(request: Request) -> Response:
        response = answer(request)
        hear(to, said)
        said.clear()
        return response

    run(program, followed, Client(chance, lambda: START + 99))
    copied = to.cassette()
    assert copied is not None
    assert copied.deliveries == first.deliveries
    assert text(copied) == text(first)
