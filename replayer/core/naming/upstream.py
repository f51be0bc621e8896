"""The upstream's space, and the way between it and the cassette: each id, token and time has one name.

cassette  -- to_upstream -->  a request as the upstream knows what it names
cassette  <-- to_cassette --  a response under its names, without secrets
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from replayer.core.cassette import Interaction
from replayer.core.clock import SessionClock, facts, relative
from replayer.core.message import Request, Response, bodies, edit, instants, leaves, shapes, wire
from replayer.core.naming import boundaries, later, personal
from replayer.core.naming import headers as header_rules
from replayer.core.naming.memory import Memory
from replayer.core.naming.origin import Origin
from replayer.core.naming.request import Leaving
from replayer.core.naming.response import Naming
from replayer.core.naming.spaces import Spaces
from replayer.core.naming.table import Names
from replayer.core.naming.tokens import repeated, tokens_told
from replayer.core.rules import Api
from replayer.core.secrets import Finding, FindingKind, guesses, masking, scan, scrub


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request in the upstream's space, the times that it carries (real to written) and the aliases nobody knows."""

    request: Request
    sent: dict[tuple[str, int], int] = field(default_factory=dict)
    stale: tuple[str, ...] = ()


class UpstreamSpace:
    """Between the cassette and the upstream of one session, by its rules, with its table of names and its clock."""

    def __init__(self, api: Api, clock: SessionClock, names: Names | None = None) -> None:
        self.names = Names() if names is None else names
        self._clock = clock
        self.scrubbed = 0  # values of answers that were taken out for ever
        self.spaces = Spaces(api.rules, api.links, self.names, clock.facts)

    def __repr__(self) -> str:
        return f"<UpstreamSpace {self.names!r}>"

    # -- requests -----------------------------------------------------------------------------------------------

    def hide(self, credentials: Iterable[str], minted: Iterable[str] = ()) -> None:
        """These open something: credentials that a client shows itself with, in any spelling, and what it has `minted`
        for one. No later session learns them."""
        for credential in credentials:
            self.names.hide(self.names.real_of(credential) or credential, certain=True)
        for value in minted:
            self.names.hide(value, certain=True)

    def knows(self, live: str, recorded: str) -> None:
        """A client has written what is somebody's, and the cassette calls it so."""
        if live == recorded or self.names.alias_of(live) is not None or self.names.real_of(live) is not None:
            return
        self.names.bind(live, recorded)
        self.names.hide(live)
        if personal.is_known_by(live):
            self.spaces.people.add(live, recorded)
            self.spaces.for_people.add(recorded, live)

    def to_upstream(self, request: Request, times: Mapping[str, relative.Meant] | None = None) -> Outgoing:
        """The request as the upstream understands it. What the client wrote of its own becomes a constant; `times` are
        those that it counted from now."""
        outgoing = Leaving(self.spaces, times or {})
        origin = self._origin(request, self.spaces.links.upstream)
        translated = edit.rewritten(request, outgoing.leaf)
        if request.body and request.content.text is None and request.plain == request.body:
            translated = replace(translated, body=outgoing.bytes_real(request.body))
        kept = [(name, outgoing.header(name, value)) for name, value in header_rules.onward(request.headers)]
        return Outgoing(
            request=replace(translated, headers=tuple(kept), origin=origin).summed(request),
            sent=outgoing.sent,
            stale=tuple(outgoing.stale),
        )

    def as_named(self, request: Request) -> Request:
        """A request that names what the upstream does, as a client would have sent it that was told our names: of ids,
        of tokens, and of times. A name that an earlier recording gave out, and that no answer has told here, is its
        own."""
        whole = "\n".join((request.target, request.text, *(value for _, value in request.headers)))
        own = [(piece.text, piece.text) for piece in shapes.ids(whole) if self.names.is_stale(piece)]
        self.names.recall(own, ())

        def leaf(part: str, leaf: leaves.Leaf) -> str:
            time = self._called(leaf) if part != "path" else None
            return time or (self._renamed(leaf.value) if leaf.quoted else leaf.value)

        named = edit.rewritten(request, leaf)
        if request.body and request.content.text is None and request.plain == request.body:
            named = replace(named, body=edit.pieced_bytes(request.body, self._known_name))
        headers = tuple((name, self._renamed(value)) for name, value in request.headers)
        return replace(named, headers=headers).summed(request)

    def _called(self, leaf: leaves.Leaf) -> str | None:
        """A time that an answer told, as it called it."""
        if not self.spaces.rules.is_time(leaf.key):
            return None
        instant = instants.read_any(leaf.value, quoted=leaf.quoted)
        called = self._clock.facts.called(instant.seconds) if instant else None
        return instant.write(called) if instant and called is not None and called != instant.seconds else None

    def _renamed(self, text: str) -> str:
        """A text with what is known in it under its names."""
        return self._odd_renamed(edit.pieced(text, self._known_name))

    def _odd_renamed(self, text: str) -> str:
        """A text with the tokens in it that are more than one piece under their names."""
        found = repeated(text, self.spaces.odd) if self.spaces.odd else ()
        return edit.spliced(text, [(one.start, one.end, self.names.alias_of(one.token) or "") for one in found])

    def _known_name(self, piece: shapes.Piece) -> str:
        return self.names.known_as(piece.text)

    def to_record(
        self,
        request: Request,
        stand_ins: Mapping[str, str],
        credentials: frozenset[str],
        more: frozenset[str] = frozenset(),
    ) -> Request:
        """The request as the cassette keeps it: few headers, the body unencoded, no secret. `stand_ins` are
        what is written for the idempotency key as the client sent it; `more` are the headers that are kept besides."""
        kept = [
            (name, stand_ins.get(value, scrub(value, self.spaces.rules, credentials)))
            for name, value in header_rules.recorded(request, self.spaces.rules, more)
        ]
        path, _, _ = request.target.partition("?")
        query = edit.mapped(
            request.query, leaves.form_leaves(request.query), bodies.BodyKind.FORM, self._scrubbed(credentials)
        )
        shown = masking.shown_path(path, self.spaces.rules, credentials)
        target = shown + (f"?{query}" if "?" in request.target else "")
        return replace(
            request,
            target=target,
            headers=tuple(kept),
            body=edit.mapped_body(request, self._scrubbed(credentials)),
            origin=self._origin(request, self.spaces.links.cassette),
        )

    def _origin(self, request: Request, usual: str) -> str:
        """Where a request belongs: other hosts than that of the API are called the same everywhere."""
        return request.origin if request.origin in self.spaces.rules.others else usual

    def _scrubbed(self, credentials: frozenset[str]) -> Callable[[leaves.Leaf], str]:
        return lambda leaf: scrub(leaf.value, self.spaces.rules, credentials)

    # -- responses ----------------------------------------------------------------------------------------------

    def to_cassette(
        self, response: Response, method: str, origin: Origin, moment: facts.Moment, credentials: frozenset[str]
    ) -> Response:
        """The response in cassette space, decoded. In bodies that are no text ids are named in place."""
        decoded = bool(response.body) and response.plain is not None
        rules = self.spaces.rules
        kept = header_rules.answered(response, rules, method=method, decoded=decoded)
        body, found, raw = response.content, response.leaves, response.content.raw
        in_parts = response.media_type.startswith("multipart/")
        if in_parts:
            kept, raw = boundaries.named(kept, raw, origin.at)
        whole = "\n".join((response.reason, body.text or "", *(text for pair in kept for text in pair)))
        naming = Naming(self.spaces, origin, moment, credentials, whole)
        is_sum = response.summed_as if response.body else (lambda *_: None)
        plainly = tuple(pair for pair in kept if is_sum(*pair, b"") is None)
        named, changes = self._named(plainly, found, naming)
        if wire.header(kept, "date") is None:  # RFC 9110 6.6.1: a proxy adds what the origin left out
            named = (*named, ("Date", instants.http_date(moment.virtual)))
        if body.text is None:
            raw = naming.bytes_named(raw, parts=in_parts)
        elif changes:
            raw = body.encode(leaves.edited(body, changes))
        answer = replace(
            response,
            reason=naming.reason(response.reason),
            headers=self._summed(response, kept, named, raw),
            body=raw,
        )
        return self._masked(answer, naming)

    def event_to_cassette(
        self, event: Response, origin: Origin, moment: facts.Moment, credentials: frozenset[str]
    ) -> Response:
        """An event of a stream in cassette space, as a message of its own (`Response.of`). It comes at that moment."""
        body, found = event.content, event.leaves
        whole = "\n".join((body.text or "", *(text for pair in event.headers for text in pair)))
        naming = Naming(self.spaces, origin, moment, credentials, whole)
        named, changes = self._named(event.headers, found, naming)
        raw = naming.bytes_named(body.raw) if body.text is None else body.encode(leaves.edited(body, changes))
        return self._masked(replace(event, headers=named, body=raw), naming)

    def _named(
        self, headers: wire.Headers, found: Sequence[leaves.Leaf], naming: Naming
    ) -> tuple[wire.Headers, list[tuple[leaves.Leaf, str]]]:
        """Headers under their names, and the values of a body that have others."""
        naming.identities(found)
        tokens = self.names.tokens_named
        named, changes = naming.headers(headers), naming.changes(found)
        if self._stands_before(self.names.tokens_since(tokens), naming.whole):
            naming.scrubbed = 0
            named, changes = naming.headers(headers), naming.changes(found)
        return named, changes

    def _masked(self, answer: Response, naming: Naming) -> Response:
        plain = masking.without_wide(answer, self.spaces.rules)
        self.scrubbed += naming.scrubbed + (plain is not answer)
        return plain

    def in_known_names(self, text: str, credentials: frozenset[str]) -> str:
        """A text of the upstream's in which nothing is named that has no name yet: what is passed on and not recorded
        speaks of what was recorded before by its names."""
        plain = self.spaces.links.from_upstream(scrub(text, self.spaces.rules, credentials))
        return self._odd_renamed(edit.pieced(plain, self._known_name))

    @staticmethod
    def _stands_before(tokens: Iterable[str], whole: str) -> bool:
        """Whether one of the tokens that a message has told may stand in it before the place that told it: more than
        once in all, as it is or percent-encoded. What is escaped may be anything."""
        new = list(tokens)
        if not new or "\\" in whole:
            return bool(new)
        plain = unquote(whole, errors="surrogateescape") if "%" in whole else whole
        return any(plain.count(token) > 1 for token in new)

    def _summed(self, response: Response, kept: wire.Headers, named: wire.Headers, raw: bytes) -> wire.Headers:
        """The headers of an answer with those put back that tell checksums of its body, as it is now. One that nobody
        can compute anew is left out."""
        rest, found = iter(named), []
        for name, value in kept:
            anew = response.summed_as(name, value, raw) if response.body else None
            if anew is not None:
                self.names.call(value, anew)
                found.append((name, anew))
                continue
            pair = next(rest)
            if raw == response.body or not response.is_sum(name):
                found.append(pair)
        return (*found, *rest)

    # -- what is known ------------------------------------------------------------------------------------------

    def still_real(self, text: str, credentials: frozenset[str]) -> Iterator[Finding]:
        """What is still real in a text that is about to be written, or one of those credentials."""
        yield from scan(text, self.spaces.rules, is_real=self.names.is_real, credentials=credentials)
        odd = self.spaces.odd  # the scan knows only what is one piece
        for token in repeated(text, odd) if odd else ():
            yield Finding(
                "a token of the upstream", "raw", text.count("\n", 0, token.start) + 1, FindingKind.REAL_TOKEN
            )

    def anew(self, interaction: Interaction, credentials: frozenset[str]) -> Interaction:
        """An interaction that was recorded before all was known that is known now: what has become known later gets its
        name, or is scrubbed. In a body that is no text an id is renamed in place."""

        def text(old: str) -> str:
            named = edit.pieced(scrub(old, self.spaces.rules, credentials), self._late_name)
            return self._odd_renamed(named)

        return later.rewritten(interaction, text)

    def settled(self, interaction: Interaction) -> Interaction:
        """An interaction with the names of what turned out to be older than the session: they follow from its ids."""
        settled = self.names.settled
        if not settled or not later.holds(interaction, frozenset(settled)):
            return interaction

        def text(old: str) -> str:
            whole = settled.get(old)
            return whole or edit.pieced(old, lambda piece: settled.get(piece.text, piece.text))

        return later.rewritten(interaction, text)

    def _late_name(self, piece: shapes.Piece) -> str:
        return self.names.known_as(piece.text) if self.names.is_real(piece.text) else piece.text

    def memory(self) -> Memory | None:
        """What this session knows of its upstream, to be kept apart; None where it recorded nothing."""
        clock = self._clock.facts.state()
        if clock is None:
            return None
        names, minted = self.names.remembered()
        kept = tuple((name, real) for name, real in names if not guesses.spells_secret(real, self.spaces.rules))
        return Memory(self.spaces.links.upstream, clock, kept, minted)

    def recall(self, memory: Memory) -> None:
        """Know again what the last recording knew."""
        self.names.recall(memory.names, memory.minted)
        self._clock.facts.restore(memory.clock)

    def adopt(self, responses: Iterable[Response]) -> None:
        """What is recorded goes along with an older cassette, which holds these: its tokens are names, though nobody
        can tell by their looks."""
        self.names.given_out = frozenset(tokens_told(responses, self.spaces.token_rules))
