"""What of the heads of requests is recorded because the answers show it: a header that no rule knows, by which equal
questions of one state were answered differently.

    GET /v1/rates   X-Market: north   -> 5 %
    GET /v1/rates   X-Market: south   -> 7 %      from here on the header is kept with both, and counts
"""

from collections.abc import Sequence
from dataclasses import replace

from replayer.core.cassette import Interaction
from replayer.core.matching import Index, stamps
from replayer.core.message import Request, wire
from replayer.core.naming import UpstreamSpace
from replayer.core.recording.exchange import Exchange
from replayer.core.secrets import scrub


class Heads:
    """The headers of the requests of one session by which answers may have been chosen."""

    def __init__(self, index: Index, space: UpstreamSpace) -> None:
        self._index, self._rules = index, space.spaces.rules
        self._headers: dict[stamps.Identity, tuple[wire.Headers, frozenset[str]]] = {}
        self._alike: dict[wire.Headers, wire.Headers] = {}  # most requests of a client have the same ones

    def __repr__(self) -> str:
        return f"<Heads of {len(self._headers)} requests>"

    def note(self, exchange: Exchange, recorded: Request) -> None:
        """That exchange was recorded with these headers."""
        found = self._index.that_may_choose(exchange.question.request)
        kept = {name.lower() for name, _ in recorded.headers}
        more = tuple(pair for pair in found if pair[0].lower() not in kept)
        if more:
            self._headers[exchange.identity] = self._alike.setdefault(more, more), exchange.credentials

    def showing(self, arranged: Sequence[tuple[stamps.Identity, Interaction]]) -> tuple[Interaction, ...]:
        """Those interactions in their order, with the headers that their answers show to choose."""
        plain = tuple(interaction for _, interaction in arranged)
        if len(self._alike) < 2 and len(self._headers) == len(arranged):  # nothing differs
            return plain
        whole = [self._with(identity, one, None) for identity, one in arranged]
        asked = ((identity[0], one.request.method) for identity, one in arranged)
        told = self._index.told_by_answers(asked, whole)
        if not told:
            return plain
        return tuple(self._with(identity, one, told.get(identity[0], set())) for identity, one in arranged)

    def _with(self, identity: stamps.Identity, one: Interaction, names: set[str] | None) -> Interaction:
        """An interaction with its headers of these names; with all of them where none are given."""
        headers, credentials = self._headers.get(identity, ((), frozenset()))
        more = tuple(
            (name, scrub(value, self._rules, credentials))
            for name, value in headers
            if names is None or name.lower() in names
        )
        return replace(one, request=replace(one.request, headers=(*one.request.headers, *more))) if more else one
