"""Times from before their rule: told apart where that is plain, and drift everywhere else."""

from dataclasses import replace
from typing import Any

import pytest

from replayer.core.drift.differences import DifferenceKind
from replayer.core.drift.drift import Compared, drift, shown_by_clock
from replayer.core.drift.renaming import later_times
from replayer.core.message import wire
from replayer.core.rules import registry, table
from tests.core.build import EPOCH, answer, asked

RULES = table.extended(registry.INVOICE_RULES, {"times": ["synced", "due"]})
DATE: wire.Headers = (("Date", "Sun, 22 Nov 2026 00:00:01 GMT"),)  # a second after the epoch
VIRTUAL, REAL = EPOCH + 1, EPOCH + 46_115
MONTH = 30 * 86_400


def told(*pairs: tuple[dict[str, Any], dict[str, Any]]) -> list[tuple[DifferenceKind, str]]:
    """The kinds and fields of what is found, under rules that name `synced` and `due`."""
    compared = [
        Compared(number, asked(f"GET /v1/things/{number}"), answer(old, *DATE), answer(new, *DATE))
        for number, (old, new) in enumerate(pairs, start=1)
    ]
    return [(one.kind, one.field) for one in drift(compared, RULES)]


def test_a_real_time_where_now_stands_today_is_told_apart() -> None:
    assert told(({"synced": REAL}, {"synced": VIRTUAL})) == [(DifferenceKind.UNNAMED, "synced")]


def test_a_time_that_was_counted_from_it_goes_with_it() -> None:
    old, new = {"synced": REAL, "due": REAL + MONTH + 1}, {"synced": VIRTUAL, "due": VIRTUAL + MONTH}
    assert told((old, new)) == [(DifferenceKind.UNNAMED, "synced"), (DifferenceKind.UNNAMED, "due")]


def test_a_time_that_is_counted_otherwise_now_is_drift() -> None:
    old, new = {"synced": REAL, "due": REAL + MONTH}, {"synced": VIRTUAL, "due": VIRTUAL + MONTH // 2}
    assert told((old, new)) == [(DifferenceKind.UNNAMED, "synced"), (DifferenceKind.TIME, "due")]


def test_one_answer_tells_nothing_of_another() -> None:
    pairs = [({"synced": REAL}, {"synced": VIRTUAL}), ({"due": REAL + MONTH}, {"due": VIRTUAL + MONTH})]
    assert told(*pairs) == [(DifferenceKind.UNNAMED, "synced"), (DifferenceKind.TIME, "due")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"synced": VIRTUAL}, {"synced": VIRTUAL + 3600}),  # named when it was recorded, and an hour later now
        ({"synced": REAL}, {"synced": REAL + 3600}),
        ({"created": REAL}, {"created": VIRTUAL}),  # the rules always had this one
    ],
)
def test_all_else_is_drift(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert [kind for kind, _ in told((old, new))] == [DifferenceKind.TIME]


def test_only_what_extends_the_rules_came_later() -> None:
    assert later_times(registry.INVOICE_RULES) == frozenset()
    assert later_times(RULES) == {"synced", "due"}
    assert later_times(replace(RULES, times=registry.INVOICE_RULES.times)) == frozenset()


def test_the_clock_showed_what_the_answers_are_dated() -> None:
    later = (("Date", "Sun, 22 Nov 2026 00:00:09 GMT"),)
    assert shown_by_clock([answer({}, *later), answer({}), answer({}, *DATE)]) == range(EPOCH + 1, EPOCH + 10)
    assert shown_by_clock([answer({})]) == range(0)
