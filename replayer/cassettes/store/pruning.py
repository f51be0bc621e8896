"""Objects that no lock names any more are deleted, once they are old. What somebody pushes at that moment is not.

    who prunes   1 says which objects it is after   2 looks how old each is   3 deletes it
    who pushes   1 puts its objects, or puts them anew where they are old     2 looks who prunes

Each first writes and then reads, and a store shows what was written to whoever reads later. So either the pruner sees a
young object, and leaves it, or the pusher sees that it is after that one: then it waits until the pruner is done, and
puts it again. A pruner that is killed has said how long it goes on at most, and is waited for no longer.
"""

import json
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from replayer.cassettes.store import branches, parallel
from replayer.cassettes.store.checkout import Checkout
from replayer.cassettes.store.lock import Lock, Pin
from replayer.cassettes.store.packing import FOLDER, digest_in, key_of
from replayer.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from replayer.cassettes.store.remote import Remote, StoredObject

PRUNES = "prunes"
LEASE = 300.0  # seconds that one prune deletes at most; the rest is for the next
SLACK = 120.0  # seconds that its last requests, and two clocks, may take beyond that
YOUNGEST = 2 * 86_400  # seconds: twice what a push renews, so what is on its way is never old enough
POLL = 1.0  # seconds between two looks at a prune


@dataclass(frozen=True, slots=True)
class Pruned:
    """What came of it: objects and bytes that are gone, or would be; how many others stay, and how many are left for
    the next time because this took long."""

    deleted: tuple[str, ...]
    size: int
    kept: int
    left: int = 0


def prune(
    remote: "Remote",
    named: Collection[str],
    age: float,
    step: Callable[[], None],
    *,
    deletes: bool,
    now: Callable[[], float] = time.time,
) -> Pruned:
    """Delete what has none of the digests that are `named` and is older than so many seconds; only say what that would
    be unless it `deletes`. UsageError for an age that would take what is being pushed."""
    if age < YOUNGEST:
        raise UsageError("What was pushed within two days may be on its way into a lock. Use --older-than 2d or more.")
    listed = [each for each in remote.listed(FOLDER) if digest_in(each.key)]
    old = [each for each in listed if digest_in(each.key) not in named and now() - each.at > age]
    if not deletes or not old:
        return Pruned(_digests(old), sum(each.size for each in old), len(listed) - len(old))
    marker = f"{PRUNES}/{secrets.token_hex(8)}.json"
    ends = time.monotonic() + LEASE
    remote.put(marker, json.dumps({"after": sorted(_digests(old))}).encode())

    def delete(each: "StoredObject") -> bool | None:
        if time.monotonic() > ends:
            return None
        found = remote.look(each.key)
        if found is None or now() - found.at <= age:
            return False
        remote.delete([each.key])
        return True

    done = list(zip(old, parallel.each(delete, old, step), strict=True))
    remote.delete([marker, *_dead(remote, now())])
    gone = [each for each, is_gone in done if is_gone]
    left = sum(is_gone is None for _, is_gone in done)
    return Pruned(_digests(gone), sum(each.size for each in gone), len(listed) - len(gone) - left, left)


def named(checkout: Checkout, locks: Iterable[Path], days: int) -> frozenset[str]:
    """All that any lock refers to which is known here: those files if some are given, else this checkout's lock and
    those of all branches, and of the commits of so many days."""
    given = list(locks)
    if not given:
        return checkout.lock().contents | branches.digests(checkout.lock_path, days)
    found = frozenset[str]()
    for path in given:
        try:
            found |= Lock.loads(path.read_text("utf-8"), str(path)).contents
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}.") from None
    return found


def _digests(found: "Iterable[StoredObject]") -> tuple[str, ...]:
    return tuple(digest for each in found if (digest := digest_in(each.key)))


def _dead(remote: "Remote", now: float) -> list[str]:
    """What was left by prunes that were killed."""
    return [each.key for each in remote.listed(PRUNES) if now - each.at > LEASE + SLACK]


def await_prunes(
    remote: "Remote", pins: Collection[Pin], again: Callable[[Pin], None], sleep: Callable[[float], None] = time.sleep
) -> None:
    """Have all of these in the store, whoever prunes meanwhile; `again` puts one that was deleted."""
    ends = time.monotonic() + LEASE + SLACK
    digests = {pin.digest for pin in pins}
    after = set[str]()
    while digests and (now_after := _pruned_now(remote, digests)) and time.monotonic() < ends:
        after |= now_after
        sleep(POLL)
    for pin in pins:
        if pin.digest in after and remote.look(key_of(pin.digest)) is None:
            again(pin)


def _pruned_now(remote: "Remote", digests: set[str]) -> set[str]:
    """Which of these somebody is about to delete."""
    found = set[str]()
    for each in remote.listed(PRUNES):
        if time.time() - each.at > LEASE + SLACK:
            continue
        try:
            found |= digests & set(json.loads(remote.get(each.key) or b"{}").get("after", ()))
        except (ValueError, TypeError, AttributeError):
            raise CassetteError(f"{remote.name}: {each.key} is no prune of ours. Delete it, and push again.") from None
    return found
