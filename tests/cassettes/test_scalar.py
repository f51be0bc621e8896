"""One text in YAML, by itself: every YAML reader gives it back."""

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from replayer.cassettes.scalar import block, inline


def read(written: str) -> object:
    return yaml.load("- " + written, yaml.CSafeLoader)[0]


@settings(deadline=None)
@given(st.text())
@example("y")
@example("a: b")
@example("a #b")
@example("a  #b")
@example("a:")
@example("a ")
@example("\x85")
@example("'")
def test_a_text_on_one_line_comes_back(text: str) -> None:
    written = inline(text)
    assert "\n" not in written
    assert read(written) == text
    assert yaml.safe_load("- " + written) == [text]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("https://api.stripe.com/v1?a=b#c", "https://api.stripe.com/v1?a=b#c"),
        ("/v1/invoices", "/v1/invoices"),
        ("200", "'200'"),
        ("No", "'No'"),
        ("", "''"),
        ("it's", "it's"),
        ("'it", "'''it'"),
        ("a\tb", '"a\\tb"'),
        ("\udcff", '!!binary "/w=="'),
    ],
)
def test_quotes_stand_only_where_they_must(text: str, written: str) -> None:
    assert inline(text) == written


@settings(deadline=None)
@given(st.binary())
@example(b"# complete\n")
def test_no_line_of_a_body_stands_at_the_left_edge(content: bytes) -> None:
    lines = block(content, 6).split("\n")[1:]
    assert all(line.startswith("      ") for line in lines if line)
