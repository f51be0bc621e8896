"""A look at a cassette's first lines, for those who need one fact and not 10,000 interactions."""

import re
from pathlib import Path

_UPSTREAM = re.compile(rb"^  upstream: '?([^'\s]+)", re.MULTILINE)
FIRST = 1024  # bytes: the facts stand on top and are short


def recorded_upstream(path: Path) -> str:
    """What the cassette says that it was recorded from; empty where it does not say, or is not there."""
    if not path.is_file():  # opening a pipe would wait for whoever writes to it
        return ""
    try:
        with path.open("rb") as file:
            start = file.read(FIRST)
    except OSError:
        return ""
    found = _UPSTREAM.search(start)
    return found[1].decode("utf-8", "replace") if found else ""
