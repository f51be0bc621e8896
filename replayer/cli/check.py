"""The command that looks for drift. Nothing is ever written to a cassette.

0   all answers are what was recorded
1   some differ
2   nothing of a cassette could be compared, or not all of it because the upstream had no time
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from replayer.cassettes import folder
from replayer.cli.drift_report import Report, document, tell
from replayer.cli.live import Asked, progress
from replayer.cli.output import say
from replayer.errors import ReplayerError
from replayer.proxy.thread import loop_factory


def check(names: Sequence[str], given: Mapping[str, Any], *, allow_writes: bool, as_json: bool) -> int:
    paths, reports = _named(names)
    asked = Asked.of(given, paths or names, allow_writes=allow_writes)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        reports += runner.run(_reports(paths, asked))
    for report in reports:
        if report.error:
            say(report.error)
    if as_json:
        click.echo(json.dumps(document(reports, asked), indent=2, ensure_ascii=False))
    else:
        tell(reports, asked)
    return max(report.code for report in reports)


def _named(names: Sequence[str]) -> tuple[list[str], list[Report]]:
    """The cassettes to check, a folder being all that it holds; a report for each name that is none."""
    paths: list[str] = []
    wrong = []
    for name in names:
        try:
            paths += map(str, folder.named(Path(name)))
        except ReplayerError as error:
            wrong.append(Report(name, error=str(error)))
    return paths, wrong


async def _reports(names: Sequence[str], asked: Asked) -> list[Report]:
    reports = []
    with progress(names) as step:
        for name in names:
            try:
                reports.append(await _report(name, asked, step(name)))
            except ReplayerError as error:
                reports.append(Report(name, error=str(error)))
    return reports


async def _report(name: str, asked: Asked, step: Callable[[int], None]) -> Report:
    path = Path(name)
    found = await asked.round(folder.existing(path), path, step)
    return Report.of(name, found)
