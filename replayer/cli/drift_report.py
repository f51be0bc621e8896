"""Drift, reported: what came of each cassette, for people or as JSON, with what may be done or be meant besides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from replayer.cassettes import folder
from replayer.cli.console import console
from replayer.cli.live import LiveApi
from replayer.cli.output import counted, printable
from replayer.cli.progress import progress_of_requests
from replayer.core.drift import Change, Compared, differences, drift, renaming
from replayer.core.message import Response, bodies, shapes
from replayer.core.secrets import masking
from replayer.errors import ReplayerError, UsageError
from replayer.proxy.driver import BEHIND, BUSY, STALE, WRITES, Skipped
from replayer.proxy.round import Round
from replayer.settings import words

SHOWN = 10  # requests that are listed for one reason; --json has them all
LONGEST = 100  # characters of a value that are shown

WORDS = {
    differences.DifferenceKind.STATUS: "another status",
    differences.DifferenceKind.REASON: "another status message",
    differences.DifferenceKind.GONE: "field gone",
    differences.DifferenceKind.NEW: "new field",
    differences.DifferenceKind.RENAMED: "field renamed",
    differences.DifferenceKind.TYPE: "another type",
    differences.DifferenceKind.NULL: "null on one side",
    differences.DifferenceKind.VALUE: "another value",
    differences.DifferenceKind.TEXT: "another text",
    differences.DifferenceKind.OBJECT: "another object",
    differences.DifferenceKind.TIME: "time moved",
    differences.DifferenceKind.ORDER: "another order",
    differences.DifferenceKind.MEMBER_GONE: "members gone",
    differences.DifferenceKind.MEMBER_NEW: "new members",
    differences.DifferenceKind.HEADER: "another header",
    differences.DifferenceKind.HEADER_GONE: "header gone",
    differences.DifferenceKind.HEADER_NEW: "new header",
    differences.DifferenceKind.BODY: "another body",
}
REMEDIES = {BUSY: "check again later"}
UNPLAYED = {WRITES: "--allow-writes plays it", STALE: "--allow-writes makes it anew", BEHIND: "see --allow-writes"}

LEFT = "an upstream that forgets nothing shows here also what earlier checks and recordings made there"
LATER = "if it was recorded before there was a rule for it, record it again"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one cassette; `error` tells why nothing did. `unnamed` are times that it holds from before the rules
    that name them, and `later` the fields that such rules name; `answers` are those that differ, by their numbers."""

    cassette: str
    compared: int = 0
    skipped: Sequence[Skipped] = ()
    findings: Sequence[Change] = ()
    unnamed: Sequence[Change] = ()
    later: frozenset[str] = frozenset()
    error: str = ""
    answers: Mapping[int, Compared] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, name: str, found: Round) -> "Report":
        changes = drift(found.compared, found.rules)
        differing = {place.number for change in changes for place in change.places}
        return cls(
            name,
            len(found.compared),
            found.skipped,
            findings=[one for one in changes if one.kind is not differences.DifferenceKind.UNNAMED],
            unnamed=[one for one in changes if one.kind is differences.DifferenceKind.UNNAMED],
            later=renaming.later_times(found.rules),
            answers={one.number: one for one in found.compared if one.number in differing},
        )

    @property
    def code(self) -> int:
        """The exit code of this cassette alone. One of which nothing was compared is not the same: it is unknown. So
        is one that the upstream had no time for."""
        return 2 if self.is_unknown or self.is_torn else int(bool(self.findings))

    @property
    def is_unknown(self) -> bool:
        """Whether nothing was compared."""
        return bool(self.error) or not self.compared

    @property
    def is_torn(self) -> bool:
        """Whether something was compared, and another time more will be."""
        return not self.is_unknown and any(one.reason == BUSY for one in self.skipped)


def named(names: Sequence[str]) -> tuple[list[str], list[Report]]:
    """The cassettes to check, a folder being all that it holds; a report for each name that is none."""
    paths: list[str] = []
    wrong = []
    for name in names:
        try:
            paths += map(str, folder.named(Path(name)))
        except ReplayerError as error:
            wrong.append(Report(name, error=str(error)))
    return paths, wrong


