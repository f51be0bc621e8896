"""The slot: the file side of a session. What is recorded is on disk before it is answered, and replaces the old file
only when all of it is there."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from replayer.cassettes import folder, private
from replayer.cassettes import format as vcr_format
from replayer.cassettes.journal import Journal
from replayer.core.extending import extended
from replayer.core.interaction import Cassette, Interaction
from replayer.core.links import Links
from replayer.core.memory import Memory
from replayer.core.rules import INVOICE_RULES, RULES, Rules, rules_of_host
from replayer.core.session import Receipt, Recorded, Session
from replayer.core.verdicts import Exchange, Mode, forwards
from replayer.errors import CassetteError, UnsafeError, UsageError, unknown
from replayer.settings import SANDBOX, SHIFTED, Settings

RUN = re.compile(rb"[0-9A-Za-z_+/=%.-]{8,}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Ejected:
    """What came of a session. `kept` tells why a recording did not replace the cassette; else None."""

    receipt: Receipt
    kept: str | None = None


class Slot:
    """One cassette file, its session and, while something is recorded, its journal."""

    def __init__(
        self, path: Path, session: Session, journal: Journal | None, keep_memory: Callable[[], None] = lambda: None
    ) -> None:
        self.path, self.session = path, session
        self.journal = journal
        self._keep_memory = keep_memory
        self._begun = False
        self._unsafe = ""

    def __repr__(self) -> str:
        return f"<Slot {self.path} {self.session!r}>"

    @classmethod
    def insert(cls, settings: Settings, path: Path, cassette: Cassette | None, *, links: Links, remedy: str) -> Self:
        """Begin the session of a cassette that was read. UsageError where somebody else is recording it."""
        session = Session(
            cassette,
            mode=settings.mode,
            rules=rules_for(settings, cassette, path, links.cassette),
            links=links,
            upstream=SANDBOX if settings.upstream == SANDBOX else links.cassette,
            name=settings.cassette,
            remedy=remedy,
            epoch=settings.epoch_seconds,
            allow_live=settings.allow_live,
            lenient=settings.lenient,
            volatile=settings.volatile_fields,
            offsets=(-time.timezone, -time.altzone),
            shifted_to=int(time.time()) if settings.time == SHIFTED else None,
            memory=_memory(settings, links) if cassette is not None else None,
        )
        existed = cassette is not None
        journal = Journal.open(path) if forwards(settings.mode, existed=existed) else None
        return cls(path, session, journal, lambda: _remember(settings, links, session))

    def keep(self, exchange: Exchange, recorded: Recorded) -> None:
        """Have an interaction on disk. UnsafeError where something real is left in it, OSError on a full disk."""
        text = vcr_format.entry(recorded.interaction)
        self._examine(exchange, recorded.interaction, text)
        if self.journal is None:
            raise UnsafeError("This session records nothing.")
        facts = self.session.facts
        if not self._begun and facts is not None:
            self.journal.append(vcr_format.head(facts))
            self._begun = True
        self.journal.append(text)
        self.session.keep(exchange, recorded.interaction)

    def _examine(self, exchange: Exchange, interaction: Interaction, text: str) -> None:
        """Laws 4 and 5, before the first byte is written."""
        found = list(self.session.findings(_readable(interaction, text), exchange))
        where = f"{interaction.request.method} {interaction.request.path}"
        if found:
            trouble = f"The answer to {where} still holds {found[0].what}, and was not written"
        elif self.session.collisions:
            trouble = f"The answer to {where} cannot be named: {self.session.collisions[0]}"
        else:
            return
        self._unsafe = self._unsafe or trouble
        raise UnsafeError(f"{trouble}.")

    def eject(self, *, failed: bool = False) -> Ejected:
        """End the session and save what it recorded. `failed` tells that the run was no whole one.

        A recording that is not whole, or not safe, leaves an older cassette as it is, and itself as a journal.
        """
        receipt = self.session.receipt()
        reason = self._reason_to_keep(failed)
        recorded = self.session.cassette()
        if recorded is not None and reason is None:
            self._keep_memory()  # first: without it a cassette would name what nobody knows
            folder.replace(self.path, vcr_format.dumps(recorded))
        if self.journal is not None:
            self.journal.close(keep=reason is not None and self._begun)
        return Ejected(receipt, reason)

    def let_go(self) -> None:
        """Let go of the journal, where ejecting has not done so: what is in it stays on disk."""
        if self.journal is not None:
            self.journal.close(keep=self._begun)

    def _reason_to_keep(self, failed: bool) -> str | None:
        if self._unsafe:
            return self._unsafe
        if failed and self._begun:
            return "the run failed"  # a torso would be played as if it were the whole
        unanswered = self.session.unanswered
        if unanswered:
            requests = "1 request" if unanswered == 1 else f"{unanswered} requests"
            return f"{requests} could not be recorded"
        return None


def _readable(interaction: Interaction, text: str) -> str:
    """All of an entry that can hold an id. A body that is no text stands in it as base64, its ids cut in two by lines:
    of such a body the runs of letters and digits are taken instead."""
    body = interaction.response.body
    try:
        body.decode()
    except UnicodeDecodeError:
        response = replace(interaction.response, body=b"\n".join(RUN.findall(body)))
        return vcr_format.entry(replace(interaction, response=response))
    return text


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
