"""The slot: the file side of a session. What is recorded is on disk before it is answered, and replaces the old file
only when all of it is there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from replayer import cassettes as vcr_format
from replayer.cassettes import Journal, folder, servable
from replayer.core.audit import revealed
from replayer.core.cassette import Cassette, Interaction
from replayer.core.message import Response
from replayer.core.recording import Exchange, Forward
from replayer.core.secrets import decodings
from replayer.core.session import Receipt, Recorded, Session
from replayer.errors import CassetteError
from replayer.proxy.aside import is_large
from replayer.proxy.opening import is_invoice_api, spoiled
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
    request met."""

    receipt: Receipt
    kept: str | None = None
    edited: str | None = None
    late: tuple[str, ...] = ()
    aside: int = 0
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer taken in. `wrong` is why no cassette could give it, `trouble` why it could not be kept; both are empty
    where it is on disk. `note` is to be told."""

    exchange: Exchange
    recorded: Recorded
    wrong: str = ""
    trouble: str = ""
    note: str = ""


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

    def examined(self, interaction: Interaction, text: str, credentials: frozenset[str]) -> str:
        """Laws 4 and 5, before the first byte is written: what is wrong, or nothing."""
        found = self._still_real(interaction, text, credentials) or self._revealed(interaction)
        collisions = self.session.upstream.names.collisions
        if found:
            trouble = f"{_answer_to(interaction)} still holds {found}, and was not written"
        elif collisions:
            trouble = f"{_answer_to(interaction)} cannot be named: {collisions[0]}"
        else:
            return ""
        trouble = self.session.scrubbed(trouble, credentials)
        self._unsafe = self._unsafe or trouble
        self._refused += 1
        return f"{trouble}."

    def _still_real(self, interaction: Interaction, text: str, credentials: frozenset[str]) -> str:
        """The first thing in an entry that must not be written; empty where there is none."""
        found = next(iter(self.session.upstream.still_real(_readable(interaction, text), credentials)), None)
        return found.what if found else ""

    def _revealed(self, interaction: Interaction) -> str:
        """The first thing in an interaction that only its name shows to be a credential; empty where there is none."""
        return next(iter(revealed(interaction, self.session.upstream.spaces.rules, self._is_name)), "")

    def _is_name(self, value: str) -> bool:
        names = self.session.upstream.names
        return names.is_name(value) or names.is_constant(value)

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
        entries, late = self._safe()
        reason = self._reason_to_keep(late, failed=failed, aborted=aborted)
        if entries and reason is None:
            reason = self._save(entries)
        saved = bool(entries) and reason is None
        if self.journal is not None:
            kept = bool(entries) and not saved
            if kept and late and self.journal.is_open:
                self._rewrite(self.journal, entries)
            self.journal.close(keep=kept)
        # Looking for it takes as long as opening: only who missed something has to wait, and wants to know.
        played = self._played if receipt.missed and self._existed else None
        edited = spoiled(self.path, played) if played else ""
        notes = (*([self._unsafe] if self._unsafe and saved else ()), *late)
        return Ejected(receipt, reason, edited or None, tuple(map(self._shown, notes)), self._aside)

    def _save(self, entries: list[str]) -> str | None:
        """Put the recording in the place of the old cassette; what is in the way, where it would not be read again."""
        text = vcr_format.dumps(Cassette(facts=self.session.facts), entries)
        try:
            servable.read_back(text, str(self.path))
        except CassetteError as error:
            return self.session.scrubbed(f"what was recorded cannot be read back: {error}".rstrip("."))
        self._keep_memory(self.session)  # first: without it a cassette would name what nobody knows
        folder.replace(self.path, text)
        return None

    def _safe(self) -> tuple[list[str], list[str]]:
        """The entries that may be kept of what was recorded, and what turned out to be real since it was examined, each
        in words.

        An entry was examined with the names and the credentials of its moment, the whole is with those of the session:
        what has become known later is named or scrubbed now, in all that holds it; where that cannot be done, as in
        packed bytes, that one entry is set aside. It is examined before it is written, not after: these are the bytes
        that are written.
        """
        recorded = self.session.cassette() if self._begun else None
        if recorded is None:
            return [], []
        credentials, kept, late = frozenset(self._credentials), list[str](), list[str]()
        self._aside = 0
        for interaction in recorded.interactions:
            text = vcr_format.entry(interaction)
            found = self._still_real(interaction, text, credentials)
            if not found:
                kept.append(text)
                continue
            where = f"{_answer_to(interaction)}, or the request, held {found}, which was not known for one before"
            anew = self.session.upstream.anew(interaction, credentials)
            text = vcr_format.entry(anew)
            if self._still_real(anew, text, credentials):
                late.append(f"{where}: it was set aside")
                self._aside += 1
            else:
                kept.append(text)
                late.append(f"{where}: it was scrubbed")
        return kept, late

    def _rewrite(self, journal: Journal, entries: list[str]) -> None:
        """A journal that is kept holds what may be kept, and no more."""
        if (facts := self.session.facts) is not None:
            journal.rewrite((vcr_format.head(facts), *entries))

    def _shown(self, text: str) -> str:
        return self.session.scrubbed(text, frozenset(self._credentials))

    def failed_inside(self, reference: str) -> None:
        """A request failed for a reason that nobody foresaw: what is recorded is not whole."""
        self._broken = self._broken or reference

    def let_go(self) -> None:
        """Let go of the journal, where ejecting has not done so: what is in it stays on disk, if it may."""
        if self.journal is not None and self.journal.is_open:
            self.streams.cut(self)
            entries, late = self._safe()
            if late and entries:
                self._rewrite(self.journal, entries)
            self.journal.close(keep=self._begun and bool(entries))

    def _reason_to_keep(self, late: list[str], *, failed: bool, aborted: bool) -> str | None:
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


def _answer_to(interaction: Interaction) -> str:
    return f"The answer to {interaction.request.method} {interaction.request.path}"


def _readable(interaction: Interaction, text: str) -> str:
    """All of an entry that can hold something real. A body that is no text stands in it as base64, whatever is in it
    cut in two by lines, or packed: of such a body the texts are taken instead."""
    request, response = interaction.request, interaction.response
    sent = decodings.hidden_texts(request.headers, request.body, request.limit)
    received = decodings.hidden_texts(response.headers, response.body, response.limit)
    if not sent and not received:
        return text
    return "\n".join((text, *(plain for _, plain in (*sent, *received))))
