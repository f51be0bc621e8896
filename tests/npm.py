"""Packages of npm that some tests ask with: each installed once, below .venv, into a folder of its own."""

import fcntl
import shutil
import subprocess
from pathlib import Path

BELOW = Path(__file__).parents[1] / ".venv" / "node"
PATIENCE = 60.0  # seconds that an installation may take


def folder(package: str) -> Path:
    """Where `node_modules` has the package `name@version`."""
    return BELOW / package


def lacking(package: str) -> str:
    """Why the package `name@version` cannot be used; empty where it can. Tests side by side install it once."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "needs Node with npm, which is not installed here"
    place = folder(package)
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = place / "installed"
        if not stamp.exists() and not _installed(package, place):
            return f"npm could not install {package}: is there a network?"
        stamp.touch()
    return ""


def _installed(package: str, place: Path) -> bool:
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(place), package]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE).returncode == 0
    except subprocess.TimeoutExpired:
        return False
