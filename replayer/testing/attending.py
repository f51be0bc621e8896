"""Who attends to sessions: each `Replayer` that begins in this process is told to whoever listens, so that a miss fails
the test that was running, whoever began the session.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Listener = Callable[[Any], None]
"""What is called with a `Replayer`."""
_listeners: list[tuple[Listener, Mapping[str, Any]]] = []


@contextmanager
def listening(listener: Listener, wanted: Mapping[str, Any]) -> Iterator[None]:
    """Have that called with each session that begins meanwhile. Whoever came last is told alone: a run of pytest within
    another one has its own tests. `wanted` are the settings that its user gave for all tests."""
    entry = (listener, wanted)
    _listeners.append(entry)
    try:
        yield
    finally:
        _listeners.remove(entry)


def attended() -> bool:
    """Whether anybody tells what sessions miss: then they need not say it themselves."""
    return bool(_listeners)


def wanted() -> Mapping[str, Any]:
    """The settings that whoever runs the tests gave for all of them."""
    return _listeners[-1][1] if _listeners else {}


def begun(replayer: Any) -> None:
    """A session has begun."""
    if _listeners:
        _listeners[-1][0](replayer)
