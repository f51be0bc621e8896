"""What is recorded: one request with its response. Values only; nothing here looks inside a body."""

from collections.abc import Iterable
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]
"""Name and value pairs in wire order. Names keep their case and may repeat; they compare without case."""


def header(headers: Headers, name: str) -> str | None:
    """The first value of that name, or None."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def without(headers: Headers, names: Iterable[str]) -> Headers:
    """The headers but for those names. `names` are lower case."""
    unwanted = frozenset(names)
    return tuple(pair for pair in headers if pair[0].lower() not in unwanted)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it stood on the wire, its body complete.

    `target` is the path with its query, undecoded: `/v1/invoices?created%5Bgte%5D=1`.
    `origin` is scheme and authority of the API that it is meant for: `https://api.stripe.com`.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    origin: str = ""

    @property
    def uri(self) -> str:
        return self.origin + self.target

    @property
    def path(self) -> str:
        """The path without its query, undecoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query without its question mark, undecoded; empty where there is none."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Response:
    """One response, its body complete and as it stood on the wire (content encoding not undone)."""

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""

    @property
    def refused(self) -> bool:
        """Whether it says that the request was wrong, or could not be answered: it tells of no object then."""
        return self.status >= 400


@dataclass(frozen=True, slots=True)
class Interaction:
    """One request with its response."""

    request: Request
    response: Response


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
