"""The heart: one session decides on each request and takes in each answer. It does nothing itself and asks nobody.

                decide                                     record
client  --->  Replay | Forward | Refuse        upstream  --->  what goes on disk, and what the client is told
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from replayer.core.client.bindings import Bindings, Question
from replayer.core.client.candidates import Candidate
from replayer.core.client.holes import declared
from replayer.core.client.now import Moments, is_counted
from replayer.core.client.space import ClientSpace
from replayer.core.clock.relative import WRITTEN_AT, Now
from replayer.core.lists import Lack, Pages, Synthesis
from replayer.core.matching.canonical import Canonical, describe
from replayer.core.matching.index import Entry, Index
from replayer.core.matching.player import Apart, Player
from replayer.core.matching.stamps import Causes, is_read
from replayer.core.matching.turns import Seat, Seats
from replayer.core.message.instants import read_http_date
from replayer.core.message.interaction import Cassette, Facts, Interaction, Request, Response, header
from replayer.core.message.links import Links
from replayer.core.modes import VERDICT, Action, Mode
from replayer.core.naming.memory import Memory
from replayer.core.naming.table import Collision
from replayer.core.recording.exchange import Exchange
from replayer.core.recording.recorder import Asking, Recorder, last_tick
from replayer.core.rules.registry import Rules
from replayer.core.secrets.findings import Finding
from replayer.core.secrets.scrub import credentials_of
from replayer.core.session.hand_over import HANDED_OVER, HandOver, Taken, standing
from replayer.core.session.misses import Refusals
from replayer.core.session.nearest import Following
from replayer.core.session.receipt import Receipt
from replayer.core.session.verdicts import Refuse, Replay, Verdict

LENIENT = "Replayer-Lenient"  # the header of an answer that shows another state than there is


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer taken in: what goes into the cassette, and what the client is told."""

    interaction: Interaction
    response: Response


