"""How far a command is, on stderr, where that is a terminal and it takes longer than a second. What starts quickly
imports this: rich is loaded when there is something to show."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

from replayer.cli.output import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SOON = 1.0  # seconds that nobody needs to be told of


class _Bars:
    """Bars that appear when their time has come. What is counted before that is shown then."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int | None]] = {}
        self._tasks: dict[str, TaskID] = {}
        self._shown: Progress | None = None
        self._ended = False
        self._lock = Lock()
        self._timer = Timer(SOON, self._show)
        self._timer.daemon = True

    def __enter__(self) -> "_Bars":
        if sys.stderr is not None and sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._timer.cancel()
        if self._timer.ident is not None:
            self._timer.join()
        if self._shown is not None:
            self._shown.stop()

    def count(self, name: str, done: int, total: int | None) -> None:
        """So many are done, of so many; of what nobody can count, None."""
        with self._lock:
            self._counts[name] = (done, total)
            self._draw()

    def forget(self, name: str) -> None:
        """What had that name is done."""
        with self._lock:
            self._counts.pop(name, None)
            if self._shown is not None and name in self._tasks:
                self._shown.remove_task(self._tasks.pop(name))

    def _show(self) -> None:
        from replayer.cli.console import bars

        with self._lock:
            if not self._ended:
                self._shown = bars()
                self._shown.start()
                self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            return
        for name, (done, total) in self._counts.items():
            if name not in self._tasks:
                self._tasks[name] = self._shown.add_task(printable(name).replace("[", r"\["), total=total)
            self._shown.update(self._tasks[name], completed=done, total=total)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """That something goes on whose length nobody knows: `reading a.yaml`."""
    with _Bars() as bars:
        bars.count(what, 0, None)
        yield


@contextmanager
def counting(what: str) -> Iterator[Callable[[], None]]:
    """How many are done, of nobody knows how many. What is yielded counts one."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        bars.count(what, done, None)

    with _Bars() as bars:
        yield step


@contextmanager
def progress(total: int, what: str = "cassettes") -> Iterator[Callable[[], None]]:
    """A bar while it lasts. What is yielded moves it on by one."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        bars.count(what, done, total)

    with _Bars() as bars:
        bars.count(what, 0, total)
        yield step


@contextmanager
def progress_of_requests(names: Sequence[str]) -> Iterator[Callable[[str], Callable[[int], None]]]:
    """Two bars while it lasts: the cassettes, and the requests of the one that is played. What is yielded is called
    with each cassette, and gives what is called before each request with their number."""
    begun = 0
    last = ""

    def next_cassette(name: str) -> Callable[[int], None]:
        nonlocal begun, last
        bars.count("cassettes", begun, len(names))
        if last and last != name:
            bars.forget(last)
        begun, last, done = begun + 1, name, -1

        def step(total: int) -> None:
            nonlocal done
            done += 1
            bars.count(name, done, total)

        return step

    with _Bars() as bars:
        yield next_cassette
