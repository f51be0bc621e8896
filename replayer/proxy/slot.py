"""The slot: the file side of a session. What is recorded is on disk before it is answered, and replaces the old file
only when all of it is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from replayer import cassettes as vcr_format
from replayer.cassettes import Journal, folder, servable
from replayer.core.cassette import Cassette, Delivery, Interaction
from replayer.core.deliveries import Came, Due
from replayer.core.message import Response
from replayer.core.recording import Exchange, Forward
from replayer.core.session import Receipt, Recorded, Session
from replayer.errors import CassetteError
from replayer.proxy import examining
from replayer.proxy.aside import is_large
from replayer.proxy.examining import SafeRecording
from replayer.proxy.opening import is_invoice_api, spoiled
from replayer.proxy.receipts import FiledReceipt
from replayer.proxy.streams_on_disk import StreamsOnDisk

GUESSED = (
    "This is not the invoice API by its path, its headers and its answer: it is recorded by the rules 'generic'. "
    "Choose others with --rules, or rules=."
)


@dataclass(frozen=True, slots=True)
class Ejected:
    """What came of a session. `kept` tells why a recording did not replace the cassette, `edited` what is broken in a
    cassette that missed something, with file, line and remedy; else None. `late` are, each in a line, what of it was
    not written at all, or not as its client was shown it; `aside` of them were not. `unmet` are the faults that no
    request met. `filed` is the receipt for the file that receipts are written to, where there is one."""

    receipt: Receipt
    kept: str | None = None
    edited: str | None = None
    late: tuple[str, ...] = ()
    aside: int = 0
    unmet: tuple[str, ...] = ()
    filed: FiledReceipt | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer taken in. `wrong` is why no cassette could give it, `trouble` why it could not be kept; both are empty
    where it is on disk. `note` is to be told."""

    exchange: Exchange
    recorded: Recorded
    wrong: str = ""
    trouble: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A webhook taken in, and how the program is shown it. `trouble` is why it could not be kept; then neither is
    there."""

    delivery: Delivery | None = None
    due: Due | None = None
    trouble: str = ""


class Slot:
    """One cassette file, its session and, while something is recorded, its journal. `played` is a cassette that is only
    replayed; `reopen` makes the session by other rules, where those of the first are a guess. `saves_failed` tells that
    what a failing run recorded is saved, too, if all of it was answered."""

    def __init__(
        self,
        path: Path,
        session: Session,
        journal: Journal | None,
        keep_memory: Callable[[Session], None] = lambda _: None,
        played: Cassette | None = None,
        reopen: Callable[[], Session] | None = None,
        *,
        saves_failed: bool = False,
    ) -> None:
        self.path, self.session = path, session
        self.journal = journal
        self._keep_memory = keep_memory
        self._played, self._saves_failed = played, saves_failed
        self._reopen = reopen
        self._begun = False
        self._unsafe = ""
        self._broken = ""
        self._refused = 0  # answers that may not be written
        self._aside = 0  # answers that were set aside
        self._existed = path.exists()
        self.streams = StreamsOnDisk()
        self._credentials: set[str] = set()  # of all requests that were kept: they are never written, nor told

    def __repr__(self) -> str:
        return f"<Slot {self.path} {self.session!r}>"

    def settle(self, exchange: Exchange, response: Response) -> tuple[Exchange, str]:
        """The exchange as the session has it that the first answer decides for, and what is to be said of that."""
        note = ""
        if self._reopen is not None:
            if not is_invoice_api(exchange.question.arrival.request, response):
                self.session, note = self._reopen(), GUESSED
            self._reopen = None
        return self._current(exchange), note

    def abandon(self, exchange: Exchange) -> None:
        """There is nothing to keep of a request."""
        self.session.abandon(self._current(exchange))

    def _current(self, exchange: Exchange) -> Exchange:
        """An exchange as the session has it; one that was sent before the session was another is sent in this one."""
        if self.session.recorder.has_sent(exchange):
            return exchange
        verdict = self.session.decide(exchange.question.arrival.request, exchange.question.arrival.at)
        return verdict.exchange if isinstance(verdict, Forward) else exchange

    def take_in(self, exchange: Exchange, response: Response, at: float, waited: float = 0) -> Taken:
        """Record a whole answer, which was complete at that time: named, searched, and on disk. Its client `waited` for
        it so many seconds."""
        exchange, note = self.settle(exchange, response)
        recorded = self.session.record(exchange, response, at)
        streamed = self.session.recorder.polled(exchange, recorded.interaction.response, waited)
        recorded = replace(recorded, interaction=replace(recorded.interaction, streamed=streamed))
        text = vcr_format.entry(recorded.interaction)
        if wrong := servable.unreadable(recorded.interaction.response, text):
            self.session.recorder.pass_by(exchange)
            return Taken(exchange, recorded, wrong=wrong)
        trouble = self.keep(exchange, recorded, text)
        if trouble:
            self.abandon(exchange)
        return Taken(exchange, recorded, trouble=trouble, note=note)

    @property
    def credentials(self) -> frozenset[str]:
        """What opened something in this session, so far: it is never written, nor told."""
        return frozenset(self._credentials) | self.session.credentials

    def credentials_of(self, exchange: Exchange) -> frozenset[str]:
        """What opens something of an exchange, and must not be written. A token that an answer of this session told is
        a name: the client never had the real one."""
        names = self.session.upstream.names
        credentials = frozenset(one for one in exchange.credentials if not names.is_name(one))
        self._credentials |= credentials
        return credentials

    def keep(self, exchange: Exchange, recorded: Recorded, text: str) -> str:
        """Have an interaction on disk, whose entry is that text. What is in the way, where that cannot be; empty where
        it is there."""
        interaction, credentials = recorded.interaction, self.credentials_of(exchange)
        if trouble := self.examined(interaction, text, credentials) or self.written(lambda to: to.append(text)):
            return trouble
        self.session.recorder.keep(exchange, interaction)
        return ""

    def take_in_webhook(self, came: Came, known: Delivery | None) -> Heard:
        """Record what the upstream said by itself: named, searched, and on disk. One that is known already comes
        again."""
        session, write, credentials = self.session, came.write, frozenset(self._credentials)
        if write is None:
            return Heard(trouble="This session records no such webhook.")
        if known is not None:
            return Heard(known, session.shown_webhook(known, write))
        delivery, due = session.take_in_webhook(came, write, credentials)
        text = vcr_format.entry(delivery)
        trouble = examining.wrong_with(session, delivery, text, credentials)
        self._unsafe = self._unsafe or trouble
        if trouble := (f"{trouble}." if trouble else self.written(lambda to: to.append(text))):
            session.receiving.withdraw()
            return Heard(trouble=trouble)
        session.receiving.keep(delivery, write)
        return Heard(delivery, due)

    def webhook_answered(self, delivery: Delivery, status: int) -> str:
        """The program answered a webhook with that status, or not at all: 0. What is in the way of writing that down;
        empty where it is on disk."""
        text = vcr_format.entry(self.session.receiving.answered(delivery, status))
        return self.written(lambda to: to.append(text))

    def examined(self, interaction: Interaction, text: str, credentials: frozenset[str]) -> str:
        """Laws 4 and 5, before the first byte is written: what is wrong, or nothing."""
        trouble = examining.wrong_with(self.session, interaction, text, credentials)
        if not trouble:
            return ""
        self._unsafe = self._unsafe or trouble
        self._refused += 1
        return f"{trouble}."

    def written(self, write: Callable[[Journal], None]) -> str:
        """Have something in the journal. What is in the way, where that cannot be."""
        if self.journal is None:
            return "This session records nothing."
        facts = self.session.facts
        try:
            if not self._begun and facts is not None:
                self.journal.append(vcr_format.head(facts))
                self._begun = True
            write(self.journal)
        except OSError as error:
            return f"The journal of {self.path} cannot be written: {error.strerror}."
        return ""

    @property
    def is_large(self) -> bool:
        """Whether so much was recorded that saving it takes long."""
        return self.journal is not None and is_large(Journal.path_of(self.path))

    def eject(self, *, failed: bool = False, aborted: bool = False) -> Ejected:
        """End the session and save what it recorded. `failed` tells that the run did not do what it should, `aborted`
        that it was ended before it could.

        A recording that is not whole leaves an older cassette as it is, and itself as a journal.
        """
        self.streams.cut(self)
        receipt = self.session.receipt()
        safe = self._safe()
        self._aside = safe.aside
        reason = self._reason_to_keep(safe.late, failed=failed, aborted=aborted)
        if safe.entries and reason is None:
            reason = self._save(safe)
        saved = bool(safe.entries) and reason is None
        if self.journal is not None:
            kept = bool(safe.entries) and not saved
            if kept and safe.late and self.journal.is_open:
                self._rewrite(self.journal, safe)
            self.journal.close(keep=kept)
        # Looking for it takes as long as opening: only who missed something has to wait, and wants to know.
        played = self._played if receipt.missed and self._existed else None
        edited = spoiled(self.path, played) if played else ""
        notes = (*([self._unsafe] if self._unsafe and saved else ()), *safe.late)
        return Ejected(receipt, reason, edited or None, tuple(map(self._shown, notes)), self._aside)

    def _save(self, safe: SafeRecording) -> str | None:
        """Put the recording in the place of the old cassette; what is in the way, where it would not be read again."""
        text = vcr_format.dumps(Cassette(facts=self.session.facts, deliveries=safe.deliveries), safe.entries)
        try:
            servable.read_back(text, str(self.path))
        except CassetteError as error:
            return self.session.scrubbed(f"what was recorded cannot be read back: {error}".rstrip("."))
        self._keep_memory(self.session)  # first: without it a cassette would name what nobody knows
        folder.replace(self.path, text)
        return None

    def _safe(self) -> SafeRecording:
        """What may be kept of what was recorded."""
        recorded = self.session.cassette() if self._begun else None
        if recorded is None:
            return SafeRecording()
        return examining.last_look(self.session, recorded, frozenset(self._credentials))

    def _rewrite(self, journal: Journal, safe: SafeRecording) -> None:
        """A journal that is kept holds what may be kept, and no more."""
        if (facts := self.session.facts) is not None:
            journal.rewrite((vcr_format.head(facts), *safe.entries, *map(vcr_format.entry, safe.deliveries)))

    def _shown(self, text: str) -> str:
        return self.session.scrubbed(text, frozenset(self._credentials))

    def failed_inside(self, reference: str) -> None:
        """A request failed for a reason that nobody foresaw: what is recorded is not whole."""
        self._broken = self._broken or reference

    def let_go(self) -> None:
        """Let go of the journal, where ejecting has not done so: what is in it stays on disk, if it may."""
        if self.journal is not None and self.journal.is_open:
            self.streams.cut(self)
            safe = self._safe()
            if safe.late and safe.entries:
                self._rewrite(self.journal, safe)
            self.journal.close(keep=self._begun and bool(safe.entries))

    def _reason_to_keep(self, late: Sequence[str], *, failed: bool, aborted: bool) -> str | None:
        if self._unsafe and (self._existed or not self._begun):
            return self._unsafe
        if self._aside and (self._existed or len(self.session.recorder) == len(late)):
            return self._shown(late[-1] if len(late) == 1 else f"{len(late)} answers held what must not be written")
        if self.session.upstream.names.collisions:  # of an answer that nothing was kept of
            return f"it cannot be named: {self.session.upstream.names.collisions[0]}"
        if self.streams.torn:
            return f"{self.streams.torn} broke off, which the cassette holds whole"
        if self._broken:
            return f"a request failed inside Replayer (reference {self._broken})"
        whole = not failed or (self._saves_failed and not self.session.misses)  # its assertions are no part of it
        if self._begun and (aborted or not whole):
            return "the run failed"  # a torso would be played as if it were the whole
        unanswered = self.session.recorder.unanswered - self._refused  # of those it is known why
        if unanswered > 0:
            requests = "1 request" if unanswered == 1 else f"{unanswered} requests"
            return f"{requests} could not be recorded"
        return None
