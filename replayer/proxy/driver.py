"""Driving: the recorded requests, played again against an upstream, in memory. Nothing is written and nobody is served.

cassette  --- requests, in the order of the file --->  session  --->  upstream
                                                       session  <---
          <-- Played (both answers in cassette space) or Skipped (and why)
"""

import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from replayer import cassettes as vcr_format
from replayer.core.cassette import Cassette, Interaction
from replayer.core.clock import SessionClock, relative
from replayer.core.drift import Compared, Minted
from replayer.core.matching import Canonical, Entry, Index, Player, canonical, stamps
from replayer.core.message import Request, Response, edit, shapes, wire
from replayer.core.modes import Mode
from replayer.core.recording import Exchange, Forward
from replayer.core.rules import Api, Rules, registry
from replayer.core.secrets import masking
from replayer.core.session import Policy, Session, verdicts
from replayer.core.streams import Cutter, StreamForm, events, form_of
from replayer.errors import UsageError
from replayer.proxy.record_stream import bare
from replayer.proxy.unpacking import encoding_of, is_known, unpacked
from replayer.proxy.upstream import Reply, Upstream, UpstreamError

MADE_UP = "Bearer sk_test_MadeUpByReplayer0001"  # what stands on this machine asks for a key, but not for a real one
UNAUTHORISED = 401
BUSY_STATUSES = (429, 502, 503, 504)  # they tell of this moment and of what stands between, not of the API

WRITES = "it writes, and only reads are played"
BEHIND = "it shows what was not played, or went another way"
STALE = "it names an object of the recording, which this upstream does not know"
NO_KEY = "it was recorded without a valid key, and is now asked with one"
ELSEWHERE = "it was made to another host"
BUSY = "the upstream had no time for it, or was away (429, 502, 503 or 504)"
BEYOND = "the answer is longer than body_limit, {} bytes"
PACKED = "the events of the answer are packed, and cannot be unpacked as they come"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A recorded request whose answers were not compared. `number` counts from 1, as the cassette does."""

    number: int
    request: str
    reason: str

    def __str__(self) -> str:
        return f"#{self.number} {self.request}"


@dataclass(frozen=True, slots=True)
class Course:
    """How a cassette is to be driven. `authorization` is the header to ask with, `limit` the bytes of a body that are
    read."""

    rules: Rules
    origin: str
    authorization: str
    limit: int
    allow_writes: bool = False
    allow_live: bool = False


@dataclass(slots=True)
class _State:
    """What happened so far: the writes that stand otherwise now, the upstream's own ids in each answer, and which
    answers are those of writes."""

    apart: set[int] = field(default_factory=set)
    shown: dict[int, frozenset[str]] = field(default_factory=dict)
    written: set[int] = field(default_factory=set)


class Driver:
    """Plays the requests of one cassette of ours (see `adopted` for those of others) once."""

    def __init__(self, cassette: Cassette, upstream: Upstream, course: Course) -> None:
        self._upstream, self._course = upstream, course
        self._interactions = cassette.interactions
        here = replace(cassette, interactions=tuple(filter(self._is_here, cassette.interactions)))
        self._index = Index(here, course.rules)
        self._player = Player(self._index, stamps.Causes(course.rules), SessionClock())
        api = Api(course.rules, wire.Links(course.origin, course.origin, upstream.origin))
        self._session = Session(here, api, Policy(Mode.ALL, allow_live=course.allow_live))
        self._state, self._minted = _State(), Minted(random.SystemRandom().choice)

    def __repr__(self) -> str:
        return f"<Driver {len(self._index)} interactions to {self._upstream.origin}>"

    def __len__(self) -> int:
        return len(self._interactions)

    @property
    def shown(self) -> dict[int, frozenset[str]]:
        """The upstream's own ids in each answer that was compared, by its number."""
        return self._state.shown

    @property
    def written(self) -> frozenset[str]:
        """The upstream's own ids in the answers to writes: of what these made, and of what they named."""
        return frozenset(one for number in self._state.written for one in self._state.shown[number])

    def _is_here(self, interaction: Interaction) -> bool:
        """Whether it was made to the API that is asked: a client may have spoken to others too."""
        return interaction.request.origin == self._course.origin

    async def drive(self) -> AsyncIterator[Compared | Skipped]:
        """One for each recorded interaction. UpstreamError where the upstream does not answer, UsageError where it may
        not be asked."""
        entries = iter(self._index.entries)
        for number, interaction in enumerate(self._interactions, start=1):
            if self._is_here(interaction):
                entry = next(entries)
                outcome = self._not_to_be_sent(number, entry) or await self._send(number, entry)
                if _went_apart(entry, outcome):
                    self._state.apart.add(entry.order)
                yield outcome
            else:
                yield _skipped(number, canonical.canonical(interaction.request, self._course.rules), ELSEWHERE)

    def _not_to_be_sent(self, number: int, entry: Entry) -> Skipped | None:
        recorded, reads = entry.interaction, stamps.is_read(entry.asked.method)
        if not reads and not self._course.allow_writes:
            return _skipped(number, entry.asked, WRITES)
        if recorded.response.status == UNAUTHORISED:
            return _skipped(number, entry.asked, NO_KEY)
        if reads and any(write.order in self._state.apart for write in self._player.writes_before(entry)):
            return _skipped(number, entry.asked, BEHIND)
        return None

    async def _send(self, number: int, entry: Entry) -> Compared | Skipped:
        match self._session.decide(self._request(entry), time.time(), clock=self._then(entry)):
            case verdicts.Refuse(verdicts.Reason.STALE_ALIAS):
                return _skipped(number, entry.asked, STALE)
            case verdicts.Refuse(_, message):
                raise UsageError(message)
            case Forward(request, exchange):
                async with self._upstream.send(request) as reply:
                    response = await self._received(reply, entry)
                return self._compared(number, entry, exchange, response)
            case verdict:
                raise RuntimeError(f"a session that records everything decided {verdict}")

    def _then(self, entry: Entry) -> float | None:
        """When the request was recorded: what it counts from then is asked for as counted from now."""
        return self._session.facts.epoch + relative.WRITTEN_AT if self._session.facts else entry.date

    def _request(self, entry: Entry) -> Request:
        """The recorded request as its client would send it today: with a credential, and with values of today."""
        request = self._minted.again(entry, self._session.client.bindings.minted_in(entry))
        if not self._course.authorization:
            return request
        return replace(request, headers=(*request.headers, ("Authorization", self._course.authorization)))

    async def _received(self, reply: Reply, entry: Entry) -> Response | str:
        """The answer, or why it cannot be read."""
        form = form_of(wire.media_type(reply.headers))
        if form and not is_known(encoding_of(reply.headers)):
            return PACKED
        body = bytearray()
        chunks = reply.chunks() if form is None else _told(reply, form, _most(entry, form))
        async for chunk in chunks:
            body += chunk
            if len(body) > self._course.limit:
                return BEYOND.format(self._course.limit)
        if form:
            return bare(Response(reply.status, reply.reason, reply.headers, bytes(body), self._course.limit))
        response = Response(reply.status, reply.reason, reply.headers, bytes(body), self._course.limit)
        return BEYOND.format(response.limit) if response.is_beyond_limit else response

    def _compared(self, number: int, entry: Entry, exchange: Exchange, response: Response | str) -> Compared | Skipped:
        if isinstance(response, Response) and _is_busy(response, entry.interaction.response):
            response = BUSY
        if isinstance(response, str):
            self._session.abandon(exchange)
            return _skipped(number, entry.asked, response)
        stream, at = None, time.time()
        if response.stream:
            stream, interaction = self._session.record_stream(exchange, response, at)
        else:
            interaction = self._session.record(exchange, response, at).interaction
        if real := self._real_in(interaction, exchange):
            self._session.recorder.drop(stream) if stream else self._session.abandon(exchange)
            return _skipped(number, entry.asked, real)
        if stream is None:
            self._session.recorder.keep(exchange, interaction)
        self._state.shown[number] = _ids_in(response)
        if not stamps.is_read(entry.asked.method):
            self._state.written.add(number)
        live = interaction.response
        if exchange.key and entry.key:
            live = edit.echoed(live, {exchange.key: entry.key})
        return Compared(number, entry.asked, entry.interaction.response, live)

    def _real_in(self, interaction: Interaction, exchange: Exchange) -> str:
        """What in an answer may not be shown, as it may not be written (law 5); empty where there is nothing."""
        found = next(iter(self._session.upstream.still_real(vcr_format.entry(interaction), exchange.credentials)), None)
        return f"the answer still holds {found.what}" if found else ""


