"""What a recording has on disk while it runs, so that being killed costs it nothing.

    head, # complete, entry, # complete, entry, # complete, ent     <- killed here: the last line counts no more

A journal is a cassette that is still open: a mark after everything that is there as a whole, and no end mark until it
is closed and kept. Webhooks stand in it among the interactions, as they came, and once more with each answer of the
program: of one that stands there several times the last counts. A stream stands there event by event.
There is no fsync: what `write` took survives the death of this program, only not that of the machine.
"""

import fcntl
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from replayer.cassettes import atomic, journal_streams, unversioned
from replayer.cassettes.read import loads
from replayer.cassettes.write import END, head
from replayer.core.cassette import Cassette, Facts
from replayer.errors import CassetteError, UsageError

SUFFIX = ".journal"
COMPLETE = "# complete\n"  # no line of an entry starts with "#": everything in it is indented or a key
_MARK = ("\n" + COMPLETE).encode()
_WEBHOOK, _WEBHOOKS, _LIST = b"- after:", b"webhooks:", b"interactions:"
_ANSWERS = re.compile(rb"  answers: \[[^\]]*\]$")


class Journal:
    """The open journal of one cassette, which nobody else can record meanwhile.

    `set_aside` is where the interactions of an earlier, killed recording went, if there was one.
    """

    __slots__ = ("_descriptor", "_size", "path", "set_aside")

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.set_aside: Path | None = None
        self._descriptor = descriptor
        self._size = 0

    def __repr__(self) -> str:
        state = "closed" if self._descriptor < 0 else f"{self._size} bytes"
        return f"<Journal {self.path} {state}>"

    @staticmethod
    def path_of(cassette: Path) -> Path:
        """Where the journal of a cassette is, if there is one."""
        return cassette.with_name(cassette.name + SUFFIX)

    @staticmethod
    def is_held(cassette: Path) -> bool:
        """Whether somebody records to that cassette now."""
        return is_held(Journal.path_of(cassette))

    @property
    def is_open(self) -> bool:
        return self._descriptor >= 0

    @classmethod
    def open(cls, cassette: Path, facts: Facts | None = None) -> Self:
        """Lock `<cassette>.journal` and start it. UsageError where another recorder holds it, or it cannot be there.

        Facts that are not known yet are appended later, as `head`, before the first entry.
        """
        if cassette.name.endswith(SUFFIX):  # it may be another recorder's, which would write on into nothing
            other = cassette.name.removesuffix(SUFFIX) or "another one"
            raise UsageError(f"{cassette} is a journal, which nothing is recorded to. Record to {other}.")
        path = cls.path_of(cassette)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            journal = cls(path, _locked(path, cassette))
            unversioned.ignore(path)
            journal._start(cassette, facts)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}. Record to another folder.") from None
        return journal

    def _start(self, cassette: Path, facts: Facts | None) -> None:
        try:
            self.set_aside = _set_aside(cassette, self.path.read_bytes())
            os.ftruncate(self._descriptor, 0)
            if facts is not None:
                self.append(head(facts))
        except BaseException:
            self.close(keep=True)
            raise

    def append(self, text: str) -> None:
        """Have `text` on disk as a whole, or not at all: then OSError."""
        try:
            _write(self._descriptor, (text + COMPLETE).encode())
        except BaseException:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size = os.fstat(self._descriptor).st_size

    def begin_stream(self, number: int, begun: str) -> None:
        """A stream of that number has begun, whose entry would be that if nothing came; see `append`."""
        self.append(journal_streams.began(number, begun))

    def add_event(self, number: int, event: str) -> None:
        """It has told that."""
        self.append(journal_streams.came(number, event))

    def end_stream(self, number: int, whole: str = "") -> None:
        """That is all of it, as an entry; nothing where it is not kept."""
        self.append(journal_streams.ended(number, whole))

    def rewrite(self, texts: Iterable[str]) -> None:
        """Have these on disk instead of all that was written."""
        os.ftruncate(self._descriptor, 0)
        self._size = 0
        for text in texts:
            self.append(text)

    def close(self, *, keep: bool) -> None:
        """Let go of the journal, which is removed unless it is to be kept. Closing twice is closing once.

        One that is kept has an end mark, so that the next recording knows it was not killed, and replaces it.
        """
        if self._descriptor < 0:
            return
        if keep:
            with suppress(OSError):  # of a full disk: then it looks killed, and is set aside
                _write(self._descriptor, END.encode())
        else:
            self.path.unlink(missing_ok=True)  # before the lock goes, or it might be another recorder's
            unversioned.forget(self.path)
        os.close(self._descriptor)
        self._descriptor = -1


