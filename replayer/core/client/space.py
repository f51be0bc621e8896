"""The client's space: what it is shown and what it sends. Links lead to the proxy, times may be moved, and the times
that it counted itself are its own.

cassette  -- links, times -->  client
cassette  <-- links, times --  client
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from replayer.core.client.bindings import Bindings
from replayer.core.client.shifting import Shifting
from replayer.core.clock.fields import retimed
from replayer.core.clock.relative import DAY, WRITTEN_AT, Now, meanings
from replayer.core.matching.index import Entry
from replayer.core.message.edit import mapped_text
from replayer.core.message.interaction import Facts, Request, Response
from replayer.core.message.leaves import Leaf
from replayer.core.message.links import Links
from replayer.core.rules.registry import Rules


class ClientSpace:
    """Between the cassette and the client of one session. `shifted_to` is the time that the epoch is shown as, in
    seconds since 1970; None shows times as they are recorded. `last` tells the latest virtual second."""

    def __init__(
        self, rules: Rules, links: Links, bindings: Bindings, shifted_to: int | None, last: Callable[[], int]
    ) -> None:
        self._rules, self._links, self._bindings = rules, links, bindings
        self._shifted_to, self._last = shifted_to, last
        self._shifting: Shifting | None = None
        self._ours = False  # times that are counted from the epoch are told from all others; another tool's are not
        self._ready: dict[tuple[int, int], Response] = {}
        self._counted: dict[tuple[str, str, int], int] = {}  # by object, field and recorded time

    def begin(self, facts: Facts | None) -> None:
        """It is known where the clock of the cassette starts. Only the first time counts."""
        self._ours = self._ours or facts is not None
        if self._shifting is None and self._shifted_to is not None and facts is not None:
            by, epoch = self._shifted_to - facts.epoch, facts.epoch
            kept = filter(lambda seconds: self._is_constant(seconds, epoch), self._bindings.recorded_times())
            self._shifting = Shifting(self._rules, epoch, by, self._last, frozenset(kept))

    def _is_constant(self, seconds: int, epoch: int) -> bool:
        """Whether a recorded time belongs to no session: neither is it counted from now nor from what was told."""
        counted = meanings(seconds, Now((epoch + WRITTEN_AT,), exact=True))
        return (seconds - epoch) % DAY > self._last() - epoch and not counted

    @property
    def shift(self) -> int:
        """How much later it is for the client than it was recorded, in seconds."""
        return self._shifting.by if self._shifting else 0

    def from_client(self, request: Request) -> Request:
        """The request with its links leading to the upstream's own address, and its times, as the cassette has them."""
        links = self._links
        if self._shifting is not None:
            request = self._shifting.from_client(request)
        if not links.names_client(request.target) and not links.names_client(request.body.decode("latin-1")):
            return request
        text = request.content.text
        named = request.with_text(links.from_client(text)) if text else request
        return replace(named, target=links.from_client(request.target))

    def ready(self, entry: Entry, counted: Mapping[int, int]) -> Response:
        """A recorded answer as it is shown, made once; see `to_client`."""
        if counted or entry.order < 0:
            return self.to_client(entry.interaction.response, counted)
        place = (entry.order, self._bindings.times)  # whoever binds another time may be told another one
        ready = self._ready.get(place)
        if ready is None:
            ready = self._ready[place] = self.to_client(entry.interaction.response, counted)
        return ready

    def to_client(self, response: Response, counted: Mapping[int, int]) -> Response:
        """An answer of the cassette as it is shown. `counted` are the times that its own request counted from now,
        recorded to live: they stay what they are wherever they came to stand, whoever counts the same next."""
        links = self._links
        named = tuple((name, links.to_client(value)) for name, value in response.headers)
        text = response.content.text
        linked = response.with_text(links.to_client(text)) if text else response
        return self._timed(linked if named == response.headers else replace(linked, headers=named), counted)

    def _timed(self, response: Response, counted: Mapping[int, int]) -> Response:
        if self._shifting is None and not self._bindings.times:
            return response

        def live(leaf: Leaf, seconds: int) -> int | None:
            owner = leaf.node.owner.text("id") if leaf.node else None
            fact = (owner or "", leaf.within_owner, seconds)
            if seconds in counted:
                self._counted[fact] = counted[seconds]
            if owner and fact in self._counted:
                return self._counted[fact]
            return self._bindings.live_time(seconds) if self._ours else counted.get(seconds)

        if self._shifting is not None:
            told = self._shifting.to_client(response, live)
        else:
            told = retimed(response, self._rules, lambda leaf, seconds: live(leaf, seconds) or seconds)
        return self._spelled(told) if self._bindings.has_spelled else told

    def _spelled(self, response: Response) -> Response:
        return mapped_text(response, lambda leaf: self._bindings.written(leaf.key, leaf.value))
