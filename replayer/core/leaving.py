"""A request on its way out: aliases become what they stand for, virtual times real ones, links the upstream's own."""

from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from replayer.core.bodies import Kind, encode_content, read
from replayer.core.instants import Instant, read_any
from replayer.core.interaction import Request, header
from replayer.core.places import Leaf
from replayer.core.recognisers import Piece
from replayer.core.rewriting import content, mapped, mapped_body, pieced
from replayer.core.spaces import Spaces

COMPARISONS = ("gte", "gt", "lte", "lt")


@dataclass(slots=True)
class Leaving:
    """One request: `sent` are the times in it, real to written, and `stale` the aliases that nobody knows."""

    spaces: Spaces
    sent: dict[int, int] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)

    def header(self, name: str, value: str) -> str:
        """Only headers that are part of what is asked make constants or are stale; others speak of old answers."""
        if name.lower() in self.spaces.rules.matched_headers or name.lower() in self.spaces.rules.kept_headers:
            return self.value(value)
        names = self.spaces.names
        return pieced(self.spaces.links.to_upstream(value), lambda piece: names.real_of(piece.text) or piece.text)

    def segment(self, part: str) -> str:
        plain = unquote(part, errors="surrogateescape")
        translated = self.value(plain)
        return part if translated == plain else quote(translated, safe="", errors="surrogateescape")

    def text(self, text: str, found: list[Leaf], kind: Kind) -> str:
        return mapped(text, found, kind, self._leaf)

    def body(self, request: Request) -> bytes:
        encoding = header(request.headers, "content-encoding") or ""
        body = read(request.headers, content(request))
        changed = mapped_body(body, self._leaf)
        if changed == body.raw:
            return request.body
        encoded = encode_content(changed, encoding)
        return changed if encoded is None else encoded

    def _leaf(self, leaf: Leaf) -> str:
        if leaf.key in self.spaces.rules.times and (instant := read_any(leaf.value, quoted=leaf.quoted)):
            return self._time(leaf, instant)
        return self.value(leaf.value) if leaf.quoted else leaf.value

    def _time(self, leaf: Leaf, instant: Instant) -> str:
        comparison = next((name for name in COMPARISONS if leaf.place.endswith(f"[{name}]")), "")
        real = self.spaces.clock.real(instant.seconds, comparison)
        self.sent[instant.seconds if real is None else real] = instant.seconds
        return leaf.value if real is None or real == instant.seconds else instant.write(real)

    def value(self, text: str) -> str:
        """A text with aliases replaced by what they stand for."""
        names = self.spaces.names
        text = self.spaces.links.to_upstream(text)
        names.wrote(text)

        def real(piece: Piece) -> str:
            names.wrote(piece.text)
            if names.is_stale(piece):
                self.stale.append(piece.text)
            return names.real_of(piece.text) or piece.text

        return pieced(text, real)
