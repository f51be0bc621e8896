"""Recording: requests out in the upstream's names, answers in under the cassette's, all of them in their places."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, inf

from replayer.core.canonical import Canonical
from replayer.core.causes import is_read
from replayer.core.clock import Clock, Moment
from replayer.core.earlier import Earlier
from replayer.core.echoes import echoed
from replayer.core.index import Index
from replayer.core.instants import midnight, read_http_date
from replayer.core.interaction import Facts, Interaction, Request, Response, header
from replayer.core.links import Links
from replayer.core.names import Collision, Names, key_alias
from replayer.core.naming import Origin
from replayer.core.rules import Rules
from replayer.core.scrub import Finding, scan
from replayer.core.seats import Seat
from replayer.core.translate import Outgoing, Translator
from replayer.core.verdicts import Exchange, Forward, Identity


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that is about to be sent on, at that time in seconds since 1970, with all that was found out of it."""

    request: Request
    asked: Canonical
    seat: Seat
    key: str | None
    credentials: frozenset[str]
    at: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A recorded interaction and the number of its request among all that were sent on."""

    number: int
    interaction: Interaction


class Recorder:
    """Records one session over the cassette that was there before, which keeps its epoch, its times and its order.

    `ticks` is where the virtual clock stands at first, in seconds since the epoch.
    """

    def __init__(
        self, rules: Rules, links: Links, index: Index, old: Facts | None, epoch: int | None, ticks: int
    ) -> None:
        self._rules, self._index, self._old = rules, index, old
        self.names = Names()
        self._clock = Clock()
        self._translator = Translator(rules, links, self.names, self._clock)
        self.epoch = old.epoch if old else epoch
        self._tick = ticks
        self._sent = 0
        self._first = inf  # when the first request left
        self._recorded: dict[Identity, Placed] = {}

    def __repr__(self) -> str:
        return f"<Recorder {len(self._recorded)} recorded>"

    def __len__(self) -> int:
        return len(self._recorded)

    def translated(self, request: Request) -> Outgoing:
        """The request as the upstream understands it; what it writes of its own is a constant from now on."""
        return self._translator.to_upstream(request)

    def forward(self, asking: Asking, outgoing: Outgoing) -> Forward:
        """Let the request go."""
        self._sent += 1
        self._first = min(self._first, asking.at)
        asked, seat, key = asking.asked, asking.seat, asking.key
        identity = (asked.digest, seat.occurrence, seat.attempt)
        stand_in = (key, key_alias(key, f"{asked.digest}\0{seat.occurrence}")) if key else None
        before = self._tick
        tick = self._tick_for(identity, writes=not is_read(asked.method))
        exchange = Exchange(
            asked=asked,
            request=asking.request,
            seat=seat,
            number=self._sent,
            tick=tick,
            ticked=self._tick > before,
            began=asking.at,
            sent=outgoing.sent,
            key=stand_in,
            credentials=asking.credentials,
        )
        return Forward(outgoing.request, exchange)

    def _tick_for(self, identity: Identity, *, writes: bool) -> int:
        """The virtual second of an exchange. What was recorded before keeps its own, in whatever order it comes now."""
        known = self._index.by_identity.get(identity)
        if known is not None and known.date is not None and self._old is not None:
            tick = known.date - self._old.epoch
            self._tick = max(self._tick, tick)
            return tick
        if writes and self._tick >= last_tick(self._index, self._old):
            self._tick += 1
        return self._tick

    def abandon(self, exchange: Exchange) -> None:
        """There is nothing to keep. The second that it took is given back, if nobody has gone on from there."""
        if exchange.ticked and exchange.tick == self._tick:
            self._tick -= 1

    def take_in(self, exchange: Exchange, response: Response, at: float) -> Interaction:
        """The exchange in cassette space; `response` was complete at that time. It is not kept yet."""
        asked = exchange.asked
        moment = self._moment(exchange, response, at)
        self._clock.open(moment.ended - ceil(at - self._first))  # slower ones may have left before this one
        self._clock.enter(moment)
        before = self._index.by_identity.get(exchange.identity)
        origin = Origin(
            asked.digest,
            exchange.seat.occurrence,
            asked.headers.get("stripe-account", ""),
            Earlier(before.interaction.response if before else None),
        )
        named = self._translator.to_cassette(response, asked.method, origin, moment, exchange.credentials)
        request = self._translator.to_record(exchange.request, exchange.key, exchange.credentials)
        live, stand_in = exchange.key or ("", "")
        return Interaction(request, echoed(named, live, stand_in))

    def _moment(self, exchange: Exchange, response: Response, at: float) -> Moment:
        """The exchange on both clocks. The upstream's own `Date` is asked first: its clock may be another one."""
        date = read_http_date(header(response.headers, "date") or "")
        ended = date.seconds if date else floor(at)
        if self.epoch is None:
            self.epoch = midnight(ended)
        return Moment(
            virtual=self.epoch + exchange.tick,
            began=ended - ceil(at - exchange.began),
            ended=ended,
            write=not is_read(exchange.asked.method),
            epoch=self.epoch,
            sent=exchange.sent,
        )

    def keep(self, exchange: Exchange, interaction: Interaction) -> None:
        """The interaction belongs to the cassette from now on."""
        self._recorded[exchange.identity] = Placed(exchange.number, interaction)

    def findings(self, text: str, exchange: Exchange) -> Iterable[Finding]:
        """What is still real in a text that is about to be written."""
        return scan(text, self._rules, is_real=self.names.is_real, credentials=exchange.credentials)

    @property
    def collisions(self) -> list[Collision]:
        """Identities that would share an alias: with any of these nothing may be saved."""
        return self.names.collisions

    def added(self) -> tuple[Interaction, ...]:
        """What was recorded, in the order in which it was asked for."""
        ordered = sorted(self._recorded.values(), key=lambda placed: placed.number)
        return tuple(placed.interaction for placed in ordered)

    def merged(self) -> tuple[Interaction, ...]:
        """What was recorded: what was there before in its old places, what is new behind what it came after."""
        placed: list[tuple[int, int, Interaction]] = []
        anchor = -1
        for identity, new in sorted(self._recorded.items(), key=lambda item: item[1].number):
            known = self._index.by_identity.get(identity)
            if known is not None:
                anchor = max(anchor, known.order)
            placed.append((known.order, 0, new.interaction) if known else (anchor, new.number, new.interaction))
        placed.sort(key=lambda place: place[:2])
        return tuple(interaction for _, _, interaction in placed)


def last_tick(index: Index, facts: Facts | None) -> int:
    """Where the clock of a recorded cassette stood at its end, in seconds since its epoch."""
    return index.last_date - facts.epoch if facts and index.last_date is not None else 0
