"""What only whoever recorded may see: which real ids the names of a cassette stand for. One file for each cassette,
below `.replayer/` in the root, readable by its owner alone, and left out of version control by a `.gitignore` there.
"""

import json
from pathlib import Path

from replayer.cassettes import atomic, folder
from replayer.core.naming import Memory
from replayer.errors import CassetteError

FOLDER = ".replayer"
SUFFIX = ".names.json"
OWNER_ONLY = 0o600


def place(root: Path, cassette: str) -> Path:
    """Where the memory of the cassette of that name is kept."""
    return folder.locate(root, f"{FOLDER}/{cassette}{SUFFIX}")


def read(root: Path, cassette: str) -> Memory | None:
    """What the last recording on this machine knew; None where there is none, CassetteError for a broken file."""
    path = place(root, cassette)
    try:
        memory = Memory.read(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CassetteError(f"{path}: cannot be read: {error}. Delete it; then record all of it again.") from None
    if memory is None:
        raise CassetteError(f"{path}: this is not what Replayer wrote. Delete it; then record all of it again.")
    return memory


def write(root: Path, cassette: str, memory: Memory) -> None:
    """Keep what a recording knew, instead of what an earlier one did."""
    path = place(root, cassette)
    private(root)
    atomic.replace(path, json.dumps(memory.plain(), separators=(",", ":")).encode(), mode=OWNER_ONLY)


def private(root: Path) -> Path:
    """The folder of what is nobody's business but of whoever works in this root; made where it is not there."""
    home = root / FOLDER
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = home / ".gitignore"
    if not ignore.exists():
        atomic.replace(ignore, b"# real ids: never to be committed\n*\n")
    return home
