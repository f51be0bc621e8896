"""The heart: one session decides on each request and takes in each answer. It does nothing itself and asks nobody.

                decide                                    record
client  --->  Replay | Forward | Refuse        upstream  --->  the interaction, and what the client is answered
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from math import ceil, floor

from replayer.core import misses
from replayer.core.bodies import read
from replayer.core.canonical import Canonical, canonical
from replayer.core.causes import Causes, is_read
from replayer.core.clock import Clock, Moment
from replayer.core.echoes import echoed
from replayer.core.index import Entry, Index, write_number
from replayer.core.instants import midnight, read_http_date
from replayer.core.interaction import Cassette, Facts, Interaction, Request, Response, header
from replayer.core.links import Links
from replayer.core.names import Collision, Names, key_alias
from replayer.core.rules import Rules
from replayer.core.scrub import Finding, credentials_in, scan, scrub
from replayer.core.translate import Origin, Translator
from replayer.core.verdicts import (
    VERDICT,
    Action,
    Exchange,
    Forward,
    Identity,
    Mode,
    Reason,
    Refuse,
    Replay,
    Verdict,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a session did, in interactions. `unused` were recorded earlier and never asked for."""

    recorded: int
    played: int
    missed: int
    unused: int
    synthesized: int = 0
    unrecorded: int = 0

    def __str__(self) -> str:
        return (
            f"{self.recorded} recorded, {self.played} played, {self.synthesized} synthesized, "
            f"{self.missed} missed, {self.unused} unused"
            + (f", {self.unrecorded} passed on without recording" if self.unrecorded else "")
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer taken in: what goes into the cassette, and what the client is told."""

    interaction: Interaction
    response: Response


@dataclass(frozen=True, slots=True)
class _Seat:
    """Which of the equal requests a request is."""

    occurrence: int
    attempt: int


class Session:
    """One cassette between insert and eject.

    `cassette` is None where there was no file; `upstream` is what the file facts will say was recorded; `name` and
    `remedy` are for the words of a miss.
    """

    def __init__(
        self,
        cassette: Cassette | None,
        *,
        mode: Mode,
        rules: Rules,
        links: Links,
        upstream: str = "",
        name: str = "",
        remedy: str = "record it again",
        epoch: int | None = None,
        allow_live: bool = False,
        lenient: bool = False,
    ) -> None:
        self.mode, self.name = mode, name
        self._rules, self._links, self._upstream, self._remedy = rules, links, upstream, remedy
        self._allow_live, self._lenient = allow_live, lenient
        self._existed = cassette is not None
        self._facts = cassette.facts if cassette else None
        self._epoch = self._facts.epoch if self._facts else epoch
        self._index = Index(cassette or Cassette(), rules)
        self._names, self._clock, self._causes = Names(), Clock(), Causes(rules)
        self._translator = Translator(rules, links, self._names, self._clock)
        self._tick = self._last_tick() if mode is Mode.NEW_EPISODES else 0
        self._taken: dict[str, int] = {}  # how many of the equal requests have a seat
        self._vacated: dict[str, list[int]] = {}  # seats of requests that were never answered
        self._keyed: dict[tuple[str, str], _Seat] = {}  # the last seat taken under an idempotency key
        self._asked_reads: dict[tuple[str, tuple[int, ...]], int] = {}
        self._played: set[int] = set()
        self._plays = 0
        self._furthest = 0
        self._arrivals = 0
        self._passed_by = 0
        self._recorded: dict[Identity, tuple[int, Interaction]] = {}
        self._ready: dict[int, Response] = {}
        self.misses: list[Refuse] = []

    def __repr__(self) -> str:
        return f"<Session {self.name} {self.mode.value} {len(self._played)}/{len(self._index)} played>"

    # -- deciding -----------------------------------------------------------------------------------------------

    def decide(self, request: Request, at: float) -> Verdict:
        """What to do with a request that arrived at that time (seconds since 1970)."""
        local = self._from_client(request)
        asked = canonical(local, self._rules)
        key = header(request.headers, "idempotency-key") if not is_read(asked.method) else None
        seat = self._seat(asked, key)
        entry = self._find(asked, seat)
        if_known, if_unknown = VERDICT[(self.mode, self._existed)]
        match if_known if entry else if_unknown:
            case Action.REPLAY if entry is not None:
                return self._replay(entry, seat, key)
            case Action.FORWARD:
                return self._forward(local, asked, seat, key, at)
            case _:
                return self._miss(asked)

    def _from_client(self, request: Request) -> Request:
        """The request with its links leading to the upstream's own address, as the cassette has them."""
        links = self._links
        body = read(request.headers, request.body)
        raw = body.encode(links.from_client(body.text)) if body.text else body.raw
        return replace(request, target=links.from_client(request.target), body=raw, origin=links.cassette)

    def _seat(self, asked: Canonical, key: str | None) -> _Seat:
        """The seat that this request would take; it takes it when it is replayed or sent on."""
        if key is not None and (taken := self._keyed.get((asked.digest, key))):
            return _Seat(taken.occurrence, taken.attempt + 1)
        vacated = self._vacated.get(asked.digest)
        return _Seat(vacated[0] if vacated else self._taken.get(asked.digest, self._first_seat(asked)), 0)

    def _first_seat(self, asked: Canonical) -> int:
        """Recorded reads keep their seats when new ones are added: they are found by state, not by number."""
        reads = self.mode is Mode.NEW_EPISODES and is_read(asked.method)
        return len(self._index.equal(asked.digest)) if reads else 0

    def _take(self, asked: Canonical, seat: _Seat, key: str | None) -> None:
        if key is not None:
            self._keyed[(asked.digest, key)] = seat
        if seat.attempt == 0:
            vacated = self._vacated.get(asked.digest)
            if vacated and vacated[0] == seat.occurrence:
                heappop(vacated)
            else:
                self._taken[asked.digest] = seat.occurrence + 1

    def _find(self, asked: Canonical, seat: _Seat) -> Entry | None:
        if is_read(asked.method):
            return self._find_read(asked)
        attempts = self._index.attempts(asked.digest, seat.occurrence)
        return attempts[min(seat.attempt, len(attempts) - 1)] if attempts else None

    def _find_read(self, asked: Canonical) -> Entry | None:
        stamp = self._causes.stamp(asked)
        answers = self._index.reads(asked.digest, stamp)
        if answers:
            return answers[min(self._asked_reads.get((asked.digest, stamp), 0), len(answers) - 1)]
        equal = self._index.equal(asked.digest)
        if not (self._lenient and equal):
            return None
        return max((entry for entry in equal if entry.order <= self._furthest), key=_by_order, default=equal[0])

    # -- replaying ----------------------------------------------------------------------------------------------

    def _replay(self, entry: Entry, seat: _Seat, key: str | None) -> Replay:
        asked = entry.asked
        if is_read(asked.method):
            place = (asked.digest, self._causes.stamp(asked))
            self._asked_reads[place] = self._asked_reads.get(place, 0) + 1
        else:
            self._take(asked, seat, key)
            if seat.attempt == 0:
                self._causes.wrote(entry.touched, write_number(entry.identity))
        self._played.add(entry.order)
        self._plays += 1
        self._furthest = max(self._furthest, entry.order)
        return Replay(echoed(self._made_ready(entry), entry.key, key))

    def _made_ready(self, entry: Entry) -> Response:
        ready = self._ready.get(entry.order)
        if ready is None:
            ready = self._ready[entry.order] = self._to_client(entry.interaction.response)
        return ready

    def _to_client(self, response: Response) -> Response:
        links = self._links
        named = tuple((name, links.to_client(value)) for name, value in response.headers)
        body = read(response.headers, response.body)
        raw = body.encode(links.to_client(body.text)) if body.text else body.raw
        return replace(response, headers=named, body=raw)

    # -- recording ----------------------------------------------------------------------------------------------

    def _forward(self, local: Request, asked: Canonical, seat: _Seat, key: str | None, at: float) -> Verdict:
        credentials = credentials_in(header(local.headers, "authorization"))
        if not self._allow_live and any(self._rules.live_keys.match(secret) for secret in credentials):
            return self._refuse(Reason.LIVE_KEY, misses.live_key(asked, self._where()))
        outgoing = self._translator.to_upstream(local)
        if outgoing.stale:
            return self._refuse(Reason.STALE_ALIAS, misses.stale_alias(asked, outgoing.stale, self._where()))
        self._take(asked, seat, key)
        self._arrivals += 1
        identity = (asked.digest, seat.occurrence, seat.attempt)
        stand_in = (key, key_alias(key, f"{asked.digest}\0{seat.occurrence}")) if key else None
        exchange = Exchange(
            asked=asked,
            request=local,
            occurrence=seat.occurrence,
            attempt=seat.attempt,
            number=self._arrivals,
            tick=self._tick_for(identity, writes=not is_read(asked.method)),
            began=at,
            sent=outgoing.sent,
            key=stand_in,
            credentials=credentials,
        )
        return Forward(outgoing.request, exchange)

    def _tick_for(self, identity: Identity, *, writes: bool) -> int:
        """The virtual second of an exchange. What was recorded before keeps its own, in whatever order it comes now."""
        known = self._index.by_identity.get(identity)
        if known is not None and known.date is not None and self._facts is not None:
            tick = known.date - self._facts.epoch
            self._tick = max(self._tick, tick)
            return tick
        if writes and self._tick >= self._last_tick():
            self._tick += 1
        return self._tick

    def _last_tick(self) -> int:
        last = self._index.last_date
        return last - self._facts.epoch if last is not None and self._facts is not None else 0

    def scrubbed(self, text: str) -> str:
        """A text without secrets, for the log."""
        return scrub(text, self._rules, frozenset())

    def pass_by(self) -> None:
        """A request was answered with something that cannot be kept."""
        self._passed_by += 1

    def abandon(self, exchange: Exchange) -> None:
        """There is nothing to keep: the request is as if it had never been made."""
        digest = exchange.asked.digest
        if exchange.key:
            self._keyed.pop((digest, exchange.key[0]), None)
        if exchange.attempt == 0:  # a retry that failed leaves the first answer as it is
            heappush(self._vacated.setdefault(digest, []), exchange.occurrence)

    def record(self, exchange: Exchange, response: Response, at: float) -> Recorded:
        """Put the upstream's answer, which was complete at that time, into cassette space. It is not kept yet."""
        asked = exchange.asked
        moment = self._moment(exchange, response, at)
        self._clock.enter(moment)
        origin = Origin(asked.digest, exchange.occurrence, asked.headers.get("stripe-account", ""))
        named = self._translator.to_cassette(response, asked.method, origin, moment, exchange.credentials)
        live, stand_in = exchange.key or ("", "")
        kept = echoed(named, live, stand_in)
        request = self._translator.to_record(exchange.request, exchange.key, exchange.credentials)
        return Recorded(Interaction(request, kept), echoed(self._to_client(kept), stand_in, live))

    def keep(self, exchange: Exchange, interaction: Interaction) -> None:
        """The interaction is on disk: it belongs to the cassette from now on."""
        self._recorded[exchange.identity] = (exchange.number, interaction)
        if not is_read(exchange.asked.method):
            touched = self._causes.touched(exchange.asked, interaction.response)
            self._causes.wrote(touched, write_number(exchange.identity))

    def _moment(self, exchange: Exchange, response: Response, at: float) -> Moment:
        date = read_http_date(header(response.headers, "date") or "")
        ended = date.seconds if date else floor(at)
        if self._epoch is None:
            self._epoch = midnight(ended)
        return Moment(
            virtual=self._epoch + exchange.tick,
            began=ended - ceil(at - exchange.began),
            ended=ended,
            write=not is_read(exchange.asked.method),
            epoch=self._epoch,
            sent=exchange.sent,
        )

    def findings(self, text: str, exchange: Exchange) -> Iterable[Finding]:
        """What is still real in a text that is about to be written."""
        return scan(text, self._rules, is_real=self._names.is_real, credentials=exchange.credentials)

    def alias_of(self, real: str) -> str | None:
        """The name that an upstream's id has in this session."""
        return self._names.alias_of(real)

    def real_of(self, name: str) -> str | None:
        """The upstream's id behind a name of this session."""
        return self._names.real_of(name)

    @property
    def unanswered(self) -> int:
        """How many requests the upstream has left without an answer, and nobody has asked again since."""
        return sum(len(seats) for seats in self._vacated.values())

    @property
    def collisions(self) -> list[Collision]:
        """Identities that would share an alias: with any of these nothing may be saved."""
        return self._names.collisions

    # -- refusing -----------------------------------------------------------------------------------------------

    def _miss(self, asked: Canonical) -> Refuse:
        equal = self._index.equal(asked.digest)
        if not equal:
            closest = misses.nearest(asked, (entry.asked for entry in self._index.entries))
            return self._refuse(Reason.NO_MATCH, misses.no_match(asked, closest, self._where()))
        if not is_read(asked.method):
            times = 1 + max(entry.identity[1] for entry in equal)
            return self._refuse(Reason.USED_UP, misses.used_up(asked, times, self._where()))
        before = [misses.describe(entry.asked) for entry in self._writes_before(equal[0])]
        return self._refuse(Reason.UNKNOWN_STATE, misses.unknown_state(asked, before, self._where()))

    def _writes_before(self, read_entry: Entry) -> Iterator[Entry]:
        """The recorded writes that a recorded read had behind it, latest first."""
        resources = set(self._causes.resources(read_entry.asked))
        for entry in reversed(self._index.entries[: read_entry.order]):
            if entry.touched & resources:
                yield entry

    def _refuse(self, reason: Reason, message: str) -> Refuse:
        refusal = Refuse(reason, self.scrubbed(message))
        self.misses.append(refusal)
        return refusal

    def _where(self) -> misses.Where:
        return misses.Where(self.name, self.mode, len(self._index), len(self._played), self._remedy)

    # -- what came of it ----------------------------------------------------------------------------------------

    @property
    def play_count(self) -> int:
        """How many requests were answered from the cassette."""
        return self._plays

    @property
    def facts(self) -> Facts | None:
        """What the file says of itself; None as long as nothing tells where its clock starts."""
        return None if self._epoch is None else Facts(self._upstream, self._rules.name, self._epoch)

    def receipt(self) -> Receipt:
        dropped = len(self._index) if self.mode is Mode.ALL else 0
        unused = 0 if dropped else len(self._index) - len(self._played)
        return Receipt(len(self._recorded), self._plays, len(self.misses), unused, unrecorded=self._passed_by)

    def cassette(self) -> Cassette | None:
        """The cassette to save; None where nothing was recorded. Interactions that it had keep their places."""
        facts = self.facts
        if not self._recorded or facts is None:
            return None
        ordered = sorted(self._recorded.items(), key=lambda item: item[1][0])
        if self.mode is Mode.NEW_EPISODES:
            old = [entry.interaction for entry in self._index.entries]
            return Cassette((*old, *(interaction for _, (_, interaction) in ordered)), facts)
        placed: list[tuple[int, int, Interaction]] = []
        anchor = -1
        for identity, (number, interaction) in ordered:
            known = self._index.by_identity.get(identity)
            if known is not None:
                anchor = max(anchor, known.order)
            placed.append((known.order, 0, interaction) if known else (anchor, number, interaction))
        placed.sort(key=lambda item: item[:2])
        return Cassette(tuple(interaction for _, _, interaction in placed), facts)


def _by_order(entry: Entry) -> int:
    return entry.order
