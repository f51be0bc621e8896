"""Events are cut by their bytes alone: however these came, it is the same events, and nothing is lost or made up."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayer.core.streams import Cutter, StreamForm, events, form_of

TEXTS = st.text('ab:\n\r \x1e{}[]"1,é', max_size=40) | st.lists(
    st.sampled_from(["data: a\n\n", ": ping\r\n\r\n", "id: 1\ndata: {}\n\n", "\n", "data:x\r\r", '{"a": 1}\n', "\r"])
).map("".join)
FORMS = st.sampled_from(list(StreamForm))


def cut(raw: bytes, form: StreamForm, places: list[int]) -> list[bytes]:
    """The events of those bytes, which come in pieces that end there; what has no end is the last one."""
    cutter, found = Cutter(form), list[bytes]()
    for begin, end in pairwise((0, *sorted(place % (len(raw) + 1) for place in places), len(raw))):
        found += cutter.feed(raw[begin:end])
    rest = cutter.rest()
    assert cutter.held == 0
    return [*found, rest] if rest else found


@given(TEXTS, FORMS, st.lists(st.integers(0, 60), max_size=8))
def test_however_it_comes_it_is_the_same_events(text: str, form: StreamForm, places: list[int]) -> None:
    found = cut(text.encode(), form, places)
    assert b"".join(found) == text.encode()
    assert found == cut(text.encode(), form, []) == [event.text.encode() for _, event in events(text, form)]


@given(TEXTS, FORMS)
def test_the_values_of_an_event_stand_where_they_say(text: str, form: StreamForm) -> None:
    for position, event in events(text, form):
        assert text[position : position + len(event.text)] == event.text
        others = [event.text[one.start : one.end] for one in event.values if one.name != "data"]
        assert event.said(event.data, others) == event.text
        assert all(a.end <= b.start for a, b in pairwise(event.values))


def test_an_event_is_whole_at_its_empty_line_and_not_before() -> None:
    cutter = Cutter(StreamForm.BLOCKS)
    assert cutter.feed(b"data: 1\n") == []
    assert cutter.held == 8
    assert cutter.feed(b"\ndata: 2") == [b"data: 1\n\n"]
    assert cutter.feed(b"\r\n\r") == []
    assert cutter.feed(b"\n") == [b"data: 2\r\n\r\n"]


@pytest.mark.parametrize(
    ("text", "data", "names", "idle"),
    [
        ("data: a\ndata:b\n\n", "a\nb", ["data", "data"], False),
        (": ping\n\n", "", [""], True),
        ("\n\n", "", [], True),
        ("id: 7\nevent: x\nretry: 10\n\n", "", ["id", "event", "retry"], False),
        ("\ufeffdata: a\n\n", "a", ["data"], False),
        ("data\n\n", "", ["data"], False),
        ("data:  a: b\n\n", " a: b", ["data"], False),
    ],
)
def test_a_block_says_this(text: str, data: str, names: list[str], idle: bool) -> None:
    ((_, event),) = events(text, StreamForm.BLOCKS)
    assert (event.data, [value.name for value in event.values], event.is_idle) == (data, names, idle)


def test_a_line_says_what_stands_in_it() -> None:
    lines = ['{"a": 1}\n', "\n", '\x1e{"b": [1]}\r\n', '  {"c": 2}']
    found = [event for _, event in events("".join(lines), StreamForm.LINES)]
    assert [event.text for event in found] == lines
    assert [json.loads(event.data) for event in found if not event.is_idle] == [{"a": 1}, {"b": [1]}, {"c": 2}]


def test_a_stream_is_known_by_its_type() -> None:
    assert form_of("text/event-stream") is StreamForm.BLOCKS
    assert form_of("application/x-ndjson") is StreamForm.LINES
    assert form_of("application/json") is None
