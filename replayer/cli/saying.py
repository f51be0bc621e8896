"""What goes to stderr: one line in Replayer's name, and one for each request."""

import contextlib
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from replayer.proxy.handler import Line

COLOURS = {"recorded": "green", "replayed": "cyan", "missed": "red", "failed": "red", "refused": "red"}


def say(text: str) -> None:
    """One line on stderr, whatever the text holds. Nobody listening is no reason to fail."""
    _write(f"replayer: {printable(' '.join(text.split()))}")


def tell(line: "Line") -> None:
    """What became of a request; trouble is explained below it, indented."""
    outcome = click.style(line.outcome, fg=COLOURS.get(line.outcome, "yellow"))
    _write(f"{line.method} {printable(line.path)} {line.status} {outcome} {line.milliseconds:.0f} ms")
    if line.note:
        _write(textwrap.indent("\n".join(map(printable, line.note.splitlines())), "    "))


def tell_trouble(line: "Line") -> None:
    """As `tell`, but only of requests that there is something to explain about."""
    if line.note:
        tell(line)


def printable(text: str) -> str:
    """The text without what would move a terminal's cursor: a request may hold anything."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _write(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(text, err=True)
