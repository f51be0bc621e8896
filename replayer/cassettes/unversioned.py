"""Journals are left out of version control: while there is one, a `.gitignore` beside it says so, unless one of the
user's does already. It leaves itself out, too, and goes with the last journal."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PATTERN = "*.journal"
IGNORE = ".gitignore"
CONTENT = f"# a recording is under way here, or was killed: not to be committed\n{PATTERN}\n{IGNORE}\n"


def ignore(journal: Path) -> None:
    """Have git pass over the journals of that folder, where it would not."""
    with suppress(OSError):  # a recording does not depend on it
        folder = journal.parent.resolve()
        if any((place / ".git").exists() for place in (folder, *folder.parents)) and not _is_ignored(folder):
            with (folder / IGNORE).open("x", encoding="utf-8") as file:
                file.write(CONTENT)


def forget(journal: Path) -> None:
    """The journal is gone: so is what was written for it, unless there are others."""
    with suppress(OSError, UnicodeDecodeError):
        ours = journal.parent / IGNORE
        if ours.is_file() and ours.read_text("utf-8") == CONTENT and not any(journal.parent.glob(PATTERN)):
            ours.unlink()


def _is_ignored(folder: Path) -> bool:
    """Whether the user says so, in this folder or further up in the same checkout."""
    return any(PATTERN in lines for lines in _ignored(folder))


def _ignored(folder: Path) -> Iterator[list[str]]:
    for place in (folder, *folder.parents):
        with suppress(OSError):
            yield (place / IGNORE).read_text("utf-8", "replace").split()
        if (place / ".git").exists():
            return
