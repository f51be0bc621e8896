"""What rich prints: reports on stdout, and on stderr how far a command is. Nothing that starts quickly imports this."""

import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from replayer.cli.output import printable

PIPED_WIDTH = 240  # columns where there is no terminal: a file needs no wrapping


class ReportConsole(Console):
    """rich ends a program with 1 where nobody reads the pipe; that would say that something was found."""

    def on_broken_pipe(self) -> None:
        raise  # rich calls this where it has caught the error


def console(*, soft_wrap: bool = False) -> Console:
    """Where a report is printed; OSError where stdout is closed."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    width = None if soft_wrap or sys.stdout.isatty() else PIPED_WIDTH
    return ReportConsole(highlight=False, soft_wrap=soft_wrap, width=width)


def cut(text: str) -> Text:
    """A text that is cut where its column is too narrow. rich narrows those columns first that may wrap: beside one of
    these all others stay whole."""
    return Text(printable(text), no_wrap=True, overflow="ellipsis")


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar while it lasts, where there are several cassettes and stderr is a terminal. What is yielded moves it on by
    one cassette."""
    with _bars(shown=total > 1) as bars:
        task = bars.add_task("cassettes", total=total)
        yield lambda: bars.advance(task)


@contextmanager
def progress_of_requests(names: Sequence[str]) -> Iterator[Callable[[str], Callable[[int], None]]]:
    """Two bars while it lasts, where stderr is a terminal: the cassettes, and the requests of the one that is played.
    What is yielded is called with each cassette, and gives what is called before each request with their number."""
    with _bars(shown=True) as bars:
        whole = bars.add_task("cassettes", total=len(names))
        requests = bars.add_task("")
        begun = iter(range(len(names)))

        def next_cassette(name: str) -> Callable[[int], None]:
            bars.update(whole, completed=next(begun, len(names)))
            bars.reset(requests, description=printable(name).replace("[", r"\["))
            steps = iter(range(sys.maxsize))
            return lambda total: bars.update(requests, total=total, completed=next(steps))

        yield next_cassette


def _bars(*, shown: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    hidden = not (shown and sys.stderr.isatty())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden)
