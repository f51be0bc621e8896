"""What a run says at its end: the sum of all receipts, the settings and the orphans where they are asked for."""

from dataclasses import asdict, astuple
from typing import TYPE_CHECKING, Any

import pytest

from replayer.pytest_plugin import collecting, colours, receipts, settings_report
from replayer.pytest_plugin.attendance import ATTENDANCE

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

ORPHANS = pytest.StashKey[list[str]]()
UNWRITTEN = pytest.StashKey[str]()  # why there is no receipt


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands its totals over."""
    config = session.config
    attendance = config.stash[ATTENDANCE]
    output = getattr(config, "workeroutput", None)
    if output is not None:
        receipt = asdict(attendance.total) if attendance.total else None
        output["replayer"] = {"receipt": receipt, "unsaved": attendance.unsaved}
        output["replayer"] |= {"settings": settings_report.handed_over(config), "orphans": _orphans(config)}
        output["replayer"]["receipts"] = receipts.handed_over(config)
        return
    trouble = config.stash[UNWRITTEN] = receipts.write(config)
    if (reporter := config.pluginmanager.getplugin("terminalreporter")) is not None:
        colours.lay(reporter)
    found = config.stash[ORPHANS] = sorted({*config.stash.get(ORPHANS, []), *_orphans(config)})
    if (found or trouble) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _orphans(config: pytest.Config) -> list[str]:
    return [str(path) for path in collecting.orphans(config)] if config.getoption("replayer_orphans") else []


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Called by pytest-xdist when a worker has ended; one that crashed has nothing to hand over."""
    handed = getattr(node, "workeroutput", {}).get("replayer")
    if not handed:
        return
    attendance, receipt = node.config.stash[ATTENDANCE], handed["receipt"]
    if receipt:
        from replayer.core.session import Receipt

        attendance.add(Receipt(**receipt), handed["unsaved"])
    settings_report.take_over(node.config, handed["settings"])
    receipts.take_over(node.config, handed["receipts"])
    node.config.stash.setdefault(ORPHANS, []).extend(handed["orphans"])


def pytest_terminal_summary(terminalreporter: "TerminalReporter", config: pytest.Config) -> None:
    settings_report.write(terminalreporter, config)
    found = config.stash.get(ORPHANS, [])
    if found:
        terminalreporter.section("cassettes that no test has", yellow=True)
        for path in found:
            terminalreporter.write_line(path)
        terminalreporter.write_line("To fix: delete them, or give them to a test: @pytest.mark.replayer(cassette=...).")
    if trouble := config.stash.get(UNWRITTEN, ""):
        terminalreporter.write_line(f"replayer: {trouble}", red=True)
    attendance = config.stash[ATTENDANCE]
    if attendance.total is not None and any(astuple(attendance.total)):
        unsaved = attendance.unsaved
        lost = f"; {unsaved} recording{'' if unsaved == 1 else 's'} of failed tests not saved" if unsaved else ""
        terminalreporter.write_line(f"replayer: {attendance.total.brief}{lost}")
