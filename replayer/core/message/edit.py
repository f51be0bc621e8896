"""Texts rewritten leaf by leaf and piece by piece; what nobody meant to change stays to the byte.

An echo repeats a value that the client minted: the live value takes the place of the recorded one. A member of a JSON
text is cut out with the margin at which it stands, and put back with another.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from replayer.core.message import archives, wrappings
from replayer.core.message.bodies import LONGEST, BodyKind
from replayer.core.message.leaves import Leaf, edited_text, form_leaves
from replayer.core.message.message import Message, Request, Response
from replayer.core.message.shapes import MIN_WORD, Piece, pieces

M = TypeVar("M", bound=Message)
FEW = 16  # values that are looked for one by one
WORD = re.compile("[0-9A-Za-z]+")
CONDITIONS = frozenset({"if-match", "if-none-match", "if-range"})
MIN_ECHO = 4  # a value of fewer characters would be "found" in every text
_decode = json.JSONDecoder().raw_decode
SPACE = re.compile(r"[ \t\n\r]*")


def mapped_body(message: Message, change: Callable[[Leaf], str]) -> bytes:
    """The decoded body of a message with each of its leaves changed; one that is no text as it is."""
    body = message.content
    if body.text is None:
        return body.raw
    text = mapped(body.text, message.leaves, body.kind, change)
    return body.raw if text == body.text else body.encode(text)


def mapped_text(message: M, change: Callable[[Leaf], str]) -> M:
    """A message with each leaf of its body changed, in the encodings that it had."""
    body = message.content
    if body.text is None:
        return message
    return message.with_text(mapped(body.text, message.leaves, body.kind, change))


def mapped(text: str, found: Iterable[Leaf], kind: BodyKind, change: Callable[[Leaf], str]) -> str:
    """A text of that kind with each of its leaves changed."""
    return edited_text(text, _changes(found, change), kind)


def _changes(found: Iterable[Leaf], change: Callable[[Leaf], str]) -> Iterator[tuple[Leaf, str]]:
    for leaf in found:
        value = change(leaf)
        if value != leaf.value:
            yield leaf, value


def pieced(text: str, change: Callable[[Piece], str]) -> str:
    """A text with each of its pieces changed: one scan over one text, so that no change is changed again."""
    if len(text) < MIN_WORD:
        return text
    parts: list[str] = []
    position = 0
    for piece in pieces(text):
        parts += (text[position : piece.start], change(piece))
        position = piece.end
    return "".join((*parts, text[position:])) if parts else text


def pieced_bytes(raw: bytes, change: Callable[[Piece], str]) -> bytes:
    """Bytes that are no text with the pieces in them changed, in place: what is of another length stays as it is. Of an
    archive those in its members are, which count on from one to the next."""
    length = 0

    def changed(plain: bytes) -> bytes:
        nonlocal length
        first, length = length, length + len(plain)

        def in_place(piece: Piece) -> str:
            new = change(piece._replace(start=first + piece.start, end=first + piece.end))
            return new if len(new) == len(piece.text) else piece.text

        return pieced(plain.decode("latin-1"), in_place).encode("latin-1")

    return mapped_bytes(raw, changed)


def mapped_bytes(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Bytes that are no text changed as one; of an archive each name and each member is one, of gzip what is in it."""
    if archive := archives.read(raw):
        return archive.mapped(change, LONGEST)
    wrapped = wrappings.mapped(raw, change, LONGEST)
    return change(raw) if wrapped is None else wrapped


def rewritten(request: Request, change: Callable[[str, Leaf], str]) -> Request:
    """A request with each value that it asks with changed. `change` is told the part (path, query or body) and the
    leaf; of a path each segment is one."""
    segments = request.path.split("/")
    path = "/".join(_segment(place, part, change) for place, part in enumerate(segments))
    query = mapped(request.query, form_leaves(request.query), BodyKind.FORM, lambda leaf: change("query", leaf))
    target = f"{path}?{query}" if "?" in request.target else path
    changed = mapped_text(request, lambda leaf: change("body", leaf))
    return changed if target == request.target else replace(changed, target=target)