class Session:
    """One cassette between insert and eject.

    `cassette` is None where there was no file; `upstream` is what the file facts will say was recorded; `name` and
    `remedy` are for the words of a miss; `epoch` is where the virtual clock of a new cassette starts. `volatile` are
    fields of requests that clients fill anew in each run, and `offsets` the clients' offsets from UTC, in seconds.
    `shifted_to` is the real time that the epoch is shown as, None to show times as they are recorded. `memory` is what
    the last recording of this cassette knew of its upstream. `hands_over` lets a miss be answered by somebody else.
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
        strict: bool = False,
        volatile: Iterable[str] = (),
        offsets: tuple[int, ...] = (0,),
        shifted_to: int | None = None,
        memory: Memory | None = None,
        hands_over: bool = False,
    ) -> None:
        self.mode, self.name = mode, name
        self._offsets = tuple(dict.fromkeys((0, *offsets)))
        self._rules, self._links, self._upstream = rules, links, upstream
        self._allow_live, self._lenient, self._strict = allow_live, lenient, strict
        self._existed = cassette is not None
        old = cassette.facts if cassette else None
        self._index = Index(cassette or Cassette(), rules)
        self._causes = Causes(rules)
        self._player = Player(self._index, self._causes)
        self._pages = Pages(self._index, rules)
        self._kinds: Counter[str] = Counter()
        ticks = last_tick(self._index, old) if mode is Mode.NEW_EPISODES else 0
        self._recorder = Recorder(rules, links, self._index, old, epoch, self._causes, ticks)
        if mode is Mode.NEW_EPISODES:
            self._recorder.adopt()
        if memory is not None:
            self._recorder.recall(memory)
        self._bindings = Bindings(self._index, rules, frozenset(map(declared, volatile)))
        known = (rules, self._index, self._player, self._bindings)
        self._refusals = Refusals(*known, name=name, mode=mode, remedy=remedy, lends=not hands_over)
        self._seats = Seats(self._first_seat)
        self._client = ClientSpace(rules, links, self._bindings, shifted_to, self._last)
        self._client.begin(old)
        self._passed_by = 0
        self._hands_over = hands_over
        self.misses: list[Refuse] = []

    def __repr__(self) -> str:
        return f"<Session {self.name} {self.mode.value} {self._player.played}/{len(self._index)} played>"

    def _first_seat(self, digest: str) -> int:
        """Recorded reads keep their seats when new ones are added: they are found by state, not by number."""
        equal = self._index.equal(digest)
        return len(equal) if self.mode is Mode.NEW_EPISODES and equal and is_read(equal[0].asked.method) else 0

    # -- deciding -----------------------------------------------------------------------------------------------

    def decide(self, request: Request, at: float, clock: float | None = None) -> Verdict:
        """What to do with a request that arrived at that time, in seconds since 1970. `clock` is what a client takes
        for now, if somebody has set the clock that it looks at."""
        local = self._client.from_client(request)
        credentials = credentials_of(request.headers)
        key = header(request.headers, "idempotency-key")
        if_known, if_unknown = VERDICT[(self.mode, self._existed)]

        def when() -> Moments:
            return self._moments(at, clock)

        write = self._recorder.writer(at, when) if Action.FORWARD in (if_known, if_unknown) else None
        question = self._bindings.understood(local, credentials, key, when, write)
        seat, entry = self._found(question, key)
        if entry is None and write is None and not question.pairs:  # its words may be another's meaning
            question = self._bindings.understood(local, credentials, key, when, meant=True)
            seat, entry = self._found(question, key)
        match if_known if entry else if_unknown:
            case Action.REPLAY if entry is not None:
                return self._replay(request, question, entry, seat, key)
            case Action.FORWARD:
                return self._forward(
                    Asking(local, question, seat, key, credentials, at, self._bindings.recorded(key or ""))
                )
            case _:
                stand = standing(self._recorder.writer(at, when), virtual=self.facts is not None)
                meant = partial(self._bindings.understood, local, credentials, key, when, stand)
                return self._unrecorded(request, question, seat, key, meant, when)

    def _unrecorded(
        self,
        request: Request,
        question: Question,
        seat: Seat,
        key: str | None,
        meant: Callable[[], Question],
        when: Callable[[], Moments],
    ) -> Verdict:
        """What follows from recorded answers; else where that is wanted the answer of another state; else a miss."""
        found = self._following(question.asked, meant)
        if isinstance(found, Synthesis) and not self._strict:
            return self._synthesized(question, found)
        if lent := self._lent(question.asked):
            return self._replay(request, question, lent.entry, seat, key, lent=lent)
        refusal = self._refusals.miss(question.asked, when(), self._kept_back(found))
        return self._handed_over(refusal, meant, key)

    def _found(self, question: Question, key: str | None) -> tuple[Seat, Entry | None]:
        """The seat that a request would take, and what was recorded there."""
        seat = self._seats.next(question.asked.digest, self._retried(question.asked, key))
        return seat, self._player.find(question.asked, seat)

    def _retried(self, asked: Canonical, key: str | None) -> str | None:
        """The key under which a request may be tried again."""
        return key if asked.method in self._rules.keyed else None

    def _lent(self, asked: Canonical) -> Apart | None:
        """The answer of another state, where that is wanted: only a read has one, and only where it would be a miss."""
        return self._player.nearest(asked, earlier=True) if self._lenient and is_read(asked.method) else None

    def _moments(self, at: float, clock: float | None) -> Moments:
        real, virtual = self._now((at, clock)), self._now((self.shown_now, self.now))
        return Moments(
            real=real,
            virtual=virtual,
            then=self._then,
            told=self._recorder.clock.means,
            counted=lambda seconds: self._is_counted(seconds, real),
            shift=self._client.shift,
            free=self._is_free,
        )

    def _now(self, moments: Iterable[float | None]) -> Now:
        known = (int(moment) for moment in moments if moment is not None)
        return Now(tuple(dict.fromkeys(known)), self._offsets)

    def _is_counted(self, seconds: int, real: Now) -> bool:
        """Whether a client counted that time from a virtual one that it was told."""
        facts = self.facts
        if facts is None:
            return self._recorder.clock.is_counted(seconds)
        return is_counted(seconds, facts.epoch, self._last(), real)

    def _is_free(self, entry: Entry) -> bool:
        if self.mode is Mode.ALL:
            return not self._recorder.has(entry)
        return self._player.answers(entry.asked) if is_read(entry.asked.method) else not self._player.has(entry)

    def _then(self, candidate: Candidate | None) -> Now:
        """When a recorded request was asked: what it counts from now counts from the epoch."""
        if self.facts is not None:
            return Now((self.facts.epoch + WRITTEN_AT,), self._offsets, exact=True)
        date = candidate.entry.date if candidate else None
        return Now(() if date is None else (date,), self._offsets)

    @property
    def now(self) -> int | None:
        """The virtual time, in seconds since 1970; None before anything tells it."""
        known = [moment for moment in (self._recorder.now, self._player.now) if moment is not None]
        return max(known, default=None)

    @property
    def shown_now(self) -> int | None:
        """The same as clients are shown it."""
        return None if self.now is None else self.now + self._client.shift

    def _last(self) -> int:
        """The latest virtual second of the cassette or of this session."""
        known = (self._index.last_date, self.now)
        return max(moment for moment in (*known, 0) if moment is not None)

    def _replay(
        self,
        request: Request,
        question: Question,
        entry: Entry,
        seat: Seat,
        key: str | None,
        lent: Apart | None = None,
    ) -> Replay:
        self._bindings.bind(question)
        self._bindings.bind_headers(request.headers, entry.interaction)
        if key and entry.key:
            self._bindings.bind_key(key, entry.key)
        self._player.lend(entry) if lent else self._player.play(entry)
        if self.mode is Mode.NEW_EPISODES:
            self._recorder.played(entry)
        self._seats.take(entry.asked.digest, self._retried(entry.asked, key), seat)
        own = {entry.key: key} if entry.key and key else None
        response = self._bindings.to_client(self._client.ready(entry, question.counted), own, entry.order)
        return Replay(_marked(response, lent) if lent else response)

    def _following(self, asked: Canonical, meant: Callable[[], Question]) -> Synthesis | Lack | None:
        """What follows from recorded answers for a request that was not recorded. `meant` reads it again, its times as
        they would be recorded."""
        if asked.method != "GET":
            return None
        return self._pages.answer(asked, lambda: meant().asked if self.facts else asked, self._causes)

    def _kept_back(self, found: Synthesis | Lack | None) -> Following:
        """What a miss says of that. With `strict` nobody wants to know what is missing."""
        if isinstance(found, Synthesis):
            return Following(rule=found.kind.value)
        return Following(lack=found.why) if found and not self._strict else Following()

    def _synthesized(self, question: Question, found: Synthesis) -> Replay:
        self._kinds[found.kind.value] += 1
        self._player.show(found.entry)
        shown = self._client.ready(found.entry, question.counted)
        return Replay(self._bindings.to_client(shown, order=found.entry.order), found.kind.value)

    def _handed_over(self, refusal: Refuse, meant: Callable[[], Question], key: str | None) -> Verdict:
        """A miss, or what somebody else may answer instead."""
        if not self._hands_over or refusal.reason not in HANDED_OVER:
            return self.refuse(refusal)
        return HandOver(refusal.reason, refusal.message, meant(), key, self._bindings.recorded(key or "") or key)

    def _forward(self, asking: Asking) -> Verdict:
        asked = asking.question.asked
        if not self._allow_live and any(self._rules.live_keys.match(secret) for secret in asking.credentials):
            return self.refuse(self._refusals.live_key(asked))
        outgoing = self._recorder.translated(asking)
        if outgoing.stale:
            return self.refuse(self._refusals.stale_alias(asked, outgoing.stale))
        self._bindings.bind(asking.question)
        self._seats.take(asked.digest, self._retried(asked, asking.key), asking.seat)
        forward = self._recorder.forward(asking, outgoing)
        if forward.exchange.key:
            self._bindings.bind_key(*forward.exchange.key)
        return forward

    # -- recording ----------------------------------------------------------------------------------------------

    def record(self, exchange: Exchange, response: Response, at: float) -> Recorded:
        """Put the upstream's answer, which was complete at that time, into cassette space. It is not kept yet."""
        interaction = self._recorder.take_in(exchange, self._bindings.to_record(response), at)
        self._bindings.bind_headers(exchange.request.headers, interaction)
        self._client.begin(self.facts)
        own = {recorded: live for live, recorded in (exchange.key,)} if exchange.key else None
        return Recorded(
            interaction, self._bindings.to_client(self._client.to_client(interaction.response, exchange.counted), own)
        )

    def keep(self, exchange: Exchange, interaction: Interaction) -> None:
        """The interaction is on disk: it belongs to the cassette from now on."""
        self._recorder.keep(exchange, interaction)

    def abandon(self, exchange: Exchange) -> None:
        """There is nothing to keep: the request is as if it had never been made."""
        self._recorder.settle(exchange)
        key = exchange.key[0] if exchange.key else None
        self._seats.vacate(exchange.asked.digest, self._retried(exchange.asked, key), exchange.seat)

    def pass_by(self, exchange: Exchange) -> None:
        """A request was answered with something that cannot be kept."""
        self._recorder.settle(exchange)
        self._passed_by += 1

    def findings(self, text: str, credentials: frozenset[str]) -> Iterable[Finding]:
        """What is still real in a text that is about to be written, or one of those credentials."""
        return self._recorder.findings(text, credentials)

    @property
    def collisions(self) -> list[Collision]:
        """Identities that would share an alias: with any of these nothing may be saved."""
        return self._recorder.collisions

    @property
    def unanswered(self) -> int:
        """How many requests the upstream has not answered, and nobody has asked again since."""
        return self._seats.vacant + self._recorder.under_way

    def minted_in(self, entry: Entry) -> frozenset[str]:
        """What stands in a recorded request for values that its client had minted, and will mint anew."""
        return self._bindings.minted_in(entry)

    def alias_of(self, real: str) -> str | None:
        """The name that an upstream's id has in this session."""
        return self._recorder.names.alias_of(real)

    def real_of(self, name: str) -> str | None:
        """The upstream's id behind a name of this session."""
        return self._recorder.names.real_of(name)

    # -- refusing -----------------------------------------------------------------------------------------------

    def refuse(self, refusal: Refuse) -> Refuse:
        """There is no answer, and nobody else has one: that is a miss."""
        self.misses.append(refusal)
        return refusal

    # -- handing over -------------------------------------------------------------------------------------------

    @property
    def story(self) -> list[Entry]:
        """The recorded interactions that were played, in that order, each once."""
        return self._player.story

    @property
    def next_second(self) -> int | None:
        """The virtual second of a write that somebody else answers now; None where no write told one before."""
        return self._player.next_second()

    def take(self, handed: HandOver, taken: Taken) -> Response:
        """What somebody else answered to a miss, as the client is told it. What it changed is from now on in a
        state that was never recorded."""
        self._kinds["sandbox"] += 1
        self._bindings.bind(handed.question)
        if taken.touched:
            self._causes.wrote(self._causes.all_of(taken.touched), taken.number)
            self._player.lose(taken.objects)
        date = read_http_date(header(taken.response.headers, "date") or "")
        self._player.tell(date.seconds if date else None, write=not is_read(handed.asked.method))
        shown = self._client.to_client(taken.marked(self._rules, "sandbox"), handed.question.counted)
        return self._bindings.to_client(shown, handed.own)

    def scrubbed(self, text: str, credentials: frozenset[str] = frozenset()) -> str:
        """A text without secrets, for the log."""
        return self._refusals.scrubbed(text, credentials)

    # -- what came of it ----------------------------------------------------------------------------------------

    @property
    def play_count(self) -> int:
        """How many requests were answered from the cassette, with what it holds or with what follows from that."""
        return self._player.plays + self._kinds.total()

    @property
    def facts(self) -> Facts | None:
        """What the file says of itself; None as long as nothing tells where its clock starts."""
        epoch = self._recorder.epoch
        return None if epoch is None else Facts(self._upstream, self._rules.name, epoch)

    def receipt(self) -> Receipt:
        anew = self.mode is Mode.ALL and len(self._recorder) > 0
        return Receipt(
            recorded=len(self._recorder),
            played=self._player.plays,
            missed=len(self.misses),
            kinds=tuple(sorted(self._kinds.items())),
            bound=0 if len(self._recorder) else self._bindings.bound,
            lenient=self._player.lent,
            unused=0 if self.mode is Mode.ALL else len(self._index) - self._player.played,
            unrecorded=self._passed_by,
            dropped=tuple(describe(entry.asked) for entry in self._recorder.dropped) if anew else (),
        )

    def remembered(self, upstream: str) -> Memory | None:
        """What this session knew of its upstream, at that origin: for whoever adds to the same cassette."""
        return self._recorder.remembered(upstream)

    def cassette(self) -> Cassette | None:
        """The cassette to save; None where nothing was recorded."""
        facts = self.facts
        if not len(self._recorder) or facts is None:
            return None
        return Cassette(self._recorder.arranged(keeping=self.mode is Mode.NEW_EPISODES), facts)


def _marked(response: Response, lent: Apart) -> Response:
    """An answer of another state says so, and by how many writes that differs."""
    return replace(response, headers=(*response.headers, (LENIENT, str(len(lent)))))
