"""The short way is never wrong: it reads what the long way reads, or leaves it to that."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from replayer import cassettes as ours
from replayer.cassettes import fast_read, shape, yaml_read
from replayer.core.cassette import Cassette, Facts, Interaction
from replayer.core.message import Request, Response

BODIES = (b"", b"a: 1\n\n  b\n", b"\xff" * 60, b" lead", b"end \n", b"1")
HEADERS = (("Accept", "*/*"), ("Set-Cookie", "a=1"), ("Set-Cookie", "it's: b"), ("X", "\udcff"))
CASSETTE = Cassette(
    tuple(
        Interaction(Request("POST", "/a?b=c", HEADERS, body, "http://h"), Response(200, "OK", (), body))
        for body in BODIES
    ),
    Facts("http://h", "generic", 86_400),
)
TEXT = ours.dumps(CASSETTE)
CHARACTERS = [*" \t\n\r\x00\x85'\"#:-|>!&*%+[]{}2a\\~", "\n      ", "\n- request:\n", "null", "...\n"]


def test_what_we_write_it_reads() -> None:
    assert fast_read.read(TEXT) == CASSETTE
    assert fast_read.read(ours.dumps(Cassette((), CASSETTE.facts))) == Cassette((), CASSETTE.facts)


@settings(deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 3), st.sampled_from(["", *CHARACTERS]))
def test_an_edited_text_is_read_the_same_or_left_alone(at: int, gone: int, put: str) -> None:
    text = TEXT[:at] + put + TEXT[at + gone :]
    found = fast_read.read(text)
    assert found is None or found == _the_long_way(text)


def test_no_text_makes_it_search_for_long() -> None:
    text = TEXT.replace("      Accept:\n", "      Accept:\n" + "      - a:\n" * 5_000)
    started = time.perf_counter()
    assert fast_read.read(text) is None
    assert time.perf_counter() - started < 1


def _the_long_way(text: str) -> Cassette:
    return shape.cassette(yaml_read.construct(yaml_read.compose(text, "a.yaml"), "a.yaml"))
