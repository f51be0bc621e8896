"""Two recordings of one API, compared but for their names: the requests of the first are asked of the second, as a
check asks a live API. So an id, a token or a time that only has another name is no difference.

first   POST /v1/invoices  -> in_a    GET /v1/invoices/in_a          asked: GET /v1/invoices/in_b
second  POST /v1/invoices  -> in_b    GET /v1/invoices/in_b          answered, and read back as in_a
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import count

from replayer.core.cassette import Cassette
from replayer.core.drift.differences import endpoint
from replayer.core.drift.drift import Compared
from replayer.core.drift.minted import Minted
from replayer.core.drift.renaming import adopted, grown
from replayer.core.matching import Canonical, Entry, Index, canonical
from replayer.core.message import edit, wire
from replayer.core.modes import Mode
from replayer.core.recording import Forward
from replayer.core.rules import Api, Rules
from replayer.core.secrets import masking
from replayer.core.session import Policy, Session, verdicts

LENT = ("replayer-lenient",)  # our own header is no answer of the API
NOON = 43_200  # seconds: what a client counts from now, it counted on the day of the recording


@dataclass(frozen=True, slots=True)
class Alone:
    """A request that only one of the recordings has, by its number there. `changed` are the fields in which it differs
    from the one at the same endpoint that only the other has, where there is one: the name, ours, theirs."""

    number: int
    asked: Canonical
    changed: tuple[tuple[str, str | None, str | None], ...] = ()

    @property
    def request(self) -> str:
        """What was asked, as it may be shown."""
        return masking.shown_text(canonical.describe(self.asked))

    def __str__(self) -> str:
        return f"#{self.number} {self.request}"


@dataclass(frozen=True, slots=True)
class Recordings:
    """What came of it: the answers to what both have, and the requests that only one of them has."""

    compared: list[Compared]
    first: list[Alone]
    second: list[Alone]


def side_by_side(first: Cassette, second: Cassette, rules: Rules, step: Callable[[int], None]) -> Recordings:
    """Two recordings by the same rules, side by side; `step` is told how many requests there are, before each."""
    first, second = (adopted(grown(each, rules), rules) for each in (first, second))
    if not first.interactions or not second.interactions:
        return Recordings([], _alone(_entries(first, rules)), _alone(_entries(second, rules)))
    asking, answering = _Asking(first, second, rules), _Answering(second, rules)
    compared, missing = [], []
    for entry in asking.entries:
        step(len(asking.entries))
        found = asking.compared(entry, answering)
        if found is None:
            missing.append(entry)
        else:
            compared.append(found)
    return Recordings(compared, *_paired(missing, answering.unasked))


class _Answering:
    """The second recording as an API: it answers what it has, in another state if it must, and nothing else."""

    def __init__(self, cassette: Cassette, rules: Rules) -> None:
        self.origin = _origin(cassette)
        api = Api(rules, wire.Links(self.origin, self.origin, ""))
        self._session = Session(cassette, api, Policy(Mode.NONE, allow_live=True, lenient=True, strict=True))
        self._entries = _entries(cassette, rules)
        self.now = float(cassette.facts.epoch + NOON) if cassette.facts else 0.0

    @property
    def unasked(self) -> list[Entry]:
        return [entry for entry in self._entries if not self._session.player.has(entry)]

    def answer(self, forward: Forward) -> verdicts.Replay | None:
        match self._session.decide(forward.request, self.now):
            case verdicts.Replay() as found:
                return found
            case _:
                return None


class _Asking:
    """The first recording, recorded anew from the second."""

    def __init__(self, cassette: Cassette, other: Cassette, rules: Rules) -> None:
        origin, upstream = _origin(cassette), _origin(other)
        api = Api(rules, wire.Links(origin, origin, upstream))
        self._session = Session(cassette, api, Policy(Mode.ALL, allow_live=True))
        self.entries = _entries(cassette, rules)
        self._minted = Minted(_chosen(count()))

    def compared(self, entry: Entry, answering: _Answering) -> Compared | None:
        """Both answers to that request; None where the other recording has none, or names nothing of it."""
        request = self._minted.again(entry, self._session.client.bindings.minted_in(entry))
        match self._session.decide(request, answering.now):
            case Forward() as forward:
                found = answering.answer(forward)
            case _:
                return None
        if found is None:
            self._session.abandon(forward.exchange)
            return None
        response = replace(found.response, headers=wire.without(found.response.headers, LENT))
        interaction = self._session.record(forward.exchange, response, answering.now).interaction
        self._session.recorder.keep(forward.exchange, interaction)
        answer = interaction.response
        if forward.exchange.key and entry.key:
            answer = edit.echoed(answer, {forward.exchange.key: entry.key})
        return Compared(entry.order + 1, entry.asked, entry.interaction.response, answer)


def _chosen(numbers: Iterator[int]) -> Callable[[str], str]:
    """A choice that looks like chance and is the same in each run."""
    return lambda digits: digits[blake2b(str(next(numbers)).encode()).digest()[0] % len(digits)]


def _entries(cassette: Cassette, rules: Rules) -> list[Entry]:
    return list(Index(cassette, rules).entries)


def _origin(cassette: Cassette) -> str:
    return cassette.interactions[0].request.origin


def _alone(entries: list[Entry]) -> list[Alone]:
    return [Alone(entry.order + 1, entry.asked) for entry in entries]


def _paired(first: list[Entry], second: list[Entry]) -> tuple[list[Alone], list[Alone]]:
    """What only one of them has, those at one endpoint told by the fields in which they differ, in turn."""
    waiting: dict[str, list[Entry]] = {}
    for entry in reversed(second):
        waiting.setdefault(endpoint(entry.asked), []).append(entry)
    ours, theirs = [], {entry.order: Alone(entry.order + 1, entry.asked) for entry in second}
    for entry in first:
        others = waiting.get(endpoint(entry.asked))
        other = others.pop() if others else None
        changed = tuple(_changed(entry.asked, other.asked)) if other else ()
        ours.append(Alone(entry.order + 1, entry.asked, changed))
    return ours, list(theirs.values())


def _changed(ours: Canonical, theirs: Canonical) -> Iterator[tuple[str, str | None, str | None]]:
    """The fields of two requests that differ."""
    if ours.path != theirs.path:
        yield "path", ours.path, theirs.path
    for part, one, other in (("query", ours.query, theirs.query), ("body", ours.body, theirs.body)):
        mine, others = canonical.fields_of(one), canonical.fields_of(other)
        for name in dict.fromkeys([*mine, *others]):
            if mine.get(name) != others.get(name):
                yield f"{part} {name}".rstrip(), mine.get(name), others.get(name)
