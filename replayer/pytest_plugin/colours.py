"""What a miss looks like on a terminal with colours: what was asked in red, what is recorded in green."""

from typing import TYPE_CHECKING, Any

import pytest

from replayer.testing import verdict

if TYPE_CHECKING:
    from _pytest._io import TerminalWriter
    from _pytest.terminal import TerminalReporter

HEAD = "replayer: "
CELLS = 3  # of a row of `verdict.side_by_side`


class Coloured:
    """The explanation of a failure, as pytest made it, in colours."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def __str__(self) -> str:
        return str(self._plain)

    def toterminal(self, writer: "TerminalWriter") -> None:
        """Write it, line by line."""
        for line in str(self._plain).split("\n"):
            writer.line(_line(line, writer))


def lay(reporter: "TerminalReporter") -> None:
    """Have the explanations of misses shown in colours, wherever the tests ran."""
    writer = reporter._tw  # noqa: SLF001 - it has no other name
    for report in (report for outcome in ("failed", "error") for report in reporter.stats.get(outcome, [])):
        if not isinstance(report, pytest.TestReport):
            continue
        if _is_ours(getattr(getattr(report.longrepr, "reprcrash", None), "message", "") or ""):
            report.longrepr = Coloured(report.longrepr)  # type: ignore[assignment]
        report.sections[:] = [
            (name, "\n".join(_line(line, writer) for line in text.split("\n")) if verdict.TITLE in name else text)
            for name, text in report.sections
        ]


def _is_ours(message: str) -> bool:
    first = message.partition(": ")[2].partition("\n")[0]  # behind the name of the error
    return first.startswith(HEAD) and first.endswith(verdict.MISSED)


def _line(line: str, writer: "TerminalWriter") -> str:
    cells = line.split(" | ")
    if len(cells) == CELLS and line.startswith("  "):
        return " | ".join((cells[0], writer.markup(cells[1], red=True), writer.markup(cells[2], green=True)))
    return writer.markup(line, red=True, bold=True) if line.startswith(HEAD) else line
