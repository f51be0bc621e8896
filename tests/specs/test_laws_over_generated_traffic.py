"""Laws 1 to 7 of a recording, over programs and upstreams that nobody thought of. Every program meets every law: those
here, and those under stress."""

import base64
import re
from random import Random
from urllib.parse import quote

from hypothesis import note
from hypothesis import strategies as st

from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.session import verdicts
from tests.specs import test_laws_under_stress as under_stress
from tests.specs.shards import in_shards
from tests.specs.traffic import START, record_at_once, replaying, run, seeds, session, text
from tests.specs.trial import Trial, trials
from tests.specs.world import KINDS, Client, Step, World, told_of


def law_1_a_client_is_answered_the_same_in_recording_and_on_replay(trial: Trial) -> None:
    """Whatever it mints this time, and on whatever day."""
    assert trial.replayed.transcript == trial.first.transcript


def law_2_recording_again_changes_no_byte(trial: Trial) -> None:
    assert trial.again.text == trial.first.text
    assert trial.again.transcript == trial.first.transcript


def law_2_what_was_recorded_is_never_taken_for_edited_by_hand(trial: Trial) -> None:
    """Else recording it again would be refused. Even what stops nothing is not told."""
    assert trial.findings == []


def law_3_recording_from_a_replay_gives_the_same_cassette(trial: Trial) -> None:
    assert trial.copied.text == trial.first.text
    assert trial.copied.transcript == trial.first.transcript


def law_4_one_identity_has_one_alias_and_one_alias_one_identity(trial: Trial) -> None:
    to = trial.first.session
    named = {real: name for real in trial.upstream.identities if (name := to.upstream.names.alias_of(real)) is not None}
    assert len(set(named.values())) == len(named)
    assert all(to.upstream.names.real_of(name) == real for real, name in named.items())


def law_5_nothing_that_the_upstream_minted_is_on_disk(trial: Trial) -> None:
    on_disk = trial.first.text
    for secret in {*trial.upstream.minted, "sk_test_PropertyOfTheTests01"}:
        for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")[:-2]):
            assert form not in on_disk


def law_6_a_read_shows_its_state_however_often_it_is_repeated(trial: Trial) -> None:
    answer = replaying(session(trial.first.cassette, Mode.NONE))

    def polling(request: Request) -> Response:
        first = answer(request)
        if request.method == "GET":
            assert {answer(request).body for _ in range(trial.polls)} == {first.body}
        return first

    told = run(trial.program, polling, Client(trial.other, lambda: START))
    assert [response.body for response in told] == [response.body for response in trial.first.transcript]


def law_7_an_answer_is_recorded_or_marked_and_all_else_is_a_miss_that_explains_itself(trial: Trial) -> None:
    """Another program asks what it likes of a cassette that it was not recorded by."""
    recorded_bodies = {anonymous(response.body) for response in trial.first.transcript}
    of = session(trial.first.cassette, Mode.NONE)
    client = Client(trial.other, lambda: START)
    known: list[tuple[str, str, int]] = []
    for serial, step in enumerate(trial.more):
        verdict = of.decide(step.request(known, serial, client), START)
        assert not isinstance(verdict, Forward)  # there is no upstream
        if isinstance(verdict, verdicts.Refuse):
            assert verdict.message.startswith(("No recorded interaction matches", "GET", "POST", "DELETE"))
            assert "To fix: " in verdict.message
        else:
            known += [thing for thing in told_of(verdict.response) if thing not in known]
            heard = client.heard(verdict.response)
            follows = wire.header(heard.headers, "Replayer-Synthesized")
            assert follows or anonymous(heard.body) in recorded_bodies
            assert (follows or "") == verdict.synthesized
    receipt = of.receipt()
    assert (receipt.played + receipt.synthesized + receipt.missed, receipt.recorded) == (len(trial.more), 0)


def anonymous(body: bytes) -> bytes:
    """An answer without the numbers of the requests that values were minted for: two programs count differently."""
    return re.sub(rb"what was minted for request \d+|now[+-]\d+d", b"?", body)


LAWS = [
    law
    for module in (globals(), vars(under_stress))
    for name, law in module.items()
    if name.startswith("law_") and law.__annotations__.get("trial") is Trial
]


@in_shards(trials)
def test_every_program_meets_every_law(trial: Trial) -> None:
    for law in LAWS:
        note(law.__name__)
        law(trial)


def test_these_are_the_laws() -> None:
    numbers = sorted(law.__name__.split("_")[1] for law in LAWS)
    assert sorted({*numbers}) == [*"1234567", "under"]
    assert len(LAWS) == 16


@in_shards(st.lists(st.sampled_from(KINDS), min_size=2, max_size=8), st.randoms(use_true_random=False), seeds)
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