def load_journal(text: bytes, name: str) -> Cassette:
    """The cassette in a journal, all of it but an incomplete end. CassetteError for any other fault."""
    whole = _completed(text, name)
    try:
        return loads(_unmarked(whole), name)
    except CassetteError:
        return loads(whole, name)  # the same fault, with the line where it stands in the journal itself


def _completed(text: bytes, name: str) -> bytes:
    """The journal up to its last mark, ended as a cassette."""
    whole, mark, _ = text.rpartition(_MARK)
    if not mark:
        raise CassetteError(f"{name}:1: the recording was killed before it began. Delete the file and record again.")
    if b"\n" + journal_streams.STREAM in whole:
        first, *pieces = whole.split(_MARK)
        whole = _MARK.join((first, *journal_streams.settled(pieces)))
    if _MARK not in whole:  # only the head
        return whole + b" []" + mark + END.encode()
    if b"\n" + _WEBHOOK in whole:
        whole = _sorted(whole)
    return whole + mark + END.encode()


def _sorted(whole: bytes) -> bytes:
    """The pieces of a journal with its webhooks where a cassette has them, each once, as it was written last."""
    head, *pieces = whole.split(_MARK)
    webhooks = {_ANSWERS.sub(b"", piece): piece for piece in pieces if piece.startswith(_WEBHOOK)}
    top, listed, _ = head.rpartition(_LIST)
    top += b"\n".join((_WEBHOOKS, *webhooks.values(), b""))
    return _MARK.join((top + listed, *(piece for piece in pieces if not piece.startswith(_WEBHOOK))))


def _unmarked(whole: bytes) -> bytes:
    return whole.replace(_MARK, b"\n")


def _locked(path: Path, cassette: Path) -> int:
    """A descriptor of the file that is at `path` now, locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise UsageError(
                f"{cassette} is being recorded by another replayer. Stop that one, or record to another cassette."
            ) from None
        os.close(descriptor)  # its owner removed it between our two steps


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _set_aside(cassette: Path, left: bytes) -> Path | None:
    """Where the interactions that a killed recording left now are; None where it left none."""
    if left.count(_MARK) < 2 or left.endswith(END.encode()):
        return None
    aside = _aside(cassette)
    atomic.replace(aside, _unmarked(_completed(left, str(aside))))
    return aside


def _aside(cassette: Path) -> Path:
    number = 1
    while (aside := cassette.with_name(f"{cassette.stem}.interrupted-{number}.yaml")).exists():
        number += 1
    return aside


def left_behind(cassette: Path, again: str = "record it again") -> str:
    """What a recording of that cassette left that was not saved, and both ways on; empty for nothing. `again`
    is how to record it."""
    path = Journal.path_of(cassette)
    try:
        left = path.read_bytes()
    except OSError:
        return ""
    if is_held(path):
        return f"{path} is there: a recording that is still running. Let it end, which saves it."
    extra = left.count(_MARK + _WEBHOOK) + journal_streams.count(left)
    count = max(left.count(_MARK) - 1 - extra, 0)
    many = "1 interaction" if count == 1 else f"{count} interactions"
    kept = left.endswith(END.encode())
    fate = f"replaces {path.name}" if kept or not count else f"sets them aside as {_aside(cassette).name}"
    what = "that was not saved" if kept else "that was killed"
    ways = f"use {path} as the cassette; or {again}, which {fate}"
    return f"{path} is there: a recording {what}, with {many}. To fix: {ways}."


def is_held(path: Path) -> bool:
    """Whether a recorder has that journal open."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
