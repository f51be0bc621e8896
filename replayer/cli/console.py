"""What rich prints: reports on stdout, in a pager where they are longer than the terminal; and the bars of progress.
Nothing that starts quickly imports this."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from replayer.cli.output import check_stdout, has_no_colour, printable

PIPED_WIDTH = 240  # columns where there is no terminal: a file needs no wrapping
NARROWEST = 12  # columns of a path: less says nothing
BETWEEN = "…"
OPTIONS_OF_LESS = "-FRX"  # what fits on the screen needs no key to leave it


class ReportConsole(Console):
    """rich ends a program with 1 where nobody reads the pipe; that would say that something was found."""

    def on_broken_pipe(self) -> None:
        raise  # rich calls this where it has caught the error


def console(*, soft_wrap: bool = False) -> Console:
    """Where a report is printed; OSError where stdout is closed."""
    check_stdout()
    width = None if soft_wrap or sys.stdout.isatty() else PIPED_WIDTH
    return ReportConsole(highlight=False, soft_wrap=soft_wrap, width=width, no_color=has_no_colour())


@contextmanager
def paged() -> Iterator[Console]:
    """The same; on a terminal what is longer than it is shown in the pager that PAGER names, `less` if none."""
    printed = console()
    if sys.stdin is None or not (sys.stdout.isatty() and sys.stdin.isatty()):
        yield printed
        return
    with printed.capture() as laid_out:
        yield printed
    show_in_pager(laid_out.get(), printed.size.height)


def show_in_pager(text: str, height: int = 0) -> None:
    """A text that is laid out already; as it is where so many lines hold it."""
    if text.count("\n") < height:
        click.echo(text, nl=False, color=True)
        return
    os.environ.setdefault("LESS", OPTIONS_OF_LESS)
    click.echo_via_pager(text, color=True)


@dataclass(frozen=True, slots=True)
class Path:
    """A path that gives way where its column is too narrow, in its middle: both ends tell more. rich narrows no other
    column as long as one of these can be."""

    text: str

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        length = Text(self.text).cell_len
        return Measurement(min(length, NARROWEST), length).with_maximum(options.max_width)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(shortened(self.text, options.max_width), no_wrap=True, overflow="ellipsis")


def cut(text: str) -> Path:
    """A text that is cut in its middle where its column is too narrow."""
    return Path(printable(text))


def shortened(text: str, width: int) -> str:
    """The text in so many columns: where it is longer, its beginning and its end."""
    if len(text) <= width:
        return text
    end = (width - 1) // 3
    return f"{text[: max(0, width - 1 - end)]}{BETWEEN}{text[len(text) - end :]}"


def bars() -> Progress:
    """Bars on stderr, which leave nothing behind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True, no_color=has_no_colour()), transient=True)
