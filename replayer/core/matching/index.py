"""The index of a cassette: any recorded answer by its question, in one look-up. Built once, never changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from replayer.core.cassette import Cassette, Interaction
from replayer.core.lazily import cached_property
from replayer.core.matching import choosing
from replayer.core.matching.canonical import Canonical, Spelling, canonical, spelling
from replayer.core.matching.evidence import moved, suspects
from replayer.core.matching.relations import ALWAYS
from replayer.core.matching.stamps import (
    EVERYTHING,
    NOTHING,
    Causes,
    Identity,
    Stamp,
    ancestors,
    is_read,
    write_number,
)
from replayer.core.matching.writes import Needs, Objects
from replayer.core.message import Request
from replayer.core.rules import Rules
from replayer.core.secrets import scrub

NOTHING_NEEDED = Needs()
LATELY = 4096  # requests without a body that were not recorded so are remembered, up to so many


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded interaction with all that is known of it beforehand.

    `order` is its place in the file; `touched` what it touches, if it is a write, and `shows` what was made before it
    that its answer tells of besides; `date` the virtual time of its answer in seconds since 1970, None where the answer
    has no `Date`.
    """

    interaction: Interaction
    asked: Canonical
    identity: Identity
    order: int
    key: str | None
    touched: frozenset[str]
    date: int | None
    shows: tuple[str, ...] = ()


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
        self._numbers: dict[int, int] = {}  # the same, that write as one number
        self._later: dict[int, dict[int, frozenset[str]]] = {}  # the same, what it changes from another write on
        self._made: dict[int, tuple[str, ...]] = {}  # the same, the ids of what it makes
        self._needs: dict[str, Needs] = {}  # by the digest of a write
        self._shown: dict[int, Stamp] = {}  # by the place of a write, the state of what its answer tells of besides
        self._state: dict[int, Stamp] = {}  # by the place of a write, the state in which it was recorded
        self._open: dict[tuple[str, Stamp], list[Entry]] = {}
        self.length = 0  # bytes of all messages
        self._longest: dict[str, int] = {}  # by the path, the bytes of the longest answer
        self._rules = rules
        self._counting: dict[str, set[str]] = {}  # by digest, the headers that choose the answer
        self._choosing: tuple[str, ...] = ()  # all of them
        causes = Causes(rules)
        asked = self._all_asked(cassette)
        objects = Objects(causes)
        told: list[tuple[str, ...]] = []  # by each write: looked for once, since that is what takes time
        writes = any(not is_read(question.method) for question in asked)
        for question, interaction in zip(asked, cassette.interactions, strict=True):
            told.append(self._learn(question, interaction, len(told), causes) if writes else ())
        for each in zip(cassette.interactions, asked, told, strict=True):
            self._add(*each, causes, objects)
        self._stamp(causes, objects)

    def __repr__(self) -> str:
        return f"<Index {len(self.entries)} interactions>"

    def __len__(self) -> int:
        return len(self.entries)

    def attempts(self, digest: str, occurrence: int) -> list[Entry]:
        """The answers to that write and to the retries of it; empty where it was not recorded."""
        occurrences = self._writes.get(digest, [])
        return occurrences[occurrence] if occurrence < len(occurrences) else []

    def reads(self, key: str, stamp: Stamp) -> list[Entry]:
        """The answers to that read in that state, in their order."""
        return self._reads.get((key, stamp), [])

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

    def changes_later(self, write: Entry) -> Mapping[int, frozenset[str]]:
        """What it may show otherwise once the write of that number was played, too."""
        later = self._later.get(write.order)
        if later is None:
            return NOTHING
        return {self.number(self.entries[order]): resources for order, resources in later.items()}

    def reach(self, write: Entry) -> frozenset[str]:
        """All that it may change, by itself or with others."""
        return self._changed[write.order].union(*self._later.get(write.order, NOTHING).values())

    def needs(self, digest: str) -> Needs:
        """What that recorded write depends on."""
        return self._needs.get(digest, NOTHING_NEEDED)

    def state_of(self, write: Entry) -> Stamp:
        """The state in which that write was recorded."""
        return self._state[write.order]

    def writes(self, key: str, state: Stamp) -> list[Entry]:
        """The answers to that write in that state, retries left out, in their order."""
        return self._open.get((key, state), [])

    def shows_now(self, write: Entry, causes: Causes) -> bool:
        """Whether all that its answer tells of besides is there as it was."""
        return causes.marks(write.shows) == self._shown.get(write.order, ())

    def repeats(self, entry: Entry) -> bool:
        """Whether that is a retry of a write and its answer only says again what an earlier attempt was told: how
        things were then, not how they are."""
        if is_read(entry.asked.method):
            return False
        status = entry.interaction.response.status
        earlier = self.attempts(*entry.identity[:2])[: entry.identity[2]]
        return any(each.interaction.response.status == status for each in earlier)

    def equal(self, digest: str) -> list[Entry]:
        """All answers to that question, in any state and whatever its headers choose."""
        return self._seen.get(digest, [])

    def same(self, asked: Canonical) -> list[Entry]:
        """All answers to that question with what its headers choose, in any state."""
        return [entry for entry in self.equal(asked.digest) if entry.asked.key == asked.key]

    def longest_at(self, path: str) -> int:
        """How many bytes the longest answer has that was recorded at that path."""
        return self._longest.get(path, 0)

    @property
    def choosing(self) -> tuple[str, ...]:
        """The headers by which recorded answers were chosen, in small letters."""
        return self._choosing

    def is_spelled(self, request: Request) -> bool:
        """Whether a request was recorded in these very words."""
        return self._spelling(request) in self._spelled

    def _spelling(self, request: Request) -> Spelling:
        return spelling(request, self._rules, self._choosing)

    def _with_chosen(self, asked: Canonical, request: Request) -> Canonical:
        names = self._counting.get(asked.digest)
        if not names:
            return asked
        values = {name: scrub(choosing.value_of(request, name), self._rules, frozenset()) for name in sorted(names)}
        return replace(asked, chosen={name: value for name, value in values.items() if value})

    @cached_property
    def asked_ids(self) -> frozenset[str]:
        """The ids that recorded requests name."""
        return frozenset(name for digest in self._seen for name in self._seen[digest][0].asked.ids)

    def understood(self, request: Request, credentials: frozenset[str] = frozenset()) -> Canonical:
        """What a request asks. One that is spelled as it was recorded, or lately asked so, is known without being
        read."""
        spelled = self._spelling(request)
        known = self._spelled.get(spelled) or self._lately.get((spelled, credentials))
        if known is None:
            known = self._with_chosen(canonical(request, self._rules, credentials), request)
            if not request.body and len(self._lately) < LATELY:
                self._lately[spelled, credentials] = known
        return known

    def _all_asked(self, cassette: Cassette) -> list[Canonical]:
        """What the recorded requests ask, with what their headers choose."""
        plain = [self._asked(each.request) for each in cassette.interactions]
        ours = cassette.facts is not None
        self._counting = choosing.counting(plain, cassette.interactions, self._rules, ours=ours)
        if not ours:
            for digest, names in choosing.told_by_answers(plain, cassette.interactions, self._rules):
                self._counting.setdefault(digest, set()).update(names)
        if not self._counting:
            return plain
        self._choosing = tuple(sorted(set[str]().union(*self._counting.values())))
        self._spelled.clear()
        return [self._asked(each.request) for each in cassette.interactions]

    def _asked(self, request: Request) -> Canonical:
        spelled = self._spelling(request)
        known = self._spelled.get(spelled) or self._with_chosen(canonical(request, self._rules), request)
        self._spelled[spelled] = known
        return known

    def _learn(self, asked: Canonical, interaction: Interaction, place: int, causes: Causes) -> tuple[str, ...]:
        """What belongs together, which is known of the whole file, and matters where anything is written in it; gives
        the ids in the answer to a write."""
        writes, response = not is_read(asked.method), interaction.response
        causes.learn(asked, response, place if writes else ALWAYS)
        told = response.ids if writes else ()
        interaction.forget()  # of ten thousand answers hardly one is read again
        return told

    def _add(
        self, interaction: Interaction, asked: Canonical, told: tuple[str, ...], causes: Causes, objects: Objects
    ) -> None:
        order, response = len(self.entries), interaction.response
        key = interaction.request.header("idempotency-key")
        occurrence, attempt = self._count(asked, key)
        writes = not is_read(asked.method)
        entry = Entry(
            interaction=interaction,
            asked=asked,
            identity=(asked.digest, occurrence, attempt),
            order=order,
            key=key,
            touched=causes.reached(asked, response, told) if writes else frozenset(),
            date=response.date,
            shows=objects.shows(asked, told),
        )
        self._made[order] = objects.note(asked, response, refused=causes.refused(asked, response))
        if writes and (later := causes.later(asked, told, order)):
            self._later[order] = later
        interaction.forget()
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
        path, length = entry.asked.path, len(entry.interaction.response.body)
        self.length += length + len(entry.interaction.request.body)
        self._longest[path] = max(length, self._longest.get(path, 0))
        if entry.date is not None:
            self.last_date = max(self.last_date or entry.date, entry.date)
        self.by_identity[entry.identity] = entry
        self._seen.setdefault(digest, []).append(entry)
        if not is_read(entry.asked.method):
            occurrences = self._writes.setdefault(digest, [])
            if occurrence == len(occurrences):
                occurrences.append([])
            occurrences[occurrence].append(entry)

    def _stamp(self, causes: Causes, objects: Objects) -> None:
        """Find out what each write changes, and under which writes each read stands."""
        for entry in self.entries:
            if is_read(entry.asked.method):
                self._resources[entry.asked.digest] = causes.resources(entry.asked)
            else:
                self._needs[entry.asked.digest] = objects.needed_by(entry.asked)
                self._change(entry, causes, objects)
        self._stand(causes)
        refused = [entry for entry in self.entries if causes.refused(entry.asked, entry.interaction.response)]
        if carried_out := {order for each in self._several() for order in self._suspects(*each, refused)}:
            self._changed |= {order: self.entries[order].touched | {EVERYTHING} for order in carried_out}
            self._later = {order: later for order, later in self._later.items() if order not in carried_out}
            self._stand(causes)
        later = (resources for each in self._later.values() for resources in each.values())
        touched = frozenset().union(*self._changed.values(), *later)
        writes = [order for order, changed in self._changed.items() if changed]
        if hidden := {
            reads[0].asked.path
            for digest, reads in self._several()
            if touched.isdisjoint(self._resources[digest]) and moved(reads, writes)
        }:  # it changed and no write touches it: then any may have done it, to all that is read there
            there = {read.asked.digest for read in self._reads_at(hidden)}
            self._resources |= {digest: (*self._resources[digest], EVERYTHING) for digest in there}
            self._stand(causes)

    def _reads_at(self, paths: set[str]) -> Iterator[Entry]:
        """The reads of what is told at one of these paths: of other parts of that, and of what it is a part of."""
        above = {each for path in paths for each in ancestors(path)}
        for entry in self.entries:
            path = entry.asked.path
            if is_read(entry.asked.method) and (path in above or not paths.isdisjoint(ancestors(path))):
                yield entry

    def _change(self, write: Entry, causes: Causes, objects: Objects) -> None:
        """Find out what that write changes: nothing, where its answer only says again what was told."""
        later = self._later.pop(write.order, {})
        if self.repeats(write):
            self._changed[write.order] = frozenset()
            return
        changed = causes.changes(write.asked, write.interaction.response, write.touched)
        if changed and later:
            self._later[write.order] = {since: resources & changed for since, resources in later.items()}
            changed = changed.difference(*later.values())
        besides = objects.besides(write.asked, changed, self._made[write.order]) if changed else ()
        self._changed[write.order] = changed.union(besides)

    def _stand(self, causes: Causes) -> None:
        """Find out in which state each read and each write was recorded."""
        causes.rewind()
        self._reads, self._open = {}, {}
        for entry in self.entries:
            digest = entry.asked.digest
            if is_read(entry.asked.method):
                self._reads.setdefault((entry.asked.key, causes.marks(self._resources[digest])), []).append(entry)
                continue
            self._shown[entry.order] = causes.marks(entry.shows)
            state = self._state[entry.order] = self._needs[digest].state(causes)
            if not entry.identity[2]:
                self._open.setdefault((entry.asked.key, state), []).append(entry)
            causes.wrote(self._changed[entry.order], self.number(entry), self.changes_later(entry))

    def _several(self) -> Iterator[tuple[str, list[Entry]]]:
        """Equal reads under one stamp, where there are several."""
        return ((reads[0].asked.digest, reads) for reads in self._reads.values() if len(reads) > 1)

    def _suspects(self, digest: str, reads: list[Entry], refused: list[Entry]) -> Iterator[int]:
        return suspects(reads, self._resources[digest], refused) if refused else iter(())
