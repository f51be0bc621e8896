"""What the commands of a store have in common: which root and which store is meant, and how what came of each cassette
is printed. Of what failed alike only the first are named."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replayer.cli.output import counted, print_json, printable, say
from replayer.errors import UsageError

if TYPE_CHECKING:
    from replayer.cassettes.store import Checkout, survey
    from replayer.settings import Settings

SHOWN = 20  # cassettes that are named of those that failed for one reason


def checkout_of(settings: "Settings") -> "Checkout":
    """The root of these settings, and the lock beside it."""
    from replayer.cassettes.store import Checkout

    if settings.is_stored:
        raise UsageError(f"The root {settings.root} is a store itself. Name a folder: --root DIR.")
    return Checkout(Path(settings.root), Path.cwd())


def report(ended: "Sequence[survey.Carried]", verb: str, *, as_json: bool) -> int:
    """Print what came of each; the exit code."""
    if as_json:
        cassettes = [{"name": each.name, "outcome": each.outcome.value, "why": each.why} for each in ended]
        print_json({"cassettes": cassettes, "complete": not any(each.is_left for each in ended)})
    else:
        _print(ended, verb)
    return int(any(each.is_left for each in ended))


def _print(ended: "Sequence[survey.Carried]", verb: str) -> None:
    reasons: dict[tuple[bool, str], list[survey.Carried]] = {}
    for each in ended:
        if each.outcome.value == verb:
            click.echo(printable(f"{each.name}: {verb}"))
        elif each.is_left or each.why not in ("", "not here"):
            reasons.setdefault((each.is_left, each.why), []).append(each)
    for (is_left, why), alike in reasons.items():
        for each in alike[:SHOWN]:
            line = f"{each.name}: {each.outcome.value}: {why}."
            say(line) if is_left else click.echo(printable(line))
        if (more := len(alike) - SHOWN) > 0:
            say(f"... and {counted(more, 'cassette')} more for the same reason.")
    done, left = sum(each.outcome.value == verb for each in ended), sum(each.is_left for each in ended)
    click.echo(f"{counted(len(ended), 'cassette')}, {done:,} {verb}" + (f", {left:,} left" if left else ""))
