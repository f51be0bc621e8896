"""An interaction that was recorded before all was known: its texts changed by what is known now, each in its place."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from replayer.core.cassette import Interaction
from replayer.core.message import Request, Response, edit

M = TypeVar("M", Request, Response)


def rewritten(interaction: Interaction, text: Callable[[str], str]) -> Interaction:
    """An interaction with each of its texts changed; of bodies that are no text what can be read in their bytes."""
    request, response = interaction.request, interaction.response

    def in_bytes(old: bytes) -> bytes:
        return text(old.decode("latin-1")).encode("latin-1", "replace")

    def renamed(message: M) -> M:
        headers = tuple((name, text(value)) for name, value in message.headers)
        if message.content.text is not None:
            changed = edit.mapped_text(message, lambda leaf: text(leaf.value) if leaf.quoted else leaf.value)
        else:
            changed = replace(message, body=edit.mapped_bytes(message.body, in_bytes))
        return replace(changed, headers=headers).summed(message)

    return replace(
        interaction,
        request=replace(renamed(request), target=text(request.target)),
        response=replace(renamed(response), reason=text(response.reason)),
    )


def holds(interaction: Interaction, words: frozenset[str]) -> bool:
    """Whether one of those words may stand in an interaction."""
    request, response = interaction.request, interaction.response
    raw = "\n".join((request.target, *(value for one in (request, response) for _, value in one.headers)))
    texts = (raw, *(one.body.decode("latin-1") for one in (request, response)))
    return any(word in text for text in texts for word in words)
