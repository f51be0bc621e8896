"""The values of a stream stand in its events: each is found, and changed alone."""

import json

from hypothesis import given
from hypothesis import strategies as st

from replayer.core.message import Request, Response, bodies, leaves
from replayer.core.streams import StreamForm, events

SSE = (("Content-Type", "text/event-stream"),)
VALUES = st.recursive(
    st.integers(-99, 99) | st.text(max_size=5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=5,
)


def stream(text: str) -> Response:
    return Response(200, "", SSE, text.encode())


def test_each_value_has_its_event_and_its_place() -> None:
    found = stream('id: abc\ndata: {"id": "x",\ndata:  "n": [1, "two"]}\n\n: hm\n\ndata: plain "text"\n\n').leaves
    assert [(leaf.place, leaf.key, leaf.value) for leaf in found] == [
        ("[0] last-event-id", "last-event-id", "abc"),
        ("[0].id", "id", "x"),
        ("[0].n[0]", "n", "1"),
        ("[0].n[1]", "n", "two"),
        ("[1] comment", "comment", " hm".strip()),
        ("[1]", "", 'plain "text"'),
    ]


def test_a_request_is_no_stream() -> None:
    asked = Request("POST", "/bulk", (("Content-Type", "application/x-ndjson"),), b'{"a": 1}\n{"b": 2}\n')
    assert asked.content.kind is bodies.BodyKind.TEXT
    assert Response(200, "", asked.headers, asked.body).content.kind is bodies.BodyKind.LINES


@given(st.lists(st.dictionaries(st.text("abc", min_size=1), VALUES, max_size=3), min_size=1, max_size=4), st.booleans())
def test_every_string_is_found_and_changed_alone(values: list[dict[str, object]], spread: bool) -> None:
    written = [json.dumps(value, indent=1 if spread else None) for value in values]
    text = "".join("data: " + each.replace("\n", "\ndata: ") + "\n\n" for each in written)
    answer = stream(text)
    changed = leaves.edited(answer.content, [(leaf, leaf.value + "!") for leaf in answer.leaves if leaf.quoted])
    now = [json.loads(event.data) for _, event in events(changed, StreamForm.BLOCKS)]
    assert now == [_shouted(value) for value in values]


def _shouted(value: object) -> object:
    if isinstance(value, str):
        return value + "!"
    if isinstance(value, list):
        return [_shouted(each) for each in value]
    return {key: _shouted(each) for key, each in value.items()} if isinstance(value, dict) else value


@given(st.dictionaries(st.text("abc", min_size=1), VALUES, max_size=3), st.text("xyz", max_size=4))
def test_an_event_is_a_message_of_its_own_and_says_again_what_it_says(value: dict[str, object], mark: str) -> None:
    text = f"id: {mark}\n: c\ndata: {json.dumps(value)}\nodd: 1\n\n"
    ((_, event),) = events(text, StreamForm.BLOCKS)
    message = Response.of(event)
    assert (message.json, message.header("last-event-id"), message.header("odd")) == (value, mark, "1")
    assert message.told_as(event) == text
