"""Recording: requests out in the upstream's names, answers in under the cassette's, all of them in their places."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor, inf

from replayer.core.client import headers as traces
from replayer.core.client.bindings import Question, Writer
from replayer.core.client.holes import Hole
from replayer.core.client.now import Moments, seconds_of
from replayer.core.clock.clock import Clock, Moment
from replayer.core.clock.relative import WRITTEN_AT, likeliest, meanings, meant
from replayer.core.matching.canonical import Canonical
from replayer.core.matching.index import Entry, Identity, Index, write_number
from replayer.core.matching.stamps import Causes, ids_asked, ids_in, ids_told, is_read, objects_told, unnamed
from replayer.core.matching.turns import Seat
from replayer.core.message.edit import echoed
from replayer.core.message.instants import midnight, read_http_date
from replayer.core.message.interaction import Facts, Interaction, Request, Response, header
from replayer.core.message.links import Links
from replayer.core.message.shapes import MINTED, ids
from replayer.core.naming.aliases import alias, pictured
from replayer.core.naming.earlier import Earlier
from replayer.core.naming.memory import Memory
from replayer.core.naming.response import Origin
from replayer.core.naming.table import Collision, Names, key_alias
from replayer.core.naming.tokens import repeated, tokens_told
from replayer.core.naming.upstream import Outgoing, Translator
from replayer.core.recording.exchange import Exchange, Forward
from replayer.core.recording.history import History
from replayer.core.recording.partial_order import Before, Reach, Value
from replayer.core.rules.registry import Rules
from replayer.core.secrets import Finding, FindingKind, guesses, scan


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that is about to be sent on, at that time in seconds since 1970, with all that was found out of it.

    `bound` is what stands for its idempotency key already.
    """

    request: Request
    question: Question
    seat: Seat
    key: str | None
    credentials: frozenset[str]
    at: float
    bound: str | None = None


