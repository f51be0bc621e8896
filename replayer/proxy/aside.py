"""Work that takes long is done aside of the loop, which answers others meanwhile. What is small is done at once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

LARGE = 1 << 19  # bytes of a cassette; half a megabyte is read, indexed or written in some ten milliseconds
MANY = 200  # interactions, of which the same holds


async def aside(work: Callable[[], T], *, is_long: bool) -> T:
    """What that work gives, in a thread if it is long. Who waits for it may be cancelled; what was begun is ended
    first, so that nobody goes on while it is under way."""
    if not is_long:
        return work()
    under_way = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(under_way)
    except asyncio.CancelledError:
        await asyncio.wait([under_way])
        raise


def is_large(path: Path) -> bool:
    """Whether that cassette is one of those that take long."""
    try:
        return path.stat().st_size >= LARGE
    except OSError:  # who reads it will tell
        return False
