"""The client's space, and the way between it and the cassette. What a client mints is its own, what it counts from its
clock means what it meant when it was recorded, links lead to the proxy, and times may be moved.

client  -- ask -->   what a request asks, in the words of the cassette; nothing is bound yet
client  <-- show --  a recorded answer, in the client's own words
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from replayer.core.cassette import Interaction
from replayer.core.client.bindings import Bindings, Writer
from replayer.core.client.holes import Hole
from replayer.core.client.now import written_for
from replayer.core.client.question import Arrival, Binding, Question
from replayer.core.client.shifting import Shifting
from replayer.core.client.spellings import Spellings
from replayer.core.clock import SessionClock, fields, relative
from replayer.core.matching import Entry, Index
from replayer.core.message import Request, Response, edit, leaves, shapes, wire
from replayer.core.naming import Names, aliases, personal, tokens
from replayer.core.rules import Api
from replayer.core.secrets import by_name, masking


def _validated(headers: wire.Headers, tag: str | None) -> wire.Headers:
    return headers if tag is None else tuple((n, tag if n.lower() == "etag" else value) for n, value in headers)


class ClientSpace:
    """Between the cassette and the client of one session. `volatile` are the fields that the user declared; `is_free`
    tells whether a recorded request has not been asked yet; `own` are credentials that go out with each request."""

    def __init__(
        self,
        index: Index,
        api: Api,
        clock: SessionClock,
        names: Names,
        volatile: frozenset[str] = frozenset(),
        is_free: Callable[[Entry], bool] = lambda _: True,
        own: frozenset[str] = frozenset(),
    ) -> None:
        self._rules, self._links, self._clock, self._names = api.rules, api.links, clock, names
        self._index = index
        self.bindings = Bindings(index, api.rules, volatile, is_free)
        self._spellings = Spellings(index, names, api.rules, clock)
        self._shifting: Shifting | None = None
        self._own = own
        self._opening: set[str] = set()  # what requests said so far that opens something
        self._ready: dict[tuple[int, int], Response] = {}
        self._validators: dict[str, str] = {}  # of ETags that are checksums of what was shown, the recorded ones
        self._counted: dict[tuple[str, str, int], int] = {}  # by object, field and recorded time

    def __repr__(self) -> str:
        return f"<ClientSpace {self.bindings!r}>"

    # -- from the client ----------------------------------------------------------------------------------------

    def ask(self, request: Request, at: float, clock: float | None = None, *, new: bool = False) -> Question:
        """What a request asks that arrived at that real time. `clock` is what its client takes for now, if somebody has
        set the clock that it looks at. `new` is it if what nobody recorded may be recorded."""
        key = request.header("idempotency-key")
        request = self._from_client(request)
        asks, opening = masking.withheld(request, self._rules, self._stands_for_one)
        self._opening |= opening
        arrival = Arrival(
            request=request,
            at=at,
            when=lambda: self._clock.asked(at, clock),
            key=key,
            retries=key if request.method.upper() in self._rules.keyed else None,
            bound=self.bindings.recorded(key) if key else None,
            credentials=by_name.credentials_of(request.headers) | self._own,
            withheld=asks if asks is not request or self._opening else None,
            opening=frozenset(self._opening),
        )
        return self.bindings.understood(arrival, self._writer(arrival) if new else None)

    def read(self, request: Request) -> None:
        """Find out before its turn what of a request depends on nothing that happens in the session. `ask` finds it
        with the request, as long as that is understood as it stands."""
        self._spellings.read(request)
        self._index.read_ahead(request, by_name.credentials_of(request.headers) | self._own)
        self.bindings.read(request)

    def _stands_for_one(self, secret: str) -> bool:
        """Whether that only stands for a credential: an answer gave it out, or it is a hole that is bound."""
        plain = secret.strip("\"'")
        found = list(shapes.ids(plain))
        if len(found) == 1 and found[0].text == plain:
            return found[0].shape in shapes.MINTED or aliases.is_alias(found[0].shape, plain)
        return tokens.stands_in(plain) or self._names.real_of(plain) is not None

    def as_meant(self, question: Question) -> Question:
        """The same request where what it says word for word was not recorded: its words may have another meaning."""
        return self.bindings.understood(question.arrival, meant=True)

    def as_recorded(self, question: Question) -> Question:
        """The same request as a recording would have written it down. Where the times of a cassette are not ours, but
        those of another tool, they are virtual to nobody, and stay."""
        write = self._writer(question.arrival)

        def stand_in(hole: Hole, origin: str) -> str:
            return hole.value if hole.kind == "time" and self._clock.epoch is None else write(hole, origin)

        return self.bindings.understood(question.arrival, stand_in)

    def _writer(self, arrival: Arrival) -> Writer:
        """What stands for the values that a client mints."""

        def write(hole: Hole, origin: str) -> str:
            match hole.kind:
                case "time":
                    return written_for(hole.value, arrival.at, arrival.when())
                case "key":
                    return aliases.key_alias(hole.value, origin)
                case "personal":
                    return self._names.alias_of(hole.value) or personal.stand_in(hole.value, origin)
                case "volatile":
                    return aliases.pictured(hole.value, origin)
                case _:
                    return self._names.alias_of(hole.value) or aliases.alias(hole.kind, hole.value, origin)

        return write

    def _from_client(self, request: Request) -> Request:
        """The request with its links leading to the upstream's own address, and its times, as the cassette has them."""
        links = self._links
        if self._validators:
            request = edit.validated(request, self._validators)
        if self._shifting is not None:
            request = self._shifting.from_client(request).summed(request)
        request = self._spellings.translated(request)
        if not links.names_client(request.target) and not links.names_client(request.body.decode("latin-1")):
            return request
        text = request.content.text
        named = request.with_text(links.from_client(text)) if text else request
        target = links.from_client(request.target)
        if target != named.target:
            named = replace(named, target=target)
        return named.summed(request)  # the same one, with all that was read of it, where it only looked as if

    # -- binding ------------------------------------------------------------------------------------------------

    def bind(self, question: Question, key: str | None = None) -> None:
        """The question is answered: what it made is bound from now on. `key` is what stands for its idempotency key."""
        self.bindings.bind(question)
        if question.arrival.key and key:
            self.bindings.bind_key(question.arrival.key, key)

    def release(self, question: Question, key: str | None) -> list[Binding]:
        """The question was never answered: what it alone has bound is free again."""
        if question.arrival.key and key:
            self.bindings.untie_key(question.arrival.key)
        return self.bindings.untie(question)

    def bind_headers(self, question: Question, interaction: Interaction) -> None:
        """So are the ids in its headers that the recorded answer repeats."""
        self.bindings.bind_headers(question.arrival.request.headers, interaction)

    def to_record(self, response: Response) -> Response:
        """An answer of the upstream with what stands for the client's own values, where these have no shape."""
        recorded = self.bindings.to_record(response).summed(response)
        # By its own validator the upstream is asked again: it stays, even if it is no checksum of that body any more.
        return replace(recorded, headers=_validated(recorded.headers, response.header("etag")))

    # -- what stays ---------------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """How often anything was bound or shown that may change how a request is understood or an answer shown."""
        times, moved, spelled, opening = self.shown_by
        return self.bindings.ties + times + moved + spelled + opening

    @property
    def shown_by(self) -> tuple[int, int, int, int]:
        """What all requests are understood and all recorded answers shown by: how many times were bound, how many were
        shown as moved, how many spellings the client has of its own, and how many secrets it has said."""
        moved = len(self._shifting.shown) if self._shifting else 0
        return self.bindings.times, moved, self._spellings.changes, len(self._opening)

    def echoes(self, order: int) -> bool:
        """Whether the answer of that place in the file, which was shown before, may repeat what a client minted."""
        shown = self._ready.get((order, self.bindings.times))
        return shown is None or self.bindings.may_echo(shown, order)

    # -- to the client ------------------------------------------------------------------------------------------

    def show(self, response: Response, question: Question, key: str | None = None, order: int = -1) -> Response:
        """A recorded answer as this client is shown it. `key` is what stands for the idempotency key in it, `order` the
        place in the file of an answer that will be shown again, and is made ready once."""
        shown = self._ready_at(order, response) if order >= 0 and not question.counted else None
        if shown is None:
            shown = self._to_client(response, question.counted)
        own = {key: question.arrival.key} if key and question.arrival.key else {}
        shown = self.bindings.echo(shown, self._spellings.shown | own, order).summed(response)
        tags = [message.header("etag") for message in (shown, response)]
        if tags[0] != tags[1] and tags[0] and tags[1]:
            self._validators[tags[0]] = tags[1]
        return shown

    def show_sent(self, response: Response, own: Mapping[str, str]) -> Response:
        """What the API said by itself, as the program is shown it; `own` are the idempotency keys in it, recorded to
        live."""
        shown = self._to_client(response, {})
        return self.bindings.echo(shown, {**self._spellings.shown, **own}).summed(response)

    def _ready_at(self, order: int, response: Response) -> Response:
        place = (order, self.bindings.times)  # whoever binds another time may be shown another one
        ready = self._ready.get(place)
        if ready is None:
            ready = self._ready[place] = self._to_client(response, {})
        return ready

    def _to_client(self, response: Response, counted: dict[int, int]) -> Response:
        """`counted` are the times that its own request counted from now, recorded to live: they stay what they are
        wherever they came to stand, whoever counts the same next."""
        links, head = self._links, "\n".join([value for _, value in response.headers])
        if links.names_cassette(head):
            named = tuple((name, links.to_client(value)) for name, value in response.headers)
            response = replace(response, headers=named)
        # Bytes that are packed, or in a charset that is not plain, show nothing of what is in them.
        hidden = "encoding" in head or "charset" in head or response.header("content-encoding") is not None
        if hidden or links.names_cassette(response.body.decode("latin-1")):
            text = response.content.text
            response = response.with_text(links.to_client(text)) if text else response
        return self._timed(response, counted)

    def _timed(self, response: Response, counted: dict[int, int]) -> Response:
        shifting = self._begun()
        if shifting is None and not self.bindings.times:
            return response

        def live(leaf: leaves.Leaf, seconds: int) -> int | None:
            owner = leaf.node.owner.string("id") if leaf.node else None
            fact = (owner or "", leaf.within_owner, seconds)
            if seconds in counted:
                self._counted[fact] = counted[seconds]
            if owner and fact in self._counted:
                return self._counted[fact]
            # Times that are counted from the epoch are told from all others; another tool's are not.
            return counted.get(seconds) if self._clock.epoch is None else self.bindings.live_time(seconds)

        if shifting is not None:
            response = shifting.to_client(response, live)
        else:
            response = fields.retimed(response, self._rules, lambda leaf, seconds: live(leaf, seconds) or seconds)
        if not self.bindings.has_spelled:
            return response
        return edit.mapped_text(response, lambda leaf: self.bindings.written(leaf.key, leaf.value))

    def _begun(self) -> Shifting | None:
        """How times are moved, once it is known where the clock of the cassette starts; None where they are not."""
        epoch = self._clock.epoch
        if self._shifting is None and epoch is not None and self._clock.shift:
            kept = filter(lambda seconds: self._is_constant(seconds, epoch), self.bindings.recorded_times())
            self._shifting = Shifting(self._rules, self._clock, frozenset(kept))
        return self._shifting

    def _is_constant(self, seconds: int, epoch: int) -> bool:
        """Whether a recorded time belongs to no session: neither is it counted from now nor from what was shown."""
        counted = relative.meanings(seconds, relative.Now((epoch + relative.WRITTEN_AT,), exact=True))
        return (seconds - epoch) % relative.DAY > self._clock.last - epoch and not counted
