"""Laws 1 to 6 of a recording, over programs and upstreams that nobody thought of."""

import base64
import re
from dataclasses import replace
from random import Random
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from replayer.cassettes import loads
from replayer.core.audit import audit, spoiling
from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import verdicts
from tests.specs.traffic import (
    PROXY,
    START,
    Upstream,
    programs,
    record_at_once,
    recorded,
    recording,
    replaying,
    run,
    seeds,
    session,
    text,
)
from tests.specs.world import DAY, KINDS, Client, Step, World, told_of

days = st.floats(0.0001, 500)
weeks = st.floats(0.0001, 29)  # what is younger than 30 days stays so: the programs ask for that
LOOKS_LIKE_OURS = 4  # seconds: whole ones are rounded on both sides, and by a slow answer


@given(programs, seeds, seeds, days)
def test_law_1_a_client_is_answered_the_same_in_recording_and_on_replay(
    program: list[Step], seed: int, chance: int, later: float
) -> None:
    """Whatever it mints this time, and on whatever day."""
    transcript, cassette = recorded(program, World(seed, START))
    loaded = loads(text(cassette).encode(), "x.yaml")
    at = START + later * DAY
    assert run(program, replaying(session(loaded, Mode.NONE), at), Client(chance, lambda: at)) == transcript


@given(programs, seeds, seeds, days)
def test_law_2_recording_again_changes_no_byte(program: list[Step], seed: int, other: int, later: float) -> None:
    transcript, cassette = recorded(program, World(seed, START))
    again, same = recorded(program, World(other, START + later * DAY), over=cassette, chance=other)
    assert text(same) == text(cassette)
    assert again == transcript


@given(programs, seeds, st.integers(0, 5), weeks)
def test_law_2_holds_for_what_somebody_made_just_before(
    program: list[Step], seed: int, before: int, later: float
) -> None:
    """A set-up within the last seconds. Who writes at once, before it looks, cannot be told from it: it comes later.
    Nor can what is counted from such a time be told from what is counted from now: no program does that here."""
    program = [replace(step, note="", verb="create" if step.verb == "due" else step.verb) for step in program]
    if before < LOOKS_LIKE_OURS:
        program = [*(Step("list", kind, limit=5) for kind in KINDS), *program]
    transcript, cassette = recorded(program, World(seed, START, set_up=int(START) - before))
    world = World(seed + 1, START + later * DAY, set_up=int(START) - before)
    again, same = recorded(program, world, over=cassette, chance=3)
    assert text(same) == text(cassette)
    assert again == transcript


@given(programs, seeds, st.integers(0, DAY))
def test_law_2_what_was_recorded_is_never_taken_for_edited_by_hand(program: list[Step], seed: int, before: int) -> None:
    """Else recording it again would be refused. Even what stops nothing is not told."""
    _, cassette = recorded(program, World(seed, START, set_up=int(START) - before))
    assert audit(cassette, text(cassette)) == spoiling(cassette, text(cassette)) == []


@given(st.lists(st.sampled_from(KINDS), min_size=2, max_size=8), st.randoms(use_true_random=False), seeds)
def test_law_2_holds_in_whatever_order_concurrent_requests_complete(
    kinds: list[str], chance: Random, seed: int
) -> None:
    """Clients create at once, some of them alike, and then change what they have created, at once again."""

    def at_once(seed: int, over: Cassette | None, orders: list[list[int]]) -> Cassette:
        world, to = World(seed, START), session(over, Mode.ALL)
        creates = [Step("create", kind, note="ab"[index % 2]).request([], index) for index, kind in enumerate(kinds)]
        told = [thing for response in record_at_once(to, world, creates, orders[0]) for thing in told_of(response)]
        changes = [Step("paid", which=index).request(told, 100 + index) for index in range(len(told))]
        record_at_once(to, world, changes, orders[1])
        cassette = to.cassette()
        assert cassette is not None
        return cassette

    def shuffled() -> list[int]:
        return chance.sample(range(len(kinds)), len(kinds))

    first = at_once(seed, None, [list(range(len(kinds)))] * 2)
    assert text(at_once(seed + 1, None, [shuffled(), shuffled()])) == text(first)
    assert text(at_once(seed + 2, first, [shuffled(), shuffled()])) == text(first)