def _most(entry: Entry, form: StreamForm) -> int:
    """How many events of a stream are looked at: as many as were recorded, and one more of a stream that ended."""
    recorded = entry.interaction
    told = [event for _, event in events(recorded.response.text, form) if not event.is_idle]
    return len(told) + (not recorded.streamed.ended)


async def _told(reply: Reply, form: StreamForm, most: int) -> AsyncIterator[bytes]:
    """The first so many events of a stream, or as many as come in time: it may have no end."""
    cutter, left = Cutter(form), most
    with suppress(UpstreamError):
        async for chunk in unpacked(reply.chunks(), encoding_of(reply.headers)):
            for raw in cutter.feed(chunk):
                yield raw
                left -= not next(event for _, event in events(raw.decode("utf-8", "replace"), form)).is_idle
                if not left:
                    return
        yield cutter.rest()


def _ids_in(response: Response) -> frozenset[str]:
    return frozenset(piece.text for piece in shapes.ids(response.content.text or ""))


def _is_busy(live: Response, recorded: Response) -> bool:
    """Whether an answer tells nothing of the API; one that was recorded is what the cassette is about."""
    return live.status in BUSY_STATUSES and live.status != recorded.status


def _went_apart(entry: Entry, outcome: Compared | Skipped) -> bool:
    """Whether a write did not happen, or not as it was recorded: what shows it now shows nothing of the API."""
    if stamps.is_read(entry.asked.method):
        return False
    return isinstance(outcome, Skipped) or outcome.recorded.status // 100 != outcome.live.status // 100


def _skipped(number: int, asked: Canonical, reason: str) -> Skipped:
    return Skipped(number, masking.shown_text(canonical.describe(asked)), reason)


def authorization_for(origin: str, given: str) -> str:
    """The `Authorization` to ask that origin with: what was given; on this machine a made-up test key will do."""
    return given or (MADE_UP if urlsplit(origin).hostname in registry.LOOPBACK else "")
