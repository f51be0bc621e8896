"""Every error that Replayer raises on purpose. Each message says what, where, and the remedy.

ReplayerError
├── UsageError      a wrong option, path, port or name: nothing was started         (exit 2)
├── CassetteError   a cassette that cannot be read or may not be replaced            (exit 2)
├── UnsafeError     a save that would break law 4 or 5: two identities under one alias, or a secret
└── MissError       a replay that was asked for what its cassette does not hold      (exit 1)
"""

from difflib import get_close_matches


class ReplayerError(Exception):
    """The root: catch it to catch all of them."""


class UsageError(ReplayerError):
    """What the caller asked for cannot be done as asked; nothing was started and nothing was written."""


class CassetteError(ReplayerError):
    """A cassette that cannot be read. The message names the file and, where there is one, the line."""


class UnsafeError(ReplayerError):
    """A save that would merge two identities (law 4) or put something real on disk (law 5). It was not made."""


class MissError(ReplayerError):
    """A replay was asked for something that its cassette does not hold."""


def unknown(name: str, what: str, known: list[str]) -> UsageError:
    """The error for a name that is none, with the one that was probably meant."""
    close = get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(known)}."
    return UsageError(f"{name!r} is not a {what}. {hint}")
