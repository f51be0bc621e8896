"""What was fetched once, for this user: objects as the store has them, packed, called by their content. It may be
deleted at any time, and is never believed: what does not have the digest that it is called by is thrown away.

    ~/.cache/replayer/objects/9f/9f86d0....zst        or where XDG_CACHE_HOME says
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from replayer.cassettes import atomic, side_file
from replayer.cassettes.store.packing import SUFFIX, unpacked

LONGEST = 90 * 86_400  # seconds that an object stays which nobody used
PRIVATE = 0o600


class Cache:
    """The cache of one user. Nothing of it fails: without a folder to keep things in nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = (side_file.folder() if folder is None else folder) / "objects"

    def __repr__(self) -> str:
        return f"<Cache {self._folder}>"

    def find(self, digest: str, size: int) -> bytes | None:
        """The content of that digest; None where it is not there, or damaged."""
        path = self._place(digest)
        try:
            content = unpacked(path.read_bytes(), digest, size)
        except OSError:
            return None
        with suppress(OSError):
            if content is None:
                path.unlink()
            else:
                os.utime(path)
        return content

    def has(self, digest: str) -> bool:
        """Whether that content was pushed or fetched by this user: so it is not lost where it is overwritten."""
        return self._place(digest).is_file()

    def keep(self, digest: str, packed: bytes) -> None:
        """Have an object whose content was looked at."""
        path = self._place(digest)
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.replace(path, packed, mode=PRIVATE)

    def tidy(self) -> None:
        """Forget what nobody used for long."""
        now = time.time()
        for path in self._folder.glob(f"*/*{SUFFIX}"):
            with suppress(OSError):
                if now - path.stat().st_mtime > LONGEST:
                    path.unlink()

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / f"{digest}{SUFFIX}"
