"""What `replayer check` found, as a receipt for `replayer report`: where an API drifted, without the values."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from replayer.cli.drift_report import Report
from replayer.core.drift import Change
from replayer.core.suite import SessionReceipt, session_receipt
from replayer.proxy.receipts import BOOK, FiledReceipt, named, shown_by


def write(file: Path, reports: Sequence[Report]) -> None:
    """Write what was found in these cassettes to that file."""
    BOOK.enter(file, list(_filed(file, reports)))


def _filed(file: Path, reports: Sequence[Report]) -> Iterator[FiledReceipt]:
    shown = shown_by()
    for report in reports:
        path = Path(report.cassette)
        drift = tuple(map(_drifted, report.findings))
        receipt = SessionReceipt(named(path, Path.cwd()) or path.name, session_receipt.CHECK, age=0, drift=drift)
        yield FiledReceipt(receipt.shown(shown), file, path.absolute(), shown)


def _drifted(change: Change) -> session_receipt.Drifted:
    return session_receipt.Drifted(change.kind.value, change.where, change.field, change.count)
