"""One recording after the other, over those before it: what it has in common with them stands once, the rest is added.
It says what contradicts, and decides nothing of that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from replayer.core.cassette import Cassette
from replayer.core.drift import Change
from replayer.core.matching import Index
from replayer.core.message import edit, shapes
from replayer.core.rules import Rules
from replayer.core.union.asking import Anew, Wrong, check

MOST = 20  # contradictions of one cassette that are told: the rest mostly follows from the first ones
SETTLING = 2  # what was added last has the last times, wherever it stands: in order it is told earlier ones, twice over
Step = Callable[[], None]


class Recording(Protocol):
    """What one or several shards recorded: `names` are how these are called, `cassette` is of ours. One that is read
    anew each time that it is asked for is in memory no longer than it is needed."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def cassette(self) -> Cassette: ...


@dataclass(frozen=True, slots=True)
class Shard:
    """A recording that is in memory."""

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

    def anew(self, shard: Recording) -> Shard:
        """A shard as it would have been recorded alone and without an older cassette."""
        asking = Anew(None, shard.cassette, self.rules)
        wrong = list(asking.all(self.step))
        self._tell(wrong, shard.names, shard.names)
        return Shard(shard.names, asking.cassette)

    def joined(self, one: Shard, other: Shard) -> Shard:
        """Two in one; what contradicts is told."""
        if not other.cassette.interactions:
            return one
        asking = Anew(one.cassette, other.cassette, self.rules)
        wrong = list(asking.all(self.step))
        both = asking.cassette
        if not wrong:
            for asked in (one.cassette.interactions, asking.asked):
                wrong += check(both, asked, self.rules)
        self._tell(wrong, one.names, other.names)
        return Shard((*one.names, *other.names), both)

    def _tell(self, wrong: Sequence[Wrong], first: tuple[str, ...], second: tuple[str, ...]) -> None:
        self.found += [Contradiction(each.request, first, second, each.why, each.changes) for each in wrong]


def united(shards: Sequence[Recording], rules: Rules, step: Step = lambda: None) -> United:
    """All of them in one file, the same in whatever order they come. They have one upstream, one set of rules and one
    epoch; `step` is called for each interaction that is asked again.

    Two of one size are joined as soon as there are two, so that each interaction is read as often as the number of
    shards can be halved, and not once for each of them; and no more are in memory than there are sizes.
    """
    union = _Union(rules, step)
    sizes: list[tuple[int, Shard]] = []  # how often each was doubled, the largest first
    for shard in sorted(shards, key=lambda shard: _key(shard, rules)):
        doubled, one = 0, union.anew(shard)
        while sizes and sizes[-1][0] == doubled and not union.found:
            doubled, one = doubled + 1, union.joined(sizes.pop()[1], one)
        sizes.append((doubled, one))
    whole = sizes.pop()[1]
    while sizes and not union.found:
        whole = union.joined(sizes.pop()[1], whole)
    for _ in range(SETTLING if not union.found else 0):
        whole = union.anew(whole)
    return United(whole.cassette, tuple(union.found[:MOST]))


def _key(shard: Recording, rules: Rules) -> tuple[str, str]:
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
