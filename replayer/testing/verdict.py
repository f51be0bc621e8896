"""What fails a test, in words: what was missed, and what came of its session. The same under pytest and unittest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replayer.core.session import Receipt, verdicts
    from replayer.settings import Settings

NOTHING = "replayer answered nothing: point the client at replayer.url, or set allow_unused."
TITLE = "replayer misses"  # of what a test missed that failed by itself
MISSED = "had no answer."  # what the explanation of a miss begins with, behind how many there are


def explained(missed: "Sequence[verdicts.Refuse]") -> str:
    """The misses, each once, with what differs from the nearest recorded request side by side."""
    had = "1 request" if len(missed) == 1 else f"{len(missed)} requests"
    return "\n\n".join([f"replayer: {had} {MISSED}", *dict.fromkeys(map(_one, missed))])


def _one(refusal: "verdicts.Refuse") -> str:
    if not refusal.differing:
        return refusal.message
    lines = refusal.message.split("\n")
    at = next((number for number, line in enumerate(lines) if line.startswith("Closest: ")), None)
    if at is None:
        return refusal.message
    lines[at : at + 1] = [f"Closest: {refusal.closest}", *side_by_side(refusal.differing)]
    return "\n".join(lines)


LONGEST = 60  # characters of a value: a terminal is 80 to 200 wide, and two of them stand in a line
ASKED, RECORDED = "asked", "recorded"


def side_by_side(differing: "Sequence[tuple[str, str, str]]") -> list[str]:
    """A table of the fields that differ: the field, what was asked, what is recorded."""
    rows = [("", ASKED, RECORDED), *(tuple(_cut(cell) for cell in row) for row in differing)]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"  {row[0]:<{first}} | {row[1]:<{second}} | {row[2]}" for row in rows]


def _cut(cell: str) -> str:
    return cell if len(cell) <= LONGEST else f"{cell[: LONGEST - 3]}..."


def answered_nothing(settings: "Settings", receipt: "Receipt") -> str:
    """That a session was asked for nothing, where that is not allowed."""
    asked = receipt.was_asked or receipt.missed
    return "" if asked or settings.allow_unused else NOTHING


def left_over(settings: "Settings", receipt: "Receipt") -> str:
    """That a test did not ask for all that its cassette holds, where it should."""
    if not settings.fail_on_unused or not receipt.unused:
        return ""
    interactions = "1 recorded interaction" if receipt.unused == 1 else f"{receipt.unused} recorded interactions"
    return f"replayer: {interactions} of {settings.cassette} {'was' if receipt.unused == 1 else 'were'} not asked for."


def unsaved(settings: "Settings", kept: str | None, late: Sequence[str]) -> str:
    """That what was recorded did not become a cassette, or not as it was shown."""
    if kept:
        return f"replayer: {settings.cassette} was not saved: {kept}."
    return "\n".join(f"replayer: {note}." for note in late)
