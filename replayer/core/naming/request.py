"""A request on its way out: aliases become what they stand for, virtual times real ones, links the upstream's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from replayer.core.clock import fields, relative
from replayer.core.message import edit, instants, leaves, shapes
from replayer.core.naming.spaces import Spaces
from replayer.core.secrets import guesses

COMPARISONS = ("gte", "gt", "lte", "lt")


@dataclass(slots=True)
class Leaving:
    """One request: `times` are those that its client counted from now, by their text. `sent` are all the times in it,
    real to written, and `stale` the aliases that nobody knows."""

    spaces: Spaces
    times: Mapping[str, relative.Meant] = field(default_factory=dict)
    sent: dict[tuple[str, int], int] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)

    def header(self, name: str, value: str) -> str:
        """Only headers that are part of what is asked make constants or are stale; others speak of old answers."""
        if name.lower() in self.spaces.rules.matched_headers or name.lower() in self.spaces.rules.kept_headers:
            return self.value(value)
        names = self.spaces.names
        return edit.pieced(self.spaces.links.to_upstream(value), lambda piece: names.outward(piece.text) or piece.text)

    def leaf(self, part: str, leaf: leaves.Leaf) -> str:
        """A value that is asked with; of a path each segment is one."""
        meant = self.times.get(leaf.value)
        instant = self._instant(part, leaf, any_field=meant is not None)
        if instant is not None:
            return self._time(leaf, instant, meant)
        if leaf.key in self.spaces.rules.searches and part != "path":
            return self.value(fields.searched(leaf.value, self.spaces.rules, self._real))
        return self.value(leaf.value) if leaf.quoted else self._number(leaf.value)

    def _number(self, number: str) -> str:
        """A number that stands for another one, as that."""
        real = self.spaces.names.outward(number) if len(number) >= shapes.MIN_WORD else None
        return real if real is not None and real.isdecimal() else number

    def _instant(self, part: str, leaf: leaves.Leaf, *, any_field: bool) -> instants.Instant | None:
        """The time in a value; in a query also one that a link told: who follows it repeats that."""
        if any_field or (part != "path" and self.spaces.rules.is_time(leaf.key)):
            return instants.read_any(leaf.value, quoted=leaf.quoted) or instants.read_day(leaf.value)
        instant = instants.read_any(leaf.value, quoted=True) if leaf.key in self.spaces.timed else None
        return instant if instant and self.spaces.clock.means(instant.seconds) else None

    def _time(self, leaf: leaves.Leaf, instant: instants.Instant, meant: relative.Meant | None) -> str:
        if meant is not None:
            real: int | None = meant.real
            self.sent[leaf.key, meant.real] = meant.written
        else:
            comparison = next((name for name in COMPARISONS if leaf.place.endswith(f"[{name}]")), "")
            real = self.spaces.clock.real(instant.seconds, comparison)
            self.sent[leaf.key, instant.seconds if real is None else real] = instant.seconds
        return leaf.value if real is None or real == instant.seconds else instant.write(real)

    def _real(self, virtual: int, comparison: str) -> int:
        real = self.spaces.clock.real(virtual, comparison)
        return virtual if real is None else real

    def bytes_real(self, raw: bytes) -> bytes:
        """Bytes that are no text, or several bodies in one, with the aliases in them replaced in place."""
        names = self.spaces.names
        return edit.pieced_bytes(raw, lambda piece: names.outward(piece.text) or piece.text)

    def value(self, text: str) -> str:
        """A text with aliases replaced by what they stand for."""
        names = self.spaces.names
        text = self.spaces.for_people.replaced(self.spaces.links.to_upstream(text))
        names.wrote(text)
        for start, end in guesses.opening_spans(text):
            names.wrote(text[start:end])

        def real(piece: shapes.Piece) -> str:
            names.wrote(piece.text)
            if names.is_stale(piece):
                self.stale.append(piece.text)
            return names.outward(piece.text) or piece.text

        return edit.pieced(text, real)
