"""`replayer check`: does the API still answer what was recorded? Nothing is ever written to a cassette.

0   all answers are what was recorded
1   some differ
2   nothing of a cassette could be compared, or not all of it because the upstream had no time
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from replayer.cli import options
from replayer.errors import UsageError


@click.command(
    "check",
    epilog="\b\nExamples:\n  replayer check cassettes/*.yaml --upstream sandbox --allow-writes\n"
    "  REPLAYER_AUTHORIZATION=sk_test_... replayer check invoices.yaml --upstream https://api.stripe.com",
)
@options.cassettes
@options.live_upstream
@options.writes
@options.live_keys
@options.upstream_auth
@options.rules
@options.trusted
@options.timeout
@click.option("--web", is_flag=True, help="Show what differs on a page for browsers as well, until Ctrl-C.")
@options.setting("--receipt", "FILE", "Write where it drifted there, as JSON, for 'replayer report'.")
@options.as_json
def command(
    paths: tuple[str, ...], allow_writes: bool, web: bool, receipt: str | None, as_json: bool, **settings: Any
) -> int:
    """Compare what an API answers today with what was recorded.

    Plays the recorded requests and tells each field, status and header that differs, ids and times apart. Nothing is
    written. The key to ask with stands in REPLAYER_AUTHORIZATION. Exits with 1 where something differs; with 2 where
    nothing of a cassette could be compared, or not all of it because the upstream had no time (429, 502, 503, 504).
    """
    import asyncio
    from pathlib import Path

    from replayer.cli import drift_receipt, drift_report
    from replayer.cli.live import LiveApi
    from replayer.cli.output import print_json, say
    from replayer.proxy.thread import loop_factory

    if web and as_json:
        raise UsageError("--json is for programs and --web for people: leave one of them out.")
    names, reports = drift_report.named(paths)
    live = LiveApi.of(settings, names or paths, allow_writes=allow_writes)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        reports += runner.run(drift_report.reports_of(names, live))
    for report in reports:
        if report.error:
            say(report.error)
    if receipt:
        drift_receipt.write(Path(receipt), reports)
    if as_json:
        print_json(drift_report.document(reports, live))
    else:
        drift_report.print_all(reports, live)
    if web:
        _on_a_page(drift_report.document(reports, live), partial(drift_report.answers, reports))
    return max(report.code for report in reports)


def _on_a_page(document: dict[str, Any], answers: Callable[[int, int], dict[str, Any]]) -> None:
    """Show that until a signal comes; `answers` are the two of one interaction, by the places of both."""
    from replayer.cli import listening
    from replayer.inspector import Desk
    from replayer.proxy.looking import nothing

    more = {"drawn/drift": lambda _: document, "drawn/answers": Desk.by_numbers(answers)}
    listening.shown(Desk(nothing("drift"), more))
