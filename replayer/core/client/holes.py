"""Holes: the values of a request that its client mints anew in every run. Two requests that differ only in what their
holes hold are alike.

What is shaped like a UUID, a ULID or a long hexadecimal number and no answer has told of, times, the idempotency key
wherever it stands, and what the user says is volatile. Nothing here knows which live value belongs to which hole.
"""

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from replayer.core.lazily import cached_property
from replayer.core.matching import canonical
from replayer.core.message import Request, bodies, edit, instants, leaves, shapes
from replayer.core.rules import Rules
from replayer.core.secrets import guesses

ITEM = re.compile(r"(?<!\\)\[[0-9]+\]")
SHORT = 200  # characters of a place whose name is remembered
WORDS = re.compile(r"[\s=&?/\",:{}\[\]]+")  # between these a value stands as a whole, in a path, a form or JSON


@dataclass(frozen=True, slots=True)
class Hole:
    """One value of a request: its kind (a shape of `MINTED`, "time", "key", "volatile" or "personal"), its place, as a
    client would write the field, and what stands there, decoded."""

    kind: str
    place: str
    value: str

    @property
    def key(self) -> str:
        """The name that the value stands under: `order_id` of `metadata[order_id]#0`."""
        return self.place.partition("#")[0].rpartition("[")[2].rstrip("]")


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds holes. `told` knows the ids that answers have told of; `volatile` are fields that the user declared."""

    rules: Rules
    told: Callable[[shapes.Piece], bool]
    volatile: frozenset[str] = frozenset()

    def likely(self, request: Request, keys: Container[str] = ()) -> bool:
        """Whether a look is worth while."""
        text = request.target + "\n" + request.body.decode("latin-1")
        return bool(self.volatile or self.rules.personal or shapes.LIKELY.search(text)) or any(
            word in keys for word in WORDS.split(text) if word
        )

    def holes(self, request: Request, keys: Container[str] = ()) -> "Holes":
        """The holes of a request, in an order that does not depend on how it is spelled."""
        found: list[tuple[str, Hole]] = []
        secret = self._secret_in(request.path)

        def look(part: str, leaf: leaves.Leaf) -> str:
            for kind, value, number in self._in(part, leaf, keys):
                if part == "path" and value in secret:
                    continue
                place = field_name(part, leaf)
                found.append((part, Hole(kind, place if number < 0 else f"{place}#{number}", value)))
            return leaf.value

        edit.rewritten(request, look)
        found.sort(key=lambda each: (each[0], each[1].place))  # the sort is stable: items of a list stay in order
        return Holes(tuple(hole for _, hole in found))

    @staticmethod
    def values(request: Request) -> frozenset[str]:
        """All values of a request, decoded: where no idempotency key is among these, its holes are the same whatever
        keys are in use."""
        found: set[str] = set()

        def look(_: str, leaf: leaves.Leaf) -> str:
            found.add(leaf.value)
            return leaf.value

        edit.rewritten(request, look)
        return frozenset(found)

    def _secret_in(self, path: str) -> str:
        """What of a path is no value of the client's but its key: that is scrubbed."""
        return "\n".join(path[start:end] for start, end in guesses.form_spans(path, self.rules))

    def _in(self, part: str, leaf: leaves.Leaf, keys: Container[str]) -> Iterator[tuple[str, str, int]]:
        """The holes in a leaf: the kind of each, its value, and which piece of the leaf it is, or -1 for all of it."""
        if self.volatile and part != "path" and field_name(part, leaf) in self.volatile:
            yield "volatile", leaf.value, -1
        elif part != "path" and self._is_personal(part, leaf):
            yield "personal", leaf.value, -1
        elif leaf.value in keys:
            yield "key", leaf.value, -1
        elif self._instant(part, leaf) is not None:
            yield "time", leaf.value, -1
        elif leaf.quoted and len(leaf.value) >= shapes.MIN_WORD and not guesses.has_form(leaf.value, self.rules):
            for number, piece in enumerate(shapes.pieces(leaf.value)):
                if piece.shape in shapes.MINTED and not self.told(piece):
                    yield piece.shape, piece.text, number

    def _is_personal(self, part: str, leaf: leaves.Leaf) -> bool:
        """Whether a value is somebody's; one of another form than a text stands for nobody."""
        rules = self.rules
        return bool(rules.personal) and leaf.quoted and bool(leaf.value) and rules.is_personal(field_name(part, leaf))

    def _instant(self, part: str, leaf: leaves.Leaf) -> instants.Instant | None:
        if self.rules.is_time(leaf.key) and part != "path":
            return instants.read_any(leaf.value, quoted=leaf.quoted) or instants.read_day(leaf.value)
        if leaf.quoted and instants.is_spelled(leaf.value):
            return instants.read_any(leaf.value, quoted=True) or instants.read_day(leaf.value)
        return None

    def skeleton(self, request: Request, holes: "Holes", keys: Container[str] = ()) -> str:
        """What a request asks but for what its holes hold: equal for requests that are alike."""
        return canonical.canonical(self.filled(request, holes.numbered, keys), self.rules).text + holes.form

    def filled(self, request: Request, values: Mapping[tuple[str, str], str], keys: Container[str] = ()) -> Request:
        """The request with other values in its holes, by their kind and what they hold now."""

        secret = self._secret_in(request.path)

        def fill(part: str, leaf: leaves.Leaf) -> str:
            found = [one for one in self._in(part, leaf, keys) if part != "path" or one[1] not in secret]
            if len(found) == 1 and found[0][1] == leaf.value:
                return _as(values.get((found[0][0], leaf.value), leaf.value), leaf)
            wanted = {value: values.get((kind, value), value) for kind, value, _ in found}
            return edit.pieced(leaf.value, lambda piece: wanted.get(piece.text, piece.text)) if wanted else leaf.value

        return edit.rewritten(request, fill)


