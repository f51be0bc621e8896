"""JSON as text: where each member begins and ends, and how text is taken out of a margin or put into one."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

_decode = json.JSONDecoder().raw_decode
SPACE = re.compile(r"[ \t\n\r]*")


class Member(NamedTuple):
    """One member of a JSON object or array: its key ("" in an array), where that begins, and the span of its value."""

    key: str
    begins: int
    start: int
    end: int
    value: Any


def members(text: str, at: int = 0) -> Iterator[Member]:
    """The members of the object or array that begins there, of a text that is known to be JSON."""
    at = _skip(text, at)
    keyed = text[at] == "{"
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        begins, key = at, ""
        if keyed:
            key, at = _decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value, end = _decode(text, at)
        yield Member(key, begins, at, end, value)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def without_member(text: str, key: str) -> str:
    """A JSON object without one of its members, and without the comma that went with it."""
    found = tuple(members(text))
    for index, one in enumerate(found):
        if one.key == key:
            start, end = one.begins, found[index + 1].begins if index + 1 < len(found) else one.end
            if index > 0:
                start, end = found[index - 1].end, one.end
            return text[:start] + text[end:]
    return text


def margin_at(text: str, at: int) -> str:
    """The white space at the beginning of the line in which that stands."""
    line = text.rfind("\n", 0, at) + 1
    end = line
    while text[end] in " \t":
        end += 1
    return text[line:end]


def unindented(text: str, margin: str) -> str:
    """A value that spreads over lines, without that margin. Strings of JSON hold no line ends, so none is changed."""
    return text.replace(f"\n{margin}", "\n") if margin else text


def indented(text: str, margin: str) -> str:
    return text.replace("\n", f"\n{margin}") if margin else text


def spliced(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """The text with each of those spans replaced; they do not overlap."""
    parts: list[str] = []
    position = 0
    for start, end, new in sorted(changes):
        parts += (text[position:start], new)
        position = end
    return "".join((*parts, text[position:]))
