"""Packages that some tests run beside: each installed once, below .venv, into a folder of its own, so that what they do
to pytest is not done to our own tests."""

import fcntl
import subprocess
import sys
from pathlib import Path

BELOW = Path(__file__).parents[1] / ".venv" / "beside"
PATIENCE = 120.0  # seconds that an installation may take


def folder(package: str) -> Path:
    """What has to stand in PYTHONPATH for a package `name==version` to be found."""
    return BELOW / package


def lacking(package: str, *more: str) -> str:
    """Why the package `name==version` cannot be used; empty where it can. `more` is what it needs besides, where that
    is not installed here. Tests side by side install it once."""
    place = folder(package)
    place.mkdir(parents=True, exist_ok=True)
    with (BELOW / f"{package}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = BELOW / f"{package}.installed"
        if not stamp.exists() and not _installed(place, package, *more):
            return f"pip could not install {package}: is there a network?"
        stamp.touch()
    return ""


def _installed(place: Path, *packages: str) -> bool:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--target", str(place)]
    try:
        return subprocess.run([*command, *packages], capture_output=True, check=False, timeout=PATIENCE).returncode == 0
    except subprocess.TimeoutExpired:
        return False
