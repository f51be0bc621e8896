"""A recording asked again, request by request, as if it were the API that another one is recorded from."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from replayer.core.cassette import Cassette, Interaction
from replayer.core.clock import relative
from replayer.core.drift import Change, Compared, drift
from replayer.core.matching import Entry, Index, canonical
from replayer.core.message import Request, wire
from replayer.core.modes import Mode
from replayer.core.recording import Exchange, Forward
from replayer.core.rules import Api, Rules
from replayer.core.secrets import masking
from replayer.core.session import Policy, Session, verdicts
from replayer.core.union.own_names import OwnNames

OTHER_STATES = "no order of all that the shards did gives it again: it depends on what another one changed"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request that does not get the answer of its recording. `changes` tell how that differs, or `why` does."""

    request: str
    why: str = ""
    changes: tuple[Change, ...] = ()


class Anew:
    """What `cassette` holds, recorded over an older one, of which all stays; or over nothing."""

    def __init__(self, older: Cassette | None, cassette: Cassette, rules: Rules) -> None:
        self._older, self._newer, self._rules = older, cassette, rules
        mode = Mode.ALL if older is None else Mode.NEW_EPISODES
        self._session = _session(older, cassette, rules, mode)
        self._names = OwnNames()
        self._added: set[int] = set()  # of reads in whose states more was recorded, the last one that was known
        self.asked: list[Interaction] = []  # all of it, under its names there

    def __repr__(self) -> str:
        return f"<Anew {self._session!r}>"

    @property
    def cassette(self) -> Cassette:
        """What both hold."""
        return self._session.cassette() or self._older or replace(self._newer, interactions=())

    def all(self, step: Callable[[], None]) -> Iterator[Wrong]:
        """Ask for all of it, and tell what is answered otherwise than it is recorded."""
        for entry in Index(self._newer, self._rules).entries:
            step()
            if (wrong := self._ask(entry)) is not None:
                yield wrong

    def _ask(self, entry: Entry) -> Wrong | None:
        live = self._names.taken_off(entry)
        found = self._told(entry, live)
        if not isinstance(found, Wrong) and self._is_more(*found):
            exchange, _ = found
            self._session.abandon(exchange)
            if exchange.known is not None:
                self._added.add(exchange.known.order)
            found = self._told(entry, live, new=True)
        return found if isinstance(found, Wrong) else self._keep(entry, *found)

    def _told(self, entry: Entry, live: Interaction, *, new: bool = False) -> tuple[Exchange, Interaction] | Wrong:
        """A request on its way again, and with its answer under the names that both have here."""
        session, at = self._session, _at(entry)
        sent = session.again(session.upstream.as_named(live.request), at, _clock(self._newer), new=new)
        if not isinstance(sent, Forward):
            return Wrong(_line(entry), f"it cannot be asked again: {_first_line(sent)}")
        return sent.exchange, session.record(sent.exchange, live.response, at).interaction

    def _is_more(self, exchange: Exchange, told: Interaction) -> bool:
        """Whether a read is answered otherwise that was asked more often in this state than it was recorded: that is
        its next answer."""
        known = exchange.known
        if known is None or not known.reads or told.response == known.interaction.response:
            return False
        return known.order in self._added or self._session.player.is_spent(known)

    def _keep(self, entry: Entry, exchange: Exchange, told: Interaction) -> Wrong | None:
        known = exchange.known
        if known is None:
            told = replace(told, streamed=entry.interaction.streamed)
            self._session.recorder.keep(exchange, told)
            self.asked.append(told)
            return None
        self._session.confirm(exchange, known)
        recorded = known.interaction
        self.asked.append(recorded)
        if recorded.response == told.response:
            return None
        compared = Compared(entry.order + 1, entry.asked, recorded.response, told.response)
        changes = tuple(drift([compared], self._rules))
        return Wrong(_line(entry), changes=changes) if changes else None


def check(cassette: Cassette, asked: Iterable[Interaction], rules: Rules) -> Iterator[Wrong]:
    """What a client misses in a cassette, or is told otherwise, that asks for all of that alone."""
    session = _session(cassette, cassette, rules, Mode.NONE)
    for interaction in asked:
        at = float(interaction.date or 0)
        verdict = session.decide(interaction.request, at, _clock(cassette))
        told = verdict.response if isinstance(verdict, verdicts.Replay) else None
        if told is None or (told.status, told.body) != (interaction.status, interaction.response.body):
            yield Wrong(_described(interaction.request, rules), OTHER_STATES)
        interaction.forget()


def _session(older: Cassette | None, newer: Cassette, rules: Rules, mode: Mode) -> Session:
    """A session in which the one is recorded over the other."""
    facts = newer.facts
    origins = Counter(newer.origins) + Counter(older.origins if older else {})
    home = min(origins, key=lambda origin: (-origins[origin], origin), default="")
    rules = replace(rules, others=frozenset(origins) - {home})
    api = Api(rules, wire.Links(home, home, home), facts.upstream if facts else home)
    return Session(older, api, Policy(mode, allow_live=True, strict=True, epoch=facts.epoch if facts else None))


def _at(entry: Entry) -> float:
    return float(entry.date or 0)


def _clock(cassette: Cassette) -> float | None:
    """What a cassette counts from now, it counts from there."""
    return cassette.facts.epoch + relative.WRITTEN_AT if cassette.facts else None


def _line(entry: Entry) -> str:
    return masking.shown_text(canonical.describe(entry.asked))


def _described(request: Request, rules: Rules) -> str:
    return masking.shown_text(canonical.describe(canonical.canonical(request, rules)))


def _first_line(verdict: verdicts.Verdict) -> str:
    return verdict.message.partition("\n")[0] if isinstance(verdict, verdicts.Refuse) else "it is refused"
