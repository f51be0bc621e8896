"""What is to be done with a cassette: of three contents, one state. Pure; the table is the whole of it.

    base      what the lock said when the file here was last what the lock says; nothing for a file that never was
    here      what the file is now; nothing where there is none
    locked    what the lock says now; nothing where it has no line

It is how git compares two sides with what both came from: what only one side changed is taken from that side, and
what both did is left to people.
"""

from enum import StrEnum


class Status(StrEnum):
    """How a cassette stands; the words are those that users are shown."""

    SAME = "same"
    NEW = "new"
    CHANGED = "changed"
    ABSENT = "absent"
    BEHIND = "behind"
    DROPPED = "dropped"
    CONFLICT = "conflict"


MEANING = {
    Status.SAME: "the file is what the lock says",
    Status.NEW: "only here: no line of the lock names it",
    Status.CHANGED: "recorded anew here, and not pushed",
    Status.ABSENT: "in the lock, and not here",
    Status.BEHIND: "the lock has a newer one; here is the one from before, unchanged",
    Status.DROPPED: "the lock names it no more; here it is unchanged",
    Status.CONFLICT: "changed here, and in the lock, too",
}
REMEDY = {
    Status.NEW: "replayer push",
    Status.CHANGED: "replayer push, or replayer pull --force to have the one of the lock",
    Status.ABSENT: "replayer pull",
    Status.BEHIND: "replayer pull",
    Status.DROPPED: "replayer pull",
    Status.CONFLICT: "replayer push --force to keep the one that is here, replayer pull --force to have the lock's",
}
SENT = frozenset({Status.NEW, Status.CHANGED})
FETCHED = frozenset({Status.ABSENT, Status.BEHIND})


def state(base: str | None, here: str | None, locked: str | None) -> Status | None:
    """How it stands; None where there is nothing of it, neither here nor in the lock."""
    if here is None:
        return Status.ABSENT if locked is not None else None
    if here == locked:
        return Status.SAME
    if base is None:
        return Status.NEW if locked is None else Status.CONFLICT
    if here == base:
        return Status.DROPPED if locked is None else Status.BEHIND
    return Status.CHANGED if locked == base else Status.CONFLICT


def is_sent(found: Status, *, forced: bool) -> bool:
    """Whether `push` sends it; forced, all that is here."""
    return found in SENT or (forced and found is not Status.ABSENT)


def is_fetched(found: Status, *, forced: bool) -> bool:
    """Whether `pull` brings it; forced, over what was changed here, too."""
    return found in FETCHED or (forced and found in (Status.CHANGED, Status.CONFLICT))
