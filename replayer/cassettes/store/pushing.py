"""Cassettes into a store, and then, only then, into the lock. What is killed in between leaves objects that no lock
names, which is nothing wrong: pushing again finds them there.

    1  objects   put where there is none; never changed, for what is called by its content has no other
    2  prunes    who deletes meanwhile is waited for, if it is after one of these
    3  lock      compare and swap, alone: a line that is no more what it was when we looked is left to people
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from replayer.cassettes.store import parallel
from replayer.cassettes.store.cache import Cache
from replayer.cassettes.store.checkout import Checkout
from replayer.cassettes.store.lock import Lock, Pin
from replayer.cassettes.store.packing import digest_of, key_of, packed, unpacked
from replayer.cassettes.store.pruning import await_prunes
from replayer.cassettes.store.states import Status, is_sent
from replayer.cassettes.store.survey import Carried, CassetteState, Fate, contested, survey
from replayer.errors import CassetteError

if TYPE_CHECKING:
    from replayer.cassettes.store.remote import Remote

RENEWED = 86_400  # seconds: what is older is put again, so that no prune takes it for forgotten
MOVED = "it changed while it was being pushed. Push again"
OVERTAKEN = "somebody else pushed another one meanwhile. Pull, and look at both"


@dataclass(frozen=True, slots=True)
class Looked:
    """What an audit says of a cassette: why it may not leave this machine, empty where it may; when it was recorded, in
    seconds since 1970, and against which version of the API, as far as that is known."""

    wrong: str
    recorded: int
    version: str = ""


def push(
    checkout: Checkout,
    remote: "Remote",
    names: Sequence[str],
    look: Callable[[str], Looked],
    step: Callable[[], None],
    *,
    forced: bool = False,
    drops: bool = False,
    cache: Cache | None = None,
) -> list[Carried]:
    """What came of each cassette. `look` audits one by its name. `forced` sends what is here over what others pushed;
    `drops` takes out of the lock what is here no more."""
    pushing = _Pushing(checkout, remote, cache or Cache(), look, forced, drops)
    before = checkout.lock()
    standings = survey(checkout, before, names, pushing.cache, step, all_here=True)
    tried = list(parallel.each(pushing.send, standings, step))
    pins = [pin for _, pin in tried if pin is not None]
    try:
        await_prunes(remote, pins, pushing.again)
    except (CassetteError, OSError) as error:  # nobody knows whether they are there: the lock does not say so
        tried = [(Carried(e.name, Fate.FAILED, str(error)), None) if pin is not None else (e, pin) for e, pin in tried]
    gone = [each.name for each in standings if drops and each.state is Status.ABSENT and not each.twice]
    return pushing.swap(before, standings, tried, gone)


Tried = tuple[Carried, Pin | None]


@dataclass(frozen=True, slots=True)
class _Pushing:
    checkout: Checkout
    remote: "Remote"
    cache: Cache
    look: Callable[[str], Looked]
    forced: bool
    drops: bool
    fuse: parallel.Fuse = field(default_factory=parallel.Fuse)

    def decided(self, standing: CassetteState) -> Carried | None:
        """What came of a cassette that is not sent; None where it is."""
        name, here = standing.name, standing.state
        if standing.twice and not self.forced:
            return Carried(name, Fate.CONFLICT, contested(standing))
        if here is Status.CONFLICT and not self.forced:
            why = "it changed here and in the lock. Pull --force for the lock's, push --force for yours"
            return Carried(name, Fate.CONFLICT, why)
        if not is_sent(here, forced=self.forced) or standing.here is None:
            return Carried(name, *_UNSENT.get(here, (Fate.UNCHANGED, "")), standing.size)
        if self.checkout.is_recorded_now(name):
            return Carried(name, Fate.REFUSED, "it is being recorded. Push it when that has ended")
        return None

    def send(self, standing: CassetteState) -> Tried:
        """Have the object in the store, whole, if an audit has nothing against it. The pin is what the lock may say
        then."""
        from replayer.cassettes.store.remote import StoreError

        ended = self.decided(standing)
        if ended is not None or standing.here is None:
            return ended or Carried(standing.name, Fate.UNCHANGED), None
        name = standing.name
        if why := self.fuse.blown:
            return Carried(name, Fate.FAILED, why), None
        try:
            looked = self.look(name)
        except CassetteError as error:
            return Carried(name, Fate.REFUSED, str(error).rstrip(".")), None
        if looked.wrong:
            return Carried(name, Fate.REFUSED, looked.wrong), None
        try:
            content = self.checkout.place(name).read_bytes()
            if digest_of(content) != standing.here:
                return Carried(name, Fate.FAILED, MOVED), None
            self._put(standing.here, content)
        except StoreError as error:
            self.fuse.failed(error)
            return Carried(name, Fate.FAILED, str(error)), None
        except OSError as error:
            return Carried(name, Fate.FAILED, f"it cannot be read: {error.strerror}"), None
        self.fuse.worked()
        old = standing.pin
        same = old is not None and old.digest == standing.here
        pin = old if same and old else Pin(name, standing.here, len(content), looked.recorded, looked.version)
        return Carried(name, Fate.PUSHED, size=len(content)), pin

    def _put(self, digest: str, content: bytes) -> None:
        """What is there already is looked at only where it may be another's half: its bytes are not as many as ours."""
        key, sent = key_of(digest), packed(content)
        if not self.remote.put_new(key, sent):
            kept = self.remote.look(key)
            is_whole = kept is not None and (kept.size == len(sent) or self._is_whole(key, digest, len(content)))
            if kept is None or not is_whole or time.time() - kept.at > RENEWED:
                self.remote.put(key, sent)
        self.cache.keep(digest, sent)

    def _is_whole(self, key: str, digest: str, size: int) -> bool:
        found = self.remote.get(key)
        return found is not None and unpacked(found, digest, size) is not None

    def again(self, pin: Pin) -> None:
        """The same for what somebody deleted while it was sent."""
        self._put(pin.digest, self.checkout.place(pin.name).read_bytes())

    def swap(self, before: Lock, standings: list[CassetteState], tried: list[Tried], gone: list[str]) -> list[Carried]:
        """The lock with what is in the store now, but for what others have changed since `before`."""
        ended = [each for each, _ in tried]
        with self.checkout.alone():
            now = self.checkout.lock()
            pins = []
            for number, (each, pin) in enumerate(tried):
                if pin is not None and now.found(pin.name) not in (before.found(pin.name), pin) and not self.forced:
                    ended[number] = Carried(each.name, Fate.CONFLICT, OVERTAKEN)
                elif pin is not None:
                    pins.append(pin)
            dropped = [name for name in gone if now.found(name) == before.found(name)]
            lock = now.changed(pins, dropped)
            base: dict[str, str | None] = {each.name: each.here for each in standings if each.state is Status.SAME}
            base |= {pin.name: pin.digest for pin in pins} | dict.fromkeys(dropped)
            is_new = lock.dumps() != now.dumps() or (pins and not self.checkout.lock_path.exists())
            self.checkout.save(lock if is_new else None, base)
        removed = {name: Carried(name, Fate.REMOVED, "it is here no more") for name in dropped}
        return [removed.get(each.name, each) for each in ended]


_UNSENT = {
    Status.BEHIND: (Fate.KEPT, "the lock has a newer one: pull it"),
    Status.DROPPED: (Fate.KEPT, "the lock names it no more: pull removes it, push --force has it again"),
    Status.ABSENT: (Fate.UNCHANGED, "not here"),
}
