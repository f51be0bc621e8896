"""One event: its text, and where the values of its fields stand in it. WHATWG's HTML 9.2 for server-sent events."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class StreamForm(Enum):
    """How events are told apart, and what one says."""

    BLOCKS = "events"
    LINES = "JSON lines"


ENDS = {StreamForm.BLOCKS: r"(?:\r\n|\n|\r(?!\n)){2}", StreamForm.LINES: r"\n"}
"""Where an event ends: at an empty line, of which there may be several, or at the end of its line."""
FORMS = {
    "text/event-stream": StreamForm.BLOCKS,
    **dict.fromkeys(
        (
            "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonl",
            "application/jsonlines", "application/x-jsonlines", "application/json-lines", "application/json-seq",
            "application/stream+json", "application/x-json-stream",
        ),
        StreamForm.LINES,
    ),
}  # fmt: skip
LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
COMMENT = ""  # what the name of a comment's field is
MARKS = " \t\r\x1e"  # around a line of JSON: RFC 7464 begins each with a record separator


class StreamValue(NamedTuple):
    """The value of one field, and where it stands in the text of its event."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event as it stands, with its end. `values` are those of its fields, in their order; what is no field of a
    block, an empty line, is none. Of JSON lines the line is one value."""

    text: str
    values: tuple[StreamValue, ...]

    @property
    def is_idle(self) -> bool:
        """Whether it tells its client nothing: it is empty, or of comments only."""
        return all(value.name == COMMENT for value in self.values)

    @property
    def data(self) -> str:
        """What it carries: of several lines all, with a line feed between two."""
        return "\n".join(self.text[value.start : value.end] for value in self.values if value.name == "data")

    def said(self, data: str, others: list[str]) -> str:
        """Its text with other data, of as many lines, and other values of its other fields."""
        lines, rest = iter(data.split("\n")), iter(others)
        parts, position = [], 0
        for value in self.values:
            parts += [self.text[position : value.start], next(lines) if value.name == "data" else next(rest)]
            position = value.end
        return "".join((*parts, self.text[position:]))


def form_of(media: str) -> StreamForm | None:
    """How a stream of that media type is cut; None for what is no stream."""
    return FORMS.get(media)


def events(text: str, form: StreamForm) -> Iterator[tuple[int, StreamEvent]]:
    """The events of a whole stream, each with the place where it begins; what has no end is the last one."""
    position = 0
    for match in re.finditer(ENDS[form], text):
        yield position, _read(text[position : match.end()], form)
        position = match.end()
    if position < len(text):
        yield position, _read(text[position:], form)


def _read(text: str, form: StreamForm) -> StreamEvent:
    return StreamEvent(text, tuple(_fields(text) if form is StreamForm.BLOCKS else _line(text)))


def _fields(text: str) -> Iterator[StreamValue]:
    for match in LINE.finditer(text):
        line, start = match[1], match.start()
        if not line:
            continue
        name, colon, value = line.partition(":")
        begin = start + len(name) + len(colon) + value.startswith(" ")
        yield StreamValue(name.removeprefix("\ufeff"), begin, start + len(line))


def _line(text: str) -> Iterator[StreamValue]:
    plain = text.removesuffix("\n")
    inner = plain.strip(MARKS)
    if inner:
        start = plain.index(inner)
        yield StreamValue("data", start, start + len(inner))
