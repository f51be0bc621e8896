"""Findings tell kind, place and encoding; what may be real is masked."""

from replayer.core.secrets.findings import EXPLAINED, Finding, FindingKind, findings_table


def test_a_finding_is_one_line_in_words() -> None:
    assert str(Finding("API key", "raw", 3)) == "line 3: API key"
    assert str(Finding("API key", "percent, base64", 3)) == "line 3: API key (percent, base64-encoded)"


def test_every_kind_is_explained_in_the_table() -> None:
    assert list(EXPLAINED) == list(FindingKind)
    assert findings_table().count("\n") == len(FindingKind) + 2
