"""The quick path's law: it answers what `decide` would, to the byte, and counts what `decide` would count, or nothing.
Programs run through two sessions, one with it and one without, and nobody can tell which is which."""

from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.cassette import Cassette
from replayer.core.message import Request, Response
from replayer.core.modes import Mode
from replayer.core.session import Session
from replayer.proxy import answers
from replayer.proxy.handler import Handler, Line
from replayer.proxy.prompt import Prompt
from tests.specs.traffic import START, run, session
from tests.specs.trial import Trial, trials
from tests.specs.world import DAY, Client

HOST = b"127.0.0.1:4000"
TODAY = "Sun, 22 Nov 2026 10:00:00 GMT"
NOISE = (b"User-Agent", b"X-Stripe-Client-Telemetry", b"traceparent", b"X-Request-Id", b"accept", b"Accept-Encoding")
COUNTS = (b"Stripe-Account: acct_1", b"Stripe-Version: 2026-08-26.dahlia", b"Cookie: session=0123456789abcdef")


class Side:
    """A session behind bytes, with the quick path or without."""

    def __init__(self, of: Session, *, at: float, quick: bool) -> None:
        self.session, self.quick, self.hits = of, quick, 0
        self.lines: list[Line] = []
        slot: Any = SimpleNamespace(session=of)
        handler = Handler(slot, None, limit=1 << 20, tell=self.lines.append)
        handler.decide = lambda request: of.decide(request, at)  # type: ignore[method-assign]
        self.prompt = Prompt(handler)

    def ask(self, data: bytes) -> bytes:
        known = self.prompt.known(data) if self.quick else None
        if known is not None:
            self.hits += 1
            return known
        regular = self.prompt.read(data, 0)
        assert regular is not None
        assert regular.end == len(data)
        return self.prompt.answer(regular, data)[0]

    @property
    def counts(self) -> tuple[object, ...]:
        """All that came of it so far."""
        of = self.session
        told = [(line.method, line.path, line.status, line.outcome, line.note) for line in self.lines]
        story = [entry.order for entry in of.player.story]
        return of.receipt(), of.play_count, of.clock.now, of.clock.shown, story, of.player.written, of.misses, told


class Pair:
    """Both sides, asked the same."""

    def __init__(self, cassette: Cassette, at: float, **policy: Any) -> None:
        self.one, self.other = (
            Side(session(cassette, Mode.NONE, **policy), at=at, quick=quick) for quick in (True, False)
        )

    def ask(self, data: bytes) -> bytes:
        with patch.object(answers, "rfc822_formatted_time", lambda: TODAY):
            answer, expected = self.one.ask(data), self.other.ask(data)
        assert answer == expected
        assert self.one.counts == self.other.counts
        return answer


def as_bytes(request: Request, chance: Random) -> bytes:
    """A request on the wire, among headers that are part of nothing, or sometimes of everything."""
    lines = [name.encode() + b": " + value.encode() for name, value in request.headers]
    lines += [name + b": " + str(chance.random()).encode() for name in NOISE if chance.random() < 0.3]
    lines += [line for line in COUNTS if chance.random() < 0.05]
    chance.shuffle(lines)
    if request.body:
        lines.append(b"Content-Length: %d" % len(request.body))
    line = f"{request.method} {request.target} HTTP/1.1".encode()
    return b"\r\n".join([line, b"Host: " + HOST, *lines, b"", request.body])


def as_response(data: bytes) -> Response:
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers = tuple((name, value) for name, _, value in (field.partition(": ") for field in fields))
    return Response(int(line.split(" ")[1]), line.split(" ", 2)[2], headers, body)


policies: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    (
        {},
        {"lenient": True},
        {"strict": True},
        {"shifted_to": int(START + 9 * DAY)},
        {"volatile": ("note",)},
        {"ignored": ("stripe-version",)},
    )
)


@pytest.mark.long
@given(trial=trials, policy=policies, chance=st.integers(0, 2**32), repeats=st.integers(0, 4))
def test_the_quick_path_answers_what_decide_would_answer_and_counts_what_it_would_count(
    trial: Trial, policy: dict[str, Any], chance: int, repeats: int
) -> None:
    pair, drawn = Pair(trial.first.cassette, trial.at, **policy), Random(chance)
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        told = as_response(pair.ask(as_bytes(request, drawn)))
        for again in drawn.choices(asked, k=repeats):  # what was asked before, in whatever state there is now
            pair.ask(as_bytes(again, drawn))
        return told if told.status < 400 else Response(told.status, told.reason, (), b"{}")

    run(trial.program, answer, Client(trial.other, lambda: trial.at))


@pytest.mark.long
@given(trial=trials)
def test_a_read_that_was_answered_is_quick_when_it_is_asked_again(trial: Trial) -> None:
    """Unless there is another answer to come, or it asks what each client asks anew."""
    pair = Pair(trial.first.cassette, trial.at)
    recorded = [each.request for each in trial.first.cassette.interactions]
    reads = [request for request in recorded if request.method == "GET"]
    plain = [as_bytes(Request("GET", request.target), Random(1)) for request in reads]
    first = [pair.ask(data) for data in plain]
    settled = [pair.ask(data) for data in plain]
    before = pair.one.hits
    third = [pair.ask(data) for data in plain]
    played = pair.one.session.receipt().played
    if first == settled == third and played == 3 * len(plain):
        assert pair.one.hits - before == len(plain)
