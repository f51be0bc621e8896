"""Receipts on their way to a file: made when a session ends, gathered in this process, written as a whole.

What opens something is in none of them: texts are shown as a log would show them, and the file is searched once more
before it is written, by what finds secrets in cassettes.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import replayer
from replayer.cassettes import Journal, folder
from replayer.core.matching import canonical
from replayer.core.modes import Mode
from replayer.core.rules import registry
from replayer.core.secrets import Finding, masking, scan, scrub
from replayer.core.session import Receipt, Session, verdicts
from replayer.core.suite import ReceiptFile, SessionReceipt, ranges_of, session_receipt
from replayer.errors import UnsafeError, UsageError
from replayer.settings import Settings

JOURNAL = Journal.path_of(Path("a.yaml")).suffix
MOST = 100  # misses, and unused interactions, of one session that are told in words: their numbers are told of all
ASKING = 4  # threads that ask git how old a cassette is


@dataclass(frozen=True, slots=True)
class FiledReceipt:
    """The receipt of a session, the file that it goes to, and the file of its cassette. `shown` is how its texts are
    shown."""

    receipt: SessionReceipt
    file: Path
    cassette: Path
    shown: Callable[[str], str]

    def of(self, **more: Any) -> "FiledReceipt":
        """The same, with what only who began the session knows: its `command`, its `tests`."""
        return replace(self, receipt=replace(self.receipt, **more).shown(self.shown))


class Accounting:
    """What has to be known of a session from its beginning on, so that a receipt can tell what came of it."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self._settings, self._path = settings, path.absolute()
        self._file = Path(settings.receipt).absolute()
        self._name = named(path, Path.cwd()) or settings.cassette
        self._digest = digest_of(path) if settings.mode is not Mode.ALL and path.is_file() else ""
        self._began = time.monotonic()

    @classmethod
    def of(cls, settings: Settings, path: Path) -> "Accounting | None":
        """That of a session; None where nobody wants a receipt of it."""
        return cls(settings, path) if settings.receipt else None

    def filed(self, session: Session, receipt: Receipt, kept: str, credentials: frozenset[str]) -> FiledReceipt:
        """The receipt of a session that has ended; `kept` is why a recording did not become its cassette."""
        took = round((time.monotonic() - self._began) * 1000)
        player = session.player
        used = ranges_of(player.numbers) if self._digest else ()
        unused = list(islice(player.unplayed, MOST)) if self._digest else []
        told = SessionReceipt(
            cassette=self._name,
            mode=session.mode.value,
            recorded=receipt.recorded,
            played=receipt.played,
            synthesized=receipt.synthesized,
            missed=receipt.missed,
            misses=tuple(map(_missed, session.misses[:MOST])),
            interactions=player.total if self._digest else 0,
            digest=self._digest,
            used=used,
            unused=tuple((entry.order + 1, canonical.describe(entry.asked)) for entry in unused),
            milliseconds=took,
            age=None if receipt.recorded and not kept else 0,
            max_age=self._settings.longest_age,
            unsaved=kept,
        )
        shown = shown_by(credentials)
        return FiledReceipt(told.shown(shown), self._file, self._path, shown)


def _missed(refusal: verdicts.Refuse) -> session_receipt.Missed:
    return session_receipt.Missed(refusal.reason.value, refusal.message.partition("\n")[0])


def shown_by(credentials: frozenset[str] = frozenset()) -> Callable[[str], str]:
    """How a text is shown: without what opens something by its form, and without these. What is spelled so that it
    cannot be taken out, as in base64, takes the whole text with it."""

    def shown(text: str) -> str:
        plain = scrub(masking.shown_text(text), registry.GENERIC_RULES, credentials)
        return masking.MASK if _found_in(plain, credentials) else plain

    return shown


def _found_in(text: str, credentials: frozenset[str] = frozenset()) -> Finding | None:
    found = scan(text, registry.GENERIC_RULES, is_real=lambda _: False, credentials=credentials)
    return next(iter(found), None)


def named(path: Path, base: Path) -> str:
    """A cassette as it is called from that folder; empty where it lies elsewhere: whose home that is is nobody's
    business."""
    whole = path.absolute()
    for place in (base, base.resolve()):
        if whole.is_relative_to(place):
            return whole.relative_to(place).as_posix()
    return ""


def names_below(root: Path) -> list[str]:
    """The cassettes in a folder, as they are called from here."""
    return [name for path in folder.below(root) if path.suffix != JOURNAL and (name := named(path, Path.cwd()))]


def digest_of(path: Path) -> str:
    """What tells two contents of a file apart."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def aged(filed: Sequence[FiledReceipt]) -> list[SessionReceipt]:
    """These receipts with the ages of their cassettes, in seconds. Git is asked once for each of these."""
    now, paths = time.time(), {each.cassette for each in filed if each.receipt.age is not None}
    with ThreadPoolExecutor(ASKING) as pool:
        ages = dict(pool.map(lambda path: (path, folder.age(path, now) if path.is_file() else None), paths))
    return [replace(each.receipt, age=ages.get(each.cassette)) for each in filed]


def read(file: Path) -> ReceiptFile:
    """The receipt in that file; UsageError for what is none."""
    try:
        return ReceiptFile.loads(file.read_bytes(), str(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}. Give a file that --receipt wrote.") from None


def write(file: Path, receipts: Iterable[ReceiptFile]) -> None:
    """Make that file the receipt of these. UnsafeError where something in it may open something: then the file stays
    as it was."""
    shown = shown_by()
    receipts = [replace(each, present=tuple(map(shown, each.present))) for each in receipts]
    text = json.dumps(ReceiptFile.joined(replayer.__version__, receipts).document, indent=1, ensure_ascii=False)
    if (finding := _found_in(text)) is not None:
        raise UnsafeError(f"{file} was not written: {finding.what} would stand in it, in line {finding.line}.")
    folder.replace(file, text + "\n")


class ReceiptBook:
    """The receipts of this process, by the files that they go to: several sessions have one file together."""

    def __init__(self) -> None:
        self._sessions: dict[Path, list[SessionReceipt]] = {}

    def __repr__(self) -> str:
        return f"<ReceiptBook {len(self._sessions)} files>"

    def enter(self, file: Path, filed: Sequence[FiledReceipt], present: Iterable[str] = ()) -> None:
        """Write these to that file, with all that this process has entered for it before."""
        sessions = self._sessions.setdefault(file.absolute(), [])
        sessions += aged(filed)
        write(file, [ReceiptFile(replayer.__version__, tuple(sessions), tuple(present))])


BOOK = ReceiptBook()
