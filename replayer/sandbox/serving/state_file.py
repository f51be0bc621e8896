"""The state file: read at the start, replaced atomically ever after, and never written over what is not ours."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from replayer.errors import ReplayerError, UsageError
from replayer.sandbox.api import InvoiceApi
from replayer.sandbox.serving.state import dump, load, plain

MOST: Final = 1 << 30  # bytes: a million invoices stay far below it


class StateError(ReplayerError):
    """The state could not be saved; the message says why, and what is in the file instead."""


class StateFile:
    """One file, and what it was when we last read or wrote it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] | None = None
        self._saved: tuple[InvoiceApi | None, int, int, int] = (None, 0, 0, 0)

    def __repr__(self) -> str:
        return f"<StateFile {self.path}>"

    def load(self, api: InvoiceApi) -> None:
        """Fill a new API with what the file holds; a file that is not there yet holds nothing."""
        self._seen = self._stamp()
        if self._seen is None:
            self._check_folder()
            return
        try:
            load(api, _parsed(self.path))
        except (OSError, RecursionError, *_FOREIGN) as error:
            why = error.strerror if isinstance(error, OSError) else "it holds something else, or is damaged"
            raise UsageError(
                f"{self.path} cannot be read as the state of a sandbox: {why}. It stays as it is; name another file."
            ) from None
        self._saved = _age(api)

    def save(self, api: InvoiceApi) -> bool:
        """Whether there was something to save. The old file stays until the new one is whole."""
        if _age(api) == self._saved or (self._seen is None and not api.writes):
            return False
        if self._stamp() != self._seen:
            raise StateError(f"{self.path} was changed by somebody else meanwhile, and stays as they left it")
        try:
            self._replace(json.dumps(dump(api), default=plain, ensure_ascii=False).encode("utf-8", "replace"))
        except OSError as error:
            raise StateError(f"{self.path} cannot be written: {error.strerror}") from None
        self._seen, self._saved = self._stamp(), _age(api)
        return True

    def _replace(self, content: bytes) -> None:
        target = self.path.resolve()  # where it is a link, what it leads to
        number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _stamp(self) -> tuple[int, ...] | None:
        """What changes when the file does; None where there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UsageError(f"{self.path} cannot be read: {error.strerror}. Name another file.") from None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _check_folder(self) -> None:
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise UsageError(f"{self.path} cannot be written: there is no folder for it that can be written to.")


def _age(api: InvoiceApi) -> tuple[InvoiceApi, int, int, int]:
    """What is another whenever there is something to save."""
    return api, api.writes, api.unasked, api.advanced


_FOREIGN: Final = (AttributeError, KeyError, TypeError, ValueError, UnicodeDecodeError)


def _parsed(path: Path) -> dict[str, Any]:
    if not path.is_file() or path.stat().st_size > MOST:
        raise ValueError("no file, or too large a one")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found
