"""What came of a session, in numbers."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a session did, in interactions. `unused` were recorded earlier and never asked for; `synthesized` are the
    answers that follow from recorded ones, `kinds` the same by their rules; `bound` values of the client stood for
    recorded ones; `dropped` are the requests that a recording anew has not made again, each as one line. Of the played,
    `lenient` showed another state than there was, and `ignored` were recorded with another value of a header that is
    left out of the question. In the recorded, `scrubbed` values were taken out for ever. `faults` are the requests with
    which something went wrong on purpose. `webhooks` came, of which nobody took the `untaken`."""

    recorded: int
    played: int
    missed: int
    unused: int
    kinds: tuple[tuple[str, int], ...] = ()
    bound: int = 0
    unrecorded: int = 0
    dropped: tuple[str, ...] = ()
    lenient: int = 0
    scrubbed: int = 0
    ignored: int = 0
    faults: int = 0
    webhooks: int = 0
    untaken: int = 0

    @property
    def synthesized(self) -> int:
        return sum(count for _, count in self.kinds)

    @property
    def answered(self) -> int:
        """How many requests got an answer that was no miss."""
        return self.recorded + self.played + self.synthesized + self.unrecorded

    @property
    def was_asked(self) -> bool:
        """Whether any request came that got an answer, or a fault that was meant for it."""
        return bool(self.answered or self.faults)

    def __add__(self, other: "Receipt") -> "Receipt":
        """What both sessions did."""
        kinds = Counter(dict(self.kinds)) + Counter(dict(other.kinds))
        return Receipt(
            recorded=self.recorded + other.recorded,
            played=self.played + other.played,
            missed=self.missed + other.missed,
            unused=self.unused + other.unused,
            kinds=tuple(sorted(kinds.items())),
            bound=self.bound + other.bound,
            unrecorded=self.unrecorded + other.unrecorded,
            dropped=self.dropped + other.dropped,
            lenient=self.lenient + other.lenient,
            scrubbed=self.scrubbed + other.scrubbed,
            ignored=self.ignored + other.ignored,
            faults=self.faults + other.faults,
            webhooks=self.webhooks + other.webhooks,
            untaken=self.untaken + other.untaken,
        )

    def __str__(self) -> str:
        return self._told(always=("recorded", "played", "synthesized", "missed", "unused"))

    @property
    def brief(self) -> str:
        """The same without what there is none of: a line that is read after each run."""
        return self._told(always=("recorded", "played", "missed"))

    def _told(self, always: Container[str]) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds)
        numbers = {
            "recorded": self.recorded,
            "played": self.played,
            "synthesized": self.synthesized,
            "missed": self.missed,
            "unused": self.unused,
            "bound": self.bound,
            "lenient": self.lenient,
            "scrubbed": self.scrubbed,
            "with ignored headers": self.ignored,
            "passed on without recording": self.unrecorded,
            "dropped": len(self.dropped),
            "fault" if self.faults == 1 else "faults": self.faults,
            "webhook" if self.webhooks == 1 else "webhooks": self.webhooks,
            "webhooks that nobody took": self.untaken,
        }
        more = {"synthesized": f" ({kinds})" if kinds else ""}
        return ", ".join(f"{n} {what}{more.get(what, '')}" for what, n in numbers.items() if n or what in always)
