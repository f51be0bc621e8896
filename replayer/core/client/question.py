"""One request of a client as it arrived, and what it asks in cassette space. Values only: nothing is bound by them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from replayer.core.client.holes import Hole
from replayer.core.clock import Asked, relative
from replayer.core.lazily import cached_property
from replayer.core.matching import Canonical
from replayer.core.message import Request


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it arrived, its links and its times being those of the cassette already.

    `at` is the real time, in seconds since 1970, and `when` what its client may take for now. `key` is its idempotency
    key, and `retries` the same where the API knows a retry by it; `bound` is what stands for that key so far. It shows
    itself with `credentials`; where it says more that opens something, `withheld` is the request without that
    `opening`. `sent` is what goes to the upstream, where the user has it recorded and compared otherwise.
    """

    request: Request
    at: float
    when: Callable[[], Asked]
    key: str | None = None
    retries: str | None = None
    bound: str | None = None
    credentials: frozenset[str] = frozenset()
    withheld: Request | None = None
    opening: frozenset[str] = frozenset()
    sent: Request | None = None

    @property
    def secrets(self) -> frozenset[str]:
        """All that opens something: what it shows itself with, and what it says under the name of a credential."""
        return self.credentials | self.opening


@dataclass(frozen=True, slots=True)
class Binding:
    """A live value, and the recorded one that it stands for."""

    hole: Hole
    recorded: str


@dataclass(frozen=True)
class Question:
    """What an arrived request asks; the bindings that this makes; the times in it, by their text, that its client
    counted from now. `written` makes the request as it would be recorded, which who only replays hardly ever needs.
    `form` is what it asks but for its holes, and `use` the number of requests of that form that bound something before,
    if it binds something itself."""

    arrival: Arrival
    asked: Canonical
    written: Callable[[], Request]
    pairs: tuple[Binding, ...] = ()
    times: Mapping[str, relative.Meant] = field(default_factory=dict)
    form: str = ""
    use: int = 0

    @cached_property
    def request(self) -> Request:
        """The request as it would be recorded."""
        return self.written()

    @property
    def counted(self) -> dict[int, int]:
        """The times that it counts from now, recorded to live, in seconds since 1970."""
        return {meant.written: meant.live for meant in self.times.values()}
