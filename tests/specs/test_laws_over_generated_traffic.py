"""Laws 1 to 5 of a recording, over programs and upstreams that nobody thought of."""

import base64
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from replayer.cassettes.format import loads
from replayer.core.verdicts import Mode
from tests.specs.traffic import (
    PROXY,
    START,
    Upstream,
    programs,
    recorded,
    recording,
    replaying,
    run,
    seeds,
    session,
    text,
)
from tests.specs.world import Step, World


@given(programs, seeds)
def test_law_1_a_client_is_answered_the_same_in_recording_and_on_replay(program: list[Step], seed: int) -> None:
    transcript, cassette = recorded(program, World(seed, START))
    loaded = loads(text(cassette).encode(), "x.yaml")
    assert run(program, replaying(session(loaded, Mode.NONE))) == transcript


@given(programs, seeds, seeds, st.floats(1, 10_000_000))
def test_law_2_recording_again_changes_no_byte(program: list[Step], seed: int, other: int, later: float) -> None:
    transcript, cassette = recorded(program, World(seed, START))
    again, same = recorded(program, World(other, START + later), over=cassette)
    assert text(same) == text(cassette)
    assert again == transcript


@given(programs, seeds)
def test_law_3_recording_from_a_replay_gives_the_same_cassette(program: list[Step], seed: int) -> None:
    _, cassette = recorded(program, World(seed, START))
    replay = session(cassette, Mode.NONE, client="http://127.0.0.1:5000", upstream="")
    copy = session(None, Mode.ALL, client=PROXY, upstream="http://127.0.0.1:5000")
    run(program, recording(copy, Upstream(replaying(replay), now=START + 99)))
    copied = copy.cassette()
    assert copied is not None
    assert text(copied) == text(cassette)


@given(programs, seeds)
def test_law_4_one_identity_has_one_alias_and_one_alias_one_identity(program: list[Step], seed: int) -> None:
    world = World(seed, START)
    to = session(None, Mode.ALL)
    run(program, recording(to, world))
    named = {real: name for real in world.identities if (name := to.alias_of(real)) is not None}
    assert len(set(named.values())) == len(named)
    assert all(to.real_of(name) == real for real, name in named.items())


@given(programs, seeds)
def test_law_5_nothing_that_the_upstream_minted_is_on_disk(program: list[Step], seed: int) -> None:
    world = World(seed, START)
    _, cassette = recorded(program, world)
    on_disk = text(cassette)
    for secret in {*world.minted, "sk_test_PropertyOfTheTests01"}:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")[:-2]):
            assert form not in on_disk
