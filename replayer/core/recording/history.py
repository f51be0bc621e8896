"""What took part in a session, in the order in which it was complete, and the file that comes of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from replayer.core.cassette import Interaction
from replayer.core.matching import Canonical, Entry, Index, stamps
from replayer.core.message import Response
from replayer.core.recording.exchange import Exchange
from replayer.core.recording.file_order import Event, arranged, emitters
from replayer.core.recording.partial_order import Before, Reach, Value

NOWHERE: Value = (-1, 0)  # before the first place of a file
ADDED = "\0added"  # what is only equal to a recorded read is not the next one of these
NEVER: Value = (-1, -1)  # sorts what has a place already before what is put there now


class History:
    """The interactions of one session, recorded or played, over the cassette that was there before. `adds` tells that
    reads are added to those that are there: these are found by their states, so that no number of theirs orders them.
    """

    def __init__(self, index: Index, *, adds: bool = False) -> None:
        self._index, self._adds = index, adds
        self._places = Before(NOWHERE)
        self._recorded: dict[stamps.Identity, Interaction] = {}
        self._writes: dict[stamps.Identity, Canonical] = {}  # of these, what was asked
        self._events: list[Event] = []
        self._numbers: dict[stamps.Identity, int] = {}
        self._dropped = set[int]()  # numbers of events of which nothing is kept
        self._emitted: dict[str, int] = {}  # the event that first told of an id

    def __repr__(self) -> str:
        return f"<History {len(self)} recorded, {len(self._events)} in all>"

    def __len__(self) -> int:
        return len(self._recorded)

    def split(self) -> None:
        """From here on several requests are under way at once."""
        self._places.split()

    def has(self, entry: Entry) -> bool:
        """Whether that recorded interaction took part, played or recorded again."""
        return entry.identity in self._numbers

    def number(self, exchange: Exchange) -> int:
        """Which of the events that exchange is."""
        return self._numbers[exchange.identity]

    def emitter(self, name: str) -> int | None:
        """The number of the event that first told of that id."""
        return self._emitted.get(name)

    def emit(self, exchange: Exchange, names: Iterable[str]) -> None:
        """The answer to that exchange, which is not complete, has told of these ids by now."""
        for name in names:
            self._emitted.setdefault(name, self._numbers[exchange.identity])

    def complete(self, exchange: Exchange, interaction: Interaction, reach: Reach, emitted: frozenset[str]) -> None:
        """An exchange that was entered when its answer began is complete. Its place is that of its begin."""
        number = self._numbers[exchange.identity]
        self._recorded[exchange.identity] = interaction
        behind = frozenset(one for one in emitters(reach.named, self._emitted) if one < number)
        self._events[number] = replace(self._events[number], touches=reach.touches, behind=behind)
        self.emit(exchange, emitted)

    def leave_out(self, exchange: Exchange) -> None:
        """An exchange that was entered is none after all: nothing of it is kept."""
        self._recorded.pop(exchange.identity, None)
        self._dropped.add(self._numbers[exchange.identity])

    def record(
        self, exchange: Exchange, interaction: Interaction, reach: Reach, emitted: frozenset[str], value: Value
    ) -> None:
        """That exchange was recorded, with that place among the others of its session."""
        known = self._index.by_identity.get(exchange.identity)
        place = (known.order, 0) if known else self._places.of(reach)
        rank = (place[0], NEVER if known else value, *exchange.form, exchange.asked.text)
        self._recorded[exchange.identity] = interaction
        if not reach.reads:
            self._writes[exchange.identity] = exchange.asked
        behind = emitters(reach.named, self._emitted)
        question = exchange.asked.digest
        if self._adds and reach.reads:
            question += ADDED
        order = known.order if known else None
        event = Event(rank, question, exchange.identity[1:], reach.reads, reach.touches, behind, order)
        self._add(exchange.identity, event, reach, emitted, place)

    def play(self, entry: Entry, reach: Reach, emitted: frozenset[str], *, kept: bool = False) -> None:
        """That recorded interaction was played, for the first time; or it only comes along, because it is `kept`."""
        digest, *nth = entry.identity
        rank = (entry.order, NEVER, "", 0, "")
        behind = emitters(reach.named, self._emitted)
        event = Event(rank, digest, (nth[0], nth[1]), reach.reads, reach.touches, behind, entry.order, kept)
        self._add(entry.identity, event, reach, emitted, (entry.order, 0))

    def _add(
        self, identity: stamps.Identity, event: Event, reach: Reach, emitted: frozenset[str], place: Value
    ) -> None:
        number = len(self._events)
        self._places.enter(reach, place, emitted)
        self._events.append(event)
        self._numbers[identity] = number
        for name in emitted:
            self._emitted.setdefault(name, number)

    def arranged(self) -> Iterator[tuple[stamps.Identity, Interaction]]:
        """All of it in the order of the file, each by what tells it from all others."""
        identities = list(self._numbers)
        order = (number for number in arranged(self._events) if number not in self._dropped)
        return ((one, self._interaction(one)) for one in (identities[number] for number in order))

    def touch_more(self, touched: Callable[[Canonical, Response], frozenset[str]]) -> None:
        """What belongs together is known of all of it by now, so what was written touches what that tells."""
        for identity, asked in self._writes.items():
            number = self._numbers[identity]
            event = self._events[number]
            more = touched(asked, self._recorded[identity].response)
            self._events[number] = replace(event, touches=event.touches | more)

    def _interaction(self, identity: stamps.Identity) -> Interaction:
        recorded = self._recorded.get(identity)
        return recorded if recorded is not None else self._index.by_identity[identity].interaction

    @property
    def missing(self) -> list[Entry]:
        """What was there before and did not take part."""
        return [entry for entry in self._index.entries if not self.has(entry)]