async def reports_of(names: Sequence[str], live: LiveApi) -> list[Report]:
    """Each cassette played against the API; what cannot be played is in its report, too."""
    reports = []
    with progress_of_requests(names) as step:
        for name in names:
            path = Path(name)
            try:
                reports.append(Report.of(name, await live.round(folder.existing(path), path, step(name))))
            except ReplayerError as error:
                reports.append(Report(name, error=str(error)))
    return reports


# -- as JSON --------------------------------------------------------------------------------------------------------


def document(reports: Sequence[Report], live: LiveApi) -> dict[str, Any]:
    return {
        "cassettes": [_as_json(report, live) for report in reports],
        "same": all(report.code == 0 for report in reports),
    }


def _as_json(report: Report, live: LiveApi) -> dict[str, Any]:
    failed = {"error": report.error} if report.error else {}
    return (
        {"cassette": report.cassette}
        | failed
        | {
            "compared": report.compared,
            "skipped": [
                {
                    "number": one.number,
                    "request": one.request,
                    "reason": one.reason,
                    "remedy": remedy(one.reason, live) or None,
                }
                for one in report.skipped
            ],
            "findings": [
                change_as_json(finding) | {"hint": hint(finding, report, live) or None, "places": _places(finding)}
                for finding in report.findings
            ],
            "unnamed": [
                {"where": one.where, "field": one.field, "count": one.count, "example": one.example}
                for one in report.unnamed
            ],
        }
    )


def answers(reports: Sequence[Report], cassette: int, number: int) -> dict[str, Any]:
    """The two answers of that interaction as wholes, of the cassette at that place; UsageError where neither differs.
    What may be a credential is masked."""
    found = reports[cassette].answers.get(number) if cassette < len(reports) else None
    if found is None:
        raise UsageError(f"There are no answers of interaction {number} that differ.")
    return {"request": str(found), "recorded": _whole(found.recorded), "live": _whole(found.live)}


def _whole(answer: Response) -> dict[str, Any]:
    headers = [{"name": name, "value": masking.shown_text(value, name)} for name, value in answer.headers]
    text = answer.content.text
    parsed = bodies.parse_json(text) if text is not None else None
    if parsed is not None:
        text = json.dumps(masking.shown(parsed[0]), indent=2, ensure_ascii=False)
    elif text is not None:
        text = masking.shown_text(text)
    told = f"{len(answer.body)} bytes that are no text" if text is None else text
    return {"status": answer.status, "reason": answer.reason, "headers": headers, "body": told}


def _places(change: Change) -> list[dict[str, Any]]:
    """All that shows it."""
    return [
        {
            "number": one.number,
            "request": one.request,
            "place": one.place,
            "recorded": _value(one.recorded),
            "live": _value(one.live),
        }
        for one in change.places
    ]


def _value(side: Any) -> Any:
    return None if side is differences.MISSING else side


def change_as_json(change: Change, recorded: str = "recorded", live: str = "live") -> dict[str, Any]:
    """A change, its two sides under these names."""
    return {
        "kind": change.kind.value,
        "where": change.where,
        "field": change.field,
        recorded: _value(change.recorded),
        live: _value(change.live),
        "count": change.count,
        "example": change.example,
    }


def hint(finding: Change, report: Report, live: LiveApi) -> str:
    """What else than a change of the API a finding may come from; empty where nothing is known."""
    if (
        finding.kind is differences.DifferenceKind.TIME
        and finding.field.rpartition(".")[2].removesuffix("[]") in report.later
    ):
        return LATER
    if live.settings.upstream == words.SANDBOX:  # a fresh one for each cassette
        return ""
    longer = [one for one in report.findings if _is_longer(one, report)]
    return LEFT if finding in longer or any(_counts(finding, one) for one in longer) else ""


def _is_longer(finding: Change, report: Report) -> bool:
    """Whether it tells of a list that only has more objects."""
    if finding.kind is not differences.DifferenceKind.MEMBER_NEW or not all(map(_is_object, finding.live)):
        return False
    return not any(
        one.kind is differences.DifferenceKind.MEMBER_GONE and _place_of(one) == _place_of(finding)
        for one in report.findings
    )


