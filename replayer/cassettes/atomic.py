"""A file becomes another as a whole: who reads it, whatever is cut off and when, sees the old one or the new one."""

import errno
import os
import re
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path

LONGEST = 600.0  # seconds that writing one file may take
_LEFT = re.compile(r"\.[0-9a-f]{16}\.tmp")


def replace(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Make `content` the file's. Equal bytes are not written at all; a new file is 0644 less the umask, or has `mode`
    from its first byte on."""
    target = Path(os.path.realpath(path))  # a link stays a link
    if _content(target) == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{secrets.token_hex(8)}.tmp")  # the same directory: a rename across disks is no rename
    try:
        _write(beside, content, mode if mode is not None else _mode(target))
        _check(beside, content)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def sweep(folder: Path) -> None:
    """Delete what writers left in a folder that were killed: what is being written is younger."""
    for path in folder.glob(".*.tmp"):
        with suppress(OSError):
            if _LEFT.fullmatch(path.name) and time.time() - path.stat().st_mtime > LONGEST:
                path.unlink()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # none yet, or not for us to read: the rename will tell
        return None


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def _write(path: Path, content: bytes, mode: int | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if mode is None else mode)
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _check(path: Path, content: bytes) -> None:
    """OSError where a disk does not give back what it was given: the old file is still there."""
    if path.read_bytes() != content:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def _sync_folder(folder: Path) -> None:
    """Without it the new name may be lost when the machine dies, though the content is safe."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
