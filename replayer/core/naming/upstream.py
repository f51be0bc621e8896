"""From one space to another: requests to the upstream's names, responses to the cassette's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from replayer.core.clock.clock import Clock, Moment
from replayer.core.clock.relative import Meant
from replayer.core.message.body import Kind, decode_content, read
from replayer.core.message.edit import content, mapped, mapped_body, rewritten
from replayer.core.message.instants import http_date
from replayer.core.message.interaction import Request, Response, header
from replayer.core.message.leaves import Leaf, edited, form_leaves, leaves
from replayer.core.message.links import Links
from replayer.core.naming import headers as header_rules
from replayer.core.naming.request import Leaving
from replayer.core.naming.response import Naming, Origin
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.table import Names
from replayer.core.rules.registry import Rules
from replayer.core.secrets import scrub


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request in the upstream's space, the times that it carries (real to written) and the aliases nobody knows."""

    request: Request
    sent: dict[tuple[str, int], int] = field(default_factory=dict)
    stale: tuple[str, ...] = ()


class Translator:
    """Translates the messages of one session by its rules, with its table of names and its clock."""

    def __init__(self, rules: Rules, links: Links, names: Names, clock: Clock) -> None:
        self.spaces = Spaces(rules, links, names, clock)

    # -- requests -----------------------------------------------------------------------------------------------

    def to_upstream(self, request: Request, times: Mapping[str, Meant] | None = None) -> Outgoing:
        """The request as the upstream understands it. What the client wrote of its own becomes a constant; `times` are
        those that it counted from now."""
        outgoing = Leaving(self.spaces, times or {})
        translated = rewritten(request, outgoing.leaf)
        kept = [(name, outgoing.header(name, value)) for name, value in header_rules.onward(request.headers)]
        return Outgoing(
            request=replace(translated, headers=tuple(kept), origin=self.spaces.links.upstream),
            sent=outgoing.sent,
            stale=tuple(outgoing.stale),
        )

    def to_record(
        self,
        request: Request,
        key: tuple[str, str] | None,
        credentials: frozenset[str],
        more: frozenset[str] = frozenset(),
    ) -> Request:
        """The request as the cassette keeps it: few headers, the body unencoded, no secret. `key` is the idempotency
        key as the client sent it and its stand-in; `more` are the headers that are kept besides."""
        stand_ins = dict([key]) if key else {}
        kept = [
            (name, stand_ins.get(value, scrub(value, self.spaces.rules, credentials)))
            for name, value in header_rules.recorded(request, self.spaces.rules, more)
        ]
        path, _, _ = request.target.partition("?")
        query = mapped(request.query, form_leaves(request.query), Kind.FORM, self._scrubbed(credentials))
        target = scrub(path, self.spaces.rules, credentials) + (f"?{query}" if "?" in request.target else "")
        body = read(request.headers, content(request))
        return replace(
            request,
            target=target,
            headers=tuple(kept),
            body=mapped_body(body, self._scrubbed(credentials)),
            origin=self.spaces.links.cassette,
        )

    def _scrubbed(self, credentials: frozenset[str]) -> Callable[[Leaf], str]:
        return lambda leaf: scrub(leaf.value, self.spaces.rules, credentials)

    # -- responses ----------------------------------------------------------------------------------------------

    def to_cassette(
        self, response: Response, method: str, origin: Origin, moment: Moment, credentials: frozenset[str]
    ) -> Response:
        """The response in cassette space, decoded. Bodies that are no text are left as they are."""
        encoding = header(response.headers, "content-encoding") or ""
        decoded = decode_content(response.body, encoding) if response.body else None
        kept = header_rules.answered(response, self.spaces.rules, method=method, decoded=decoded is not None)
        body = read(kept, response.body if decoded is None else decoded)
        found = leaves(body)
        naming = Naming(self.spaces, origin, moment, credentials)
        naming.identities(found)
        named = naming.headers(kept)
        if header(kept, "date") is None:  # RFC 9110 6.6.1: a proxy adds what the origin left out
            named = (*named, ("Date", http_date(moment.virtual)))
        changes = [(leaf, value) for leaf in found if (value := naming.leaf(leaf)) != leaf.value]
        raw = body.encode(edited(body, changes)) if changes else body.raw
        return Response(response.status, response.reason, named, raw)
