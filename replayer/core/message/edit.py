"""Texts rewritten leaf by leaf and piece by piece; what nobody meant to change stays to the byte.

An echo repeats a value that the client minted: the live value takes the place of the recorded one.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, unquote

from replayer.core.message.body import Body, Kind, decode_content, encode_content, read
from replayer.core.message.interaction import Request, Response, header
from replayer.core.message.leaves import Leaf, edited_text, form_leaves, leaves
from replayer.core.message.shapes import Piece, pieces

MIN_ECHO = 4  # a value of fewer characters would be "found" in every text


def content(request: Request) -> bytes:
    """The body of a request, unencoded where its encoding is known."""
    decoded = decode_content(request.body, header(request.headers, "content-encoding") or "")
    return request.body if decoded is None else decoded


def mapped_body(body: Body, change: Callable[[Leaf], str]) -> bytes:
    """A body with each of its leaves changed; one that is no text as it is."""
    if body.text is None:
        return body.raw
    text = mapped(body.text, leaves(body), body.kind, change)
    return body.raw if text == body.text else body.encode(text)


def mapped(text: str, found: Iterable[Leaf], kind: Kind, change: Callable[[Leaf], str]) -> str:
    """A text of that kind with each of its leaves changed."""
    return edited_text(text, _changes(found, change), kind)


def _changes(found: Iterable[Leaf], change: Callable[[Leaf], str]) -> Iterator[tuple[Leaf, str]]:
    for leaf in found:
        value = change(leaf)
        if value != leaf.value:
            yield leaf, value


def pieced(text: str, change: Callable[[Piece], str]) -> str:
    """A text with each of its pieces changed: one scan over one text, so that no change is changed again."""
    parts: list[str] = []
    position = 0
    for piece in pieces(text):
        parts += (text[position : piece.start], change(piece))
        position = piece.end
    return "".join((*parts, text[position:])) if parts else text


def rewritten(request: Request, change: Callable[[str, Leaf], str]) -> Request:
    """A request with each value that it asks with changed. `change` is told the part (path, query or body) and the
    leaf; of a path each segment is one."""
    segments = request.path.split("/")
    path = "/".join(_segment(place, part, change) for place, part in enumerate(segments))
    query = mapped(request.query, form_leaves(request.query), Kind.FORM, lambda leaf: change("query", leaf))
    return replace(
        request,
        target=f"{path}?{query}" if "?" in request.target else path,
        body=rewritten_body(request, lambda leaf: change("body", leaf)),
    )


def _segment(place: int, part: str, change: Callable[[str, Leaf], str]) -> str:
    plain = unquote(part, errors="surrogateescape")
    changed = change("path", Leaf(str(place), "", plain, 0, len(plain)))
    return part if changed == plain else quote(changed, safe="", errors="surrogateescape")


def rewritten_body(request: Request, change: Callable[[Leaf], str]) -> bytes:
    """The body of a request with each of its leaves changed, in the encoding that it had."""
    body = read(request.headers, content(request))
    changed = mapped_body(body, change)
    if changed == body.raw:
        return request.body
    encoded = encode_content(changed, header(request.headers, "content-encoding") or "")
    return changed if encoded is None else encoded


def echoed(response: Response, values: Mapping[str, str]) -> Response:
    """The response with other values, old to new, in headers and in text; short ones only as whole headers.

    All are replaced in one scan: what is new is not replaced again.
    """
    changed = {old: new for old, new in values.items() if old and new and old != new}
    if not changed:
        return response
    headers = tuple((name, _replaced(value, changed)) for name, value in response.headers)
    body = read(response.headers, response.body)
    found = {_escaped(old): _escaped(new) for old, new in changed.items() if _stands_in(_escaped(old), body.text)}
    if body.text is None or not found:
        return replace(response, headers=headers)
    echoing = _pattern(tuple(found)).sub(lambda match: found[match.group()], body.text)
    try:
        return replace(response, headers=headers, body=body.encode(echoing))
    except UnicodeEncodeError:  # a value that this body's charset cannot write
        return replace(response, headers=headers)


def _replaced(value: str, changed: Mapping[str, str]) -> str:
    if value in changed:
        return changed[value]
    found = tuple(old for old in changed if _stands_in(old, value))
    return _pattern(found).sub(lambda match: changed[match.group()], value) if found else value


def _stands_in(old: str, text: str | None) -> bool:
    return text is not None and len(old) >= MIN_ECHO and old in text


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


@lru_cache(maxsize=1024)
def _pattern(values: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(values, key=len, reverse=True)
    return re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest_first))})(?![0-9A-Za-z])")
