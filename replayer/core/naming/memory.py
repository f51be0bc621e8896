"""What the last recording of a cassette knew: which upstream's ids and times its names stand for. Only with it can new
requests speak of recorded objects.

It holds real ids, so it is no part of any cassette: it is kept apart, for whoever recorded. It holds no tokens, nothing
that a client showed itself with, and of what stands under the name of a credential only the ids of objects.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from replayer.core.clock import facts


@dataclass(frozen=True, slots=True)
class Memory:
    """The names and the clock of one recording.

    `upstream` is the origin that was recorded. `names` are pairs of an alias and what it stands for; of these, `minted`
    were made by the client.
    """

    upstream: str
    clock: facts.ClockState
    names: tuple[tuple[str, str], ...] = ()
    minted: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The same as one flat JSON object."""
        return {"upstream": self.upstream, "names": self.names, "minted": self.minted, **asdict(self.clock)}

    @classmethod
    def read(cls, plain: object) -> Self | None:
        """What `plain` gave; None for anything else."""
        if not isinstance(plain, Mapping) or set(plain) != {*ROWS, "upstream", "minted", "start", "written"}:
            return None
        if not isinstance(plain["upstream"], str) or type(plain["start"]) is not int:
            return None
        if type(plain["written"]) not in (int, type(None)):
            return None
        rows = {name: _rows(plain[name], form) for name, form in ROWS.items()}
        minted = plain["minted"]
        if None in rows.values() or not isinstance(minted, list) or not all(isinstance(one, str) for one in minted):
            return None
        names = rows.pop("names")
        return cls(plain["upstream"], facts.ClockState(plain["start"], plain["written"], **rows), names, tuple(minted))


ROWS: dict[str, tuple[type, ...]] = {
    "names": (str, str),
    "facts": (str, str, int, int),
    "spans": (int, int, int),
    "answered": (int, int),
}


def _rows(value: object, form: tuple[type, ...]) -> Any:
    if not isinstance(value, list):
        return None
    sound = all(isinstance(row, list) and tuple(map(type, row)) == form for row in value)
    return tuple(map(tuple, value)) if sound else None
