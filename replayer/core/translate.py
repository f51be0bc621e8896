"""From one space to another: requests to the upstream's names, responses to the cassette's."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from replayer.core import headers as header_rules
from replayer.core.bodies import Body, Kind, decode_content, encode_content, read
from replayer.core.clock import Clock, Fact, Moment
from replayer.core.earlier import Earlier, spot
from replayer.core.instants import Instant, http_date, read_any
from replayer.core.interaction import Headers, Request, Response, header
from replayer.core.links import Links
from replayer.core.names import Names
from replayer.core.places import Leaf, Node, edited, edited_text, form_leaves, header_leaves, leaves
from replayer.core.recognisers import Piece, pieces
from replayer.core.rules import Rules, Token
from replayer.core.scrub import scrub

DATED_HEADERS = frozenset({"expires", "last-modified"})
COMPARISONS = ("gte", "gt", "lte", "lt")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value is first seen: which request, which occurrence of it. `caller` is the account that asks; `earlier`
    are the names in the answer that was recorded there before."""

    digest: str
    occurrence: int
    caller: str = ""
    earlier: Earlier = field(default_factory=Earlier)

    def at(self, place: str) -> str:
        return f"{self.digest}\0{self.occurrence}\0{place}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request in the upstream's space, the times that it carries (real to written) and the aliases nobody knows."""

    request: Request
    sent: dict[int, int] = field(default_factory=dict)
    stale: tuple[str, ...] = ()


@dataclass(slots=True)
class Translator:
    """Translates the messages of one session by its rules, with its table of names and its clock."""

    rules: Rules
    links: Links
    names: Names
    clock: Clock
    token_rules: dict[str, list[Token]] = field(init=False)

    def __post_init__(self) -> None:
        self.token_rules = {}
        for rule in self.rules.tokens:
            self.token_rules.setdefault(rule.key, []).append(rule)

    # -- requests -----------------------------------------------------------------------------------------------

    def to_upstream(self, request: Request) -> Outgoing:
        """The request as the upstream understands it. What the client wrote of its own becomes a constant."""
        outgoing = _Outgoing(self)
        path = "/".join(outgoing.segment(part) for part in request.path.split("/"))
        query = outgoing.text(request.query, form_leaves(request.query), Kind.FORM)
        kept = [(name, outgoing.header(name, value)) for name, value in header_rules.onward(request.headers)]
        return Outgoing(
            request=replace(
                request,
                target=f"{path}?{query}" if "?" in request.target else path,
                headers=tuple(kept),
                body=outgoing.body(request),
                origin=self.links.upstream,
            ),
            sent=outgoing.sent,
            stale=tuple(outgoing.stale),
        )

    def to_record(self, request: Request, key: tuple[str, str] | None, credentials: frozenset[str]) -> Request:
        """The request as the cassette keeps it: few headers, the body unencoded, no secret. `key` is the idempotency
        key as the client sent it and its stand-in."""
        stand_ins = dict([key]) if key else {}
        kept = [
            (name, stand_ins.get(value, scrub(value, self.rules, credentials)))
            for name, value in header_rules.recorded(request, self.rules)
        ]
        path, _, _ = request.target.partition("?")
        query = _mapped(request.query, form_leaves(request.query), Kind.FORM, self._scrubbed(credentials))
        target = scrub(path, self.rules, credentials) + (f"?{query}" if "?" in request.target else "")
        body = read(request.headers, _content(request))
        return replace(
            request,
            target=target,
            headers=tuple(kept),
            body=_mapped_body(body, self._scrubbed(credentials)),
            origin=self.links.cassette,
        )

    def _scrubbed(self, credentials: frozenset[str]) -> Callable[[Leaf], str]:
        return lambda leaf: scrub(leaf.value, self.rules, credentials)

    # -- responses ----------------------------------------------------------------------------------------------

    def to_cassette(
        self, response: Response, method: str, origin: Origin, moment: Moment, credentials: frozenset[str]
    ) -> Response:
        """The response in cassette space, decoded. Bodies that are no text are left as they are."""
        encoding = header(response.headers, "content-encoding") or ""
        decoded = decode_content(response.body, encoding) if response.body else None
        kept = header_rules.answered(response, self.rules, method=method, decoded=decoded is not None)
        body = read(kept, response.body if decoded is None else decoded)
        found = leaves(body)
        naming = _Naming(self, origin, moment, credentials)
        naming.identities(found)
        named = naming.headers(kept)
        if header(kept, "date") is None:  # RFC 9110 6.6.1: a proxy adds what the origin left out
            named = (*named, ("Date", http_date(moment.virtual)))
        changes = [(leaf, value) for leaf in found if (value := naming.leaf(leaf)) != leaf.value]
        raw = body.encode(edited(body, changes)) if changes else body.raw
        return Response(response.status, response.reason, named, raw)


