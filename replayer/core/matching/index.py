"""The index of a cassette: any recorded answer by its question, in one look-up. Built once, never changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from replayer.core.cassette import Cassette, Interaction
from replayer.core.matching.canonical import Canonical, Spelling, canonical, spelling
from replayer.core.matching.stamps import (
    EVERYTHING,
    Causes,
    Identity,
    Stamp,
    ancestors,
    is_read,
    moved,
    suspects,
    write_number,
)
from replayer.core.message import Request
from replayer.core.rules import Rules

LATELY = 4096  # requests without a body that were not recorded so are remembered, up to so many


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded interaction with all that is known of it beforehand.

    `order` is its place in the file; `touched` what it touches, if it is a write; `date` the virtual time of its
    answer in seconds since 1970, None where the answer has no `Date`.
    """

    interaction: Interaction
    asked: Canonical
    identity: Identity
    order: int
    key: str | None
    touched: frozenset[str]
    date: int | None


class _Counted(NamedTuple):
    occurrence: int
    attempt: int


class Index:
    """A cassette, made ready to be asked."""

    def __init__(self, cassette: Cassette, rules: Rules) -> None:
        self.entries: list[Entry] = []
        self.last_date: int | None = None  # the latest virtual time of any answer
        self.by_identity: dict[Identity, Entry] = {}
        self._writes: dict[str, list[list[Entry]]] = {}
        self._reads: dict[tuple[str, Stamp], list[Entry]] = {}
        self._seen: dict[str, list[Entry]] = {}
        self._spelled: dict[Spelling, Canonical] = {}
        self._lately: dict[tuple[Spelling, frozenset[str]], Canonical] = {}
        self._resources: dict[str, tuple[str, ...]] = {}
        self._changed: dict[int, frozenset[str]] = {}  # by the place of a write
        self._numbers: dict[int, int] = {}  # by the place of a write
        self._rules = rules
        causes = Causes(rules)
        asked = [self._asked(interaction.request) for interaction in cassette.interactions]
        told = []  # by each write: looked for once, since that is what takes time
        for question, interaction in zip(asked, cassette.interactions, strict=True):
            causes.learn(question, interaction.response)  # what belongs together is known of the whole file
            told.append(() if is_read(question.method) else interaction.response.ids)
        for each in zip(cassette.interactions, asked, told, strict=True):
            self._add(*each, causes)
        self._stamp(causes)

    def __repr__(self) -> str:
        return f"<Index {len(self.entries)} interactions>"

    def __len__(self) -> int:
        return len(self.entries)

    def attempts(self, digest: str, occurrence: int) -> list[Entry]:
        """The answers to that write and to the retries of it; empty where it was not recorded."""
        occurrences = self._writes.get(digest, [])
        return occurrences[occurrence] if occurrence < len(occurrences) else []

    def reads(self, digest: str, stamp: Stamp) -> list[Entry]:
        """The answers to that read in that state, in their order."""
        return self._reads.get((digest, stamp), [])

    def resources(self, digest: str) -> tuple[str, ...]:
        """What that recorded read depends on."""
        return self._resources.get(digest, ())

    def changed(self, write: Entry) -> frozenset[str]:
        """What a read may show otherwise when that write was played."""
        return self._changed[write.order]

    def number(self, write: Entry) -> int:
        """That write as one number, the same in every session."""
        number = self._numbers.get(write.order)
        if number is None:
            number = self._numbers[write.order] = write_number(write.identity)
        return number

    def repeats(self, entry: Entry) -> bool:
        """Whether that is a retry of a write and its answer only says again what an earlier attempt was told: how
        things were then, not how they are."""
        if is_read(entry.asked.method):
            return False
        status = entry.interaction.response.status
        earlier = self.attempts(*entry.identity[:2])[: entry.identity[2]]
        return any(each.interaction.response.status == status for each in earlier)

    def equal(self, digest: str) -> list[Entry]:
        """All answers to that question, in any state."""
        return self._seen.get(digest, [])

    def understood(self, request: Request, credentials: frozenset[str] = frozenset()) -> Canonical:
        """What a request asks. One that is spelled as it was recorded, or lately asked so, is known without being
        read."""
        spelled = spelling(request, self._rules)
        known = self._spelled.get(spelled) or self._lately.get((spelled, credentials))
        if known is None:
            known = canonical(request, self._rules, credentials)
            if not request.body and len(self._lately) < LATELY:
                self._lately[spelled, credentials] = known
        return known

    def _asked(self, request: Request) -> Canonical:
        spelled = spelling(request, self._rules)
        asked = self._spelled[spelled] = self._spelled.get(spelled) or canonical(request, self._rules)
        return asked

    def _add(self, interaction: Interaction, asked: Canonical, told: tuple[str, ...], causes: Causes) -> None:
        key = interaction.request.header("idempotency-key")
        occurrence, attempt = self._count(asked, key)
        writes = not is_read(asked.method)
        entry = Entry(
            interaction=interaction,
            asked=asked,
            identity=(asked.digest, occurrence, attempt),
            order=len(self.entries),
            key=key,
            touched=causes.reached(asked, interaction.response, told) if writes else frozenset(),
            date=interaction.response.date,
        )
        self._place(entry)

    def _count(self, asked: Canonical, key: str | None) -> _Counted:
        """Equal requests under one idempotency key are attempts at one; else each is an occurrence of its own."""
        before = self._seen.get(asked.digest, [])
        heeded = key is not None and asked.method in self._rules.keyed
        same = [entry for entry in before if heeded and entry.key == key]
        if same:
            return _Counted(same[0].identity[1], len(same))
        return _Counted(1 + max((entry.identity[1] for entry in before), default=-1), 0)

    def _place(self, entry: Entry) -> None:
        digest, occurrence, _ = entry.identity
        self.entries.append(entry)
        if entry.date is not None:
            self.last_date = max(self.last_date or entry.date, entry.date)
        self.by_identity[entry.identity] = entry
        self._seen.setdefault(digest, []).append(entry)
        if not is_read(entry.asked.method):
            occurrences = self._writes.setdefault(digest, [])
            if occurrence == len(occurrences):
                occurrences.append([])
            occurrences[occurrence].append(entry)

    def _stamp(self, causes: Causes) -> None:
        """Find out what each write changes, and under which writes each read stands."""
        for entry in self.entries:
            if is_read(entry.asked.method):
                self._resources[entry.asked.digest] = causes.resources(entry.asked)
            else:
                self._changed[entry.order] = self._changes(entry, causes)
        self._place_reads(causes)
        refused = [entry for entry in self.entries if causes.refused(entry.asked, entry.interaction.response)]
        if carried_out := {order for each in self._several() for order in self._suspects(*each, refused)}:
            self._changed |= {order: self.entries[order].touched | {EVERYTHING} for order in carried_out}
            self._place_reads(causes)
        touched = frozenset().union(*self._changed.values())
        writes = [order for order, changed in self._changed.items() if changed]
        if hidden := {
            reads[0].asked.path
            for digest, reads in self._several()
            if touched.isdisjoint(self._resources[digest]) and moved(reads, writes)
        }:  # it changed and no write touches it: then any may have done it, to all that is read there
            there = {read.asked.digest for read in self._reads_at(hidden)}
            self._resources |= {digest: (*self._resources[digest], EVERYTHING) for digest in there}
            self._place_reads(causes)

    def _reads_at(self, paths: set[str]) -> Iterator[Entry]:
        """The reads of what is told at one of these paths: of other parts of that, and of what it is a part of."""
        above = {each for path in paths for each in ancestors(path)}
        for entry in self.entries:
            path = entry.asked.path
            if is_read(entry.asked.method) and (path in above or not paths.isdisjoint(ancestors(path))):
                yield entry

    def _changes(self, write: Entry, causes: Causes) -> frozenset[str]:
        """What that write changes: nothing, where its answer only says again what was told."""
        if self.repeats(write):
            return frozenset()
        return causes.changes(write.asked, write.interaction.response, write.touched)

    def _place_reads(self, causes: Causes) -> None:
        causes.rewind()
        self._reads = {}
        for entry in self.entries:
            if is_read(entry.asked.method):
                digest = entry.asked.digest
                self._reads.setdefault((digest, causes.marks(self._resources[digest])), []).append(entry)
            else:
                causes.wrote(self._changed[entry.order], self.number(entry))

    def _several(self) -> Iterator[tuple[str, list[Entry]]]:
        """Equal reads under one stamp, where there are several."""
        return ((digest, reads) for (digest, _), reads in self._reads.items() if len(reads) > 1)

    def _suspects(self, digest: str, reads: list[Entry], refused: list[Entry]) -> Iterator[int]:
        return suspects(reads, self._resources[digest], refused) if refused else iter(())
