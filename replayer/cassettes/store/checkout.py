"""The cassettes of one root on this machine, the lock beside it, and what is remembered of both.

`.replayer/store.json` in the root remembers of each cassette its `base`, which is what the lock said when the file was
last that; and what the file was when it was read last, by its times and its size, so that a gigabyte that nobody
touched is not read again. It may be deleted: then a file that is not what the lock says counts as changed here.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from replayer.cassettes import atomic, folder, names_file
from replayer.cassettes.journal import SUFFIX, Journal
from replayer.cassettes.store.lock import HERE, NAME, Lock
from replayer.errors import CassetteError, UsageError

MEMORY = "store.json"
GUARD = "store.guard"
ATTRIBUTES = ".gitattributes"
UNION = f"{NAME} merge=union\n"
READERS = min(8, os.cpu_count() or 1)  # hashing leaves Python's lock
SETTLED = 0.1  # seconds: a file that was written later than that before it was read may change within one tick


class Seen(NamedTuple):
    """What a file was: nanoseconds of its content and of its entry, bytes, its number on the disk, and its SHA-256."""

    modified: int
    entered: int
    size: int
    number: int
    digest: str


class Checkout:
    """A root, by its path; `cwd` is where its user stands. Where that is the root itself, and the lock in it is
    of a folder there, that folder is meant. Nothing is read before it is asked for."""

    def __init__(self, root: Path, cwd: Path) -> None:
        self.root = root_of(root) if root.resolve() == cwd.resolve() else root
        self.lock_path = lock_path(self.root, cwd)
        self._base, self._seen = _remembered(self.root / names_file.FOLDER / MEMORY)

    def __repr__(self) -> str:
        return f"<Checkout {self.root} {len(self._base)} known>"

    def lock(self) -> Lock:
        """What the lock says now; an empty one where there is none. UsageError where it is of another root."""
        called = HERE if self.lock_path.parent.resolve() == self.root.resolve() else self.root.resolve().name
        try:
            text = self.lock_path.read_text("utf-8")
        except FileNotFoundError:
            return Lock(called)
        except (OSError, UnicodeDecodeError) as error:
            raise CassetteError(f"{self.lock_path} cannot be read: {error}.") from None
        lock = Lock.loads(text, str(self.lock_path))
        if lock.root != called:
            raise UsageError(
                f"{self.lock_path} is of the root {lock.root!r}, not {called!r}. Give --root {lock.root}, "
                "or have the folders below one root."
            )
        return lock

    def base(self, name: str) -> str | None:
        """What the lock said of it when the file was that."""
        return self._base.get(name)

    @property
    def remembered(self) -> frozenset[str]:
        """The cassettes that were here once, and came from the lock or went into it."""
        return frozenset(self._base)

    def place(self, name: str) -> Path:
        """Where that cassette is, or belongs; UsageError for a name that leads out of the root."""
        return folder.locate(self.root, name)

    def is_recorded_now(self, name: str) -> bool:
        """Whether somebody records it at this moment."""
        return Journal.is_held(self.root / name)

    def names(self, known: Iterable[str] = ()) -> list[str]:
        """The cassettes that are here; those that are `known` to be some are not read for that."""
        all_known = {*known, *self._base}
        found = folder.below(self.root, lambda path: self._name(path) in all_known)
        return [self._name(path) for path in found if path.suffix != SUFFIX]

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def digests(self, names: Iterable[str], step: Callable[[], None] = lambda: None) -> dict[str, tuple[str, int]]:
        """SHA-256 and bytes of those cassettes that are here. What nobody touched since it was read is not read."""
        listed = list(names)
        with ThreadPoolExecutor(READERS) as readers:
            found = {}
            for name, seen in zip(listed, readers.map(self._look, listed), strict=True):
                step()
                if seen is not None:
                    self._seen[name] = seen
                    found[name] = (seen.digest, seen.size)
        return found

    def _look(self, name: str) -> Seen | None:
        path, known = self.root / name, self._seen.get(name)
        try:
            facts = path.stat()
            if known and known[:4] == _facts(facts):
                return known
            with path.open("rb") as file:
                began, facts = time.time(), os.fstat(file.fileno())
                digest = file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CassetteError(folder.UNREADABLE.format(path, error.strerror)) from None
        is_settled = began - facts.st_ctime > SETTLED
        return Seen(*(_facts(facts) if is_settled else (0, 0, facts.st_size, 0)), digest)

    def write(self, name: str, content: bytes, recorded: int, digest: str) -> None:
        """Have that content there, as old as it is; OSError where that cannot be."""
        path = self.place(name)
        atomic.replace(path, content)
        os.utime(path, (time.time(), recorded))
        self._seen[name] = Seen(*_facts(path.stat()), digest)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While it lasts, no other process changes this lock or this memory; one that is killed lets go of both."""
        with (names_file.private(self.root) / GUARD).open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield

    def save(self, lock: Lock | None, base: Mapping[str, str | None]) -> None:
        """Write a lock, None for none, and the base of those cassettes, None for none any more. To be called `alone`.
        The lock first: of what is in between nothing is lost, a file that is what the lock says is known by itself."""
        if lock is not None:
            _mark_for_git(self.lock_path.parent)
            atomic.replace(self.lock_path, lock.dumps().encode())
        stored = self.root / names_file.FOLDER / MEMORY
        bases, seen = _remembered(stored)
        seen = {**seen, **{name: each for name, each in self._seen.items() if each.number}}
        bases = {**bases, **{name: digest for name, digest in base.items() if digest is not None}}
        for name in (name for name, digest in base.items() if digest is None):
            bases.pop(name, None)
        self._base, self._seen = bases, {name: each for name, each in seen.items() if name in bases}
        document = {"base": self._base, "seen": self._seen}
        names_file.private(self.root)
        atomic.replace(stored, json.dumps(document, separators=(",", ":")).encode(), mode=names_file.OWNER_ONLY)


