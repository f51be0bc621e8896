"""How old a cassette is: since the commit that changed it last, else by the time of its file. Never by what is in it:
a recording of an unchanged API changes no byte."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

PATIENCE = 10.0  # seconds that git is given
TRACKED = ("git", "ls-files", "-z", "--")
GIT = ("git", "log", "-1", "--format=%ct", "--")
CHANGED = ("git", "status", "--porcelain", "--ignored", "--")


def age(path: Path, now: float) -> int:
    """The age of a file that is there, in seconds."""
    return max(0, int(now - (_committed(path) or path.stat().st_mtime)))


def recorded(paths: Iterable[Path], root: Path, now: float) -> dict[Path, int]:
    """When these files below a root were recorded, in seconds since 1970. Of those that git does not keep it is not
    asked one by one."""
    kept = {root / name for name in _asked(TRACKED, root / "*").split("\0")}
    return {path: int(now) - age(path, now) if path in kept else int(path.stat().st_mtime) for path in paths}


def _committed(path: Path) -> int | None:
    """When it was committed last, since 1970; None where git does not know it as it is."""
    answer = _asked(GIT, path)
    return int(answer) if answer.isdigit() and not _asked(CHANGED, path) else None


def _asked(command: tuple[str, ...], path: Path) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the command is fixed, and the path stands behind `--`
            [*command, path.name], cwd=path.parent, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
