"""Cassettes out of a store, as the lock says. Each is fetched, looked at, kept for the next time and only then put
where it belongs: a file there is the old one or the new one, and what was fetched before a kill is fetched once.

What was changed here and is in no store is never written over, unless forced.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock as Mutex
from typing import TYPE_CHECKING

from replayer.cassettes import atomic
from replayer.cassettes.store import parallel
from replayer.cassettes.store.cache import Cache
from replayer.cassettes.store.checkout import Checkout
from replayer.cassettes.store.lock import Pin
from replayer.cassettes.store.packing import key_of, unpacked
from replayer.cassettes.store.states import Status, is_fetched
from replayer.cassettes.store.survey import Carried, CassetteState, Fate, contested, survey
from replayer.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from replayer.cassettes.store.remote import Remote

TRIES = 2  # a damaged answer may be the link's fault; a damaged object is damaged again


def pull(
    checkout: Checkout,
    opened: "Callable[[], Remote]",
    names: Sequence[str],
    step: Callable[[], None],
    *,
    forced: bool = False,
    cache: Cache | None = None,
) -> list[Carried]:
    """What came of each cassette. The store is `opened` only where the cache lacks something."""
    lock = checkout.lock()
    if not lock.pins and not lock.twice:
        raise UsageError(f"There is no {checkout.lock_path} that names cassettes. 'replayer push' writes it.")
    source = Supply(opened, cache or Cache())
    pulling = _Pulling(checkout, source, forced)
    standings = survey(checkout, lock, names, source.cache, lambda: None, all_here=False)
    ended = list(parallel.each(pulling.bring, standings, step))
    base: dict[str, str | None] = {}
    for standing, each in zip(standings, ended, strict=True):
        if each.outcome is Fate.REMOVED:
            base[each.name] = None
        elif standing.pin is not None and (each.outcome is Fate.PULLED or standing.state is Status.SAME):
            base[each.name] = standing.pin.digest
    with checkout.alone():
        checkout.save(None, base)
    for folder in {checkout.place(each.name).parent for each in ended}:
        atomic.sweep(folder)
    source.cache.tidy()
    return ended


@dataclass(slots=True)
class Supply:
    """Where contents come from: the cache of this user, else the store, which is opened at most once."""

    opened: "Callable[[], Remote]"
    cache: Cache
    fuse: parallel.Fuse = field(default_factory=parallel.Fuse)
    _mutex: Mutex = field(default_factory=Mutex)
    _remote: "Remote | None" = None

    def content(self, pin: Pin) -> bytes:
        """The bytes that a pin names; CassetteError where nobody has them."""
        found = self.cache.find(pin.digest, pin.size)
        return found if found is not None else self._fetched(pin)

    def _fetched(self, pin: Pin) -> bytes:
        from replayer.cassettes.store.remote import StoreError

        with self._mutex:
            self._remote = self._remote or self.opened()
        if why := self.fuse.blown:
            raise CassetteError(why)
        try:
            for _ in range(TRIES):
                packed = self._remote.get(key_of(pin.digest))
                if packed is None:
                    break
                content = unpacked(packed, pin.digest, pin.size)
                if content is not None:
                    self.fuse.worked()
                    self.cache.keep(pin.digest, packed)
                    return content
        except StoreError as error:
            self.fuse.failed(error)
            raise
        self.fuse.worked()
        raise CassetteError(
            f"{self._remote.name} "
            + ("does not have its object" if packed is None else "has its object damaged: its content is another")
            + f" ({pin.digest[:12]}). Push it again with --force from where it is whole, or record it again"
        )


@dataclass(frozen=True, slots=True)
class _Pulling:
    checkout: Checkout
    source: Supply
    forced: bool

    def bring(self, standing: CassetteState) -> Carried:
        """One cassette, where that is to be fetched, or is to go."""
        name, how = standing.name, standing.state
        if standing.twice:
            return Carried(name, Fate.CONFLICT, contested(standing))
        fetched = is_fetched(how, forced=self.forced)
        if (fetched or how is Status.DROPPED) and self.checkout.is_recorded_now(name):
            return Carried(name, Fate.KEPT, "it is being recorded")
        try:
            if fetched and standing.pin is not None:
                return self._fetch(standing, standing.pin)
            if how is Status.DROPPED and self._is_as_it_was(standing):
                self.checkout.place(name).unlink()
                return Carried(name, Fate.REMOVED, "the lock names it no more")
        except CassetteError as error:
            return Carried(name, Fate.FAILED, str(error).rstrip("."))
        except OSError as error:
            return Carried(name, Fate.FAILED, f"it cannot be written: {error.strerror}")
        return Carried(name, *_UNFETCHED.get(how, (Fate.UNCHANGED, "")), standing.size)

    def _fetch(self, standing: CassetteState, pin: Pin) -> Carried:
        content = self.source.content(pin)
        if not self._is_as_it_was(standing):
            return Carried(pin.name, Fate.CONFLICT, "it changed while it was being fetched. Pull again")
        self.checkout.write(pin.name, content, pin.recorded, pin.digest)
        return Carried(pin.name, Fate.PULLED, size=pin.size)

    def _is_as_it_was(self, standing: CassetteState) -> bool:
        now = self.checkout.digests([standing.name]).get(standing.name, (None, 0))
        return now[0] == standing.here


_UNFETCHED = {
    Status.CHANGED: (Fate.KEPT, "recorded anew here, and not pushed"),
    Status.CONFLICT: (
        Fate.CONFLICT,
        "it changed here and in the lock, and stays. Pull --force for the lock's, push --force for yours",
    ),
}
