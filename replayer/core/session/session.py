"""The heart: one session decides on each request and takes in each answer. It does nothing itself and asks nobody.

                decide                                     record
client  --->  Replay | Forward | Refuse        upstream  --->  what goes on disk, and what the client is shown
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl

from replayer.core.cassette import Cassette, Cause, Delivery, Facts, Interaction
from replayer.core.client import Arrival, ClientSpace, Question, holes
from replayer.core.clock import SessionClock
from replayer.core.customs import Customs
from replayer.core.deliveries import Announced, Behind, Came, Due, Receiving, as_request, as_response
from replayer.core.lists import Lack, Pages, Synthesis
from replayer.core.matching import Entry, Index, Player, canonical, stamps, turns
from replayer.core.message import Request, Response, wire
from replayer.core.modes import Action, Mode
from replayer.core.naming import UpstreamSpace
from replayer.core.recording import Exchange, Forward, KeptWrite, OpenStream, Recorder
from replayer.core.rules import Api
from replayer.core.secrets import by_name, masking
from replayer.core.session.hand_over import HANDED_OVER, HandOver, SandboxAnswer
from replayer.core.session.misses import Refusals
from replayer.core.session.nearest import Following
from replayer.core.session.policy import Policy, Words
from replayer.core.session.quick import Quick
from replayer.core.session.receipt import Receipt
from replayer.core.session.verdicts import Refuse, Replay, Verdict
from replayer.core.streams import StreamEvent, StreamForm, events

WEBHOOK_TYPE = "application/json; charset=utf-8"  # of the events of the API
LENIENT = "Replayer-Lenient"  # the header of an answer that shows another state than there is
UNNAMED = Words()
A_LOOK = 32  # bytes that are read in the time of one look at a recorded request, which a miss takes at all of them
SECRET = 8  # characters that what a user leaves out of a request must have to be taken for a secret everywhere


def _values(request: Request) -> set[str]:
    """What stands in a request, value by value."""
    asked = {leaf.value for leaf in request.leaves} | {value for _, value in request.headers}
    return asked | {value for _, value in parse_qsl(request.query)}


def _one(text: str, form: StreamForm) -> StreamEvent:
    """The event that a text is."""
    return next(event for _, event in events(text, form))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _typed(response: Response) -> wire.Headers:
    """Of its headers what tells how it is read: the others are shown once."""
    return tuple(pair for pair in response.headers if pair[0].lower() == "content-type")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer taken in: what goes into the cassette, and what the client is shown; `scrubbed` values are missing."""

    interaction: Interaction
    response: Response
    scrubbed: int = 0


