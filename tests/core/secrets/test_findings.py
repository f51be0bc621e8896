"""Findings tell kind, place and encoding; what may be real is masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.secrets.findings import EXPLAINED, Finding, FindingKind, findings_table, masked


def test_a_finding_is_one_line_in_words() -> None:
    assert str(Finding("API key", "raw", 3)) == "line 3: API key"
    assert str(Finding("API key", "percent, base64", 3)) == "line 3: API key (percent, base64-encoded)"


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ("in_1UI6qsHIBYZYyePrZqHAeqdY", "in_", "in_1U...dY"),
        ("A1B2C3D4", "", "A...4"),
        ("ABC", "", "A..."),
        ("AB", "", "..."),
        ("", "", "..."),
    ],
)
def test_a_masked_value_is_known_by_its_ends(text: str, prefix: str, expected: str) -> None:
    assert masked(text, prefix) == expected


@given(st.text("abcdefgh", max_size=60))
def test_a_masked_value_shows_at_most_a_third(text: str) -> None:
    assert len(masked(text)) - 3 <= len(text) // 3


def test_every_kind_is_explained_in_the_table() -> None:
    assert list(EXPLAINED) == list(FindingKind)
    assert findings_table().count("\n") == len(FindingKind) + 2
