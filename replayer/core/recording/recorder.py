"""Recording: requests out in the upstream's names, answers in under the cassette's, all of them in their places."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import ceil, floor, inf

from replayer.core.cassette import AT_ONCE, Facts, Interaction, Streamed
from replayer.core.client import Question
from replayer.core.client import headers as traces
from replayer.core.clock import SessionClock, facts
from replayer.core.matching import Canonical, Entry, Index, canonical, stamps, turns
from replayer.core.message import Request, Response, edit, shapes, wire
from replayer.core.naming import Origin, Outgoing, UpstreamSpace, aliases
from replayer.core.recording.exchange import Exchange, Forward, KeptWrite
from replayer.core.recording.heads import Heads
from replayer.core.recording.history import History
from replayer.core.recording.open_stream import OpenStream
from replayer.core.recording.partial_order import Before, Reach, Value
from replayer.core.secrets import by_name, guesses

CREATED = 201
MEDIA = "content-type"
MANY = 1 << 16  # headers, more than any request has
LONG_POLL = 5.0  # seconds: what takes longer waits for something, and does not merely take its time
QUERY = re.compile(r"\s*(?:\{|query\b)")  # of GraphQL: it makes nothing, though it is a POST


class Recorder:
    """Records one session over the cassette that was there before, which keeps its epoch, its times and its order.
    `old` is what that says of itself, None where another tool wrote it or where there was none. `adds` tells that what
    is there stays, and is found by its state."""

    def __init__(
        self,
        space: UpstreamSpace,
        index: Index,
        clock: SessionClock,
        causes: stamps.Causes,
        turns: turns.Turns,
        old: Facts | None,
        *,
        adds: bool = False,
    ) -> None:
        self.space = space
        self._index, self._clock, self._causes, self._turns = index, clock, causes, turns
        self._old_epoch = old.epoch if old else None
        self._rules = space.spaces.rules
        self._ticks = Before(((clock.now or 0) - (clock.epoch or 0), 0))  # virtual seconds since the epoch
        self._history, self._heads = History(index, adds=adds), Heads(index, space)
        self._inserted = False
        self._sent = 0
        self._under_way: dict[int, Exchange] = {}
        self._moments: dict[int, tuple[Value, facts.Moment]] = {}
        self._first = inf  # when the first request left
        self._first_write = inf
        self._taken = 0  # the exchange whose answer was named last
        self.writes: list[KeptWrite] = []  # in the order in which they were complete
        self._said: Counter[tuple[str, str]] = Counter()  # how many of each method and address were kept
        self.passed_by = 0  # requests that were answered with something that cannot be kept

    def __repr__(self) -> str:
        return f"<Recorder {len(self)} recorded>"

    def __len__(self) -> int:
        return len(self._history)

    # -- sending ------------------------------------------------------------------------------------------------

    def translated(self, question: Question) -> Outgoing:
        """The request as the upstream understands it; what it writes of its own is a constant from now on."""
        names, arrival = self.space.names, question.arrival
        for pair in question.pairs:
            if pair.hole.kind in shapes.MINTED:
                names.bind(pair.hole.value, pair.recorded)
            elif pair.hole.kind == "personal":
                self.space.knows(pair.hole.value, pair.recorded)
        opening = {pair.hole.value for pair in question.pairs if guesses.names_credential(pair.hole.key)}
        opening.update(secret for _, secret in by_name.in_path(arrival.request.path))
        self.space.hide(arrival.secrets, opening)
        return self.space.to_upstream(arrival.request, question.times)

    def as_sent(self, question: Question, request: Request) -> Outgoing:
        """Another request than the one that is asked by that question, as the upstream understands it."""
        return self.space.to_upstream(request, question.times)

    def forward(self, question: Question, outgoing: Outgoing, known: Entry | None = None) -> Forward:
        """Let the request go; `known` is the recorded interaction that it is, if it is to be that one again."""
        asked, arrival = question.asked, question.arrival
        self._sent += 1
        self._first = min(self._first, arrival.at)
        if not stamps.is_read(asked.method):
            self._first_write = min(self._first_write, arrival.at)
        if self._under_way:
            self._ticks.split()
            self._history.split()
        turn = self._turn(question, known)
        stand_in = _stand_in_of_key(question, turn)
        exchange = Exchange(question, turn, self._sent, outgoing.sent, stand_in, known)
        self._under_way[self._sent] = exchange
        return Forward(outgoing.request, exchange)

    def _turn(self, question: Question, known: Entry | None) -> turns.Turn:
        """Its own, or that of the interaction that it is: a read takes none from the others, since it is found by its
        state."""
        digest, retries = question.asked.digest, question.arrival.retries
        if known is None:
            return self._turns.claim(digest, retries)
        if not known.reads:
            self._turns.claim(digest, retries, known.identity[1])
        return turns.Turn(*known.identity[1:])

    def has_sent(self, exchange: Exchange) -> bool:
        """Whether that is a request of this session, and still under way."""
        return self._under_way.get(exchange.number) is exchange

    def left_later(self, exchange: Exchange, seconds: float) -> Exchange:
        """A request was held back for so long before it left. It is as if it had arrived then: what the upstream made
        meanwhile, others made."""
        if not self.has_sent(exchange):
            return exchange
        arrival = replace(exchange.question.arrival, at=exchange.question.arrival.at + seconds)
        later = replace(exchange, question=replace(exchange.question, arrival=arrival))
        self._under_way[exchange.number] = later
        return later

    def abandon(self, exchange: Exchange) -> None:
        """There is nothing to keep: the request is as if it had never been made."""
        if self._taken == exchange.number:  # else others may use its names by now
            self.space.names.withdraw()
        self._settle(exchange)
        if exchange.known is not None and exchange.known.reads:
            return  # it has taken no turn
        self._turns.release(exchange.asked.digest, exchange.question.arrival.retries, exchange.turn)

    def pass_by(self, exchange: Exchange) -> None:
        """A request was answered with something that cannot be kept."""
        self._settle(exchange)
        self.passed_by += 1

    def _settle(self, exchange: Exchange) -> None:
        """The request is not under way any more: it was kept, or there is nothing to keep."""
        self._under_way.pop(exchange.number, None)
        self._moments.pop(exchange.number, None)

    @property
    def is_waiting(self) -> bool:
        """Whether the upstream still has to answer something."""
        return bool(self._under_way)

    @property
    def unanswered(self) -> int:
        """How many requests the upstream has not answered, and nobody has asked again since."""
        return self._turns.released + len(self._under_way)

    # -- taking in ----------------------------------------------------------------------------------------------

    def take_in(self, exchange: Exchange, response: Response, at: float) -> Interaction:
        """The exchange in cassette space; `response` was complete at that time. It is not kept yet."""
        asked, question = exchange.asked, exchange.question
        reach = self._reach(asked, self._named(response))
        value = self._value(exchange, reach)
        moment = self._moment(exchange, response, at, value[0], reach)
        self._moments[exchange.number] = (value, moment)
        facts = self._clock.facts
        facts.open(moment.ended - ceil(at - self._first))  # slower ones may have left before this one
        if self._first_write < inf:
            facts.open_writes(moment.ended - ceil(at - self._first_write))
        facts.enter(moment)
        before = self._index.by_identity.get(exchange.identity)
        origin = _origin(exchange, response)
        if before is not None:
            origin = origin.beside(before.interaction.response, response)
        self._taken = exchange.number
        self.space.names.begin()
        repeated = self._repeated(exchange, response)
        named = self.space.to_cassette(response, asked.method, origin, moment, exchange.credentials)
        traced = traces.kept(question.request, repeated, self.space.names.alias_of) if repeated else question.request
        request = self.space.to_record(traced, exchange.keys, exchange.credentials, repeated)
        if before is not None:
            request = self._spelled_as(before.interaction.request, request, exchange.credentials)
        answer = edit.echoed(named, exchange.keys).summed(named)
        if answer.headers != named.headers and (tag := named.header("etag")) is not None:
            self.space.names.rename(tag, answer.header("etag") or tag)
        return Interaction(request, answer)

    def _spelled_as(self, older: Request, request: Request, credentials: frozenset[str]) -> Request:
        """The request spelled as it is in the older recording, where that means the same: with another boundary of its
        parts, or another order of keys. What has become known for a secret since is no reason to keep it."""
        if _said(request) == _said(older):
            return request
        safe = self.space.to_record(older, {}, credentials)
        if (safe.target, safe.body) != (older.target, older.body):
            return request
        one, other = (canonical.canonical(each, self._rules) for each in (older, request))
        if one.text != other.text or older.header("content-encoding") != request.header("content-encoding"):
            return request
        return replace(request, target=older.target, headers=_headers_as(older, request), body=older.body)

    def _repeated(self, exchange: Exchange, response: Response) -> frozenset[str]:
        """The headers of the request with ids that the answer repeats. These are the client's, not the upstream's."""
        found = traces.repeated(exchange.question.request, response, self._rules)
        names = self.space.names
        for number, (text, name) in enumerate(found.items()):
            (piece,) = shapes.ids(text)
            origin = f"{exchange.asked.digest}\0{exchange.turn.occurrence}\0header {name.lower()} {number}"
            names.bind(text, names.alias_of(text) or aliases.alias(piece.shape, text, origin))
        return frozenset(found.values())

    def _named(self, response: Response) -> Iterator[str]:
        """The names of the ids in an upstream's answer that have one already."""
        for real in response.ids:
            name = self.space.names.alias_of(real)
            if name is not None:
                yield name

    def _reach(self, asked: Canonical, answered: Iterable[str]) -> Reach:
        if stamps.is_read(asked.method):
            return Reach(True, frozenset(self._causes.resources(asked)), frozenset(asked.ids))
        touches = self._causes.touches(asked, answered)
        return Reach(False, touches, frozenset(asked.ids), frozenset(asked.path_ids))

    def _value(self, exchange: Exchange, reach: Reach) -> Value:
        """The virtual second of an exchange. What was recorded before keeps its own, in whatever order it comes now,
        unless something comes before it now that cannot."""
        recorded = exchange.known
        if recorded is not None and recorded.date is not None and self._old_epoch is not None:
            return recorded.date - self._old_epoch, int(reach.reads)
        recorded = self._index.by_identity.get(exchange.identity)
        if recorded is not None and recorded.date is not None and self._old_epoch is not None:
            before = self._ticks.of(reach) if self._inserted and self._ticks.alone else self._ticks.surely(reach)
            return max(recorded.date - self._old_epoch, before[0]), int(reach.reads)
        tick, reads = self._ticks.of(reach)
        if reach.reads:
            return tick, reads + 1
        self._inserted = True  # the program has changed: what comes next may not be before what came now
        return tick + 1, 0

    def _moment(self, exchange: Exchange, response: Response, at: float, tick: int, reach: Reach) -> facts.Moment:
        """The exchange on both clocks. The upstream's own `Date` is asked first: its clock may be another one."""
        ended = floor(at) if response.date is None else response.date
        epoch = self._clock.start(ended)
        return facts.Moment(
            virtual=epoch + tick,
            began=ended - ceil(at - exchange.question.arrival.at),
            ended=ended,
            write=not reach.reads,
            epoch=epoch,
            sent=exchange.sent,
            about=(frozenset(stamps.unnamed(one) for one in reach.touches if one.startswith("/")), reach.touches),
            alone=self._ticks.alone,
        )

    # -- keeping ------------------------------------------------------------------------------------------------

    def keep(self, exchange: Exchange, interaction: Interaction) -> Reach:
        """The interaction is on disk: it belongs to the cassette from now on. Gives what it has to do with others."""
        value, moment = self._moments[exchange.number]
        self._settle(exchange)
        reach, named = self._reached(exchange.asked, interaction.response)
        self._ticks.enter(reach, value, named)
        self._clock.reach(moment.epoch + self._ticks.latest[0])
        if moment.write:
            self._clock.facts.wrote(moment, reach.touches)
            changes = self._causes.changes(exchange.asked, interaction.response, reach.touches)
            self._causes.wrote(changes, stamps.write_number(exchange.identity))
            self.writes.append(self._kept(exchange, interaction, moment, reach))
        self._history.record(exchange, interaction, reach, named, value)
        self._heads.note(exchange, interaction.request)
        interaction.forget()
        return reach

    def polled(self, exchange: Exchange, response: Response, waited: float) -> Streamed:
        """How an answer came that was waited for so many seconds: what was held back until there was something to
        tell. Of an equal one the first recording stays."""
        known = self._index.by_identity.get(exchange.identity)
        older = known.interaction if known else None
        if older is not None and older.response == response:
            return older.streamed
        return Streamed(waits=((0, round(waited * 10)),)) if waited >= LONG_POLL else AT_ONCE

    def open(self, exchange: Exchange, head: Interaction, at: float) -> OpenStream:
        """An answer has begun that comes event by event: from here on it is part of the session, as of the state that
        it was asked in, whatever happens until its end. What came of its head is on disk."""
        value, moment = self._moments[exchange.number]
        known = self._index.by_identity.get(exchange.identity)
        reach = self.keep(exchange, head)
        origin = _origin(exchange, head.response)
        older = known.interaction if known else None
        return OpenStream(exchange, head, origin, moment, value, at, older, reach.touches)

    def name(self, stream: OpenStream, event: Response, at: float) -> Response:
        """The next event of a stream in cassette space, as a message of its own; it came at that time."""
        named = self.space.event_to_cassette(
            event, stream.origin_of(event), stream.moment_at(at), stream.exchange.credentials
        )
        ids = frozenset(named.ids)
        self._history.emit(stream.exchange, ids)
        self._ticks.enter(Reach(True, frozenset(), frozenset()), stream.value, ids)
        return named

    def close(self, stream: OpenStream, interaction: Interaction) -> None:
        """A stream has ended, and all of it is on disk."""
        exchange, asked = stream.exchange, stream.exchange.asked
        reach, named = self._reached(asked, interaction.response, self._history.number(exchange))
        self._ticks.enter(reach, stream.value, named)
        if not reach.reads:
            changes = self._causes.changes(asked, interaction.response, reach.touches)
            at_once = self._causes.changes(asked, stream.head.response, stream.touched)
            self._causes.wrote(changes - at_once, stamps.write_number(exchange.identity))
        self._history.complete(exchange, interaction, reach, named)
        interaction.forget()

    def drop(self, stream: OpenStream) -> None:
        """A stream that has begun is not kept."""
        self._history.leave_out(stream.exchange)
        self.passed_by += 1

    def _kept(self, exchange: Exchange, interaction: Interaction, moment: facts.Moment, reach: Reach) -> KeptWrite:
        request = interaction.request
        self._said[request.method, request.uri] += 1
        told = frozenset(piece.text for _, value in interaction.response.headers for piece in shapes.ids(value))
        return KeptWrite(
            exchange.identity,
            request.method,
            request.uri,
            self._said[request.method, request.uri],
            moment,
            reach.touches,
            told,
            exchange.question.arrival.key,
            exchange.keys,
        )

    def begin_delivery(self) -> None:
        """What is named from here on belongs to no exchange, but to what the upstream said by itself."""
        self._taken = 0
        self.space.names.begin()

    def confirm(self, exchange: Exchange, entry: Entry) -> None:
        """The upstream answered what was recorded there: that was played, and its names and times are known now."""
        _, moment = self._moments[exchange.number]
        self._settle(exchange)
        if moment.write:
            self._clock.facts.wrote(moment, entry.touched)
        self.played(entry)

    def played(self, entry: Entry, *, kept: bool = False) -> None:
        """A recorded interaction was played beside those that are recorded now: what comes later comes behind it. Or it
        was not, and is `kept`."""
        if not self._history.has(entry):
            self._history.play(entry, *self._reached(entry.asked, entry.interaction.response), kept=kept)
            entry.interaction.forget()

    def _reached(self, asked: Canonical, response: Response, own: int | None = None) -> tuple[Reach, frozenset[str]]:
        """What an exchange really touched, now that its answer has its names; and the ids in that answer. `own` is its
        number, where it has told of them before its end."""
        named = frozenset(response.ids)
        if stamps.is_read(asked.method):
            self._causes.learn(asked, response)
            return self._reach(asked, ()), named
        touches = self._causes.touched(asked, response)
        asks = frozenset(asked.ids)
        emitter = self._history.emitter
        minted = {name for name in response.objects if emitter(name) in (None, own) and name not in asks}
        return Reach(False, touches, asks, frozenset(asked.path_ids) | minted), named

    def arranged(self, *, keeping: bool) -> tuple[Interaction, ...]:
        """What was recorded, in the order of the file; with all that was there before, if that is to be kept."""
        return tuple(interaction for _, interaction in self.identified(keeping=keeping))

    def identified(self, *, keeping: bool) -> list[tuple[stamps.Identity, Interaction]]:
        """The same, each with what tells it from all others."""
        if keeping:
            for entry in self._index.entries:
                self.played(entry, kept=True)
            self._history.touch_more(lambda asked, answer: self._causes.reached(asked, answer, answer.ids))
        found = list(self._history.arranged())
        shown = self._heads.showing(found)
        return [(identity, interaction) for (identity, _), interaction in zip(found, shown, strict=True)]

    def has(self, entry: Entry) -> bool:
        """Whether that interaction has been recorded again."""
        return self._history.has(entry)

    @property
    def dropped(self) -> list[Entry]:
        """What was recorded before and has not been asked this time."""
        return self._history.missing


