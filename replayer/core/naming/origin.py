"""Where a value is first seen: what its name is a function of."""

from dataclasses import dataclass, field, replace
from typing import Self

from replayer.core.message import Response
from replayer.core.naming.earlier import Earlier


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value is first seen: which request, which occurrence of it. `caller` is the account that asks; `earlier`
    are the names in the answer that was recorded there before."""

    digest: str
    occurrence: int
    caller: str = ""
    earlier: Earlier = field(default_factory=Earlier)
    request: str = ""  # in words: `GET /v1/invoices`
    attempt: int = 0
    asked: frozenset[str] = frozenset()  # the ids that the request names
    creates: bool = False  # whether it may have made an object: a POST to a collection, or the answer is 201
    event: int | None = None  # of a stream, which of its events

    def beside(self, recorded: Response, now: Response) -> Self:
        """The same, where an earlier recording has that answer."""
        return replace(self, earlier=Earlier(recorded, now))

    def at(self, place: str) -> str:
        attempt = f".{self.attempt}" if self.attempt else ""  # a retry has a request id of its own
        return f"{self.digest}\0{self.occurrence}{attempt}\0{self._within(place)}"

    def seen(self, place: str) -> str:
        """The place in words: `data[0].id of GET /v1/invoices`."""
        place = self._within(place)
        return f"{place} of {self.request}" if self.request else place

    def _within(self, place: str) -> str:
        return place if self.event is None else f"event {self.event} {place}"