class Session:
    """One cassette between insert and eject; `cassette` is None where there was no file.

    Its parts: `client` and `upstream` translate to either side, `player` and `recorder` know what was played and what
    is recorded, and all of them share one `clock`. `quick` answers what was answered before, where nothing is recorded.
    """

    def __init__(self, cassette: Cassette | None, api: Api, policy: Policy, words: Words = UNNAMED) -> None:
        cassette = policy.customs.loaded(cassette)
        old, adds = cassette.facts if cassette else None, policy.mode is Mode.NEW_EPISODES
        api = replace(api, rules=policy.rules(api.rules))
        index = Index(cassette or Cassette(), api.rules)
        self.name, self.mode, self.misses = words.name, policy.mode, list[Refuse]()
        self._api, self._policy, self._index = api, policy, index
        self._row = policy.row(existed=cassette is not None)
        self._forwards = Action.FORWARD in self._row
        self._causes, self._turns = stamps.Causes(api.rules), turns.Turns(_first_turns(index, adds=adds))
        self.clock = SessionClock(
            old.epoch if old else policy.epoch,
            ticks=index.last_date - old.epoch if adds and old and index.last_date is not None else 0,
            last_recorded=index.last_date,
            offsets=policy.offsets,
            shifted_to=policy.shifted_to,
        )
        self.upstream = UpstreamSpace(api, self.clock)
        self.player = Player(index, self._causes, self.clock, adds=self._forwards)
        self.recorder = Recorder(self.upstream, index, self.clock, self._causes, self._turns, old, adds=adds)
        volatile = frozenset(map(holes.declared, policy.volatile))
        names, own, is_free = (
            self.upstream.names,
            policy.credentials,
            _not_asked(policy.mode, self.player, self.recorder),
        )
        self.client = ClientSpace(index, api, self.clock, names, volatile, is_free, own)
        if adds:
            self.upstream.adopt(entry.interaction.response for entry in index.entries)
        self._behind = Behind(cassette or Cassette(), api.rules)
        self.receiving = Receiving(self.upstream, self.recorder, index, self._behind)
        self._pages = Pages(index, api.rules)
        self._refusals = Refusals(api.rules, index, self.player, self.client.bindings, policy, words)
        self._synthesized: Counter[str] = Counter()
        self.quick: Quick[Any] | None = None
        self._given = Counter[int]()  # by the place in the file, how often it was given where the user decides
        if not self._forwards and not policy.customs.words:
            self.quick = Quick(api.rules, self.player, self.client, index.choosing)
        self._ignored = 0  # answers to requests that differ from theirs in a header that is left out of the question

    def __repr__(self) -> str:
        return f"<Session {self.name} {self.mode.value} {self.player.played}/{len(self._index)} played>"

    # -- deciding -----------------------------------------------------------------------------------------------

    def length(self, request: Request, enough: int) -> int:
        """How many bytes are read to decide on that request, at most: its own, those of an answer that was recorded at
        its path, and those of the cassette where all of that is looked through. It is not found out how many more than
        `enough`, nor how many less."""
        index = self._index
        length = max(request.length, index.longest_at(request.path))
        if length >= enough or max(index.length, len(index) * A_LOOK) < enough or index.is_spelled(request):
            return length  # where it was recorded in these words nothing is looked through
        walked = index.length if self.client.bindings.looks_through(request) else len(index) * A_LOOK
        return max(length, walked)

    def read(self, request: Request) -> None:
        """Read a long request, and touch nothing of the session, so that this may be done wherever others go on with
        it. `decide` finds what was read with the request."""
        self.client.read(request)

    def decide(self, request: Request, at: float, clock: float | None = None) -> Verdict:
        """What to do with a request that arrived at that time, in seconds since 1970. `clock` is what a client takes
        for now, if somebody has set the clock that it looks at."""
        whole, kept = request, self.customs.asked(request)
        if kept is None:
            return self._pass_by(self.client.ask(whole, at, clock, new=self._forwards))
        question = self.client.ask(kept, at, clock, new=self._forwards)  # nothing is bound yet
        if kept is not whole:
            question = replace(question, arrival=self._hiding(question.arrival, self.client.ask(whole, at).arrival))
        entry = self._find(question)
        if entry is None and not self._forwards and not question.pairs:
            question = self.client.as_meant(question)
            entry = self._find(question)
        match self._row.known if entry else self._row.unknown:
            case Action.REPLAY if entry:
                response, due = self._play(question, entry), self._due(question, entry)
                streamed = entry.interaction.streamed
                again = entry if self._is_plain(question) and not streamed.ended else None
                how = "bound" if question.pairs else ""
                return Replay(response, entry=again, due=due, streamed=streamed, given=entry, how=how)
            case Action.FORWARD:
                return self._send(question)
            case _ if self.customs.matches:
                return self.refuse(self._refusals.unmatched(question, self.customs.words))
            case _:
                found = self._following(question)
                return self._synthesize(question, found) or self._lend(question) or self._miss(question, found)

    @property
    def customs(self) -> Customs:
        """What the user decides by functions of his own."""
        return self._policy.customs

    @staticmethod
    def _hiding(arrival: Arrival, whole: Arrival) -> Arrival:
        """An arrival whose request was changed before it was compared: what it said before that is as secret."""
        gone = _values(whole.request) - _values(arrival.request)
        return replace(
            arrival,
            credentials=arrival.credentials | whole.credentials,
            opening=arrival.opening | whole.opening | {value for value in gone if len(value) >= SECRET},
            sent=whole.request,
        )

    def _pass_by(self, question: Question) -> Verdict:
        """A request that is neither recorded nor replayed."""
        if not self._forwards:
            return self.refuse(self._refusals.left_out(question, self.customs.words))
        verdict = self._send(question)
        return replace(verdict, is_recorded=False) if isinstance(verdict, Forward) else verdict

    def _matched(self, question: Question) -> Entry | None:
        """The first recorded request that this one is, as the user decides."""
        matches = self.customs.matches
        for entry in self._index.entries:
            is_left = self.customs.repeats or not self._given[entry.order]
            if is_left and matches is not None and matches(question.request, entry.interaction.request):
                return entry
        return None

    def _is_plain(self, question: Question) -> bool:
        """Whether it bound nothing, holds nothing secret, and is counted by nothing but its answer."""
        arrival = question.arrival
        if question.pairs or self._policy.ignored or arrival.key is not None or arrival.withheld is not None:
            return False
        return not any(credential in arrival.request.target for credential in arrival.credentials)

    def _find(self, question: Question) -> Entry | None:
        """What was recorded for that request, in its turn and in this state."""
        asked = question.asked
        if self.customs.matches:
            return self._matched(question)
        if not self._forwards and stamps.is_read(asked.method):  # by its state alone
            return self.player.find_read(asked)
        return self.player.find(asked, self._turns.next(asked.digest, question.arrival.retries))

    def _play(self, question: Question, entry: Entry, *, lent: bool = False) -> Response:
        self.client.bind(question, entry.key)
        self.client.bind_headers(question, entry.interaction)
        self._given[entry.order] += 1
        self.player.lend(entry) if lent else self.player.play(entry)
        if self.mode is Mode.NEW_EPISODES:
            self.recorder.played(entry)
        if self._forwards or not stamps.is_read(entry.asked.method):  # else reads are found by their state alone
            self._turns.claim(entry.asked.digest, question.arrival.retries, entry.identity[1])
        self._ignored += self._differs(question.arrival.request, entry.interaction.request)
        return self.client.show(entry.interaction.response, question, entry.key, entry.order)

    def _due(self, question: Question, entry: Entry) -> tuple[Due, ...]:
        """The webhooks behind a write that was just played."""
        if entry.reads:
            return ()
        key = question.arrival.key
        own = {entry.key: key} if entry.key and key else {}
        return tuple(self._shown_sent(one, own, entry.date) for one in self._behind.due(entry))

    def _shown_sent(self, delivery: Delivery, own: Mapping[str, str], since: int | None) -> Due:
        """A webhook as the program is shown it, which came of a write of that virtual second."""
        request = as_request(self.client.show_sent(as_response(delivery.request), own))
        told = Announced.of(delivery.request, self._api.rules)
        delay = max(0, told.created - since) if told.created is not None and since is not None else 0
        return Due(request, Announced.of(request, self._api.rules), delay, told.name)

    def _differs(self, live: Request, recorded: Request) -> bool:
        """Whether they differ in a header that is left out of the question."""
        return any(live.header(name) != recorded.header(name) for name in self._policy.ignored)

    def again(self, request: Request, at: float, clock: float | None = None, *, new: bool = False) -> Verdict:
        """Send a request that may be recorded already: as that interaction, where there is one in this state, so that
        what it is answered now can be held against that. `new` tells that it is another one in any case."""
        question = self.client.ask(request, at, clock, new=True)
        return self._send(question, None if new else self._find(question))

    def confirm(self, exchange: Exchange, entry: Entry) -> None:
        """It was answered what is recorded there."""
        self.recorder.confirm(exchange, entry)
        self.player.play(entry)

    def _send(self, question: Question, known: Entry | None = None) -> Verdict:
        live_keys = self._api.rules.live_keys
        if not self._policy.allow_live and any(map(live_keys.match, question.arrival.credentials)):
            return self.refuse(self._refusals.live_key(question.asked))
        outgoing = self.recorder.translated(question)
        if outgoing.stale:
            return self.refuse(self._refusals.stale_alias(question.asked, outgoing.stale))
        if question.arrival.sent is not None:
            outgoing = self.recorder.as_sent(question, question.arrival.sent)
        forward = self.recorder.forward(question, outgoing, known)
        self.client.bind(question, forward.exchange.key)
        return forward

    def _following(self, question: Question) -> Synthesis | Lack | None:
        """What follows from recorded answers for a request that was not recorded, its times as they would be."""
        asked = question.asked
        meant = (lambda: asked) if self.facts is None else (lambda: self.client.as_recorded(question).asked)
        return self._pages.answer(asked, meant, self._causes)

    def _synthesize(self, question: Question, found: Synthesis | Lack | None) -> Replay | None:
        """The answer that follows, unless only what was recorded is wanted."""
        if not isinstance(found, Synthesis) or self._policy.strict:
            return None
        entry, kind = found.entry, found.kind.value
        self._synthesized[kind] += 1
        self.player.show(entry)
        response = self.client.show(entry.interaction.response, question, order=entry.order)
        return Replay(response, kind, given=entry, how=kind)

    def _lend(self, question: Question) -> Replay | None:
        """The answer of another state, where that is wanted, and only where it would be a miss."""
        if not self._policy.lenient:
            return None
        lent = self.player.nearest(question.asked, earlier=True)
        if lent is None:
            return None
        response = self._play(question, lent.entry, lent=True)
        marked = replace(response, headers=(*response.headers, (LENIENT, str(len(lent)))))
        streamed = lent.entry.interaction.streamed
        due = self._due(question, lent.entry)
        return Replay(marked, due=due, streamed=streamed, given=lent.entry, how="lenient")

    def _miss(self, question: Question, found: Synthesis | Lack | None) -> Verdict:
        """A miss, or what somebody else may answer instead."""
        following = Following()
        if isinstance(found, Synthesis):
            following = Following(rule=found.kind.value)
        elif found and not self._policy.strict:  # with it nobody wants to know what is missing
            following = Following(lack=found.why)
        refusal = self._refusals.miss(question, following)
        if not self._policy.hands_over or refusal.reason not in HANDED_OVER:
            return self.refuse(refusal)
        parts = {one.name: getattr(refusal, one.name) for one in fields(refusal)}
        return HandOver(**parts, question=self.client.as_recorded(question))

    def refuse(self, refusal: Refuse) -> Refuse:
        """There is no answer, and nobody else has one: that is a miss."""
        self.misses.append(refusal)
        return refusal

    # -- taking in ----------------------------------------------------------------------------------------------

    def record(self, exchange: Exchange, response: Response, at: float) -> Recorded:
        """Put the upstream's answer, which was complete at that time, into cassette space. It is not kept yet."""
        question, before = exchange.question, self.upstream.scrubbed
        interaction = self.recorder.take_in(exchange, self.client.to_record(response), at)
        self.client.bind_headers(question, interaction)
        shown = self.client.show(interaction.response, question, exchange.key)
        return Recorded(interaction, shown, self.upstream.scrubbed - before)

    def take_in_webhook(self, came: Came, write: KeptWrite, credentials: frozenset[str]) -> tuple[Delivery, Due]:
        """Put what the upstream said by itself into cassette space, and give it as the program is shown it. It is not
        kept yet."""
        recorded = as_request(self.client.to_record(as_response(came.request)))
        delivery = self.receiving.take_in(replace(came, request=recorded), write, credentials)
        return delivery, self.shown_webhook(delivery, write)

    def shown_webhook(self, delivery: Delivery, write: KeptWrite) -> Due:
        """A recorded webhook as the program is shown it, which came of that write of this session."""
        own = {recorded: live for live, recorded in write.keys.items()}
        return self._shown_sent(delivery, own, write.moment.virtual)

    def event(self, stream: OpenStream, text: str, at: float) -> tuple[StreamEvent, bytes]:
        """The next event of a stream, which came at that time: as the cassette has it, and as its client is shown it.
        It is not kept yet."""
        answer = replace(stream.head.response, headers=_typed(stream.head.response), body=_encoded(text))
        spoken = self.client.to_record(answer).body.decode("utf-8", "surrogateescape")
        event = _one(spoken, stream.cut_as)
        kept = self.recorder.name(stream, Response.of(event), at).told_as(event)
        return _one(kept, stream.cut_as), self.shown(stream, kept)

    def record_stream(self, exchange: Exchange, response: Response, at: float) -> tuple[OpenStream, Interaction]:
        """Record a stream that has ended, as `record` and `event` would have while it came."""
        head = self.record(exchange, replace(response, body=b""), at).interaction
        stream = self.recorder.open(exchange, head, at)
        for _, event in events(response.body.decode("utf-8", "surrogateescape"), stream.cut_as):
            stream.add(self.event(stream, event.text, at)[0], at)
        whole = stream.ended("", at)
        self.recorder.close(stream, whole)
        return stream, whole

    def shown(self, stream: OpenStream, kept: str) -> bytes:
        """A text of a stream in cassette space as its client is shown it."""
        head = stream.head.response
        answer = replace(head, headers=_typed(head), body=_encoded(kept))
        return self.client.show(answer, stream.exchange.question, stream.exchange.key).body

    def abandon(self, exchange: Exchange) -> None:
        """There is no answer to keep: the request is as if it had never been made."""
        self.recorder.abandon(exchange)
        for freed in self.client.release(exchange.question, exchange.key):
            self.upstream.names.release(freed.hole.value, freed.recorded)

    def take(self, handed: HandOver, answer: SandboxAnswer) -> Response:
        """What somebody else answered to a miss, as the client is shown it. What it changed is from now on in a state
        that was never recorded."""
        self._synthesized["sandbox"] += 1
        self.client.bind(handed.question)
        self.player.lose(answer.touched, answer.objects, answer.number)
        self.player.tell(answer.response.date, write=not stamps.is_read(handed.asked.method))
        return self.client.show(answer.marked(self._api.rules, "sandbox"), handed.question, handed.key)

    def said_besides(self, handed: HandOver, said: Iterable[bytes]) -> tuple[Due, ...]:
        """What somebody else said by himself behind his answer to a miss, as the program is shown it."""
        live = handed.question.arrival.key
        own = {handed.key: live} if handed.key and live else {}
        now, headers = self.clock.now, (("Content-Type", WEBHOOK_TYPE),)
        found = (Delivery(Cause("", ""), Request("POST", "/", headers, body)) for body in said)
        return tuple(self._shown_sent(one, own, now) for one in found)

    @property
    def credentials(self) -> frozenset[str]:
        """What opens the upstream, though no client sends it."""
        return self._policy.credentials

    def scrubbed(self, text: str, credentials: frozenset[str] = frozenset()) -> str:
        """A text without secrets, for the log."""
        return self._refusals.scrubbed(text, credentials)

    def shown_path(self, request: Request) -> str:
        """The path of a request without secrets, in whatever way they are spelled, for the log."""
        plain, opening = masking.withheld(replace(request, body=b""), self._api.rules, lambda _: False)
        credentials = by_name.credentials_of(request.headers) | self._policy.credentials
        return masking.shown_path(plain.path, self._api.rules, credentials | opening)

    @property
    def api(self) -> Api:
        """Which API that is, and what is known of it."""
        return self._api

    def so_far(self) -> Cassette:
        """What there is of a cassette that is being recorded: what would be saved now."""
        kept = () if self.mode is Mode.ALL else (entry.interaction for entry in self._index.entries)
        return Cassette((*kept, *self.recorder.arranged(keeping=False)), self.facts)

    # -- what came of it ----------------------------------------------------------------------------------------

    @property
    def facts(self) -> Facts | None:
        """What the file says of itself; None as long as nothing tells where its clock starts."""
        epoch = self.clock.epoch
        return None if epoch is None else Facts(self._api.upstream, self._api.rules.name, epoch)

    @property
    def play_count(self) -> int:
        """How many requests were answered from the cassette, with what it holds or with what follows from that."""
        return self.player.plays + self._synthesized.total()

    def receipt(self) -> Receipt:
        anew = self.mode is Mode.ALL
        recorded = len(self.recorder)
        return Receipt(
            recorded=recorded,
            played=self.player.plays,
            missed=len(self.misses),
            kinds=tuple(sorted(self._synthesized.items())),
            bound=0 if recorded else self.client.bindings.bound,
            lenient=self.player.lent,
            scrubbed=self.upstream.scrubbed,
            ignored=self._ignored,
            unused=0 if anew else len(self._index) - self.player.played,
            unrecorded=self.recorder.passed_by,
            dropped=tuple(canonical.describe(entry.asked) for entry in self.recorder.dropped)
            if anew and recorded
            else (),
        )

    def cassette(self) -> Cassette | None:
        """The cassette to save; None where nothing was recorded."""
        facts = self.facts
        if not len(self.recorder) or facts is None:
            return None
        keeping = self.mode is Mode.NEW_EPISODES
        order = self.recorder.identified(keeping=keeping)
        deliveries = self.receiving.arranged(order, self._index.entries if keeping else ())
        settled = tuple(self.upstream.settled(interaction) for _, interaction in order)
        return Cassette(settled, facts, deliveries=deliveries)


# What a part of a session has to ask the others is handed to it by these, not by the session itself: the parts of a
# session that has ended go at once, without anybody's looking for circles.


def _first_turns(index: Index, *, adds: bool) -> Callable[[str], int]:
    """Recorded reads keep their turns when new ones are added: they are found by state, not by number."""

    def first(digest: str) -> int:
        equal = index.equal(digest)
        return len(equal) if adds and equal and stamps.is_read(equal[0].asked.method) else 0

    return first


def _not_asked(mode: Mode, player: Player, recorder: Recorder) -> Callable[[Entry], bool]:
    """Whether a recorded request has not been asked yet."""

    def is_free(entry: Entry) -> bool:
        if mode is Mode.ALL:
            return not recorder.has(entry)
        if stamps.is_read(entry.asked.method):
            return player.answers(entry.asked)
        return not player.has(entry) and player.fits(entry)

    return is_free
