"""Bindings: which live value of a client stands for which recorded one. One for one, for the whole session.

a request, its holes filled with live values   ->   the recorded request that it is, and the bindings that this makes
a recorded answer                              ->   the answer with live values wherever the recorded ones stand
"""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import blake2b
from itertools import chain

from replayer.core.cassette import Interaction
from replayer.core.client import headers as traces
from replayer.core.client.candidates import Alike, Candidate
from replayer.core.client.holes import Finder, Hole, Holes
from replayer.core.client.now import in_words, meant_by, same_time, seconds_of
from replayer.core.client.question import Arrival, Binding, Question
from replayer.core.clock import Asked
from replayer.core.matching import Canonical, Entry, Index, canonical
from replayer.core.message import Request, Response, edit, shapes, wire
from replayer.core.naming import personal
from replayer.core.rules import Rules

LONGEST_ORIGIN = 4096  # characters; of a longer form the digest is hashed with each of its values, not all of it
DECLARED = ("volatile", "personal")  # the kinds of what has no shape of its own
LONGEST_MINTED = 256  # characters; no id that clients mint is longer, and no time
WORD = re.compile(r"""[^\s"'`<>(){}\[\]\\,]{4,}""")

Value = tuple[str, str]
"""Where it counts, the name of a field or "" for everywhere; and what stands there."""