@given(programs, seeds, st.integers(301, DAY - 2))
def test_law_3_recording_from_a_replay_gives_the_same_cassette(program: list[Step], seed: int, before: int) -> None:
    """What was there before may be of the same day, later by its name than all that is recorded. Not of the last five
    minutes: what is counted in days from such a time cannot be told from what is counted from now."""
    _, cassette = recorded(program, World(seed, START, set_up=int(START) - before))
    replay = session(cassette, Mode.NONE, client="http://127.0.0.1:5000", upstream="")
    copy = session(None, Mode.ALL, client=PROXY, upstream="http://127.0.0.1:5000")
    at = START + 99
    run(program, recording(copy, Upstream(replaying(replay, at), now=at)), Client(7, lambda: at))
    copied = copy.cassette()
    assert copied is not None
    assert text(copied) == text(cassette)


@given(programs, seeds)
def test_law_4_one_identity_has_one_alias_and_one_alias_one_identity(program: list[Step], seed: int) -> None:
    world = World(seed, START)
    to = session(None, Mode.ALL)
    run(program, recording(to, world))
    named = {real: name for real in world.identities if (name := to.upstream.names.alias_of(real)) is not None}
    assert len(set(named.values())) == len(named)
    assert all(to.upstream.names.real_of(name) == real for real, name in named.items())


@given(programs, seeds)
def test_law_5_nothing_that_the_upstream_minted_is_on_disk(program: list[Step], seed: int) -> None:
    world = World(seed, START)
    _, cassette = recorded(program, world)
    on_disk = text(cassette)
    for secret in {*world.minted, "sk_test_PropertyOfTheTests01"}:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")[:-2]):
            assert form not in on_disk


@given(programs, seeds, st.integers(1, 4))
def test_law_6_a_read_shows_its_state_however_often_it_is_repeated(program: list[Step], seed: int, times: int) -> None:
    transcript, cassette = recorded(program, World(seed, START))
    answer = replaying(session(cassette, Mode.NONE))
    client = Client(5, lambda: START)

    def polling(request: Request) -> Response:
        first = answer(request)
        if request.method == "GET":
            assert {answer(request).body for _ in range(times)} == {first.body}
        return first

    told = run(program, polling, client)
    assert [response.body for response in told] == [response.body for response in transcript]


@given(programs, programs, seeds)
def test_law_7_an_answer_is_recorded_or_marked_and_all_else_is_a_miss_that_explains_itself(
    program: list[Step], other: list[Step], seed: int
) -> None:
    """Another program asks what it likes of a cassette that it was not recorded by."""
    transcript, cassette = recorded(program, World(seed, START))
    recorded_bodies = {response.body for response in transcript}
    of = session(cassette, Mode.NONE)
    client = Client(3, lambda: START)
    known: list[tuple[str, str, int]] = []
    for serial, step in enumerate(other):
        verdict = of.decide(step.request(known, serial, client), START)
        assert not isinstance(verdict, Forward)  # there is no upstream
        if isinstance(verdict, verdicts.Refuse):
            assert verdict.message.startswith(("No recorded interaction matches", "GET", "POST", "DELETE"))
            assert "To fix: " in verdict.message
        else:
            known += [thing for thing in told_of(verdict.response) if thing not in known]
            heard = client.heard(verdict.response)
            follows = wire.header(heard.headers, "Replayer-Synthesized")
            assert follows or anonymous(heard.body) in {anonymous(body) for body in recorded_bodies}
            assert (follows or "") == verdict.synthesized
    receipt = of.receipt()
    assert (receipt.played + receipt.synthesized + receipt.missed, receipt.recorded) == (len(other), 0)


def anonymous(body: bytes) -> bytes:
    """An answer without the numbers of the requests that values were minted for: two programs count differently."""
    return re.sub(rb"what was minted for request \d+|now[+-]\d+d", b"?", body)
