"""Texts rewritten leaf by leaf and piece by piece; what nobody meant to change stays to the byte."""

from collections.abc import Callable, Iterable, Iterator

from replayer.core.bodies import Body, Kind, decode_content
from replayer.core.interaction import Request, header
from replayer.core.places import Leaf, edited_text, leaves
from replayer.core.recognisers import Piece, pieces


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
