"""The differences of two cassettes, for people or as JSON: changes as `check` tells them, and what only one has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from replayer.cli import drift_report
from replayer.cli.console import paged
from replayer.cli.output import counted, printable
from replayer.core.drift import Change, recordings
from replayer.core.secrets import masking

NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class DiffReport:
    """What came of two cassettes."""

    first: str
    second: str
    found: recordings.Recordings
    changes: Sequence[Change]

    @property
    def same(self) -> bool:
        return not (self.changes or self.found.first or self.found.second)

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "first": self.first,
            "second": self.second,
            "compared": len(self.found.compared),
            "only_first": list(map(_as_json, self.found.first)),
            "only_second": list(map(_as_json, self.found.second)),
            "findings": [drift_report.change_as_json(each, "first", "second") for each in self.changes],
            "same": self.same,
        }


def _as_json(one: recordings.Alone) -> dict[str, Any]:
    fields = [{"field": name, "first": ours, "second": theirs} for name, ours, theirs in _changed(one)]
    return {"number": one.number, "request": one.request, "changed": fields}


def _changed(one: recordings.Alone) -> Iterator[tuple[str, str | None, str | None]]:
    """The fields that differ, what may be a credential masked."""
    for name, *values in one.changed:
        ours, theirs = (None if each is None else str(masking.shown(each, name.split(".")[-1])) for each in values)
        yield name, ours, theirs


def print_report(report: DiffReport) -> None:
    with paged() as printed:
        for change in report.changes:
            drift_report.print_change(printed, change)
        _print_alone(printed, report.first, report.found.first, "-", "red")
        _print_alone(printed, report.second, report.found.second, "+", "green")
        compared, differing = len(report.found.compared), len(report.changes)
        words = f"{counted(compared, 'answer')} compared, {counted(differing, 'difference')}"
        for name, alone in ((report.first, report.found.first), (report.second, report.found.second)):
            words += f"; {len(alone)} only in {name}" if alone else ""
        printed.print(Text(printable(words), style="bold green" if report.same else "bold red"), soft_wrap=True)


def _print_alone(printed: Console, name: str, alone: Sequence[recordings.Alone], sign: str, style: str) -> None:
    if alone:
        printed.print(Text(printable(f"only in {name}"), style="bold"), soft_wrap=True)
    for one in alone:
        printed.print(Text(printable(f"  {sign} {one}"), style=style), soft_wrap=True)
        for field, ours, theirs in _changed(one):
            words = f"      {field}: {_shown(ours)}, in the other {_shown(theirs)}"
            printed.print(Text(printable(words)), soft_wrap=True)


def _shown(value: str | None) -> str:
    return NOTHING if value is None else drift_report.shown(value)