def _segment(place: int, part: str, change: Callable[[str, Leaf], str]) -> str:
    if not part:
        return part
    plain = unquote(part, errors="surrogateescape")
    changed = change("path", Leaf(str(place), "", plain, 0, len(plain)))
    return part if changed == plain else quote(changed, safe="", errors="surrogateescape")


def validated(request: Request, tags: Mapping[str, str]) -> Request:
    """A request whose conditions speak of other validators: `If-None-Match: "old"` with the new ones."""
    headers = tuple(
        (name, ", ".join(tags.get(tag.strip(), tag.strip()) for tag in value.split(",")))
        if name.lower() in CONDITIONS
        else (name, value)
        for name, value in request.headers
    )
    return request if headers == request.headers else replace(request, headers=headers)


def echoed(response: Response, values: Mapping[str, str]) -> Response:
    """The response with other values, old to new, in headers and in text; short ones only as whole headers.

    All are replaced in one scan: what is new is not replaced again.
    """
    changed = {old: new for old, new in values.items() if old and new and old != new}
    if not changed:
        return response
    headers = tuple((name, _replaced(value, changed)) for name, value in response.headers)
    text = response.content.text
    if text is not None:
        with suppress(UnicodeEncodeError):  # a value that this body's charset cannot write
            response = response.with_text(_in_text(text, _as_spelled(changed)))
    return response if headers == response.headers else replace(response, headers=headers)


def _replaced(value: str, changed: Mapping[str, str]) -> str:
    return changed[value] if value in changed else _in_text(value, changed)


def _in_text(text: str, changed: Mapping[str, str]) -> str:
    """The text with the values that stand in it, each between what is no letter and no digit; longer ones first."""
    if len(changed) > FEW and all(old[:1].isascii() and old[:1].isalnum() for old in changed):
        return _many_in_text(text, changed)
    found = tuple(old for old in changed if len(old) >= MIN_ECHO and old in text)
    return _pattern(found).sub(lambda match: changed[match.group()], text) if found else text


def _many_in_text(text: str, changed: Mapping[str, str]) -> str:
    """The same for values that begin with a letter or a digit: the run of these with which one begins stands in the
    text as it is, so that a text is read once, however many they are."""
    lengths: dict[str, set[int]] = {}  # of the values that begin with that run
    for old in changed:
        if len(old) >= MIN_ECHO and (run := WORD.match(old)):
            lengths.setdefault(run.group(), set()).add(len(old))
    parts: list[str] = []
    position = 0
    for run in WORD.finditer(text):
        start = run.start()
        for length in sorted(lengths.get(run.group(), ()), reverse=True) if start >= position else ():
            end = start + length
            if (old := text[start:end]) in changed and not WORD.match(text, end):
                parts += (text[position:start], changed[old])
                position = end
                break
    return "".join((*parts, text[position:])) if parts else text


def _as_spelled(changed: Mapping[str, str]) -> dict[str, str]:
    """The values as they stand in JSON, whose writer may have escaped all that is no ASCII."""
    return {
        _escaped(old, ascii_only=ascii_only): _escaped(new, ascii_only=ascii_only)
        for ascii_only in (True, False)  # of what is ASCII itself, the plain spelling is the last one
        for old, new in changed.items()
    }


def _escaped(value: str, *, ascii_only: bool) -> str:
    return json.dumps(value, ensure_ascii=ascii_only)[1:-1]


@lru_cache(maxsize=1024)
def _pattern(values: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(values, key=len, reverse=True)
    return re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest_first))})(?![0-9A-Za-z])")


class Member(NamedTuple):
    """One member of a JSON object or array: its key ("" in an array), where that begins, and the span of its value."""

    key: str
    begins: int
    start: int
    end: int
    value: Any


def members(text: str, at: int = 0, *, rows: str = "") -> Iterator[Member]:
    """The members of the object or array that begins there, of a text that is known to be JSON. Of the array under the
    key `rows` the value is its own members."""
    at = _skip(text, at)
    keyed = text[at] == "{"
    at = _skip(text, at + 1)
    while text[at] not in "}]":
        begins, key = at, ""
        if keyed:
            key, at = _decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if rows and key == rows and text[at] == "[":
            value = tuple(members(text, at))
            end = _skip(text, value[-1].end if value else at + 1) + 1
        else:
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
