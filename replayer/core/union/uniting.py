"""One recording after the other, over those before it: what it has in common with them stands once, the rest is added.
It says what contradicts, and decides nothing of that."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from replayer.core.cassette import Cassette
from replayer.core.drift import Change
from replayer.core.matching import Index
from replayer.core.message import edit, shapes
from replayer.core.rules import Rules
from replayer.core.union.asking import Anew, Wrong, check

MOST = 20  # contradictions of one cassette that are told: the rest mostly follows from the first ones
SETTLING = 2  # what was added last has the last times, wherever it stands: in order it is told earlier ones, twice over
Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Shard:
    """What was recorded by one or several of them: `names` are how these are called, `cassette` is of ours."""

    names: tuple[str, ...]
    cassette: Cassette


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A request that two shards know another answer to. `changes` tell how these differ; `why` does where there are
    none."""

    request: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    why: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class United:
    """What became of several recordings: one, or why there is none."""

    cassette: Cassette
    contradictions: tuple[Contradiction, ...] = ()


@dataclass(slots=True)
class _Union:
    """The union of some shards while it is made."""

    rules: Rules
    step: Step
    found: list[Contradiction] = field(default_factory=list)

    def anew(self, shard: Shard) -> Shard:
        """A shard as it would have been recorded alone and without an older cassette."""
        asking = Anew(None, shard.cassette, self.rules)
        wrong = list(asking.all(self.step))
        self._tell(wrong, shard.names, shard.names)
        return Shard(shard.names, asking.cassette)

    def joined(self, one: Shard, other: Shard | None) -> Shard:
        """Two in one; what contradicts is told."""
        if other is None or not other.cassette.interactions:
            return one
        asking = Anew(one.cassette, other.cassette, self.rules)
        wrong = list(asking.all(self.step))
        if not wrong:
            for asked in (one.cassette.interactions, asking.asked):
                wrong += check(asking.cassette, asked, self.rules)
        self._tell(wrong, one.names, other.names)
        return Shard((*one.names, *other.names), asking.cassette)

    def _tell(self, wrong: Sequence[Wrong], first: tuple[str, ...], second: tuple[str, ...]) -> None:
        self.found += [Contradiction(each.request, first, second, each.why, each.changes) for each in wrong]


def united(shards: Sequence[Shard], rules: Rules, step: Step = lambda: None) -> United:
    """All of them in one file, the same in whatever order they come. They have one upstream, one set of rules and one
    epoch; `step` is called for each interaction that is asked again."""
    union = _Union(rules, step)
    level = [union.anew(shard) for shard in sorted(shards, key=lambda shard: _key(shard, rules))]
    while len(level) > 1 and not union.found:
        level = [union.joined(*pair) for pair in _pairs(level)]
    for _ in range(SETTLING if not union.found else 0):
        level = [union.anew(level[0])]
    return United(level[0].cassette, tuple(union.found[:MOST]))


def _pairs(level: list[Shard]) -> Iterator[tuple[Shard, Shard | None]]:
    """Two by two, so that each interaction is read as often as the number of shards can be halved, and not once for
    each of them."""
    for number in range(0, len(level), 2):
        yield level[number], level[number + 1] if number + 1 < len(level) else None


def _key(shard: Shard, rules: Rules) -> tuple[str, str]:
    """What a shard is sorted by: what it asked but for names, which another recording of it might have others of; else
    all that it holds."""
    asked, held = blake2b(), blake2b()
    for entry in Index(shard.cassette, rules).entries:
        interaction = entry.interaction
        asked.update(edit.pieced(entry.asked.text, _blank).encode("utf-8", "surrogateescape") + b"\0")
        held.update(f"{interaction.request.uri}\0{interaction.status}\0".encode("utf-8", "surrogateescape"))
        held.update(interaction.request.body + b"\0" + interaction.response.body + b"\0")
        interaction.forget()
    return asked.hexdigest(), held.hexdigest()


def _blank(piece: shapes.Piece) -> str:
    return piece.text if piece.shape == "word" else ""