@dataclass(frozen=True)
class Holes:
    """The holes of one request, in order. Equal values of one kind are one hole that stands in several places; but each
    time is one of its own, for two times of one second may be equal in one run and not in the next."""

    all: tuple[Hole, ...] = ()
    numbers: dict[tuple[str, str], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for hole in self.all:
            number = 0 if hole.kind == "time" else len(self.numbers)
            self.numbers.setdefault((hole.kind, hole.value), number)

    @cached_property
    def numbered(self) -> dict[tuple[str, str], str]:
        """A number in place of each value: digits, because a number in JSON must stay one."""
        return {key: str(number) for key, number in self.numbers.items()}

    @property
    def form(self) -> str:
        """Where which kind of hole is, and which of them are one."""
        return json.dumps([(hole.kind, hole.place, self.numbers[hole.kind, hole.value]) for hole in self.all])

    @cached_property
    def distinct(self) -> tuple[Hole, ...]:
        """Each hole once, at the first of its places."""
        first: dict[tuple[str, ...], Hole] = {}
        for number, hole in enumerate(self.all):
            own = (str(number),) if hole.kind == "time" else ()
            first.setdefault((hole.kind, hole.value, *own), hole)
        return tuple(first.values())


def field_name(part: str, leaf: leaves.Leaf) -> str:
    """The place of a value as the user writes it: `metadata[order_id]`, `lines[][amount]`, a segment of a path by its
    number."""
    if part == "path":
        return f"path {leaf.place}"
    if leaf.node is None:
        return _bracketed(bodies.segments(leaf.place))
    place = ITEM.sub("[0]", leaf.place)  # each item of a list is called alike
    return _named(place) if len(place) <= SHORT else _bracketed(_steps(place))


@lru_cache(4096)
def _named(place: str) -> str:
    return _bracketed(_steps(place))


def declared(name: str) -> str:
    """A field as the user names it, `metadata.order_id` or `lines[0][sku]`, by the name that `field_name` gives it."""
    return _bracketed(_steps(name) if "." in name else bodies.segments(name))


def _steps(place: str) -> list[str]:
    """The steps of a place in JSON, `lines[0].amount`."""
    return [re.sub(r"\\(.)", r"\1", step) for step in re.split(r"(?<!\\)[.\[\]]+", place) if step]


def _bracketed(steps: list[str]) -> str:
    head, *rest = steps or [""]
    return head + "".join("[]" if step.isdecimal() else f"[{step}]" for step in rest)


def _as(value: str, leaf: leaves.Leaf) -> str:
    """A value that may stand where that one stood: a number where it was one in JSON."""
    return value if leaf.quoted or re.fullmatch(r"-?(?:0|[1-9][0-9]*)", value) else leaf.value