@dataclass(slots=True)
class _Outgoing:
    """One request on its way out."""

    translator: Translator
    sent: dict[int, int] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)

    def header(self, name: str, value: str) -> str:
        """Only headers that are part of what is asked make constants or are stale; others speak of old answers."""
        if name.lower() in self.translator.rules.matched_headers or name.lower() in self.translator.rules.kept_headers:
            return self.value(value)
        names = self.translator.names
        return _pieced(self.translator.links.to_upstream(value), lambda piece: names.real_of(piece.text) or piece.text)

    def segment(self, part: str) -> str:
        plain = unquote(part, errors="surrogateescape")
        translated = self.value(plain)
        return part if translated == plain else quote(translated, safe="", errors="surrogateescape")

    def text(self, text: str, found: list[Leaf], kind: Kind) -> str:
        return _mapped(text, found, kind, self._leaf)

    def body(self, request: Request) -> bytes:
        encoding = header(request.headers, "content-encoding") or ""
        body = read(request.headers, _content(request))
        changed = _mapped_body(body, self._leaf)
        if changed == body.raw:
            return request.body
        encoded = encode_content(changed, encoding)
        return changed if encoded is None else encoded

    def _leaf(self, leaf: Leaf) -> str:
        if leaf.key in self.translator.rules.times and (instant := read_any(leaf.value, quoted=leaf.quoted)):
            return self._time(leaf, instant)
        return self.value(leaf.value) if leaf.quoted else leaf.value

    def _time(self, leaf: Leaf, instant: Instant) -> str:
        comparison = next((name for name in COMPARISONS if leaf.place.endswith(f"[{name}]")), "")
        real = self.translator.clock.real(instant.seconds, comparison)
        self.sent[instant.seconds if real is None else real] = instant.seconds
        return leaf.value if real is None or real == instant.seconds else instant.write(real)

    def value(self, text: str) -> str:
        """A text with aliases replaced by what they stand for."""
        names = self.translator.names
        text = self.translator.links.to_upstream(text)
        names.wrote(text)

        def real(piece: Piece) -> str:
            names.wrote(piece.text)
            if names.is_stale(piece):
                self.stale.append(piece.text)
            return names.real_of(piece.text) or piece.text

        return _pieced(text, real)


