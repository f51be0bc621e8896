"""The one table of verdicts."""

import itertools

import pytest

from replayer.core.modes import VERDICT, Action, Mode, forwards
from replayer.core.session.verdicts import Reason

REPLAY, FORWARD, REFUSE = Action.REPLAY, Action.FORWARD, Action.REFUSE


@pytest.mark.parametrize(
    ("mode", "existed", "known", "unknown"),
    [
        ("none", True, REPLAY, REFUSE),
        ("none", False, REFUSE, REFUSE),
        ("once", True, REPLAY, REFUSE),
        ("once", False, FORWARD, FORWARD),
        ("new_episodes", True, REPLAY, FORWARD),
        ("new_episodes", False, FORWARD, FORWARD),
        ("all", True, FORWARD, FORWARD),
        ("all", False, FORWARD, FORWARD),
    ],
)
def test_the_modes_do_what_they_do_everywhere(mode: str, existed: bool, known: Action, unknown: Action) -> None:
    assert VERDICT[(Mode(mode), existed)] == (known, unknown)


def test_the_table_answers_every_question() -> None:
    assert set(VERDICT) == set(itertools.product(Mode, (True, False)))


@pytest.mark.parametrize(
    ("mode", "existed", "expected"),
    [("none", True, False), ("none", False, False), ("once", True, False), ("once", False, True), ("all", True, True)],
)
def test_only_a_session_that_can_forward_needs_an_upstream(mode: str, existed: bool, expected: bool) -> None:
    assert forwards(Mode(mode), existed=existed) is expected


def test_a_reason_is_what_the_header_says() -> None:
    assert {reason.value for reason in Reason} == {
        "no-match", "used-up", "unknown-state", "stale-alias", "live-key", "other-host", "fault"
    }  # fmt: skip
