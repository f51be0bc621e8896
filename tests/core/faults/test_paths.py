"""Patterns of paths: what they mean, for any pattern and any path, and for the price of reading both."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.faults.paths import PathPattern

segments = st.text("ab*", max_size=4).filter(lambda text: "**" not in text) | st.just("**")
patterns = st.lists(segments, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))
paths = st.lists(st.text("ab", max_size=3), min_size=1, max_size=6).map(lambda parts: "/" + "/".join(parts))


def meaning(pattern: str) -> str:
    """The same as one regular expression, which may go back and forth."""
    parts = pattern.split("/")[1:]
    return "".join(
        r"(?:/[^/]*)*" if part == "**" else "/" + "[^/]*".join(map(re.escape, part.split("*"))) for part in parts
    )


@given(patterns, paths)
def test_a_pattern_means_what_its_expression_does(pattern: str, path: str) -> None:
    assert PathPattern(pattern).matches(path) == bool(re.fullmatch(meaning(pattern), path))


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/v1/invoices", "/v1/invoices", True),
        ("/v1/invoices", "/v1/invoices/in_1", False),
        ("/v1/invoices/*", "/v1/invoices/in_1", True),
        ("/v1/invoices/*", "/v1/invoices/in_1/pay", False),
        ("/v1/invoices/*/pay", "/v1/invoices/in_1/pay", True),
        ("/v1/**", "/v1/invoices/in_1/pay", True),
        ("/v1/**", "/v2/x", False),
        ("/**/pay", "/v1/invoices/in_1/pay", True),
        ("/v1/in*s", "/v1/invoices", True),
        ("*", "/anything/at/all", True),
        ("**", "/", True),
        ("/v1/a.c", "/v1/abc", False),
    ],
)
def test_a_star_stands_for_text_in_a_segment_and_two_for_segments(pattern: str, path: str, *, matches: bool) -> None:
    assert PathPattern(pattern).matches(path) is matches


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("/" + "*a" * 40 + "b", "/" + "a" * 20_000), ("/**/a" * 8 + "/b", "/a" * 4_000)],
)
def test_nobody_can_make_it_look_for_long(pattern: str, path: str) -> None:
    began = time.process_time()
    assert not PathPattern(pattern).matches(path)
    assert time.process_time() - began < 0.5