class Recorder:
    """Records one session over the cassette that was there before, which keeps its epoch, its times and its order.

    `ticks` is where the virtual clock stands at first, in seconds since the epoch.
    """

    def __init__(
        self,
        rules: Rules,
        links: Links,
        index: Index,
        old: Facts | None,
        epoch: int | None,
        causes: Causes,
        ticks: int = 0,
    ) -> None:
        self._rules, self._index, self._old, self._causes = rules, index, old, causes
        self.names = Names()
        self._clock = Clock()
        self._translator = Translator(rules, links, self.names, self._clock)
        self.epoch = old.epoch if old else epoch
        self._ticks = Before((ticks, 0))  # virtual seconds
        self._history = History(index)
        self._inserted = False
        self._sent = 0
        self._under_way: set[int] = set()
        self._moments: dict[int, tuple[Value, Moment]] = {}
        self._first = inf  # when the first request left
        self._first_write = inf

    def __repr__(self) -> str:
        return f"<Recorder {len(self)} recorded>"

    def __len__(self) -> int:
        return len(self._history)

    @property
    def now(self) -> int | None:
        """The virtual time, in seconds since 1970; None as long as there is no epoch."""
        return None if self.epoch is None else self.epoch + self._ticks.latest[0]

    @property
    def clock(self) -> Clock:
        """The virtual clock, to be read."""
        return self._clock

    def writer(self, at: float, when: Callable[[], Moments]) -> Writer:
        """What stands for the values that a client mints, in a request that is asked at that time."""

        def write(hole: Hole, origin: str) -> str:
            match hole.kind:
                case "time":
                    return self._time(hole.value, at, when())
                case "key":
                    return key_alias(hole.value, origin)
                case "volatile":
                    return pictured(hole.value, origin)
                case _:
                    return self.names.alias_of(hole.value) or alias(hole.kind, hole.value, origin)

        return write

    def _time(self, text: str, at: float, moments: Moments) -> str:
        """A time that was counted from now, counted from the epoch; any other as it is."""
        instant = seconds_of(text)
        if instant is None or moments.told(instant.seconds):
            return text
        if moments.counted(instant.seconds):
            return text
        found = meanings(instant.seconds, moments.real) or meanings(instant.seconds, moments.virtual)
        if not found:
            return text
        if self.epoch is None:
            self.epoch = midnight(at)
        return instant.write(meant(likeliest(found), self.epoch + WRITTEN_AT))

    def translated(self, asking: Asking) -> Outgoing:
        """The request as the upstream understands it; what it writes of its own is a constant from now on."""
        for pair in asking.question.pairs:
            if pair.hole.kind in MINTED:
                self.names.bind(pair.hole.value, pair.recorded)
            if guesses.names_credential(pair.hole.key):
                self.names.hide(pair.hole.value, certain=True)
        for credential in asking.credentials:
            real = self.names.real_of(credential) or credential
            for spelled in (real, real.encode("utf-8", "surrogateescape").hex()):
                self.names.hide(spelled, certain=True)
        return self._translator.to_upstream(asking.request, asking.question.times)

    def forward(self, asking: Asking, outgoing: Outgoing) -> Forward:
        """Let the request go."""
        self._sent += 1
        self._first = min(self._first, asking.at)
        if not is_read(asking.question.asked.method):
            self._first_write = min(self._first_write, asking.at)
        if self._under_way:
            self._ticks.split()
            self._history.split()
        self._under_way.add(self._sent)
        asked, seat = asking.question.asked, asking.seat
        exchange = Exchange(
            asked=asked,
            request=asking.question.request,
            seat=seat,
            number=self._sent,
            began=asking.at,
            sent=outgoing.sent,
            key=self._key(asking),
            credentials=asking.credentials,
            counted=asking.question.counted,
            form=(asking.question.form or asked.text, asking.question.use),
        )
        return Forward(outgoing.request, exchange)

    def _key(self, asking: Asking) -> tuple[str, str] | None:
        key, question = asking.key, asking.question
        if not key:
            return None
        bound = next((pair.recorded for pair in question.pairs if pair.hole.value == key), asking.bound)
        return key, bound or key_alias(key, f"{question.asked.digest}\0{asking.seat.occurrence}")

    def settle(self, exchange: Exchange) -> None:
        """The request is not under way any more: it was kept, or there is nothing to keep."""
        self._under_way.discard(exchange.number)
        self._moments.pop(exchange.number, None)

    @property
    def under_way(self) -> int:
        """How many requests the upstream has not answered yet."""
        return len(self._under_way)

    # -- taking in ----------------------------------------------------------------------------------------------

    def take_in(self, exchange: Exchange, response: Response, at: float) -> Interaction:
        """The exchange in cassette space; `response` was complete at that time. It is not kept yet."""
        asked = exchange.asked
        reach = self._reach(asked, self._known(response))
        value = self._value(exchange.identity, reach)
        moment = self._moment(exchange, response, at, value[0], reach)
        self._moments[exchange.number] = (value, moment)
        self._clock.open(moment.ended - ceil(at - self._first))  # slower ones may have left before this one
        if self._first_write < inf:
            self._clock.open_writes(moment.ended - ceil(at - self._first_write))
        self._clock.enter(moment)
        before = self._index.by_identity.get(exchange.identity)
        origin = Origin(
            asked.digest,
            exchange.seat.occurrence,
            asked.headers.get("stripe-account", ""),
            Earlier(before.interaction.response, response) if before else Earlier(),
            f"{asked.method} {asked.path}",
            exchange.seat.attempt,
            frozenset(ids_asked(asked)),
        )
        repeated = self._repeated(exchange, response)
        named = self._translator.to_cassette(response, asked.method, origin, moment, exchange.credentials)
        traced = traces.kept(exchange.request, repeated, self.names.alias_of) if repeated else exchange.request
        request = self._translator.to_record(traced, exchange.key, exchange.credentials, repeated)
        return Interaction(request, echoed(named, dict((exchange.key,))) if exchange.key else named)

    def _repeated(self, exchange: Exchange, response: Response) -> frozenset[str]:
        """The headers of the request with ids that the answer repeats. These are the client's, not the upstream's."""
        found = traces.repeated(exchange.request, response, self._rules)
        for number, (text, name) in enumerate(found.items()):
            (piece,) = ids(text)
            origin = f"{exchange.asked.digest}\0{exchange.seat.occurrence}\0header {name.lower()} {number}"
            self.names.bind(text, self.names.alias_of(text) or alias(piece.shape, text, origin))
        return frozenset(found.values())

    def _known(self, response: Response) -> Iterator[str]:
        """The names of the ids in an upstream's answer that have one already."""
        for real in ids_told(response):
            name = self.names.alias_of(real)
            if name is not None:
                yield name

    def _reach(self, asked: Canonical, answered: Iterable[str]) -> Reach:
        if is_read(asked.method):
            return Reach(True, frozenset(self._causes.resources(asked)), frozenset(ids_asked(asked)))
        touches = self._causes.touches(asked, answered)
        return Reach(False, touches, frozenset(ids_asked(asked)), frozenset(ids_in(asked.path)))

    def _value(self, identity: Identity, reach: Reach) -> Value:
        """The virtual second of an exchange. What was recorded before keeps its own, in whatever order it comes now,
        unless something comes before it now that cannot."""
        known = self._index.by_identity.get(identity)
        if known is not None and known.date is not None and self._old is not None:
            before = self._ticks.of(reach) if self._inserted and self._ticks.alone else self._ticks.surely(reach)
            return max(known.date - self._old.epoch, before[0]), int(reach.reads)
        tick, reads = self._ticks.of(reach)
        if reach.reads:
            return tick, reads + 1
        self._inserted = True  # the program has changed: what comes next may not be before what came now
        return tick + 1, 0

    def _moment(self, exchange: Exchange, response: Response, at: float, tick: int, reach: Reach) -> Moment:
        """The exchange on both clocks. The upstream's own `Date` is asked first: its clock may be another one."""
        date = read_http_date(header(response.headers, "date") or "")
        ended = date.seconds if date else floor(at)
        if self.epoch is None:
            self.epoch = midnight(ended)
        return Moment(
            virtual=self.epoch + tick,
            began=ended - ceil(at - exchange.began),
            ended=ended,
            write=not reach.reads,
            epoch=self.epoch,
            sent=exchange.sent,
            about=(frozenset(unnamed(one) for one in reach.touches if one.startswith("/")), reach.touches),
            alone=self._ticks.alone,
        )

    # -- keeping ------------------------------------------------------------------------------------------------

    def keep(self, exchange: Exchange, interaction: Interaction) -> None:
        """The interaction belongs to the cassette from now on."""
        value, moment = self._moments[exchange.number]
        self.settle(exchange)
        reach, told = self._reached(exchange.asked, interaction.response)
        self._ticks.enter(reach, value, told)
        if moment.write:
            self._clock.wrote(moment, reach.touches)
            changes = self._causes.changes(exchange.asked, interaction.response, reach.touches)
            self._causes.wrote(changes, write_number(exchange.identity))
        self._history.record(exchange, interaction, reach, told, value)

    def played(self, entry: Entry, *, kept: bool = False) -> None:
        """A recorded interaction was played beside those that are recorded now: what comes later comes behind it. Or it
        was not, and is `kept`."""
        if not self._history.has(entry):
            self._history.play(entry, *self._reached(entry.asked, entry.interaction.response), kept=kept)

    def _reached(self, asked: Canonical, response: Response) -> tuple[Reach, frozenset[str]]:
        """What an exchange really touched, now that its answer has its names; and the ids in that answer."""
        told = frozenset(ids_told(response))
        if is_read(asked.method):
            self._causes.learn(asked, response)
            return self._reach(asked, ()), told
        touches = self._causes.touched(asked, response)
        named = frozenset(ids_asked(asked))
        minted = {name for name in objects_told(response) if not self._history.told(name) and name not in named}
        return Reach(False, touches, named, frozenset(ids_in(asked.path)) | minted), told

    def findings(self, text: str, credentials: frozenset[str]) -> Iterable[Finding]:
        """What is still real in a text that is about to be written, or one of those credentials."""
        yield from scan(text, self._rules, is_real=self.names.is_real, credentials=credentials)
        odd = self._translator.spaces.odd  # the scan knows only what is one piece
        for token in repeated(text, odd) if odd else ():
            yield Finding(
                "a token of the upstream", "raw", text.count("\n", 0, token.start) + 1, FindingKind.REAL_TOKEN
            )

    @property
    def collisions(self) -> list[Collision]:
        """Identities that would share an alias: with any of these nothing may be saved."""
        return self.names.collisions

    def arranged(self, *, keeping: bool) -> tuple[Interaction, ...]:
        """What was recorded, in the order of the file; with all that was there before, if that is to be kept."""
        if keeping:
            for entry in self._index.entries:
                self.played(entry, kept=True)
        return self._history.arranged()

    def has(self, entry: Entry) -> bool:
        """Whether that interaction has been recorded again."""
        return self._history.has(entry)

    def remembered(self, upstream: str) -> Memory | None:
        """What this recording knew, to be kept apart; None where it recorded nothing."""
        clock = self._clock.state()
        if clock is None:
            return None
        names, minted = self.names.remembered()
        told = tuple((name, real) for name, real in names if not guesses.spells_secret(real, self._rules))
        return Memory(upstream, clock, told, minted)

    def adopt(self) -> None:
        """What is recorded goes along with the old cassette: its tokens are names, though nobody can tell by their
        looks."""
        spaces = self._translator.spaces
        responses = (entry.interaction.response for entry in self._index.entries)
        self.names.given_out = frozenset(tokens_told(responses, spaces.token_rules))

    def recall(self, memory: Memory) -> None:
        """Know again what the last recording knew."""
        self.names.recall(memory.names, memory.minted)
        self._clock.restore(memory.clock)

    @property
    def dropped(self) -> list[Entry]:
        """What was recorded before and has not been asked this time."""
        return self._history.missing


def last_tick(index: Index, facts: Facts | None) -> int:
    """Where the clock of a recorded cassette stood at its end, in seconds since its epoch."""
    return index.last_date - facts.epoch if facts and index.last_date is not None else 0
