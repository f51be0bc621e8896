"""The tables of a cassette, found out by reading it: what each request asks, what each write changes, and in which
state each of them was recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from replayer.core.cassette import Cassette, Outline
from replayer.core.matching import choosing
from replayer.core.matching.canonical import Canonical, recorded, words
from replayer.core.matching.entry import Entry, Interactions
from replayer.core.matching.evidence import moved, suspects
from replayer.core.matching.relations import ALWAYS
from replayer.core.matching.stamps import EVERYTHING, Causes, ancestors, is_read
from replayer.core.matching.tables import Tables
from replayer.core.matching.writes import Objects
from replayer.core.message import Request
from replayer.core.rules import Rules
from replayer.core.secrets import scrub


class _Counted(NamedTuple):
    occurrence: int
    attempt: int


def built(cassette: Cassette, rules: Rules) -> Tables:
    """What is known of that cassette by those rules."""
    return Building(cassette, rules).tables


class Building:
    """The tables of one cassette, while they are filled."""

    def __init__(self, cassette: Cassette, rules: Rules) -> None:
        self._rules, self._causes = rules, Causes(rules)
        self._objects = Objects(self._causes)
        self._made: dict[int, tuple[str, ...]] = {}  # by the order of a write, the ids of what it makes
        self._asked: list[Canonical] = []  # by order
        self.tables = Tables(Interactions(cassette.interactions, self._asked))  # type: ignore[arg-type] # it may be packed
        outlines = list(cassette.outlines)
        self._ask_all(outlines, ours=cassette.facts is not None)
        told: list[tuple[str, ...]] = []  # by each write: looked for once, since that is what takes time
        writes = any(not is_read(question.method) for question in self._asked)
        for question, outline in zip(self._asked, outlines, strict=True):
            told.append(self._learn(question, outline, len(told)) if writes else ())
        for each in zip(outlines, self._asked, told, strict=True):
            self._add(*each)
        self._stamp()

    def __repr__(self) -> str:
        return f"<Building {len(self.tables.entries)} interactions>"

    # -- what is asked ------------------------------------------------------------------------------------------

    def _ask_all(self, outlines: Sequence[Outline], *, ours: bool) -> None:
        """What the recorded requests ask, with what their headers choose."""
        tables, rules = self.tables, self._rules
        self._asked += self._all_asked(outlines, ours=ours)
        tables.counting = choosing.counting(self._asked, outlines, rules, ours=ours)
        told = choosing.told_by_answers(((one.digest, one.method) for one in self._asked), outlines, rules)
        for digest, names in told.items():
            tables.counting.setdefault(digest, set()).update(names)
        if tables.counting:
            tables.choosing = tuple(sorted(set[str]().union(*tables.counting.values())))
            tables.spelled.clear()
            self._asked[:] = self._all_asked(outlines, ours=ours)

    def _all_asked(self, outlines: Sequence[Outline], *, ours: bool) -> list[Canonical]:
        """The same, by what is known so far of headers that choose."""
        tables, rules, found = self.tables, self._rules, list[Canonical]()
        for order, request in enumerate(outline.request for outline in outlines):
            first = tables.spelled.setdefault(words(request, rules, tables.choosing), order)
            is_new = first == order
            asked = recorded(request, rules, ours=ours) if is_new else found[first]
            found.append(with_chosen(asked, request, tables, rules) if is_new else asked)
        return found

    # -- what belongs together ----------------------------------------------------------------------------------

    def _learn(self, asked: Canonical, outline: Outline, order: int) -> tuple[str, ...]:
        """What belongs together, which is known of the whole file, and matters where anything is written in it; gives
        the ids in the answer to a write."""
        writes, response = not is_read(asked.method), outline.response
        self._causes.learn(asked, response, order if writes else ALWAYS)
        told = response.ids if writes else ()
        outline.forget()  # of ten thousand answers hardly one is read again
        return told

    def _add(self, outline: Outline, asked: Canonical, told: tuple[str, ...]) -> None:
        order, causes = len(self.tables.entries), self._causes
        key = outline.request.header("idempotency-key")
        occurrence, attempt = self._count(asked, key)
        reads = is_read(asked.method)
        entry = Entry(
            source=self.tables.source,
            place=order,
            identity=(asked.digest, occurrence, attempt),
            order=order,
            key=key,
            reads=reads,
            status=outline.status,
            touched=frozenset() if reads else causes.reached(asked, outline.response, told),
            date=outline.date,
            shows=self._objects.shows(asked, told) if told else (),
        )
        if not reads:
            refused = causes.refused(asked, outline)
            self._made[order] = self._objects.note(asked, outline.response, refused=refused)
            if later := causes.later(asked, told, order):
                self.tables.later[order] = later
        tables, length = self.tables, outline.length
        tables.length += length + len(outline.request.body)
        tables.longest[asked.path] = max(length, tables.longest.get(asked.path, 0))
        outline.forget()
        tables.place(entry)

    def _count(self, asked: Canonical, key: str | None) -> _Counted:
        """Equal requests under one idempotency key are attempts at one; else each is an occurrence of its own."""
        before = self.tables.seen.get(asked.digest, [])
        heeded = key is not None and asked.method in self._rules.keyed
        same = [entry for entry in before if heeded and entry.key == key]
        if same:
            return _Counted(same[0].identity[1], len(same))
        return _Counted(1 + max((entry.identity[1] for entry in before), default=-1), 0)

    # -- states -------------------------------------------------------------------------------------------------

    def _stamp(self) -> None:
        """Find out what each write changes, and under which writes each read stands."""
        tables = self.tables
        for entry, asked in zip(tables.entries, self._asked, strict=True):
            if entry.reads:
                tables.resources[entry.digest] = self._causes.resources(asked)
            else:
                tables.needs[entry.digest] = self._objects.needed_by(asked)
                self._change(entry, asked)
        self._stand()
        refused = [entry for entry in tables.entries if not entry.reads and entry.status in self._rules.refusals]
        if carried_out := {order for each in self._several() for order in self._suspects(*each, refused)}:
            tables.changed |= {order: tables.entries[order].touched | {EVERYTHING} for order in carried_out}
            tables.later = {order: later for order, later in tables.later.items() if order not in carried_out}
            self._stand()
        later = (resources for each in tables.later.values() for resources in each.values())
        touched = frozenset().union(*tables.changed.values(), *later)
        writes = [order for order, changed in tables.changed.items() if changed]
        if hidden := {
            reads[0].asked.path
            for digest, reads in self._several()
            if touched.isdisjoint(tables.resources[digest]) and moved(reads, writes)
        }:  # it changed and no write touches it: then any may have done it, to all that is read there
            there = {read.digest for read in self._reads_at(hidden)}
            tables.resources |= {digest: (*tables.resources[digest], EVERYTHING) for digest in there}
            self._stand()

    def _reads_at(self, paths: set[str]) -> Iterator[Entry]:
        """The reads of what is told at one of these paths: of other parts of that, and of what it is a part of."""
        above = {each for path in paths for each in ancestors(path)}
        for entry, asked in zip(self.tables.entries, self._asked, strict=True):
            if entry.reads and (asked.path in above or not paths.isdisjoint(ancestors(asked.path))):
                yield entry

    def _change(self, write: Entry, asked: Canonical) -> None:
        """Find out what that write changes: nothing, where its answer only says again what was told."""
        tables, order = self.tables, write.order
        later = tables.later.pop(order, {})
        if tables.is_repeat(write):
            tables.changed[order] = frozenset()
            return
        changed = self._causes.changes(asked, write, write.touched)
        if changed and later:
            tables.later[order] = {since: resources & changed for since, resources in later.items()}
            changed = changed.difference(*later.values())
        besides = self._objects.besides(asked, changed, self._made[order]) if changed else ()
        tables.changed[order] = changed.union(besides)

    def _stand(self) -> None:
        """Find out in which state each read and each write was recorded."""
        tables, causes = self.tables, self._causes
        causes.rewind()
        tables.reads, tables.open = {}, {}
        for entry, asked in zip(tables.entries, self._asked, strict=True):
            if entry.reads:
                tables.stand(entry, asked.key, causes.marks(tables.resources[entry.digest]))
                continue
            tables.shown[entry.order] = causes.marks(entry.shows)
            tables.stand(entry, asked.key, tables.needs[entry.digest].state(causes))
            causes.wrote(tables.changed[entry.order], tables.number_of(entry), tables.later_changes(entry))

    def _several(self) -> Iterator[tuple[str, list[Entry]]]:
        """Equal reads under one stamp, where there are several."""
        return ((reads[0].digest, reads) for reads in self.tables.reads.values() if len(reads) > 1)

    def _suspects(self, digest: str, reads: list[Entry], refused: list[Entry]) -> Iterator[int]:
        return suspects(reads, self.tables.resources[digest], refused) if refused else iter(())


def with_chosen(asked: Canonical, request: Request, tables: Tables, rules: Rules) -> Canonical:
    """That question with what those headers of its request choose that count for it."""
    names = tables.counting.get(asked.digest)
    if not names:
        return asked
    values = {name: scrub(choosing.value_of(request, name), rules, frozenset()) for name in sorted(names)}
    return replace(asked, chosen={name: value for name, value in values.items() if value})
