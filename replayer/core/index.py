"""The index of a cassette: any recorded answer by its question, in one look-up. Built once, never changed."""

from dataclasses import dataclass
from typing import NamedTuple

from replayer.core.canonical import Canonical, Spelling, canonical, spelling
from replayer.core.causes import Causes, Stamp, is_read
from replayer.core.instants import read_http_date
from replayer.core.interaction import Cassette, Interaction, Request, header
from replayer.core.rules import Rules
from replayer.core.verdicts import Identity

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
        self._rules = rules
        causes = Causes(rules)
        for interaction in cassette.interactions:
            self._add(interaction, causes)

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

    def _add(self, interaction: Interaction, causes: Causes) -> None:
        spelled = spelling(interaction.request, self._rules)
        asked = self._spelled.get(spelled) or canonical(interaction.request, self._rules)
        self._spelled[spelled] = asked
        key = header(interaction.request.headers, "idempotency-key")
        occurrence, attempt = self._count(asked, key)
        writes = not is_read(asked.method)
        entry = Entry(
            interaction=interaction,
            asked=asked,
            identity=(asked.digest, occurrence, attempt),
            order=len(self.entries),
            key=key,
            touched=causes.touched(asked, interaction.response) if writes else frozenset(),
            date=_date(interaction),
        )
        self._place(entry, causes)

    def _count(self, asked: Canonical, key: str | None) -> _Counted:
        """Equal requests under one idempotency key are attempts at one; else each is an occurrence of its own."""
        before = self._seen.get(asked.digest, [])
        same = [entry for entry in before if key is not None and entry.key == key]
        if same:
            return _Counted(same[0].identity[1], len(same))
        return _Counted(1 + max((entry.identity[1] for entry in before), default=-1), 0)

    def _place(self, entry: Entry, causes: Causes) -> None:
        digest, occurrence, attempt = entry.identity
        self.entries.append(entry)
        if entry.date is not None:
            self.last_date = max(self.last_date or entry.date, entry.date)
        self.by_identity[entry.identity] = entry
        self._seen.setdefault(digest, []).append(entry)
        if is_read(entry.asked.method):
            self._reads.setdefault((digest, causes.stamp(entry.asked)), []).append(entry)
            causes.learn(entry.asked, entry.interaction.response)
            return
        occurrences = self._writes.setdefault(digest, [])
        if occurrence == len(occurrences):
            occurrences.append([])
        occurrences[occurrence].append(entry)
        if attempt == 0:
            causes.wrote(entry.touched, write_number(entry.identity))


def write_number(identity: Identity) -> int:
    """A write as one number, the same in every session: what stamps are summed from."""
    digest, occurrence, _ = identity
    return (int(digest[:16], 16) | 1) * (2 * occurrence + 1)


def _date(interaction: Interaction) -> int | None:
    date = read_http_date(header(interaction.response.headers, "date") or "")
    return date.seconds if date else None
