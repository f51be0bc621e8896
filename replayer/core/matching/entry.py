"""One recorded interaction with all that is known of it beforehand. What was asked and what was answered are read where
they stand, when somebody wants to see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from replayer.core.cassette import Interaction
from replayer.core.matching.canonical import Canonical, restored
from replayer.core.matching.stamps import Identity, is_read


class Interactions:
    """Those of a cassette, each read by its place; what they ask may be kept as `canonical.kept` writes it."""

    def __init__(self, interactions: Sequence[Interaction], asked: list[Canonical | str]) -> None:
        self._interactions, self._asked = interactions, asked
        # The question that was just read: whoever looks at one does so several times. Replaced as a whole: several
        # threads may read.
        self._last: tuple[int, Canonical | None] = (-1, None)

    def __repr__(self) -> str:
        return f"<Interactions {len(self._asked)}>"

    def read(self, place: int) -> Interaction:
        return self._interactions[place]

    def question(self, place: int, digest: str) -> Canonical:
        """What the request there asks, which has that digest."""
        kept = self._asked[place]
        if not isinstance(kept, str):
            return kept
        which, found = self._last
        if which != place or found is None:
            found = restored(kept, digest)
            self._last = place, found
        return found

    def pack(self, asked: Sequence[str]) -> None:
        """Keep what is asked as it was written for the next time: of so many questions hardly one is read again."""
        self._asked[:] = asked


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded interaction, at a place of its source.

    `identity` tells it from all others; `order` is its place in the file and `key` its idempotency key; `reads` is
    whether it asks for nothing to change, and `status` that of its answer. `touched` is what it touches, if it is a
    write, and `shows` what was made before it that its answer tells of besides; `date` the virtual time of its answer
    in seconds since 1970, None where the answer has no `Date`.
    """

    source: Interactions = field(repr=False)
    place: int
    identity: Identity
    order: int
    key: str | None
    reads: bool
    status: int
    touched: frozenset[str]
    date: int | None
    shows: tuple[str, ...] = ()

    @property
    def interaction(self) -> Interaction:
        return self.source.read(self.place)

    @property
    def asked(self) -> Canonical:
        """What its request asks."""
        return self.source.question(self.place, self.identity[0])

    @property
    def digest(self) -> str:
        """That of what its request asks."""
        return self.identity[0]

    def beside(self, interaction: Interaction, asked: Canonical, order: int) -> "Entry":
        """An interaction that was not recorded, as if it had been where this one was."""
        return replace(
            self,
            source=Interactions((interaction,), [asked]),
            place=0,
            identity=(asked.digest, 0, 0),
            order=order,
            key=None,
            reads=is_read(asked.method),
            status=interaction.status,
        )