@dataclass(frozen=True, slots=True)
class _Form:
    request: Request
    holes: Holes
    skeleton: str
    keys: Container[str]


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The holes of a request, found before its turn, and what it asks but for them; None where it has none. So they are
    whatever keys are in use, if none of its `values` is one."""

    found: tuple[Holes, str] | None
    values: frozenset[str]


Writer = Callable[[Hole, str], str]
"""What to write down for a value that no recorded request has a hole for, and its origin."""


class Bindings:
    """The bindings of one session over one cassette. `volatile` are the fields that the user declared; `is_free` tells
    whether a recorded request has not been asked yet."""

    def __init__(
        self,
        index: Index,
        rules: Rules,
        volatile: frozenset[str] = frozenset(),
        is_free: Callable[[Entry], bool] = lambda _: True,
    ) -> None:
        self._index, self._rules, self._volatile, self._is_free = index, rules, volatile, is_free
        made = cache(lambda: Alike(index.entries, rules, volatile))  # when it is first asked for; it holds no session
        self._finder, self._made = Finder(rules, lambda piece: made().known(piece), volatile), made
        self._ahead = object()  # what requests keep their forms by: it holds nobody, as this would
        self._recorded: dict[Value, str] = {}
        self._live: dict[Value, str] = {}
        self._keys: set[str] = set()
        self._kept: dict[wire.Headers, wire.Headers] = {}  # of recorded headers, those with ids that answers repeat
        self._minted: dict[int, tuple[str, ...]] = {}  # by the place in the file, what may be bound in an answer
        self._declared: dict[str, str] = {}  # live to recorded, of the fields that the user declared
        self._times: dict[int, int] = {}  # recorded to live, in seconds
        self.times = 0  # how often a time was bound
        self.ties = 0  # how often another value was, or was free again
        self._spelled: dict[tuple[str, str], str] = {}  # by field, times as we write them to as the client did
        self._held: Counter[Value] = Counter()  # by how many requests that were answered, or are on their way
        self._uses: dict[str, int] = {}  # of each form, how many requests were the first to bind a value

    def __repr__(self) -> str:
        return f"<Bindings {len(self._recorded)} bound>"

    @property
    def _alike(self) -> Alike:
        return self._made()

    def looks_through(self, request: Request) -> bool:
        """Whether that request has all recorded ones looked through for what their clients minted: the first does that
        may hold anything such."""
        return not self._made.cache_info().currsize and self._finder.likely(request, _KeysInUse(self._keys, None))

    @property
    def bound(self) -> int:
        """How many live values stand for recorded ones."""
        return len(self._recorded) + len(self._times)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The recorded values and the live ones that stand for them, each pair once, in the order of their coming."""
        return tuple(dict.fromkeys((recorded, live) for (_, live), recorded in self._recorded.items()))

    # -- from the client ----------------------------------------------------------------------------------------

    def understood(self, arrival: Arrival, write: Writer | None = None, *, meant: bool = False) -> Question:
        """What a live request asks. Without `write` nothing new is recorded: what fits no recorded hole stays, and what
        was recorded word for word is that, unless it may be `meant` otherwise."""
        request, credentials = arrival.request, arrival.credentials
        asked = self._index.understood(request, credentials)
        if write is None and not meant and self._index.same(asked):
            return _plainly(arrival, asked, request)
        if arrival.withheld is not None:  # only other tools, and older recordings, have secrets in their requests
            request, credentials = arrival.withheld, arrival.secrets
            asked = self._index.understood(request, credentials)
            if write is None and not meant and self._index.equal(asked.digest):
                return _plainly(arrival, asked, request)
        form = self._form(request, arrival.key)
        if form is None:
            return _plainly(arrival, asked, request)
        when = arrival.when()
        fitting = self._fitting(form, arrival, when, asked.chosen)
        if fitting is not None and (write is None or not _names_somebody(fitting)):
            values = [hole.value for hole in fitting.holes]
            question = self._question(arrival, form, values, when, fitting.entry.asked)
            # What is sent is written now: by then other keys may be in use.
            return question if write is None else replace(question, written=_always(question.request))
        if write is None:
            return _plainly(arrival, asked, request)
        question = self._question(arrival, form, self._new(form, write), when, asked)
        filled = question.request
        return replace(question, asked=canonical.canonical(filled, self._rules, credentials), written=_always(filled))

    def read(self, request: Request) -> None:
        """Find the holes of a request before its turn: they stay with it, and nothing that is bound is looked at."""
        form = self._formed(request, ())
        found = (form.holes, form.skeleton) if form else None
        _ = form and form.holes.distinct
        request.keep(self._ahead, _Ahead(found, self._finder.values(request)))

    def _form(self, request: Request, key: str | None) -> _Form | None:
        ahead: _Ahead | None = request.kept(self._ahead)
        if ahead is not None and key not in ahead.values and self._keys.isdisjoint(ahead.values):
            return _Form(request, *ahead.found, ()) if ahead.found else None
        return self._formed(request, _KeysInUse(self._keys, key))

    def _formed(self, request: Request, keys: Container[str]) -> _Form | None:
        if not self._finder.likely(request, keys):
            return None
        holes = self._finder.holes(request, keys)
        return _Form(request, holes, self._finder.skeleton(request, holes, keys), keys) if holes.all else None

    def _fitting(self, form: _Form, arrival: Arrival, when: Asked, chosen: dict[str, str]) -> Candidate | None:
        """The recorded request that this is: rather one not asked yet; a retry is the one that it was before."""
        bound = tuple(self._recorded.get(self._value(hole), hole.value) for hole in form.holes.distinct)
        exact = self._alike.exact(form.skeleton, bound)
        again = arrival.bound
        asked: Candidate | None = None
        for candidate in chain((exact,) if exact else (), self._alike.candidates(form.skeleton, self._taken)):
            pairs = zip(form.holes.distinct, candidate.holes, strict=True)
            if candidate.entry.asked.chosen != chosen or not all(
                self._fits(live, recorded, when, candidate) for live, recorded in pairs
            ):
                continue
            fresh = again is None and self._is_free(candidate.entry)
            if fresh or (again is not None and again == candidate.entry.key):
                return candidate
            asked = asked or candidate
            if not any(hole.kind == "time" for hole in candidate.holes):
                break  # whoever is bound to it stays with it
        return asked

    def _taken(self, hole: Hole) -> bool:
        return hole.kind != "time" and self._value(hole) in self._live

    def _fits(self, live: Hole, recorded: Hole, when: Asked, candidate: Candidate) -> bool:
        """Whether that live value may stand for that recorded one: neither stands for another one."""
        if live.kind == "time":
            return live.value == recorded.value or same_time(live.value, recorded.value, when, candidate.entry.date)
        known = self._recorded.get(self._value(live))
        return known == recorded.value if known is not None else self._value(recorded) not in self._live

    def _new(self, form: _Form, write: Writer) -> list[str]:
        """What to write down for each hole; a value that stands in two of different kinds has one name in both."""
        use, found = self._uses.get(form.skeleton, 0), dict[Value, str]()
        origin = form.skeleton if len(form.skeleton) <= LONGEST_ORIGIN else _digest(form.skeleton)
        values = []
        for number, hole in enumerate(form.holes.distinct):
            known = self._recorded.get(self._value(hole)) or found.get(self._value(hole))
            values.append(known or write(hole, f"{origin}\0{use}\0{number}"))
            if hole.kind != "time":
                found[self._value(hole)] = values[-1]
        return values

    def _question(self, arrival: Arrival, form: _Form, values: list[str], when: Asked, asked: Canonical) -> Question:
        pairs = tuple(map(Binding, form.holes.distinct, values))
        names = {(pair.hole.kind, pair.hole.value): pair.recorded for pair in pairs}
        written = partial(self._finder.filled, form.request, names, form.keys)
        times = {
            pair.hole.value: meant
            for pair in pairs
            if pair.hole.kind == "time" and (meant := meant_by(pair.hole.value, pair.recorded, when)) is not None
        }
        new = any(self._is_new(pair.hole) for pair in pairs)
        use = self._uses.get(form.skeleton, 0) if new else 0
        return Question(arrival, asked, written, pairs, times, form.skeleton, use)

    def _is_new(self, hole: Hole) -> bool:
        return hole.kind != "time" and self._value(hole) not in self._recorded

    def _value(self, hole: Hole) -> Value:
        everywhere = hole.kind not in DECLARED or len(hole.value) >= shapes.MIN_WORD
        return ("" if everywhere else hole.place, hole.value)

    # -- binding ------------------------------------------------------------------------------------------------

    def bind(self, question: Question) -> None:
        """The question is answered: what it made is bound from now on."""
        new = False
        for pair in question.pairs:
            hole = pair.hole
            if hole.kind == "time":
                meant = question.times.get(hole.value)
                if meant is not None:
                    self._times[meant.written] = meant.live
                    self.times += 1
                    self._spell(pair)
                continue
            self._held[self._value(hole)] += 1
            if self._is_new(hole):
                new = True
                self._tie(self._value(hole), pair.recorded)
                if hole.kind in DECLARED and len(hole.value) >= edit.MIN_ECHO:
                    self._declared[hole.value] = pair.recorded
        if new:
            self._uses[question.form] = self._uses.get(question.form, 0) + 1

    def _spell(self, pair: Binding) -> None:
        """A fraction of a second is no part of what a time means, but it is what the client wrote; and a day, or a time
        in a field that no rule knows, is told as it wrote it where the recorded answer repeats the recorded one."""
        live = pair.hole.value
        instant = seconds_of(live)
        whole = instant.write(instant.seconds) if instant else live
        key = pair.hole.place.removesuffix("[]").rstrip("]").rpartition("[")[2]
        for text in (whole, *(() if pair.recorded.isdigit() else (pair.recorded,))):
            if text != live:
                self._spelled.setdefault((key, text), live)

    def written(self, key: str, text: str) -> str:
        """A time of the client's in a field of that name as the client wrote it."""
        return self._spelled.get((key, text), text)

    @property
    def has_spelled(self) -> bool:
        return bool(self._spelled)

    def bind_key(self, live: str, recorded: str) -> None:
        """An idempotency key is bound where it stands in a header, too. Of a request that failed and is tried again
        under another key the last one counts."""
        self._keys.add(live)
        self._held["", live] += 1
        if ("", live) not in self._recorded and ("", recorded) not in self._live:
            self._tie(("", live), recorded)

    def untie(self, question: Question) -> list[Binding]:
        """The question was never answered: what it alone has bound is free again."""
        pairs = [pair for pair in question.pairs if pair.hole.kind != "time"]
        freed = [pair for pair in pairs if self._untie(self._value(pair.hole))]
        if freed and self._uses.get(question.form) == question.use + 1:
            self._uses[question.form] -= 1
        return freed

    def untie_key(self, live: str) -> None:
        """So is its idempotency key."""
        self._untie(("", live))
        if ("", live) not in self._held:
            self._keys.discard(live)

    def _untie(self, value: Value) -> bool:
        """One holds that value less; gives whether it was the last one."""
        self._held[value] -= 1
        if self._held[value] > 0:
            return False
        del self._held[value]
        recorded = self._recorded.get(value)
        if recorded is None:
            return False
        self.ties += 1
        del self._recorded[value], self._live[value[0], recorded]
        self._declared.pop(value[1], None)
        return True

    def bind_headers(self, live: wire.Headers, recorded: Interaction) -> None:
        """So are the ids in other headers, where the recorded answer repeats them."""
        for one, other in traces.bound(live, self.kept(recorded)):
            if ("", one) not in self._recorded and ("", other) not in self._live:
                self._tie(("", one), other)

    def kept(self, recorded: Interaction) -> wire.Headers:
        """The headers of a recorded request that were kept for the ids in them, which its answer repeats."""
        headers = recorded.request.headers
        kept = self._kept.get(headers)
        if kept is None:
            kept = self._kept[headers] = traces.own(headers, self._rules)
        return kept

    def _tie(self, live: Value, recorded: str) -> None:
        self.ties += 1
        self._recorded[live] = recorded
        self._live[(live[0], recorded)] = live[1]

    def minted_in(self, entry: Entry) -> frozenset[str]:
        """What stands in a recorded request for values that its client had minted."""
        return self._alike.minted.get(entry.order, frozenset())

    def live(self, recorded: str) -> str | None:
        """The live value that stands for a recorded one, if there is one."""
        return self._live.get(("", recorded))

    def in_words(self, live: str, recorded: str, when: Asked) -> tuple[str, str] | None:
        """Two times as what they mean, each at its own moment; None where one of them is none."""
        if max(len(live), len(recorded)) > LONGEST_MINTED:
            return None
        if not shapes.LIKELY.search(live) or not shapes.LIKELY.search(recorded):
            return None  # no times: a miss asks this of all fields that differ
        return in_words(live, recorded, when)

    def may_be(self, live: str, recorded: str, when: Asked) -> bool:
        """Whether these two could be one, if nothing else spoke against it."""
        if self._recorded.get(("", live)) == recorded:
            return True
        if max(len(live), len(recorded)) > LONGEST_MINTED:
            return False
        if not shapes.LIKELY.search(live) or not shapes.LIKELY.search(recorded):
            return False  # neither a time nor an id: most are not, and a miss compares all that there is
        if same_time(live, recorded, when, None):
            return True
        looks = [[piece.shape for piece in shapes.pieces(text) if piece.text == text] for text in (live, recorded)]
        free = ("", live) not in self._recorded and ("", recorded) not in self._live
        return free and looks[0] == looks[1] and looks[0][:1] in [[shape] for shape in shapes.MINTED]

    def recorded(self, live: str) -> str | None:
        """What stands for a live value, if it is bound."""
        return self._recorded.get(("", live))

    # -- to the client and to disk ------------------------------------------------------------------------------

    def echo(self, response: Response, more: Mapping[str, str] | None = None, order: int = -1) -> Response:
        """A recorded answer as this client is to be told it; `more` are recorded values of this one exchange. The
        answer of that place in the file is searched once."""
        values = dict(self._bound_in(response, order)) if self._live else {}
        if more:
            values |= more
        if not all(map(str.isascii, values.values())):  # bytes that are no text stay what was recorded for them
            values = {recorded: live for recorded, live in values.items() if not wire.HALF.search(live)}
        return edit.echoed(response, values) if values else response

    def may_echo(self, response: Response, order: int) -> bool:
        """Whether the answer of that place in the file may hold a value that a client makes anew in each run."""
        return bool(self._volatile or self._rules.personal or self._minted_at(response, order))

    def live_time(self, seconds: int) -> int | None:
        """The time that the client wrote where a recorded one stands, in seconds since 1970."""
        return self._times.get(seconds)

    def recorded_times(self) -> Iterator[int]:
        """The times in the recorded requests, in seconds since 1970."""
        holes = (hole for holes in self._alike.all_holes for hole in holes if hole.kind == "time")
        yield from (instant.seconds for hole in holes if (instant := seconds_of(hole.value)) is not None)

    def to_record(self, response: Response) -> Response:
        """An answer of the upstream as it is to be recorded: live values without a shape become recorded ones."""
        if not self._recorded:
            return response
        words = (word for word in _words(response) if word in self._keys)
        keys = {word: recorded for word in words if (recorded := self._recorded.get(("", word))) is not None}
        return edit.echoed(response, self._declared | keys)

    def _bound_in(self, response: Response, order: int) -> Iterator[tuple[str, str]]:
        for text in self._minted_at(response, order):
            if (live := self._live.get(("", text))) is not None:
                yield text, live
        yield from ((recorded, live) for live, recorded in self._declared.items())

    def _minted_at(self, response: Response, order: int) -> tuple[str, ...]:
        minted = self._minted.get(order)
        if minted is None:
            minted = _minted_in(response)
            if order >= 0:
                self._minted[order] = minted
        return minted


