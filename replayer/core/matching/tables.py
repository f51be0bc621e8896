"""What an index looks things up in, each found out once: by whoever reads the cassette, or before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from replayer.core.matching.entry import Entry, Interactions
from replayer.core.matching.stamps import NOTHING, Stamp, write_number
from replayer.core.matching.writes import Needs


@dataclass(slots=True)
class Tables:
    """All that is known of one cassette. `order` stands for a place in the file, `digest` for that of a question, `key`
    for what its answers are found by, and `spelled` for the words of a request."""

    source: Interactions
    entries: list[Entry] = field(default_factory=list)
    attempts: dict[str, list[list[Entry]]] = field(default_factory=dict)  # by the digest of a write
    seen: dict[str, list[Entry]] = field(default_factory=dict)  # by digest
    spelled: dict[bytes, int] = field(default_factory=dict)  # an order with that question
    reads: dict[tuple[str, Stamp], list[Entry]] = field(default_factory=dict)  # by key
    open: dict[tuple[str, Stamp], list[Entry]] = field(default_factory=dict)  # by the key of a write
    resources: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by the digest of a read
    needs: dict[str, Needs] = field(default_factory=dict)  # by the digest of a write
    changed: dict[int, frozenset[str]] = field(default_factory=dict)  # by the order of a write
    later: dict[int, dict[int, frozenset[str]]] = field(default_factory=dict)  # what it changes from another one on
    shown: dict[int, Stamp] = field(default_factory=dict)  # the state of what its answer tells of besides
    state: dict[int, Stamp] = field(default_factory=dict)  # the state in which it was recorded
    counting: dict[str, set[str]] = field(default_factory=dict)  # by digest, the headers that choose the answer
    choosing: tuple[str, ...] = ()  # all of these
    length: int = 0  # bytes of all bodies, at most
    longest: dict[str, int] = field(default_factory=dict)  # by the path, the bytes of the longest answer, at most
    numbers: dict[int, int] = field(default_factory=dict)  # each write as one number
    last_date: int | None = None  # the latest virtual time of any answer

    def place(self, entry: Entry) -> None:
        """The next interaction of the file."""
        digest, occurrence, _ = entry.identity
        self.entries.append(entry)
        if entry.date is not None:
            self.last_date = max(self.last_date or entry.date, entry.date)
        self.seen.setdefault(digest, []).append(entry)
        if not entry.reads:
            occurrences = self.attempts.setdefault(digest, [])
            if occurrence == len(occurrences):
                occurrences.append([])
            occurrences[occurrence].append(entry)

    def stand(self, entry: Entry, key: str, state: Stamp) -> None:
        """It was recorded in that state."""
        if entry.reads:
            self.reads.setdefault((key, state), []).append(entry)
            return
        self.state[entry.order] = state
        if not entry.identity[2]:
            self.open.setdefault((key, state), []).append(entry)

    def number_of(self, write: Entry) -> int:
        """That write as one number, the same in every session."""
        number = self.numbers.get(write.order)
        if number is None:
            number = self.numbers[write.order] = write_number(write.identity)
        return number

    def later_changes(self, write: Entry) -> Mapping[int, frozenset[str]]:
        """What it may show otherwise once the write of that number was played, too."""
        later = self.later.get(write.order)
        if later is None:
            return NOTHING
        return {self.number_of(self.entries[order]): resources for order, resources in later.items()}

    def is_repeat(self, entry: Entry) -> bool:
        """Whether that is a retry of a write and its answer only says again what an earlier attempt was told: how
        things were then, not how they are."""
        digest, occurrence, attempt = entry.identity
        if entry.reads or not attempt:
            return False
        return any(each.status == entry.status for each in self.attempts[digest][occurrence][:attempt])
