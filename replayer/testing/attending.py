"""Who attends to sessions: each `Replayer` that begins in this process is told to whoever listens, so that a miss fails
the test that was running, whoever began the session.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol


class Attendant(Protocol):
    """Who attends to sessions."""

    def placed(self, settings: Any) -> Any:
        """The `Settings` of a session, where it should have others for its place."""

    def begun(self, replayer: Any) -> None:
        """That `Replayer` has begun its session."""

    def ended(self, replayer: Any) -> None:
        """That one's session is over."""


_listeners: list[tuple[Attendant, Mapping[str, Any]]] = []


@contextmanager
def listening(listener: Attendant, wanted: Mapping[str, Any]) -> Iterator[None]:
    """Have that told of each session that begins or ends meanwhile. Whoever came last is told alone: a run of pytest
    within another one has its own tests. `wanted` are the settings that its user gave for all tests."""
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


def placed(settings: Any) -> Any:
    """The settings of a session that is to begin, by whoever listens."""
    return _listeners[-1][0].placed(settings) if _listeners else settings


def begun(replayer: Any) -> None:
    """A session has begun."""
    if _listeners:
        _listeners[-1][0].begun(replayer)


def ended(replayer: Any) -> None:
    """A session is over."""
    if _listeners:
        _listeners[-1][0].ended(replayer)
