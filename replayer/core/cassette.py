"""What is recorded: one request with its response, and a cassette of them. Values only; nothing here looks inside."""

from dataclasses import dataclass, replace
from typing import Self

from replayer.core.message import Request, Response


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request with its response."""

    request: Request
    response: Response

    def forget(self) -> None:
        """Keep both and none of their readings."""
        self.request.forget()
        self.response.forget()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a cassette says of itself, under its top-level key `replayer`.

    `upstream` is the origin that was recorded, or "sandbox"; `rules` names the rules that named its ids;
    `epoch` is where its virtual clock starts, in whole seconds since 1970, UTC.
    """

    upstream: str
    rules: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Cassette:
    """One file of recorded interactions. `facts` is None where another tool wrote the file."""

    interactions: tuple[Interaction, ...] = ()
    facts: Facts | None = None

    def within(self, limit: int) -> Self:
        """The same, whose bodies may unpack to so many bytes, as those of the live messages may."""
        kept = tuple(
            each
            if each.request.limit == limit == each.response.limit
            else Interaction(replace(each.request, limit=limit), replace(each.response, limit=limit))
            for each in self.interactions
        )
        return replace(self, interactions=kept)
