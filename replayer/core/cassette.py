"""What is recorded: one request with its response, and a cassette of them. Values only; nothing here looks inside.

The interactions of a large cassette may stay in its file until somebody asks for one: they are `Stored`, and whoever
goes through all of them asks for their `outlines` first, which need no body of an answer.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

from replayer.core.message import Request, Response


class Outline(Protocol):
    """An interaction, of which the answer's body may not have been read yet."""

    @property
    def request(self) -> Request: ...

    @property
    def response(self) -> Response:
        """The answer with its body: reading it may cost something."""

    @property
    def status(self) -> int: ...

    @property
    def date(self) -> int | None:
        """The virtual time of the answer, in seconds since 1970; None where it has no `Date`."""

    @property
    def length(self) -> int:
        """How many bytes its body has at most."""

    def forget(self) -> None:
        """Keep what was recorded and none of its readings."""


ENDINGS = ("left", "broken", "cut")
"""Why an answer has no end: its client left, the upstream broke it off, or the recording ended before it did."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """How an answer came. `waits` are the places, counted from 0, of the events that were waited for, and how long, in
    tenths of a second; of an answer that is no stream there is one at most. `ended` is one of ENDINGS, empty where the
    answer is whole."""

    ended: str = ""
    waits: tuple[tuple[int, int], ...] = ()


AT_ONCE = Streamed()


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request with its response, and how that came."""

    request: Request
    response: Response
    streamed: Streamed = AT_ONCE

    @property
    def status(self) -> int:
        """The status of its answer."""
        return self.response.status

    @property
    def date(self) -> int | None:
        """The virtual time of its answer, in seconds since 1970; None where that has no `Date`."""
        return self.response.date

    @property
    def length(self) -> int:
        """How many bytes the body of its answer has."""
        return len(self.response.body)

    def forget(self) -> None:
        """Keep both and none of their readings."""
        self.request.forget()
        self.response.forget()


@dataclass(frozen=True, slots=True)
class Cause:
    """The write that a webhook came of: in the order of the file the `nth`, from 1, of that method and address."""

    method: str
    uri: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook: what the API sent to the program by itself, behind the write that it came of, and the statuses of the
    program's answers, one for each time that it was sent; 0 where there was no answer. Its signature is no part of it:
    that is made anew whenever it is delivered."""

    cause: Cause
    request: Request
    answers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a cassette says of itself, under its top-level key `replayer`.

    `upstream` is the origin that was recorded, or "sandbox"; `rules` names the rules that named its ids;
    `epoch` is where its virtual clock starts, in whole seconds since 1970, UTC.
    """

    upstream: str
    rules: str
    epoch: int


class Stored(Sequence[Interaction], ABC):
    """Interactions that stay in their file: each is read when it is asked for, and kept by nobody but who asked."""

    @abstractmethod
    def within(self, limit: int) -> Self:
        """The same, whose bodies may unpack to so many bytes."""

    @abstractmethod
    def outlines(self) -> Iterator[Outline]:
        """Each of them as far as it is known without the body of its answer."""

    @property
    @abstractmethod
    def origins(self) -> Mapping[str, int]:
        """How many requests each origin has, in the order of their first ones."""

    @abstractmethod
    def let_go(self) -> None:
        """Nobody asks for any of them any more."""


class Shelf(Protocol):
    """Where what was found out about one cassette is kept for the next time; it may have lost it."""

    def find(self, key: str) -> Any:
        """What was kept under that key: plain values, as JSON has them. None where there is nothing."""

    def keep(self, key: str, make: Callable[[], Any]) -> None:
        """Keep what `make` gives, which is asked for it when there is time."""

    def save(self) -> None:
        """It is time. May take a while; nothing is found here any more."""


@dataclass(frozen=True, slots=True)
class Cassette:
    """One file of recorded interactions. `facts` is None where another tool wrote the file; `shelf` is where what is
    found out about it may be kept. `deliveries` are the webhooks that were recorded beside them, in their order."""

    interactions: Sequence[Interaction] = ()
    facts: Facts | None = None
    shelf: Shelf | None = field(default=None, compare=False, repr=False)
    deliveries: tuple[Delivery, ...] = ()

    @property
    def outlines(self) -> Iterable[Outline]:
        """Its interactions as far as they are known at once."""
        return self.interactions.outlines() if isinstance(self.interactions, Stored) else self.interactions

    @property
    def origins(self) -> Mapping[str, int]:
        """How many requests each origin has, in the order of their first ones."""
        if isinstance(self.interactions, Stored):
            return self.interactions.origins
        return Counter(each.request.origin for each in self.interactions)

    def let_go(self) -> None:
        """Nobody plays it any more."""
        if isinstance(self.interactions, Stored):
            self.interactions.let_go()

    def within(self, limit: int) -> Self:
        """The same, whose bodies may unpack to so many bytes, as those of the live messages may."""
        if isinstance(self.interactions, Stored):
            return replace(self, interactions=self.interactions.within(limit))
        kept = tuple(
            each
            if each.request.limit == limit == each.response.limit
            else replace(each, request=replace(each.request, limit=limit), response=replace(each.response, limit=limit))
            for each in self.interactions
        )
        return replace(self, interactions=kept)