def _names_somebody(candidate: Candidate) -> bool:
    """Whether a recorded request has a real value where a stand-in belongs: the rules did not say so then."""
    return any(hole.kind == "personal" and personal.may_be_real(hole.value) for hole in candidate.holes)


def _plainly(arrival: Arrival, asked: Canonical, request: Request) -> Question:
    """The question of a request that binds nothing."""
    return Question(arrival, asked, _always(request))


def _always(request: Request) -> Callable[[], Request]:
    return lambda: request


class _KeysInUse:
    """The idempotency keys that were bound, and the one of a request that is about to be."""

    __slots__ = ("_bound", "_own")

    def __init__(self, bound: Container[str], own: str | None) -> None:
        self._bound, self._own = bound, own

    def __contains__(self, text: object) -> bool:
        return text == self._own or text in self._bound


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _words(response: Response) -> Iterator[str]:
    """What stands in an answer between spaces and quotes: a key that it repeats is one of these."""
    for _, value in response.headers:
        yield value
    for word in WORD.findall(response.text):
        yield word
        yield word.rstrip(".,;:!?")


def _minted_in(response: Response) -> tuple[str, ...]:
    """The ids in an answer that a client may have minted."""
    texts = (response.text, *(value for _, value in response.headers))
    found = (
        piece.text
        for text in texts
        if shapes.LIKELY.search(text)
        for piece in shapes.ids(text)
        if piece.shape in shapes.MINTED
    )
    return tuple(dict.fromkeys(found))