def _said(request: Request) -> tuple[str, bytes, frozenset[str], str | None]:
    """All of a request that may be spelled in several ways."""
    names = frozenset(name for name, _ in request.headers)
    return request.target, request.body, names, request.header("content-type")


def _headers_as(older: Request, request: Request) -> wire.Headers:
    """The headers of a request as the older one spells their names, and with its type of the body: what a body is of
    that has nothing in it means nothing."""
    spelled = {name.lower(): name for name, _ in older.headers}
    media = [pair for pair in older.headers if pair[0].lower() == MEDIA]
    rest = [(spelled.get(name.lower(), name), value) for name, value in request.headers if name.lower() != MEDIA]
    if not media and request.body:
        media = [pair for pair in request.headers if pair[0].lower() == MEDIA]
    order = list(spelled)
    return tuple(
        sorted([*media, *rest], key=lambda pair: order.index(pair[0].lower()) if pair[0].lower() in spelled else MANY)
    )


def _origin(exchange: Exchange, response: Response) -> Origin:
    asked = exchange.asked
    return Origin(
        asked.digest,
        exchange.turn.occurrence,
        asked.headers.get("stripe-account", ""),
        request=f"{asked.method} {asked.path}",
        attempt=exchange.turn.attempt,
        asked=frozenset(asked.ids),
        creates=_creates(asked, response),
    )


def _stand_in_of_key(question: Question, turn: turns.Turn) -> str | None:
    """What stands for an idempotency key: what is bound to it or will be, else a name that follows from its request."""
    key = question.arrival.key
    if not key:
        return None
    bound = next((pair.recorded for pair in question.pairs if pair.hole.value == key), question.arrival.bound)
    return bound or aliases.key_alias(key, f"{question.asked.digest}\0{turn.occurrence}")


def _creates(asked: Canonical, response: Response) -> bool:
    """Whether a request may have made the object that it is answered with: a POST that names none in its path, but no
    query of GraphQL; or what the answer says is created."""
    body = canonical.unwrapped(asked.body)
    text = body.get("query") if isinstance(body, dict) else None
    asks = isinstance(text, str) and QUERY.match(text) is not None
    return response.status == CREATED or (asked.method == "POST" and not asked.path_ids and not asks)
