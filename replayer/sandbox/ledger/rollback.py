"""All or nothing: what a refused request has changed already is taken back. What a change means is not known here."""

from collections.abc import Callable
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Undo:
    """How to take back what was changed since the last `settle`, the newest first.

    `before` holds what was changed as it was then, by its kind and name, in the order of the first change; None stands
    for what was not there.
    """

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []
        self.before: dict[tuple[str, str], Any] = {}

    def __repr__(self) -> str:
        return f"<Undo {len(self._steps)}>"

    def note(self, step: Callable[[], object]) -> None:
        self._steps.append(step)

    def touch(self, kind: str, name: str, earlier: Any) -> None:
        """That is about to be changed, and is still so."""
        self.before.setdefault((kind, name), earlier)

    def settle(self) -> None:
        """What was changed stays."""
        self._steps.clear()
        self.before.clear()

    def back(self) -> None:
        while self._steps:
            self._steps.pop()()
        self.before.clear()


class Book(dict[K, V]):
    """A dictionary whose changes can be taken back."""

    def __init__(self, undo: Undo) -> None:
        super().__init__()
        self._undo = undo

    def __setitem__(self, key: K, value: V) -> None:
        self._note(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._note(key)
        super().__delitem__(key)

    def _note(self, key: K) -> None:
        if key in self:
            old = self[key]
            self._undo.note(lambda: super(Book, self).__setitem__(key, old))
        else:
            self._undo.note(lambda: super(Book, self).__delitem__(key))
