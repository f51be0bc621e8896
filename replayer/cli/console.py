"""The console that reports are printed on: rich's, but what cannot be written is an error like any other."""

import errno
import os
import sys

from rich.console import Console

PIPED_WIDTH = 240  # columns where there is no terminal: a file needs no wrapping


class Printed(Console):
    """rich ends a program with 1 where nobody reads the pipe; that would say that something was found."""

    def on_broken_pipe(self) -> None:
        raise  # rich calls this where it has caught the error


def console(*, soft_wrap: bool = False) -> Console:
    """Where a report is printed; OSError where stdout is closed."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    width = None if soft_wrap or sys.stdout.isatty() else PIPED_WIDTH
    return Printed(highlight=False, soft_wrap=soft_wrap, width=width)
