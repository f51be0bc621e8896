"""Requests that fail and are made again, in whatever order: the recording is as if they had never been made."""

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.cassettes import dumps, loads
from replayer.core.audit import audit
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import Session
from tests.core.build import NOW, answer, forwarded, played, req, session

ANSWERED, DROPPED, LOST = "answered", "dropped", "lost"  # of a lost one the upstream has done what was asked
OUTCOMES = st.lists(st.sampled_from((DROPPED, LOST)), max_size=3)
CALLS = st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), OUTCOMES, st.booleans(), st.booleans()), max_size=5)


@dataclass
class Upstream:
    """It echoes keys and values, and does what comes under one key once."""

    made: dict[str, Response] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        key, ref = request.header("idempotency-key") or "", request.body.decode().rpartition("=")[2]
        name = f"in_1UI6qsHIBYZYyePrZqHA{len(self.made):04d}"
        return self.made.setdefault(key, answer({"id": name, "ref": ref, "key": key}, ("Idempotency-Key", key)))


def uuid(chance: Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def call(what: str, *, mints: bool, key: str, chance: Random) -> Request:
    return req(f"POST /v1/{what}", f"ref={uuid(chance) if mints else 'none'}", ("Idempotency-Key", key))


def send(to: Session, request: Request, upstream: Upstream, outcome: str, at: float) -> Response | None:
    forward = forwarded(to, request, at)
    reply = upstream.answer(forward.request) if outcome != DROPPED else None
    return settle(to, forward, reply if outcome == ANSWERED else None, at)


def settle(to: Session, forward: Forward, reply: Response | None, at: float) -> Response | None:
    if reply is None:
        to.abandon(forward.exchange)
        return None
    done = to.record(forward.exchange, reply, at)
    to.recorder.keep(forward.exchange, done.interaction)
    return done.response


def saved(to: Session) -> str:
    cassette = to.cassette()
    return dumps(cassette) if cassette else ""


@pytest.mark.parametrize("failures", [1, 2, 5])
@pytest.mark.parametrize("outcome", [DROPPED, LOST])
def test_a_request_that_failed_comes_again_under_another_key(failures: int, outcome: str) -> None:
    to, upstream = session(), Upstream()
    keys = [f"key-number-{number}-of-the-client" for number in range(failures + 1)]
    create = [req("POST /v1/invoices", "customer=c", ("Idempotency-Key", key)) for key in keys]
    assert not any(send(to, request, upstream, outcome, NOW) for request in create[:-1])
    shown = send(to, create[-1], upstream, ANSWERED, NOW)
    assert shown is not None
    assert shown.header("idempotency-key") == shown.json["key"] == keys[-1]
    assert keys[-1] not in saved(to)


@given(CALLS, st.integers(0, 2**32))
def test_what_failed_leaves_no_trace_in_the_recording(
    calls: list[tuple[str, bool, list[str], bool, bool]], seed: int
) -> None:
    """Each call is tried until it is answered, or given up; under its key or another one, with its own value or a new
    one."""
    with_failures, without = session(), session()
    upstreams, chance = (Upstream(), Upstream()), Random(seed)
    for number, (what, mints, outcomes, new_key, stays) in enumerate(calls):
        key, at = uuid(chance), NOW + number
        request = call(what, mints=mints, key=key, chance=chance)
        for outcome in outcomes:
            assert send(with_failures, request, upstreams[0], outcome, at) is None
            if new_key:
                key = uuid(chance)
                request = call(what, mints=mints, key=key, chance=chance)
        if stays:
            shown = send(with_failures, request, upstreams[0], ANSWERED, at)
            assert shown is not None
            assert (shown.json["key"], shown.json["ref"]) == (key, request.body.decode().partition("=")[2])
            send(without, call(what, mints=mints, key=uuid(chance), chance=chance), upstreams[1], ANSWERED, at)
    assert saved(with_failures) == saved(without)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from((ANSWERED, DROPPED, LOST))), max_size=14), st.randoms())
def test_attempts_that_overlap_give_a_file_that_replays(attempts: list[tuple[int, str]], chance: Random) -> None:
    """Whoever waits too long tries again while the first attempt is still under way."""
    to, upstream = session(), Upstream()
    requests = [
        req(f"POST /v1/{'ab'[one % 2]}", "x=1", ("Idempotency-Key", f"key-of-the-client-{one}")) for one in range(4)
    ]
    under_way: list[tuple[int, str, Forward]] = []
    answered: set[int] = set()
    for one, outcome in attempts:
        under_way.append((one, outcome, forwarded(to, requests[one])))
        while under_way and chance.random() < 0.5:
            answered |= _settled(to, upstream, under_way.pop(chance.randrange(len(under_way))))
    for each in under_way:
        answered |= _settled(to, upstream, each)
    cassette = to.cassette()
    assert (cassette is not None) == bool(answered)
    if cassette is None:
        return
    assert not to.upstream.names.collisions
    assert not audit(cassette, dumps(cassette))
    of = session(loads(dumps(cassette).encode(), "x.yaml"), Mode.NONE)
    told = [played(of, requests[one]).json for one in sorted(answered)]
    assert len({each["id"] for each in told}) == len(answered)
    assert [each["key"] for each in told] == [f"key-of-the-client-{one}" for one in sorted(answered)]


def _settled(to: Session, upstream: Upstream, attempt: tuple[int, str, Forward]) -> set[int]:
    one, outcome, forward = attempt
    reply = upstream.answer(forward.request) if outcome != DROPPED else None
    shown = settle(to, forward, reply if outcome == ANSWERED else None, NOW)
    return {one} if shown else set()
