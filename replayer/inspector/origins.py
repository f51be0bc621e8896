"""Where a value stands in a cassette, and which interaction it comes from."""

from collections.abc import Iterator, Sequence
from typing import Any

from replayer.core.cassette import Interaction
from replayer.core.matching import stamps
from replayer.core.message import Request, Response, shapes
from replayer.inspector.rows import shown_path

FEW = 8  # places of one request that are told
MOST = 500  # places that are told; of more the rest is counted
REQUEST, ANSWER = "request", "answer"


def alias(interactions: Sequence[Interaction], text: str) -> dict[str, Any]:
    """The origin of a value, in words, and the places where it stands."""
    places, count = [], 0
    first: tuple[int, str, str] | None = None
    for number, interaction in enumerate(interactions, start=1):
        for side, place in places_of(interaction, text):
            first = first or (number, side, place)
            count += 1
            if count <= MOST:
                places.append({"number": number, "side": side, "place": place})
    told = {"text": text, "count": count, "places": places}
    if first is None:
        return told | {"origin": "It stands nowhere in the cassette: it is of this run alone.", "number": None}
    number, side, place = first
    return told | {"origin": _origin(interactions[number - 1], number, side, place), "number": number}


def _origin(interaction: Interaction, number: int, side: str, place: str) -> str:
    request = interaction.request
    asked = f"{request.method} {shown_path(request)}"
    if side == REQUEST:
        return f"The client itself wrote it: at {place} of request {number}, {asked}."
    if stamps.is_read(request.method):
        return (
            f"It was first seen in a read, so it may be older than the session: at {place} in answer {number}, {asked}."
        )
    return f"Made by write {number}, {asked}: at {place} in its answer."


def places_of(interaction: Interaction, text: str) -> Iterator[tuple[str, str]]:
    """Each place of a value: in the request or in the answer, and where there."""
    request = interaction.request
    if _stands(request.path, text):
        yield REQUEST, "the path"
    if _stands(request.query, text):
        yield REQUEST, "the query"
    for side, message in ((REQUEST, request), (ANSWER, interaction.response)):
        yield from ((side, place) for place in _within(message, text))


def holes_of(interaction: Interaction, text: str) -> list[str]:
    """Where a request holds that value, which its client minted; empty where it only stands in the answer."""
    found = (place for side, place in places_of(interaction, text) if side == REQUEST)
    return list(dict.fromkeys(found))[:FEW]


def _within(message: Request | Response, text: str) -> Iterator[str]:
    for name, value in message.headers:
        if _stands(value, text):
            yield f"header {name}"
    body = message.content.text
    if body is None or text not in body:
        return
    found = False
    for leaf in message.leaves:
        if _stands(leaf.value, text):
            found = True
            yield leaf.place or "the body"
    if not found and _stands(body, text):
        yield "the body"


def _stands(value: str, text: str) -> bool:
    """Whether a text stands there as a whole: `in_1` does not stand in `in_12`."""
    at = value.find(text)
    while at >= 0:
        end = at + len(text)
        if not (value[at - 1 : at].isalnum() or value[end : end + 1].isalnum()):
            return True
        at = value.find(text, at + 1)
    return False


def ids_of(interaction: Interaction) -> list[str]:
    """What is an id by its shape in an interaction, each once."""
    request, response = interaction.request, interaction.response
    texts = [request.target, *(value for _, value in (*request.headers, *response.headers))]
    for message in (request, response):
        texts += [leaf.value for leaf in message.leaves] if message.content.text is not None else []
    return list(dict.fromkeys(piece.text for text in texts for piece in shapes.ids(text)))
