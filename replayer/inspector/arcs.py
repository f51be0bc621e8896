"""Arcs: which rows of a session a row depends on, and which depend on it. Interactions know causes; a row has those of
the interaction that it was answered with, and of what came again and again the nearest row counts."""

from collections.abc import Iterable
from typing import Any

from replayer.core.cassette import Interaction
from replayer.core.drawing import Drawing
from replayer.core.matching import Entry
from replayer.core.session import verdicts
from replayer.inspector.exchange import FOLLOWING
from replayer.inspector.feed import Feed, FeedRow

FEW = 60  # arcs to either side
Numbers = dict[int, int]
"""The numbers of interactions by the identities of these."""


def numbered(interactions: Iterable[Interaction]) -> Numbers:
    return {id(one): number for number, one in enumerate(interactions, start=1)}


def of_interaction(number: int, drawing: Drawing) -> dict[str, Any]:
    """The interactions that one depends on, and those that depend on it, by their numbers: the nearest ones."""
    causality = drawing.causality
    return {"row": number, "behind": causality.behind(number)[-FEW:], "ahead": causality.ahead(number)[:FEW]}


def of_row(row: FeedRow, feed: Feed, drawing: Drawing, held: Numbers) -> dict[str, Any]:
    """The same of a row, by the numbers of rows. `held` are the interactions that are being recorded. To a miss lead
    those writes that the recording did not have before it."""
    behind, ahead = _around(row, drawing, held)
    before, after = dict[int, int](), dict[int, int]()
    for each in feed.rows(0, feed.count) if behind or ahead else ():
        number = number_of(each, held)
        if number and each.number < row.number:
            before[number] = each.number  # the last one
        elif number and each.number > row.number:
            after.setdefault(number, each.number)
    return {
        "row": row.number,
        "behind": sorted(before[number] for number in behind if number in before)[-FEW:],
        "ahead": sorted(after[number] for number in ahead if number in after)[:FEW],
    }


def _around(row: FeedRow, drawing: Drawing, held: Numbers) -> tuple[list[int], list[int]]:
    if isinstance(row.subject, verdicts.Refuse):
        return [one.order + 1 for one in row.subject.ahead], []
    number = number_of(row, held)
    if number is None or number > len(drawing.index):
        return [], []
    return drawing.causality.behind(number), drawing.causality.ahead(number)


def number_of(row: FeedRow, held: Numbers) -> int | None:
    """The number of the interaction that a row was answered with; None where it has none."""
    if isinstance(row.subject, Entry):
        return None if row.outcome in FOLLOWING else row.subject.order + 1
    return held.get(id(row.subject))
