"""What people read on stderr: a line in Replayer's name, one for each request; and how texts and numbers look."""

import contextlib
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from replayer.proxy.handler import Line

KIBIBYTE = 1024
COLOURS = {
    "recorded": "green",
    "replayed": "cyan",
    "synthesized": "blue",
    "missed": "red",
    "failed": "red",
    "refused": "red",
}


def say(text: str) -> None:
    """One line on stderr, whatever the text holds. Nobody listening is no reason to fail."""
    _write(f"replayer: {printable(' '.join(text.split()))}")


def tell(line: "Line", session: str = "") -> None:
    """What became of a request; trouble is explained below it, indented. `session` is which one it was for, where there
    are several."""
    outcome = click.style(line.outcome, fg=COLOURS.get(line.outcome, "yellow"))
    which = f"{printable(session)}: " if session else ""
    _write(f"{which}{line.method} {printable(line.path)} {line.status} {outcome} {line.milliseconds:.0f} ms")
    if line.note:
        _write(textwrap.indent("\n".join(map(printable, line.note.splitlines())), "    "))


def printable(text: str) -> str:
    """The text without what would move a terminal's cursor: a request may hold anything."""
    return "".join(character if character.isprintable() else "?" for character in text)


def counted(number: int, what: str) -> str:
    """`1 answer`, `2,000 answers`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def size(length: int) -> str:
    """A length in bytes as people read it."""
    return f"{length} B" if length < KIBIBYTE else f"{length / KIBIBYTE:,.1f} KiB"


def _write(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(text, err=True)
