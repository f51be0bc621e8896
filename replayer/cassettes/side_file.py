"""What was found out about a large cassette, in a file of the user's cache folder: the next opening need not find it
out again. It may be deleted at any time, and is never believed: it is of this version, of these very bytes and as it
was written, or it is passed over without a word.

    ~/.cache/replayer/<SHA-256 of the cassette>.json        or where XDG_CACHE_HOME says
"""

import json
import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from replayer.cassettes import atomic

MOST = 64  # files in the folder; the ones that were used last stay
MOST_KEYS = 4  # settings by which one cassette is opened
LONGEST = 30 * 86_400  # seconds that an unused one stays
PRIVATE = 0o600


class SideFile:
    """The shelf of the cassette with those bytes. Nothing of it fails: without a cache folder nothing is kept."""

    def __init__(self, raw: bytes) -> None:
        self._path = folder() / f"{sha256(raw).hexdigest()}.json"
        self._kept: dict[str, Any] = _read(self._path)
        self._new: dict[str, Callable[[], Any]] = {}

    def __repr__(self) -> str:
        return f"<SideFile {self._path.name} {sorted(self._kept)}>"

    def find(self, key: str) -> Any:
        return self._kept.get(key)

    def keep(self, key: str, make: Callable[[], Any]) -> None:
        self._new[key] = make

    def save(self) -> None:
        """Write what is new, and forget what was not used for long. It is the last that is done with this, and may
        take a while: it is not for a loop."""
        kept, self._kept = self._kept, {}  # nobody asks for anything any more
        new, self._new = self._new, {}
        if not new:
            return
        kept = kept if len(kept) < MOST_KEYS else {}
        whole = {**kept, **{key: make() for key, make in new.items()}}
        content = json.dumps(whole, separators=(",", ":")).encode()
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.replace(self._path, _seal(content) + content, mode=PRIVATE)
            _tidy(self._path.parent)


def folder() -> Path:
    """Where they are."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    usual = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    with suppress(RuntimeError):  # a user without a home
        return (Path(given) if os.path.isabs(given) else Path(usual).expanduser()) / "replayer"  # noqa: PTH117
    return Path(os.devnull)


def _read(path: Path) -> dict[str, Any]:
    """What is kept there; nothing where it is not ours, or not whole."""
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            if facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) != PRIVATE:
                return {}
            seal, content = file.readline(), file.read()
        if seal != _seal(content):
            return {}
        kept = json.loads(content)
        os.utime(path)
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _seal(content: bytes) -> bytes:
    """The first line: by whom the rest was written, and that it is whole."""
    return sha256(_code() + content).hexdigest().encode() + b"\n"


@lru_cache(maxsize=1)
def _code() -> bytes:
    """What tells this version from all others, one that somebody has changed by hand, too."""
    home, found = Path(__file__).parents[1], sha256(sys.version.encode())
    for part in ("cassettes", "core"):
        for each in sorted((home / part).rglob("*.py")):
            found.update(each.read_bytes())
    return found.digest()


def _tidy(place: Path) -> None:
    files = sorted(place.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    now = time.time()
    for number, each in enumerate(files):
        if number >= MOST or now - each.stat().st_mtime > LONGEST:
            each.unlink()
