"""The index of a cassette: any recorded answer by its question, in one look-up. Built once, never changed."""

from collections.abc import Iterable, Mapping, Sequence

from replayer.core.cassette import Cassette, Interaction
from replayer.core.lazily import cached_property
from replayer.core.matching import choosing, columns
from replayer.core.matching.building import built, with_chosen
from replayer.core.matching.canonical import Canonical, canonical, flat, ids_in, words
from replayer.core.matching.entry import Entry
from replayer.core.matching.stamps import NOTHING, Causes, Identity, Stamp
from replayer.core.matching.tables import Tables
from replayer.core.matching.writes import Needs
from replayer.core.message import Request, shapes, wire
from replayer.core.rules import Rules

NOTHING_NEEDED = Needs()
LATELY = 4096  # requests without a body that were not recorded so are remembered, up to so many


class Index:
    """A cassette, made ready to be asked. What its shelf knows of it is not found out again."""

    def __init__(self, cassette: Cassette, rules: Rules) -> None:
        self._rules = rules
        self._tables = _tables(cassette, rules)
        self._lately: dict[tuple[bytes, frozenset[str]], Canonical] = {}
        self._said: tuple[Request | None, bytes] = (None, b"")

    def __repr__(self) -> str:
        return f"<Index {len(self)} interactions>"

    def __len__(self) -> int:
        return len(self._tables.entries)

    @property
    def entries(self) -> list[Entry]:
        """All of it, in the order of the file."""
        return self._tables.entries

    @property
    def last_date(self) -> int | None:
        """The latest virtual time of any answer."""
        return self._tables.last_date

    @cached_property
    def by_identity(self) -> dict[Identity, Entry]:
        """Each by what tells it from all others."""
        return {entry.identity: entry for entry in self.entries}

    def attempts(self, digest: str, occurrence: int) -> list[Entry]:
        """The answers to that write and to the retries of it; empty where it was not recorded."""
        occurrences = self._tables.attempts.get(digest, [])
        return occurrences[occurrence] if occurrence < len(occurrences) else []

    def reads(self, key: str, stamp: Stamp) -> list[Entry]:
        """The answers to that read in that state, in their order."""
        return self._tables.reads.get((key, stamp), [])

    def resources(self, digest: str) -> tuple[str, ...]:
        """What that recorded read depends on."""
        return self._tables.resources.get(digest, ())

    def changed(self, write: Entry) -> frozenset[str]:
        """What a read may show otherwise when that write was played."""
        return self._tables.changed[write.order]

    def number(self, write: Entry) -> int:
        """That write as one number, the same in every session."""
        return self._tables.number_of(write)

    def changes_later(self, write: Entry) -> Mapping[int, frozenset[str]]:
        """What it may show otherwise once the write of that number was played, too."""
        return self._tables.later_changes(write)

    def reach(self, write: Entry) -> frozenset[str]:
        """All that it may change, by itself or with others."""
        tables = self._tables
        return tables.changed[write.order].union(*tables.later.get(write.order, NOTHING).values())

    def needs(self, digest: str) -> Needs:
        """What that recorded write depends on."""
        return self._tables.needs.get(digest, NOTHING_NEEDED)

    def state_of(self, write: Entry) -> Stamp:
        """The state in which that write was recorded."""
        return self._tables.state[write.order]

    def writes(self, key: str, state: Stamp) -> list[Entry]:
        """The answers to that write in that state, retries left out, in their order."""
        return self._tables.open.get((key, state), [])

    def shows_now(self, write: Entry, causes: Causes) -> bool:
        """Whether all that its answer tells of besides is there as it was."""
        return causes.marks(write.shows) == self._tables.shown.get(write.order, ())

    def repeats(self, entry: Entry) -> bool:
        """Whether that is a retry of a write and its answer only says again what an earlier attempt was told: how
        things were then, not how they are."""
        return self._tables.is_repeat(entry)

    def equal(self, digest: str) -> list[Entry]:
        """All answers to that question, in any state and whatever its headers choose."""
        return self._tables.seen.get(digest, [])

    def same(self, asked: Canonical) -> list[Entry]:
        """All answers to that question with what its headers choose, in any state."""
        return [entry for entry in self.equal(asked.digest) if entry.asked.key == asked.key]

    @property
    def length(self) -> int:
        """Bytes of all bodies; of a cassette that stays in its file, of all that stands in it."""
        return self._tables.length

    def longest_at(self, path: str) -> int:
        """How many bytes the longest answer has at most that was recorded at that path."""
        return self._tables.longest.get(path, 0)

    @property
    def choosing(self) -> tuple[str, ...]:
        """The headers by which recorded answers were chosen, in small letters."""
        return self._tables.choosing

    def that_may_choose(self, request: Request) -> wire.Headers:
        """The headers of a request by which its answer may have been chosen, though no rule says so."""
        return choosing.that_may_choose(request.headers, self._rules)

    def told_by_answers(self, asked: Iterable[tuple[str, str]], answered: Sequence[Interaction]) -> dict[str, set[str]]:
        """By the digest of a question the headers that chose its answers, as these show; `asked` are the digests of the
        questions and their methods."""
        return choosing.told_by_answers(asked, answered, self._rules)

    def is_spelled(self, request: Request) -> bool:
        """Whether a request was recorded in these very words."""
        return self._words(request) in self._tables.spelled

    def _words(self, request: Request) -> bytes:
        """The words of a request, of which several ask one after the other."""
        before, said = self._said
        if before is not request:
            said = words(request, self._rules, self.choosing)
            self._said = request, said
        return said

    @cached_property
    def asked_ids(self) -> frozenset[str]:
        """The ids that recorded requests name, in their headers too."""
        asked = [equal[0].asked for equal in self._tables.seen.values()]
        return frozenset(name for one in asked for name in (*one.ids, *ids_in(one.headers)))

    @cached_property
    def asked_identities(self) -> frozenset[str]:
        """All values of recorded requests, as they are whole, that are no longer than what an object is called by."""
        found: set[str] = set()
        for equal in self._tables.seen.values():
            asked = equal[0].asked
            found.update(asked.path.split("/"))
            found.update(value for part in (asked.query, asked.body, asked.headers) for _, value in flat(part))
        return frozenset(value for value in found if shapes.MIN_WORD <= len(value) <= shapes.SHORT)

    def understood(self, request: Request, credentials: frozenset[str] = frozenset()) -> Canonical:
        """What a request asks. One that is spelled as it was recorded, or lately asked so, is known without being
        read."""
        spelled = self._words(request)
        order = self._tables.spelled.get(spelled)
        if order is not None:
            return self.entries[order].asked
        known = self._lately.get((spelled, credentials))
        if known is None:
            known = request.kept((self, credentials))
        if known is None:
            asked = canonical(request, self._rules, credentials)
            known = with_chosen(asked, request, self._tables, self._rules)
            if not request.body and len(self._lately) < LATELY:
                self._lately[spelled, credentials] = known
        return known

    def read_ahead(self, request: Request, credentials: frozenset[str] = frozenset()) -> None:
        """Find out what a request asks before anybody wants to know: it stays with the request, and nothing here is
        changed by it."""
        asked = self.understood(request, credentials)
        request.keep((self, credentials), asked)
        _ = asked.key, asked.ids, self.asked_ids


def _tables(cassette: Cassette, rules: Rules) -> Tables:
    if cassette.shelf is None:
        return built(cassette, rules)
    key = columns.key_of(rules)
    known = columns.restored(cassette, cassette.shelf.find(key), rules)
    if known is None:
        known = tables = built(cassette, rules)
        cassette.shelf.keep(key, lambda: columns.taken(tables))
    return known
