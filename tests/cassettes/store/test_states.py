"""The one table: of what only one side changed that side counts, and what both changed is left to people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.cassettes.store.states import MEANING, Status, is_fetched, is_sent, state

CONTENT = st.sampled_from([None, "a", "b", "c"])


@pytest.mark.parametrize(
    ("base", "here", "locked", "expected"),
    [
        (None, None, None, None),
        ("a", None, None, None),
        (None, None, "a", Status.ABSENT),
        ("a", None, "a", Status.ABSENT),
        (None, "a", None, Status.NEW),
        (None, "a", "a", Status.SAME),
        ("b", "a", "a", Status.SAME),
        ("a", "b", "a", Status.CHANGED),
        ("a", "a", "b", Status.BEHIND),
        ("a", "a", None, Status.DROPPED),
        ("a", "b", "c", Status.CONFLICT),
        (None, "a", "b", Status.CONFLICT),
        ("a", "b", None, Status.CONFLICT),
    ],
)
def test_three_contents_make_one_state(
    base: str | None, here: str | None, locked: str | None, expected: Status | None
) -> None:
    assert state(base, here, locked) is expected


@given(CONTENT, CONTENT, CONTENT)
def test_nothing_is_sent_over_what_was_never_seen_and_nothing_fetched_over_what_is_nowhere_else(
    base: str | None, here: str | None, locked: str | None
) -> None:
    found = state(base, here, locked)
    if found is None:
        assert here is None
        assert locked is None
        return
    if is_sent(found, forced=False):
        assert here not in (None, base)
        assert locked == base
    if is_fetched(found, forced=False):
        assert here in (None, base)
        assert locked is not None
    assert not (is_sent(found, forced=False) and is_fetched(found, forced=False))
    assert MEANING[found]
