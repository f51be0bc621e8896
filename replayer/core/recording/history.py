"""What took part in a session, in the order in which it was complete, and the file that comes of it."""

from collections.abc import Iterator

from replayer.core.cassette import Interaction
from replayer.core.matching import Entry, Index, stamps
from replayer.core.recording.exchange import Exchange
from replayer.core.recording.file_order import Event, arranged, emitters
from replayer.core.recording.partial_order import Before, Reach, Value

NOWHERE: Value = (-1, 0)  # before the first place of a file
NEVER: Value = (-1, -1)  # sorts what has a place already before what is put there now


class History:
    """The interactions of one session, recorded or played, over the cassette that was there before."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._places = Before(NOWHERE)
        self._recorded: dict[stamps.Identity, Interaction] = {}
        self._events: list[Event] = []
        self._numbers: dict[stamps.Identity, int] = {}
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

    def emitted(self, name: str) -> bool:
        """Whether an answer has told of that id."""
        return name in self._emitted

    def record(
        self, exchange: Exchange, interaction: Interaction, reach: Reach, emitted: frozenset[str], value: Value
    ) -> None:
        """That exchange was recorded, with that place among the others of its session."""
        known = self._index.by_identity.get(exchange.identity)
        place = (known.order, 0) if known else self._places.of(reach)
        rank = (place[0], NEVER if known else value, *exchange.form, exchange.asked.text)
        self._recorded[exchange.identity] = interaction
        behind = emitters(reach.named, self._emitted)
        question = exchange.asked.digest
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
        return ((one, self._interaction(one)) for one in (identities[number] for number in arranged(self._events)))

    def _interaction(self, identity: stamps.Identity) -> Interaction:
        recorded = self._recorded.get(identity)
        return recorded if recorded is not None else self._index.by_identity[identity].interaction

    @property
    def missing(self) -> list[Entry]:
        """What was there before and did not take part."""
        return [entry for entry in self._index.entries if not self.has(entry)]
