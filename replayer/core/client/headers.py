"""Ids that a client puts into headers of its own, `X-Request-Id` or `traceparent`, and that an API repeats. They are no
part of what is asked; only where an answer repeats one, its header is kept, so that the next run's can be echoed.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from replayer.core.message import Request, Response, edit, shapes, wire
from replayer.core.naming import aliases
from replayer.core.rules import Rules
from replayer.core.secrets import guesses

NEVER = frozenset({"authorization", "proxy-authorization", "cookie", "host", "user-agent", "content-length"})


def repeated(request: Request, response: Response, rules: Rules) -> dict[str, str]:
    """The ids in a request's headers that the answer repeats, with the name of the header each."""
    found = {piece.text: name for name, value in _own(request.headers, rules) for piece in _minted(value)}
    if not found:
        return {}
    said = response.text + "\n".join(value for _, value in response.headers)
    return {text: name for text, name in found.items() if text in said}


def kept(request: Request, names: frozenset[str], stand_in: Callable[[str], str | None]) -> Request:
    """The request with what stands for the ids in those of its headers."""

    def named(piece: shapes.Piece) -> str:
        return stand_in(piece.text) or piece.text

    headers = tuple((name, edit.pieced(value, named) if name in names else value) for name, value in request.headers)
    return replace(request, headers=headers)


def bound(live: wire.Headers, recorded: wire.Headers) -> Iterator[tuple[str, str]]:
    """Live ids and the recorded ones that they stand for, header by header; `recorded` are those that were kept."""
    for name, value in recorded:
        mine = wire.header(live, name)
        if mine is not None:
            pairs = zip(_minted(mine), _minted(value, own=False), strict=False)
            yield from ((one.text, other.text) for one, other in pairs if one.shape == other.shape)


def own(headers: wire.Headers, rules: Rules) -> wire.Headers:
    """The headers with ids in them that are neither part of the question nor anybody's secret."""
    return tuple(_own(headers, rules))


def kept_ids(headers: wire.Headers, rules: Rules) -> Iterator[str]:
    """The ids in those headers of a recorded request that are kept because its answer repeats them."""
    return (piece.text for _, value in own(headers, rules) for piece in _minted(value, own=False))


def _own(headers: wire.Headers, rules: Rules) -> Iterator[tuple[str, str]]:
    passed = {*NEVER, *rules.matched_headers, *rules.kept_headers}
    return (
        (name, value)
        for name, value in headers
        if name.lower() not in passed and shapes.LIKELY.search(value) and not guesses.names_credential(name)
    )


def _minted(value: str, *, own: bool = True) -> Iterator[shapes.Piece]:
    found = (piece for piece in shapes.ids(value) if piece.shape in shapes.MINTED)
    return (piece for piece in found if not own or not aliases.is_alias(piece.shape, piece.text))
