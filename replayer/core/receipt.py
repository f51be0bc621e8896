"""What came of a session, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a session did, in interactions. `unused` were recorded earlier and never asked for; `synthesized` are the
    answers that follow from recorded ones, `kinds` the same by their rules; `bound` values of the client stood for
    recorded ones; `dropped` are the requests that a recording anew has not made again, each as one line. Of the played,
    `lenient` showed another state than there was."""

    recorded: int
    played: int
    missed: int
    unused: int
    kinds: tuple[tuple[str, int], ...] = ()
    bound: int = 0
    unrecorded: int = 0
    dropped: tuple[str, ...] = ()
    lenient: int = 0

    @property
    def synthesized(self) -> int:
        return sum(count for _, count in self.kinds)

    @property
    def answered(self) -> int:
        """How many requests got an answer that was no miss."""
        return self.recorded + self.played + self.synthesized + self.unrecorded

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds)
        return (
            f"{self.recorded} recorded, {self.played} played, {self.synthesized} synthesized"
            + (f" ({kinds})" if kinds else "")
            + f", {self.missed} missed, {self.unused} unused"
            + (f", {self.bound} bound" if self.bound else "")
            + (f", {self.lenient} lenient" if self.lenient else "")
            + (f", {self.unrecorded} passed on without recording" if self.unrecorded else "")
            + (f", {len(self.dropped)} dropped" if self.dropped else "")
        )