def lock_path(root: Path, cwd: Path) -> Path:
    """Where the lock of a root is: beside it, so that the folder itself can be left out of git. Who stands in the root
    has it there, unless there is one beside it that is of this root."""
    beside = root.resolve().parent / NAME
    if root.resolve() != cwd.resolve():
        return beside
    with_name = f"\nroot: {root.resolve().name}\n"
    try:
        return beside if with_name in beside.read_text("utf-8") else root / NAME
    except (OSError, UnicodeDecodeError):
        return root / NAME


def root_of(folder_: Path) -> Path:
    """The root that the lock in a folder is of; that folder where there is none, or one that cannot be read."""
    try:
        root = Lock.loads((folder_ / NAME).read_text("utf-8"), NAME).root
    except (OSError, UnicodeDecodeError, CassetteError):
        return folder_
    return folder_ if root == HERE or "/" in root else folder_ / root


def _facts(facts: os.stat_result) -> tuple[int, int, int, int]:
    return facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino


def _remembered(path: Path) -> tuple[dict[str, str], dict[str, Seen]]:
    """What is remembered; nothing where it is not there, or not what was written."""
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        base = {str(name): str(digest) for name, digest in document["base"].items()}
        return base, {str(name): Seen(*each) for name, each in document["seen"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}, {}


def _mark_for_git(place: Path) -> None:
    """Have git keep the lines of both sides where two branches add at one place, unless its user says otherwise."""
    if not any((each / ".git").exists() for each in (place.resolve(), *place.resolve().parents)):
        return
    attributes = place / ATTRIBUTES
    try:
        said = attributes.read_text("utf-8") if attributes.exists() else ""
        if NAME not in said:
            atomic.replace(attributes, (said + ("\n" if said and not said.endswith("\n") else "") + UNION).encode())
    except (OSError, UnicodeDecodeError):
        return  # without it a merge may need a hand, and loses nothing