def _counts(finding: Change, longer: Change) -> bool:
    """Whether it tells of a number beside such a list that has grown, or of a truth that there is more."""
    if finding.kind is not differences.DifferenceKind.VALUE or not isinstance(finding.live, int | float):
        return False
    siblings = finding.where == longer.where and finding.field.rpartition(".")[0] == longer.field.rpartition(".")[0]
    return siblings and finding.live > finding.recorded


def _place_of(finding: Change) -> tuple[str, str]:
    return finding.where, finding.field


def _is_object(member: Any) -> bool:
    """Whether a member of a list is an object: told as it is, or by its id."""
    return isinstance(member, dict) or (isinstance(member, str) and any(shapes.ids(member)))


def remedy(reason: str, live: LiveApi) -> str:
    """What would have a request compared that was not; empty where nothing would."""
    remedies = REMEDIES if live.allow_writes else REMEDIES | UNPLAYED
    return remedies.get(reason, "")


def not_compared(reason: str, live: LiveApi) -> str:
    """The reason, and the remedy in brackets."""
    advice = remedy(reason, live)
    return f"{reason} ({advice})" if advice else reason


# -- for people -----------------------------------------------------------------------------------------------------


def print_all(reports: Sequence[Report], live: LiveApi) -> None:
    printed = console(soft_wrap=True)
    for report in reports:
        if not report.error:
            _print_report(printed, report, live)
    if all(report.error for report in reports):
        return  # which has been said
    differing = sum(len(report.findings) for report in reports)
    unknown, torn = sum(report.is_unknown for report in reports), sum(report.is_torn for report in reports)
    words = f"{counted(differing, 'difference')} in {counted(len(reports), 'cassette')}"
    if unknown:
        words += f"; {counted(unknown, 'cassette')} could not be compared"
    if torn:
        words += f"; {counted(torn, 'cassette')} could not be compared in full"
    printed.print(Text(words, style="bold red" if differing else "yellow" if unknown or torn else "bold green"))


def _print_report(printed: Console, report: Report, live: LiveApi) -> None:
    printed.print(
        Text(
            f"{printable(report.cassette)}: {report.compared} compared, {len(report.skipped)} not, "
            f"{counted(len(report.findings), 'difference')}",
            style="bold",
        )
    )
    for finding in report.findings:
        print_change(printed, finding)
        if other_cause := hint(finding, report, live):
            printed.print(Text(f"    perhaps no change of the API: {other_cause}", style="yellow"))
    for one in report.unnamed:
        words = f"  not compared: {_place(one)}: recorded in {counted(one.count, 'answer')} before there was its rule"
        printed.print(Text(printable(f"{words} (record again)"), style="yellow"))
    for reason in dict.fromkeys(one.reason for one in report.skipped):
        skipped = [one for one in report.skipped if one.reason == reason]
        words = f"  not compared, {len(skipped)}: {not_compared(reason, live)}"
        printed.print(Text(printable(words), style="yellow"))
        _print_skipped(printed, skipped)


def print_change(printed: Console, change: Change) -> None:
    """A change in three lines: what, and both sides of it."""
    count = counted(change.count, "answer")
    title = Text("  ").append(printable(_place(change)), style="cyan")
    title.append(printable(f": {WORDS[change.kind]} in {count}, first in {change.example}"))
    printed.print(title, soft_wrap=True)
    printed.print(Text(f"    - {shown(change.recorded)}", style="red"), soft_wrap=True)
    printed.print(Text(f"    + {shown(change.live)}", style="green"), soft_wrap=True)


def _place(finding: Change) -> str:
    return f"{finding.where} {finding.field}" if finding.field else finding.where


def _print_skipped(printed: Console, skipped: list[Skipped]) -> None:
    for one in skipped[:SHOWN]:
        printed.print(Text(printable(f"    {one}")))
    if len(skipped) > SHOWN:
        printed.print(Text(f"    and {len(skipped) - SHOWN} more"))


def shown(value: Any) -> str:
    """A value as people are shown it: JSON on one line, cut where it is long."""
    if value is differences.MISSING:
        return "(nothing)"
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."
