"""The slot: the file side of a session. What is recorded is on disk before it is answered, and replaces the old file
only when all of it is there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from replayer import cassettes as vcr_format
from replayer.cassettes import Journal, folder, servable
from replayer.core.cassette import Cassette, Interaction
from replayer.core.recording import Exchange
from replayer.core.secrets import decodings
from replayer.core.session import Receipt, Recorded, Session
from replayer.errors import CassetteError
from replayer.proxy.opening import spoiled


@dataclass(frozen=True, slots=True)
class Ejected:
    """What came of a session. `kept` tells why a recording did not replace the cassette, `edited` what is broken in a
    cassette that missed something, with file, line and remedy; else None."""

    receipt: Receipt
    kept: str | None = None
    edited: str | None = None


class Slot:
    """One cassette file, its session and, while something is recorded, its journal. `played` is a cassette that is only
    replayed. `saves_failed` tells that what a failing run recorded is saved, too, if all of it was answered."""

    def __init__(
        self,
        path: Path,
        session: Session,
        journal: Journal | None,
        keep_memory: Callable[[], None] = lambda: None,
        played: Cassette | None = None,
        *,
        saves_failed: bool = False,
    ) -> None:
        self.path, self.session = path, session
        self.journal = journal
        self._keep_memory = keep_memory
        self._played, self._saves_failed = played, saves_failed
        self._begun = False
        self._unsafe = ""
        self._fault = ""
        self._credentials: set[str] = set()  # of all requests that were kept: they are never written, nor told

    def __repr__(self) -> str:
        return f"<Slot {self.path} {self.session!r}>"

    def keep(self, exchange: Exchange, recorded: Recorded) -> str:
        """Have an interaction on disk. What is in the way, where that cannot be; empty where it is there."""
        interaction, text = recorded.interaction, vcr_format.entry(recorded.interaction)
        names = self.session.upstream.names
        # A token that an answer of this session told is a name: the client never had the real one.
        credentials = frozenset(one for one in exchange.credentials if names.real_of(one) is None)
        self._credentials |= credentials
        if trouble := self._examined(interaction, text, credentials):
            self._unsafe = self._unsafe or trouble
            return f"{trouble}."
        if self.journal is None:
            return "This session records nothing."
        try:
            self._append(self.journal, text)
        except OSError as error:
            return f"The journal of {self.path} cannot be written: {error.strerror}."
        self.session.recorder.keep(exchange, interaction)
        return ""

    def _append(self, journal: Journal, text: str) -> None:
        facts = self.session.facts
        if not self._begun and facts is not None:
            journal.append(vcr_format.head(facts))
            self._begun = True
        journal.append(text)

    def _examined(self, interaction: Interaction, text: str, credentials: frozenset[str]) -> str:
        """Laws 4 and 5, before the first byte is written: what is wrong, or nothing."""
        found = self._still_real(interaction, text, credentials)
        collisions = self.session.upstream.names.collisions
        if found:
            trouble = f"{_answer_to(interaction)} still holds {found}, and was not written"
        elif collisions:
            trouble = f"{_answer_to(interaction)} cannot be named: {collisions[0]}"
        else:
            return ""
        return self.session.scrubbed(trouble, credentials)

    def _still_real(self, interaction: Interaction, text: str, credentials: frozenset[str]) -> str:
        """The first thing in an entry that must not be written; empty where there is none."""
        found = next(iter(self.session.upstream.still_real(_readable(interaction, text), credentials)), None)
        return found.what if found else ""

    def eject(self, *, failed: bool = False, aborted: bool = False) -> Ejected:
        """End the session and save what it recorded. `failed` tells that the run did not do what it should, `aborted`
        that it was ended before it could.

        A recording that is not whole, or not safe, leaves an older cassette as it is, and itself as a journal.
        """
        receipt = self.session.receipt()
        leaked = self._leaked()
        reason = leaked or self._reason_to_keep(failed=failed, aborted=aborted)
        recorded = self.session.cassette()
        if recorded is not None and reason is None:
            reason = self._save(recorded)
        if self.journal is not None:
            self.journal.close(keep=reason is not None and not leaked and self._begun)
        # Looking for it takes as long as opening: only who missed something has to wait, and wants to know.
        edited = spoiled(self.path, self._played) if receipt.missed and self._played else ""
        return Ejected(receipt, reason, edited or None)

    def _save(self, recorded: Cassette) -> str | None:
        """Put the recording in the place of the old cassette; what is in the way, where it would not be read again."""
        text = vcr_format.dumps(recorded)
        try:
            servable.read_back(text, str(self.path))
        except CassetteError as error:
            return self.session.scrubbed(f"what was recorded cannot be read back: {error}".rstrip("."))
        self._keep_memory()  # first: without it a cassette would name what nobody knows
        folder.replace(self.path, text)
        return None

    def _leaked(self) -> str:
        """What of all that would stay on disk has turned out to be real since it was examined; empty if nothing has.

        An entry was examined with the names and the credentials of its moment, the whole is with those of the session.
        It is examined before it is written, not after: these are the bytes that are written, and a file beside
        the cassette would have the secret on disk, for good if this program were killed right then. For the same
        reason the journal, in which the entry stands already, must not stay: the recording is lost.
        """
        recorded, credentials = self.session.cassette() if self._begun else None, frozenset(self._credentials)
        for interaction in recorded.interactions if recorded else ():
            found = self._still_real(interaction, vcr_format.entry(interaction), credentials)
            if found:
                trouble = (
                    f"{_answer_to(interaction)}, or the request, holds {found}, which was not known for one when it "
                    "was recorded; its journal was removed"
                )
                return self.session.scrubbed(trouble, frozenset(self._credentials))
        return ""

    def failed_inside(self, reference: str) -> None:
        """A request failed for a reason that nobody foresaw: what is recorded is not whole."""
        self._fault = self._fault or reference

    def let_go(self) -> None:
        """Let go of the journal, where ejecting has not done so: what is in it stays on disk, if it may."""
        if self.journal is not None and self.journal.is_open:
            self.journal.close(keep=self._begun and not self._leaked())

    def _reason_to_keep(self, *, failed: bool, aborted: bool) -> str | None:
        if self._unsafe:
            return self._unsafe
        if self.session.upstream.names.collisions:  # of an answer that nothing was kept of
            return f"it cannot be named: {self.session.upstream.names.collisions[0]}"
        if self._fault:
            return f"a request failed inside Replayer (reference {self._fault})"
        whole = not failed or (self._saves_failed and not self.session.misses)  # its assertions are no part of it
        if self._begun and (aborted or not whole):
            return "the run failed"  # a torso would be played as if it were the whole
        unanswered = self.session.recorder.unanswered
        if unanswered:
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
