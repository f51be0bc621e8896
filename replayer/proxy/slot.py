"""The slot: the file side of a session. What is recorded is on disk before it is answered, and replaces the old file
only when all of it is there."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from replayer import cassettes as vcr_format
from replayer.cassettes import Journal, folder
from replayer.cassettes import names_file as private
from replayer.core.audit.audit import spoiling
from replayer.core.message.interaction import Cassette, Interaction
from replayer.core.message.links import Links
from replayer.core.modes import Mode, forwards
from replayer.core.naming.memory import Memory
from replayer.core.recording.exchange import Exchange
from replayer.core.rules.registry import INVOICE_RULES, LOOPBACK, RULES, Rules, rules_of_host
from replayer.core.rules.table import extended
from replayer.core.secrets.decodings import hidden_texts
from replayer.core.secrets.findings import AGAIN
from replayer.core.session.receipt import Receipt
from replayer.core.session.session import Recorded, Session
from replayer.errors import CassetteError, UnsafeError, UsageError, unknown
from replayer.settings import SANDBOX, SHIFTED, Settings


@dataclass(frozen=True, slots=True)
class Ejected:
    """What came of a session. `kept` tells why a recording did not replace the cassette, `edited` what is broken in a
    cassette that missed something, with file, line and remedy; else None."""

    receipt: Receipt
    kept: str | None = None
    edited: str | None = None


class Slot:
    """One cassette file, its session and, while something is recorded, its journal. `played` is a cassette that is only
    replayed."""

    def __init__(
        self,
        path: Path,
        session: Session,
        journal: Journal | None,
        keep_memory: Callable[[], None] = lambda: None,
        played: Cassette | None = None,
    ) -> None:
        self.path, self.session = path, session
        self.journal = journal
        self._keep_memory = keep_memory
        self._played = played
        self._begun = False
        self._unsafe = ""
        self._credentials: set[str] = set()  # of all requests that were kept: they are never written, nor told

    def __repr__(self) -> str:
        return f"<Slot {self.path} {self.session!r}>"

    @classmethod
    def insert(cls, settings: Settings, path: Path, cassette: Cassette | None, *, links: Links, remedy: str) -> Self:
        """Begin the session of a cassette that was read. UsageError where somebody else is recording it, CassetteError
        where it cannot be recorded over."""
        if cassette is not None and settings.mode in (Mode.ALL, Mode.NEW_EPISODES):
            _refuse_spoiled(path, cassette)
        rules = rules_for(settings, cassette, path, links.cassette)
        if settings.on_miss == SANDBOX and rules.name != INVOICE_RULES.name:
            raise UsageError(
                f"on_miss = {SANDBOX!r} goes on with sessions of the invoice API only: the rules of "
                f"{settings.cassette} are {rules.name!r}."
            )
        session = Session(
            cassette,
            mode=settings.mode,
            rules=rules,
            links=links,
            upstream=SANDBOX if settings.upstream == SANDBOX else links.cassette,
            name=settings.cassette,
            remedy=remedy,
            epoch=settings.epoch_seconds,
            allow_live=settings.allow_live,
            lenient=settings.lenient,
            strict=settings.strict,
            volatile=settings.volatile_fields,
            offsets=(-time.timezone, -time.altzone),
            shifted_to=int(time.time()) if settings.time == SHIFTED else None,
            memory=_memory(settings, links) if cassette is not None else None,
            hands_over=settings.on_miss == SANDBOX,
        )
        existed = cassette is not None
        journal = Journal.open(path) if forwards(settings.mode, existed=existed) else None
        return cls(path, session, journal, lambda: _remember(settings, links, session), None if journal else cassette)

    def keep(self, exchange: Exchange, recorded: Recorded) -> None:
        """Have an interaction on disk. UnsafeError where something real is left in it, OSError on a full disk."""
        text = vcr_format.entry(recorded.interaction)
        # A token that an answer of this session told is a name: the client never had the real one.
        credentials = frozenset(one for one in exchange.credentials if self.session.real_of(one) is None)
        self._credentials |= credentials
        self._examine(recorded.interaction, text, credentials)
        if self.journal is None:
            raise UnsafeError("This session records nothing.")
        facts = self.session.facts
        if not self._begun and facts is not None:
            self.journal.append(vcr_format.head(facts))
            self._begun = True
        self.journal.append(text)
        self.session.keep(exchange, recorded.interaction)

    def _examine(self, interaction: Interaction, text: str, credentials: frozenset[str]) -> None:
        """Laws 4 and 5, before the first byte is written."""
        found = self._still_real(interaction, text, credentials)
        if found:
            trouble = f"{_answer_to(interaction)} still holds {found}, and was not written"
        elif self.session.collisions:
            trouble = f"{_answer_to(interaction)} cannot be named: {self.session.collisions[0]}"
        else:
            return
        self._unsafe = self._unsafe or self.session.scrubbed(trouble, credentials)
        raise UnsafeError(f"{self.session.scrubbed(trouble, credentials)}.")

    def _still_real(self, interaction: Interaction, text: str, credentials: frozenset[str]) -> str:
        """The first thing in an entry that must not be written; empty where there is none."""
        found = next(iter(self.session.findings(_readable(interaction, text), credentials)), None)
        return found.what if found else ""

    def eject(self, *, failed: bool = False) -> Ejected:
        """End the session and save what it recorded. `failed` tells that the run was no whole one.

        A recording that is not whole, or not safe, leaves an older cassette as it is, and itself as a journal.
        """
        receipt = self.session.receipt()
        leaked = self._leaked()
        reason = leaked or self._reason_to_keep(failed)
        recorded = self.session.cassette()
        if recorded is not None and reason is None:
            self._keep_memory()  # first: without it a cassette would name what nobody knows
            folder.replace(self.path, vcr_format.dumps(recorded))
        if self.journal is not None:
            self.journal.close(keep=reason is not None and not leaked and self._begun)
        # Looking for it takes as long as opening: only who missed something has to wait, and wants to know.
        edited = _spoiled(self.path, self._played) if receipt.missed and self._played else ""
        return Ejected(receipt, reason, edited or None)

    def _leaked(self) -> str:
        """What of all that would stay on disk has turned out to be real since it was examined; empty if nothing has.

        An entry was examined with the names and the credentials of its moment, the whole is with those of the session.
        It is examined before it is written, not after: these are the bytes that are written, and a file beside
        the cassette would have the secret on disk, for good if this program were killed right then. For the same
        reason the journal, in which the entry stands already, must not stay: the recording is lost.
        """
        recorded = self.session.cassette() if self._begun else None
        for interaction in recorded.interactions if recorded else ():
            found = self._still_real(interaction, vcr_format.entry(interaction), frozenset(self._credentials))
            if found:
                trouble = (
                    f"{_answer_to(interaction)}, or the request, holds {found}, which was not known for one when it "
                    "was recorded; its journal was removed"
                )
                return self.session.scrubbed(trouble, frozenset(self._credentials))
        return ""

    def let_go(self) -> None:
        """Let go of the journal, where ejecting has not done so: what is in it stays on disk, if it may."""
        if self.journal is not None and self.journal.is_open:
            self.journal.close(keep=self._begun and not self._leaked())

    def _reason_to_keep(self, failed: bool) -> str | None:
        if self._unsafe:
            return self._unsafe
        if self.session.collisions:  # of an answer that nothing was kept of
            return f"it cannot be named: {self.session.collisions[0]}"
        if failed and self._begun:
            return "the run failed"  # a torso would be played as if it were the whole
        unanswered = self.session.unanswered
        if unanswered:
            requests = "1 request" if unanswered == 1 else f"{unanswered} requests"
            return f"{requests} could not be recorded"
        return None


def _refuse_spoiled(path: Path, cassette: Cassette) -> None:
    """A recording takes over the names and the times that are there: those that somebody broke would be its own."""
    if spoiled := _spoiled(path, cassette):
        raise CassetteError(spoiled)


def _spoiled(path: Path, cassette: Cassette) -> str:
    """The first broken name or time of a cassette, with its place and the remedy; empty where all are sound."""
    first = next(iter(spoiling(cassette, path.read_text("utf-8", "replace"))), None)
    return f"{path}:{first.line}: {first.what}. {AGAIN.capitalize()}." if first else ""


def _answer_to(interaction: Interaction) -> str:
    return f"The answer to {interaction.request.method} {interaction.request.path}"


def _readable(interaction: Interaction, text: str) -> str:
    """All of an entry that can hold something real. A body that is no text stands in it as base64, whatever is in it
    cut in two by lines, or packed: of such a body the texts are taken instead."""
    request, response = interaction.request, interaction.response
    sent, received = hidden_texts(request.headers, request.body), hidden_texts(response.headers, response.body)
    if not sent and not received:
        return text
    return "\n".join((text, *(plain for _, plain in (*sent, *received))))


def _memory(settings: Settings, links: Links) -> Memory | None:
    """What the last recording on this machine knew, if new requests may go to the same upstream."""
    if settings.mode is not Mode.NEW_EPISODES or settings.upstream == SANDBOX:
        return None
    memory = private.read(Path(settings.root), settings.cassette)
    return memory if memory is not None and memory.upstream == links.upstream else None


def _remember(settings: Settings, links: Links, session: Session) -> None:
    """Keep what the names stand for, unless that ends with the session, as the embedded sandbox does."""
    memory = session.remembered(links.upstream)
    if memory is not None and settings.upstream != SANDBOX:
        private.write(Path(settings.root), settings.cassette, memory)


def rules_for(settings: Settings, cassette: Cassette | None, path: Path, origin: str) -> Rules:
    """The rules that named what is in the cassette, and will name what is not: its own, else those that were chosen,
    else those of the API at that origin. UsageError where others are chosen than its own."""
    facts, chosen = cassette.facts if cassette else None, settings.rules_name
    if facts and facts.rules not in RULES:
        raise CassetteError(f"{path}: {unknown(facts.rules, 'set of rules', list(RULES))}")
    if facts and chosen not in ("", facts.rules):
        raise UsageError(
            f"{path} was recorded by the rules {facts.rules!r}, not {chosen!r}. "
            "Choose these or none, or delete it and record it anew."
        )
    name = facts.rules if facts else chosen
    rules = RULES[name] if name else rules_of_host(urlsplit(origin).hostname or "")
    return extended(rules, settings.rules_table)


def cassette_origin(settings: Settings, cassette: Cassette | None, upstream: str) -> str:
    """The origin that the cassette speaks of. `upstream` is the origin that requests are sent to, if they are.

    The sandbox stands in for the invoice API. On loopback the port is chance: the first one is kept.
    """
    if settings.origin:
        return settings.origin
    if settings.upstream == SANDBOX:
        return f"https://{INVOICE_RULES.hosts[0]}"
    recorded = cassette.interactions[0].request.origin if cassette and cassette.interactions else ""
    if not upstream or (_is_loopback(recorded) and _is_loopback(upstream)):
        return recorded or upstream
    return upstream


def _is_loopback(origin: str) -> bool:
    return urlsplit(origin).hostname in LOOPBACK
