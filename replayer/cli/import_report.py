"""What `replayer import` says: a line for each file, what of it was not carried over below, and the sums."""

from collections.abc import Iterator, Sequence
from typing import Any

from replayer.cassettes.formats import Loss
from replayer.cli.importing import Outcome
from replayer.cli.output import counted, printable


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    done = [each for each in outcomes if not each.error]
    for each in done:
        yield printable(_line(each))
        for loss in each.lost:
            yield printable(f"  not carried over: {loss}")
        for loss in each.in_part:
            yield printable(f"  in part: {loss}")
    failed = len(outcomes) - len(done)
    if not done and failed == 1:
        return  # what is said of it says all
    carried, lost = sum(each.carried for each in done), sum(len(each.lost) for each in done)
    words = [f"{counted(len(done), 'file')} imported: {counted(carried, 'interaction')}", f"{lost:,} not carried over"]
    if in_part := sum(len(each.in_part) for each in done):
        words.append(f"{in_part:,} in part")
    if failed:
        words.append(f"{counted(failed, 'file')} not imported")
    yield ", ".join(words)


def _line(each: Outcome) -> str:
    files = f" and {counted(each.others, 'file')} beside it" if each.others else ""
    result = f"-> {each.cassette}" if each.cassette else "-> nothing"
    return f"{each.file}{files}: {each.tool}, {each.carried:,} of {each.total:,} {result}"


def document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The same as one value."""
    return {
        "files": [
            {
                "file": each.file,
                "tool": each.tool,
                "cassette": each.cassette or None,
                "carried_over": each.carried,
                "lost": [_loss(one) for one in each.lost],
                "in_part": [_loss(one) for one in each.in_part],
                "error": each.error or None,
            }
            for each in outcomes
        ],
        "carried_over": sum(each.carried for each in outcomes),
        "lost": sum(len(each.lost) for each in outcomes),
        "in_part": sum(len(each.in_part) for each in outcomes),
    }


def _loss(loss: Loss) -> dict[str, str]:
    return {"where": loss.where, "what": loss.what, "why": loss.why}
