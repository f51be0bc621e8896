"""How all cassettes of a checkout stand to its lock, and what came of each. Nothing is changed here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from replayer.cassettes.store import parallel
from replayer.cassettes.store.cache import Cache
from replayer.cassettes.store.checkout import Checkout
from replayer.cassettes.store.lock import Lock, Pin
from replayer.cassettes.store.packing import key_of
from replayer.cassettes.store.states import MEANING, REMEDY, Status, state
from replayer.errors import UsageError

if TYPE_CHECKING:
    from replayer.cassettes.store.remote import Remote


@dataclass(frozen=True, slots=True)
class CassetteState:
    """One cassette: its state, the digest and the bytes of the file that is here, and what the lock says of it. `twice`
    are the pins that two branches gave it."""

    name: str
    state: Status
    here: str | None
    size: int
    pin: Pin | None
    twice: tuple[Pin, ...] = ()

    @property
    def meaning(self) -> str:
        return contested(self) if self.twice else MEANING[self.state]

    @property
    def remedy(self) -> str:
        """The commands that would have it the same; empty where it is."""
        return "" if self.twice else REMEDY.get(self.state, "")


class Fate(StrEnum):
    """What came of a cassette. The last three leave something to be done."""

    PUSHED = "pushed"
    PULLED = "pulled"
    REMOVED = "removed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    REFUSED = "refused"
    CONFLICT = "conflict"
    FAILED = "failed"


LEFT = frozenset({Fate.REFUSED, Fate.CONFLICT, Fate.FAILED})


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of one cassette, and why it was not what was asked for; the reason is a sentence without its end."""

    name: str
    outcome: Fate
    why: str = ""
    size: int = 0

    @property
    def is_left(self) -> bool:
        return self.outcome in LEFT


def chosen(names: Sequence[str]) -> Callable[[str], bool]:
    """Whether a cassette is meant by one of these names: its own, or that of a folder that it is in. No names mean
    all."""
    wanted = [PurePosixPath(name) for name in names]
    return lambda name: not wanted or any(PurePosixPath(name).is_relative_to(each) for each in wanted)


def survey(
    checkout: Checkout,
    lock: Lock,
    names: Sequence[str],
    cache: Cache,
    step: Callable[[], None] = lambda: None,
    *,
    all_here: bool = True,
) -> list[CassetteState]:
    """How these stand, by their names. UsageError for a name that is none of them. `all_here` tells that files are
    looked for that no lock knows."""
    is_meant = chosen(names)
    known = {*lock.pins, *lock.twice}
    here = checkout.names(known) if all_here else checkout.remembered
    listed = sorted(filter(is_meant, {*known, *here, *checkout.remembered}))
    for name in names:
        if not any(map(chosen([name]), listed)):
            raise UsageError(f"There is no cassette {name}, neither here nor in {checkout.lock_path}.")
    for name in listed:
        checkout.place(name)  # a lock that leads out of the root is refused as a whole
    found = checkout.digests(listed, step)
    standings = []
    for name in listed:
        digest, size = found.get(name, (None, 0))
        pin, twice = lock.found(name), lock.twice.get(name, ())
        base = checkout.base(name)
        if base is None and pin and digest and cache.has(digest):
            base = digest  # it came from the store, or went there: nothing is lost with it
        if twice and digest is not None:
            standings.append(CassetteState(name, Status.CONFLICT, digest, size, None, twice))
        elif twice:
            standings.append(CassetteState(name, Status.ABSENT, None, 0, None, twice))
        elif (how := state(base, digest, pin.digest if pin else None)) is not None:
            standings.append(CassetteState(name, how, digest, size, pin))
    return standings


def contested(standing: CassetteState) -> str:
    """That a name stands twice, and both contents."""
    each = " or ".join(f"{pin.short}" for pin in standing.twice)
    return f"two branches gave it a content: {each}. Delete one of its lines in the lock, or push yours with --force"


def standings(checkout: Checkout, names: Sequence[str], step: Callable[[], None]) -> list[CassetteState]:
    """How these stand, all of them if no names are given; no store is asked."""
    return survey(checkout, checkout.lock(), names, Cache(), step)


def lacking(remote: "Remote", found: Sequence[CassetteState], step: Callable[[], None]) -> list[str]:
    """Those cassettes whose object the store does not have, though the lock names it."""
    pins = [each.pin for each in found if each.pin is not None]
    kept = parallel.each(lambda pin: remote.look(key_of(pin.digest)), pins, step)
    return [pin.name for pin, found in zip(pins, kept, strict=True) if found is None]