@dataclass(slots=True)
class _Naming:
    """One response on its way in."""

    translator: Translator
    origin: Origin
    moment: Moment
    credentials: frozenset[str]

    def identities(self, found: Iterable[Leaf]) -> None:
        """Name the objects themselves first: an object's own place, not a mention of it, is its origin; and times
        count from the birth of their object."""
        born = self.translator.rules.born
        for leaf in found:
            if leaf.key == "id" and leaf.quoted:
                self.text(leaf.value, leaf)
        for leaf in found:
            if leaf.key in born and (instant := read_any(leaf.value, quoted=leaf.quoted)):
                self._virtual(leaf, instant)

    def headers(self, headers: Headers) -> Headers:
        """The headers named, in the order of their names and not of their arrival, which differs between servers."""
        found = header_leaves(headers)
        named = {index: self._header(found[index]) for index in sorted(range(len(found)), key=lambda i: found[i].key)}
        return tuple((name, named[index]) for index, (name, _) in enumerate(headers))

    def _header(self, leaf: Leaf) -> str:
        if leaf.key == "date":
            return http_date(self.moment.virtual)
        if leaf.key in DATED_HEADERS and (instant := read_any(leaf.value, quoted=True)):
            return http_date(self._virtual(leaf, instant))
        return self.text(leaf.value, leaf)

    def leaf(self, leaf: Leaf) -> str:
        """The value of a leaf in cassette space."""
        instant = self._instant(leaf)
        if instant is not None:
            virtual = self._virtual(leaf, instant)
            return leaf.value if virtual == instant.seconds else instant.write(virtual)
        return self.text(leaf.value, leaf) if leaf.quoted else leaf.value

    def _instant(self, leaf: Leaf) -> Instant | None:
        if leaf.key in self.translator.rules.times:
            return read_any(leaf.value, quoted=leaf.quoted)
        if leaf.quoted and leaf.value[4:5] == "-" and not self.translator.names.is_constant(leaf.value):
            return read_any(leaf.value, quoted=True)
        return None

    def _virtual(self, leaf: Leaf, instant: Instant) -> int:
        fact = (self._owner(leaf), leaf.within_owner)
        return self.translator.clock.name(
            fact,
            instant.seconds,
            self.moment,
            base=self._birth(leaf, fact),
            source=self._source(leaf),
            moves=leaf.key in self.translator.rules.moving and "." not in leaf.place,
        )

    def _owner(self, leaf: Leaf) -> str:
        own = leaf.node.owner.text("id") if leaf.node else None
        return self._alias(own) if own else self.origin.digest

    def _alias(self, real: str) -> str:
        return self.translator.names.alias_of(real) or real

    def _birth(self, leaf: Leaf, fact: Fact) -> tuple[int, int] | None:
        owner = leaf.node.owner if leaf.node else None
        birth = _birth_leaf(owner, self.translator.rules.born)
        if birth is None or birth is leaf:
            return None
        instant = read_any(birth.value, quoted=birth.quoted)
        if instant is None:
            return None
        virtual = self.translator.clock.known((fact[0], birth.within_owner), instant.seconds)
        return None if virtual is None else (instant.seconds, virtual)

    def _source(self, leaf: Leaf) -> Fact | None:
        owner = leaf.node.owner if leaf.node else None
        kind = owner.text("object") if owner else None
        for copied in self.translator.rules.copied:
            if owner and copied.kind == kind and leaf.within_owner.startswith(copied.place):
                source = owner.at(copied.source)
                return (self._alias(source), leaf.within_owner) if source else None
        return None

    def text(self, text: str, leaf: Leaf) -> str:
        """A text scrubbed, its links and its ids and tokens named."""
        text = scrub(text, self.translator.rules, self.credentials)
        text = self.translator.links.from_upstream(text)
        for rule in self.translator.token_rules.get(leaf.key, ()):
            match = rule.pattern.search(text)
            if match:
                before, token, after = text[: match.start("token")], match.group("token"), text[match.end("token") :]
                return self._ids(before, leaf) + self._token(rule, token, leaf) + self._ids(after, leaf)
        return self._ids(text, leaf)

    def _token(self, rule: Token, token: str, leaf: Leaf) -> str:
        owner = leaf.node.owner.at(rule.owner) if leaf.node else None
        origin = f"owned\0{self._alias(owner)}\0{rule.name}" if owner else self.origin.at(leaf.place)
        return self.translator.names.name_token(token, origin, leaf.place, rule.alphabet)

    def _ids(self, text: str, leaf: Leaf) -> str:
        names = self.translator.names

        def named(piece: Piece) -> str:
            if piece.shape == "word":
                return names.alias_of(piece.text) or piece.text
            return names.alias_of(piece.text) or self._new(piece, leaf)

        return _pieced(text, named)

    def _new(self, piece: Piece, leaf: Leaf) -> str:
        names = self.translator.names
        fixed = self._fixed_origin(piece, leaf)
        if fixed:
            return names.name(piece, fixed, leaf.place)
        place = spot(leaf, piece)
        return names.name(piece, self.origin.at(place), leaf.place, earlier=self.origin.earlier.at(place))

    def _fixed_origin(self, piece: Piece, leaf: Leaf) -> str:
        """The origin of an id that is not named by where it is first seen; empty for all others."""
        rules = self.translator.rules
        if leaf.key in rules.account_fields and piece.text.startswith(rules.account_prefix):
            return f"account\0{self.origin.caller}"
        if self._is_standing(leaf.node):
            return f"standing\0{piece.text}"
        return ""

    def _is_standing(self, node: Node | None) -> bool:
        """Whether the object around a leaf is older than the session: then its ids are named by their own values."""
        while node is not None:
            birth = _birth_leaf(node, self.translator.rules.born)
            instant = read_any(birth.value, quoted=birth.quoted) if birth else None
            if instant is not None:
                return self.translator.clock.is_old(instant.seconds)
            node = node.parent
        return False


def _birth_leaf(node: Node | None, born: tuple[str, ...]) -> Leaf | None:
    values = node.values if node else {}
    return next((value for key in born if isinstance(value := values.get(key), Leaf)), None)


def _content(request: Request) -> bytes:
    decoded = decode_content(request.body, header(request.headers, "content-encoding") or "")
    return request.body if decoded is None else decoded


def _mapped_body(body: Body, change: Callable[[Leaf], str]) -> bytes:
    if body.text is None:
        return body.raw
    text = _mapped(body.text, leaves(body), body.kind, change)
    return body.raw if text == body.text else body.encode(text)


def _mapped(text: str, found: Iterable[Leaf], kind: Kind, change: Callable[[Leaf], str]) -> str:
    return edited_text(text, _changes(found, change), kind)


def _changes(found: Iterable[Leaf], change: Callable[[Leaf], str]) -> Iterator[tuple[Leaf, str]]:
    for leaf in found:
        value = change(leaf)
        if value != leaf.value:
            yield leaf, value


def _pieced(text: str, change: Callable[[Piece], str]) -> str:
    parts: list[str] = []
    position = 0
    for piece in pieces(text):
        parts += (text[position : piece.start], change(piece))
        position = piece.end
    return "".join((*parts, text[position:])) if parts else text
