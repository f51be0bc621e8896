"""Wrapped base64 of a file: its bytes, its lines, and what is left of the file."""

import base64

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.audit.view import apart


def wrapped(raw: bytes, indent: str = "  ") -> str:
    return "".join(f"{indent}{line}\n" for line in base64.encodebytes(raw).decode().split())


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=4), st.booleans())
def test_the_bytes_are_those_that_yaml_reads(bodies: list[bytes], listed: bool) -> None:
    text = yaml.safe_dump(bodies if listed else {"a": [{"b": body} for body in bodies]})
    rest, found = apart(text)
    assert [one.raw for one in found] == bodies
    assert rest.count("\n") == text.count("\n")
    assert "!!binary" in rest or not bodies


def test_each_byte_is_known_to_stand_in_its_line() -> None:
    text = f"a: 1\nb: !!binary |\n{wrapped(bytes(120))}c: 2\n"
    rest, (one,) = apart(text)
    assert (one.line, one.line_at(0), one.line_at(56), one.line_at(57), one.line_at(119)) == (2, 3, 3, 4, 5)
    assert rest == "a: 1\nb: !!binary |\n\n\n\nc: 2\n"


@pytest.mark.parametrize(
    "text",
    [
        "a: !!binary c2tfdGVzdF80ZUMzOUhx\n",  # on one line: read where it stands
        "a: |\n  we write !!binary |\n  AKIAIOSFODNN7EXAMPLE1\n",  # no whole groups: a text
        f"a: !!binary |\n{wrapped(b'abcdef', '')}",  # nothing of it stands below it
        "a: 1\n",
    ],
)
def test_what_is_no_wrapped_base64_stays(text: str) -> None:
    assert apart(text) == (text, [])
