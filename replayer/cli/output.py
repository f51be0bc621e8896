"""How texts, numbers and documents look: a line in Replayer's name on stderr, one for each request, JSON on stdout.

Colours are the terminal's own, so they fit light and dark ones. NO_COLOR takes them away, FORCE_COLOR keeps them in a
pipe (https://no-color.org, https://force-color.org); bold is no colour.
"""

import contextlib
import errno
import json
import os
import sys
import textwrap
from typing import TYPE_CHECKING, Any

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


def check_stdout() -> None:
    """OSError where stdout is closed: who asks for a result is to have it."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def say(text: str) -> None:
    """One line on stderr, whatever the text holds. Nobody listening is no reason to fail."""
    _write(f"replayer: {printable(' '.join(text.split()))}")


def tell(line: "Line", session: str = "") -> None:
    """What became of a request; trouble is explained below it, indented. `session` is which one it was for, where there
    are several."""
    outcome = styled(line.outcome, COLOURS.get(line.outcome, "yellow"))
    which = f"{printable(session)}: " if session else ""
    _write(f"{which}{line.method} {printable(line.path)} {line.status} {outcome} {line.milliseconds:.0f} ms")
    if line.note:
        _write(textwrap.indent("\n".join(map(printable, line.note.splitlines())), "    "))


def styled(text: str, colour: str = "", *, bold: bool = False) -> str:
    """The text as a terminal shows it; click takes all of it out again where a pipe reads."""
    return click.style(text, fg=None if has_no_colour() else colour or None, bold=bold or None)


def has_no_colour() -> bool:
    """Whether the user wants no colours anywhere."""
    return bool(os.environ.get("NO_COLOR"))


def forced_colour() -> bool | None:
    """Whether styles are written into pipes, too; None where it is as usual."""
    return True if os.environ.get("FORCE_COLOR") else None


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


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
