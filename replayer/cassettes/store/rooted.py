"""A root that is in a store, for replay alone: each cassette is fetched when it is opened, by the lock of the project
that one stands in, and lies in the cache of the user from then on.

    root = "s3://bucket/prefix"     pay/card.yaml  ->  ~/.cache/replayer/roots/<store and lock>/pay/card.yaml
"""

from hashlib import sha256
from pathlib import Path

from replayer.cassettes import atomic, folder, side_file
from replayer.cassettes.store.address import KINDS, SCHEME
from replayer.cassettes.store.cache import Cache
from replayer.cassettes.store.lock import NAME, Lock
from replayer.cassettes.store.opening import open_store
from replayer.cassettes.store.pulling import Supply
from replayer.errors import CassetteError, UsageError


def is_stored(root: str) -> bool:
    """Whether a root is in a store, and no folder of this machine."""
    return SCHEME in root and root.partition(SCHEME)[0] in KINDS


def place(root: str, cwd: Path) -> Path:
    """Where the cassettes of that root lie on this machine; there need be none yet."""
    told = f"{root}\0{_lock_of(cwd)}"
    return side_file.folder() / "roots" / sha256(told.encode()).hexdigest()[:16]


def bring(root: str, name: str, cwd: Path) -> None:
    """Have that cassette there, as the lock says. UsageError and CassetteError tell why it cannot be."""
    where = _lock_of(cwd)
    try:
        lock = Lock.loads(where.read_text("utf-8"), str(where))
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"The root {root} is a store, and there is no {NAME} in {cwd} or above it that tells what is in it. "
            "Take it from git, or push to that store first."
        ) from None
    path, pin = folder.locate(place(root, cwd), name), lock.found(name)
    if pin is None:
        raise UsageError(
            f"{where} names no cassette {name}, and the root {root} is a store. Record it in a folder, and push."
        )
    try:
        content = Supply(lambda: open_store(root), Cache()).content(pin)
    except CassetteError as error:
        raise CassetteError(f"{name}: {error}") from None
    atomic.replace(path, content)


def _lock_of(cwd: Path) -> Path:
    """The nearest lock from there upwards; where it would be, if there is none."""
    places = (cwd, *cwd.parents)
    return next((each / NAME for each in places if (each / NAME).is_file()), cwd / NAME)
