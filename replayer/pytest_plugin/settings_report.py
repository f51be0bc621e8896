"""`--replayer-settings`: each setting of the tests that ran, and where it comes from. What they have in common stands
first, then what sets each of them apart."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from replayer.settings import Chosen

Row = tuple[str, str, str]
"""Name, value and origin of a setting."""
KEPT = pytest.StashKey[dict[str, list[Row]]]()  # by who has them


def keep(config: pytest.Config, who: str, chosen: "Chosen") -> None:
    """Remember the settings of a test, where they are asked for."""
    if config.getoption("replayer_settings"):
        rows = [(name, repr(value), origin) for name, value, origin in chosen.table]
        config.stash.setdefault(KEPT, {})[who] = rows


def handed_over(config: pytest.Config) -> dict[str, list[Row]]:
    """All that was kept, for whoever writes it."""
    return config.stash.get(KEPT, {})


def take_over(config: pytest.Config, handed: dict[str, list[Row]]) -> None:
    """What a worker of pytest-xdist kept."""
    if handed:
        config.stash.setdefault(KEPT, {}).update({who: [(*row,) for row in rows] for who, rows in handed.items()})


def write(reporter: "TerminalReporter", config: pytest.Config) -> None:
    """Print what was kept, if anything was."""
    kept = config.stash.get(KEPT, {})
    if not kept:
        return
    common = set.intersection(*(set(rows) for rows in kept.values()))
    first = next(iter(kept.values()))
    reporter.section("replayer settings")
    _rows(reporter, [row for row in first if row in common], "  ")
    for who in sorted(kept):
        own = [row for row in kept[who] if row not in common]
        if own:
            reporter.write_line(who)
            _rows(reporter, own, "    ")


def _rows(reporter: "TerminalReporter", rows: list[Row], indent: str) -> None:
    wide = max((len(f"{name} = {value}") for name, value, _ in rows), default=0)
    for name, value, origin in rows:
        reporter.write_line(f"{indent}{f'{name} = {value}':<{min(wide, 60)}}  {origin}")
