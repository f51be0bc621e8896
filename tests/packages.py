"""Packages that some tests ask with, and the project itself has no use for: those of a test are installed once, below
.venv, into a folder of their own, by whoever asks first."""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BELOW = Path(__file__).parents[1] / ".venv"
PATIENCE = 60.0  # seconds that an installation may take


def is_there(place: Path, command: Sequence[str], patience: float = PATIENCE) -> bool:
    """Whether the folder holds what the command installs there. Tests side by side install it once."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = place / "installed"
        if not stamp.exists() and not _installed(command, patience):
            return False
        stamp.touch()
    return True


def _installed(command: Sequence[str], patience: float) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=patience).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _failed(tool: str, packages: Sequence[str]) -> str:
    return f"{tool} could not install {' and '.join(packages)}: is there a network?"


def npm_folder(*packages: str) -> Path:
    """Where `node_modules` has these packages `name@version`."""
    return BELOW / "node" / "+".join(packages)


def lacking_of_npm(*packages: str, patience: float = PATIENCE) -> str:
    """Why these packages of npm cannot be used; empty where they can."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "needs Node with npm, which is not installed here"
    place = npm_folder(*packages)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(place)]
    return "" if is_there(place, [*npm, *packages], patience) else _failed("npm", packages)


def pip_folder(*packages: str) -> Path:
    """Where Python finds these packages `name==version`: for its `PYTHONPATH`."""
    return BELOW / "python" / "+".join(packages)


def lacking_of_pip(*packages: str, patience: float = PATIENCE) -> str:
    """Why these packages of PyPI cannot be used; empty where they can."""
    place = pip_folder(*packages)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(place)]
    return "" if is_there(place, [*pip, *packages], patience) else _failed("pip", packages)
